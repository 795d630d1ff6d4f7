use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::script::Aside;
use crate::script::Judge;
use crate::script::parse;

const SCRIPT: &str = r#"<!-- demo:format version=1 -->

# A demo

<!-- demo:step id=type minutes=1 -->

## Type

```console
$ aws codebuild list-projects
```

<details><summary>In the console</summary>

Click.

</details>

<!-- demo:step id=find minutes=1 -->

## Find

<!-- demo:exercise title=First -->

Find it.

<details><summary>Hint</summary>

The hint of the first.

</details>

<details><summary>Solution</summary>

```console
$ ID=$(aws codebuild list-builds --query ids[0] --output text)
$ aws codebuild list-projects --query projects[0]
```

</details>

<!-- demo:exercise title=Second by=check -->

Do it.

<details><summary>Hint</summary>

The hint of the second.

</details>

<details><summary>Solution</summary>

```console
$ aws codebuild delete-project --name x
```

</details>

<!-- demo:check title=Done command="aws codebuild list-projects --query 'length(projects)'" expect=0 -->

<!-- demo:step id=ask minutes=1 -->

## Ask

<!-- demo:quiz id=guess answer=2 reveal=later -->

What will it be?

1. a
2. b

<details><summary>Answer</summary>

b.

</details>

<!-- demo:quiz id=both answer=1,3 -->

Which two?

1. a
2. b
3. c

<details><summary>Answer</summary>

a and c.

```console
$ aws codebuild list-projects
```

</details>

<!-- demo:quiz kind=text answer=dind accept="docker.?in.?docker" -->

What is it called?

<details><summary>Answer</summary>

dind.

</details>

<!-- demo:reveal -->
"#;

fn walk(mode: Mode, step: usize) -> Walk {
    let script = parse(Path::new("demos/x/demo.md"), SCRIPT)
        .map_err(|errors| errors.report())
        .unwrap();
    let start = Start {
        step,
        ..Start::default()
    };
    let mut walk = Walk::new(Arc::new(script), mode, TargetKind::Local, start);
    walk.handle(Event::Begin);
    walk
}

fn place(step: usize, item: usize) -> Place {
    Place { step, item }
}

fn line(text: &str) -> Event {
    Event::Line(text.to_owned())
}

fn key(c: char) -> Event {
    Event::Key(Key::Char(c))
}

#[test]
fn a_typed_command_runs_when_it_means_the_same_and_is_asked_for_again_when_not() {
    let mut walk = walk(Mode::Learn, 0);
    assert_eq!(
        walk.handle(line(" aws codebuild list-project ")),
        [Effect::Judge {
            place: place(0, 0),
            line: "aws codebuild list-project".to_owned()
        }]
    );
    assert_eq!(
        walk.handle(Event::Judged { same: false }),
        [Effect::AskLine(Ask::Command)]
    );
    walk.handle(line("aws codebuild list-projects"));
    assert_eq!(
        walk.handle(Event::Judged { same: true }),
        [Effect::Run(place(0, 0))]
    );
    assert_eq!(
        walk.handle(Event::Ran { ok: true }),
        [Effect::Save, Effect::Save, Effect::AskKey(Ask::StepEnd)]
    );
}

#[test]
fn an_empty_line_runs_the_command_and_words_are_keys() {
    let mut machine = walk(Mode::Learn, 0);
    assert_eq!(
        machine.handle(line(":console")),
        [Effect::Show(place(0, 1)), Effect::AskLine(Ask::Command)]
    );
    assert_eq!(
        machine.handle(line(":hint")),
        [
            Effect::Say(Saying::NoPassage(Passage::Hint)),
            Effect::AskLine(Ask::Command)
        ]
    );
    assert_eq!(
        machine.handle(line(":what")),
        [
            Effect::Say(Saying::UnknownWord),
            Effect::AskLine(Ask::Command)
        ]
    );
    assert_eq!(
        machine.handle(line("?")),
        [Effect::Say(Saying::Words), Effect::AskLine(Ask::Command)]
    );
    assert_eq!(machine.handle(line("")), [Effect::Run(place(0, 0))]);

    let mut machine = walk(Mode::Learn, 0);
    assert_eq!(
        machine.handle(line(":q")),
        [Effect::Save, Effect::Finish(Outcome::Quit)]
    );
}

#[test]
fn an_exercise_by_output_goes_on_when_it_is_solved_without_its_solution() {
    let judge = Judge::Output;
    let mut walk = walk(Mode::Learn, 1);
    let tried = |solved| Event::Tried {
        solved,
        assigned: vec!["ID".to_owned()],
    };
    assert_eq!(
        walk.handle(line("")),
        [
            Effect::Say(Saying::TypeOrShow),
            Effect::AskLine(Ask::Exercise { judge })
        ]
    );
    assert_eq!(
        walk.handle(line("aws x")),
        [Effect::Try {
            place: place(1, 1),
            line: "aws x".to_owned()
        }]
    );
    assert_eq!(
        walk.handle(tried(false)),
        [Effect::AskLine(Ask::Exercise { judge })]
    );
    walk.handle(line("aws y"));
    assert_eq!(
        walk.handle(tried(true)),
        [
            Effect::Save,
            Effect::ShowSolved(place(1, 1)),
            Effect::ShowExercise(place(1, 5)),
            Effect::AskLine(Ask::Exercise {
                judge: Judge::Check
            })
        ]
    );
    assert!(walk.known.contains("ID"));
}

#[test]
fn each_exercise_has_its_own_hint() {
    let mut walk = walk(Mode::Guide, 1);
    assert_eq!(walk.handle(key('h'))[0], Effect::Show(place(1, 0)));
    walk.handle(key('s'));
    assert_eq!(walk.handle(key('h'))[0], Effect::Show(place(1, 4)));
    assert_eq!(walk.handle(key('h'))[0], Effect::Show(place(1, 0)));
}

#[test]
fn the_solution_of_an_exercise_is_a_usual_command() {
    let mut walk = walk(Mode::Guide, 1);
    assert_eq!(
        walk.handle(Event::Key(Key::Enter)),
        [
            Effect::Save,
            Effect::ShowSolution(place(1, 1)),
            Effect::ShowCommand(place(1, 2)),
            Effect::AskKey(Ask::Command)
        ]
    );
}

#[test]
fn the_check_of_an_exercise_decides_and_leads_back_or_to_the_solution() {
    let mut walk = walk(Mode::Learn, 1);
    walk.handle(line(":skip"));
    assert_eq!(walk.handle(line("")), [Effect::Check(place(1, 7))]);
    assert_eq!(
        walk.handle(Event::Checked { passed: false }),
        [Effect::AskKey(Ask::Unsolved)]
    );
    assert_eq!(
        walk.handle(key('r')),
        [
            Effect::ShowExercise(place(1, 5)),
            Effect::AskLine(Ask::Exercise {
                judge: Judge::Check
            })
        ]
    );
    walk.handle(line(":done"));
    walk.handle(Event::Checked { passed: false });
    assert_eq!(
        walk.handle(key('x'))[1..],
        [
            Effect::ShowSolution(place(1, 5)),
            Effect::ShowCommand(place(1, 6)),
            Effect::AskLine(Ask::Command)
        ]
    );
    walk.handle(line(""));
    walk.handle(Event::Ran { ok: true });
    assert_eq!(
        walk.handle(Event::Checked { passed: false }),
        [Effect::AskKey(Ask::Failed)],
        "the solution has run: this is no exercise any more"
    );
}

#[test]
fn skipping_an_exercise_skips_the_check_that_would_ask_for_it() {
    let mut walk = walk(Mode::Guide, 1);
    walk.handle(key('s'));
    assert_eq!(
        walk.handle(key('s')),
        [
            Effect::Say(Saying::Skipped),
            Effect::Save,
            Effect::AskKey(Ask::StepEnd)
        ]
    );
}

#[test]
fn looking_ahead_shows_no_solution() {
    let mut walk = walk(Mode::Guide, 0);
    let ahead = walk.handle(Event::Key(Key::Right));
    assert_eq!(
        ahead,
        [
            Effect::ShowLook { step: 1 },
            Effect::ShowExercise(place(1, 1)),
            Effect::ShowExercise(place(1, 5)),
            Effect::AskLooking
        ]
    );
}

#[test]
fn auto_runs_the_solution() {
    let mut walk = walk(Mode::Auto, 1);
    walk.handle(Event::Ran { ok: true });
    assert_eq!(
        walk.handle(Event::Ran { ok: true }),
        [
            Effect::Save,
            Effect::ShowExercise(place(1, 5)),
            Effect::ShowSolution(place(1, 5)),
            Effect::ShowCommand(place(1, 6)),
            Effect::Run(place(1, 6))
        ]
    );
}

/// At the question with two answers, with a prediction made.
fn at_both() -> Walk {
    let mut walk = walk(Mode::Guide, 2);
    assert_eq!(
        walk.handle(key('1')),
        [
            Effect::Save,
            Effect::Say(Saying::Noted),
            Effect::ShowQuiz(place(2, 1)),
            Effect::AskKey(Ask::Several {
                options: 3,
                chosen: Choices::default()
            })
        ]
    );
    walk
}

#[test]
fn several_answers_are_chosen_one_by_one_and_handed_in_together() {
    let mut walk = at_both();
    let none = Ask::Several {
        options: 3,
        chosen: Choices::default(),
    };
    assert_eq!(
        walk.handle(Event::Key(Key::Enter)),
        [Effect::Say(Saying::NothingChosen), Effect::AskKey(none)]
    );
    assert!(
        walk.handle(key('9'))
            .contains(&Effect::Say(Saying::NoSuchAnswer { options: 3 }))
    );
    for digit in ['1', '2', '3', '2'] {
        walk.handle(key(digit));
    }
    let mut chosen = Choices::one(0);
    chosen.toggle(2);
    assert_eq!(
        walk.handle(Event::Key(Key::Enter)),
        [
            Effect::Save,
            Effect::Explain {
                place: place(2, 1),
                given: Some(Given::Choices(chosen))
            },
            Effect::Save,
            Effect::AskKey(Ask::Proof { item: 1 })
        ]
    );
    assert!(walk.answers()["both"].right);
    assert_eq!(walk.answers()["both"].given, "1,3");
    assert_eq!(walk.handle(key('p')), [Effect::Prove(vec![place(2, 1)])]);
    assert_eq!(
        walk.handle(Event::Proved),
        [Effect::AskKey(Ask::Proof { item: 1 })]
    );
    assert_eq!(
        walk.handle(Event::Key(Key::Enter)),
        [Effect::ShowQuiz(place(2, 2)), Effect::AskLine(Ask::Answer)]
    );
}

#[test]
fn a_prediction_is_explained_when_it_is_revealed_also_after_a_pause() {
    let mut machine = at_both();
    machine.handle(key('s'));
    let given = Given::Text("Docker in Docker".to_owned());
    let effects = machine.handle(line("Docker in Docker"));
    assert_eq!(
        effects[1..3],
        [
            Effect::Explain {
                place: place(2, 2),
                given: Some(given)
            },
            Effect::Explain {
                place: place(2, 0),
                given: Some(Given::one(0))
            }
        ]
    );
    assert_eq!(machine.score(), (2, 1));

    let mut later = walk(Mode::Guide, 2);
    later.answers = machine.answers().clone();
    later.item = 3;
    assert!(later.advance().contains(&Effect::Explain {
        place: place(2, 0),
        given: Some(Given::one(0))
    }));
}

#[test]
fn a_prediction_is_not_explained_too_early_without_a_person() {
    let mut walk = walk(Mode::Auto, 1);
    for _ in 0..3 {
        walk.handle(Event::Ran { ok: true });
    }
    let explained: Vec<usize> = walk
        .handle(Event::Checked { passed: true })
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Explain { place, given: None } => Some(place.item),
            _ => None,
        })
        .collect();
    assert_eq!(explained, [1, 2, 0]);
}

#[test]
fn a_key_without_its_passage_says_so() {
    let mut walk = walk(Mode::Guide, 0);
    assert!(walk.has_passage(Passage::Aside(Aside::Console)));
    assert!(!walk.has_passage(Passage::Aside(Aside::Cost)));
    let cost = Saying::NoPassage(Passage::Aside(Aside::Cost));
    assert_eq!(
        walk.handle(key('$')),
        [Effect::Say(cost), Effect::AskKey(Ask::Command)]
    );
}
