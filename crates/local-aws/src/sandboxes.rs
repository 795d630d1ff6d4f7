//! The sandboxes of this process: waiting, running, stopping.
//!
//! See [debug builds with CodeBuild sandbox](https://docs.aws.amazon.com/codebuild/latest/userguide/sandbox.html).

mod commands;
mod phases;
mod run;
mod settle;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::builds::Builds;
use crate::builds::Place;
use crate::codebuild::Sandbox;
use crate::codebuild::StoredBuild;

pub(crate) use settle::settle;

/// All sandboxes that have not ended. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Sandboxes {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    builds: Builds,
    active: Mutex<HashMap<String, Active>>,
    tasks: TaskTracker,
    cut_off: CancellationToken,
}

#[derive(Clone, Debug, Default)]
struct Active {
    stop: CancellationToken,
    /// The record shows that it is stopping, or that it has ended.
    told: CancellationToken,
    /// There may be another command.
    commands: Arc<Notify>,
}

impl Sandboxes {
    /// They count as builds do; `cut_off` ends them without another word.
    pub(crate) fn new(builds: Builds, cut_off: CancellationToken) -> Self {
        Self {
            inner: Arc::new(Inner {
                builds,
                active: Mutex::default(),
                tasks: TaskTracker::new(),
                cut_off,
            }),
        }
    }

    /// Runs a sandbox that has been stored, in the container of this build.
    pub(crate) fn start(&self, sandbox: Sandbox, build: Box<StoredBuild>, place: Place) {
        let id = sandbox.id.clone();
        let active = Active::default();
        self.active().insert(id.clone(), active.clone());
        let sandboxes = self.clone();
        self.inner.tasks.spawn(async move {
            let inner = &sandboxes.inner;
            let run = run::run(&inner.builds, sandbox, *build, &active);
            let _ = inner.cut_off.run_until_cancelled(run).await;
            sandboxes.active().remove(&id);
            active.told.cancel();
            drop(place);
        });
    }

    /// Tells a sandbox that a command was stored for it.
    pub(crate) fn look_for_commands(&self, id: &str) {
        if let Some(active) = self.active().get(id) {
            active.commands.notify_one();
        }
    }

    /// Stops a sandbox and waits until its record shows it, at most for `patience`. Does nothing if
    /// it has ended.
    pub(crate) async fn stop(&self, id: &str, patience: Duration) {
        let active = self.active().get(id).cloned();
        if let Some(active) = active {
            active.stop.cancel();
            let _ = tokio::time::timeout(patience, active.told.cancelled()).await;
        }
    }

    /// Stops all sandboxes and waits until they have ended, at most for `patience`.
    pub(crate) async fn shut_down(&self, patience: Duration) {
        self.inner.tasks.close();
        for active in self.active().values() {
            active.stop.cancel();
        }
        if tokio::time::timeout(patience, self.inner.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some sandboxes did not stop in time; the next start settles them");
        }
    }

    fn active(&self) -> std::sync::MutexGuard<'_, HashMap<String, Active>> {
        self.inner
            .active
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
