//! Runs one build or sandbox: does the work that the phase machine asks for and tells what happens.

mod sandbox;

use std::collections::VecDeque;
use std::time::Duration;

use buildspec::OnFailure;
use buildspec::Version;
use jiff::Timestamp;
use regex::Regex;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::cache_volumes;
use crate::cache_volumes::CacheVolume;
use crate::container;
use crate::container::Container;
use crate::conversation::Conversation;
use crate::conversation::Gone;
use crate::download_source;
use crate::download_source::Prepared;
use crate::engine::Engine;
use crate::error;
use crate::evaluate;
use crate::event::Event;
use crate::event::Phase;
use crate::event::PhaseContext;
use crate::event::PhaseStatus;
use crate::log::LogSink;
use crate::mask::Mask;
use crate::phase_machine::Block;
use crate::phase_machine::COMMAND_PHASES;
use crate::phase_machine::CommandId;
use crate::phase_machine::Interrupt;
use crate::phase_machine::Machine;
use crate::phase_machine::Outcome;
use crate::phase_machine::Plan;
use crate::phase_machine::Step;
use crate::phase_machine::Work;
use crate::provision;
use crate::request::BuildRequest;
use crate::runner::CommandRules;
use crate::stepper::AfterFailure;
use crate::stepper::Before;
use crate::stepper::CommandAt;
use crate::upload_artifacts;

/// How long output is still read after the container was removed.
const LAST_OUTPUT: Duration = Duration::from_secs(2);
/// Exit statuses of a process that SIGKILL or SIGTERM ended.
const KILLED: i64 = 137;
const TERMINATED: i64 = 143;
/// How long the values of exported variables may take.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long the build's own Docker daemon may take to end.
const STOP_DOCKER_TIMEOUT: Duration = Duration::from_secs(15);

/// A command for a sandbox.
#[derive(Debug)]
pub(crate) struct SandboxCommand {
    pub(crate) id: String,
    pub(crate) text: String,
}

/// Runs the build to its last event. With `commands` it is a sandbox: instead of a buildspec's
/// commands it runs these, in their order.
pub(crate) async fn run(
    engine: Engine,
    request: BuildRequest,
    events: mpsc::Sender<Event>,
    stop: CancellationToken,
    commands: Option<mpsc::UnboundedReceiver<SandboxCommand>>,
) {
    // A timeout that is too long for the clock is none.
    let deadline = Instant::now().checked_add(request.timeout);
    let log = LogSink::masked(events.clone(), Mask::new(&request.secrets));
    let mut build = Build {
        engine,
        request,
        events,
        log,
        machine: match &commands {
            Some(_) => Machine::of_sandbox(),
            None => Machine::new(),
        },
        commands,
        container: None,
        starting: None,
        removal: None,
        conversation: None,
        volumes: Vec::new(),
        prepared: None,
        told_succeeding: true,
        was_interrupted: false,
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
            Step::Retried {
                phase,
                retry,
                of,
                context,
            } => build.retried(phase, retry, of, context).await,
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
                        build.was_interrupted = true;
                        // At once: telling it may have to wait for the reader of the events.
                        build.begin_removal();
                        build.machine.interrupt(interrupt)
                    }
                });
            }
            Step::Finished(status) => {
                // After a failed PROVISIONING there is no FINALIZING, and none in a sandbox.
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
    /// Of a sandbox: the commands that it is given.
    commands: Option<mpsc::UnboundedReceiver<SandboxCommand>>,
    /// The id of the container that has to be removed.
    container: Option<String>,
    starting: Option<provision::Starting>,
    removal: Option<JoinHandle<Result<(), String>>>,
    conversation: Option<Conversation>,
    /// The caches on the Docker Engine that this build has for itself.
    volumes: Vec<CacheVolume>,
    prepared: Option<Prepared>,
    /// What the commands see in `CODEBUILD_BUILD_SUCCEEDING`.
    told_succeeding: bool,
    was_interrupted: bool,
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
            self.watch_output(phase);
        }
    }

    /// Looks for what the phase's `on-failure: RETRY-<regex>` waits for.
    fn watch_output(&self, phase: Phase) {
        let plan = self.machine.phase_plan(phase);
        let pattern = match plan.and_then(|plan| plan.on_failure.as_ref()) {
            Some(OnFailure::Retry {
                pattern: Some(pattern),
                ..
            }) => Regex::new(pattern).ok(),
            _ => None,
        };
        self.log.watch_output(pattern);
    }

    async fn retried(&mut self, phase: Phase, retry: u8, of: u8, context: PhaseContext) {
        let context = self.log.masked_context(context);
        self.log
            .line(&format!(
                "Phase {phase} failed and runs again (on-failure: RETRY), {retry} of at most {of} times: {}",
                context.message
            ))
            .await;
        self.watch_output(phase);
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
            Work::Command { id, text } => self.command(id, &text).await,
            Work::RunSandbox => self.run_sandbox().await,
            Work::UploadArtifacts => self.upload_artifacts().await,
            Work::Finalize => Outcome::Done,
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
        let volumes = cache_volumes::take(
            self.engine.docker(),
            self.engine.cache_volumes(),
            &self.request,
            &self.log,
        );
        self.volumes = match volumes.await {
            Ok(volumes) => volumes,
            Err(error) => {
                // Without its caches a build is only slower.
                let reason = error::reason(&error);
                self.log.line(&format!("Skip local cache: {reason}")).await;
                Vec::new()
            }
        };
        let container = provision::start(
            &self.engine,
            &self.request,
            &self.log,
            &mut self.starting,
            &self.volumes,
        )
        .await;
        let container = match container {
            Ok(container) => container,
            Err(outcome) => return outcome,
        };
        self.container = Some(container.id.clone());
        self.log.line("Waiting for agent ping").await;
        let Container {
            input,
            output,
            exit,
            ..
        } = container;
        match Conversation::begin(input, output, self.log.clone()).await {
            Ok(conversation) => self.conversation = Some(conversation),
            Err(Gone) => {
                let exit = tokio::time::timeout(LAST_OUTPUT, exit).await;
                // Killed from outside: that says nothing about the image.
                if let Ok(Ok(Some(KILLED | TERMINATED))) = exit {
                    return Outcome::Fault(dead());
                }
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
            has_custom_cache: self
                .volumes
                .iter()
                .any(|volume| volume.target == cache_volumes::CUSTOM_DIRECTORY),
        };
        if self.commands.is_some() {
            let done = work.perform_for_sandbox(conversation).await;
            return done.map_or_else(|outcome| outcome, |()| Outcome::Done);
        }
        match work.perform(conversation).await {
            Ok(prepared) => {
                let plan = Plan::new(&prepared.spec);
                self.prepared = Some(prepared);
                Outcome::Planned(plan)
            }
            Err(outcome) => outcome,
        }
    }

    /// Runs a command as often as it takes: a stepper may skip it, or ask for it again.
    async fn command(&mut self, id: CommandId, text: &str) -> Outcome {
        let (Some(container), stepper) = (self.container.clone(), self.request.stepper.clone())
        else {
            return Outcome::Fault(dead());
        };
        let Some(stepper) = stepper else {
            return self.command_once(id, text).await;
        };
        let at = CommandAt {
            container,
            phase: id.phase,
            in_finally: id.block == Block::Finally,
            index: id.index,
            text: text.to_owned(),
        };
        if stepper.before(&at).await == Before::Skip {
            let shown = text.trim_end();
            self.log.line(&format!("Skipped command {shown}")).await;
            return Outcome::Exited(0);
        }
        loop {
            let outcome = self.command_once(id, text).await;
            let Outcome::Exited(status) = outcome else {
                return outcome;
            };
            if status == 0 {
                return outcome;
            }
            match stepper.after_failure(&at, status).await {
                AfterFailure::Fail => return outcome,
                AfterFailure::Ignore => return Outcome::Exited(0),
                AfterFailure::Retry => {}
            }
        }
    }

    async fn command_once(&mut self, id: CommandId, text: &str) -> Outcome {
        let (Some(conversation), Some(prepared)) = (&mut self.conversation, &self.prepared) else {
            return Outcome::Fault(dead());
        };
        let rules = CommandRules {
            shell: prepared.shell,
            carries_over: prepared.spec.version == Version::V0_2,
            user: self
                .machine
                .phase_plan(id.phase)
                .and_then(|plan| plan.user.clone()),
        };
        let shown = text.trim_end();
        self.log.line(&format!("Running command {shown}")).await;
        let succeeding = self.machine.succeeding();
        if succeeding != self.told_succeeding {
            self.told_succeeding = succeeding;
            let value = if succeeding { "1" } else { "0" };
            let variable = ("CODEBUILD_BUILD_SUCCEEDING".to_owned(), value.to_owned());
            let message = conversation.messages().more_environment(&[variable]);
            if conversation.tell(&message).await.is_err() {
                return Outcome::Fault(dead());
            }
        }
        match conversation.run(text, &rules).await {
            Ok(status) => {
                self.machine.output_matched(self.log.output_matched());
                self.log.command_complete(shown, status).await;
                Outcome::Exited(status)
            }
            Err(Gone) => Outcome::Fault(dead()),
        }
    }

    async fn upload_artifacts(&mut self) -> Outcome {
        let (Some(conversation), Some(container), Some(prepared)) =
            (&mut self.conversation, &self.container, &self.prepared)
        else {
            return Outcome::Fault(dead());
        };
        let upload = upload_artifacts::Upload {
            engine: &self.engine,
            request: &self.request,
            log: &self.log,
            events: &self.events,
            container,
            spec: &prepared.spec,
            directory: &prepared.directory,
            shell: prepared.shell,
            succeeding: self.machine.succeeding(),
        };
        match upload.perform(conversation).await {
            Ok(()) => Outcome::Done,
            Err(context) => Outcome::Failed(context),
        }
    }

    /// Tells the values of the variables that the buildspec exports.
    async fn export(&mut self) {
        let (Some(conversation), Some(container), Some(prepared)) =
            (&mut self.conversation, &self.container, &self.prepared)
        else {
            return;
        };
        if prepared.exported.is_empty() || self.removal.is_some() {
            return;
        }
        let docker = self.engine.docker();
        let values = evaluate::variables(
            docker,
            container,
            conversation,
            &prepared.exported,
            prepared.shell,
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

    /// Lets the build's own Docker daemon end in order if its data is kept in a cache.
    async fn stop_docker(&mut self) {
        let has_docker_cache = self
            .volumes
            .iter()
            .any(|volume| volume.target == cache_volumes::DOCKER_DIRECTORY);
        if let Some(conversation) = &mut self.conversation
            && has_docker_cache
            && self.removal.is_none()
            && !self.was_interrupted
        {
            let stopped = conversation.script(cache_volumes::STOP_DOCKER);
            // A daemon that does not end is killed with its container.
            let _ = tokio::time::timeout(STOP_DOCKER_TIMEOUT, stopped).await;
        }
    }

    async fn finalize(&mut self) -> Outcome {
        self.stop_docker().await;
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
        self.volumes.clear();
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
        Phase::DownloadSource | Phase::RunSandbox | Phase::UploadArtifacts => true,
        _ => COMMAND_PHASES.contains(&phase),
    }
}
