//! What runs in the background by id, and how it is stopped: builds, batch builds, sandboxes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Everything of one kind that runs.
#[derive(Debug, Default)]
pub(crate) struct Background {
    runs: Mutex<HashMap<String, Run>>,
    numbers: AtomicU64,
    tasks: TaskTracker,
}

/// One run. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Run {
    /// Tells a retry from the run before it.
    number: u64,
    /// It shall stop.
    pub(crate) stop: CancellationToken,
    /// Its record shows what whoever stops it waits for.
    pub(crate) told: CancellationToken,
    /// There may be something new for it to do.
    pub(crate) news: Arc<Notify>,
}

impl Background {
    /// A run begins.
    pub(crate) fn begin(&self, id: &str) -> Run {
        let run = Run {
            number: self.numbers.fetch_add(1, Ordering::Relaxed),
            ..Run::default()
        };
        self.runs().insert(id.to_owned(), run.clone());
        run
    }

    /// A run is over. One that has begun since under the same id goes on.
    pub(crate) fn end(&self, id: &str, run: &Run) {
        let mut runs = self.runs();
        if runs.get(id).is_some_and(|other| other.number == run.number) {
            runs.remove(id);
        }
        drop(runs);
        run.told.cancel();
    }

    /// The run that goes on under this id.
    pub(crate) fn get(&self, id: &str) -> Option<Run> {
        self.runs().get(id).cloned()
    }

    /// Runs a task that [`Background::shut_down`] waits for.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Stops a run and waits until its record shows it, at most for `patience`. Does nothing if it
    /// is over already.
    pub(crate) async fn stop(&self, id: &str, patience: Duration) {
        if let Some(run) = self.get(id) {
            run.stop.cancel();
            let _ = tokio::time::timeout(patience, run.told.cancelled()).await;
        }
    }

    /// Stops everything and waits until it is over, at most for `patience`. `what` names it.
    pub(crate) async fn shut_down(&self, patience: Duration, what: &str) {
        self.tasks.close();
        for run in self.runs().values() {
            run.stop.cancel();
        }
        if tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                what,
                "some did not stop in time; the next start settles them"
            );
        }
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<String, Run>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
