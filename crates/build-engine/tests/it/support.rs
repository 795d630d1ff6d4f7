//! A Docker Engine, an image and sources for the tests.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use build_engine::BuildRequest;
use build_engine::BuildStatus;
use build_engine::BuildspecLocation;
use build_engine::CommandResult;
use build_engine::Engine;
use build_engine::Event;
use build_engine::FetchedSource;
use build_engine::LogSink;
use build_engine::Phase;
use build_engine::PhaseContext;
use build_engine::PhaseStatus;
use build_engine::RunningBuild;
use build_engine::Source;

/// The engine, or `None` where there is none: the test is skipped then, except in CI.
pub(crate) async fn engine() -> Option<Engine> {
    match Engine::connect(None).await {
        Ok(engine) => Some(engine),
        Err(error) if std::env::var("CI").is_ok_and(|ci| ci == "true") => {
            panic!("no Docker Engine: {error}")
        }
        Err(error) => {
            println!("skipped, no Docker Engine: {error}");
            None
        }
    }
}

/// A source that is already there.
pub(crate) struct Ready {
    pub(crate) archive: Option<std::path::PathBuf>,
    pub(crate) directory: &'static str,
    pub(crate) buildspec: BuildspecLocation,
}

impl Source for Ready {
    fn fetch<'a>(
        &'a self,
        log: &'a LogSink,
    ) -> Pin<Box<dyn Future<Output = Result<FetchedSource, PhaseContext>> + Send + 'a>> {
        Box::pin(async move {
            log.line("The source is ready").await;
            Ok(FetchedSource {
                archive: self.archive.clone(),
                remove_archive: false,
                directory: self.directory.to_owned(),
                resolved_version: Some("c0ffee".to_owned()),
                buildspec: self.buildspec.clone(),
                secondary: Vec::new(),
            })
        })
    }
}

/// A request for a build of an inline buildspec, privileged, in `docker:dind` or its stand-in.
pub(crate) fn request(buildspec: &str) -> BuildRequest {
    let id = uuid::Uuid::new_v4();
    let source = Ready {
        archive: None,
        directory: "",
        buildspec: BuildspecLocation::Inline(buildspec.to_owned()),
    };
    BuildRequest {
        timeout: Duration::from_secs(300),
        ..BuildRequest::new(
            format!("test:{id}"),
            format!("build-engine-test-{id}"),
            "docker:dind".to_owned(),
            Arc::new(source),
        )
    }
}

/// Everything that a build told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) log: Vec<String>,
    pub(crate) phases: Vec<(Phase, PhaseStatus, PhaseContext)>,
    pub(crate) exported: Vec<(String, String)>,
    /// Identifiers and sums of the artifacts that were uploaded.
    pub(crate) artifacts: Vec<(Option<String>, Option<String>, Option<String>)>,
    pub(crate) reports: Vec<String>,
    /// Ids and results of the commands of a sandbox.
    pub(crate) commands: Vec<(String, CommandResult)>,
    pub(crate) status: Option<BuildStatus>,
}

impl Told {
    pub(crate) fn take(&mut self, event: Event) {
        assert_eq!(
            self.status, None,
            "Finished is the last event, but then: {event:?}"
        );
        match event {
            Event::Log { message, .. } => self.log.push(message),
            Event::PhaseEnded {
                phase,
                status,
                context,
                ..
            } => self.phases.push((phase, status, context)),
            Event::Exported { variables } => self.exported = variables,
            Event::Finished { status, .. } => self.status = Some(status),
            Event::CommandEnded { id, result, .. } => self.commands.push((id, result)),
            Event::PhaseStarted { .. }
            | Event::SourceResolved { .. }
            | Event::CommandStarted { .. } => {}
            Event::ArtifactUploaded {
                identifier,
                sha256sum,
                md5sum,
                ..
            } => self.artifacts.push((identifier, sha256sum, md5sum)),
            Event::ReportAdded { arn } => self.reports.push(arn),
        }
    }

    pub(crate) async fn rest(mut self, build: &mut RunningBuild) -> Self {
        while let Some(event) = build.events.recv().await {
            self.take(event);
        }
        assert!(
            self.status.is_some(),
            "the last event is Finished: {self:#?}"
        );
        self
    }

    pub(crate) fn has(&self, line: &str) -> bool {
        self.log.iter().any(|logged| logged == line)
    }

    /// Phases and their statuses, without those that succeeded.
    pub(crate) fn unsuccessful(&self) -> Vec<(Phase, PhaseStatus)> {
        self.phases
            .iter()
            .filter(|(_, status, _)| *status != PhaseStatus::Succeeded)
            .map(|(phase, status, _)| (*phase, *status))
            .collect()
    }

    pub(crate) fn context(&self, wanted: Phase) -> &PhaseContext {
        let phase = self.phases.iter().find(|(phase, ..)| *phase == wanted);
        &phase.unwrap_or_else(|| panic!("no {wanted}: {self:#?}")).2
    }
}

/// Runs a build to its end.
pub(crate) async fn run(engine: &Engine, request: BuildRequest) -> Told {
    Told::default().rest(&mut engine.run(request)).await
}

/// Reads events until a line is in the log.
pub(crate) async fn until_line(build: &mut RunningBuild, wanted: &str) -> Told {
    let mut told = Told::default();
    while let Some(event) = build.events.recv().await {
        let is_wanted = matches!(&event, Event::Log { message, .. } if message == wanted);
        told.take(event);
        if is_wanted {
            return told;
        }
    }
    panic!("{wanted:?} was never printed: {told:#?}")
}

fn docker() -> bollard::Docker {
    bollard::Docker::connect_with_defaults().unwrap()
}

/// The containers of an owner.
pub(crate) async fn containers(owner: &str) -> Vec<bollard::models::ContainerSummary> {
    let label = format!("guided-demo.owner={owner}");
    let filters = std::collections::HashMap::from([("label".to_owned(), vec![label])]);
    let options = bollard::query_parameters::ListContainersOptionsBuilder::default()
        .all(true)
        .filters(&filters)
        .build();
    docker().list_containers(Some(options)).await.unwrap()
}

/// The volumes of an owner's containers.
pub(crate) async fn volumes(owner: &str) -> Vec<String> {
    let containers = containers(owner).await;
    let mounts = containers
        .into_iter()
        .flat_map(|c| c.mounts.unwrap_or_default());
    mounts.filter_map(|mount| mount.name).collect()
}

/// Kills the owner's only container from outside.
pub(crate) async fn kill_container(owner: &str) {
    let containers = containers(owner).await;
    let id = containers[0].id.as_deref().unwrap();
    let options = None::<bollard::query_parameters::KillContainerOptions>;
    docker().kill_container(id, options).await.unwrap();
}

pub(crate) async fn has_volume(name: &str) -> bool {
    docker().inspect_volume(name).await.is_ok()
}

pub(crate) async fn assert_nothing_left(owner: &str) {
    assert_eq!(containers(owner).await, []);
}

/// Waits until the engine has removed what the owner had.
pub(crate) async fn until_nothing_left(owner: &str) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while !containers(owner).await.is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "a container stays");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// An image that has one file and no shell. Remove it afterwards.
pub(crate) async fn image_without_shell() -> String {
    use futures_util::StreamExt;
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    header.set_mode(0o644);
    builder
        .append_data(&mut header, "file", std::io::empty())
        .unwrap();
    let options = bollard::query_parameters::CreateImageOptionsBuilder::default()
        .from_src("-")
        .repo("guided-demo/test-no-shell")
        .tag("1")
        .build();
    let body = bollard::body_full(builder.into_inner().unwrap().into());
    let docker = docker();
    let mut progress = docker.create_image(Some(options), Some(body), None);
    while let Some(step) = progress.next().await {
        step.unwrap();
    }
    "guided-demo/test-no-shell:1".to_owned()
}

pub(crate) async fn remove_image(image: &str) {
    let options = None::<bollard::query_parameters::RemoveImageOptions>;
    docker().remove_image(image, options, None).await.unwrap();
}
