//! Sandboxes in real containers, with what the neighbouring services have.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use local_aws::EngineChoice;
use local_aws::LocalAws;
use serde_json::Value;
use serde_json::json;

use crate::docker::engine;
use crate::raw::call_json;
use crate::raw::call_s3;
use crate::s3::LOCATION;
use crate::sandboxes::command;
use crate::sandboxes::run;
use crate::sandboxes::start;
use crate::sandboxes::wait_for;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;

/// The containers that a sandbox has on the Docker Engine.
fn containers(id: &str) -> String {
    let label = format!("label=guided-demo.build-id={id}");
    let found = Command::new("docker")
        .args(["ps", "--all", "--quiet", "--filter", &label])
        .output()
        .unwrap();
    String::from_utf8(found.stdout).unwrap()
}

async fn until_no_containers(id: &str) {
    let gone = async {
        while !containers(id).is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let gone = tokio::time::timeout(Duration::from_secs(30), gone).await;
    gone.expect("the container is still there");
}

fn project() -> Value {
    json!({
        "name": "demo",
        "serviceRole": "arn:aws:iam::123456789012:role/service-role/codebuild-demo",
        "source": {
            "type": "S3", "location": "demo-bucket/sources/",
            "buildspec": "no/such/buildspec.yml",
        },
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "docker:dind",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [
                { "name": "PASSWORD", "value": "/app/password", "type": "PARAMETER_STORE" },
            ],
        },
        "artifacts": { "type": "S3", "location": "no-such-bucket" },
        "logsConfig": {
            "s3Logs": { "status": "ENABLED", "location": "demo-bucket/logs" },
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_has_source_secrets_and_a_log_and_needs_no_buildspec() {
    let Some(engine) = engine().await else { return };
    let state = tempfile::tempdir().unwrap();
    let runner = Arc::default();
    let mut config = config(state.path(), &runner);
    config.engine = EngineChoice::Connected(engine);
    let aws = LocalAws::start(config).await.unwrap();
    let server = TestServer { aws, runner, state };
    let access = server.access();
    call_s3(access, "PUT", "/demo-bucket", &[], LOCATION).await;
    call_s3(access, "PUT", "/demo-bucket/sources/word", &[], b"hello").await;
    let parameter =
        json!({ "Name": "/app/password", "Value": "pass-se-word", "Type": "SecureString" });
    call_json(access, "AmazonSSM.PutParameter", parameter).await;
    call_json(access, "CodeBuild_20161006.CreateProject", project()).await;

    let client = server.codebuild();
    let id = start(&client, "demo").await;
    let text = "cat word; [ \"$PASSWORD\" = pass-se-word ] && echo \" $PASSWORD\" >&2; KEPT=yes";
    let first = run(&client, &id, text).await;
    let text = "echo $KEPT; printf '%s' \"${AWS_ENDPOINT_URL:+reachable}\"; exit 4";
    let second = run(&client, &id, text).await;
    let second = command(&client, &id, &second, "FAILED").await;
    assert_eq!(second.exit_code(), Some("4"));
    assert_eq!(second.standard_output_content(), Some("yes\nreachable"));
    let first = command(&client, &id, &first, "SUCCEEDED").await;
    assert_eq!(first.standard_output_content(), Some("hello"));
    assert_eq!(first.standard_err_content(), Some(" ***\n"));
    let logs = second.logs().unwrap();
    let events = server
        .logs()
        .get_log_events()
        .log_group_name(logs.group_name().unwrap())
        .log_stream_name(logs.stream_name().unwrap())
        .start_from_head(true)
        .send()
        .await
        .unwrap();
    let messages = events.events().iter();
    let messages: Vec<&str> = messages.map(|event| event.message().unwrap()).collect();
    for line in ["hello\n", " ***\n", "yes\n"] {
        assert!(messages.contains(&line), "{line}: {messages:#?}");
    }

    let held = run(&client, &id, "echo held; sleep 1000").await;
    command(&client, &id, &held, "IN_PROGRESS").await;
    assert_ne!(containers(&id), "", "the sandbox has no container");
    let stopping = client.stop_sandbox().id(&id).send().await.unwrap();
    let session = stopping
        .sandbox()
        .unwrap()
        .current_session()
        .unwrap()
        .clone();
    let shown = (session.status().unwrap(), session.current_phase().unwrap());
    assert!(
        [("STOPPING", "RUN_SANDBOX"), ("STOPPED", "COMPLETED")].contains(&shown),
        "{shown:?}"
    );
    wait_for(&client, &id, "STOPPED").await;
    command(&client, &id, &held, "STOPPED").await;
    assert_eq!(containers(&id), "");
    let uuid = id.split_once(':').unwrap().1;
    let log = format!("/demo-bucket/logs/{uuid}.gz");
    let log = call_s3(access, "HEAD", &log, &[], b"").await;
    assert_eq!(log.status, 200);
    server.aws.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_a_sandbox_when_its_server_is_killed_or_shut_down() {
    if engine().await.is_none() {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let (mut child, access) = crate::kill::serve_on_docker(state.path());
    let client = codebuild(&access);
    create_project(&client, "demo", &[]).await;
    let id = start(&client, "demo").await;
    let held = run(&client, &id, "trap '' TERM; sleep 1000").await;
    command(&client, &id, &held, "IN_PROGRESS").await;
    assert_ne!(containers(&id), "", "the sandbox has no container");
    child.kill();

    let mut config = config(state.path(), &Arc::default());
    config.engine = EngineChoice::Connect(None);
    let aws = LocalAws::start(config).await.unwrap();
    let client = codebuild(aws.access());
    wait_for(&client, &id, "FAULT").await;
    command(&client, &id, &held, "FAULT").await;
    until_no_containers(&id).await;

    let id = start(&client, "demo").await;
    let held = run(&client, &id, "sleep 1000").await;
    command(&client, &id, &held, "IN_PROGRESS").await;
    aws.shutdown().await;
    assert_eq!(containers(&id), "");
}
