//! What runs builds and sandboxes: the build engine, or a stand-in for tests.

use std::fmt;
use std::pin::Pin;

use build_engine::BuildRequest;
use build_engine::Engine;
use build_engine::Event;
use build_engine::HostRoute;
use build_engine::RunningBuild;
use build_engine::RunningSandbox;
use tokio::sync::OnceCell;

use crate::EngineChoice;

/// The future of a [`BuildRunner`]'s method.
pub type RunnerFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// Runs builds. [`build_engine::Engine`] is what does it outside of tests.
pub trait BuildRunner: fmt::Debug + Send + Sync {
    /// Starts a build.
    ///
    /// # Errors
    ///
    /// A sentence for the person who reads the build: why nothing can run here now.
    fn start(&self, request: BuildRequest) -> RunnerFuture<'_, Box<dyn StartedBuild>>;

    /// Starts a sandbox: the container of such a build, without its buildspec.
    ///
    /// # Errors
    ///
    /// As those of [`BuildRunner::start`].
    fn start_sandbox(&self, request: BuildRequest) -> RunnerFuture<'_, Box<dyn StartedSandbox>>;

    /// How a build's container reaches this host.
    ///
    /// # Errors
    ///
    /// As those of [`BuildRunner::start`].
    fn host_route(&self) -> RunnerFuture<'_, HostRoute>;

    /// Removes what earlier builds of `owner` left behind when their process was killed.
    ///
    /// # Errors
    ///
    /// A sentence that says why that could not be done now.
    fn remove_leftovers<'a>(&'a self, owner: &'a str) -> RunnerFuture<'a, ()>;

    /// Removes the local caches of a project of `owner`, or of all its projects.
    ///
    /// # Errors
    ///
    /// A sentence that says why that could not be done now.
    fn remove_caches<'a>(
        &'a self,
        owner: &'a str,
        project: Option<&'a str>,
    ) -> RunnerFuture<'a, ()>;
}

/// A build that a [`BuildRunner`] has started. Dropping it stops the build.
pub trait StartedBuild: Send {
    /// Waits for at least one event and moves all that are there to `into`. Leaves it empty when no
    /// more will come: after [`Event::Finished`], or if the runner died.
    fn events<'a>(
        &'a mut self,
        into: &'a mut Vec<Event>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

    /// Asks the build to stop: it ends as STOPPED.
    fn stop(&self);
}

/// A sandbox that a [`BuildRunner`] has started. Dropping it stops the sandbox.
pub trait StartedSandbox: StartedBuild {
    /// Runs a command after those that were given before, and not before RUN_SANDBOX. What comes of
    /// it is an [`Event::CommandEnded`] with this id.
    fn run(&self, id: &str, command: &str);
}

/// How many events are taken at once.
const BATCH: usize = 4096;

impl StartedBuild for RunningBuild {
    fn events<'a>(
        &'a mut self,
        into: &'a mut Vec<Event>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            self.events.recv_many(into, BATCH).await;
        })
    }

    fn stop(&self) {
        Self::stop(self);
    }
}

impl StartedBuild for RunningSandbox {
    fn events<'a>(
        &'a mut self,
        into: &'a mut Vec<Event>,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            self.events.recv_many(into, BATCH).await;
        })
    }

    fn stop(&self) {
        Self::stop(self);
    }
}

impl StartedSandbox for RunningSandbox {
    fn run(&self, id: &str, command: &str) {
        Self::run(self, id, command);
    }
}

/// Runs builds on a Docker Engine, to which it connects when the first build starts.
#[derive(Debug)]
pub(crate) struct DockerRunner {
    host: Option<String>,
    engine: OnceCell<Engine>,
}

impl DockerRunner {
    pub(crate) fn new(host: Option<String>, engine: Option<Engine>) -> Self {
        Self {
            host,
            engine: OnceCell::new_with(engine),
        }
    }

    async fn engine(&self) -> Result<&Engine, String> {
        // An error is not kept: the next build tries again.
        self.engine
            .get_or_try_init(|| Engine::connect(self.host.as_deref()))
            .await
            .map_err(|error| with_causes(&error))
    }
}

impl BuildRunner for DockerRunner {
    fn start(&self, request: BuildRequest) -> RunnerFuture<'_, Box<dyn StartedBuild>> {
        Box::pin(async move {
            let started: Box<dyn StartedBuild> = Box::new(self.engine().await?.run(request));
            Ok(started)
        })
    }

    fn start_sandbox(&self, request: BuildRequest) -> RunnerFuture<'_, Box<dyn StartedSandbox>> {
        Box::pin(async move {
            let engine = self.engine().await?;
            let started: Box<dyn StartedSandbox> = Box::new(engine.run_sandbox(request));
            Ok(started)
        })
    }

    fn host_route(&self) -> RunnerFuture<'_, HostRoute> {
        Box::pin(async move { Ok(self.engine().await?.host_route().await) })
    }

    fn remove_leftovers<'a>(&'a self, owner: &'a str) -> RunnerFuture<'a, ()> {
        Box::pin(async move {
            let removed = self
                .engine()
                .await?
                .remove_leftovers(owner)
                .await
                .map_err(|error| with_causes(&error))?;
            if !removed.builds.is_empty() {
                tracing::info!(builds = ?removed.builds, "removed what a killed process left behind");
            }
            Ok(())
        })
    }

    fn remove_caches<'a>(
        &'a self,
        owner: &'a str,
        project: Option<&'a str>,
    ) -> RunnerFuture<'a, ()> {
        Box::pin(async move {
            self.engine()
                .await?
                .remove_caches(owner, project)
                .await
                .map(|_| ())
                .map_err(|error| with_causes(&error))
        })
    }
}

impl EngineChoice {
    pub(crate) fn runner(self) -> std::sync::Arc<dyn BuildRunner> {
        match self {
            Self::Connect(host) => std::sync::Arc::new(DockerRunner::new(host, None)),
            Self::Connected(engine) => std::sync::Arc::new(DockerRunner::new(None, Some(engine))),
            Self::Runner(runner) => runner,
        }
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
