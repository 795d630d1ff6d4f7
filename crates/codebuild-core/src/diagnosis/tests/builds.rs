//! Builds that failed, put together for the tests.

use serde_json::Value;
use serde_json::json;

use super::super::Diagnosis;
use super::super::diagnose;

pub(super) const NO_ENGINE_28: &str = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
pub(super) const NO_ENGINE_29: &str = "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory";
pub(super) const DOCKERD: &str = "nohup /usr/local/bin/dockerd --host=unix:///var/run/docker.sock --host=tcp://127.0.0.1:2375 --storage-driver=overlay2 &";
pub(super) const WAIT: &str = r#"timeout 15 sh -c "until docker info; do echo .; sleep 1; done""#;

/// A build that did not succeed.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) record: Value,
    pub(super) log: Vec<String>,
}

impl Failed {
    /// A build that failed in a phase, with privileged mode on.
    pub(super) fn message(phase: &str, code: &str, message: &str) -> Self {
        let record = json!({
            "buildStatus": "FAILED",
            "buildComplete": true,
            "timeoutInMinutes": 20,
            "environment": {"image": "docker:dind", "privilegedMode": true},
            "phases": [
                {"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED"},
                {"phaseType": "PROVISIONING", "phaseStatus": "SUCCEEDED", "contexts": [{"statusCode": "", "message": ""}]},
                {"phaseType": phase, "phaseStatus": "FAILED", "contexts": [{"statusCode": code, "message": message}]},
                {"phaseType": "COMPLETED"},
            ],
        });
        Self {
            record,
            log: Vec::new(),
        }
    }

    /// A build in which these commands ran, each with what was printed meanwhile. The last one
    /// failed, in BUILD.
    pub(super) fn after(commands: &[(&str, &[&str])], status: i32) -> Self {
        let (failed, _) = commands.last().unwrap();
        let message =
            format!("Error while executing command: {failed}. Reason: exit status {status}");
        let mut build = Self::message("BUILD", "COMMAND_EXECUTION_ERROR", &message);
        for (command, printed) in commands {
            build.say(&format!("Running command {command}"));
            build
                .log
                .extend(printed.iter().map(|&line| line.to_owned()));
            build.log.push(String::new());
        }
        build.say(&format!(
            "Command did not exit successfully {failed} exit status {status}"
        ));
        build.say("Phase complete: BUILD State: FAILED");
        build.say(&format!(
            "Phase context status code: COMMAND_EXECUTION_ERROR Message: {message}"
        ));
        build
    }

    /// A command that failed in BUILD, after an engine was started and waited for as in the demo.
    pub(super) fn command(command: &str, status: i32, printed: &[&str]) -> Self {
        let started: &[&str] = &[
            NO_ENGINE_28,
            ".",
            r#"time="2025-10-09T08:00:01Z" level=info msg="Daemon has completed initialization""#,
            r#"time="2025-10-09T08:00:01Z" level=warning msg="Error getting v2 registry: no such host""#,
            "Server Version: 29.7.2",
        ];
        Self::after(
            &[(DOCKERD, &[]), (WAIT, started), (command, printed)],
            status,
        )
    }

    pub(super) fn without_privileged_mode(mut self) -> Self {
        self.record["environment"]["privilegedMode"] = json!(false);
        self
    }

    pub(super) fn in_image(mut self, image: &str) -> Self {
        self.record["environment"]["image"] = json!(image);
        self
    }

    /// The status that the build and its phase end with.
    pub(super) fn end(&mut self, status: &str) {
        self.record["buildStatus"] = json!(status);
        self.record["phases"][2]["phaseStatus"] = json!(status);
    }

    pub(super) fn phase(&mut self, phase: &str) {
        self.record["phases"][2]["phaseType"] = json!(phase);
    }

    pub(super) fn say(&mut self, text: &str) {
        // Each line of a message is a line of the log.
        let text = format!("[Container] 2025/10/09 08:00:00.000000 {text}");
        self.log.extend(text.split('\n').map(str::to_owned));
    }

    pub(super) fn diagnosed(&self) -> Vec<Diagnosis> {
        diagnose(&self.record, &self.log)
    }

    pub(super) fn id(&self) -> &'static str {
        self.diagnosed()[0].id
    }
}
