use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::script::parse;

const SCRIPT: &str = r"<!-- demo:format version=1 -->

# A demo

<!-- demo:variable NAME default=demo -->

<!-- demo:step id=one minutes=1 -->

## One

Prose.

```console
$ aws codebuild create-project --name $NAME
$ ID=$(aws codebuild start-build --project-name $NAME)
```

<!-- demo:watch $ID expect=SUCCEEDED -->

<details><summary>Hint</summary>

A hint.

</details>

<!-- demo:step id=two minutes=1 -->

## Two

<!-- demo:only target=aws -->

Only on AWS.

<!-- demo:end -->

```console
$ aws codebuild list-projects
```

<!-- demo:check title=There command='x' expect=y -->

<!-- demo:quiz answer=2 -->

Which?

1. a
2. b

<details><summary>Answer</summary>

b.

</details>
";

fn walk(mode: Mode) -> Walk {
    let source = SCRIPT.replace("command='x'", "command=\"aws x\"");
    let script = parse(Path::new("demos/x/demo.md"), &source).unwrap();
    Walk::new(Arc::new(script), mode, TargetKind::Local, Start::default())
}

fn place(step: usize, item: usize) -> Place {
    Place { step, item }
}

#[test]
fn guide_asks_before_each_command_and_never_runs_by_itself() {
    let mut walk = walk(Mode::Guide);
    assert_eq!(
        walk.handle(Event::Begin),
        [
            Effect::ShowStep { step: 0 },
            Effect::Show(place(0, 0)),
            Effect::Resolve("NAME".to_owned())
        ]
    );
    assert_eq!(
        walk.handle(Event::Resolved("NAME".to_owned())),
        [
            Effect::ShowCommand(place(0, 1)),
            Effect::AskKey(Ask::Command)
        ]
    );
    assert_eq!(
        walk.handle(Event::Key(Key::Enter)),
        [Effect::Run(place(0, 1))]
    );
    assert_eq!(
        walk.handle(Event::Key(Key::Enter)),
        [],
        "keys are ignored while a command runs"
    );
    assert_eq!(
        walk.handle(Event::Ran { ok: true }),
        [
            Effect::Save,
            Effect::ShowCommand(place(0, 2)),
            Effect::AskKey(Ask::Command)
        ]
    );
    walk.handle(Event::Key(Key::Enter));
    assert_eq!(
        walk.handle(Event::Ran { ok: true }),
        [Effect::Save, Effect::Watch(place(0, 3))]
    );
    assert_eq!(
        walk.handle(Event::Watched { as_expected: true }),
        [Effect::Save, Effect::Save, Effect::AskKey(Ask::StepEnd)]
    );
    assert!(walk.done().contains("one"));
}

fn at_first_command() -> Walk {
    let mut walk = walk(Mode::Guide);
    walk.handle(Event::Begin);
    walk.handle(Event::Resolved("NAME".to_owned()));
    walk
}

#[test]
fn looking_ahead_and_back_runs_nothing_and_comes_back_to_the_same_question() {
    let mut walk = at_first_command();
    let ahead = walk.handle(Event::Key(Key::Right));
    assert_eq!(
        ahead,
        [
            Effect::ShowLook { step: 1 },
            Effect::ShowCommandOnly(place(1, 1)),
            Effect::ShowQuiz(place(1, 3)),
            Effect::AskLooking
        ]
    );
    assert_eq!(
        walk.handle(Event::Key(Key::Char('r'))),
        [Effect::Say(Saying::OnlyLooking), Effect::AskLooking]
    );
    assert_eq!(
        walk.handle(Event::Key(Key::Right)),
        [Effect::Say(Saying::LastStep), Effect::AskLooking]
    );
    assert_eq!(
        walk.handle(Event::Key(Key::Left)),
        [
            Effect::ShowBack { step: 0 },
            Effect::ShowCommand(place(0, 1)),
            Effect::AskKey(Ask::Command)
        ]
    );
    assert_eq!(walk.position(), (0, 1));
}

#[test]
fn a_changing_command_runs_again_only_after_a_yes() {
    let mut walk = at_first_command();
    assert_eq!(
        walk.handle(Event::Key(Key::Char('r'))),
        [
            Effect::Say(Saying::NothingRun),
            Effect::AskKey(Ask::Command)
        ]
    );
    walk.handle(Event::Key(Key::Enter));
    walk.handle(Event::Ran { ok: true });
    assert_eq!(
        walk.handle(Event::Key(Key::Char('r'))),
        [Effect::ConfirmAgain(place(0, 1))]
    );
    assert_eq!(
        walk.handle(Event::Key(Key::Enter)),
        [
            Effect::ShowCommand(place(0, 2)),
            Effect::AskKey(Ask::Command)
        ]
    );
    walk.handle(Event::Key(Key::Char('r')));
    assert_eq!(
        walk.handle(Event::Key(Key::Char('y'))),
        [Effect::Run(place(0, 1))]
    );
    walk.handle(Event::Ran { ok: false });
    assert_eq!(
        walk.position(),
        (0, 2),
        "running again does not move the walk"
    );
}

#[test]
fn a_failed_build_is_started_again_by_retry() {
    let mut walk = at_first_command();
    for _ in 0..2 {
        walk.handle(Event::Key(Key::Enter));
        walk.handle(Event::Ran { ok: true });
    }
    assert_eq!(
        walk.handle(Event::Watched { as_expected: false }),
        [Effect::AskKey(Ask::Failed)]
    );
    assert_eq!(
        walk.handle(Event::Key(Key::Char('r'))),
        [Effect::ShowCommand(place(0, 2)), Effect::Run(place(0, 2))]
    );
    assert_eq!(
        walk.handle(Event::Ran { ok: true }),
        [Effect::Save, Effect::Watch(place(0, 3))]
    );
}

#[test]
fn a_build_that_is_started_again_is_watched_again() {
    let mut walk = at_first_command();
    for _ in 0..2 {
        walk.handle(Event::Key(Key::Enter));
        walk.handle(Event::Ran { ok: true });
    }
    walk.handle(Event::Watched { as_expected: true });
    let position = walk.position();
    walk.handle(Event::Key(Key::Char('r')));
    assert_eq!(
        walk.handle(Event::Key(Key::Char('y'))),
        [Effect::Run(place(0, 2))]
    );
    assert_eq!(
        walk.handle(Event::Ran { ok: true }),
        [Effect::Watch(place(0, 3))]
    );
    walk.handle(Event::Watched { as_expected: false });
    assert_eq!(
        walk.position(),
        position,
        "running again does not move the walk"
    );
}

#[test]
fn the_list_goes_to_what_is_not_done_and_looks_at_what_is() {
    let mut walk = at_first_command();
    assert_eq!(
        walk.handle(Event::Key(Key::Char('l'))),
        [Effect::List { here: 0 }]
    );
    let effects = walk.handle(Event::Chosen(Some(1)));
    assert!(effects.contains(&Effect::ShowStep { step: 1 }));
    assert_eq!(walk.position(), (1, 1));
}

#[test]
fn hints_and_unknown_keys_always_show_something() {
    let mut walk = at_first_command();
    assert_eq!(
        walk.handle(Event::Key(Key::Char('h'))),
        [Effect::Show(place(0, 4)), Effect::AskKey(Ask::Command)]
    );
    assert_eq!(
        walk.handle(Event::Key(Key::Char('x'))),
        [
            Effect::Say(Saying::UnknownKey),
            Effect::AskKey(Ask::Command)
        ]
    );
}

#[test]
fn the_first_answer_counts() {
    let mut walk = at_first_command();
    walk.handle(Event::Key(Key::Char('l')));
    walk.handle(Event::Chosen(Some(1)));
    walk.handle(Event::Key(Key::Char('s')));
    walk.handle(Event::Checked { passed: true });
    assert!(
        walk.handle(Event::Key(Key::Char('7')))
            .contains(&Effect::Say(Saying::NoSuchAnswer { options: 2 }))
    );
    let effects = walk.handle(Event::Key(Key::Char('2')));
    assert!(
        effects.contains(&Effect::Finish(Outcome::Completed)),
        "{effects:?}"
    );
    assert_eq!(walk.score(), (1, 1));
}

#[test]
fn auto_asks_nothing_and_stops_at_the_first_failure() {
    let mut machine = walk(Mode::Auto);
    machine.handle(Event::Begin);
    let effects = machine.handle(Event::Resolved("NAME".to_owned()));
    assert_eq!(
        effects,
        [Effect::ShowCommand(place(0, 1)), Effect::Run(place(0, 1))]
    );
    assert_eq!(
        machine.handle(Event::Ran { ok: false }),
        [Effect::Save, Effect::Finish(Outcome::StepFailed)]
    );

    let mut machine = walk(Mode::Auto);
    machine.handle(Event::Begin);
    machine.handle(Event::Resolved("NAME".to_owned()));
    machine.handle(Event::Ran { ok: true });
    machine.handle(Event::Ran { ok: true });
    let effects = machine.handle(Event::Watched { as_expected: true });
    assert!(effects.contains(&Effect::ShowStep { step: 1 }));
    assert_eq!(
        machine.handle(Event::Ran { ok: true }),
        [Effect::Save, Effect::Check(place(1, 2))]
    );
    assert_eq!(
        machine.handle(Event::Checked { passed: false }),
        [Effect::Save, Effect::Finish(Outcome::CheckFailed)]
    );
}

#[test]
fn a_variable_without_a_value_can_be_skipped_in_guide_and_ends_auto() {
    for (mode, expected) in [
        (Mode::Guide, vec![Effect::AskKey(Ask::Failed)]),
        (
            Mode::Auto,
            vec![Effect::Save, Effect::Finish(Outcome::PrerequisiteMissing)],
        ),
    ] {
        let mut walk = walk(mode);
        walk.handle(Event::Begin);
        assert_eq!(walk.handle(Event::Unresolved), expected);
    }
}

#[test]
fn an_interrupt_ends_the_walk_wherever_it_is() {
    let mut walk = at_first_command();
    let end = [Effect::Save, Effect::Finish(Outcome::Interrupted)];
    assert_eq!(walk.handle(Event::Interrupted), end);
    assert_eq!(walk.handle(Event::Key(Key::Enter)), []);
}

#[test]
fn a_walk_resumes_in_the_middle_of_a_step() {
    let mut walk = walk(Mode::Guide);
    walk.item = 2;
    walk.known.insert("NAME".to_owned());
    assert_eq!(
        walk.handle(Event::Begin),
        [
            Effect::ShowStep { step: 0 },
            Effect::Show(place(0, 0)),
            Effect::ShowCommandOnly(place(0, 1)),
            Effect::ShowCommand(place(0, 2)),
            Effect::AskKey(Ask::Command)
        ]
    );
}

#[test]
fn a_build_that_a_crash_ended_is_started_again_with_every_variable() {
    let mut walk = walk(Mode::Guide);
    walk.item = 3;
    walk.known.insert("ID".to_owned());
    assert!(
        walk.handle(Event::Begin)
            .contains(&Effect::Watch(place(0, 3)))
    );
    walk.handle(Event::Watched { as_expected: false });
    assert_eq!(
        walk.handle(Event::Key(Key::Enter)),
        [Effect::Resolve("NAME".to_owned())]
    );
    assert_eq!(
        walk.handle(Event::Resolved("NAME".to_owned())),
        [
            Effect::ShowCommand(place(0, 2)),
            Effect::AskKey(Ask::Command)
        ]
    );
}

#[test]
fn the_score_goes_on_after_a_pause() {
    let source = SCRIPT.replace("command='x'", "command=\"aws x\"");
    let script = parse(Path::new("demos/x/demo.md"), &source).unwrap();
    let wrong = Answered {
        right: false,
        given: "1".to_owned(),
    };
    let start = Start {
        answers: BTreeMap::from([("zero/1".to_owned(), wrong)]),
        ..Start::default()
    };
    let walk = Walk::new(Arc::new(script), Mode::Guide, TargetKind::Local, start);
    assert_eq!(walk.score(), (1, 0));
}

fn on_stage() -> Walk {
    let mut walk = walk(Mode::Stage);
    assert_eq!(
        walk.handle(Event::Begin),
        [
            Effect::ShowStep { step: 0 },
            Effect::Resolve("NAME".to_owned())
        ],
        "no text on stage"
    );
    walk.handle(Event::Resolved("NAME".to_owned()));
    walk
}

#[test]
fn on_stage_one_key_types_a_command_and_the_next_one_runs_it() {
    let mut walk = on_stage();
    assert_eq!(
        walk.handle(Event::Key(Key::Enter)),
        [
            Effect::TypeCommand(place(0, 1)),
            Effect::AskKey(Ask::Command)
        ]
    );
    assert_eq!(
        walk.handle(Event::Key(Key::Enter)),
        [Effect::Run(place(0, 1))]
    );
}

#[test]
fn what_fails_on_stage_is_played_from_the_recording_from_the_command_on() {
    let mut walk = on_stage();
    for _ in 0..2 {
        walk.handle(Event::Key(Key::Enter));
        walk.handle(Event::Key(Key::Enter));
        walk.handle(Event::Ran { ok: true });
    }
    walk.handle(Event::Watched { as_expected: false });
    assert_eq!(walk.handle(Event::Key(Key::Char('f'))), [Effect::FallBack]);
    assert_eq!(
        walk.handle(Event::FellBack { ready: false }),
        [Effect::AskKey(Ask::Failed)]
    );
    walk.handle(Event::Key(Key::Char('f')));
    assert_eq!(
        walk.handle(Event::FellBack { ready: true }),
        [Effect::ShowCommand(place(0, 2)), Effect::Run(place(0, 2))]
    );
}

#[test]
fn a_shell_comes_back_to_the_same_question() {
    let mut walk = at_first_command();
    assert_eq!(walk.handle(Event::Key(Key::Char('b'))), [Effect::BreakOut]);
    assert_eq!(walk.handle(Event::Key(Key::Enter)), []);
    assert_eq!(
        walk.handle(Event::CameBack { was_away: true }),
        [
            Effect::ShowStep { step: 0 },
            Effect::Show(place(0, 0)),
            Effect::ShowCommand(place(0, 1)),
            Effect::AskKey(Ask::Command)
        ]
    );
}
