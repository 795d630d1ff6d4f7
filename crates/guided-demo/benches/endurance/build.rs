//! Builds through the API of a `guided-demo serve`.

use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use codebuild_core::Session;
use serde_json::Value;

use crate::serving::aws;

/// Between two looks at a build.
const PAUSE: Duration = Duration::from_millis(50);

/// A build that was started.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    pub(crate) id: String,
    group: String,
    stream: String,
}

/// Makes the project that all builds belong to.
pub(crate) async fn create_project(session: &Session, further: &str) {
    let line = format!(
        r#"codebuild create-project --name endurance --artifacts type=NO_ARTIFACTS
        --source '{{"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases:\n  build:\n    commands: [\"true\"]\n"}}'
        --environment type=LINUX_CONTAINER,image=docker:dind,computeType=BUILD_GENERAL1_SMALL,privilegedMode=true
        --service-role arn:aws:iam::000000000000:role/service-role/codebuild-demo {further}"#
    );
    aws(session, &line).await;
}

/// Starts a build of this buildspec.
pub(crate) async fn start(session: &Session, buildspec: &str) -> Running {
    let line = format!(
        "codebuild start-build --project-name endurance --buildspec-override {}",
        shlex::try_quote(buildspec).unwrap()
    );
    let build = aws(session, &line).await.response["build"].take();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Running {
        id: text(&build["id"]),
        group: text(&build["logs"]["groupName"]),
        stream: text(&build["logs"]["streamName"]),
    }
}

impl Running {
    /// The build's record.
    pub(crate) async fn record(&self, session: &Session) -> Value {
        let line = format!("codebuild batch-get-builds --ids {}", self.id);
        aws(session, &line).await.response["builds"][0].take()
    }

    /// Waits until the build is complete.
    pub(crate) async fn complete(&self, session: &Session) -> Value {
        self.until(session, |build| build["buildComplete"] == true)
            .await
    }

    /// Waits until the build's record is as asked for.
    pub(crate) async fn until(&self, session: &Session, is: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let build = self.record(session).await;
            if is(&build) {
                return build;
            }
            assert!(
                started.elapsed() < Duration::from_secs(600),
                "never: {build:#}"
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// One page of the log after `token`, and the next token.
    pub(crate) async fn page(&self, session: &Session, token: &str) -> (Vec<String>, String) {
        let (group, stream) = (&self.group, &self.stream);
        let token = if token.is_empty() {
            String::new()
        } else {
            format!("--next-token {token}")
        };
        let line = format!(
            "logs get-log-events --start-from-head --log-group-name {group} --log-stream-name {stream} {token}"
        );
        let page = aws(session, &line).await.response;
        let events = page["events"].as_array().unwrap().iter();
        let messages = events.map(|event| event["message"].as_str().unwrap().to_owned());
        let next = page["nextForwardToken"].as_str().unwrap().to_owned();
        (messages.collect(), next)
    }

    /// The whole log.
    pub(crate) async fn log(&self, session: &Session) -> Vec<String> {
        let (mut log, mut token) = self.page(session, "").await;
        loop {
            let (more, next) = self.page(session, &token).await;
            log.extend(more);
            if next == token {
                return log;
            }
            token = next;
        }
    }

    /// The ids of the build's containers.
    pub(crate) fn containers(&self) -> Vec<String> {
        let label = format!("label=guided-demo.build-id={}", self.id);
        let output = Command::new("docker")
            .args(["ps", "--all", "--quiet", "--filter", &label])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

/// The volumes of the Docker Engine.
pub(crate) fn volumes() -> Vec<String> {
    let output = Command::new("docker")
        .args(["volume", "ls", "--quiet"])
        .output()
        .unwrap();
    let mut names: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}
