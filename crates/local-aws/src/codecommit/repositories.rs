//! Operations on repositories.

use std::collections::BTreeMap;
use std::path::Path;

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::git::Repository;
use super::git::Surroundings;
use super::name;
use super::tags;
use super::triggers::Triggers;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::Store;
use crate::timestamp::EpochSeconds;

/// How many names BatchGetRepositories takes.
const BATCH: usize = 100;

/// How many repositories a page has.
const PAGE: usize = 1000;

/// A repository in the database.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Record {
    id: String,
    description: Option<String>,
    created: EpochSeconds,
    modified: EpochSeconds,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) triggers: Triggers,
    /// Nothing is encrypted with it.
    #[serde(default)]
    kms_key_id: Option<String>,
}

impl Record {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// It is modified now.
    pub(super) fn touch(&mut self) {
        self.modified = EpochSeconds::now();
    }
}

/// The record of a repository.
pub(super) fn find(store: &Store, name: &str) -> Result<Record, AwsError> {
    let found = store.read(|transaction| {
        let repositories = transaction.open_table(store::REPOSITORIES)?;
        store::get(&repositories, name)
    })?;
    found.ok_or_else(|| does_not_exist(name))
}

fn does_not_exist(name: &str) -> AwsError {
    AwsError::new(
        "RepositoryDoesNotExistException",
        format!("{name} does not exist"),
    )
}

fn name_exists(name: &str) -> AwsError {
    AwsError::new(
        "RepositoryNameExistsException",
        format!("Repository named {name} already exists"),
    )
}

async fn metadata(services: &Services, name: &str, record: Record) -> Result<Value, AwsError> {
    let account = &services.account;
    let repository = super::repository(services, Some(name))?;
    let mut metadata = json!({
        "accountId": account.id,
        "repositoryId": record.id,
        "repositoryName": name,
        "lastModifiedDate": record.modified,
        "creationDate": record.created,
        "cloneUrlHttp": name::http_url(account, name),
        "cloneUrlSsh": name::ssh_url(account, name),
        "Arn": account.repository_arn(name),
    });
    if let Some(description) = record.description {
        metadata["repositoryDescription"] = description.into();
    }
    if let Some(key) = record.kms_key_id {
        metadata["kmsKeyId"] = key.into();
    }
    if let Some(branch) = repository.default_branch().await? {
        metadata["defaultBranch"] = branch.into();
    }
    Ok(metadata)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepositoryInput {
    repository_name: Option<String>,
    repository_description: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    kms_key_id: Option<String>,
}

pub(super) async fn create(services: &Services, input: RepositoryInput) -> Result<Value, AwsError> {
    let name = name::required(input.repository_name.as_deref())?.to_owned();
    let description = checked_description(input.repository_description)?;
    let tags = tags::joined(BTreeMap::new(), input.tags.unwrap_or_default())?;
    let directory = services.repositories.join(format!("{name}.git"));
    let fresh = new_directory(&services.repositories)?;
    let repository = Repository::at(fresh.clone());
    let init = ["init", "--quiet", "--bare", "--initial-branch=main"];
    if repository
        .run(&init, &Surroundings::default())
        .await?
        .is_none()
    {
        return Err(AwsError::storage("git could not make a repository"));
    }
    let now = EpochSeconds::now();
    let record = Record {
        id: uuid::Uuid::new_v4().to_string(),
        description,
        created: now,
        modified: now,
        tags,
        triggers: Triggers::default(),
        kms_key_id: input.kms_key_id,
    };
    let (key, new, from) = (name.clone(), record.clone(), fresh.clone());
    let written = services
        .store
        .write(move |transaction| {
            let mut repositories = transaction.open_table(store::REPOSITORIES)?;
            if repositories.get(key.as_str())?.is_some() {
                return Err(name_exists(&key).into());
            }
            // What a killed process left of a repository that was deleted.
            let _ = std::fs::remove_dir_all(&directory);
            std::fs::rename(&from, &directory).map_err(AwsError::storage)?;
            let mut references = transaction.open_table(store::REFERENCES)?;
            store::put(&mut references, &key, &BTreeMap::<String, String>::new())?;
            store::put(&mut repositories, &key, &new)
        })
        .await;
    if let Err(error) = written {
        let _ = std::fs::remove_dir_all(&fresh);
        return Err(error);
    }
    Ok(json!({ "repositoryMetadata": metadata(services, &name, record).await? }))
}

/// A directory that no repository has: names of repositories do not begin with a dot.
fn new_directory(repositories: &Path) -> Result<std::path::PathBuf, AwsError> {
    std::fs::create_dir_all(repositories).map_err(AwsError::storage)?;
    Ok(repositories.join(format!(".{}", uuid::Uuid::new_v4())))
}

fn checked_description(description: Option<String>) -> Result<Option<String>, AwsError> {
    if description
        .as_deref()
        .is_some_and(|text| text.chars().count() > 1000)
    {
        return Err(AwsError::new(
            "InvalidRepositoryDescriptionException",
            "The repository description is not valid. It can have at most 1,000 characters.",
        ));
    }
    Ok(description)
}

pub(super) async fn get(services: &Services, input: RepositoryInput) -> Result<Value, AwsError> {
    let name = name::required(input.repository_name.as_deref())?;
    let record = find(&services.store, name)?;
    Ok(json!({ "repositoryMetadata": metadata(services, name, record).await? }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BatchInput {
    repository_names: Option<Vec<String>>,
}

pub(super) async fn batch_get(services: &Services, input: BatchInput) -> Result<Value, AwsError> {
    let names = input.repository_names.filter(|names| !names.is_empty());
    let names = names.ok_or_else(|| {
        super::missing(
            "RepositoryNamesRequiredException",
            "At least one repository name",
        )
    })?;
    if names.len() > BATCH {
        return Err(AwsError::new(
            "MaximumRepositoryNamesExceededException",
            format!("At most {BATCH} repository names can be given."),
        ));
    }
    let (mut repositories, mut not_found) = (Vec::new(), Vec::new());
    for name in names {
        match find(&services.store, name::required(Some(&name))?) {
            Ok(record) => repositories.push(metadata(services, &name, record).await?),
            Err(_) => not_found.push(name),
        }
    }
    Ok(json!({
        "repositories": repositories, "repositoriesNotFound": not_found, "errors": []
    }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListInput {
    next_token: Option<String>,
    sort_by: Option<String>,
    order: Option<String>,
}

pub(super) fn list(services: &Services, input: ListInput) -> Result<Value, AwsError> {
    let by = ["repositoryName", "lastModifiedDate"];
    one_of("InvalidSortByException", input.sort_by.as_deref(), by)?;
    let order = ["ascending", "descending"];
    one_of("InvalidOrderException", input.order.as_deref(), order)?;
    let mut all: Vec<(String, Record)> = services.store.read(|transaction| {
        let mut all = Vec::new();
        for entry in transaction.open_table(store::REPOSITORIES)?.iter()? {
            let (name, value) = entry?;
            all.push((
                name.value().to_owned(),
                serde_json::from_slice(value.value())?,
            ));
        }
        Ok(all)
    })?;
    if input.sort_by.as_deref() == Some("lastModifiedDate") {
        all.sort_by_key(|(_, record)| record.modified);
    }
    if input.order.as_deref() == Some("descending") {
        all.reverse();
    }
    let list = format!("ListRepositories/{:?}/{:?}", input.sort_by, input.order);
    let from = match input.next_token {
        None => 0,
        Some(token) => services
            .tokens
            .open(&list, &token)
            .and_then(|position| position.parse().ok())
            .ok_or_else(|| {
                AwsError::new(
                    "InvalidContinuationTokenException",
                    "The specified continuation token is not valid.",
                )
            })?,
    };
    let (page, next) = crate::constraint::page(all, from, PAGE);
    let repositories: Vec<Value> = page
        .into_iter()
        .map(|(name, record)| json!({ "repositoryName": name, "repositoryId": record.id }))
        .collect();
    let mut output = json!({ "repositories": repositories });
    if let Some(next) = next {
        output["nextToken"] = services.tokens.seal(&list, &next.to_string()).into();
    }
    Ok(output)
}

pub(super) async fn describe(
    services: &Services,
    input: RepositoryInput,
) -> Result<Value, AwsError> {
    let name = name::required(input.repository_name.as_deref())?.to_owned();
    let description = checked_description(input.repository_description)?;
    change(services, name, |record| record.description = description).await?;
    Ok(json!({}))
}

fn one_of(code: &'static str, value: Option<&str>, known: [&str; 2]) -> Result<(), AwsError> {
    match value {
        Some(value) if !known.contains(&value) => Err(AwsError::new(
            code,
            format!(
                "{value} is not valid: it must be one of {}.",
                known.join(", ")
            ),
        )),
        _ => Ok(()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RenameInput {
    old_name: Option<String>,
    new_name: Option<String>,
}

pub(super) async fn rename(services: &Services, input: RenameInput) -> Result<Value, AwsError> {
    let old = name::required(input.old_name.as_deref())?.to_owned();
    let new = name::required(input.new_name.as_deref())?.to_owned();
    let directory = |name: &str| services.repositories.join(format!("{name}.git"));
    let (from, to) = (directory(&old), directory(&new));
    services
        .store
        .write(move |transaction| {
            let mut repositories = transaction.open_table(store::REPOSITORIES)?;
            let mut record: Record =
                store::get(&*repositories, &old)?.ok_or_else(|| does_not_exist(&old))?;
            if repositories.get(new.as_str())?.is_some() {
                return Err(name_exists(&new).into());
            }
            let mut references = transaction.open_table(store::REFERENCES)?;
            let told: Option<BTreeMap<String, String>> = store::get(&*references, &old)?;
            // What a killed process left of a repository that was deleted.
            let _ = std::fs::remove_dir_all(&to);
            std::fs::rename(&from, &to).map_err(AwsError::storage)?;
            record.touch();
            repositories.remove(old.as_str())?;
            references.remove(old.as_str())?;
            if let Some(told) = told {
                store::put(&mut references, &new, &told)?;
            }
            store::put(&mut repositories, &new, &record)
        })
        .await?;
    Ok(json!({}))
}

/// Changes a repository's record; its date of modification too.
pub(super) async fn change(
    services: &Services,
    name: String,
    change: impl FnOnce(&mut Record) + Send + 'static,
) -> Result<(), AwsError> {
    services
        .store
        .write(move |transaction| {
            let mut repositories = transaction.open_table(store::REPOSITORIES)?;
            let mut record: Record =
                store::get(&*repositories, &name)?.ok_or_else(|| does_not_exist(&name))?;
            change(&mut record);
            record.touch();
            store::put(&mut repositories, &name, &record)
        })
        .await
}

pub(super) async fn delete(services: &Services, input: RepositoryInput) -> Result<Value, AwsError> {
    let name = name::required(input.repository_name.as_deref())?.to_owned();
    let directory = services.repositories.join(format!("{name}.git"));
    let aside = new_directory(&services.repositories)?;
    let to = aside.clone();
    let id = services
        .store
        .write(move |transaction| {
            let mut repositories = transaction.open_table(store::REPOSITORIES)?;
            let Some(record) = store::get::<Record>(&*repositories, &name)? else {
                return Ok(None);
            };
            repositories.remove(name.as_str())?;
            let mut references = transaction.open_table(store::REFERENCES)?;
            references.remove(name.as_str())?;
            let _ = std::fs::rename(&directory, &to);
            Ok(Some(record.id))
        })
        .await?;
    let _ = std::fs::remove_dir_all(&aside);
    // What is not there is deleted already: no id then.
    Ok(id.map_or_else(|| json!({}), |id| json!({ "repositoryId": id })))
}
