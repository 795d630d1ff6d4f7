//! What `build --cache` keeps on the Docker Engine, until `cleanup`.

use build_engine::Engine;

use super::request::OWNER;
use crate::command_error::CommandError;

/// The caches that builds have left on the Docker Engine.
#[derive(Debug)]
pub(in crate::commands) struct BuildCaches {
    engine: Engine,
    /// The directories that were built.
    pub(in crate::commands) directories: Vec<String>,
}

impl BuildCaches {
    /// Looks for caches; `None` if there are none, or no Docker Engine that could have them.
    pub(in crate::commands) async fn find() -> Option<Self> {
        let engine = Engine::connect(None).await.ok()?;
        let directories = engine.cached_projects(OWNER).await.ok()?;
        (!directories.is_empty()).then_some(Self {
            engine,
            directories,
        })
    }

    /// Removes them. One that a running build uses stays.
    pub(in crate::commands) async fn remove(&self) -> Result<usize, CommandError> {
        self.engine
            .remove_caches(OWNER, None)
            .await
            .map_err(|error| CommandError::step(error.to_string()))
    }
}
