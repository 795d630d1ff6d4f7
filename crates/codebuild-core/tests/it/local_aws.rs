//! The whole way against the local AWS: commands, a watched build, its diagnosis, its replay.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;

use build_engine::BuildRequest;
use build_engine::Event;
use build_engine::HostRoute;
use build_engine::Phase;
use build_engine::PhaseContext;
use build_engine::PhaseStatus;
use codebuild_core::AwsCommand;
use codebuild_core::CommandOutput;
use codebuild_core::Keys;
use codebuild_core::Session;
use codebuild_core::Target;
use codebuild_core::WatchEvent;
use codebuild_core::diagnose;
use codebuild_core::watch;
use futures_util::TryStreamExt;
use jiff::Timestamp;
use local_aws::BuildRunner;
use local_aws::Config;
use local_aws::EngineChoice;
use local_aws::LocalAws;
use local_aws::RunnerFuture;
use local_aws::StartedBuild;
use local_aws::StartedSandbox;
use serde_json::json;

use crate::canned_aws::words;

/// Plays a build whose INSTALL waits for an engine in vain, as without privileged mode.
#[derive(Debug)]
pub(crate) struct NoDocker;

struct Played(Vec<Event>);

impl BuildRunner for NoDocker {
    fn start(&self, _request: BuildRequest) -> RunnerFuture<'_, Box<dyn StartedBuild>> {
        let at = Timestamp::now();
        let log = |message: &str| Event::Log {
            at,
            message: message.to_owned(),
        };
        let mut events = Vec::new();
        for phase in [Phase::Provisioning, Phase::DownloadSource, Phase::Install] {
            events.push(Event::PhaseStarted { phase, at });
            let mut status = PhaseStatus::Succeeded;
            let mut context = PhaseContext::default();
            if phase == Phase::Install {
                events.push(log(
                    "[Container] 2025/10/09 08:00:00.1 Running command dockerd &",
                ));
                events.push(log("failed to mount overlay: operation not permitted"));
                status = PhaseStatus::Failed;
                context = PhaseContext {
                    status_code: "COMMAND_EXECUTION_ERROR".to_owned(),
                    message: "Error while executing command: timeout 15 docker info. Reason: exit status 143".to_owned(),
                };
            }
            events.push(Event::PhaseEnded {
                phase,
                status,
                context,
                at,
            });
        }
        events.push(Event::Finished {
            status: PhaseStatus::Failed,
            at,
        });
        let build: Box<dyn StartedBuild> = Box::new(Played(events));
        Box::pin(async { Ok(build) })
    }

    fn start_sandbox(&self, _request: BuildRequest) -> RunnerFuture<'_, Box<dyn StartedSandbox>> {
        Box::pin(async { Err("this test has no sandboxes".to_owned()) })
    }

    fn host_route(&self) -> RunnerFuture<'_, HostRoute> {
        Box::pin(async { Ok(HostRoute::DockerInternal) })
    }

    fn remove_leftovers<'a>(&'a self, _owner: &'a str) -> RunnerFuture<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn remove_caches<'a>(
        &'a self,
        _owner: &'a str,
        _project: Option<&'a str>,
    ) -> RunnerFuture<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl StartedBuild for Played {
    fn events<'a>(
        &'a mut self,
        into: &'a mut Vec<Event>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        into.append(&mut self.0);
        Box::pin(async {})
    }

    fn stop(&self) {}
}

const PROJECT: &str = "project.json";

async fn aws(session: &Session, directory: &Path, line: &str) -> CommandOutput {
    let command = AwsCommand::parse(&words(line), directory).unwrap();
    command.run(session).await.unwrap()
}

/// What a walk does; gives the events of the build.
async fn walk(session: &Session, directory: &Path) -> Vec<WatchEvent> {
    let line = "codebuild create-project --cli-input-json file://project.json --query project.name --output text";
    assert_eq!(aws(session, directory, line).await.text, "demo\n");
    let projects = aws(session, directory, "codebuild list-projects --output text").await;
    assert_eq!(projects.text, "PROJECTS\tdemo\n");
    let line =
        "codebuild batch-get-projects --name demo --query projects[0].environment.privilegedMode";
    assert_eq!(aws(session, directory, line).await.text, "false\n");
    let line = "codebuild start-build --project-name demo --query build.id --output text";
    let id = aws(session, directory, line).await.text;
    let id = id.trim();
    watch(session, id).try_collect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_is_made_built_watched_explained_and_replayed() {
    let directory = tempfile::tempdir().unwrap();
    let project = json!({
        "name": "demo",
        "source": {"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases:\n  build:\n    commands:\n      - docker info\n"},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "docker:dind",
            "computeType": "BUILD_GENERAL1_SMALL",
            "privilegedMode": false,
        },
        "serviceRole": "arn:aws:iam::123456789012:role/service-role/codebuild-demo",
    });
    std::fs::write(directory.path().join(PROJECT), project.to_string()).unwrap();
    let server = LocalAws::start(Config {
        state_dir: directory.path().join("state"),
        listen: "127.0.0.1:0".parse().unwrap(),
        region: "eu-central-1".to_owned(),
        account_id: "123456789012".to_owned(),
        engine: EngineChoice::Runner(Arc::new(NoDocker)),
        checkouts: Vec::new(),
        check_answers: true,
    })
    .await
    .unwrap();
    let access = server.access().clone();
    let session = Session::connect(Target::Endpoint {
        url: access.endpoint,
        region: Some(access.region),
        profile: None,
        keys: Some(Keys {
            access_key_id: access.credentials.access_key_id,
            secret_access_key: access.credentials.secret_access_key,
        }),
    })
    .await
    .unwrap();
    session.begin_scene("walk");
    let events = walk(&session, directory.path()).await;
    let Some(WatchEvent::Finished { status, build }) = events.last() else {
        panic!("{events:?}");
    };
    assert_eq!(status, "FAILED");
    let log: Vec<String> = events
        .iter()
        .filter_map(|event| match event {
            WatchEvent::Log { message, .. } => Some(message.clone()),
            _ => None,
        })
        .collect();
    let found = diagnose(build, &log);
    assert_eq!(found[0].id, "privileged-mode-off", "{found:?}");
    assert_eq!(
        found[0].evidence.as_deref(),
        Some("failed to mount overlay: operation not permitted")
    );
    assert_eq!(session.identity().await.unwrap().account, "123456789012");

    let recording = directory.path().join("walk.json");
    session.save_recording(&recording).unwrap();
    server.shutdown().await;
    let replay = Session::connect(Target::Replay {
        file: recording,
        pace: 0.0,
    })
    .await
    .unwrap();
    replay.begin_scene("walk");
    assert_eq!(walk(&replay, directory.path()).await, events);
}
