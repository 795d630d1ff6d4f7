//! The build container: made, started, attached to and removed.

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use bollard::Docker;
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::models::ContainerCreateBody;
use bollard::models::HostConfig;
use bollard::models::HostConfigLogConfig;
use bollard::query_parameters::AttachContainerOptionsBuilder;
use bollard::query_parameters::CreateContainerOptions;
use bollard::query_parameters::RemoveContainerOptionsBuilder;
use bollard::query_parameters::StartContainerOptions;
use bollard::query_parameters::WaitContainerOptionsBuilder;
use futures_util::Stream;
use futures_util::StreamExt;
use tokio::io::AsyncWrite;
use tokio::task::JoinHandle;

use crate::cache_volumes::DOCKER_DIRECTORY;
use crate::error;
use crate::runner;

/// How long the engine may take to remove a container by itself.
const REMOVAL_TIMEOUT: Duration = Duration::from_secs(30);

/// The label whose value is the build id.
pub(crate) const BUILD_LABEL: &str = "guided-demo.build-id";
/// The label whose value is the owner of the build.
pub(crate) const OWNER_LABEL: &str = "guided-demo.owner";

/// The rights of a container.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Rights {
    /// Those of any container.
    Plain,
    /// `--privileged`.
    Privileged,
    /// What `--privileged` gives, spelled out, for a host that refuses it.
    SpelledOut {
        capabilities: Vec<String>,
        binds_cgroup: bool,
    },
}

/// What a build container is made from.
#[derive(Clone, Debug)]
pub(crate) struct ContainerSpec {
    pub(crate) image: String,
    pub(crate) rights: Rights,
    pub(crate) build_id: String,
    pub(crate) owner: String,
    /// Whether the engine's init is process 1. It reaps orphans; a shell does not.
    pub(crate) has_init: bool,
    /// Volumes that outlive the container: their names and where they are mounted.
    pub(crate) volumes: Vec<(String, &'static str)>,
}

pub(crate) type OutputStream = Pin<Box<dyn Stream<Item = Result<LogOutput, Error>> + Send>>;

/// A build container that runs.
pub(crate) struct Container {
    pub(crate) id: String,
    /// The runner's standard input.
    pub(crate) input: Pin<Box<dyn AsyncWrite + Send>>,
    /// Everything that is printed in the container.
    pub(crate) output: OutputStream,
    /// The exit status of the container's main process, once it has ended.
    pub(crate) exit: JoinHandle<Option<i64>>,
}

impl ContainerSpec {
    /// A container that only shows whether it can be started with these rights.
    pub(crate) fn probe(image: &str, rights: Rights) -> Self {
        Self {
            image: image.to_owned(),
            rights,
            build_id: "probe".to_owned(),
            owner: "probe".to_owned(),
            has_init: true,
            volumes: Vec::new(),
        }
    }

    fn body(&self) -> ContainerCreateBody {
        let is_privileged = self.rights != Rights::Plain;
        let labels = [(BUILD_LABEL, &self.build_id), (OWNER_LABEL, &self.owner)];
        ContainerCreateBody {
            image: Some(self.image.clone()),
            // CodeBuild replaces the image's entrypoint, and builds run as root.
            entrypoint: Some(vec!["sh".to_owned()]),
            cmd: Some(vec![
                "-c".to_owned(),
                runner::SCRIPT.to_owned(),
                "codebuild".to_owned(),
                if is_privileged { "privileged" } else { "plain" }.to_owned(),
            ]),
            user: Some("0".to_owned()),
            working_dir: Some("/".to_owned()),
            tty: Some(false),
            open_stdin: Some(true),
            // The runner ends when its only client goes away, and with it the container: a build
            // does not outlive the process that asked for it.
            stdin_once: Some(true),
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            labels: Some(
                labels
                    .map(|(name, value)| (name.to_owned(), value.clone()))
                    .into(),
            ),
            // overlay2 does not work on the overlay file system of a container.
            volumes: (is_privileged && !self.mounts(DOCKER_DIRECTORY))
                .then(|| vec![DOCKER_DIRECTORY.to_owned()]),
            host_config: Some(self.host_config()),
            ..ContainerCreateBody::default()
        }
    }

    fn mounts(&self, target: &str) -> bool {
        self.volumes.iter().any(|(_, at)| *at == target)
    }

    fn host_config(&self) -> HostConfig {
        let mut binds: Vec<String> = self
            .volumes
            .iter()
            .map(|(name, target)| format!("{name}:{target}"))
            .collect();
        if let Rights::SpelledOut {
            binds_cgroup: true, ..
        } = self.rights
        {
            binds.push("/sys/fs/cgroup:/sys/fs/cgroup:rw".to_owned());
        }
        let config = HostConfig {
            auto_remove: Some(true),
            binds: Some(binds),
            init: Some(self.has_init),
            // The output is read as it comes; a second copy in the engine's log has no reader.
            log_config: Some(HostConfigLogConfig {
                typ: Some("none".to_owned()),
                config: Some(HashMap::new()),
            }),
            ..HostConfig::default()
        };
        match &self.rights {
            Rights::Plain => config,
            Rights::Privileged => HostConfig {
                privileged: Some(true),
                ..config
            },
            Rights::SpelledOut { capabilities, .. } => HostConfig {
                cap_add: Some(capabilities.clone()),
                security_opt: Some(vec![
                    "seccomp=unconfined".to_owned(),
                    "apparmor=unconfined".to_owned(),
                ]),
                masked_paths: Some(Vec::new()),
                readonly_paths: Some(Vec::new()),
                device_cgroup_rules: Some(vec!["a *:* rwm".to_owned()]),
                ..config
            },
        }
    }

    /// Makes the container, attaches to it and starts it. Nothing is left behind by a failure.
    pub(crate) async fn start(&self, docker: &Docker) -> Result<Container, Error> {
        let created = docker
            .create_container(None::<CreateContainerOptions>, self.body())
            .await?;
        match attach_and_start(docker, &created.id).await {
            Ok(container) => Ok(container),
            Err(error) => {
                let _ = remove(docker, &created.id).await;
                Err(error)
            }
        }
    }
}

async fn attach_and_start(docker: &Docker, id: &str) -> Result<Container, Error> {
    let options = AttachContainerOptionsBuilder::default()
        .stream(true)
        .stdin(true)
        .stdout(true)
        .stderr(true)
        .build();
    let attached = docker.attach_container(id, Some(options)).await?;
    let exit = tokio::spawn(exit_status(docker.clone(), id.to_owned()));
    docker
        .start_container(id, None::<StartContainerOptions>)
        .await?;
    Ok(Container {
        id: id.to_owned(),
        input: attached.input,
        output: attached.output,
        exit,
    })
}

/// Waits for the container to end. It is removed then, and with it what it ended with.
async fn exit_status(docker: Docker, id: String) -> Option<i64> {
    let options = WaitContainerOptionsBuilder::default()
        .condition("next-exit")
        .build();
    match docker.wait_container(&id, Some(options)).next().await? {
        Ok(ended) => Some(ended.status_code),
        Err(Error::DockerContainerWaitError { code, .. }) => Some(code),
        Err(_) => None,
    }
}

/// Kills and removes a container with its anonymous volumes. Returns when it is gone, also if the
/// engine is already removing it by itself.
pub(crate) async fn remove(docker: &Docker, id: &str) -> Result<(), Error> {
    let options = RemoveContainerOptionsBuilder::default()
        .force(true)
        .v(true)
        .build();
    match docker.remove_container(id, Some(options)).await {
        Err(error) if error::status(&error) == Some(404) => Ok(()),
        Err(error) if error::status(&error) == Some(409) => {
            let gone = until_gone(docker, id);
            let result = tokio::time::timeout(REMOVAL_TIMEOUT, gone).await;
            result.map_err(|_| error)
        }
        result => result,
    }
}

async fn until_gone(docker: &Docker, id: &str) {
    let options = WaitContainerOptionsBuilder::default()
        .condition("removed")
        .build();
    let mut exit = docker.wait_container(id, Some(options));
    // Ends with the exit status, or with an error if the container is gone: both are fine.
    while let Some(Ok(_)) = exit.next().await {}
}
