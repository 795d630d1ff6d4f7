//! Which phase comes next, and how each of them ends: the rules of a build without any I/O.
//!
//! See [Build phase transitions](https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html).
//! The machine is asked once with [`Machine::begin`], then told the outcome of each piece of work.
//! Every answer is a list of steps whose last is either work to do or the end of the build.

use buildspec::OnFailure;

use crate::event::BuildStatus;
use crate::event::Phase;
use crate::event::PhaseContext;
use crate::event::PhaseStatus;

/// The command phases in order.
pub(crate) const COMMAND_PHASES: [Phase; 4] = [
    Phase::Install,
    Phase::PreBuild,
    Phase::Build,
    Phase::PostBuild,
];

/// What the command phases hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    phases: Box<[PhasePlan; 4]>,
}

/// What one command phase holds. A phase that the buildspec does not name is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct PhasePlan {
    pub(crate) commands: Vec<String>,
    pub(crate) finally: Vec<String>,
    pub(crate) on_failure: Option<OnFailure>,
    /// The user that runs the commands, if it is not root.
    pub(crate) user: Option<String>,
}

impl Plan {
    pub(crate) fn new(spec: &buildspec::Buildspec) -> Self {
        let phase = |phase: &Option<buildspec::PhaseSpec>| {
            let texts = |commands: &[buildspec::Command]| {
                commands
                    .iter()
                    .map(|command| command.text.clone())
                    .collect()
            };
            phase
                .as_ref()
                .map_or_else(PhasePlan::default, |phase| PhasePlan {
                    commands: texts(&phase.commands),
                    finally: texts(&phase.finally),
                    on_failure: phase.on_failure.clone(),
                    user: phase
                        .run_as
                        .clone()
                        .or_else(|| spec.run_as.clone())
                        .filter(|user| user != "root"),
                })
        };
        let phases = &spec.phases;
        Self {
            phases: Box::new([
                phase(&phases.install),
                phase(&phases.pre_build),
                phase(&phases.build),
                phase(&phases.post_build),
            ]),
        }
    }

    pub(crate) fn phase(&self, phase: Phase) -> Option<&PhasePlan> {
        let index = COMMAND_PHASES.iter().position(|p| *p == phase)?;
        self.phases.get(index)
    }

    fn command(&self, command: CommandId) -> Option<&str> {
        let phase = self.phase(command.phase)?;
        let list = match command.block {
            Block::Commands => &phase.commands,
            Block::Finally => &phase.finally,
        };
        list.get(command.index).map(String::as_str)
    }
}

/// The two lists of a phase.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Block {
    Commands,
    Finally,
}

/// Names a command of the plan.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct CommandId {
    pub(crate) phase: Phase,
    pub(crate) block: Block,
    pub(crate) index: usize,
}

/// Work that the machine asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Work {
    Provision,
    DownloadSource,
    Command {
        id: CommandId,
        text: String,
    },
    /// Run what the sandbox is given, until something breaks it off.
    RunSandbox,
    UploadArtifacts,
    Finalize,
}

/// How a piece of work went.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// It is done. For a command: exit status 0.
    Done,
    /// DOWNLOAD_SOURCE is done and this is what the buildspec says.
    Planned(Plan),
    /// The command ended with this exit status.
    Exited(i32),
    /// It failed for a reason on the customer's side.
    Failed(PhaseContext),
    /// It failed for a reason on the service's side: no further work inside the container.
    Fault(PhaseContext),
}

/// Why work was broken off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Interrupt {
    Stopped,
    TimedOut,
}

/// One step of a build.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    Started(Phase),
    Ended {
        phase: Phase,
        status: PhaseStatus,
        context: PhaseContext,
    },
    /// The phase failed and runs again from its first command.
    Retried {
        phase: Phase,
        /// How many times it has been run again by then, from 1.
        retry: u8,
        /// How many times it may be run again.
        of: u8,
        context: PhaseContext,
    },
    Do(Work),
    Finished(BuildStatus),
}

/// Where a build stands.
#[derive(Debug)]
pub(crate) struct Machine {
    /// A sandbox runs no buildspec and finalizes nothing.
    is_sandbox: bool,
    plan: Plan,
    at: At,
    status: BuildStatus,
    commands_succeeding: bool,
    /// Why the phase at hand has failed already.
    failure: Option<PhaseContext>,
    /// How many times the phase at hand was run again.
    retries: u8,
    /// Whether the output of the phase at hand matches the regular expression of its `on-failure`.
    output_matched: bool,
    /// Whether no phase before the one at hand has failed.
    succeeding_before: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum At {
    Provisioning,
    DownloadSource,
    RunSandbox,
    Command(CommandId),
    UploadArtifacts,
    Finalizing,
    Completed,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self {
            is_sandbox: false,
            plan: Plan::default(),
            at: At::Provisioning,
            status: BuildStatus::Succeeded,
            commands_succeeding: true,
            failure: None,
            retries: 0,
            output_matched: false,
            succeeding_before: true,
        }
    }

    /// A sandbox: PROVISIONING, DOWNLOAD_SOURCE, RUN_SANDBOX, COMPLETED.
    pub(crate) fn of_sandbox() -> Self {
        Self {
            is_sandbox: true,
            ..Self::new()
        }
    }

    /// What the plan says of a phase.
    pub(crate) fn phase_plan(&self, phase: Phase) -> Option<&PhasePlan> {
        self.plan.phase(phase)
    }

    /// Tells whether the output of the phase so far matches the regular expression of its
    /// `on-failure`.
    pub(crate) fn output_matched(&mut self, matched: bool) {
        self.output_matched = matched;
    }

    /// `CODEBUILD_BUILD_SUCCEEDING`: whether no command phase has failed.
    pub(crate) fn succeeding(&self) -> bool {
        self.commands_succeeding
    }

    pub(crate) fn begin(&self) -> Vec<Step> {
        vec![
            Step::Started(Phase::Provisioning),
            Step::Do(Work::Provision),
        ]
    }

    /// The work asked for last is over.
    pub(crate) fn advance(&mut self, outcome: Outcome) -> Vec<Step> {
        let mut steps = Vec::new();
        match self.at {
            At::Provisioning => match settle(outcome) {
                Ok(_) => {
                    self.end(Phase::Provisioning, &mut steps);
                    steps.push(Step::Started(Phase::DownloadSource));
                    steps.push(Step::Do(Work::DownloadSource));
                    self.at = At::DownloadSource;
                }
                Err((status, context)) => {
                    self.fail(Phase::Provisioning, status, context, &mut steps);
                    self.complete(&mut steps);
                }
            },
            At::DownloadSource => match settle(outcome) {
                Ok(plan) => {
                    self.plan = plan;
                    self.end(Phase::DownloadSource, &mut steps);
                    if self.is_sandbox {
                        self.at = At::RunSandbox;
                        steps.push(Step::Started(Phase::RunSandbox));
                        steps.push(Step::Do(Work::RunSandbox));
                    } else {
                        self.enter(Phase::Install, &mut steps);
                    }
                }
                Err((status, context)) => {
                    self.fail(Phase::DownloadSource, status, context, &mut steps);
                    self.finalize(&mut steps);
                }
            },
            At::RunSandbox => {
                match settle(outcome) {
                    Ok(_) => self.end(Phase::RunSandbox, &mut steps),
                    Err((status, context)) => {
                        self.fail(Phase::RunSandbox, status, context, &mut steps);
                    }
                }
                self.finalize(&mut steps);
            }
            At::Command(id) => self.command_over(id, outcome, &mut steps),
            At::UploadArtifacts => {
                match settle(outcome) {
                    Ok(_) => self.end(Phase::UploadArtifacts, &mut steps),
                    Err((status, context)) => {
                        self.fail(Phase::UploadArtifacts, status, context, &mut steps);
                    }
                }
                self.finalize(&mut steps);
            }
            At::Finalizing => {
                // A container that cannot be removed does not change how the build went.
                let (status, context) = match settle(outcome) {
                    Ok(_) => (PhaseStatus::Succeeded, PhaseContext::default()),
                    Err(failure) => failure,
                };
                steps.push(Step::Ended {
                    phase: Phase::Finalizing,
                    status,
                    context,
                });
                self.complete(&mut steps);
            }
            At::Completed => steps.push(Step::Finished(self.status)),
        }
        steps
    }

    /// The work asked for last was broken off.
    pub(crate) fn interrupt(&mut self, interrupt: Interrupt) -> Vec<Step> {
        let phase = match self.at {
            At::Provisioning => Phase::Provisioning,
            At::DownloadSource => Phase::DownloadSource,
            At::RunSandbox => Phase::RunSandbox,
            At::Command(id) => id.phase,
            At::UploadArtifacts => Phase::UploadArtifacts,
            At::Finalizing | At::Completed => return self.advance(Outcome::Done),
        };
        let (status, context) = match interrupt {
            Interrupt::Stopped => (PhaseStatus::Stopped, PhaseContext::default()),
            Interrupt::TimedOut => (
                PhaseStatus::TimedOut,
                PhaseContext {
                    status_code: "BUILD_TIMED_OUT".to_owned(),
                    message: "Build has timed out. ".to_owned(),
                },
            ),
        };
        let mut steps = Vec::new();
        // Whatever failed before, this is how the build ends.
        self.status = status;
        self.fail(phase, status, context, &mut steps);
        self.finalize(&mut steps);
        steps
    }

    fn command_over(&mut self, id: CommandId, outcome: Outcome, steps: &mut Vec<Step>) {
        let failure = match outcome {
            Outcome::Done | Outcome::Planned(_) | Outcome::Exited(0) => None,
            Outcome::Exited(code) => Some(self.command_error(id, code)),
            Outcome::Failed(context) => Some(context),
            Outcome::Fault(context) => {
                self.fail(id.phase, PhaseStatus::Fault, context, steps);
                self.finalize(steps);
                return;
            }
        };
        let next = match (&failure, id.block) {
            (None, _) => self.next_in_phase(id),
            (Some(_), Block::Commands) => self.first_of(id.phase, Block::Finally),
            (Some(_), Block::Finally) => None,
        };
        if let Some(context) = failure {
            self.commands_succeeding = false;
            self.failure.get_or_insert(context);
        }
        match next {
            Some(next) => self.run(next, steps),
            None => self.leave(id.phase, steps),
        }
    }

    fn command_error(&self, id: CommandId, code: i32) -> PhaseContext {
        let text = self.plan.command(id).unwrap_or_default().trim_end();
        PhaseContext {
            status_code: "COMMAND_EXECUTION_ERROR".to_owned(),
            message: format!("Error while executing command: {text}. Reason: exit status {code}"),
        }
    }

    fn first_of(&self, phase: Phase, block: Block) -> Option<CommandId> {
        let id = CommandId {
            phase,
            block,
            index: 0,
        };
        self.plan.command(id).map(|_| id)
    }

    fn next_in_phase(&self, id: CommandId) -> Option<CommandId> {
        let following = CommandId {
            index: id.index + 1,
            ..id
        };
        match (self.plan.command(following), id.block) {
            (Some(_), _) => Some(following),
            (None, Block::Commands) => self.first_of(id.phase, Block::Finally),
            (None, Block::Finally) => None,
        }
    }

    fn enter(&mut self, phase: Phase, steps: &mut Vec<Step>) {
        steps.push(Step::Started(phase));
        self.retries = 0;
        self.succeeding_before = self.commands_succeeding;
        self.run_first(phase, steps);
    }

    fn run_first(&mut self, phase: Phase, steps: &mut Vec<Step>) {
        self.output_matched = false;
        let first = self
            .first_of(phase, Block::Commands)
            .or_else(|| self.first_of(phase, Block::Finally));
        match first {
            Some(id) => self.run(id, steps),
            None => self.leave(phase, steps),
        }
    }

    fn run(&mut self, id: CommandId, steps: &mut Vec<Step>) {
        let text = self.plan.command(id).unwrap_or_default().to_owned();
        self.at = At::Command(id);
        steps.push(Step::Do(Work::Command { id, text }));
    }

    /// Ends a command phase and goes where the transitions lead.
    fn leave(&mut self, phase: Phase, steps: &mut Vec<Step>) {
        let failed = self.failure.take();
        if let Some(context) = &failed
            && let Some(of) = self.retries_allowed(phase)
            && self.retries < of
        {
            self.retries += 1;
            self.commands_succeeding = self.succeeding_before;
            steps.push(Step::Retried {
                phase,
                retry: self.retries,
                of,
                context: context.clone(),
            });
            return self.run_first(phase, steps);
        }
        let has_failed = failed.is_some();
        match failed {
            Some(context) => self.fail(phase, PhaseStatus::Failed, context, steps),
            None => self.end(phase, steps),
        }
        let on_failure = self.plan.phase(phase).and_then(|p| p.on_failure.as_ref());
        let goes_on = match (has_failed, on_failure) {
            (false, _) | (true, Some(OnFailure::Continue)) => true,
            (true, Some(OnFailure::Abort)) => {
                self.finalize(steps);
                return;
            }
            // A failed BUILD still runs POST_BUILD. So it does after the last retry.
            (true, Some(OnFailure::Retry { .. }) | None) => {
                matches!(phase, Phase::Build | Phase::PostBuild)
            }
        };
        let next = COMMAND_PHASES
            .iter()
            .position(|p| *p == phase)
            .and_then(|index| COMMAND_PHASES.get(index + 1));
        match (goes_on, next) {
            (false, _) => self.finalize(steps),
            (true, Some(next)) => self.enter(*next, steps),
            (true, None) => {
                self.at = At::UploadArtifacts;
                steps.push(Step::Started(Phase::UploadArtifacts));
                steps.push(Step::Do(Work::UploadArtifacts));
            }
        }
    }

    /// How many times the failed phase may run again, if its `on-failure` says so of this failure.
    fn retries_allowed(&self, phase: Phase) -> Option<u8> {
        match self.plan.phase(phase)?.on_failure.as_ref()? {
            OnFailure::Retry { count, pattern } => {
                (pattern.is_none() || self.output_matched).then_some(*count)
            }
            OnFailure::Abort | OnFailure::Continue => None,
        }
    }

    fn end(&self, phase: Phase, steps: &mut Vec<Step>) {
        steps.push(Step::Ended {
            phase,
            status: PhaseStatus::Succeeded,
            context: PhaseContext::default(),
        });
    }

    fn fail(
        &mut self,
        phase: Phase,
        status: PhaseStatus,
        context: PhaseContext,
        steps: &mut Vec<Step>,
    ) {
        if self.status == BuildStatus::Succeeded || status == PhaseStatus::Fault {
            self.status = status;
        }
        self.failure = None;
        steps.push(Step::Ended {
            phase,
            status,
            context,
        });
    }

    fn finalize(&mut self, steps: &mut Vec<Step>) {
        if self.is_sandbox {
            return self.complete(steps);
        }
        self.at = At::Finalizing;
        steps.push(Step::Started(Phase::Finalizing));
        steps.push(Step::Do(Work::Finalize));
    }

    fn complete(&mut self, steps: &mut Vec<Step>) {
        self.at = At::Completed;
        steps.push(Step::Started(Phase::Completed));
        steps.push(Step::Finished(self.status));
    }
}

/// The plan of an outcome that is good, or how and why it is not.
fn settle(outcome: Outcome) -> Result<Plan, (PhaseStatus, PhaseContext)> {
    match outcome {
        Outcome::Done | Outcome::Exited(0) => Ok(Plan::default()),
        Outcome::Planned(plan) => Ok(plan),
        Outcome::Exited(code) => Err((
            PhaseStatus::Failed,
            PhaseContext {
                status_code: "COMMAND_EXECUTION_ERROR".to_owned(),
                message: format!("exit status {code}"),
            },
        )),
        Outcome::Failed(context) => Err((PhaseStatus::Failed, context)),
        Outcome::Fault(context) => Err((PhaseStatus::Fault, context)),
    }
}
