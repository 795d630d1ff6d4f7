//! DOWNLOAD_SOURCE: the source fetched and in the container, the buildspec read, the environment
//! set.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use bollard::query_parameters::UploadToContainerOptionsBuilder;
use buildspec::Buildspec;
use buildspec::Shell;
use buildspec::Version;
use tokio::sync::mpsc;

use crate::build;
use crate::conversation::Conversation;
use crate::engine::Engine;
use crate::error;
use crate::event::Event;
use crate::event::PhaseContext;
use crate::log::LogSink;
use crate::phase_machine::Outcome;
use crate::phase_machine::Plan;
use crate::request::BuildRequest;
use crate::request::BuildspecLocation;
use crate::request::FetchedSource;
use crate::request::VariableValue;
use crate::runner;
use crate::runner::CommandRules;
use crate::runner::Messages;
use crate::source_archive;
use crate::tar_stream;

/// How long the engine may take to unpack the source.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(3600);

/// What the phase needs.
pub(crate) struct Download<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) request: &'a BuildRequest,
    pub(crate) log: &'a LogSink,
    pub(crate) events: &'a mpsc::Sender<Event>,
    pub(crate) container: &'a str,
}

/// What the command phases need.
pub(crate) struct Prepared {
    pub(crate) plan: Plan,
    pub(crate) rules: CommandRules,
    pub(crate) exported: Vec<String>,
}

/// The archive of the source, removed when the engine was asked to and does not need it any more.
struct ArchiveFile {
    path: PathBuf,
    is_ours: bool,
}

impl Drop for ArchiveFile {
    fn drop(&mut self) {
        if self.is_ours {
            // It is in a temporary directory; one that stays does no harm.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Download<'_> {
    pub(crate) async fn perform(
        &self,
        conversation: &mut Conversation,
    ) -> Result<Prepared, Outcome> {
        self.log.line("Phase is DOWNLOAD_SOURCE").await;
        let source = self.request.source.clone();
        let fetched = source.fetch(self.log).await.map_err(Outcome::Failed)?;
        let archive = fetched.archive.clone().map(|path| ArchiveFile {
            path,
            is_ours: fetched.remove_archive,
        });
        if let Some(version) = fetched.resolved_version.clone() {
            // Nobody reads any more: then the build is stopped for that reason.
            let _ = self.events.send(Event::SourceResolved { version }).await;
        }
        let directory = source_directory(&fetched.directory);
        self.log
            .line(&format!("CODEBUILD_SRC_DIR={directory}"))
            .await;
        let location = match &fetched.buildspec {
            BuildspecLocation::Inline(_) => format!("{}/buildspec.yml", runner::READONLY_DIRECTORY),
            BuildspecLocation::File(name) => format!("{directory}/{name}"),
        };
        self.log.line(&format!("YAML location is {location}")).await;
        let text = fetched
            .buildspec_text(&directory)
            .await
            .map_err(Outcome::Failed)?;
        let spec = Buildspec::parse(&text)
            .map_err(|error| Outcome::Failed(PhaseContext::yaml_file_error(error.aws_message())))?;
        for warning in &spec.warnings {
            let place = format!("line {}, column {}", warning.line, warning.column);
            self.log
                .line(&format!("Buildspec, {place}: {}", warning.message))
                .await;
        }
        if let Some(archive) = &archive {
            self.upload(archive, &directory).await?;
        }
        let message = self
            .set_up(&spec, &fetched, &directory, &text, conversation.messages())
            .await?;
        let sent = conversation.tell(&message).await;
        sent.map_err(|_| Outcome::Fault(build::dead()))?;
        self.tell_plan(&spec, &directory).await;
        Ok(Prepared {
            plan: Plan::new(&spec),
            rules: CommandRules {
                shell: match spec.env.shell {
                    Some(Shell::Bash) => "bash",
                    Some(Shell::Sh) | None => "sh",
                },
                carries_over: spec.version == Version::V0_2,
            },
            exported: spec.env.exported_variables,
        })
    }

    /// Unpacks the source in the container.
    async fn upload(&self, archive: &ArchiveFile, directory: &str) -> Result<(), Outcome> {
        let below = PathBuf::from(directory.trim_start_matches('/'));
        let path = archive.path.clone();
        let body = bollard::body_try_stream(tar_stream::stream_of(move |output| {
            source_archive::write_below(Path::new(&below), &path, output)
        }));
        let options = UploadToContainerOptionsBuilder::default().path("/").build();
        let docker = self.engine.docker().clone().with_timeout(UPLOAD_TIMEOUT);
        docker
            .upload_to_container(self.container, Some(options), body)
            .await
            .map_err(|error| Outcome::Failed(client_error(&error::reason(&error))))
    }

    /// What the runner is told to write: buildspec, environment and working directory.
    async fn set_up(
        &self,
        spec: &Buildspec,
        fetched: &FetchedSource,
        directory: &str,
        text: &str,
        messages: &Messages,
    ) -> Result<String, Outcome> {
        self.log.line("Processing environment variables").await;
        let variables = self.environment(spec, fetched, directory).await?;
        let mut told = [
            directory,
            runner::STATE_DIRECTORY,
            runner::READONLY_DIRECTORY,
        ]
        .map(Messages::directory)
        .concat();
        if let BuildspecLocation::Inline(_) = fetched.buildspec {
            let path = format!("{}/buildspec.yml", runner::READONLY_DIRECTORY);
            told.push_str(&messages.file(&path, text));
        }
        told.push_str(&messages.environment(&variables));
        told.push_str(&messages.working_directory(directory));
        Ok(told)
    }

    /// All variables, low precedence first.
    async fn environment(
        &self,
        spec: &Buildspec,
        fetched: &FetchedSource,
        directory: &str,
    ) -> Result<Vec<(String, String)>, Outcome> {
        for (section, variables) in [
            ("parameter-store", &spec.env.parameter_store),
            ("secrets-manager", &spec.env.secrets_manager),
        ] {
            if let Some((name, _)) = variables.first() {
                return Err(Outcome::Failed(PhaseContext {
                    status_code: "CLIENT_ERROR".to_owned(),
                    message: format!(
                        "The variable {name} comes from {section}, which is not built yet. Give it as a plain variable of the build instead"
                    ),
                }));
            }
        }
        let own = [
            Some(("CODEBUILD_SRC_DIR", directory)),
            fetched
                .resolved_version
                .as_deref()
                .map(|version| ("CODEBUILD_RESOLVED_SOURCE_VERSION", version)),
            Some(("CODEBUILD_BUILD_SUCCEEDING", "1")),
            Some(("HOME", "/root")),
        ];
        let mut variables = spec.env.variables.clone();
        variables.extend(self.request.environment.iter().filter_map(
            |variable| match &variable.value {
                VariableValue::Plain(value) => Some((variable.name.clone(), value.clone())),
                _ => None,
            },
        ));
        variables.extend(
            own.into_iter()
                .flatten()
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        for (name, _) in &variables {
            if !runner::is_variable_name(name) {
                self.log
                    .line(&format!(
                        "Skipping the environment variable {name:?}: a shell cannot have a variable of this name"
                    ))
                    .await;
            }
        }
        Ok(variables)
    }

    async fn tell_plan(&self, spec: &Buildspec, directory: &str) {
        let log = self.log;
        let install = spec.phases.install.as_ref();
        if install.is_some_and(|install| !install.runtime_versions.is_empty()) {
            log.line("Skipping install of runtimes. Runtime version selection is not supported by this build image").await;
        }
        log.line(&format!("Moving to directory {directory}")).await;
        if spec.cache.is_none() {
            log.line("Cache is not defined in the buildspec").await;
            log.line("Skip cache due to: no paths specified to be cached")
                .await;
        }
        for line in not_done(spec) {
            log.line(&line).await;
        }
        log.line("Registering with agent").await;
        log.line(&format!(
            "Phases found in YAML: {}",
            spec.phases.iter().count()
        ))
        .await;
        for (name, phase) in spec.phases.iter() {
            let name = name.to_ascii_uppercase();
            let count = phase.commands.len();
            log.line(&format!(" {name}: {count} commands")).await;
        }
    }
}

/// What the buildspec asks for and this engine does not do, told so that nobody relies on it.
fn not_done(spec: &Buildspec) -> Vec<String> {
    let sections = [
        ("artifacts", spec.artifacts.is_some()),
        ("batch", spec.batch.is_some()),
        ("cache", spec.cache.is_some()),
        ("proxy", spec.proxy.is_some()),
        ("reports", !spec.reports.is_empty()),
    ];
    let mut lines: Vec<String> = sections
        .iter()
        .filter(|(_, is_there)| *is_there)
        .map(|(name, _)| {
            format!("The section {name} of the buildspec has no effect here: it is not built yet")
        })
        .collect();
    let mut users: Vec<&str> = spec.run_as.iter().map(String::as_str).collect();
    for (name, phase) in spec.phases.iter() {
        users.extend(phase.run_as.as_deref());
        if let Some(buildspec::OnFailure::Retry { .. }) = phase.on_failure {
            lines.push(format!(
                "on-failure RETRY of the {name} phase has no effect here: it is not built yet"
            ));
        }
    }
    if let Some(user) = users.iter().find(|user| **user != "root") {
        lines.push(format!(
            "run-as {user} has no effect here: all commands run as root"
        ));
    }
    lines
}

/// Such as `/codebuild/output/src123456789/src/github.com/owner/repo`.
fn source_directory(inside: &str) -> String {
    let number = uuid::Uuid::new_v4().as_u128() % 1_000_000_000;
    let inside = inside.trim_matches('/');
    let slash = if inside.is_empty() { "" } else { "/" };
    format!("/codebuild/output/src{number:09}/src{slash}{inside}")
}

fn client_error(reason: &dyn std::fmt::Display) -> PhaseContext {
    PhaseContext {
        status_code: "CLIENT_ERROR".to_owned(),
        message: format!("The source could not be put into the build container: {reason}"),
    }
}
