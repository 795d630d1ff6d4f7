//! What a failed build's record and log say, taken apart.

use std::cell::OnceCell;

use serde_json::Value;

use crate::watch::context;

/// A build that did not succeed.
pub(super) struct Failure<'a> {
    /// `FAILED`, `FAULT`, `STOPPED` or `TIMED_OUT`.
    pub(super) status: &'a str,
    /// The first phase that did not succeed, such as `INSTALL`.
    pub(super) phase: &'a str,
    /// The phase's status code, such as `COMMAND_EXECUTION_ERROR`.
    pub(super) code: String,
    /// The phase's message.
    pub(super) message: String,
    /// The build image.
    pub(super) image: &'a str,
    /// Whether the build had privileged mode.
    pub(super) privileged: bool,
    /// The build's time limit.
    pub(super) timeout_minutes: Option<i64>,
    log: &'a [String],
    lower_log: OnceCell<Vec<String>>,
}

impl<'a> Failure<'a> {
    /// `None` for a build that succeeded or is not over.
    pub(super) fn of(build: &'a Value, log: &'a [String]) -> Option<Self> {
        let text = |path: &str| build.pointer(path).and_then(Value::as_str);
        let status = text("/buildStatus")?;
        if !matches!(status, "FAILED" | "FAULT" | "STOPPED" | "TIMED_OUT") {
            return None;
        }
        let failed = build
            .get("phases")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .find(|phase| {
                phase
                    .get("phaseStatus")
                    .and_then(Value::as_str)
                    .is_some_and(|status| status != "SUCCEEDED" && status != "IN_PROGRESS")
            });
        let (code, message) = failed.and_then(context).unwrap_or_default();
        Some(Self {
            status,
            phase: failed
                .and_then(|phase| phase.get("phaseType"))
                .and_then(Value::as_str)
                .unwrap_or_default(),
            code,
            message,
            image: text("/environment/image").unwrap_or_default(),
            privileged: build
                .pointer("/environment/privilegedMode")
                .and_then(Value::as_bool)
                .unwrap_or(false),
            timeout_minutes: build.get("timeoutInMinutes").and_then(Value::as_i64),
            log,
            lower_log: OnceCell::new(),
        })
    }

    /// The last line of the log that has one of these texts, whatever the case of letters. Lines
    /// that only repeat a command are not evidence.
    pub(super) fn line_with(&self, texts: &[&str]) -> Option<String> {
        let lower = self
            .lower_log
            .get_or_init(|| self.log.iter().map(|line| line.to_lowercase()).collect());
        let at = lower.iter().rposition(|line| {
            !is_echo(line) && texts.iter().any(|text| line.contains(&text.to_lowercase()))
        })?;
        self.log.get(at).map(|line| line.trim_end().to_owned())
    }

    /// Whether a command of the build has this text.
    pub(super) fn ran(&self, text: &str) -> bool {
        self.log
            .iter()
            .filter(|line| line.starts_with("[Container]"))
            .filter_map(|line| line.split_once(" Running command "))
            .any(|(_, command)| command.contains(text))
    }

    /// The exit status of the command that failed, from the phase's message or the log:
    /// `… exit status 143`.
    pub(super) fn exit_status(&self) -> Option<i32> {
        let after = |text: &str| {
            let (_, number) = text.rsplit_once("exit status ")?;
            number
                .trim()
                .trim_end_matches(|c: char| !c.is_ascii_digit())
                .parse()
                .ok()
        };
        after(&self.message).or_else(|| {
            self.log
                .iter()
                .rev()
                .filter(|line| line.contains("Command did not exit successfully"))
                .find_map(|line| after(line))
        })
    }

    /// The command that failed, from the phase's message.
    pub(super) fn command(&self) -> Option<&str> {
        let (_, rest) = self.message.split_once("Error while executing command: ")?;
        let (command, _) = rest.rsplit_once(". Reason:")?;
        Some(command.trim())
    }

    /// The phase's message, with its code.
    pub(super) fn context_line(&self) -> Option<String> {
        match (self.code.is_empty(), self.message.is_empty()) {
            (true, true) => None,
            (true, false) => Some(self.message.clone()),
            (false, true) => Some(self.code.clone()),
            (false, false) => Some(format!("{}: {}", self.code, self.message.trim_end())),
        }
    }
}

/// The log repeats each command before it runs and when it fails. And the local AWS tells which
/// build image it could not pull, before it takes a stand-in: that is no failure.
fn is_echo(lower_line: &str) -> bool {
    lower_line.starts_with("[container]")
        && [
            " running command ",
            " command did not exit successfully",
            " phase context status code",
            " unable to pull image ",
        ]
        .iter()
        .any(|text| lower_line.contains(text))
}
