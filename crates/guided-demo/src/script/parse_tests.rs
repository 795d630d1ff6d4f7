use std::path::Path;

use super::parse;
use crate::script::Answers;
use crate::script::Aside;
use crate::script::ItemKind;
use crate::script::Judge;
use crate::script::Script;
use crate::script::TargetKind;
use crate::script::Variables;

const GOOD: &str = r#"<!-- demo:format version=1 -->

# A demo

For readers on GitHub.

<!-- demo:variable NAME default=demo pattern="[a-z]+" prompt="Name" default-local=here -->

<!-- demo:step id=one minutes=2 -->

## First

Some *prose*.

<!-- demo:note Slowly. -->

<!-- demo:cleanup codebuild-project $NAME with="aws codebuild delete-project --name $NAME" -->

```console
$ aws codebuild create-project \
    --name "$NAME"
{ "project": {} }
$ ID=$(aws codebuild start-build --project-name "$NAME" --query build.id)
```

<!-- demo:watch $ID expect=SUCCEEDED -->

<!-- demo:only target=aws -->

Costs money.

<!-- demo:end -->

<details><summary>Hint</summary>

Look **here**.

</details>

<!-- demo:quiz answer=2 -->

Why?

1. Because
2. Of `that`

<details><summary>Answer</summary>

So it is.

</details>
"#;

fn mistakes(source: &str) -> Vec<(String, Option<String>)> {
    parse(Path::new("demos/x/demo.md"), source)
        .err()
        .map(|errors| {
            errors
                .mistakes
                .into_iter()
                .map(|mistake| (mistake.message, mistake.help))
                .collect()
        })
        .unwrap_or_default()
}

#[test]
fn reads_everything_that_a_step_can_hold() {
    let script = parse(Path::new("demos/x/demo.md"), GOOD).unwrap();
    assert_eq!(script.id, "x");
    assert_eq!(script.title, "A demo");
    assert_eq!(
        script.variables[0].default_for(TargetKind::Local),
        Some(("here", true))
    );
    assert_eq!(
        script.variables[0].default_for(TargetKind::Aws),
        Some(("demo", false))
    );
    let step = &script.steps[0];
    assert_eq!(
        (step.id.as_str(), step.title.as_str(), step.minutes),
        ("one", "First", 2)
    );
    let kinds: Vec<&str> = step
        .items
        .iter()
        .map(|item| match &item.kind {
            ItemKind::Prose(_) => "prose",
            ItemKind::Note(_) => "note",
            ItemKind::Command(_) => "command",
            ItemKind::Watch(_) => "watch",
            ItemKind::Hint(_) => "hint",
            ItemKind::Quiz(_) => "quiz",
            _ => "other",
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "prose", "note", "command", "command", "watch", "prose", "hint", "quiz"
        ]
    );
    assert_eq!(step.items[5].targets, [TargetKind::Aws]);
    let ItemKind::Command(create) = &step.items[2].kind else {
        panic!()
    };
    assert_eq!(
        create.text,
        "aws codebuild create-project \\\n    --name \"$NAME\""
    );
    assert_eq!(create.creates.as_ref().unwrap().kind, "codebuild-project");
    let ItemKind::Quiz(quiz) = &step.items[7].kind else {
        panic!()
    };
    assert_eq!(quiz.options(), ["Because", "Of `that`"]);
    assert_eq!(
        (quiz.right().as_str(), quiz.explanation.as_str()),
        ("2", "So it is.")
    );
}

#[test]
fn every_mistake_is_found_in_one_go_and_has_its_place() {
    let source = GOOD
        .replace("demo:watch $ID", "demo:wacth $ID")
        .replace("answer=2", "answer=7")
        .replace("--project-name \"$NAME\"", "--project-name \"$NMAE\"");
    let errors = parse(Path::new("demos/x/demo.md"), &source).unwrap_err();
    let report = errors.report();
    assert_eq!(errors.mistakes.len(), 3, "{report}");
    assert!(report.contains("demos/x/demo.md:23:50"), "{report}");
    assert!(report.contains("Did you mean `NAME`?"), "{report}");
    assert!(report.contains("Did you mean `watch`?"), "{report}");
}

#[test]
fn a_directive_where_it_cannot_work_is_a_mistake() {
    let inline = GOOD.replace("Some *prose*.", "Some <!-- demo:doctor --> prose.");
    assert!(mistakes(&inline)[0].0.contains("inside of a paragraph"));
    let list = GOOD.replace("Some *prose*.", "- a\n\n  <!-- demo:doctor -->\n");
    assert!(mistakes(&list)[0].0.contains("inside of a paragraph"));
}

#[test]
fn a_newer_format_an_open_only_and_a_missing_heading_are_mistakes() {
    assert!(
        mistakes(&GOOD.replace("version=1", "version=2"))[0]
            .0
            .contains("format 2")
    );
    assert!(
        mistakes(&GOOD.replace("<!-- demo:end -->", ""))[0]
            .0
            .contains("not ended")
    );
    assert!(
        mistakes(&GOOD.replace("## First", ""))[0]
            .0
            .contains("no heading")
    );
    assert!(!mistakes("").is_empty());
}

#[test]
fn no_cut_of_a_script_makes_the_parser_panic() {
    for end in 0..GOOD.len() {
        let _ = parse(Path::new("demos/x/demo.md"), &GOOD[..end]);
    }
}

/// The items of a step with this content.
fn items(content: &str) -> Vec<crate::script::Item> {
    let head = GOOD.split("Some *prose*.").next().unwrap();
    let script = parse(Path::new("demos/x/demo.md"), &format!("{head}{content}"));
    let mut script = script.unwrap_or_else(|errors| panic!("{}", errors.report()));
    script.steps.remove(0).items
}

#[test]
fn questions_have_several_answers_free_ones_proofs_and_may_wait() {
    let mut items = items(
        r#"
<!-- demo:quiz id=two task=5.3 answer=1,3 reveal=later -->

Which?

1. A
2. B
3. C

<details><summary>Answer</summary>

1. Yes.

```console
$ aws codebuild list-projects
[]
```

</details>

<!-- demo:reveal -->

<!-- demo:quiz kind=text answer="start-build" accept="aws codebuild start-build( .*)?" -->

Which command?

```yaml
- a fence: is part of it
```

<details><summary>Answer</summary>

That one.

</details>
"#,
    );
    let ItemKind::Quiz(text) = items.remove(2).kind else {
        panic!()
    };
    assert!(matches!(items[1].kind, ItemKind::Reveal));
    let ItemKind::Quiz(several) = &items[0].kind else {
        panic!()
    };
    assert_eq!(
        (several.id.as_deref(), several.task.as_deref()),
        (Some("two"), Some("5.3"))
    );
    assert!(several.reveal_later);
    assert_eq!(several.right(), "1 and 3");
    assert_eq!(several.proof.len(), 1);
    assert!(several.explanation.contains("list-projects"));
    assert!(text.question.contains("- a fence"));
    let Answers::Text { accept, .. } = text.answers else {
        panic!()
    };
    assert!(accept.is_match(" Start-Build "));
    assert!(accept.is_match("aws codebuild START-BUILD --project-name x"));
    assert!(!accept.is_match("restart-build"));
}

#[test]
fn the_commands_of_a_solution_follow_their_exercise() {
    let items = items(
        r#"
<!-- demo:exercise title="Only the image" by=check -->

Print it.

1. First this.

<details><summary>Hint</summary>

Try it.

</details>

<details><summary>Solution</summary>

Like this:

```console
$ ID=$(aws codebuild start-build --project-name $NAME)
```

<!-- demo:expect-failure code=X -->

```console
$ aws codebuild batch-get-builds --ids $ID > build.json
```

That is all.

</details>

<!-- demo:check title="It is." command="aws codebuild list-projects" matches="a|b" retries=3 -->

<details><summary>What it costs</summary>

Nothing.

</details>
"#,
    );
    assert!(matches!(items[0].kind, ItemKind::Hint(_)));
    let ItemKind::Exercise(exercise) = &items[1].kind else {
        panic!()
    };
    assert_eq!((exercise.commands, exercise.judge), (2, Judge::Check));
    assert!(exercise.task.ends_with("1. First this."));
    assert_eq!(exercise.explanation, "Like this:\n\nThat is all.");
    let ItemKind::Command(last) = &items[3].kind else {
        panic!()
    };
    assert!(last.solution && last.expect_failure.is_some());
    assert!(last.line.redirect.is_some());
    let ItemKind::Check(check) = &items[4].kind else {
        panic!()
    };
    assert_eq!(check.retries, Some(3));
    assert!(check.expect.accepts(" b\n", &Variables::new()));
    assert!(!check.expect.accepts("ab", &Variables::new()));
    assert!(matches!(
        &items[5].kind,
        ItemKind::Aside(Aside::Cost, text) if text == "Nothing."
    ));
}

#[test]
fn an_included_file_has_its_own_places_and_cannot_include_itself() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("demo.md");
    let text = format!("{GOOD}\n<!-- demo:include part.md -->\n");
    std::fs::write(&main, &text).unwrap();
    let part = folder.path().join("part.md");
    std::fs::write(
        &part,
        "<!-- demo:step id=part minutes=1 -->\n\n## Part\n\nText.\n",
    )
    .unwrap();
    let script = Script::load(&main).unwrap();
    assert_eq!(script.steps[1].title, "Part");
    assert_eq!(script.files, [main.clone(), part.clone()]);

    std::fs::write(
        &part,
        "<!-- demo:step id=one minutes=1 -->\n\n## Part\n\n```console\n$ aws x $B\n```\n\n<!-- demo:include demo.md -->\n",
    )
    .unwrap();
    let report = Script::load(&main).unwrap_err().report();
    for text in [
        "part.md:1:19",
        "another step has this id",
        "part.md:6:9",
        "$B has no value here",
        "part.md:9:19",
        "this file includes itself",
    ] {
        assert!(report.contains(text), "{text} is not in:\n{report}");
    }
}
