//! `kill -9` of the server at several moments of a stack's creation and deletion, as a student sees it.

use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use codebuild_core::Session;
use serde_json::Value;

use super::inventory::all_there_is;
use super::stderr;
use crate::command_line::guided_demo;
use crate::serving::Serving;

/// After how many events the server is killed; a creation and a deletion have 23 and more.
const MOMENTS: [usize; 4] = [1, 5, 11, 17];

/// All that a deployment can have without a source elsewhere.
const PARAMETERS: [&str; 3] = [
    "--parameter=SourceType=CODECOMMIT",
    "--parameter=CreateEcrRepository=yes",
    "--parameter=NotificationEmail=you@example.com",
];

fn stack(state: &Path, words: &[&str]) -> Output {
    let mut command = guided_demo(state);
    command.arg("stack").args(words).output().unwrap()
}

/// The same at the same time as the test.
fn spawn(state: &Path, words: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_guided-demo"))
        .arg("stack")
        .args(words)
        .env("GUIDED_DEMO_STATE_DIR", state)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Returns when so many events of an operation, such as `CREATE`, are there.
async fn wait_for(session: &Session, operation: &str, count: usize) {
    let line = "cloudformation describe-stack-events --stack-name demo-docker-in-docker";
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    loop {
        let command = codebuild_core::AwsCommand::parse(&words, Path::new(".")).unwrap();
        // Before the stack's creation and after its deletion there is none of this name.
        let Ok(answer) = command.run(session).await else {
            if operation == "DELETE" {
                return;
            }
            continue;
        };
        let events = answer.response["StackEvents"].as_array().unwrap().clone();
        let of_it = events.iter().filter(|event| {
            let status = event["ResourceStatus"].as_str().unwrap();
            status.starts_with(operation)
        });
        if of_it.count() >= count {
            return;
        }
    }
}

/// What `stack status` says once CloudFormation has come to an end; `None` if there is no stack.
fn settled(state: &Path) -> Option<Value> {
    loop {
        let output = stack(state, &["status", "--json"]);
        if output.status.code() == Some(1) {
            assert!(stderr(&output).contains("there is no stack"), "{output:?}");
            return None;
        }
        assert!(output.status.success(), "{output:?}");
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        if !status["status"].as_str().unwrap().ends_with("_IN_PROGRESS") {
            return Some(status);
        }
    }
}

/// A command whose server was killed either was done before, or says where to look.
fn assert_told(output: &Output) {
    assert!(
        output.status.success()
            || (output.status.code() == Some(4)
                && stderr(output).contains(" stack status demo-docker-in-docker ")),
        "{output:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_goes_on_where_it_was_and_nothing_is_orphaned() {
    for moment in MOMENTS {
        let state = tempfile::tempdir().unwrap();
        let state = state.path();
        let serving = Serving::start(state, &[]);
        let session = serving.session().await;
        let deploying = spawn(state, &[&["deploy", "--yes"], &PARAMETERS[..]].concat());
        wait_for(&session, "CREATE", moment).await;
        serving.kill();
        assert_told(&deploying.wait_with_output().unwrap());

        let serving = Serving::start(state, &[]);
        let session = serving.session().await;
        let status = settled(state).unwrap();
        assert_eq!(status["status"], "CREATE_COMPLETE", "{moment}: {status:#}");
        assert_eq!(status["ours"], true);
        let resources = status["resources"].as_array().unwrap();
        assert_eq!(resources.len(), 11, "{moment}: {status:#}");
        for resource in resources {
            assert_eq!(
                resource["ResourceStatus"], "CREATE_COMPLETE",
                "{moment}: {resource}"
            );
        }
        // One of each: the stack, its rule, role, log group, bucket, topic, subscription, project and
        // two repositories.
        let there = all_there_is(&session).await;
        assert_eq!(there.len(), 10, "{moment}: {there:?}");

        let deleting = spawn(state, &["delete", "--yes"]);
        wait_for(&session, "DELETE", moment).await;
        serving.kill();
        assert_told(&deleting.wait_with_output().unwrap());

        let serving = Serving::start(state, &[]);
        let session = serving.session().await;
        let status = settled(state);
        assert_eq!(status, None, "{moment}");
        let there = all_there_is(&session).await;
        assert_eq!(there, [] as [&str; 0], "{moment}");
        let again = stack(state, &["delete", "--yes"]);
        assert!(again.status.success(), "{again:?}");
        let left = guided_demo(state).args(["status", "--json"]).output();
        let left: Value = serde_json::from_slice(&left.unwrap().stdout).unwrap();
        assert_eq!(left["left"], serde_json::json!([]), "{moment}");
    }
}
