//! The demo's own template on the local AWS.

use std::path::Path;
use std::process::Output;

use serde_json::Value;

use super::stderr;
use crate::command_line::guided_demo;

fn stack(state: &Path, words: &[&str]) -> Output {
    let mut command = guided_demo(state);
    command.arg("stack").args(words).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_demos_template_is_deployed_changed_and_deleted_without_a_trace() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path();
    let deployed = said(&stack(state, &["deploy", "--yes"]));
    for text in [
        "Cost: nothing, it is all on this computer.",
        "Created the stack demo-docker-in-docker: CREATE_COMPLETE.",
        "aws codebuild start-build --project-name demo-docker-in-docker",
    ] {
        assert!(deployed.contains(text), "{text} is not in:\n{deployed}");
    }
    let nothing = said(&stack(state, &["deploy", "--yes"]));
    assert!(nothing.contains("Nothing to do"), "{nothing}");

    let more = [
        "--parameter=SourceType=CODECOMMIT",
        "--parameter=CreateEcrRepository=yes",
        "--parameter=NotificationEmail=you@example.com",
    ];
    let compared = said(&stack(state, &[&["diff"], &more[..]].concat()));
    assert!(compared.contains("+ create  EcrRepository "), "{compared}");
    let changed = said(&stack(state, &[&["deploy", "--yes"], &more[..]].concat()));
    assert!(changed.contains("UPDATE_COMPLETE."), "{changed}");
    let status = said(&stack(state, &["status", "--json"]));
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["parameters"]["SourceType"], "CODECOMMIT");
    assert_eq!(status["ours"], true);

    let deleted = said(&stack(state, &["delete", "--yes", "--json"]));
    let deleted: Value = serde_json::from_str(&deleted).unwrap();
    let remains = deleted["remains"].as_array().unwrap();
    assert_eq!(remains.len(), 11, "{remains:?}");
    for resource in remains {
        let presence = &resource["presence"];
        assert!(presence == "gone" || presence == "part", "{resource}");
    }
}

#[test]
fn a_name_that_is_taken_is_explained_and_the_shell_is_deleted_first() {
    let state = tempfile::tempdir().unwrap();
    let state = state.path();
    said(&stack(state, &["deploy", "--yes"]));
    let template = Path::new(env!("CARGO_MANIFEST_DIR"));
    let template = template.join("../../demos/docker-in-docker/template.yaml");
    let second = [
        "deploy",
        template.to_str().unwrap(),
        "--name=second",
        "--yes",
    ];
    let failed = stack(state, &second);
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(stderr(&failed).contains("ROLLBACK_COMPLETE"), "{failed:?}");
    let explained = String::from_utf8_lossy(&failed.stdout).into_owned();
    assert!(
        explained.contains("A resource of this name is there already"),
        "{explained}"
    );
    let other_name = [&second[..], &["--parameter=ProjectName=second"]].concat();
    let repaired = said(&stack(state, &other_name));
    assert!(repaired.contains("It must be deleted first"), "{repaired}");
    assert!(repaired.contains("CREATE_COMPLETE."), "{repaired}");
}
