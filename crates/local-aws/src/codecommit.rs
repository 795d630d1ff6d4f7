//! CodeCommit over JSON 1.1, over bare git repositories in the state directory.
//!
//! The repositories are worked on with the user's own git, which also serves its wire protocol below
//! `/v1/repos/` (`git_http.rs`, `git_backend.rs`). `reference_events.rs` tells of what was pushed.

mod branches;
mod commits;
mod files;
mod git;
mod git_backend;
mod git_http;
mod name;
mod reference_events;
mod repositories;
mod tags;
mod triggers;

use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::builds::BuildHost;
use crate::error::AwsError;
use crate::services::Services;
use git::Repository;

pub(crate) use git_http::answer;
pub(crate) use git_http::is_for_git;
pub(crate) use reference_events::ReferenceTurn;
pub(crate) use reference_events::catch_up;

/// What [`call`] knows.
pub(crate) const OPERATIONS: [&str; 24] = [
    "CreateRepository",
    "GetRepository",
    "BatchGetRepositories",
    "ListRepositories",
    "UpdateRepositoryDescription",
    "DeleteRepository",
    "UpdateDefaultBranch",
    "CreateBranch",
    "GetBranch",
    "ListBranches",
    "DeleteBranch",
    "CreateCommit",
    "GetCommit",
    "PutFile",
    "GetFile",
    "GetFolder",
    "DeleteFile",
    "UpdateRepositoryName",
    "TagResource",
    "UntagResource",
    "ListTagsForResource",
    "PutRepositoryTriggers",
    "GetRepositoryTriggers",
    "TestRepositoryTriggers",
];

/// Whether [`call`] knows the operation.
pub(crate) fn has_operation(operation: &str) -> bool {
    OPERATIONS.contains(&operation)
}

/// Runs one operation.
///
/// # Errors
///
/// As the operation does.
pub(crate) async fn call(
    services: &Services,
    operation: &str,
    input: Value,
) -> Result<Value, AwsError> {
    match operation {
        "CreateRepository" => repositories::create(services, read(input)?).await,
        "GetRepository" => repositories::get(services, read(input)?).await,
        "BatchGetRepositories" => repositories::batch_get(services, read(input)?).await,
        "ListRepositories" => repositories::list(services, read(input)?),
        "UpdateRepositoryDescription" => repositories::describe(services, read(input)?).await,
        "DeleteRepository" => repositories::delete(services, read(input)?).await,
        "UpdateDefaultBranch" => branches::update_default(services, read(input)?).await,
        "CreateBranch" => branches::create(services, read(input)?).await,
        "GetBranch" => branches::get(services, read(input)?).await,
        "ListBranches" => branches::list(services, read(input)?).await,
        "DeleteBranch" => branches::delete(services, read(input)?).await,
        "CreateCommit" => reply(commits::create(services, read(input)?).await?),
        "GetCommit" => commits::get(services, read(input)?).await,
        "PutFile" => commits::put_file(services, read(input)?).await,
        "GetFile" => files::file(services, read(input)?).await,
        "GetFolder" => files::folder(services, read(input)?).await,
        "DeleteFile" => commits::delete_file(services, read(input)?).await,
        "UpdateRepositoryName" => repositories::rename(services, read(input)?).await,
        "TagResource" => tags::tag(services, read(input)?).await,
        "UntagResource" => tags::untag(services, read(input)?).await,
        "ListTagsForResource" => tags::list(services, &read(input)?),
        "PutRepositoryTriggers" => triggers::put(services, read(input)?).await,
        "GetRepositoryTriggers" => triggers::get(services, &read(input)?),
        "TestRepositoryTriggers" => triggers::test(services, read(input)?).await,
        _ => Err(AwsError::bare("UnknownOperationException")),
    }
}

/// The bare repository that a clone URL of CodeCommit names, if it is there.
pub(crate) fn repository_at(host: &BuildHost, location: &str) -> Option<PathBuf> {
    let name = name::in_clone_url(&host.account, location)?;
    let known = repositories::find(&host.store, name).is_ok();
    known.then(|| host.repositories.join(format!("{name}.git")))
}

/// The repository that a request names.
fn repository(services: &Services, name: Option<&str>) -> Result<Repository, AwsError> {
    let name = name::required(name)?;
    repositories::find(&services.store, name)?;
    let directory = services.repositories.join(format!("{name}.git"));
    Ok(Repository::at(directory))
}

fn missing(code: &'static str, what: &str) -> AwsError {
    AwsError::new(code, format!("{what} is required"))
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}

fn reply<T: Serialize>(output: T) -> Result<Value, AwsError> {
    serde_json::to_value(output).map_err(AwsError::storage)
}
