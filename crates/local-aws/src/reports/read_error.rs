//! Why a raw file could not be read.

/// A file and the place in it where reading ended.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{path}:{line}:{column}: {reason}")]
pub(crate) struct ReadError {
    /// The file, as in the build.
    pub(crate) path: String,
    /// From 1.
    pub(crate) line: usize,
    /// In characters, from 1.
    pub(crate) column: usize,
    /// What is wrong there.
    pub(crate) reason: String,
}

/// A place in a file and what is wrong there, before the file's name is added.
#[derive(Debug)]
pub(super) struct Misread {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) reason: String,
}

impl Misread {
    /// Something is wrong with the file as a whole.
    pub(super) fn at_start(reason: impl Into<String>) -> Self {
        Self {
            line: 1,
            column: 1,
            reason: reason.into(),
        }
    }

    pub(super) fn in_file(self, path: &str) -> ReadError {
        ReadError {
            path: path.to_owned(),
            line: self.line,
            column: self.column,
            reason: self.reason,
        }
    }
}
