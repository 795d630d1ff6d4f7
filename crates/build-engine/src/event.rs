//! What a running build tells its owner.

use std::fmt;

use jiff::Timestamp;

/// A phase of a build or of a sandbox, in the order in which they pass through them.
///
/// The names are those of `BuildPhaseType` in the CodeBuild API reference, and `RUN_SANDBOX`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Phase {
    /// The build was accepted. Reported by the service, not by the engine.
    Submitted,
    /// The build waits for capacity. Reported by the service, not by the engine.
    Queued,
    /// The build container is prepared: the image is pulled and the container started.
    Provisioning,
    /// The source is fetched, the buildspec read, the environment resolved.
    DownloadSource,
    /// A sandbox runs the commands that it is given, until it is stopped. No phase of a build.
    RunSandbox,
    /// The `install` commands.
    Install,
    /// The `pre_build` commands.
    PreBuild,
    /// The `build` commands.
    Build,
    /// The `post_build` commands.
    PostBuild,
    /// The artifacts are collected.
    UploadArtifacts,
    /// The container is removed.
    Finalizing,
    /// The build is over. This phase only has a start time.
    Completed,
}

impl Phase {
    /// All eleven phases of a build in order.
    pub const ALL: [Self; 11] = [
        Self::Submitted,
        Self::Queued,
        Self::Provisioning,
        Self::DownloadSource,
        Self::Install,
        Self::PreBuild,
        Self::Build,
        Self::PostBuild,
        Self::UploadArtifacts,
        Self::Finalizing,
        Self::Completed,
    ];

    /// The name in the CodeBuild API, such as `PRE_BUILD`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Queued => "QUEUED",
            Self::Provisioning => "PROVISIONING",
            Self::DownloadSource => "DOWNLOAD_SOURCE",
            Self::RunSandbox => "RUN_SANDBOX",
            Self::Install => "INSTALL",
            Self::PreBuild => "PRE_BUILD",
            Self::Build => "BUILD",
            Self::PostBuild => "POST_BUILD",
            Self::UploadArtifacts => "UPLOAD_ARTIFACTS",
            Self::Finalizing => "FINALIZING",
            Self::Completed => "COMPLETED",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a phase ended (`StatusType` in the CodeBuild API, without IN_PROGRESS).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PhaseStatus {
    /// Every command of the phase succeeded.
    Succeeded,
    /// The customer's side failed: a command, the source, the image.
    Failed,
    /// The service's side failed: the engine went away, the container died.
    Fault,
    /// The build's time was up.
    TimedOut,
    /// Somebody stopped the build.
    Stopped,
}

impl PhaseStatus {
    /// The name in the CodeBuild API, such as `TIMED_OUT`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Fault => "FAULT",
            Self::TimedOut => "TIMED_OUT",
            Self::Stopped => "STOPPED",
        }
    }
}

impl fmt::Display for PhaseStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the whole build ended: the same values as for a phase.
pub type BuildStatus = PhaseStatus;

/// Why a phase ended as it did: both texts are empty after a success.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PhaseContext {
    /// Such as `COMMAND_EXECUTION_ERROR` or `YAML_FILE_ERROR`.
    pub status_code: String,
    /// A sentence for the person who reads the build.
    pub message: String,
}

impl PhaseContext {
    /// `CLIENT_ERROR`: something on the customer's side.
    #[must_use]
    pub fn client_error(message: impl Into<String>) -> Self {
        Self {
            status_code: "CLIENT_ERROR".to_owned(),
            message: message.into(),
        }
    }

    /// `YAML_FILE_ERROR`: no buildspec, or not one.
    #[must_use]
    pub fn yaml_file_error(message: impl Into<String>) -> Self {
        Self {
            status_code: "YAML_FILE_ERROR".to_owned(),
            message: message.into(),
        }
    }
}

/// What came of a command that ran in a sandbox.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CommandResult {
    /// The exit status of its shell.
    pub exit_status: i32,
    /// The beginning of what it wrote to standard output: at most
    /// [`CommandResult::LONGEST_CONTENT`] characters. Values of secrets are hidden as in the log.
    pub stdout: String,
    /// The same for standard error.
    pub stderr: String,
}

impl CommandResult {
    /// How much of each stream is kept, in characters: as much as Systems Manager keeps of a
    /// command's output. The log has all of it.
    pub const LONGEST_CONTENT: usize = 24_000;
}

/// One thing that happened in a build or a sandbox. Events arrive in the order in which they happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A phase began. The engine reports PROVISIONING up to COMPLETED.
    PhaseStarted {
        /// Which phase.
        phase: Phase,
        /// When.
        at: Timestamp,
    },
    /// A phase ended. COMPLETED never ends.
    PhaseEnded {
        /// Which phase.
        phase: Phase,
        /// How it ended.
        status: PhaseStatus,
        /// Why.
        context: PhaseContext,
        /// When.
        at: Timestamp,
    },
    /// The source was fetched and this is the version it stands at, such as a commit id.
    SourceResolved {
        /// The version, as `resolvedSourceVersion` in the API.
        version: String,
    },
    /// One line of the build log, without its newline. Bytes that are not UTF-8 were replaced.
    Log {
        /// When the line was complete.
        at: Timestamp,
        /// The line.
        message: String,
    },
    /// The variables that the buildspec exports, known after POST_BUILD.
    Exported {
        /// Names and values in the order of the buildspec.
        variables: Vec<(String, String)>,
    },
    /// An artifact is where it belongs.
    ArtifactUploaded {
        /// The identifier of a secondary artifact; `None` for the primary one.
        identifier: Option<String>,
        /// As [`crate::Storage::put_artifact`] gave it.
        location: String,
        /// The SHA-256 sum in hexadecimal, of a ZIP file only.
        sha256sum: Option<String>,
        /// The MD5 sum in hexadecimal, of a ZIP file only.
        md5sum: Option<String>,
    },
    /// A report was taken.
    ReportAdded {
        /// As [`crate::Storage::put_report`] gave it.
        arn: String,
    },
    /// A command that a sandbox was given begins.
    CommandStarted {
        /// As [`crate::RunningSandbox::run`] was told.
        id: String,
        /// When.
        at: Timestamp,
    },
    /// A command that a sandbox was given is over. What it printed is in the log by then.
    CommandEnded {
        /// As [`crate::RunningSandbox::run`] was told.
        id: String,
        /// What came of it.
        result: CommandResult,
        /// When.
        at: Timestamp,
    },
    /// The build is over and everything it had on the Docker Engine is gone. Always the last event.
    Finished {
        /// How it ended.
        status: BuildStatus,
        /// When.
        at: Timestamp,
    },
}
