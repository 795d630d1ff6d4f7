//! The batch builds of this process.
//!
//! See [batch builds](https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build.html).

mod batchspec;
mod builds_of;
mod combine;
mod phases;
mod run;
mod schedule;
mod settle;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::builds::Builds;

pub(crate) use settle::settle;

/// All batch builds that are not complete. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Batches {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    builds: Builds,
    active: Mutex<HashMap<String, Active>>,
    runs: AtomicU64,
    tasks: TaskTracker,
    cut_off: CancellationToken,
}

#[derive(Clone, Debug)]
struct Active {
    /// Tells a retry from the run before it.
    run: u64,
    stop: CancellationToken,
    done: CancellationToken,
}

impl Batches {
    /// Their builds run with `builds`; `cut_off` ends them without another word.
    pub(crate) fn new(builds: Builds, cut_off: CancellationToken) -> Self {
        Self {
            inner: Arc::new(Inner {
                builds,
                active: Mutex::default(),
                runs: AtomicU64::new(0),
                tasks: TaskTracker::new(),
                cut_off,
            }),
        }
    }

    /// Runs a batch build that has been stored.
    pub(crate) fn start(&self, id: &str) {
        let id = id.to_owned();
        let active = Active {
            run: self.inner.runs.fetch_add(1, Ordering::Relaxed),
            stop: CancellationToken::new(),
            done: CancellationToken::new(),
        };
        self.active().insert(id.clone(), active.clone());
        let batches = self.clone();
        self.inner.tasks.spawn(async move {
            let inner = &batches.inner;
            let run = run::run(&inner.builds, &id, &active.stop);
            if let Some(Err(error)) = inner.cut_off.run_until_cancelled(run).await {
                tracing::error!(batch = id, %error, "the batch build's record could not be stored");
            }
            let mut all = batches.active();
            if all.get(&id).is_some_and(|other| other.run == active.run) {
                all.remove(&id);
            }
            drop(all);
            active.done.cancel();
        });
    }

    /// Stops a batch build and waits until it is complete, at most for `patience`. Does nothing if
    /// it is complete already.
    pub(crate) async fn stop(&self, id: &str, patience: Duration) {
        let active = self.active().get(id).cloned();
        if let Some(active) = active {
            active.stop.cancel();
            let _ = tokio::time::timeout(patience, active.done.cancelled()).await;
        }
    }

    /// Stops all batch builds and waits until they are complete, at most for `patience`.
    pub(crate) async fn shut_down(&self, patience: Duration) {
        self.inner.tasks.close();
        for active in self.active().values() {
            active.stop.cancel();
        }
        if tokio::time::timeout(patience, self.inner.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some batch builds did not stop in time; the next start settles them");
        }
    }

    fn active(&self) -> std::sync::MutexGuard<'_, HashMap<String, Active>> {
        self.inner
            .active
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
