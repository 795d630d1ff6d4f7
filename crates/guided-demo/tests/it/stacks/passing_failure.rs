//! A role that IAM does not know everywhere yet: the failure passes, and the same is tried once more.

use super::file;
use super::must;
use super::scripted::Scripted;
use super::stack;
use super::stderr;

#[test]
fn a_failure_that_passes_is_explained_and_the_same_deployed_once_more() {
    let state = tempfile::tempdir().unwrap();
    let template = file(state.path(), "template.yaml", "Resources: {}\n");
    let words = [
        "deploy",
        template.to_str().unwrap(),
        "--name",
        "demo",
        "--yes",
    ];
    let cloud = Scripted::start(1);
    let said = must(state.path(), &cloud.endpoint, &words);
    for text in [
        "CAPABILITY_IAM is given: The following resource(s) require capabilities: [AWS::IAM::Role].",
        "CodeBuild could not take on the service role.",
        "Such a failure may pass by itself, so the same is deployed once more.",
        "Created the stack demo: CREATE_COMPLETE.",
    ] {
        let flowing = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flowing.contains(text), "{text} is not in:\n{said}");
    }
    assert_eq!(cloud.count("ExecuteChangeSet"), 2);
    assert_eq!(cloud.count("DeleteStack"), 1);
}

#[test]
fn it_is_tried_only_once_more_and_what_is_left_is_deleted_by_the_next_deployment() {
    let state = tempfile::tempdir().unwrap();
    let template = file(state.path(), "template.yaml", "Resources: {}\n");
    let words = [
        "deploy",
        template.to_str().unwrap(),
        "--name",
        "demo",
        "--yes",
    ];
    let cloud = Scripted::start(2);
    let failed = stack(state.path(), &cloud.endpoint, &words);
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(
        stderr(&failed).contains("the stack demo was not deployed: ROLLBACK_COMPLETE"),
        "{failed:?}"
    );
    assert_eq!(cloud.count("ExecuteChangeSet"), 2);

    // Somebody else's shell is not deleted without asking.
    let other = tempfile::tempdir().unwrap();
    let refused = stack(other.path(), &cloud.endpoint, &words);
    assert!(
        stderr(&refused).contains("was not deployed from this computer"),
        "{refused:?}"
    );
    let said = must(state.path(), &cloud.endpoint, &words);
    assert!(said.contains("It must be deleted first"), "{said}");
    assert!(said.contains("CREATE_COMPLETE."), "{said}");
}
