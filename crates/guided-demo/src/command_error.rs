//! The one error type of the binary's commands: what happened, which exit code that is, and what to
//! do next.

use crate::exit_code::ExitCode;
use crate::script::ScriptErrors;

/// Why a command ended early.
#[derive(Debug)]
pub(crate) struct CommandError {
    /// Decides the exit code.
    pub(crate) kind: ErrorKind,
    /// What happened and why, for the person at the terminal.
    pub(crate) message: String,
    /// What to do next, one sentence each.
    pub(crate) hints: Vec<String>,
}

/// What sort of thing went wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ErrorKind {
    /// A call, a command or a build failed.
    Step,
    /// The command line does not make sense.
    Usage,
    /// Something that is needed is missing.
    Prerequisite,
    /// A demo script or a buildspec has a mistake; the message is a finished report with positions.
    BadDemo,
    /// The person or the system interrupted us.
    Interrupted,
}

impl ErrorKind {
    /// The exit code of this kind.
    pub(crate) const fn exit_code(self) -> ExitCode {
        match self {
            Self::Step => ExitCode::STEP_FAILED,
            Self::Usage => ExitCode::USAGE,
            Self::Prerequisite => ExitCode::PREREQUISITE,
            Self::BadDemo => ExitCode::BAD_DEMO,
            Self::Interrupted => ExitCode::INTERRUPTED,
        }
    }
}

impl CommandError {
    /// An error without hints.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hints: Vec::new(),
        }
    }

    /// A call or step that failed.
    pub(crate) fn step(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Step, message)
    }

    /// A command line that does not make sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// Something that is needed and not there.
    pub(crate) fn prerequisite(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Prerequisite, message)
    }

    /// The person or the system interrupted us.
    pub(crate) fn interrupted() -> Self {
        Self::new(ErrorKind::Interrupted, "interrupted")
    }

    /// Adds what to do next.
    #[must_use]
    pub(crate) fn hinted(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<ScriptErrors> for CommandError {
    fn from(errors: ScriptErrors) -> Self {
        Self::new(ErrorKind::BadDemo, errors.report())
    }
}
