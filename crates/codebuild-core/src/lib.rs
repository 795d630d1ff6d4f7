//! The core API logic: each CodeBuild operation on any target through the AWS SDK, the `aws …`
//! command line that equals it, the build watched live, a failure diagnosed.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::Stream;
use jiff::Timestamp;
use serde_json::Value;

/// Where calls go. Nothing but [`Session::connect`] looks at this.
#[derive(Clone, Debug)]
pub enum Target {
    /// The user's own account, found as the AWS CLI finds it.
    Aws {
        /// A profile of `~/.aws/config`.
        profile: Option<String>,
        /// Overrides the profile's region.
        region: Option<String>,
    },
    /// An AWS-compatible endpoint.
    Endpoint {
        /// Such as `http://127.0.0.1:4566`.
        url: String,
        /// Overrides the profile's region.
        region: Option<String>,
        /// A profile of `~/.aws/config`.
        profile: Option<String>,
        /// Keys to sign with; without them, as for [`Target::Aws`].
        keys: Option<Keys>,
    },
    /// A recording of an earlier walk: answers come from the file, nothing is called.
    Replay {
        /// Written by [`Session::save_recording`].
        file: PathBuf,
        /// How much faster than recorded answers come: 1.0 is the recorded pace, 0.0 means no waiting.
        pace: f64,
    },
}

/// An access key pair.
#[derive(Clone)]
pub struct Keys {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key. Never shown.
    pub secret_access_key: String,
}

/// Clients for one target, with the wire tap in each. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Session {}

/// One request and its answer as they crossed the wire, credentials and signatures removed.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Such as `codebuild`.
    pub service: String,
    /// Such as `CreateProject`.
    pub operation: String,
    /// Method, path and headers, secrets removed.
    pub request_head: Vec<(String, String)>,
    /// The request body.
    pub request: Value,
    /// The HTTP status.
    pub status: u16,
    /// The response body.
    pub response: Value,
    /// When the request was sent.
    pub at: Timestamp,
    /// How long the answer took.
    pub took: Duration,
}

/// Who the credentials belong to (STS GetCallerIdentity).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Identity {
    /// The twelve-digit account id.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
}

/// Why a call failed. The message is for the person at the terminal; [`CallError::hint`] says what
/// to do next.
#[derive(Debug, thiserror::Error)]
pub enum CallError {}

impl Session {
    /// Makes clients for the target. Calls nothing yet.
    ///
    /// # Errors
    ///
    /// If a replay file cannot be read.
    pub async fn connect(_target: Target) -> Result<Self, CallError> {
        todo!()
    }

    /// The region that calls go to.
    #[must_use]
    pub fn region(&self) -> Option<String> {
        todo!()
    }

    /// Who the credentials belong to.
    ///
    /// # Errors
    ///
    /// If there are no credentials, or STS does not take them.
    pub async fn identity(&self) -> Result<Identity, CallError> {
        todo!()
    }

    /// Takes all exchanges since the last call of this function.
    #[must_use]
    pub fn take_exchanges(&self) -> Vec<Exchange> {
        todo!()
    }

    /// Names the part of the walk that the calls from now on belong to. A recording is kept and
    /// replayed scene by scene, so a scene that is run again replays from its beginning.
    pub fn begin_scene(&self, _scene: &str) {
        todo!()
    }

    /// Saves everything that crossed the wire since [`Session::connect`], scene by scene.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn save_recording(&self, _file: &Path) -> Result<(), CallError> {
        todo!()
    }
}

/// An `aws …` command line, parsed as the AWS CLI parses it.
#[derive(Clone, Debug)]
pub struct AwsCommand {}

/// Why a line is not a command we can run: names the word, its column and what was meant.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {}

/// What an `aws` command printed and returned.
#[derive(Clone, Debug)]
pub struct CommandOutput {
    /// The response before `--query`.
    pub response: Value,
    /// What the AWS CLI would print with these `--query` and `--output`, newline included; empty if
    /// the CLI prints nothing.
    pub text: String,
}

impl AwsCommand {
    /// Parses words that follow `aws`. `directory` is where `file://` paths are relative to.
    ///
    /// # Errors
    ///
    /// If a service, operation, option or value is not known or does not fit.
    pub fn parse(_words: &[String], _directory: &Path) -> Result<Self, CommandError> {
        todo!()
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// If the service refuses it or cannot be reached.
    pub async fn run(&self, _session: &Session) -> Result<CommandOutput, CallError> {
        todo!()
    }
}

/// What changed in a watched build.
#[derive(Clone, Debug, PartialEq)]
pub enum WatchEvent {
    /// A phase began, or ended with a status. Names as in the API.
    Phase {
        /// Such as `INSTALL`.
        name: String,
        /// Such as `SUCCEEDED`; `None` while it runs.
        status: Option<String>,
        /// Status code and message, if not empty.
        context: Option<(String, String)>,
        /// How long it took, in seconds, once it is over.
        seconds: Option<i64>,
    },
    /// A line of the build log, without its newline.
    Log {
        /// The event's timestamp.
        at: Timestamp,
        /// The line.
        message: String,
    },
    /// The build is over; always last.
    Finished {
        /// Such as `SUCCEEDED`.
        status: String,
        /// The build as BatchGetBuilds gives it.
        build: Value,
    },
}

/// Watches a build until it is over: phase changes and log lines as one stream.
pub fn watch(
    _session: &Session,
    _build_id: &str,
) -> impl Stream<Item = Result<WatchEvent, CallError>> + Send + use<> {
    futures_util::stream::empty::<Result<WatchEvent, CallError>>()
}

/// What went wrong in a build, and how to put it right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnosis {
    /// A stable name, such as `privileged-mode-off`.
    pub id: &'static str,
    /// What happened, one sentence.
    pub what: String,
    /// Why, one or two sentences.
    pub why: String,
    /// How to fix it, one or two sentences.
    pub fix: String,
    /// The log line or context that shows it.
    pub evidence: Option<String>,
    /// The exam task it belongs to, such as `1.2`.
    pub exam_task: &'static str,
}

/// Explains a failed build from its record (as BatchGetBuilds gives it) and its log, most likely
/// cause first. Empty for a build that succeeded.
#[must_use]
pub fn diagnose(_build: &Value, _log: &[String]) -> Vec<Diagnosis> {
    todo!()
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}
