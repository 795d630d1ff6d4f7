//! The embedded database: an acknowledged write survives the end of the process.
//!
//! One thread does all writes. It takes every write that waits, appends them to the journal, commits
//! them together and acknowledges them; the disk is flushed when it is quiet, or after a second.
//! Reads run where they are asked for and never wait for a write.
//!
//! A disk that is full must not damage anything: a write is refused while little space is left. If
//! the disk fails all the same, the database is opened anew and the journal played back.

mod journal;
mod tables;
mod write;

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use std::time::Instant;

use redb::Database;
use redb::Durability;
use redb::ReadTransaction;
use redb::ReadableDatabase;
use redb::WriteTransaction;
use tokio::sync::Notify;
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

/// What must be free on the disk for a write: more than the journal and what redb keeps in memory
/// need to get there.
const HEADROOM: u64 = 16 * 1024 * 1024;

/// What readers are told while the disk does not let the database be opened.
const CLOSED: &str = "the disk has failed, and the database is not open again yet";

type Done = Box<dyn FnOnce(Result<(), String>) + Send>;
/// Runs in a transaction, or learns why there is none.
type Job = Box<dyn FnOnce(Result<&Write<'_>, &str>) -> Done + Send>;

/// The database, cheap to clone.
#[derive(Clone)]
pub(crate) struct Store {
    opened: Arc<Opened>,
    jobs: mpsc::Sender<Job>,
    news: Arc<Notify>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// The open database. The last owner closes it, and only then lets go of the state directory.
struct Opened {
    path: PathBuf,
    /// `None` after the disk has failed, until it can be opened again.
    database: RwLock<Option<Database>>,
    /// Whether the disk has failed since it was opened: redb refuses everything then.
    has_failed: AtomicBool,
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
        // Secrets and tokens are in it.
        state_dir::create_private_file(path).map_err(|source| StartError::StateDir {
            path: path.to_owned(),
            source,
        })?;
        let journal_path = path.with_extension("journal");
        let mut journal = Journal::open(&journal_path).map_err(|source| StartError::StateDir {
            path: journal_path.clone(),
            source,
        })?;
        let database = open(path, &mut journal).map_err(|error| match error {
            OpenError::Database(error) => StartError::Database {
                path: path.to_owned(),
                source: Box::new(error),
            },
            OpenError::Journal(source) => StartError::StateDir {
                path: journal_path,
                source,
            },
        })?;
        let opened = Arc::new(Opened {
            path: path.to_owned(),
            database: RwLock::new(Some(database)),
            has_failed: AtomicBool::new(false),
            _held: held,
            _closed: closed.drop_guard(),
        });
        let (jobs, waiting) = mpsc::channel();
        let news = Arc::new(Notify::new());
        let writer = Writer {
            opened: Arc::clone(&opened),
            news: Arc::clone(&news),
            journal,
            unflushed_since: None,
        };
        std::thread::Builder::new()
            .name("local-aws-store".to_owned())
            .spawn(move || writer.run(&waiting))
            .map_err(StartError::Thread)?;
        Ok(Self { opened, jobs, news })
    }

    /// Wakes one waiter after writes that say so.
    pub(crate) fn news(&self) -> Arc<Notify> {
        Arc::clone(&self.news)
    }

    /// Runs `read` on a snapshot.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, StoreError>,
    ) -> Result<T, AwsError> {
        let database = self.opened.database.read();
        let database = database.unwrap_or_else(PoisonError::into_inner);
        let Some(database) = database.as_ref() else {
            self.look_after_database();
            return Err(AwsError::storage(CLOSED));
        };
        let result = match database.begin_read() {
            Ok(transaction) => read(&transaction),
            Err(error) => Err(error.into()),
        };
        if let Err(StoreError::Disk(_)) = result {
            self.opened.has_failed.store(true, Ordering::Relaxed);
            self.look_after_database();
        }
        result.map_err(AwsError::from)
    }

    /// Lets the writer open the database again if it has to be: it does so before each write.
    fn look_after_database(&self) {
        let _ = self.jobs.send(Box::new(|_| Box::new(|_| ())));
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
        let opened = Arc::clone(&self.opened);
        let job: Job = Box::new(move |transaction| {
            let result = match transaction {
                Ok(transaction) => write(transaction),
                Err(why) => Err(StoreError::Failed(why.to_owned())),
            };
            if let Err(StoreError::Disk(_)) = result {
                opened.has_failed.store(true, Ordering::Relaxed);
            }
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
    /// The disk's fault: the database has to be opened again.
    Disk(String),
    /// The database's fault, such as a record that cannot be read.
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
            StoreError::Disk(error) | StoreError::Failed(error) => Self::storage(error),
        }
    }
}

impl From<redb::StorageError> for StoreError {
    fn from(error: redb::StorageError) -> Self {
        match error {
            redb::StorageError::Io(_) | redb::StorageError::PreviousIo => {
                Self::Disk(error.to_string())
            }
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<redb::TableError> for StoreError {
    fn from(error: redb::TableError) -> Self {
        match error {
            redb::TableError::Storage(error) => error.into(),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<redb::TransactionError> for StoreError {
    fn from(error: redb::TransactionError) -> Self {
        match error {
            redb::TransactionError::Storage(error) => error.into(),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// The thread that writes, and what it writes to.
struct Writer {
    opened: Arc<Opened>,
    news: Arc<Notify>,
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
        let opened = Arc::clone(&self.opened);
        if let Err(refusal) = self.make_ready() {
            tracing::error!(refusal, "nothing can be written");
            refuse(batch, &refusal);
            return;
        }
        let (answers, committed) = {
            let database = opened.database.read();
            let database = database.unwrap_or_else(PoisonError::into_inner);
            let Some(database) = database.as_ref() else {
                refuse(batch, CLOSED);
                return;
            };
            let transaction = match begin(database, Durability::None) {
                Ok(transaction) => transaction,
                Err(error) => {
                    self.opened.has_failed.store(true, Ordering::Relaxed);
                    refuse(batch, &error.to_string());
                    return;
                }
            };
            let write = Write::new(&transaction);
            let answers: Vec<Done> = batch.into_iter().map(|job| job(Ok(&write))).collect();
            let has_news = write.has_news();
            let changes = write.into_changes();
            let committed = if changes.is_empty() {
                transaction.abort().map_err(|error| error.to_string())
            } else {
                self.commit(transaction, &changes)
            };
            if has_news && committed.is_ok() {
                self.news.notify_one();
            }
            (answers, committed)
        };
        if committed.is_err() {
            self.opened.has_failed.store(true, Ordering::Relaxed);
        }
        // Whoever is told of an error may read again at once.
        if let Err(error) = self.reopen_if_failed() {
            tracing::error!(error, "the database cannot be opened again yet");
        }
        for answer in answers {
            answer(committed.clone());
        }
    }

    /// Makes sure that the database is open and the disk has space.
    fn make_ready(&mut self) -> Result<(), String> {
        self.reopen_if_failed()?;
        let directory = self.opened.path.parent().unwrap_or(&self.opened.path);
        match fs4::available_space(directory) {
            Ok(free) if free < HEADROOM => Err(format!(
                "no space is left on the disk: {} KiB are free, and a write needs {} KiB",
                free / 1024,
                HEADROOM / 1024
            )),
            // A file system that does not tell refuses by itself.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// After an error of the disk redb wants to be opened anew. What was acknowledged since the last
    /// flush comes from the journal.
    fn reopen_if_failed(&mut self) -> Result<(), String> {
        if !self.opened.has_failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let database = self.opened.database.write();
        let mut database = database.unwrap_or_else(PoisonError::into_inner);
        *database = None;
        *database = Some(open(&self.opened.path, &mut self.journal)?);
        self.opened.has_failed.store(false, Ordering::Relaxed);
        Ok(())
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
        let flushed = {
            let database = self.opened.database.read();
            let database = database.unwrap_or_else(PoisonError::into_inner);
            match database.as_ref() {
                Some(database) => flush(database).map_err(|error| error.to_string()),
                None => Err(CLOSED.to_owned()),
            }
        };
        let flushed = match flushed {
            Ok(()) => self.journal.clear().map_err(|error| error.to_string()),
            Err(error) => {
                self.opened.has_failed.store(true, Ordering::Relaxed);
                self.reopen_if_failed().and(Err(error))
            }
        };
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

/// Tells the callers of jobs why nothing is written.
fn refuse(batch: Vec<Job>, why: &str) {
    for job in batch {
        job(Err(why))(Ok(()));
    }
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
enum OpenError {
    #[error(transparent)]
    Database(redb::Error),
    #[error("the journal: {0}")]
    Journal(std::io::Error),
}

impl From<OpenError> for String {
    fn from(error: OpenError) -> Self {
        error.to_string()
    }
}

/// Opens or creates the database and plays the journal back.
fn open(path: &Path, journal: &mut Journal) -> Result<Database, OpenError> {
    let database = Database::builder()
        .set_cache_size(CACHE_BYTES)
        .create(path)
        .map_err(|error| OpenError::Database(error.into()))?;
    tables::create(&database).map_err(OpenError::Database)?;
    let entries = journal.entries().map_err(OpenError::Journal)?;
    if !entries.is_empty() {
        play_back(&database, &entries).map_err(OpenError::Database)?;
        journal.clear().map_err(OpenError::Journal)?;
    }
    Ok(database)
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
