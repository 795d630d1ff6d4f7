//! The Docker Engine, as the rest of the workspace sees it.

use std::collections::HashMap;
use std::fs;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use bollard::Docker;
use bollard::query_parameters::ListContainersOptionsBuilder;
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::build;
use crate::build::SandboxCommand;
use crate::cache_volumes;
use crate::capabilities;
use crate::container;
use crate::container::ContainerSpec;
use crate::container::Rights;
use crate::docker_host;
use crate::error;
use crate::error::EngineError;
use crate::event::Event;
use crate::host_route;
use crate::host_route::HostRoute;
use crate::image;
use crate::log::LogSink;
use crate::provision;
use crate::request::BuildRequest;
use crate::stand_in;

/// How long an engine may take to say what it is.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a registry that could not be reached is not asked again.
const REGISTRY_PAUSE: Duration = Duration::from_secs(120);
/// Events that wait for their reader. A reader that is slower than the build slows the build.
const WAITING_EVENTS: usize = 128;

/// A connection to a Docker Engine, cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    docker: Docker,
    info: EngineInfo,
    /// Whether the engine runs on this host, so that this host's files and rights are its own.
    is_local: bool,
    refuses_privileged: AtomicBool,
    /// Registries that could not be reached, and when.
    out_of_reach: Mutex<HashMap<String, Instant>>,
    cache_volumes: cache_volumes::InUse,
    /// Held while a stand-in image is made, so that two builds do not make it twice.
    stand_in: tokio::sync::Mutex<()>,
}

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

/// How a host runs privileged containers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PrivilegedSupport {
    /// With `--privileged`, as everywhere.
    Full,
    /// It refuses `--privileged`, but gives the same rights one by one.
    SpelledOut,
}

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
    stop: CancellationToken,
}

impl RunningBuild {
    /// Stops the build: it ends as STOPPED, its container is removed.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Stops the build like [`RunningBuild::stop`], from where the build itself is out of hand.
    #[must_use]
    pub fn stopper(&self) -> CancellationToken {
        self.stop.clone()
    }
}

/// A sandbox that has been started: a container as a build has it, source and variables included,
/// that runs commands until it is stopped.
#[derive(Debug)]
pub struct RunningSandbox {
    /// What happens, until [`Event::Finished`]. Dropping the receiver stops the sandbox.
    pub events: mpsc::Receiver<Event>,
    commands: mpsc::UnboundedSender<SandboxCommand>,
    stop: CancellationToken,
}

impl RunningSandbox {
    /// Runs a command in a shell, after those that were given before, and not before RUN_SANDBOX.
    /// What comes of it is an [`Event::CommandEnded`] with this id; there is none if the sandbox
    /// ends before.
    pub fn run(&self, id: impl Into<String>, text: impl Into<String>) {
        let command = SandboxCommand {
            id: id.into(),
            text: text.into(),
        };
        // It is over: its last event says so.
        let _ = self.commands.send(command);
    }

    /// Stops the sandbox: it ends as STOPPED, its container is removed, whatever runs in it.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

impl Engine {
    /// Connects to `host`; without one, to `DOCKER_HOST`, the current Docker context, or the
    /// default socket, whichever comes first. Answers only after the engine has answered.
    ///
    /// # Errors
    ///
    /// If no engine answers there; the message says what was tried and what to do.
    pub async fn connect(host: Option<&str>) -> Result<Self, EngineError> {
        let mut tried = Vec::new();
        for host in docker_host::candidates(host)? {
            match tokio::time::timeout(CONNECT_TIMEOUT, connect_to(&host)).await {
                Ok(Ok(engine)) => return Ok(engine),
                Ok(Err(reason)) => tried.push((host, reason)),
                Err(_) => tried.push((host, "no answer in time".to_owned())),
            }
        }
        Err(EngineError::NoEngine { tried })
    }

    /// What the engine says about itself.
    #[must_use]
    pub fn info(&self) -> &EngineInfo {
        &self.inner.info
    }

    /// Whether the image is on this engine.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn has_image(&self, image: &str) -> Result<bool, EngineError> {
        match self.docker().inspect_image(image).await {
            Ok(_) => Ok(true),
            Err(error) if error::status(&error) == Some(404) => Ok(false),
            Err(error) => Err(self.request_error(&error)),
        }
    }

    /// Pulls an image. `progress` is told a line for each new state of a layer.
    ///
    /// # Errors
    ///
    /// If the image cannot be pulled; the message has the engine's reason.
    pub async fn pull(
        &self,
        image: &str,
        mut progress: impl FnMut(&str) + Send,
    ) -> Result<(), EngineError> {
        let mut lines = std::pin::pin!(image::pull(self.docker(), image, None));
        while let Some(line) = lines.next().await {
            progress(&line.map_err(|error| self.request_error(&error))?);
        }
        Ok(())
    }

    /// Whether the engine reaches the image's registry, by asking for the image's manifest.
    pub async fn reaches_registry_of(&self, image: &str) -> bool {
        match self.docker().inspect_registry_image(image, None).await {
            Ok(_) => true,
            Err(error) => {
                let is_out_of_reach = image::is_out_of_reach(&error::reason(&error));
                if is_out_of_reach {
                    self.remember_out_of_reach(image::registry(image));
                }
                !is_out_of_reach
            }
        }
    }

    /// Whether a stand-in for `image` can be made from this host's own Docker binaries
    /// (`docker:…dind` only, Linux engine on this host only).
    #[must_use]
    pub fn can_stand_in_for(&self, image: &str) -> bool {
        self.inner.is_local && self.info().os == "linux" && stand_in::fits(image)
    }

    /// The name of the stand-in image that this engine would run instead of `docker:dind`. The
    /// image need not be there yet.
    #[must_use]
    pub fn stand_in_name(&self) -> String {
        stand_in::name(&self.info().version)
    }

    /// How this host runs privileged containers. Tries it with a container of `image`, which must
    /// be on the engine; takes less than a second. The answer is remembered for the builds.
    ///
    /// # Errors
    ///
    /// If not even the rights one by one are given, or the engine does not answer.
    pub async fn privileged_support(&self, image: &str) -> Result<PrivilegedSupport, EngineError> {
        let probe = ContainerSpec::probe(image, self.privileged_rights());
        let rights = provision::try_privileged(self, probe)
            .await
            .map_err(|error| self.request_error(&error))?;
        Ok(match rights {
            Rights::SpelledOut { .. } => PrivilegedSupport::SpelledOut,
            Rights::Plain | Rights::Privileged => PrivilegedSupport::Full,
        })
    }

    /// How a container of this engine reaches this host. Asks the engine, which takes a few
    /// milliseconds.
    pub async fn host_route(&self) -> HostRoute {
        host_route::of(self).await
    }

    /// Starts a build. Returns at once; everything else, errors included, is an [`Event`].
    ///
    /// Must be called inside a tokio runtime. The build's container is removed when the build is
    /// over, also when it was stopped or [`RunningBuild::events`] was dropped.
    #[must_use]
    pub fn run(&self, request: BuildRequest) -> RunningBuild {
        let (events, receiver) = mpsc::channel(WAITING_EVENTS);
        let stop = CancellationToken::new();
        let task = build::run(self.clone(), request, events, stop.clone(), None);
        tokio::spawn(task);
        RunningBuild {
            events: receiver,
            stop,
        }
    }

    /// Starts a sandbox, as [`Engine::run`] starts a build. Of the request, what is about buildspec,
    /// artifacts, breakpoints and steps has no meaning; its timeout ends the sandbox.
    #[must_use]
    pub fn run_sandbox(&self, request: BuildRequest) -> RunningSandbox {
        let (events, receiver) = mpsc::channel(WAITING_EVENTS);
        let (commands, given) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let task = build::run(self.clone(), request, events, stop.clone(), Some(given));
        tokio::spawn(task);
        RunningSandbox {
            events: receiver,
            commands,
            stop,
        }
    }

    /// Removes containers and volumes of earlier builds of `owner` that no longer run under it.
    ///
    /// Call it when no build of `owner` runs: it removes every container with its label.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn remove_leftovers(&self, owner: &str) -> Result<Leftovers, EngineError> {
        let label = format!("{}={owner}", container::OWNER_LABEL);
        let filters = HashMap::from([("label".to_owned(), vec![label])]);
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&filters)
            .build();
        let found = self
            .docker()
            .list_containers(Some(options))
            .await
            .map_err(|error| self.request_error(&error))?;
        let mut leftovers = Leftovers::default();
        for summary in found {
            let Some(id) = summary.id else { continue };
            container::remove(self.docker(), &id)
                .await
                .map_err(|error| self.request_error(&error))?;
            let labels = summary.labels.unwrap_or_default();
            leftovers
                .builds
                .extend(labels.get(container::BUILD_LABEL).cloned());
            leftovers.volumes += summary.mounts.map_or(0, |mounts| {
                let names = mounts.iter().filter_map(|mount| mount.name.as_deref());
                names.filter(|name| !cache_volumes::is_cache(name)).count()
            });
        }
        Ok(leftovers)
    }

    /// The projects of `owner` that have local caches, each once.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn cached_projects(&self, owner: &str) -> Result<Vec<String>, EngineError> {
        let found = cache_volumes::list(self.docker(), owner, None)
            .await
            .map_err(|error| self.request_error(&error))?;
        let mut projects: Vec<String> = found.into_iter().map(|(_, project)| project).collect();
        projects.sort();
        projects.dedup();
        Ok(projects)
    }

    /// Removes the local caches of a project of `owner`, or of all its projects. A cache that a
    /// running build uses stays. Gives how many volumes were removed.
    ///
    /// # Errors
    ///
    /// If the engine does not answer.
    pub async fn remove_caches(
        &self,
        owner: &str,
        project: Option<&str>,
    ) -> Result<usize, EngineError> {
        cache_volumes::remove(self.docker(), owner, project)
            .await
            .map_err(|error| self.request_error(&error))
    }

    pub(crate) fn cache_volumes(&self) -> &cache_volumes::InUse {
        &self.inner.cache_volumes
    }

    pub(crate) fn is_local(&self) -> bool {
        self.inner.is_local
    }

    pub(crate) fn docker(&self) -> &Docker {
        &self.inner.docker
    }

    /// The rights for a container that shall be privileged, as far as is known by now.
    pub(crate) fn privileged_rights(&self) -> Rights {
        if self.inner.refuses_privileged.load(Ordering::Relaxed) {
            self.spelled_out_rights()
        } else {
            Rights::Privileged
        }
    }

    pub(crate) fn spelled_out_rights(&self) -> Rights {
        Rights::SpelledOut {
            capabilities: capabilities::available(self.inner.is_local),
            binds_cgroup: self.info().cgroup_version == "1",
        }
    }

    pub(crate) fn remember_privileged_refused(&self) {
        self.inner.refuses_privileged.store(true, Ordering::Relaxed);
    }

    pub(crate) fn was_out_of_reach(&self, registry: &str) -> bool {
        let times = &self.inner.out_of_reach;
        let times = times.lock().unwrap_or_else(PoisonError::into_inner);
        let since = times.get(registry);
        since.is_some_and(|since| since.elapsed() < REGISTRY_PAUSE)
    }

    pub(crate) fn remember_out_of_reach(&self, registry: &str) {
        let times = &self.inner.out_of_reach;
        let mut times = times.lock().unwrap_or_else(PoisonError::into_inner);
        times.insert(registry.to_owned(), Instant::now());
    }

    /// The stand-in image, made now if it is not there. The error is a reason for the log.
    pub(crate) async fn stand_in(&self, log: &LogSink) -> Result<String, String> {
        let _one_at_a_time = self.inner.stand_in.lock().await;
        let name = self.stand_in_name();
        if self.has_image(&name).await.map_err(|e| e.to_string())? {
            return Ok(name);
        }
        log.line(&format!(
            "Making {name} from this host's own Docker binaries"
        ))
        .await;
        stand_in::make(self.docker(), &name).await?;
        Ok(name)
    }

    fn request_error(&self, error: &bollard::errors::Error) -> EngineError {
        EngineError::Request {
            host: self.info().host.clone(),
            reason: error::reason(error),
        }
    }
}

async fn connect_to(host: &str) -> Result<Engine, String> {
    let docker = Docker::connect_with_host(host).map_err(|error| match error {
        bollard::errors::Error::UnsupportedURISchemeError { .. } => {
            "only unix://, npipe:// and tcp:// without TLS are supported; for an engine behind ssh, forward its socket: ssh -L /tmp/docker.sock:/var/run/docker.sock HOST".to_owned()
        }
        other => error::reason(&other),
    })?;
    let docker = docker
        .negotiate_version()
        .await
        .map_err(|error| error::reason(&error))?;
    let api = docker.client_version();
    let info = docker.info().await.map_err(|error| error::reason(&error))?;
    let security = info.security_options.unwrap_or_default();
    let is_local = is_this_host(host, info.name.as_deref());
    let info = EngineInfo {
        host: host.to_owned(),
        version: info.server_version.unwrap_or_default(),
        api_version: format!("{}.{}", api.major_version, api.minor_version),
        os: info.os_type.unwrap_or_default(),
        architecture: info.architecture.unwrap_or_default(),
        // Engines before 20.10 do not say; they know only version 1.
        cgroup_version: info
            .cgroup_version
            .map(|version| version.to_string())
            .filter(|version| !version.is_empty())
            .unwrap_or_else(|| "1".to_owned()),
        rootless: security.iter().any(|option| option.contains("rootless")),
        operating_system: info.operating_system.unwrap_or_default(),
    };
    Ok(Engine {
        inner: Arc::new(Inner {
            docker,
            info,
            is_local,
            refuses_privileged: AtomicBool::new(false),
            out_of_reach: Mutex::new(HashMap::new()),
            cache_volumes: cache_volumes::InUse::default(),
            stand_in: tokio::sync::Mutex::new(()),
        }),
    })
}

/// A socket of this host may belong to an engine in a virtual machine: that has a name of its own.
fn is_this_host(host: &str, engine_name: Option<&str>) -> bool {
    let own_name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    host.starts_with("unix://") && engine_name == Some(own_name.trim())
}
