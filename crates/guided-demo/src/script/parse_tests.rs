use std::path::Path;

use super::parse;
use crate::script::ItemKind;
use crate::script::TargetKind;

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
