//! The phases of a batch build's record.

use build_engine::PhaseContext;
use build_engine::PhaseStatus;

use crate::codebuild::BuildBatch;
use crate::codebuild::BuildPhase;
use crate::codebuild::Context;
use crate::timestamp::EpochSeconds;

/// Ends the phase that the batch is in, with success, and begins another one.
pub(super) fn next(batch: &mut BuildBatch, phase: &str, now: EpochSeconds) {
    end(batch, PhaseStatus::Succeeded, &PhaseContext::default(), now);
    start(batch, phase, now);
}

/// Ends the phase that the batch is in, and the batch with it. The last phase bears the batch's
/// result and has only a start time.
pub(super) fn finish(
    batch: &mut BuildBatch,
    status: PhaseStatus,
    context: &PhaseContext,
    now: EpochSeconds,
) {
    end(batch, status, context, now);
    let last = match status {
        PhaseStatus::Succeeded => "SUCCEEDED",
        PhaseStatus::Stopped => "STOPPED",
        _ => "FAILED",
    };
    start(batch, last, now);
    batch.build_batch_status = status.as_str().to_owned();
    batch.end_time = Some(now);
    batch.complete = true;
}

fn start(batch: &mut BuildBatch, phase: &str, now: EpochSeconds) {
    batch.current_phase = phase.to_owned();
    batch.phases.push(BuildPhase {
        phase_type: phase.to_owned(),
        phase_status: None,
        start_time: now,
        end_time: None,
        duration_in_seconds: None,
        contexts: None,
    });
}

/// A phase shows a context only after a failure.
fn end(batch: &mut BuildBatch, status: PhaseStatus, context: &PhaseContext, now: EpochSeconds) {
    let Some(phase) = batch.phases.last_mut() else {
        return;
    };
    phase.phase_status = Some(status.as_str().to_owned());
    phase.end_time = Some(now);
    phase.duration_in_seconds = Some(now.seconds_since(phase.start_time));
    if status != PhaseStatus::Succeeded && !context.message.is_empty() {
        phase.contexts = Some(vec![Context {
            status_code: context.status_code.clone(),
            message: context.message.clone(),
        }]);
    }
}
