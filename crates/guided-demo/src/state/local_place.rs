//! Which AWS the local one is: its account and region, and the port that clients know.

use std::path::Path;

use serde::Deserialize;
use serde::Serialize;

use super::StateError;
use super::file;

/// The local AWS of a state directory, as it was last.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct LocalPlace {
    /// Of the file's format.
    version: u32,
    /// Twelve digits.
    pub(crate) account: String,
    /// Such as `eu-central-1`.
    pub(crate) region: String,
    /// Tried first at the next start, so that terminals and badges that know it keep working.
    pub(crate) port: Option<u16>,
}

impl LocalPlace {
    /// One that has not listened yet.
    pub(crate) fn new(account: String, region: String) -> Self {
        Self {
            version: file::VERSION,
            account,
            region,
            port: None,
        }
    }

    /// Reads it; `None` before the first start.
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
}
