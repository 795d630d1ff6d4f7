//! The exit codes of the binary. They are part of its interface and stay as they are.

/// What the process returns to its caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ExitCode(pub(crate) u8);

impl ExitCode {
    /// Everything that was asked for is done.
    pub(crate) const DONE: Self = Self(0);
    /// A command or a build of a step failed, or a call was refused.
    pub(crate) const STEP_FAILED: Self = Self(1);
    /// The command line was not understood.
    pub(crate) const USAGE: Self = Self(2);
    /// A check of a step saw something else than it expected.
    pub(crate) const CHECK_FAILED: Self = Self(3);
    /// Something that is needed is not there: a Docker Engine, credentials, a region, a tool. Or
    /// somebody else has it: a port, the state directory.
    pub(crate) const PREREQUISITE: Self = Self(4);
    /// A demo script or a buildspec has a mistake.
    pub(crate) const BAD_DEMO: Self = Self(5);
    /// Interrupted with Ctrl-C or a signal.
    pub(crate) const INTERRUPTED: Self = Self(130);

    /// The table for `--help`.
    pub(crate) const HELP: &str = "\
Exit codes:
  0    done
  1    a step failed
  2    the command line was not understood
  3    a check of a step failed
  4    something that is needed is missing: Docker Engine, credentials, region, tool;
       or taken: port, state directory
  5    a demo script or a buildspec has a mistake
  130  interrupted";
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.0)
    }
}
