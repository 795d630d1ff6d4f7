//! What a failed build's record and log say, taken apart.

use std::cell::OnceCell;
use std::ops::Range;

use serde_json::Value;

use crate::watch::context;

/// The phases that run commands of the buildspec.
const COMMAND_PHASES: [&str; 4] = ["INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"];

/// What the log says before it repeats a command that runs, and one that failed.
const RUNNING: &str = " Running command ";
const NOT_SUCCESSFUL: &str = " Command did not exit successfully ";

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
    /// The lines of the log from the failed command to its end.
    span: OnceCell<Range<usize>>,
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
            span: OnceCell::new(),
        })
    }

    /// Whether the failed phase runs commands of the buildspec.
    pub(super) fn is_in_commands(&self) -> bool {
        COMMAND_PHASES.contains(&self.phase)
    }

    /// The phase's message with its code, if it has one of these texts, whatever the case of
    /// letters. The message of a failed command is not searched: it only repeats the command.
    pub(super) fn message_with(&self, texts: &[&str]) -> Option<String> {
        let line = self
            .context_line()
            .filter(|_| self.code != "COMMAND_EXECUTION_ERROR")?;
        has_one_of(&line, texts).then_some(line)
    }

    /// The last line that the failed command printed and that has one of these texts, whatever the
    /// case of letters. What the shell traces (`set -x`) and what a Docker Engine in the background
    /// says is not its output.
    pub(super) fn output_with(&self, texts: &[&str]) -> Option<String> {
        let found = self.output().rev().find(|line| has_one_of(line, texts));
        found.map(|line| line.trim_end().to_owned())
    }

    /// The last line of all that was printed up to the failure and that has one of these texts:
    /// programs in the background print at any time.
    pub(super) fn printed(&self, texts: &[&str]) -> Option<String> {
        self.last_printed(|line| has_one_of(line, texts))
    }

    /// As [`Failure::printed`], without what a Docker Engine says only for information.
    pub(super) fn complained(&self, texts: &[&str]) -> Option<String> {
        let is_information =
            |line: &str| line.starts_with("time=\"") && line.contains(" level=info ");
        self.last_printed(|line| !is_information(line) && has_one_of(line, texts))
    }

    fn last_printed(&self, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
        let before = self.log.get(..self.span().end).unwrap_or_default();
        let mut printed = before.iter().filter(|line| !is_codebuilds_own(line));
        let found = printed.rfind(|line| is_wanted(line));
        found.map(|line| line.trim_end().to_owned())
    }

    /// Whether a command of the build has this text. Of a command with several lines, the lines
    /// after the first are recognised by beginning with it.
    pub(super) fn ran(&self, text: &str) -> bool {
        let in_line = |line: &String| match started(line) {
            Some(command) => command.contains(text),
            None => {
                let line = line.trim_start();
                let line = line.strip_prefix("nohup ").unwrap_or(line);
                let first = line.split_whitespace().next().unwrap_or_default();
                first.rsplit('/').next() == Some(text)
            }
        };
        self.command().is_some_and(|command| command.contains(text)) || self.log.iter().any(in_line)
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
            if !self.is_in_commands() {
                return None;
            }
            let end = self.span().end;
            self.log
                .get(end)
                .filter(|line| line.contains(NOT_SUCCESSFUL))
                .and_then(|line| after(line))
        })
    }

    /// The command that failed or was cut off, from the phase's message or else from the log.
    pub(super) fn command(&self) -> Option<&str> {
        self.command_of_message().or_else(|| {
            let line = self.log.get(self.span().start)?;
            started(line).map(str::trim)
        })
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

    fn command_of_message(&self) -> Option<&str> {
        let (_, rest) = self.message.split_once("Error while executing command: ")?;
        let (command, _) = rest.rsplit_once(". Reason:")?;
        Some(command.trim())
    }

    /// What the failed command printed.
    fn output(&self) -> impl DoubleEndedIterator<Item = &'a String> {
        let lines = self.log.get(self.span().clone()).unwrap_or_default();
        // The log repeats a command with all of its lines.
        let repeated = self.command_of_message().unwrap_or_default();
        let rest = repeated.split('\n').skip(1).map(str::trim_end);
        let skipped = match lines.first().map(|line| started(line)) {
            Some(Some(_)) => {
                let same = rest.zip(lines.iter().skip(1));
                1 + same
                    .take_while(|(repeated, line)| *repeated == line.trim_end())
                    .count()
            }
            _ => 0,
        };
        lines
            .iter()
            .skip(skipped)
            .filter(|line| !is_codebuilds_own(line))
            .filter(|line| !line.starts_with("+ ") && !line.starts_with("time=\""))
    }

    /// From the line that starts the failed command to the one that says that it failed. All of the
    /// log up to the failure where it does not say which command that is; nothing if it was no
    /// command that failed.
    fn span(&self) -> &Range<usize> {
        self.span.get_or_init(|| {
            if self.phase == "PROVISIONING" {
                // Only the container's first program can have printed something.
                return 0..self.log.len();
            }
            if !self.is_in_commands() {
                return 0..0;
            }
            let phase_end = format!(" Phase complete: {} State: ", self.phase);
            let is_end = |line: &String| {
                line.starts_with("[Container]")
                    && line.contains(&phase_end)
                    && !line.contains("State: SUCCEEDED")
            };
            let phase_end = self.log.iter().position(is_end);
            let before = |end: usize| self.log.get(..end).unwrap_or_default();
            let last = |end: usize, marker: &str, command: &str| {
                let is_it = |line: &String| {
                    let after = line.split_once(marker).map(|(_, after)| after);
                    line.starts_with("[Container]")
                        && after.is_some_and(|after| after.starts_with(command))
                };
                before(end).iter().rposition(is_it)
            };
            let command = self.command_of_message().unwrap_or_default();
            let command = command.lines().next().unwrap_or_default().trim_end();
            let end = phase_end.unwrap_or(self.log.len());
            let ended = match self.status {
                "FAILED" => {
                    last(end, NOT_SUCCESSFUL, command).or_else(|| last(end, NOT_SUCCESSFUL, ""))
                }
                // The command at hand did not come to its end.
                _ => None,
            };
            let end = ended.unwrap_or(end);
            let start = last(end, RUNNING, command).or_else(|| last(end, RUNNING, ""));
            start.unwrap_or(0)..end
        })
    }
}

/// The command that this line of the log says is run now.
fn started(line: &str) -> Option<&str> {
    let (_, command) = line
        .starts_with("[Container]")
        .then(|| line.split_once(RUNNING))??;
    Some(command)
}

/// Lines that CodeBuild writes itself. They repeat commands, and tell what is no failure: that an
/// image could not be pulled before the local AWS took a stand-in.
fn is_codebuilds_own(line: &str) -> bool {
    line.starts_with("[Container]")
}

fn has_one_of(line: &str, texts: &[&str]) -> bool {
    let line = line.to_lowercase();
    texts.iter().any(|text| line.contains(&text.to_lowercase()))
}
