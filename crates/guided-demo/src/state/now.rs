//! Where a walk is now, for those who follow it from another terminal.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use super::StateDirectory;
use super::StateError;
use super::WalkKey;
use super::file;

/// How often a walk tries to get its lock: a reader has it for a moment now and then.
const TRIES: usize = 50;

/// Where a walk is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Now {
    /// Of the file's format.
    pub(crate) version: u32,
    /// The demo's id.
    pub(crate) demo: String,
    /// The demo's title.
    pub(crate) title: String,
    /// The step, counted from 1.
    pub(crate) step: usize,
    /// How many steps there are.
    pub(crate) steps: usize,
    /// The step's title.
    pub(crate) step_title: String,
    /// The step's notes: Markdown.
    pub(crate) notes: Vec<String>,
    /// The title of the next step.
    pub(crate) next: Option<String>,
    /// The command that ran last.
    pub(crate) last_command: Option<String>,
    /// The clock when this was written.
    pub(crate) clock: NowClock,
}

/// A clock as it was at a moment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct NowClock {
    /// Milliseconds.
    pub(crate) step_planned: u64,
    /// Milliseconds.
    pub(crate) step_elapsed: u64,
    /// Milliseconds.
    pub(crate) whole_planned: u64,
    /// Milliseconds.
    pub(crate) whole_elapsed: u64,
    /// Whether it goes on.
    pub(crate) running: bool,
    /// When it was so.
    pub(crate) at: Timestamp,
}

impl Now {
    /// The format's version.
    pub(crate) const VERSION: u32 = file::VERSION;
}

impl NowClock {
    /// How long ago it was written, if it goes on.
    pub(crate) fn since(&self, now: Timestamp) -> Duration {
        if self.running {
            Duration::try_from(now.duration_since(self.at)).unwrap_or_default()
        } else {
            Duration::ZERO
        }
    }
}

/// The file of a walk that runs. Removed when this is dropped; after a crash its lock is free.
#[derive(Debug)]
pub(crate) struct NowFile {
    path: PathBuf,
    _lock: File,
}

impl NowFile {
    /// Begins to write for a walk. `None` if that is not possible, or another process walks there:
    /// a walk does not need it.
    pub(crate) fn claim(state: &StateDirectory, key: &WalkKey) -> Option<Self> {
        let path = state.now(key);
        std::fs::create_dir_all(path.parent()?).ok()?;
        let lock = File::create(lock_of(&path)).ok()?;
        (0..TRIES).find(|_| {
            let locked = lock.try_lock().is_ok();
            if !locked {
                std::thread::yield_now();
            }
            locked
        })?;
        Some(Self { path, _lock: lock })
    }

    /// Says where the walk is. Readers see the old text or the new one, never half of one.
    pub(crate) fn write(&self, now: &Now) {
        let directory = self.path.parent().unwrap_or(Path::new("."));
        let save = || -> std::io::Result<()> {
            // Not synced: after a crash nobody needs it.
            let mut file = tempfile::NamedTempFile::new_in(directory)?;
            serde_json::to_writer(&mut file, now)?;
            file.flush()?;
            file.persist(&self.path)?;
            Ok(())
        };
        // A walk goes on without those who follow it.
        let _ = save();
    }
}

impl Drop for NowFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The walk that runs: of this demo, or the one that has moved last.
///
/// # Errors
///
/// If a file is there and cannot be used.
pub(crate) fn running_walk(
    state: &StateDirectory,
    demo: Option<&str>,
) -> Result<Option<Now>, StateError> {
    let mut newest: Option<Now> = None;
    for path in state.all_now() {
        if !is_held(&path) {
            continue;
        }
        let Some(now) = file::read::<Now>(&path)? else {
            continue;
        };
        let fits = demo.is_none_or(|demo| now.demo == demo);
        if fits
            && newest
                .as_ref()
                .is_none_or(|newest| newest.clock.at < now.clock.at)
        {
            newest = Some(now);
        }
    }
    Ok(newest)
}

/// Whether the process that wrote the file still runs.
fn is_held(path: &Path) -> bool {
    File::open(lock_of(path)).is_ok_and(|lock| lock.try_lock_shared().is_err())
}

fn lock_of(path: &Path) -> PathBuf {
    path.with_extension("lock")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Now {
        Now {
            version: Now::VERSION,
            demo: "demo".to_owned(),
            title: "A demo".to_owned(),
            step: 1,
            steps: 2,
            step_title: "One".to_owned(),
            notes: vec!["Slowly.".to_owned()],
            next: None,
            last_command: None,
            clock: NowClock {
                step_planned: 60_000,
                step_elapsed: 1,
                whole_planned: 60_000,
                whole_elapsed: 1,
                running: true,
                at: Timestamp::UNIX_EPOCH,
            },
        }
    }

    #[test]
    fn only_a_walk_that_runs_is_followed() {
        let directory = tempfile::tempdir().unwrap();
        let state = StateDirectory::new(Some(directory.path().to_owned())).unwrap();
        let key = WalkKey {
            demo: "demo".to_owned(),
            account: "000000000000".to_owned(),
            region: "eu-central-1".to_owned(),
        };
        assert_eq!(running_walk(&state, None).unwrap(), None);
        let file = NowFile::claim(&state, &key).unwrap();
        assert!(NowFile::claim(&state, &key).is_none(), "one walk at a time");
        file.write(&now());
        assert_eq!(running_walk(&state, None).unwrap(), Some(now()));
        assert_eq!(running_walk(&state, Some("other")).unwrap(), None);
        let path = state.now(&key);
        let text = std::fs::read(&path).unwrap();
        drop(file);
        // As after a crash: the file is there, and nobody holds it.
        std::fs::write(&path, text).unwrap();
        assert_eq!(running_walk(&state, None).unwrap(), None);
    }
}
