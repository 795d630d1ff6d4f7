//! The embedded database: every write is on disk before it is acknowledged.
//!
//! One thread does all writes. It takes every write that waits and commits them together, so that
//! clients that write at the same time share one flush of the disk. Reads run where they are asked
//! for and never wait for a write.

mod tables;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use redb::Database;
use redb::ReadTransaction;
use redb::ReadableDatabase;
use redb::WriteTransaction;
use tokio::sync::oneshot;

use crate::StartError;
use crate::error::AwsError;
use crate::state_dir::StateDir;

pub(crate) use tables::*;

/// What redb may keep in memory. The kernel's page cache holds the rest.
const CACHE_BYTES: usize = 2 * 1024 * 1024;

/// How many waiting writes share one commit.
const BATCH: usize = 256;

/// After a quiet moment the allocator's state is saved too: opening after a crash is then quick,
/// and no client waits for it.
const QUIET: Duration = Duration::from_millis(500);

type Done = Box<dyn FnOnce(Result<(), String>) + Send>;
type Job = Box<dyn FnOnce(&WriteTransaction) -> Done + Send>;

/// The database, cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    opened: Arc<Opened>,
    jobs: mpsc::Sender<Job>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// The open database. The last owner closes it, and only then lets go of the state directory.
struct Opened {
    database: Database,
    _held: Arc<StateDir>,
}

impl Store {
    /// Opens or creates the database. The state directory is held until the database is closed.
    pub(crate) fn open(path: &Path, held: Arc<StateDir>) -> Result<Self, StartError> {
        let failed = |error: redb::Error| StartError::Database {
            path: path.to_owned(),
            source: Box::new(error),
        };
        let database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(path)
            .map_err(|error| failed(error.into()))?;
        tables::create(&database).map_err(failed)?;
        let opened = Arc::new(Opened {
            database,
            _held: held,
        });
        let (jobs, waiting) = mpsc::channel();
        std::thread::Builder::new()
            .name("local-aws-store".to_owned())
            .spawn({
                let opened = Arc::clone(&opened);
                move || write_all(&opened.database, &waiting)
            })
            .map_err(StartError::Thread)?;
        Ok(Self { opened, jobs })
    }

    /// Runs `read` on a snapshot.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, AwsError> {
        let transaction = self
            .opened
            .database
            .begin_read()
            .map_err(AwsError::storage)?;
        read(&transaction).map_err(AwsError::from)
    }

    /// Runs `write` in a transaction and returns when its result is on disk.
    ///
    /// Several writes share a transaction: `write` must not have changed anything when it returns
    /// an error.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&WriteTransaction) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, AwsError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |transaction| {
            let result = write(transaction);
            Box::new(move |committed: Result<(), String>| {
                let result = match (result, committed) {
                    (Ok(value), Ok(())) => Ok(value),
                    (Ok(_), Err(error)) => Err(AwsError::storage(error)),
                    (Err(error), _) => Err(error.into()),
                };
                let _ = answer.send(result);
            })
        });
        if self.jobs.send(job).is_err() {
            return Err(AwsError::storage("the database is closed"));
        }
        match answered.await {
            Ok(result) => result,
            Err(_) => Err(AwsError::storage("the database was closed")),
        }
    }
}

/// Why a read or a write did not happen.
#[derive(Debug)]
pub(crate) enum StoreError {
    /// The caller's fault.
    Refused(AwsError),
    /// The disk's or the database's fault.
    Failed(String),
}

impl From<AwsError> for StoreError {
    fn from(error: AwsError) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for AwsError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(error) => error,
            StoreError::Failed(error) => Self::storage(error),
        }
    }
}

macro_rules! failed_from {
    ($($error:ty),+) => {
        $(impl From<$error> for StoreError {
            fn from(error: $error) -> Self {
                Self::Failed(error.to_string())
            }
        })+
    };
}

failed_from!(redb::TableError, redb::StorageError, serde_json::Error);

fn write_all(database: &Database, waiting: &mpsc::Receiver<Job>) {
    let mut settled = true;
    loop {
        let first = if settled {
            waiting.recv().ok()
        } else {
            match waiting.recv_timeout(QUIET) {
                Ok(job) => Some(job),
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    settled = true;
                    if let Err(error) = save_allocator_state(database) {
                        tracing::warn!(%error, "the database could not be prepared for a quick start");
                    }
                    continue;
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => None,
            }
        };
        let Some(first) = first else { return };
        settled = false;
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(BATCH - 1));
        write_batch(database, batch);
    }
}

fn write_batch(database: &Database, batch: Vec<Job>) {
    let (committed, answers) = match database.begin_write() {
        Ok(transaction) => {
            let answers: Vec<Done> = batch.into_iter().map(|job| job(&transaction)).collect();
            (
                transaction.commit().map_err(|error| error.to_string()),
                answers,
            )
        }
        Err(error) => {
            // Dropping the jobs tells their callers.
            tracing::error!(%error, "the database refuses writes");
            return;
        }
    };
    for answer in answers {
        answer(committed.clone());
    }
}

fn save_allocator_state(database: &Database) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    transaction.commit()?;
    Ok(())
}
