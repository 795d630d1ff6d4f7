//! How far a walk has come.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use super::StateError;
use super::file;

/// What was answered to a question at the first try.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "KeptAnswer")]
pub(crate) struct Answered {
    /// Whether it was right.
    pub(crate) right: bool,
    /// The numbers of the options, such as `1,3`, or the text.
    pub(crate) given: String,
}

/// An answer as a file may have it: without what was answered in files of earlier days.
#[derive(Deserialize)]
#[serde(untagged)]
enum KeptAnswer {
    Right(bool),
    Answered { right: bool, given: String },
}

impl From<KeptAnswer> for Answered {
    fn from(kept: KeptAnswer) -> Self {
        match kept {
            KeptAnswer::Right(right) => Self {
                right,
                given: String::new(),
            },
            KeptAnswer::Answered { right, given } => Self { right, given },
        }
    }
}

/// One walk, written after each thing that was done.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Progress {
    /// Of the file's format.
    pub(crate) version: u32,
    /// The demo's id.
    pub(crate) demo: String,
    /// Such as `local`.
    pub(crate) target: String,
    /// The account id.
    pub(crate) account: String,
    /// The region.
    pub(crate) region: String,
    /// The id of the step that comes next.
    pub(crate) step: String,
    /// The item in it that comes next.
    pub(crate) item: usize,
    /// The ids of the steps that are done.
    pub(crate) done: BTreeSet<String>,
    /// The variables and their values.
    pub(crate) variables: BTreeMap<String, String>,
    /// The first answer to each question, by its id or `step/item`.
    pub(crate) answers: BTreeMap<String, Answered>,
    /// Whether the walk has come to its end.
    pub(crate) completed: bool,
    /// When this was written.
    pub(crate) updated: Timestamp,
}

impl Progress {
    /// The format's version.
    pub(crate) const VERSION: u32 = file::VERSION;

    /// Reads the progress of a walk; `None` if it has not begun.
    ///
    /// # Errors
    ///
    /// If there is a file and it cannot be used.
    pub(crate) fn load(path: &Path) -> Result<Option<Self>, StateError> {
        file::read(path)
    }

    /// Writes it.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn save(&self, path: &Path) -> Result<(), StateError> {
        file::write(path, self)
    }

    /// Forgets it.
    ///
    /// # Errors
    ///
    /// If the file cannot be removed.
    pub(crate) fn forget(path: &Path) -> Result<(), StateError> {
        file::remove(path)
    }
}
