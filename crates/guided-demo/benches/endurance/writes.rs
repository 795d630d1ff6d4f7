//! `kill -9` of the server while several clients write: every acknowledged write is there.

use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use codebuild_core::AwsCommand;
use codebuild_core::Session;
use serde_json::Value;
use tokio::task::JoinSet;

use crate::serving::Serving;

const ROUNDS: u64 = 100;
const WRITERS: usize = 4;
/// How long the writers may go on before the server is killed.
const LONGEST: u64 = 400;

const PROJECT: &str = r#"--artifacts type=NO_ARTIFACTS
    --source '{"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases:\n  build:\n    commands: [\"true\"]\n"}'
    --environment type=LINUX_CONTAINER,image=docker:dind,computeType=BUILD_GENERAL1_SMALL
    --service-role arn:aws:iam::000000000000:role/service-role/codebuild-demo"#;

pub(crate) async fn run() {
    let state = tempfile::tempdir().unwrap();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut projects = Vec::new();
    let mut events = Vec::new();
    let mut last_description = String::new();
    let mut slowest_start = Duration::ZERO;
    for round in 0..ROUNDS {
        // xorshift: the same moments in every run.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let started = Instant::now();
        let serving = Serving::start(state.path(), &[]);
        slowest_start = slowest_start.max(started.elapsed());
        let session = serving.session().await;
        if round == 0 {
            call(
                &session,
                &format!("codebuild create-project --name same {PROJECT}"),
            )
            .await
            .unwrap();
            call(&session, "logs create-log-group --log-group-name writes")
                .await
                .unwrap();
            call(
                &session,
                "logs create-log-stream --log-group-name writes --log-stream-name s",
            )
            .await
            .unwrap();
        }
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            writers.spawn(write(session.clone(), round, writer));
        }
        tokio::time::sleep(Duration::from_millis(random % LONGEST)).await;
        serving.kill();
        while let Some(written) = writers.join_next().await {
            let written = written.unwrap();
            projects.extend(written.projects);
            events.extend(written.events);
            if let Some(description) = written.description {
                last_description = description;
            }
        }
    }

    let serving = Serving::start(state.path(), &[]);
    let session = serving.session().await;
    for names in projects.chunks(100) {
        let line = format!("codebuild batch-get-projects --names {}", names.join(" "));
        let reply = call(&session, &line).await.unwrap();
        assert_eq!(reply["projectsNotFound"], Value::Array(Vec::new()));
    }
    let reply = call(&session, "codebuild batch-get-projects --names same")
        .await
        .unwrap();
    let description = reply["projects"][0]["description"]
        .as_str()
        .unwrap_or_default();
    // A later one may have been written without being acknowledged.
    assert!(
        number(description) >= number(&last_description),
        "{description} is older than {last_description}"
    );
    let line = "logs filter-log-events --log-group-name writes";
    let reply = call(&session, line).await.unwrap();
    let kept: std::collections::HashSet<&str> = reply["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["message"].as_str())
        .collect();
    for event in &events {
        assert!(kept.contains(event.as_str()), "{event} is lost");
    }
    serving.kill();
    println!(
        "writes: {ROUNDS} kills under write load; {} projects, {} log events and the last update of a project that were acknowledged are all there; slowest start {} ms",
        projects.len(),
        events.len(),
        slowest_start.as_millis()
    );
}

/// What a writer was told is written.
#[derive(Default)]
struct Written {
    projects: Vec<String>,
    events: Vec<String>,
    description: Option<String>,
}

/// Writes until the server is gone: the first writer updates one project, the second puts log
/// events, the others create projects.
async fn write(session: Session, round: u64, writer: usize) -> Written {
    let mut written = Written::default();
    for count in 0.. {
        let name = format!("p{round}-{writer}-{count}");
        let number = round * 1_000_000 + count;
        let line = match writer {
            0 => format!("codebuild update-project --name same --description {number}"),
            1 => format!(
                "logs put-log-events --log-group-name writes --log-stream-name s --log-events timestamp={},message={name}",
                std::time::SystemTime::now()
                    .duration_since(std::time::UNIX_EPOCH)
                    .unwrap()
                    .as_millis()
            ),
            _ => format!("codebuild create-project --name {name} {PROJECT}"),
        };
        if call(&session, &line).await.is_err() {
            break;
        }
        match writer {
            0 => written.description = Some(number.to_string()),
            1 => written.events.push(name),
            _ => written.projects.push(name),
        }
    }
    written
}

fn number(description: &str) -> u64 {
    description.parse().unwrap_or(0)
}

async fn call(session: &Session, line: &str) -> Result<Value, String> {
    let words = shlex::split(line).unwrap();
    let command = AwsCommand::parse(&words, Path::new(".")).unwrap();
    let output = command.run(session).await;
    output
        .map(|output| output.response)
        .map_err(|error| error.to_string())
}
