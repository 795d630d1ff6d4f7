//! Runs one build: does the work that the phase machine asks for and tells what happens.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::container;
use crate::conversation::Conversation;
use crate::conversation::Gone;
use crate::download_source;
use crate::engine::Engine;
use crate::error;
use crate::event::Event;
use crate::event::Phase;
use crate::event::PhaseContext;
use crate::event::PhaseStatus;
use crate::exported;
use crate::log::LogSink;
use crate::mask::Mask;
use crate::phase_machine::COMMAND_PHASES;
use crate::phase_machine::Interrupt;
use crate::phase_machine::Machine;
use crate::phase_machine::Outcome;
use crate::phase_machine::Step;
use crate::phase_machine::Work;
use crate::provision;
use crate::request::BuildRequest;
use crate::runner::CommandRules;

/// How long output is still read after the container was removed.
const LAST_OUTPUT: Duration = Duration::from_secs(2);
/// How long the values of exported variables may take.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs the build to its last event.
pub(crate) async fn run(
    engine: Engine,
    request: BuildRequest,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
) {
    // A timeout that is too long for the clock is none.
    let deadline = Instant::now().checked_add(request.timeout);
    let log = LogSink::masked(events.clone(), Mask::new(&request.secrets));
    let mut build = Build {
        engine,
        request,
        events,
        log,
        machine: Machine::new(),
        container: None,
        starting: None,
        removal: None,
        conversation: None,
        rules: CommandRules {
            shell: "sh",
            carries_over: true,
        },
        exported: Vec::new(),
        has_told_failure: false,
    };
    let mut steps = VecDeque::from(build.machine.begin());
    while let Some(step) = steps.pop_front() {
        match step {
            Step::Started(phase) => build.started(phase).await,
            Step::Ended {
                phase,
                status,
                context,
            } => build.ended(phase, status, context).await,
            Step::Do(Work::Finalize) => {
                let outcome = build.finalize().await;
                steps.extend(build.machine.advance(outcome));
            }
            Step::Do(work) => {
                let events = build.events.clone();
                let outcome = tokio::select! {
                    biased;
                    () = stop.cancelled() => Err(Interrupt::Stopped),
                    () = events.closed() => Err(Interrupt::Stopped),
                    () = until(deadline) => Err(Interrupt::TimedOut),
                    outcome = build.perform(work) => Ok(outcome),
                };
                steps.extend(match outcome {
                    Ok(outcome) => build.machine.advance(outcome),
                    Err(interrupt) => {
                        // At once: telling it may have to wait for the reader of the events.
                        build.begin_removal();
                        build.machine.interrupt(interrupt)
                    }
                });
            }
            Step::Finished(status) => {
                // After a failed PROVISIONING there is no FINALIZING.
                let _ = build.finalize().await;
                let at = Timestamp::now();
                build.emit(Event::Finished { status, at }).await;
            }
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}

struct Build {
    engine: Engine,
    request: BuildRequest,
    events: mpsc::Sender<Event>,
    log: LogSink,
    machine: Machine,
    /// The id of the container that has to be removed.
    container: Option<String>,
    starting: Option<provision::Starting>,
    removal: Option<JoinHandle<Result<(), String>>>,
    conversation: Option<Conversation>,
    rules: CommandRules,
    exported: Vec<String>,
    has_told_failure: bool,
}

impl Build {
    async fn emit(&mut self, event: Event) {
        // Nobody reads any more: then the build is stopped for that reason.
        let _ = self.events.send(event).await;
    }

    async fn started(&mut self, phase: Phase) {
        let at = Timestamp::now();
        self.emit(Event::PhaseStarted { phase, at }).await;
        if COMMAND_PHASES.contains(&phase) {
            self.log.line(&format!("Entering phase {phase}")).await;
        }
    }

    async fn ended(&mut self, phase: Phase, status: PhaseStatus, context: PhaseContext) {
        let context = self.log.masked_context(context);
        if is_logged(phase, status) {
            self.log.phase_complete(phase, status, &context).await;
        }
        let at = Timestamp::now();
        self.emit(Event::PhaseEnded {
            phase,
            status,
            context,
            at,
        })
        .await;
        if phase == Phase::PostBuild {
            self.export().await;
        }
    }

    async fn perform(&mut self, work: Work) -> Outcome {
        match work {
            Work::Provision => self.provision().await,
            Work::DownloadSource => self.download_source().await,
            Work::Command { text, .. } => self.command(&text).await,
            // Artifacts are collected from here on once there is a place to put them.
            Work::UploadArtifacts | Work::Finalize => Outcome::Done,
        }
    }

    async fn provision(&mut self) -> Outcome {
        let info = self.engine.info();
        self.log
            .line(&format!(
                "Running on the Docker Engine {} at {} ({}, {}/{}, cgroup v{})",
                info.version,
                info.host,
                info.operating_system,
                info.os,
                info.architecture,
                info.cgroup_version
            ))
            .await;
        let container =
            provision::start(&self.engine, &self.request, &self.log, &mut self.starting).await;
        let container = match container {
            Ok(container) => container,
            Err(outcome) => return outcome,
        };
        self.container = Some(container.id.clone());
        self.log.line("Waiting for agent ping").await;
        match Conversation::begin(container, self.log.clone()).await {
            Ok(conversation) => self.conversation = Some(conversation),
            Err(Gone) => {
                return Outcome::Failed(PhaseContext {
                    status_code: "CLIENT_ERROR".to_owned(),
                    message: format!("{DEAD} {}", provision::no_shell(&self.request.image)),
                });
            }
        }
        self.log.line("Waiting for DOWNLOAD_SOURCE").await;
        Outcome::Done
    }

    async fn download_source(&mut self) -> Outcome {
        let (Some(conversation), Some(container)) = (&mut self.conversation, &self.container)
        else {
            return Outcome::Fault(dead());
        };
        let work = download_source::Download {
            engine: &self.engine,
            request: &self.request,
            log: &self.log,
            events: &self.events,
            container,
        };
        match work.perform(conversation).await {
            Ok(prepared) => {
                self.rules = prepared.rules;
                self.exported = prepared.exported;
                Outcome::Planned(prepared.plan)
            }
            Err(outcome) => outcome,
        }
    }

    async fn command(&mut self, text: &str) -> Outcome {
        let Some(conversation) = &mut self.conversation else {
            return Outcome::Fault(dead());
        };
        let shown = text.trim_end();
        self.log.line(&format!("Running command {shown}")).await;
        if !self.machine.succeeding() && !self.has_told_failure {
            self.has_told_failure = true;
            let failed = ("CODEBUILD_BUILD_SUCCEEDING".to_owned(), "0".to_owned());
            let message = conversation.messages().more_environment(&[failed]);
            if conversation.tell(&message).await.is_err() {
                return Outcome::Fault(dead());
            }
        }
        match conversation.run(text, self.rules).await {
            Ok(status) => {
                self.log.raw(Timestamp::now(), String::new()).await;
                if status != 0 {
                    self.log
                        .line(&format!(
                            "Command did not exit successfully {shown} exit status {status}"
                        ))
                        .await;
                }
                Outcome::Exited(status)
            }
            Err(Gone) => Outcome::Fault(dead()),
        }
    }

    /// Tells the values of the variables that the buildspec exports.
    async fn export(&mut self) {
        let (Some(conversation), Some(container)) = (&mut self.conversation, &self.container)
        else {
            return;
        };
        if self.exported.is_empty() || self.removal.is_some() {
            return;
        }
        let docker = self.engine.docker();
        let values = exported::values(
            docker,
            container,
            conversation,
            &self.exported,
            self.rules.shell,
        );
        match tokio::time::timeout(EXPORT_TIMEOUT, values).await {
            Ok(Ok(variables)) => self.emit(Event::Exported { variables }).await,
            Ok(Err(reason)) => {
                let line = format!("The exported variables could not be read: {reason}");
                self.log.line(&line).await;
            }
            Err(_) => {
                self.log
                    .line("The exported variables could not be read in time")
                    .await;
            }
        }
    }

    /// Starts to remove the container, also one that is still being started.
    fn begin_removal(&mut self) {
        if self.removal.is_some() {
            return;
        }
        let docker = self.engine.docker().clone();
        let starting = self.starting.take();
        let mut container = self.container.take();
        self.removal = Some(tokio::spawn(async move {
            if let Some(starting) = starting
                && let Ok(Ok(started)) = starting.await
            {
                container = Some(started.id);
            }
            match container {
                Some(id) => container::remove(&docker, &id)
                    .await
                    .map_err(|error| error::reason(&error)),
                None => Ok(()),
            }
        }));
    }

    async fn finalize(&mut self) -> Outcome {
        self.begin_removal();
        let result = match &mut self.removal {
            Some(removal) => removal.await.unwrap_or_else(|error| Err(error.to_string())),
            None => Ok(()),
        };
        // A handle must not be awaited twice.
        self.removal = Some(tokio::spawn(async { Ok(()) }));
        if let Some(conversation) = self.conversation.take() {
            conversation.finish(LAST_OUTPUT).await;
        }
        match result {
            Ok(()) => Outcome::Done,
            Err(reason) => Outcome::Fault(PhaseContext {
                status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
                message: format!("The build container could not be removed: {reason}"),
            }),
        }
    }
}

/// The message of CodeBuild's troubleshooting page.
const DEAD: &str = "Build container found dead before completing the build. Build container died because it was out of memory, or the Docker image is not supported.";

pub(crate) fn dead() -> PhaseContext {
    PhaseContext {
        status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
        message: format!("{DEAD} ErrorCode: 500"),
    }
}

/// Whether CodeBuild's log tells the end of the phase. It begins after PROVISIONING, of which it
/// tells only what went wrong.
fn is_logged(phase: Phase, status: PhaseStatus) -> bool {
    match phase {
        Phase::Provisioning => status != PhaseStatus::Succeeded,
        Phase::DownloadSource | Phase::UploadArtifacts => true,
        _ => COMMAND_PHASES.contains(&phase),
    }
}
