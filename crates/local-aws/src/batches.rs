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

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::background::Background;
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
    running: Background,
    cut_off: CancellationToken,
}

impl Batches {
    /// Their builds run with `builds`; `cut_off` ends them without another word.
    pub(crate) fn new(builds: Builds, cut_off: CancellationToken) -> Self {
        Self {
            inner: Arc::new(Inner {
                builds,
                running: Background::default(),
                cut_off,
            }),
        }
    }

    /// Runs a batch build that has been stored.
    pub(crate) fn start(&self, id: &str) {
        let id = id.to_owned();
        let active = self.inner.running.begin(&id);
        let inner = Arc::clone(&self.inner);
        self.inner.running.spawn(async move {
            let run = run::run(&inner.builds, &id, &active.stop);
            if let Some(Err(error)) = inner.cut_off.run_until_cancelled(run).await {
                tracing::error!(batch = id, %error, "the batch build's record could not be stored");
            }
            inner.running.end(&id, &active);
        });
    }

    /// Stops a batch build and waits until it is complete, at most for `patience`. Does nothing if
    /// it is complete already.
    pub(crate) async fn stop(&self, id: &str, patience: Duration) {
        self.inner.running.stop(id, patience).await;
    }

    /// Stops all batch builds and waits until they are complete, at most for `patience`.
    pub(crate) async fn shut_down(&self, patience: Duration) {
        self.inner.running.shut_down(patience, "batch builds").await;
    }
}
