//! What projects can tell: the event types, and ListEventTypes.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::invalid;
use crate::error::AwsError;

/// Id, name, and what an event has to have: the member of its detail, and the values.
const TYPES: [(&str, &str, &str, &[&str]); 6] = [
    (
        "codebuild-project-build-state-failed",
        "Build state: Failed",
        "build-status",
        &["FAILED"],
    ),
    (
        "codebuild-project-build-state-succeeded",
        "Build state: Succeeded",
        "build-status",
        &["SUCCEEDED"],
    ),
    (
        "codebuild-project-build-state-in-progress",
        "Build state: In-progress",
        "build-status",
        &["IN_PROGRESS"],
    ),
    (
        "codebuild-project-build-state-stopped",
        "Build state: Stopped",
        "build-status",
        &["STOPPED"],
    ),
    (
        "codebuild-project-build-phase-failure",
        "Build phase: Failure",
        "completed-phase-status",
        &["FAILED", "FAULT", "TIMED_OUT", "STOPPED", "CLIENT_ERROR"],
    ),
    (
        "codebuild-project-build-phase-success",
        "Build phase: Success",
        "completed-phase-status",
        &["SUCCEEDED"],
    ),
];

const SERVICE: &str = "CodeBuild";
const RESOURCE: &str = "Project";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListEventTypes {
    #[serde(default)]
    filters: Vec<super::lists::Filter>,
}

/// ListEventTypes.
pub(super) fn list(input: &ListEventTypes) -> Result<Value, AwsError> {
    let fits = input
        .filters
        .iter()
        .all(|filter| match filter.name.as_str() {
            "SERVICE_NAME" => filter.value == SERVICE,
            _ => filter.value == RESOURCE,
        });
    let types = TYPES.iter().filter(|_| fits);
    let types: Vec<Value> = types.map(|(id, ..)| shown(id)).collect();
    Ok(json!({ "EventTypes": types }))
}

/// An event type as answers show it.
pub(super) fn shown(id: &str) -> Value {
    let name = TYPES.iter().find(|(known, ..)| *known == id);
    json!({
        "EventTypeId": id,
        "ServiceName": SERVICE,
        "EventTypeName": name.map_or(id, |(_, name, ..)| name),
        "ResourceType": RESOURCE,
    })
}

/// Checks the ids of a rule.
pub(super) fn check(ids: &[String]) -> Result<(), AwsError> {
    if ids.is_empty() {
        return Err(invalid(
            "A notification rule needs one event type at least.",
        ));
    }
    match ids
        .iter()
        .find(|id| TYPES.iter().all(|(known, ..)| known != id))
    {
        Some(unknown) => Err(invalid(format!(
            "Event type {unknown} is not valid for a project of CodeBuild. ListEventTypes names those \
             that are."
        ))),
        None => Ok(()),
    }
}

/// The type of an event of EventBridge.
pub(super) fn of_event(event: &Value) -> Option<&'static str> {
    if event["source"] != "aws.codebuild" {
        return None;
    }
    let found = TYPES.iter().find(|(_, _, member, values)| {
        let value = event["detail"][*member].as_str();
        value.is_some_and(|value| values.contains(&value))
    });
    found.map(|(id, ..)| *id)
}
