//! Builds whose time is over. The API takes five minutes at least, the engine any time.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use build_engine::BuildRequest;
use build_engine::BuildspecLocation;
use build_engine::Engine;
use build_engine::Event;
use build_engine::FetchedSource;
use build_engine::LogSink;
use build_engine::PhaseContext;
use build_engine::Source;
use codebuild_core::diagnose;
use serde_json::Value;
use serde_json::json;

use crate::serving::has_docker;

/// One command in BUILD.
struct OneCommand(&'static str);

impl Source for OneCommand {
    fn fetch<'a>(
        &'a self,
        _log: &'a LogSink,
    ) -> Pin<Box<dyn Future<Output = Result<FetchedSource, PhaseContext>> + Send + 'a>> {
        let buildspec = json!({
            "version": 0.2,
            "phases": {"build": {"commands": [self.0]}},
        });
        Box::pin(async move {
            Ok(FetchedSource {
                archive: None,
                remove_archive: false,
                directory: String::new(),
                resolved_version: None,
                buildspec: BuildspecLocation::Inline(buildspec.to_string()),
                secondary: Vec::new(),
            })
        })
    }
}

/// Runs a build of one command until its time is over. Gives its record and log.
async fn build(engine: &Engine, command: &'static str) -> (Value, Vec<String>) {
    let id = uuid::Uuid::new_v4();
    let request = BuildRequest {
        privileged: true,
        timeout: Duration::from_secs(4),
        ..BuildRequest::new(
            format!("time-over:{id}"),
            format!("guided-demo-test-{id}"),
            "docker:dind".to_owned(),
            Arc::new(OneCommand(command)),
        )
    };
    let mut running = engine.run(request);
    let (mut log, mut phases) = (Vec::new(), Vec::new());
    loop {
        match running.events.recv().await.unwrap() {
            Event::Log { message, .. } => log.push(message),
            Event::PhaseEnded {
                phase,
                status,
                context,
                ..
            } => phases.push(json!({
                "phaseType": phase.as_str(),
                "phaseStatus": status.as_str(),
                "contexts": [{"statusCode": context.status_code, "message": context.message}],
            })),
            Event::Finished { status, .. } => {
                let record = json!({
                    "buildStatus": status.as_str(),
                    "timeoutInMinutes": 5,
                    "environment": {"image": "docker:dind", "privilegedMode": true},
                    "phases": phases,
                });
                return (record, log);
            }
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn builds_whose_time_is_over_are_explained() {
    if !has_docker() {
        return;
    }
    let engine = Engine::connect(None).await.unwrap();
    let explain = async |command, cause| {
        let (record, log) = build(&engine, command).await;
        let found = diagnose(&record, &log);
        assert_eq!(found[0].id, cause, "{found:#?}\n{record:#}\n{log:#?}");
    };
    tokio::join!(
        explain("sleep 600", "build-timed-out"),
        explain(
            "until docker info; do sleep 0.2; done",
            "docker-daemon-not-started"
        ),
    );
}
