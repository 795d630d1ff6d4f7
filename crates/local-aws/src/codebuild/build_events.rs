//! What CodeBuild tells EventBridge about a build, in the form of the CodeBuild user guide's "Build
//! notifications input format reference".

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::build::Build;
use super::build::BuildPhase;
use super::build::Context;
use crate::event_bridge;
use crate::event_bridge::NewEvent;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

const STATE_CHANGE: &str = "CodeBuild Build State Change";
const PHASE_CHANGE: &str = "CodeBuild Build Phase Change";
const COMPLETED: &str = "COMPLETED";

/// Writes the events of a build's change, if somebody wants to know. `before` reads the build as it
/// was; a new one was not.
pub(crate) fn record(
    transaction: &Write<'_>,
    before: impl FnOnce() -> Result<Option<Build>, StoreError>,
    now: &Build,
) -> Result<(), StoreError> {
    if !event_bridge::is_anybody_interested(transaction)? {
        return Ok(());
    }
    event_bridge::record(transaction, of_change(before()?.as_ref(), now))
}

/// The events of a build that was `before` and is `now`: each phase that has ended since, and each
/// state that it has come to.
fn of_change(before: Option<&Build>, now: &Build) -> Vec<NewEvent> {
    let mut events = Vec::new();
    if before.is_none() {
        events.push(state_change(now, "IN_PROGRESS", now.start_time));
    }
    let earlier = before.map_or(&[][..], |before| &before.phases[..]);
    for (index, phase) in now.phases.iter().enumerate() {
        let was_over = earlier.get(index).is_some_and(is_over);
        if is_over(phase) && !was_over {
            events.push(phase_change(now, phase));
        }
    }
    let was_complete = before.is_some_and(|before| before.build_complete);
    if now.build_complete && !was_complete {
        let at = now.end_time.unwrap_or_else(EpochSeconds::now);
        events.push(state_change(now, state(&now.build_status), at));
    }
    events
}

/// COMPLETED is over as it begins.
fn is_over(phase: &BuildPhase) -> bool {
    phase.phase_status.is_some() || phase.phase_type == COMPLETED
}

/// A build has four states in events: a timeout and a fault are failures there.
fn state(build_status: &str) -> &str {
    match build_status {
        "TIMED_OUT" | "FAULT" => "FAILED",
        other => other,
    }
}

fn state_change(build: &Build, state: &str, at: EpochSeconds) -> NewEvent {
    let current = build.phases.last();
    let detail = json!({
        "build-status": state,
        "project-name": build.project_name,
        "build-id": build.arn,
        "additional-information": information(build),
        "current-phase": build.current_phase,
        "current-phase-context": contexts_as_text(current),
        "version": "1",
    });
    event(build, STATE_CHANGE, at, detail)
}

fn phase_change(build: &Build, phase: &BuildPhase) -> NewEvent {
    let end = phase.end_time.unwrap_or(phase.start_time);
    let status = phase.phase_status.as_deref();
    let detail = json!({
        "completed-phase": phase.phase_type,
        "project-name": build.project_name,
        "build-id": build.arn,
        "completed-phase-context": contexts_as_text(Some(phase)),
        "additional-information": information(build),
        "completed-phase-status": status.unwrap_or("SUCCEEDED"),
        "completed-phase-duration-seconds": phase.duration_in_seconds.unwrap_or_default(),
        "version": "1",
        "completed-phase-start": date(phase.start_time),
        "completed-phase-end": date(end),
    });
    event(build, PHASE_CHANGE, end, detail)
}

fn event(build: &Build, detail_type: &str, at: EpochSeconds, detail: Value) -> NewEvent {
    // arn:aws:codebuild:REGION:ACCOUNT:build/…
    let mut parts = build.arn.split(':').skip(3).map(str::to_owned);
    NewEvent {
        source: "aws.codebuild".to_owned(),
        detail_type: detail_type.to_owned(),
        region: parts.next().unwrap_or_default(),
        account: parts.next().unwrap_or_default(),
        at: timestamp(at),
        resources: vec![build.arn.clone()],
        detail,
    }
}

fn information(build: &Build) -> Value {
    let mut information = json!({
        "artifact": artifact(build),
        "cache": { "type": build.cache.r#type },
        "environment": environment(build),
        "timeout-in-minutes": build.timeout_in_minutes,
        "build-complete": build.build_complete,
        "build-number": build.build_number,
        "initiator": build.initiator,
        "build-start-time": date(build.start_time),
        "source": source(build),
        "logs": logs(build),
        "phases": build.phases.iter().map(phase).collect::<Vec<_>>(),
        "queued-timeout-in-minutes": build.queued_timeout_in_minutes,
    });
    set(
        &mut information,
        "source-version",
        build.source_version.as_deref(),
    );
    information
}

fn artifact(build: &Build) -> Value {
    let artifacts = &build.artifacts;
    let mut artifact = json!({});
    set(&mut artifact, "md5sum", artifacts.md5_sum.as_deref());
    set(&mut artifact, "sha256sum", artifacts.sha256_sum.as_deref());
    artifact["location"] = artifacts.location.as_str().into();
    artifact
}

fn environment(build: &Build) -> Value {
    let environment = &build.environment;
    let variables: Vec<Value> = environment
        .environment_variables
        .iter()
        .map(|variable| {
            json!({
                "name": variable.name,
                "type": variable.r#type,
                "value": variable.value,
            })
        })
        .collect();
    json!({
        "image": environment.image,
        "privileged-mode": environment.privileged_mode,
        "compute-type": environment.compute_type,
        "type": environment.r#type,
        "environment-variables": variables,
    })
}

fn source(build: &Build) -> Value {
    let mut source = json!({ "type": build.source.r#type });
    set(&mut source, "location", build.source.location.as_deref());
    set(&mut source, "buildspec", build.source.buildspec.as_deref());
    source
}

fn logs(build: &Build) -> Value {
    let mut logs = json!({});
    set(&mut logs, "group-name", build.logs.group_name.as_deref());
    set(&mut logs, "stream-name", build.logs.stream_name.as_deref());
    set(&mut logs, "deep-link", build.logs.deep_link.as_deref());
    logs
}

fn phase(phase: &BuildPhase) -> Value {
    let mut shown = json!({});
    if is_over(phase) && phase.phase_type != COMPLETED {
        let contexts = phase.contexts.iter().flatten();
        shown["phase-context"] = contexts.map(context).collect();
    }
    shown["start-time"] = date(phase.start_time).into();
    if let Some(end) = phase.end_time {
        shown["end-time"] = date(end).into();
    }
    if let Some(seconds) = phase.duration_in_seconds {
        shown["duration-in-seconds"] = seconds.into();
    }
    shown["phase-type"] = phase.phase_type.as_str().into();
    set(&mut shown, "phase-status", phase.phase_status.as_deref());
    shown
}

fn context(context: &Context) -> String {
    format!("{}: {}", context.status_code, context.message)
}

/// Such as `[]` and `[COMMAND_EXECUTION_ERROR: Error while …]`.
fn contexts_as_text(phase: Option<&BuildPhase>) -> String {
    let contexts = phase.and_then(|phase| phase.contexts.as_ref());
    let contexts: Vec<String> = contexts.into_iter().flatten().map(context).collect();
    format!("[{}]", contexts.join(", "))
}

fn set(object: &mut Value, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        object[name] = value.into();
    }
}

fn timestamp(at: EpochSeconds) -> Timestamp {
    Timestamp::from_millisecond(at.millis()).unwrap_or_default()
}

/// Such as `Sep 1, 2017 4:12:29 PM`.
fn date(at: EpochSeconds) -> String {
    timestamp(at)
        .strftime("%b %-d, %Y %-I:%M:%S %p")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_as_in_the_user_guide() {
        let at: Timestamp = "2017-09-01T16:12:29Z".parse().unwrap();
        assert_eq!(date(at.into()), "Sep 1, 2017 4:12:29 PM");
        let at: Timestamp = "2017-09-11T00:02:09Z".parse().unwrap();
        assert_eq!(date(at.into()), "Sep 11, 2017 12:02:09 AM");
    }

    #[test]
    fn a_timeout_and_a_fault_are_failures() {
        assert_eq!(state("TIMED_OUT"), "FAILED");
        assert_eq!(state("FAULT"), "FAILED");
        assert_eq!(state("STOPPED"), "STOPPED");
    }
}
