//! A build runner without Docker: it passes through the phases as the build engine would and obeys
//! the build's environment variables.
//!
//! | variable | effect |
//! |---|---|
//! | `FAKE_LINES` | so many lines of output in BUILD |
//! | `FAKE_FAIL` | the name of the phase that fails |
//! | `FAKE_HOLD` | BUILD lasts until the build is stopped |
//!
//! The commands of its sandboxes are `print TEXT`, `fail STATUS` and `hold`, which lasts until the
//! sandbox is stopped.

use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use build_engine::BuildRequest;
use build_engine::CommandResult;
use build_engine::Event;
use build_engine::HostRoute;
use build_engine::LogSink;
use build_engine::Phase;
use build_engine::PhaseContext;
use build_engine::PhaseStatus;
use build_engine::Variable;
use build_engine::VariableValue;
use jiff::Timestamp;
use local_aws::BuildRunner;
use local_aws::RunnerFuture;
use local_aws::StartedBuild;
use local_aws::StartedSandbox;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What a test may look at and turn.
#[derive(Debug, Default)]
pub(crate) struct FakeRunner {
    /// The environments of the builds that were started.
    pub(crate) environments: Mutex<Vec<Vec<(String, String)>>>,
    /// What builds with git's credential helper get besides.
    pub(crate) git_settings: Mutex<Vec<(String, String)>>,
    /// The owners whose leftovers were removed.
    pub(crate) cleaned: Mutex<Vec<String>>,
    /// How containers reach this host; `host.docker.internal` unless set.
    pub(crate) route: Mutex<Option<HostRoute>>,
    /// As if no Docker Engine answered.
    pub(crate) unreachable: AtomicBool,
}

struct FakeBuild {
    events: mpsc::Receiver<Event>,
    stop: CancellationToken,
}

impl BuildRunner for FakeRunner {
    fn start(&self, request: BuildRequest) -> RunnerFuture<'_, Box<dyn StartedBuild>> {
        Box::pin(async move {
            if self.unreachable.load(Ordering::SeqCst) {
                return Err("no Docker Engine answers".to_owned());
            }
            self.environments
                .lock()
                .unwrap()
                .push(plain_variables(&request));
            *self.git_settings.lock().unwrap() = plain(&request.git_settings);
            let (sender, events) = mpsc::channel(1024);
            let stop = CancellationToken::new();
            tokio::spawn(play(request, sender, stop.clone()));
            let build: Box<dyn StartedBuild> = Box::new(FakeBuild { events, stop });
            Ok(build)
        })
    }

    fn start_sandbox(&self, request: BuildRequest) -> RunnerFuture<'_, Box<dyn StartedSandbox>> {
        Box::pin(async move {
            if self.unreachable.load(Ordering::SeqCst) {
                return Err("no Docker Engine answers".to_owned());
            }
            self.environments
                .lock()
                .unwrap()
                .push(plain_variables(&request));
            let (sender, events) = mpsc::channel(1024);
            let (commands, given) = mpsc::unbounded_channel();
            let stop = CancellationToken::new();
            tokio::spawn(play_sandbox(request, given, sender, stop.clone()));
            let build = FakeBuild { events, stop };
            let sandbox: Box<dyn StartedSandbox> = Box::new(FakeSandbox { build, commands });
            Ok(sandbox)
        })
    }

    fn host_route(&self) -> RunnerFuture<'_, HostRoute> {
        Box::pin(async move {
            if self.unreachable.load(Ordering::SeqCst) {
                return Err("no Docker Engine answers".to_owned());
            }
            let route = self.route.lock().unwrap().clone();
            Ok(route.unwrap_or(HostRoute::DockerInternal))
        })
    }

    fn remove_leftovers<'a>(&'a self, owner: &'a str) -> RunnerFuture<'a, ()> {
        Box::pin(async move {
            if self.unreachable.load(Ordering::SeqCst) {
                return Err("no Docker Engine answers".to_owned());
            }
            self.cleaned.lock().unwrap().push(owner.to_owned());
            Ok(())
        })
    }

    fn remove_caches<'a>(
        &'a self,
        _owner: &'a str,
        _project: Option<&'a str>,
    ) -> RunnerFuture<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

impl StartedBuild for FakeBuild {
    fn events<'a>(
        &'a mut self,
        into: &'a mut Vec<Event>,
    ) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            self.events.recv_many(into, 1024).await;
        })
    }

    fn stop(&self) {
        self.stop.cancel();
    }
}

struct FakeSandbox {
    build: FakeBuild,
    commands: mpsc::UnboundedSender<(String, String)>,
}

impl StartedBuild for FakeSandbox {
    fn events<'a>(
        &'a mut self,
        into: &'a mut Vec<Event>,
    ) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        self.build.events(into)
    }

    fn stop(&self) {
        self.build.stop();
    }
}

impl StartedSandbox for FakeSandbox {
    fn run(&self, id: &str, command: &str) {
        let _ = self.commands.send((id.to_owned(), command.to_owned()));
    }
}

async fn play_sandbox(
    request: BuildRequest,
    mut commands: mpsc::UnboundedReceiver<(String, String)>,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
) {
    let send = async |event: Event| {
        let _ = events.send(event).await;
    };
    let at = Timestamp::now;
    let succeeded = PhaseStatus::Succeeded;
    let context = PhaseContext::default();
    let end = async |phase: Phase, status: PhaseStatus| {
        let context = context.clone();
        send(Event::PhaseEnded {
            phase,
            status,
            context,
            at: at(),
        })
        .await;
    };
    let fails = plain_variables(&request)
        .into_iter()
        .any(|(name, value)| name == "FAKE_FAIL" && value == "PROVISIONING");
    let start = async |phase: Phase| send(Event::PhaseStarted { phase, at: at() }).await;
    start(Phase::Provisioning).await;
    let mut status = PhaseStatus::Failed;
    if fails {
        end(Phase::Provisioning, status).await;
    } else {
        end(Phase::Provisioning, succeeded).await;
        start(Phase::DownloadSource).await;
        end(Phase::DownloadSource, succeeded).await;
        start(Phase::RunSandbox).await;
        let run = async {
            while let Some((id, command)) = commands.recv().await {
                let started = Event::CommandStarted {
                    id: id.clone(),
                    at: at(),
                };
                send(started).await;
                let (word, rest) = command.split_once(' ').unwrap_or((&command, ""));
                let mut result = CommandResult::default();
                match word {
                    "print" => {
                        let message = rest.to_owned();
                        send(Event::Log { at: at(), message }).await;
                        result.stdout = format!("{rest}\n");
                    }
                    "fail" => {
                        result.exit_status = rest.parse().unwrap();
                        result.stderr = "it failed\n".to_owned();
                    }
                    _ => std::future::pending().await,
                }
                let at = at();
                send(Event::CommandEnded { id, result, at }).await;
            }
        };
        stop.run_until_cancelled(run).await;
        status = PhaseStatus::Stopped;
        end(Phase::RunSandbox, status).await;
    }
    start(Phase::Completed).await;
    send(Event::Finished { status, at: at() }).await;
}

fn plain_variables(request: &BuildRequest) -> Vec<(String, String)> {
    let variables = request.defaults.iter().flatten();
    plain(variables.chain(&request.environment))
}

fn plain<'a>(variables: impl IntoIterator<Item = &'a Variable>) -> Vec<(String, String)> {
    variables
        .into_iter()
        .filter_map(|variable| match &variable.value {
            VariableValue::Plain(value) => Some((variable.name.clone(), value.clone())),
            VariableValue::ParameterStore(_) | VariableValue::SecretsManager(_) => None,
        })
        .collect()
}

async fn play(request: BuildRequest, events: mpsc::Sender<Event>, stop: CancellationToken) {
    let variables = plain_variables(&request);
    let variable = |name: &str| {
        let found = variables.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    let sink = LogSink::new(events.clone());
    let mut result = PhaseStatus::Succeeded;
    let phases = [
        Phase::Provisioning,
        Phase::DownloadSource,
        Phase::Install,
        Phase::PreBuild,
        Phase::Build,
        Phase::PostBuild,
        Phase::UploadArtifacts,
        Phase::Finalizing,
    ];
    for phase in phases {
        if result != PhaseStatus::Succeeded && phase != Phase::Finalizing {
            continue;
        }
        let at = Timestamp::now();
        let _ = events.send(Event::PhaseStarted { phase, at }).await;
        let mut status = PhaseStatus::Succeeded;
        let mut context = PhaseContext::default();
        if phase == Phase::DownloadSource {
            match request.source.fetch(&sink).await {
                Ok(fetched) => {
                    let primary = (String::new(), fetched.archive, fetched.remove_archive);
                    let secondary = fetched
                        .secondary
                        .into_iter()
                        .map(|source| (source.identifier, source.archive, source.remove_archive));
                    for (identifier, archive, remove) in secondary.chain([primary]) {
                        let Some(archive) = archive else { continue };
                        for name in names_in(&archive) {
                            sink.line(&format!("source {identifier}: {name}")).await;
                        }
                        if remove {
                            let _ = std::fs::remove_file(archive);
                        }
                    }
                    if let Some(version) = fetched.resolved_version {
                        let _ = events.send(Event::SourceResolved { version }).await;
                    }
                }
                Err(failed) => (status, context) = (PhaseStatus::Failed, failed),
            }
        }
        if phase == Phase::Build {
            let lines = variable("FAKE_LINES")
                .and_then(|lines| lines.parse().ok())
                .unwrap_or(1);
            for line in 1..=lines {
                let message = format!("line {line}");
                let _ = events
                    .send(Event::Log {
                        at: Timestamp::now(),
                        message,
                    })
                    .await;
            }
            if variable("FAKE_HOLD").is_some() {
                stop.cancelled().await;
                status = PhaseStatus::Stopped;
            }
        }
        if variable("FAKE_FAIL").as_deref() == Some(phase.as_str()) {
            status = PhaseStatus::Failed;
            context = PhaseContext {
                status_code: "COMMAND_EXECUTION_ERROR".to_owned(),
                message: "Error while executing command: false. Reason: exit status 1".to_owned(),
            };
        }
        if phase == Phase::UploadArtifacts {
            let message = format!("[Container] Phase complete: {phase} State: {status}");
            let _ = events
                .send(Event::Log {
                    at: Timestamp::now(),
                    message,
                })
                .await;
        }
        if status != PhaseStatus::Succeeded {
            result = status;
        }
        let at = Timestamp::now();
        let _ = events
            .send(Event::PhaseEnded {
                phase,
                status,
                context,
                at,
            })
            .await;
    }
    let at = Timestamp::now();
    let _ = events
        .send(Event::PhaseStarted {
            phase: Phase::Completed,
            at,
        })
        .await;
    let _ = events.send(Event::Finished { status: result, at }).await;
}

/// The names of the files in an archive that are not git's own.
fn names_in(archive: &std::path::Path) -> Vec<String> {
    let mut tar = tar::Archive::new(std::fs::File::open(archive).unwrap());
    let entries = tar.entries().unwrap();
    let names = entries.map(|entry| entry.unwrap().path().unwrap().display().to_string());
    names.filter(|name| !name.starts_with(".git")).collect()
}
