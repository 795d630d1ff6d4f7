//! A build that asks before each command.

use std::pin::Pin;

use crate::event::Phase;

/// A command that a build is about to run, or has run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CommandAt {
    /// The id of the build container on the Docker Engine.
    pub container: String,
    /// The phase that the command belongs to.
    pub phase: Phase,
    /// Whether it is in the phase's `finally`.
    pub in_finally: bool,
    /// Its place in its list, from 0.
    pub index: usize,
    /// Its text.
    pub text: String,
}

/// What happens with a command that has not run yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Before {
    /// It runs.
    Run,
    /// It does not run, and counts as one that succeeded.
    Skip,
}

/// What happens after a command that failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AfterFailure {
    /// The phase fails.
    Fail,
    /// The command runs once more.
    Retry,
    /// The command counts as one that succeeded.
    Ignore,
}

/// What a [`Stepper`] decides, after as long a time as it takes.
pub type Decision<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Is asked before each command and after each that failed. The build's clock goes on.
pub trait Stepper: Send + Sync {
    /// Before a command.
    fn before<'a>(&'a self, command: &'a CommandAt) -> Decision<'a, Before>;

    /// After a command that ended with an exit status other than 0.
    fn after_failure<'a>(
        &'a self,
        command: &'a CommandAt,
        status: i32,
    ) -> Decision<'a, AfterFailure>;
}
