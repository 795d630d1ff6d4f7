//! What `mirror` has changed in a git repository, so that it can be put back.

use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;

use super::LedgerTarget;
use super::StateError;
use super::file;

/// A remote that is mirrored, and how it was before. Written before anything is changed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Mirror {
    /// Of the file's format.
    pub(crate) version: u32,
    /// The repository's own directory.
    pub(crate) directory: PathBuf,
    /// The remote's name.
    pub(crate) remote: String,
    /// Its push URLs before: none if it was pushed to where it is fetched from.
    pub(crate) push_urls: Vec<String>,
    /// The branch that was pushed, if it had no upstream before.
    pub(crate) upstream_of: Option<String>,
    /// The URL whose section of settings was added, if one was.
    pub(crate) credentials_for: Option<String>,
    /// Where the CodeCommit repository is.
    pub(crate) target: LedgerTarget,
    /// Its name.
    pub(crate) repository: String,
    /// Whether it was made for this mirror.
    pub(crate) made: bool,
    /// Whether everything was set and pushed.
    pub(crate) complete: bool,
}

impl Mirror {
    /// The version of the format.
    pub(crate) const VERSION: u32 = file::VERSION;

    /// Reads it; `None` for a remote that is not mirrored.
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
    /// If the file cannot be written: then nothing must be changed.
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
