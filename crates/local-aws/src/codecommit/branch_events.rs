//! What CodeCommit tells EventBridge about a branch that changes.
//!
//! What is pushed straight into the directory of a repository is not seen.

use jiff::Timestamp;
use serde_json::json;

use super::repositories;
use crate::error::AwsError;
use crate::event_bridge;
use crate::event_bridge::NewEvent;
use crate::services::Services;

/// Writes the event of a branch that was at one commit and is at another.
pub(super) async fn record(
    services: &Services,
    repository: Option<&str>,
    branch: &str,
    before: Option<&str>,
    now: Option<&str>,
) -> Result<(), AwsError> {
    let account = &services.account;
    let name = repository.unwrap_or_default();
    let event = match (before, now) {
        (None, Some(_)) => "referenceCreated",
        (Some(_), Some(_)) => "referenceUpdated",
        _ => "referenceDeleted",
    };
    let mut detail = json!({
        "event": event,
        "repositoryName": name,
        "repositoryId": repositories::find(&services.store, name)?.id(),
        "referenceType": "branch",
        "referenceName": branch,
        "referenceFullName": format!("refs/heads/{branch}"),
    });
    if let Some(commit) = now {
        detail["commitId"] = commit.into();
    }
    if let Some(commit) = before {
        detail["oldCommitId"] = commit.into();
    }
    detail["callerUserArn"] = account.user_arn().into();
    let event = NewEvent {
        source: "aws.codecommit".to_owned(),
        detail_type: "CodeCommit Repository State Change".to_owned(),
        region: account.region.clone(),
        account: account.id.clone(),
        at: Timestamp::now(),
        resources: vec![account.repository_arn(name)],
        detail,
    };
    services
        .store
        .write(move |transaction| event_bridge::record(transaction, vec![event]))
        .await
}
