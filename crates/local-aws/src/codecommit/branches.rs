//! Operations on branches.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::name;
use super::reference_events;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BranchInput {
    repository_name: Option<String>,
    branch_name: Option<String>,
    default_branch_name: Option<String>,
    commit_id: Option<String>,
    next_token: Option<String>,
}

pub(super) fn does_not_exist(name: &str) -> AwsError {
    AwsError::new(
        "BranchDoesNotExistException",
        format!("Branch {name} does not exist"),
    )
}

pub(super) async fn get(services: &Services, input: BranchInput) -> Result<Value, AwsError> {
    let repository = super::repository(services, input.repository_name.as_deref())?;
    let name = name::branch(input.branch_name.as_deref())?;
    let commit = repository.branch(name).await?;
    let commit = commit.ok_or_else(|| does_not_exist(name))?;
    Ok(json!({ "branch": { "branchName": name, "commitId": commit } }))
}

pub(super) async fn list(services: &Services, input: BranchInput) -> Result<Value, AwsError> {
    let repository = super::repository(services, input.repository_name.as_deref())?;
    if input.next_token.is_some() {
        return Err(AwsError::new(
            "InvalidContinuationTokenException",
            "The specified continuation token is not valid: all branches are on one page.",
        ));
    }
    Ok(json!({ "branches": repository.branches().await? }))
}

pub(super) async fn create(services: &Services, input: BranchInput) -> Result<Value, AwsError> {
    let repository = super::repository(services, input.repository_name.as_deref())?;
    let name = name::branch(input.branch_name.as_deref())?;
    let commit = input
        .commit_id
        .as_deref()
        .ok_or_else(|| super::missing("CommitIdRequiredException", "A commit ID"))?;
    if repository.branch(name).await?.is_some() {
        return Err(AwsError::new(
            "BranchNameExistsException",
            format!("Branch {name} already exists"),
        ));
    }
    let id = super::commits::by_id(&repository, commit).await?;
    let id = id.ok_or_else(|| {
        AwsError::new(
            "CommitDoesNotExistException",
            format!("Commit {commit} does not exist"),
        )
    })?;
    let reference = format!("refs/heads/{name}");
    let created = repository
        .text(&["update-ref", &reference, &id, ""])
        .await?;
    if created.is_none() {
        return Err(AwsError::new(
            "BranchNameExistsException",
            format!("Branch {name} or one that begins with its name exists already"),
        ));
    }
    let repository = input.repository_name.as_deref().unwrap_or_default();
    reference_events::tell(services, repository, &services.account.user_arn()).await?;
    Ok(json!({}))
}

pub(super) async fn delete(services: &Services, input: BranchInput) -> Result<Value, AwsError> {
    let repository = super::repository(services, input.repository_name.as_deref())?;
    let name = name::branch(input.branch_name.as_deref())?;
    if repository.default_branch().await?.as_deref() == Some(name) {
        return Err(AwsError::new(
            "DefaultBranchCannotBeDeletedException",
            format!("{name} is the default branch of the repository and cannot be deleted"),
        ));
    }
    let Some(commit) = repository.branch(name).await? else {
        return Ok(json!({}));
    };
    let reference = format!("refs/heads/{name}");
    repository.text(&["update-ref", "-d", &reference]).await?;
    let repository = input.repository_name.as_deref().unwrap_or_default();
    reference_events::tell(services, repository, &services.account.user_arn()).await?;
    Ok(json!({ "deletedBranch": { "branchName": name, "commitId": commit } }))
}

pub(super) async fn update_default(
    services: &Services,
    input: BranchInput,
) -> Result<Value, AwsError> {
    let repository = super::repository(services, input.repository_name.as_deref())?;
    let name = name::branch(input.default_branch_name.as_deref())?;
    if repository.branch(name).await?.is_none() {
        return Err(does_not_exist(name));
    }
    let reference = format!("refs/heads/{name}");
    repository
        .text(&["symbolic-ref", "HEAD", &reference])
        .await?;
    Ok(json!({}))
}
