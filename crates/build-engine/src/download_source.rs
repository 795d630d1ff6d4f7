//! DOWNLOAD_SOURCE: the source fetched and in the container, the buildspec read, the environment
//! set.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use bollard::query_parameters::UploadToContainerOptionsBuilder;
use buildspec::Buildspec;
use buildspec::CacheAction;
use buildspec::Shell;
use tokio::sync::mpsc;

use crate::build;
use crate::cache_volumes;
use crate::conversation::Conversation;
use crate::conversation::Gone;
use crate::engine::Engine;
use crate::environment;
use crate::error;
use crate::evaluate;
use crate::event::Event;
use crate::event::PhaseContext;
use crate::log::LogSink;
use crate::phase_machine::Outcome;
use crate::remote_cache;
use crate::request::BuildRequest;
use crate::request::BuildspecLocation;
use crate::request::CacheRequest;
use crate::request::FetchedSource;
use crate::request::VariableValue;
use crate::runner;
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
    /// Whether the volume of the custom cache is mounted.
    pub(crate) has_custom_cache: bool,
}

/// What the phases after this one need.
pub(crate) struct Prepared {
    pub(crate) spec: Buildspec,
    pub(crate) shell: &'static str,
    /// `CODEBUILD_SRC_DIR`
    pub(crate) directory: String,
    /// The variables whose values are told after POST_BUILD.
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
        let (fetched, archive, directory) = self.fetch().await?;
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
        check_users(&spec).map_err(Outcome::Failed)?;
        let directories = self
            .upload_all(&fetched, archive.as_ref(), &directory)
            .await?;
        let variables =
            environment::resolve(self.request, &spec.env, &fetched, &directories, self.log)
                .await
                .map_err(Outcome::Failed)?;
        let messages = conversation.messages();
        let mut message = self.set_up(&directories, messages);
        if let BuildspecLocation::Inline(_) = fetched.buildspec {
            let path = format!("{}/buildspec.yml", runner::READONLY_DIRECTORY);
            message.push_str(&messages.file(&path, &text));
        }
        message.push_str(&messages.environment(&variables));
        if users(&spec).next().is_some() {
            for (_, directory) in &directories {
                message.push_str(&Messages::share(directory));
            }
        }
        let sent = conversation.tell(&message).await;
        sent.map_err(|_| Outcome::Fault(build::dead()))?;
        let shell = match spec.env.shell {
            Some(Shell::Bash) => self.bash(conversation).await?,
            Some(Shell::Sh) | None => "sh",
        };
        self.tell_plan(&spec, &directory).await;
        self.caches(&spec, &directory, shell, conversation).await?;
        self.tell_phases(&spec).await;
        let exported = self.exportable(&spec).await;
        Ok(Prepared {
            spec,
            shell,
            directory,
            exported,
        })
    }

    /// The same for a sandbox, which has no buildspec.
    pub(crate) async fn perform_for_sandbox(
        &self,
        conversation: &mut Conversation,
    ) -> Result<(), Outcome> {
        let (fetched, archive, directory) = self.fetch().await?;
        let directories = self
            .upload_all(&fetched, archive.as_ref(), &directory)
            .await?;
        let none = buildspec::Environment::default();
        let variables = environment::resolve(self.request, &none, &fetched, &directories, self.log)
            .await
            .map_err(Outcome::Failed)?;
        let messages = conversation.messages();
        let mut message = self.set_up(&directories, messages);
        message.push_str(&messages.environment(&variables));
        let sent = conversation.tell(&message).await;
        sent.map_err(|_| Outcome::Fault(build::dead()))?;
        self.log
            .line(&format!("Moving to directory {directory}"))
            .await;
        Ok(())
    }

    /// The source on this host, and where its primary part goes.
    async fn fetch(&self) -> Result<(FetchedSource, Option<ArchiveFile>, String), Outcome> {
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
        Ok((fetched, archive, directory))
    }

    /// Puts all sources into the container: the variables that name their directories, the primary
    /// one first.
    async fn upload_all(
        &self,
        fetched: &FetchedSource,
        archive: Option<&ArchiveFile>,
        directory: &str,
    ) -> Result<Vec<(String, String)>, Outcome> {
        if let Some(archive) = archive {
            self.upload(archive, directory).await?;
        }
        let mut directories = vec![("CODEBUILD_SRC_DIR".to_owned(), directory.to_owned())];
        for secondary in &fetched.secondary {
            let below = format!("{}_{}", source_directory(""), secondary.identifier);
            let archive = secondary.archive.clone().map(|path| ArchiveFile {
                path,
                is_ours: secondary.remove_archive,
            });
            if let Some(archive) = &archive {
                self.upload(archive, &below).await?;
            }
            let name = format!("CODEBUILD_SRC_DIR_{}", secondary.identifier);
            self.log.line(&format!("{name}={below}")).await;
            directories.push((name, below));
        }
        Ok(directories)
    }

    /// `bash`, if the image has it.
    async fn bash(&self, conversation: &mut Conversation) -> Result<&'static str, Outcome> {
        match conversation.script("command -v bash >/dev/null").await {
            Ok(0) => Ok("bash"),
            Ok(_) => Err(Outcome::Failed(PhaseContext::client_error(format!(
                "env.shell of the buildspec is bash, and the build image {} has no bash. Use an image that has it, or leave env.shell out",
                self.request.image
            )))),
            Err(Gone) => Err(Outcome::Fault(build::dead())),
        }
    }

    /// Puts what earlier builds have kept in its place.
    async fn caches(
        &self,
        spec: &Buildspec,
        directory: &str,
        shell: &'static str,
        conversation: &mut Conversation,
    ) -> Result<(), Outcome> {
        let Some(cache) = &spec.cache else {
            return Ok(());
        };
        match &self.request.cache {
            CacheRequest::None => {
                self.log
                    .line("Skip cache due to: the project has no cache")
                    .await;
            }
            CacheRequest::Remote => {
                let Some(storage) = self.request.storage.as_deref() else {
                    return Ok(());
                };
                if cache.action == Some(CacheAction::Save) {
                    return Ok(());
                }
                let mut keys: Vec<String> = cache.key.iter().cloned().collect();
                keys.extend(cache.fallback_keys.iter().cloned());
                let docker = self.engine.docker();
                let keys = evaluate::texts(docker, self.container, conversation, &keys, shell)
                    .await
                    .map_err(|reason| Outcome::Failed(PhaseContext::client_error(reason)))?;
                let has_key = cache.key.is_some();
                remote_cache::restore(
                    self.engine,
                    self.container,
                    &keys,
                    has_key,
                    storage,
                    self.log,
                )
                .await;
            }
            CacheRequest::Local { custom: true, .. } if self.has_custom_cache => {
                let (links, refused) = cache_volumes::links(directory, &cache.paths);
                for path in refused {
                    self.log
                        .line(&format!(
                            "Skip caching {path}: a local cache takes directories, and not the source as a whole"
                        ))
                        .await;
                }
                for (path, kept) in &links {
                    self.log.line(&format!("MkdirAll: {kept}")).await;
                    self.log
                        .line(&format!("Symlinking: {path} => {kept}"))
                        .await;
                }
                let script = cache_volumes::link_script(&links);
                match conversation.script(&script).await {
                    Ok(0) => {}
                    Ok(_) => {
                        self.log
                            .line("The custom cache could not be linked everywhere")
                            .await;
                    }
                    Err(Gone) => return Err(Outcome::Fault(build::dead())),
                }
            }
            CacheRequest::Local { .. } => {}
        }
        Ok(())
    }

    /// The names of `exported-variables` whose values may be told.
    async fn exportable(&self, spec: &Buildspec) -> Vec<String> {
        let env = &spec.env;
        let mut exported = Vec::new();
        for name in &env.exported_variables {
            let is_secret = env
                .parameter_store
                .iter()
                .chain(&env.secrets_manager)
                .any(|(secret, _)| secret == name)
                || self.request.environment.iter().any(|variable| {
                    variable.name == *name && !matches!(variable.value, VariableValue::Plain(_))
                });
            let why = if is_secret {
                "its value is a secret"
            } else if name.starts_with("AWS_") {
                "its name begins with AWS_"
            } else {
                exported.push(name.clone());
                continue;
            };
            self.log
                .line(&format!("Skip exporting the variable {name}: {why}"))
                .await;
        }
        exported
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

    /// What the runner is told to write: directories, working directory, programs.
    fn set_up(&self, directories: &[(String, String)], messages: &Messages) -> String {
        let mut told = [runner::STATE_DIRECTORY, runner::READONLY_DIRECTORY]
            .map(Messages::directory)
            .concat();
        for (_, directory) in directories {
            told.push_str(&Messages::directory(directory));
        }
        if let Some((_, directory)) = directories.first() {
            told.push_str(&messages.working_directory(directory));
        }
        told.push_str(&messages.programs(self.request.debug_session));
        let registries = &self.request.insecure_registries;
        if self.request.privileged && !registries.is_empty() {
            told.push_str(&messages.insecure_registries(registries));
        }
        told
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
        if spec.proxy.is_some() {
            log.line("The section proxy of the buildspec has no effect here: builds use no proxy")
                .await;
        }
    }

    async fn tell_phases(&self, spec: &Buildspec) {
        let log = self.log;
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

/// The users other than root that run commands.
fn users(spec: &Buildspec) -> impl Iterator<Item = &str> {
    let of_phases = spec.phases.iter().map(|(_, phase)| &phase.run_as);
    std::iter::once(&spec.run_as)
        .chain(of_phases)
        .filter_map(Option::as_deref)
        .filter(|user| *user != "root")
}

fn check_users(spec: &Buildspec) -> Result<(), PhaseContext> {
    let is_name = |user: &str| {
        let mut bytes = user.bytes();
        bytes
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric() || first == b'_')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_.-$".contains(&byte))
    };
    match users(spec).find(|user| !is_name(user)) {
        None => Ok(()),
        Some(user) => Err(PhaseContext::yaml_file_error(format!(
            "run-as is {user:?}, which cannot be the name of a Linux user"
        ))),
    }
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
