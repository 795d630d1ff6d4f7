//! What the build engine's events do to a sandbox's record.

use build_engine::Event;
use build_engine::Phase;
use build_engine::PhaseContext;
use build_engine::PhaseStatus;

use crate::builds;
use crate::codebuild::Sandbox;
use crate::timestamp::EpochSeconds;

/// The phases that a sandbox can be cut off in.
const PHASES: [Phase; 5] = [
    Phase::Submitted,
    Phase::Queued,
    Phase::Provisioning,
    Phase::DownloadSource,
    Phase::RunSandbox,
];

/// Applies one event. Returns whether the record has changed.
pub(super) fn apply(sandbox: &mut Sandbox, event: &Event) -> bool {
    let session = &mut sandbox.current_session;
    match event {
        Event::PhaseStarted { phase, at } => start(sandbox, *phase, (*at).into()),
        Event::PhaseEnded {
            phase,
            status,
            context,
            at,
        } => builds::end_phase(&mut session.phases, *phase, *status, context, (*at).into()),
        Event::SourceResolved { version } => {
            session.resolved_source_version = Some(version.clone());
        }
        Event::Finished { status, at } => complete(sandbox, *status, (*at).into()),
        Event::Log { .. }
        | Event::Exported { .. }
        | Event::ArtifactUploaded { .. }
        | Event::ReportAdded { .. }
        | Event::CommandStarted { .. }
        | Event::CommandEnded { .. } => return false,
    }
    true
}

/// Begins a phase.
pub(super) fn start(sandbox: &mut Sandbox, phase: Phase, at: EpochSeconds) {
    let session = &mut sandbox.current_session;
    builds::begin_phase(&mut session.phases, phase, at);
    // COMPLETED shows as the current phase together with the result.
    if phase == Phase::Completed {
        return;
    }
    session.current_phase = phase.as_str().to_owned();
    let is_stopping = sandbox.status == STOPPING;
    match phase {
        Phase::Provisioning if !is_stopping => set_status(sandbox, "PROVISIONING"),
        Phase::RunSandbox if !is_stopping => set_status(sandbox, "RUNNING"),
        _ => {}
    }
}

const STOPPING: &str = "STOPPING";

/// Somebody has asked it to stop.
pub(super) fn stopping(sandbox: &mut Sandbox) {
    set_status(sandbox, STOPPING);
}

/// Ends the sandbox. One that ran out of time is STOPPED; its phase tells why.
pub(super) fn complete(sandbox: &mut Sandbox, status: PhaseStatus, at: EpochSeconds) {
    let completed = Phase::Completed.as_str();
    let session = &mut sandbox.current_session;
    if session
        .phases
        .iter()
        .all(|phase| phase.phase_type != completed)
    {
        builds::begin_phase(&mut session.phases, Phase::Completed, at);
    }
    session.current_phase = completed.to_owned();
    session.end_time = Some(at);
    sandbox.end_time = Some(at);
    set_status(
        sandbox,
        match status {
            PhaseStatus::Succeeded | PhaseStatus::Stopped | PhaseStatus::TimedOut => "STOPPED",
            PhaseStatus::Failed => "FAILED",
            PhaseStatus::Fault => "FAULT",
        },
    );
}

/// Ends a sandbox that cannot go on, in the phase that it is in.
pub(super) fn cut_off(
    sandbox: &mut Sandbox,
    status: PhaseStatus,
    context: &PhaseContext,
    at: EpochSeconds,
) {
    let session = &mut sandbox.current_session;
    let current = PHASES
        .into_iter()
        .find(|phase| phase.as_str() == session.current_phase)
        .unwrap_or(Phase::Queued);
    builds::end_phase(&mut session.phases, current, status, context, at);
    complete(sandbox, status, at);
}

/// Whether it has ended.
pub(super) fn is_complete(sandbox: &Sandbox) -> bool {
    sandbox.end_time.is_some()
}

/// What becomes of the commands of a sandbox that has ended.
pub(super) fn status_of_unfinished(sandbox: &Sandbox) -> &'static str {
    if sandbox.status == "FAULT" {
        "FAULT"
    } else {
        "STOPPED"
    }
}

fn set_status(sandbox: &mut Sandbox, status: &str) {
    sandbox.status = status.to_owned();
    sandbox.current_session.status = status.to_owned();
}
