//! What the build engine's events do to a build's record.

use build_engine::Event;
use build_engine::Phase;
use build_engine::PhaseContext;
use build_engine::PhaseStatus;

use crate::codebuild::Build;
use crate::codebuild::BuildPhase;
use crate::codebuild::Context;
use crate::codebuild::ExportedEnvironmentVariable;
use crate::timestamp::EpochSeconds;

/// Applies one event. Returns whether the record has changed.
pub(super) fn apply(build: &mut Build, event: &Event) -> bool {
    match event {
        Event::PhaseStarted { phase, at } => start(build, *phase, (*at).into()),
        Event::PhaseEnded {
            phase,
            status,
            context,
            at,
        } => end(build, *phase, *status, context, (*at).into()),
        Event::SourceResolved { version } => build.resolved_source_version = Some(version.clone()),
        Event::Exported { variables } => {
            build.exported_environment_variables = variables
                .iter()
                .map(|(name, value)| ExportedEnvironmentVariable {
                    name: name.clone(),
                    value: value.clone(),
                })
                .collect();
        }
        Event::ArtifactUploaded {
            identifier,
            location,
            sha256sum,
            md5sum,
        } => {
            let mut artifacts =
                std::iter::once(&mut build.artifacts).chain(&mut build.secondary_artifacts);
            if let Some(artifact) = artifacts.find(|a| a.artifact_identifier == *identifier) {
                artifact.location.clone_from(location);
                artifact.sha256_sum.clone_from(sha256sum);
                artifact.md5_sum.clone_from(md5sum);
            }
        }
        Event::ReportAdded { arn } => build.report_arns.push(arn.clone()),
        Event::Log { .. } | Event::CommandStarted { .. } | Event::CommandEnded { .. } => {
            return false;
        }
        Event::Finished { status, at } => complete(build, *status, (*at).into()),
    }
    true
}

/// Begins a phase.
pub(super) fn start(build: &mut Build, phase: Phase, at: EpochSeconds) {
    // COMPLETED shows as the current phase together with the result.
    if phase != Phase::Completed {
        build.current_phase = phase.as_str().to_owned();
    }
    begin(&mut build.phases, phase, at);
}

/// Adds a phase that begins.
pub(crate) fn begin(phases: &mut Vec<BuildPhase>, phase: Phase, at: EpochSeconds) {
    phases.push(BuildPhase {
        phase_type: phase.as_str().to_owned(),
        phase_status: None,
        start_time: at,
        end_time: None,
        duration_in_seconds: None,
        contexts: None,
    });
}

/// Ends a phase.
pub(super) fn end(
    build: &mut Build,
    phase: Phase,
    status: PhaseStatus,
    context: &PhaseContext,
    at: EpochSeconds,
) {
    end_of(&mut build.phases, phase, status, context, at);
}

/// Ends a phase of these. SUBMITTED and QUEUED show a context only after a failure.
pub(crate) fn end_of(
    phases: &mut [BuildPhase],
    phase: Phase,
    status: PhaseStatus,
    context: &PhaseContext,
    at: EpochSeconds,
) {
    let name = phase.as_str();
    let mut latest_first = phases.iter_mut().rev();
    let Some(record) = latest_first.find(|record| record.phase_type == name) else {
        return;
    };
    record.phase_status = Some(status.as_str().to_owned());
    record.duration_in_seconds = Some(at.seconds_since(record.start_time));
    record.end_time = Some(at);
    if status != PhaseStatus::Succeeded || phase > Phase::Queued {
        record.contexts = Some(vec![Context {
            status_code: context.status_code.clone(),
            message: context.message.clone(),
        }]);
    }
}

/// Ends the build.
pub(super) fn complete(build: &mut Build, status: PhaseStatus, at: EpochSeconds) {
    let completed = Phase::Completed.as_str();
    if build
        .phases
        .iter()
        .all(|phase| phase.phase_type != completed)
    {
        start(build, Phase::Completed, at);
    }
    build.current_phase = completed.to_owned();
    build.build_status = status.as_str().to_owned();
    build.build_complete = true;
    build.end_time = Some(at);
}

/// Ends a build that cannot go on, in the phase that it is in.
pub(super) fn cut_off(
    build: &mut Build,
    status: PhaseStatus,
    context: &PhaseContext,
    at: EpochSeconds,
) {
    let current = Phase::ALL
        .into_iter()
        .find(|phase| phase.as_str() == build.current_phase)
        .unwrap_or(Phase::Queued);
    end(build, current, status, context, at);
    complete(build, status, at);
}
