//! The Docker Engine, as the rest of the workspace sees it.

use tokio::sync::mpsc;

use crate::event::Event;
use crate::request::BuildRequest;

/// A connection to a Docker Engine, cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {}

/// What the Docker Engine says about itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EngineInfo {
    /// Where it listens, such as `unix:///var/run/docker.sock`.
    pub host: String,
    /// Such as `20.10.24`.
    pub version: String,
    /// The API version that was negotiated, such as `1.41`.
    pub api_version: String,
    /// Such as `linux`.
    pub os: String,
    /// Such as `x86_64`.
    pub architecture: String,
    /// `1` or `2`.
    pub cgroup_version: String,
    /// Whether the engine runs without root.
    pub rootless: bool,
    /// The engine's own name for what it runs on, such as `Debian GNU/Linux 12` or `Docker Desktop`.
    pub operating_system: String,
}

/// Why the Docker Engine could not do something.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {}

/// What [`Engine::remove_leftovers`] removed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Leftovers {
    /// The build ids whose containers were removed.
    pub builds: Vec<String>,
    /// How many volumes were removed.
    pub volumes: usize,
}

/// A build that has been started.
#[derive(Debug)]
pub struct RunningBuild {
    /// What happens, until [`Event::Finished`]. Dropping the receiver stops the build.
    pub events: mpsc::Receiver<Event>,
}

impl RunningBuild {
    /// Stops the build: it ends as STOPPED, its container is removed.
    pub fn stop(&self) {
        todo!()
    }
}

impl Engine {
    /// Connects to `host`; without one, to `DOCKER_HOST`, the current Docker context, or the
    /// default socket, whichever comes first. Answers only after the engine has answered.
    ///
    /// # Errors
    ///
    /// If no engine answers there; the message says what was tried and what to do.
    pub async fn connect(_host: Option<&str>) -> Result<Self, EngineError> {
        todo!()
    }

    /// What the engine says about itself.
    #[must_use]
    pub fn info(&self) -> &EngineInfo {
        todo!()
    }

    /// Whether the image is on this engine.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn has_image(&self, _image: &str) -> Result<bool, EngineError> {
        todo!()
    }

    /// Whether the engine reaches the image's registry, by asking for the image's manifest.
    pub async fn reaches_registry_of(&self, _image: &str) -> bool {
        todo!()
    }

    /// Whether a stand-in for `image` can be made from this host's own Docker binaries
    /// (`docker:…dind` only, Linux engine on this host only).
    #[must_use]
    pub fn can_stand_in_for(&self, _image: &str) -> bool {
        todo!()
    }

    /// Starts a build. Returns at once; everything else, errors included, is an [`Event`].
    #[must_use]
    pub fn run(&self, _request: BuildRequest) -> RunningBuild {
        let (_events, receiver) = mpsc::channel(1);
        RunningBuild { events: receiver }
    }

    /// Removes containers and volumes of earlier builds of `owner` that no longer run under it.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn remove_leftovers(&self, _owner: &str) -> Result<Leftovers, EngineError> {
        todo!()
    }
}
