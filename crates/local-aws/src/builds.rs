//! The builds of this process: waiting, running, stopping.

mod bucket_storage;
mod environment;
mod machines;
mod phases;
mod run;
mod s3_logs;
mod secret_values;
mod settle;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::Checkout;
use crate::account::Account;
use crate::background::Background;
use crate::callbacks::Callbacks;
use crate::codebuild;
use crate::codebuild::StoredBuild;
use crate::ecr::Registry;
use crate::error::AwsError;
use crate::logs::LogFiles;
use crate::runner::BuildRunner;
use crate::s3::Buckets;
use crate::store;
use crate::store::Store;

pub(crate) use bucket_storage::join as join_key;
pub(crate) use bucket_storage::s3_error;
pub(crate) use machines::Machines;
pub(crate) use phases::begin as begin_phase;
pub(crate) use phases::end_of as end_phase;
pub(crate) use run::BuildLog;
pub(crate) use run::remove_log_unless_kept;
pub(crate) use run::request as build_request;
pub(crate) use s3_logs::upload as upload_log;
pub(crate) use settle::remove_leftovers;
pub(crate) use settle::settle;

/// How many builds of the account run at once.
pub(crate) const CONCURRENT_BUILDS: usize = 10;

/// How many more may wait: five times as many, as on AWS.
const QUEUED_BUILDS: usize = 5 * CONCURRENT_BUILDS;

/// What a running build needs from its surroundings.
#[derive(Clone, Debug)]
pub(crate) struct BuildHost {
    pub(crate) account: Account,
    pub(crate) store: Store,
    pub(crate) log_files: LogFiles,
    pub(crate) buckets: Buckets,
    pub(crate) runner: Arc<dyn BuildRunner>,
    pub(crate) callbacks: Callbacks,
    pub(crate) checkouts: Arc<[Checkout]>,
    /// Labels everything that builds have on a Docker Engine.
    pub(crate) owner: String,
    /// For archives on their way to the engine.
    pub(crate) temporary: PathBuf,
    /// Repositories that LOCAL_SOURCE_CACHE keeps, in one directory a project.
    pub(crate) source_caches: PathBuf,
    /// The bare repositories of CodeCommit.
    pub(crate) repositories: PathBuf,
    /// The images of ECR.
    pub(crate) registry: Registry,
}

/// All builds that are not complete.
#[derive(Clone, Debug)]
pub(crate) struct Builds {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    host: BuildHost,
    /// Running and waiting builds.
    places: Arc<Semaphore>,
    slots: run::Slots,
    running: Background,
    /// Whether what a killed process left behind has been looked after.
    clean: watch::Receiver<bool>,
    cut_off: CancellationToken,
}

/// A place among the builds that may run or wait.
#[derive(Debug)]
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
}

impl Builds {
    /// `clean` turns true when builds may start; `cut_off` ends them without another word.
    pub(crate) fn new(
        host: BuildHost,
        clean: watch::Receiver<bool>,
        cut_off: CancellationToken,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                host,
                places: Arc::new(Semaphore::new(CONCURRENT_BUILDS + QUEUED_BUILDS)),
                slots: run::Slots {
                    on_demand: Arc::new(Semaphore::new(CONCURRENT_BUILDS)),
                    machines: Machines::default(),
                },
                running: Background::default(),
                clean,
                cut_off,
            }),
        }
    }

    /// A place for one more build.
    ///
    /// # Errors
    ///
    /// `AccountLimitExceededException` if the queue is full.
    pub(crate) fn reserve(&self) -> Result<Place, AwsError> {
        match Arc::clone(&self.inner.places).try_acquire_owned() {
            Ok(permit) => Ok(Place { _permit: permit }),
            Err(_) => Err(AwsError::new(
                "AccountLimitExceededException",
                format!("Cannot have more than {QUEUED_BUILDS} builds in queue for the account"),
            )),
        }
    }

    /// A place for a build that can wait for it; `None` when the local AWS stops.
    pub(crate) async fn place(&self) -> Option<Place> {
        let permit = Arc::clone(&self.inner.places).acquire_owned().await.ok()?;
        Some(Place { _permit: permit })
    }

    /// The right to run: for what runs beside the builds and counts as one. Waits for its turn;
    /// `None` when the local AWS stops.
    pub(crate) async fn slot(&self) -> Option<OwnedSemaphorePermit> {
        let on_demand = Arc::clone(&self.inner.slots.on_demand);
        on_demand.acquire_owned().await.ok()
    }

    /// Waits until what a killed process left behind is removed, but not for long.
    pub(crate) async fn clean(&self) {
        run::until_clean(&self.inner.clean).await;
    }

    /// Waits until a build is complete.
    pub(crate) async fn completed(&self, id: &str) {
        if let Some(active) = self.inner.running.get(id) {
            active.told.cancelled().await;
        }
    }

    /// The machines of fleets.
    pub(crate) fn machines(&self) -> &Machines {
        &self.inner.slots.machines
    }

    /// What builds have around them.
    pub(crate) fn host(&self) -> &BuildHost {
        &self.inner.host
    }

    /// Runs a build that has been stored.
    pub(crate) fn start(&self, stored: StoredBuild, place: Place) {
        let id = stored.build.id.clone();
        let active = self.inner.running.begin(&id);
        let builds = self.clone();
        self.inner.running.spawn(async move {
            let inner = &builds.inner;
            let run = run::run(
                &inner.host,
                &inner.slots,
                &inner.clean,
                stored,
                &active.stop,
            );
            let is_over = inner.cut_off.run_until_cancelled(run).await.is_some();
            let next = match is_over {
                true => builds.next_retry(&id).await,
                false => None,
            };
            inner.running.end(&id, &active);
            match next {
                Some(next) => builds.start(*next, place),
                None => drop(place),
            }
        });
    }

    /// The build that runs next because this one failed and its project says so.
    async fn next_retry(&self, id: &str) -> Option<Box<StoredBuild>> {
        let host = &self.inner.host;
        let is_retried = host.store.read(|transaction| {
            let stored = store::get::<StoredBuild>(&transaction.open_table(store::BUILDS)?, id)?;
            Ok(stored.is_some_and(|stored| stored.build.auto_retry_config.is_some()))
        });
        // Most projects retry nothing: then nothing is written.
        if !is_retried.unwrap_or(false) {
            return None;
        }
        let (account, id) = (host.account.clone(), id.to_owned());
        let next = host
            .store
            .write(move |transaction| codebuild::retry_automatically(transaction, &account, &id));
        next.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a failed build was not retried");
            None
        })
    }

    /// Stops a build and waits until it is complete, at most for `patience`. Does nothing if it is
    /// complete already.
    pub(crate) async fn stop(&self, id: &str, patience: Duration) {
        self.inner.running.stop(id, patience).await;
    }

    /// Removes the local caches of a project. A cache that a build uses now stays.
    ///
    /// # Errors
    ///
    /// A sentence: the Docker Engine cannot be reached.
    pub(crate) async fn remove_caches(&self, project: &str) -> Result<(), String> {
        let host = &self.inner.host;
        let sources = host.source_caches.join(project);
        match tokio::fs::remove_dir_all(&sources).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, project, "the project's source cache is still there");
            }
            _ => {}
        }
        host.runner.remove_caches(&host.owner, Some(project)).await
    }

    /// Stops all builds and waits until they are complete, at most for `patience`.
    pub(crate) async fn shut_down(&self, patience: Duration) {
        self.inner.places.close();
        self.inner.running.shut_down(patience, "builds").await;
    }
}
