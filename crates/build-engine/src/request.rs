//! What the engine is asked to run.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::event::PhaseContext;
use crate::log::LogSink;

/// One build.
#[derive(Clone)]
pub struct BuildRequest {
    /// The build id, `project:uuid`. Labels the container.
    pub build_id: String,
    /// Who the build belongs to, the same for all builds of one state directory. Labels the
    /// container, so that [`crate::Engine::remove_leftovers`] finds what a crash left behind.
    pub owner: String,
    /// The build image, such as `docker:dind`.
    pub image: String,
    /// Whether the container gets the rights that a Docker daemon inside it needs.
    pub privileged: bool,
    /// The environment from the build and the project, `CODEBUILD_…` included, in the order of
    /// precedence low to high. The buildspec's own variables rank below all of these.
    /// `CODEBUILD_SRC_DIR`, `CODEBUILD_RESOLVED_SOURCE_VERSION`, `CODEBUILD_BUILD_SUCCEEDING` and
    /// `HOME` are set by the engine.
    pub environment: Vec<(String, String)>,
    /// Values that must not show in the log.
    pub secrets: Vec<String>,
    /// Where the source and the buildspec come from.
    pub source: Arc<dyn Source>,
    /// How long the build may take, from PROVISIONING on.
    pub timeout: Duration,
}

/// Fetches a build's source during DOWNLOAD_SOURCE.
pub trait Source: Send + Sync {
    /// Fetches the source. Lines for the build log go to `log`.
    ///
    /// # Errors
    ///
    /// The context that DOWNLOAD_SOURCE fails with.
    fn fetch<'a>(
        &'a self,
        log: &'a LogSink,
    ) -> Pin<Box<dyn Future<Output = Result<FetchedSource, PhaseContext>> + Send + 'a>>;
}

/// A source that is ready to be put into the container.
#[derive(Debug)]
pub struct FetchedSource {
    /// An uncompressed tar archive of the source tree on this host. Removed after use if
    /// `remove_archive` says so. `None`: there is no source (NO_SOURCE).
    pub archive: Option<PathBuf>,
    /// Whether the engine removes the archive once it is in the container.
    pub remove_archive: bool,
    /// The source directory below `/codebuild/output/src<digits>/src/`, such as
    /// `github.com/owner/repo`.
    pub directory: String,
    /// Such as a commit id.
    pub resolved_version: Option<String>,
    /// Where the buildspec is.
    pub buildspec: BuildspecLocation,
}

/// Where a build's buildspec is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BuildspecLocation {
    /// A file in the source tree, relative to its root. The default is `buildspec.yml`.
    File(String),
    /// The text itself.
    Inline(String),
}
