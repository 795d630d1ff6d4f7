//! The sandboxes of this process: waiting, running, stopping.
//!
//! See [debug builds with CodeBuild sandbox](https://docs.aws.amazon.com/codebuild/latest/userguide/sandbox.html).

mod commands;
mod phases;
mod run;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::background::Background;
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
    running: Background,
    cut_off: CancellationToken,
}

impl Sandboxes {
    /// They count as builds do; `cut_off` ends them without another word.
    pub(crate) fn new(builds: Builds, cut_off: CancellationToken) -> Self {
        Self {
            inner: Arc::new(Inner {
                builds,
                running: Background::default(),
                cut_off,
            }),
        }
    }

    /// Runs a sandbox that has been stored, in the container of this build.
    pub(crate) fn start(&self, sandbox: Sandbox, build: Box<StoredBuild>, place: Place) {
        let id = sandbox.id.clone();
        let active = self.inner.running.begin(&id);
        let inner = Arc::clone(&self.inner);
        self.inner.running.spawn(async move {
            let run = run::run(&inner.builds, sandbox, *build, &active);
            let _ = inner.cut_off.run_until_cancelled(run).await;
            inner.running.end(&id, &active);
            drop(place);
        });
    }

    /// Tells a sandbox that a command was stored for it.
    pub(crate) fn look_for_commands(&self, id: &str) {
        if let Some(active) = self.inner.running.get(id) {
            active.news.notify_one();
        }
    }

    /// Stops a sandbox and waits until its record shows it, at most for `patience`. Does nothing if
    /// it has ended.
    pub(crate) async fn stop(&self, id: &str, patience: Duration) {
        self.inner.running.stop(id, patience).await;
    }

    /// Stops all sandboxes and waits until they have ended, at most for `patience`.
    pub(crate) async fn shut_down(&self, patience: Duration) {
        self.inner.running.shut_down(patience, "sandboxes").await;
    }
}
