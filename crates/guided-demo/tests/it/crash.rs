//! `kill -9` in the middle of a build.

use std::process::Command;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;

use codebuild_core::WatchEvent;

use crate::serving::Serving;
use crate::serving::aws;
use crate::serving::has_docker;

const CREATE: &str = r#"codebuild create-project --name crash --artifacts type=NO_ARTIFACTS
    --source '{"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases:\n  build:\n    commands:\n      - echo under way\n      - sleep 600\n"}'
    --environment type=LINUX_CONTAINER,image=docker:dind,computeType=BUILD_GENERAL1_SMALL,privilegedMode=true
    --service-role arn:aws:iam::000000000000:role/service-role/codebuild-demo"#;

/// The containers and volumes that this build has on the Docker Engine.
fn left_behind(build_id: &str) -> String {
    let label = format!("label=guided-demo.build-id={build_id}");
    let containers = Command::new("docker")
        .args(["ps", "--all", "--quiet", "--filter", &label])
        .output()
        .unwrap();
    String::from_utf8(containers.stdout).unwrap()
}

#[tokio::test]
async fn a_killed_process_loses_nothing_and_leaves_nothing_behind() {
    if !has_docker() {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let session = serving.session().await;
    aws(&session, CREATE).await;
    let started = aws(&session, "codebuild start-build --project-name crash").await;
    let build_id = started.response["build"]["id"].as_str().unwrap().to_owned();
    {
        let mut events = std::pin::pin!(codebuild_core::watch(&session, &build_id));
        loop {
            match events.next().await.unwrap().unwrap() {
                WatchEvent::Log { message, .. } if message == "under way" => break,
                WatchEvent::Finished { build, .. } => panic!("the build ended: {build:#}"),
                _ => {}
            }
        }
    }
    assert_ne!(left_behind(&build_id), "", "the build has no container");
    serving.kill();

    let serving = Serving::start(state.path(), &[]);
    let session = serving.session().await;
    let projects = aws(&session, "codebuild list-projects").await.response;
    assert_eq!(projects["projects"], serde_json::json!(["crash"]));
    let build = aws(
        &session,
        &format!("codebuild batch-get-builds --ids {build_id}"),
    )
    .await
    .response;
    let build = &build["builds"][0];
    assert_eq!(build["buildStatus"], "FAULT", "{build:#}");
    assert_eq!(build["buildComplete"], true);
    let phases = build["phases"].as_array().unwrap();
    let interrupted = phases
        .iter()
        .find(|phase| phase["phaseType"] == "BUILD")
        .unwrap();
    assert_eq!(interrupted["phaseStatus"], "FAULT", "{build:#}");
    assert_ne!(
        interrupted["contexts"][0]["message"], "",
        "no reason given: {build:#}"
    );
    assert_eq!(phases.last().unwrap()["phaseType"], "COMPLETED");

    let events = "logs get-log-events --start-from-head --log-group-name /aws/codebuild/crash --log-stream-name";
    let stream = build["logs"]["streamName"].as_str().unwrap();
    let log: Value = aws(&session, &format!("{events} {stream}")).await.response;
    let messages: Vec<&str> = log["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["message"].as_str())
        .collect();
    assert!(
        messages
            .iter()
            .any(|message| message.trim_end() == "under way"),
        "{messages:#?}"
    );

    let gone = async {
        while !left_behind(&build_id).is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), gone)
        .await
        .expect("the container is still there");
}
