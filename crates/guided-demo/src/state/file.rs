//! JSON files that are never half written.

use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::command_error::CommandError;

/// The version that is written, and the newest that is read.
pub(super) const VERSION: u32 = 1;

/// Why a state file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StateError {
    /// The file system refused.
    #[error("cannot {action} {path}: {source}", path = .path.display())]
    Io {
        /// Such as `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not what it should be.
    #[error("{path} is damaged: {reason}", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A newer guided-demo wrote the file.
    #[error("{path} was written by a newer guided-demo (version {found} of the file, this one reads up to {VERSION})", path = .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
    },
}

impl From<StateError> for CommandError {
    fn from(error: StateError) -> Self {
        let hint = match &error {
            StateError::Io { .. } => {
                "Check the directory's rights, or name another one with --state-dir."
            }
            StateError::Damaged { .. } => {
                "Move the file away and start again. What it knew about created resources is in it as text."
            }
            StateError::Newer { .. } => {
                "Update guided-demo, or name another directory with --state-dir."
            }
        };
        Self::prerequisite(error.to_string()).hinted(hint)
    }
}

/// Reads a file; `None` if there is none.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StateError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(io_error("read", path, source)),
    };
    let damaged = |error: serde_json::Error| StateError::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let value: serde_json::Value = serde_json::from_str(&text).map_err(damaged)?;
    let found = value
        .get("version")
        .and_then(serde_json::Value::as_u64)
        .unwrap_or(0);
    if found > u64::from(VERSION) {
        let path = path.to_owned();
        return Err(StateError::Newer { path, found });
    }
    serde_json::from_value(value).map(Some).map_err(damaged)
}

/// Writes a file: first under another name, then renamed, so that a crash leaves the old or the new
/// one.
pub(super) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), StateError> {
    let directory = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory).map_err(|source| io_error("create", directory, source))?;
    let save = || -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        serde_json::to_writer_pretty(&mut file, value)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    save().map_err(|source| io_error("write", path, source))
}

/// Removes a file; it is fine if there is none.
pub(super) fn remove(path: &Path) -> Result<(), StateError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("remove", path, error))
        }
        _ => Ok(()),
    }
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> StateError {
    StateError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}
