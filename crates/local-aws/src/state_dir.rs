//! The state directory: one process at a time, and how others find that process.
//!
//! | file | content |
//! |---|---|
//! | `lock` | held (flock) by the process that serves the directory |
//! | `endpoint.json` | where that process serves, its pid and the keys (mode 0600) |
//! | `credentials.json` | the keys (mode 0600) |
//! | `state.redb` | projects, builds, secrets, tokens and all other records (mode 0600) |
//! | `state.journal` | what was written since `state.redb` was last flushed |
//! | `logs/` | the events of log streams: a file for what a build writes, others for PutLogEvents |
//! | `ecr/` | the blobs of images, one file each, named by their digests |
//! | `codecommit/` | one bare git repository for each of CodeCommit's |
//! | `source-cache/` | repositories that LOCAL_SOURCE_CACHE keeps, in one directory a project |
//! | `mailbox/` | one file for each e-mail that SNS would have sent (mode 0600) |
//! | `s3/` | one file for each object of a bucket |

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Access;
use crate::StartError;

const LOCK: &str = "lock";
const ENDPOINT: &str = "endpoint.json";

/// How long to wait for a lock that another process only holds to look who serves the directory.
const LOCK_PATIENCE: Duration = Duration::from_millis(100);

/// A state directory that this process holds.
#[derive(Debug)]
pub(crate) struct StateDir {
    path: PathBuf,
    /// Unlocked when it is closed, also by the kernel when the process dies.
    _lock: File,
}

impl StateDir {
    /// Creates the directory if needed (mode 0700) and takes its lock.
    pub(crate) fn hold(path: &Path) -> Result<Self, StartError> {
        let at = |source| StartError::StateDir {
            path: path.to_owned(),
            source,
        };
        create_private_dir(path).map_err(at)?;
        let lock = open_private(&path.join(LOCK)).map_err(at)?;
        let deadline = Instant::now() + LOCK_PATIENCE;
        loop {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                    std::thread::yield_now();
                }
                Err(TryLockError::WouldBlock) => return Err(held_by_another(path)),
                Err(TryLockError::Error(source)) => return Err(at(source)),
            }
        }
        // An endpoint file without a lock is what a killed process left behind.
        let _ = fs::remove_file(path.join(ENDPOINT));
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// A file of this directory.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Tells other processes where this one serves.
    pub(crate) fn announce(&self, access: &Access) -> io::Result<()> {
        write_private_json(&self.path.join(ENDPOINT), access)
    }
}

impl Drop for StateDir {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.path.join(ENDPOINT));
    }
}

/// Who serves the directory now: `None` if nobody holds its lock.
pub(crate) fn served_by(path: &Path) -> Option<Access> {
    let lock = File::open(path.join(LOCK)).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => read_json(&path.join(ENDPOINT)).ok().flatten(),
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

fn held_by_another(path: &Path) -> StartError {
    let holder = match read_json::<Access>(&path.join(ENDPOINT)) {
        Ok(Some(access)) => format!("process {} serves it at {}", access.pid, access.endpoint),
        _ => "another process is starting or stopping with it".to_owned(),
    };
    StartError::Held {
        path: path.to_owned(),
        holder,
    }
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private_json<T: Serialize>(path: &Path, value: &T) -> io::Result<()> {
    let partial = path.with_extension("partial");
    // A leftover of a killed process would keep its own mode.
    let _ = fs::remove_file(&partial);
    let mut file = open_private(&partial)?;
    file.write_all(&serde_json::to_vec_pretty(value)?)?;
    fs::rename(&partial, path)
}

/// Reads a JSON file; `None` if it is not there.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Makes a file that only its owner can read. One that is there keeps its content.
pub(crate) fn create_private_file(path: &Path) -> io::Result<()> {
    let file = open_private(path)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    drop(file);
    Ok(())
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
