//! Runs builds on the local AWS and has their failures explained.

use std::path::Path;
use std::sync::Arc;

use codebuild_core::AwsCommand;
use codebuild_core::CommandOutput;
use codebuild_core::Diagnosis;
use codebuild_core::Session;
use codebuild_core::WatchEvent;
use codebuild_core::diagnose;
use futures_util::StreamExt;
use serde_json::Value;
use serde_json::json;
use tokio::task::JoinSet;

use crate::serving::Serving;

const PROJECT: &str = "failures";

/// A build that shall fail.
#[derive(Clone, Debug)]
pub(super) struct Failing {
    /// The cause that the diagnosis shall name.
    pub(super) cause: &'static str,
    /// What the evidence contains.
    pub(super) shows: &'static str,
    /// The whole buildspec.
    pub(super) buildspec: String,
    /// Further options of start-build.
    pub(super) options: Vec<String>,
    /// StopBuild is called when this is in the log.
    pub(super) stopped_at: Option<&'static str>,
}

impl Failing {
    /// A build of these commands in the BUILD phase.
    pub(super) fn commands(
        cause: &'static str,
        shows: &'static str,
        commands: &[impl AsRef<str>],
    ) -> Self {
        let commands: Vec<&str> = commands.iter().map(AsRef::as_ref).collect();
        let phases = json!({"build": {"commands": commands}});
        Self::buildspec(
            cause,
            shows,
            json!({"version": 0.2, "phases": phases}).to_string(),
        )
    }

    pub(super) fn buildspec(
        cause: &'static str,
        shows: &'static str,
        buildspec: impl Into<String>,
    ) -> Self {
        Self {
            cause,
            shows,
            buildspec: buildspec.into(),
            options: Vec::new(),
            stopped_at: None,
        }
    }

    /// With further options of start-build.
    pub(super) fn with(mut self, options: &[&str]) -> Self {
        self.options
            .extend(options.iter().map(|&option| option.to_owned()));
        self
    }
}

/// A local AWS of its own for a test, with one project.
pub(super) struct Aws {
    session: Session,
    /// Where builds run.
    pub(super) serving: Serving,
    _state: tempfile::TempDir,
}

async fn run(session: &Session, words: &[&str]) -> CommandOutput {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    let command = AwsCommand::parse(&words, Path::new(".")).unwrap();
    let ran = command.run(session).await;
    ran.unwrap_or_else(|error| panic!("{words:?}: {error}"))
}

impl Aws {
    /// `checkout` is served as `https://github.com/guided-demo/empty`.
    pub(super) async fn start(checkout: Option<&Path>) -> Arc<Self> {
        let state = tempfile::tempdir().unwrap();
        let checkout = checkout.map(|directory| {
            format!(
                "https://github.com/guided-demo/empty={}",
                directory.display()
            )
        });
        let options: Vec<&str> = checkout
            .as_deref()
            .map_or_else(Vec::new, |checkout| vec!["--checkout", checkout]);
        let serving = Serving::start(state.path(), &options);
        let session = serving.session().await;
        let environment = json!({
            "type": "LINUX_CONTAINER",
            "image": "docker:dind",
            "computeType": "BUILD_GENERAL1_SMALL",
            "privilegedMode": true,
        });
        run(
            &session,
            &[
                "codebuild",
                "create-project",
                "--name",
                PROJECT,
                "--artifacts",
                "type=NO_ARTIFACTS",
                "--source",
                r#"{"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {build: {commands: ['true']}}"}"#,
                "--environment",
                &environment.to_string(),
                "--service-role",
                "arn:aws:iam::000000000000:role/service-role/codebuild-demo",
            ],
        )
        .await;
        Arc::new(Self {
            session,
            serving,
            _state: state,
        })
    }

    /// Runs the build to its end. Gives what the diagnosis finds, the record and the log.
    async fn build(&self, failing: &Failing) -> (Vec<Diagnosis>, Value, Vec<String>) {
        let mut words = vec!["codebuild", "start-build", "--project-name", PROJECT];
        if !failing.buildspec.is_empty() {
            words.extend(["--buildspec-override", &failing.buildspec]);
        }
        words.extend(failing.options.iter().map(String::as_str));
        let started = run(&self.session, &words).await.response;
        let id = started["build"]["id"].as_str().unwrap();
        let mut events = std::pin::pin!(codebuild_core::watch(&self.session, id));
        let mut log = Vec::new();
        while let Some(event) = events.next().await {
            match event.unwrap() {
                WatchEvent::Log { message, .. } => {
                    if failing.stopped_at == Some(message.trim_end()) {
                        run(&self.session, &["codebuild", "stop-build", "--id", id]).await;
                    }
                    log.push(message);
                }
                WatchEvent::Finished { build, .. } => {
                    return (diagnose(&build, &log), build, log);
                }
                _ => {}
            }
        }
        panic!("{} did not end", failing.cause);
    }

    /// Runs builds, `at_once` of them at the same time, and checks that each is explained.
    pub(super) async fn explains(self: &Arc<Self>, builds: Vec<Failing>, at_once: usize) {
        let mut waiting = builds.into_iter();
        let mut running = JoinSet::new();
        let mut wrong = Vec::new();
        loop {
            while running.len() < at_once {
                let Some(failing) = waiting.next() else { break };
                let aws = Arc::clone(self);
                running.spawn(async move {
                    let (found, build, log) = aws.build(&failing).await;
                    let is_right = found.first().is_some_and(|found| {
                        let evidence = found.evidence.as_deref().unwrap_or_default();
                        found.id == failing.cause && evidence.contains(failing.shows)
                    });
                    (!is_right).then(|| {
                        let tail = log.len().saturating_sub(40);
                        let phases = &build["phases"];
                        let status = &build["buildStatus"];
                        format!(
                            "{failing:#?}\nis explained as {found:#?}\n{status} {phases:#}\n{}",
                            log[tail..].join("\n")
                        )
                    })
                });
            }
            match running.join_next().await {
                Some(outcome) => wrong.extend(outcome.unwrap()),
                None => break,
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }
}
