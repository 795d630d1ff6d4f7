//! The embedded database: an acknowledged write survives the end of the process.
//!
//! One thread does all writes. It takes every write that waits, appends them to the journal, commits
//! them together and acknowledges them; the disk is flushed when it is quiet, or after a second.
//! Reads run where they are asked for and never wait for a write.

mod journal;
mod tables;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use std::time::Instant;

use redb::Database;
use redb::Durability;
use redb::ReadTransaction;
use redb::ReadableDatabase;
use redb::WriteTransaction;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::sync::DropGuard;

use crate::StartError;
use crate::error::AwsError;
use crate::state_dir;
use crate::state_dir::StateDir;

pub(crate) use tables::*;
pub(crate) use write::Write;

use journal::Changes;
use journal::Journal;

/// What redb may keep in memory. The kernel's page cache holds the rest.
const CACHE_BYTES: usize = 2 * 1024 * 1024;

/// How many waiting writes share one commit.
const BATCH: usize = 256;

/// The disk is flushed after so long without a write, ...
const QUIET: Duration = Duration::from_millis(100);

/// ... or when a write has waited for it so long, ...
const LATEST: Duration = Duration::from_secs(1);

/// ... or when the journal has so many bytes.
const LONGEST_JOURNAL: u64 = 4 * 1024 * 1024;

type Done = Box<dyn FnOnce(Result<(), String>) + Send>;
type Job = Box<dyn FnOnce(&Write<'_>) -> Done + Send>;

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
    _closed: DropGuard,
}

impl Store {
    /// Opens or creates the database. The state directory is held until the database is
    /// closed; then `closed` is cancelled.
    pub(crate) fn open(
        path: &Path,
        held: Arc<StateDir>,
        closed: CancellationToken,
    ) -> Result<Self, StartError> {
        let failed = |error: redb::Error| StartError::Database {
            path: path.to_owned(),
            source: Box::new(error),
        };
        // Secrets and tokens are in it.
        state_dir::create_private_file(path).map_err(|source| StartError::StateDir {
            path: path.to_owned(),
            source,
        })?;
        let database = Database::builder()
            .set_cache_size(CACHE_BYTES)
            .create(path)
            .map_err(|error| failed(error.into()))?;
        tables::create(&database).map_err(failed)?;
        let journal_path = path.with_extension("journal");
        let (mut journal, entries) =
            Journal::open(&journal_path).map_err(|source| StartError::StateDir {
                path: journal_path.clone(),
                source,
            })?;
        if !entries.is_empty() {
            play_back(&database, &entries).map_err(failed)?;
            journal.clear().map_err(|source| StartError::StateDir {
                path: journal_path,
                source,
            })?;
        }
        let opened = Arc::new(Opened {
            database,
            _held: held,
            _closed: closed.drop_guard(),
        });
        let (jobs, waiting) = mpsc::channel();
        let writer = Writer {
            opened: Arc::clone(&opened),
            journal,
            unflushed_since: None,
        };
        std::thread::Builder::new()
            .name("local-aws-store".to_owned())
            .spawn(move || writer.run(&waiting))
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

    /// Runs `write` in a transaction and returns when its result survives the end of the process.
    ///
    /// Several writes share a transaction: `write` must not have changed anything when it returns
    /// an error.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Write<'_>) -> Result<T, StoreError> + Send + 'static,
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

failed_from!(
    redb::TableError,
    redb::StorageError,
    redb::TransactionError,
    serde_json::Error
);

/// The thread that writes, and what it writes to.
struct Writer {
    opened: Arc<Opened>,
    journal: Journal,
    /// When the oldest write that is only in the journal was made.
    unflushed_since: Option<Instant>,
}

impl Writer {
    fn run(mut self, waiting: &mpsc::Receiver<Job>) {
        loop {
            let first = if self.unflushed_since.is_none() {
                waiting.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                waiting.recv_timeout(QUIET)
            };
            match first {
                Ok(first) => {
                    let mut batch = vec![first];
                    batch.extend(waiting.try_iter().take(BATCH - 1));
                    self.write(batch);
                    let long_ago = self
                        .unflushed_since
                        .is_some_and(|since| since.elapsed() > LATEST);
                    if long_ago || self.journal.length() > LONGEST_JOURNAL {
                        self.flush();
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.flush(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        if self.unflushed_since.is_some() {
            self.flush();
        }
    }

    fn write(&mut self, batch: Vec<Job>) {
        let transaction = match begin(&self.opened.database, Durability::None) {
            Ok(transaction) => transaction,
            Err(error) => {
                // Dropping the jobs tells their callers.
                tracing::error!(%error, "the database refuses writes");
                return;
            }
        };
        let write = Write::new(&transaction);
        let answers: Vec<Done> = batch.into_iter().map(|job| job(&write)).collect();
        let changes = write.into_changes();
        let committed = if changes.is_empty() {
            transaction.abort().map_err(|error| error.to_string())
        } else {
            self.commit(transaction, &changes)
        };
        for answer in answers {
            answer(committed.clone());
        }
    }

    fn commit(&mut self, transaction: WriteTransaction, changes: &Changes) -> Result<(), String> {
        let before = self.journal.length();
        if let Err(error) = self.journal.append(changes) {
            let _ = transaction.abort();
            return Err(error.to_string());
        }
        if let Err(error) = transaction.commit() {
            let _ = self.journal.take_back(before);
            return Err(error.to_string());
        }
        self.unflushed_since.get_or_insert_with(Instant::now);
        Ok(())
    }

    /// Flushes the database to the disk and empties the journal.
    fn flush(&mut self) {
        let flushed = flush(&self.opened.database)
            .map_err(|error| error.to_string())
            .and_then(|()| self.journal.clear().map_err(|error| error.to_string()));
        match flushed {
            Ok(()) => self.unflushed_since = None,
            Err(error) => {
                // Everything is in the journal: try again after the next quiet moment.
                tracing::warn!(error, "the database could not be flushed to the disk");
                self.unflushed_since = Some(Instant::now());
            }
        }
    }
}

/// An empty commit that takes all earlier ones to the disk. With the allocator's state, so that
/// opening after a crash is quick however large the database is.
fn flush(database: &Database) -> Result<(), redb::Error> {
    let mut transaction = begin(database, Durability::Immediate)?;
    transaction.set_quick_repair(true);
    transaction.commit()?;
    Ok(())
}

fn begin(database: &Database, durability: Durability) -> Result<WriteTransaction, redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(durability)?;
    Ok(transaction)
}

/// Brings the database up to what was acknowledged before the last process ended.
fn play_back(database: &Database, entries: &[Vec<u8>]) -> Result<(), redb::Error> {
    let transaction = begin(database, Durability::Immediate)?;
    for entry in entries {
        for change in journal::changes(entry) {
            tables::play_back(&transaction, change)?;
        }
    }
    transaction.commit()?;
    Ok(())
}
