//! What the engine is asked to run.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::event::PhaseContext;
use crate::log::LogSink;
use crate::source_archive;
use crate::stepper::Stepper;
use crate::storage::ArtifactRequest;
use crate::storage::Storage;

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
    pub environment: Vec<Variable>,
    /// Groups of variables that rank below everything else, the buildspec included. If something
    /// else sets one of a group, the whole group is left out.
    pub defaults: Vec<Vec<Variable>>,
    /// One more such group, for builds whose buildspec has `git-credential-helper: yes`: the settings
    /// of git that lead to its repositories and to `git-credential-codebuild`.
    pub git_settings: Vec<Variable>,
    /// Values that must not show in the log.
    pub secrets: Vec<String>,
    /// Where the values of secret variables come from. Without it, a build that has such variables
    /// fails in DOWNLOAD_SOURCE.
    pub secret_store: Option<Arc<dyn SecretStore>>,
    /// The secret in Secrets Manager that holds user name and password for the image's registry.
    pub registry_credential: Option<String>,
    /// The login for the image's registry if `registry_credential` names none.
    pub registry_login: Option<RegistryLogin>,
    /// Registries without TLS, as `host:port`, that a Docker daemon in the container shall take. Has
    /// an effect in privileged builds only, and in images that bring no `daemon.json` of their own.
    pub insecure_registries: Vec<String>,
    /// Where the source and the buildspec come from.
    pub source: Arc<dyn Source>,
    /// The artifacts that the project wants. Empty: none are collected, whatever the buildspec says.
    pub artifacts: Vec<ArtifactRequest>,
    /// What is kept from build to build.
    pub cache: CacheRequest,
    /// Where artifacts, remote caches and reports go.
    pub storage: Option<Arc<dyn Storage>>,
    /// Whether `codebuild-breakpoint` stops the build (`debugSessionEnabled` in the API).
    pub debug_session: bool,
    /// Is asked before and after each command.
    pub stepper: Option<Arc<dyn Stepper>>,
    /// How long the build may take, from PROVISIONING on.
    pub timeout: Duration,
}

impl BuildRequest {
    /// A request with nothing that is optional: no variables, artifacts or caches, not privileged,
    /// and 60 minutes, CodeBuild's default.
    #[must_use]
    pub fn new(build_id: String, owner: String, image: String, source: Arc<dyn Source>) -> Self {
        Self {
            build_id,
            owner,
            image,
            privileged: false,
            environment: Vec::new(),
            defaults: Vec::new(),
            git_settings: Vec::new(),
            secrets: Vec::new(),
            secret_store: None,
            registry_credential: None,
            registry_login: None,
            insecure_registries: Vec::new(),
            source,
            artifacts: Vec::new(),
            cache: CacheRequest::None,
            storage: None,
            debug_session: false,
            stepper: None,
            timeout: Duration::from_secs(60 * 60),
        }
    }
}

/// User name and password for a registry, in the form of a secret with registry credentials. See
/// [private registry with Secrets Manager](https://docs.aws.amazon.com/codebuild/latest/userguide/sample-private-registry.html).
#[derive(Clone, Deserialize)]
pub struct RegistryLogin {
    /// The user.
    pub username: String,
    /// The password. It must not show in a log.
    pub password: String,
}

/// An environment variable.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Variable {
    /// The name.
    pub name: String,
    /// The value, or where it is.
    pub value: VariableValue,
}

impl Variable {
    /// A variable with a value that is no secret.
    #[must_use]
    pub fn plain(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: VariableValue::Plain(value.into()),
        }
    }
}

/// The value of a variable, or where it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum VariableValue {
    /// The value itself.
    Plain(String),
    /// The name of a parameter in Systems Manager Parameter Store.
    ParameterStore(String),
    /// `secret-id:json-key:version-stage:version-id` in Secrets Manager.
    SecretsManager(String),
}

/// An answer that takes a while. The error is the context that the phase at hand fails with.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, PhaseContext>> + Send + 'a>>;

/// Where the values of secret variables come from.
pub trait SecretStore: Send + Sync {
    /// The value of a parameter of Systems Manager Parameter Store, decrypted.
    fn parameter<'a>(&'a self, name: &'a str) -> Answer<'a, String>;

    /// What `secret-id:json-key:version-stage:version-id` stands for in Secrets Manager.
    fn secret<'a>(&'a self, reference: &'a str) -> Answer<'a, String>;
}

/// What is kept from build to build.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum CacheRequest {
    /// Nothing (`NO_CACHE`).
    #[default]
    None,
    /// The files that the buildspec's `cache` names, through [`Storage`] (`S3`).
    Remote,
    /// Volumes on the Docker Engine (`LOCAL`).
    Local {
        /// Whose caches these are: the project's name.
        project: String,
        /// The directories that the buildspec's `cache` names (`LOCAL_CUSTOM_CACHE`).
        custom: bool,
        /// The inner Docker's `/var/lib/docker` (`LOCAL_DOCKER_LAYER_CACHE`). Privileged builds
        /// only.
        docker_layer: bool,
    },
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
    /// The secondary sources, in the order of the project.
    pub secondary: Vec<SecondarySource>,
}

/// A source beside the primary one.
#[derive(Debug)]
pub struct SecondarySource {
    /// `sourceIdentifier`: its directory is in `CODEBUILD_SRC_DIR_<identifier>`.
    pub identifier: String,
    /// As [`FetchedSource::archive`].
    pub archive: Option<PathBuf>,
    /// As [`FetchedSource::remove_archive`].
    pub remove_archive: bool,
    /// Goes to `CODEBUILD_RESOLVED_SOURCE_VERSION_<identifier>`.
    pub resolved_version: Option<String>,
}

impl FetchedSource {
    /// The buildspec's text, read from the archive unless it is inline.
    ///
    /// `directory` is where the source will be in the container: CodeBuild's messages name it. Does
    /// blocking reads on another thread.
    ///
    /// # Errors
    ///
    /// `YAML_FILE_ERROR` if there is no such file, or if it is not text.
    pub async fn buildspec_text(&self, directory: &str) -> Result<String, PhaseContext> {
        let name = match &self.buildspec {
            BuildspecLocation::Inline(text) => return Ok(text.clone()),
            BuildspecLocation::File(name) => name.clone(),
        };
        let missing = || {
            PhaseContext::yaml_file_error(if name == "buildspec.yml" {
                "YAML file does not exist".to_owned()
            } else {
                format!("stat {directory}/{name}: no such file or directory")
            })
        };
        let Some(path) = self.archive.clone() else {
            return Err(missing());
        };
        let wanted = name.clone();
        let content =
            tokio::task::spawn_blocking(move || source_archive::read_file(&path, &wanted))
                .await
                .map_err(std::io::Error::other)
                .and_then(|content| content)
                .map_err(|error| {
                    PhaseContext::client_error(format!("The source cannot be read: {error}"))
                })?
                .ok_or_else(missing)?;
        String::from_utf8(content)
            .map_err(|_| PhaseContext::yaml_file_error(format!("{name} is not UTF-8 text")))
    }
}

/// Where a build's buildspec is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BuildspecLocation {
    /// A file in the source tree, relative to its root. The default is `buildspec.yml`.
    File(String),
    /// The text itself.
    Inline(String),
}
