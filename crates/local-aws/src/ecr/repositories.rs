//! Operations on repositories.

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::errors;
use super::names;
use super::records::Repository;
use super::registry::Registry;
use super::remove_images;
use super::tags;
use super::tags::Tag;
use crate::error::AwsError;
use crate::page_token::PageTokens;
use crate::store;
use crate::timestamp::EpochSeconds;

/// How many repositories a page has, and how many names DescribeRepositories takes.
const PAGE: usize = 1000;
const NAMES: usize = 100;

const MUTABILITIES: [&str; 4] = [
    "MUTABLE",
    "IMMUTABLE",
    "IMMUTABLE_WITH_EXCLUSION",
    "MUTABLE_WITH_EXCLUSION",
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateInput {
    registry_id: Option<String>,
    repository_name: Option<String>,
    tags: Option<Vec<Tag>>,
    image_tag_mutability: Option<String>,
    image_tag_mutability_exclusion_filters: Option<Vec<Exclusion>>,
    image_scanning_configuration: Option<Scanning>,
    encryption_configuration: Option<Encryption>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Scanning {
    #[serde(default)]
    pub(super) scan_on_push: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Encryption {
    encryption_type: Option<String>,
    kms_key: Option<String>,
}

/// Tags that are not as the repository's mutability says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Exclusion {
    filter_type: Option<String>,
    filter: Option<String>,
}

/// A repository as clients see it; `host` is what they reach the registry at.
pub(super) fn shown(registry: &Registry, host: &str, name: &str, record: &Repository) -> Value {
    let account = &registry.account;
    let mut shown = json!({
        "repositoryArn": account.ecr_repository_arn(name),
        "registryId": account.id,
        "repositoryName": name,
        "repositoryUri": format!("{host}/{name}"),
        "createdAt": record.created,
        "imageTagMutability": record.mutability,
        "imageScanningConfiguration": { "scanOnPush": record.scan_on_push },
        "encryptionConfiguration": record.encryption,
    });
    if !record.exclusions.is_empty() {
        shown["imageTagMutabilityExclusionFilters"] = shown_exclusions(&record.exclusions);
    }
    shown
}

pub(super) fn shown_exclusions(exclusions: &[String]) -> Value {
    exclusions
        .iter()
        .map(|filter| json!({ "filterType": "WILDCARD", "filter": filter }))
        .collect()
}

/// The mutability of a repository's tags, and its exceptions.
pub(super) fn mutability(
    mutability: Option<String>,
    exclusions: Option<Vec<Exclusion>>,
) -> Result<(String, Vec<String>), AwsError> {
    let mutability = mutability.unwrap_or_else(|| "MUTABLE".to_owned());
    if !MUTABILITIES.contains(&mutability.as_str()) {
        return Err(errors::invalid(
            "imageTagMutability",
            &format!("must satisfy enum value set [{}]", MUTABILITIES.join(", ")),
        ));
    }
    let mut filters = Vec::new();
    for exclusion in exclusions.unwrap_or_default() {
        let filter = errors::required(
            "imageTagMutabilityExclusionFilters.filter",
            exclusion.filter,
        )?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._*-".contains(&byte);
        let stars = filter.bytes().filter(|byte| *byte == b'*').count();
        if exclusion.filter_type.as_deref() != Some("WILDCARD")
            || !(1..=128).contains(&filter.len())
            || !filter.bytes().all(allowed)
            || stars > 2
        {
            return Err(errors::invalid(
                "imageTagMutabilityExclusionFilters",
                "must have filterType WILDCARD and a filter of letters, digits, '.', '_', '-' and \
                 at most two '*'",
            ));
        }
        filters.push(filter);
    }
    if mutability.ends_with("_WITH_EXCLUSION") == filters.is_empty() || filters.len() > 5 {
        return Err(errors::invalid(
            "imageTagMutabilityExclusionFilters",
            "must have 1 to 5 filters for a mutability with exclusion, and none for another",
        ));
    }
    Ok((mutability, filters))
}

fn encryption(input: Option<Encryption>) -> Result<Value, AwsError> {
    let Some(input) = input else {
        return Ok(json!({ "encryptionType": "AES256" }));
    };
    let kind = errors::required(
        "encryptionConfiguration.encryptionType",
        input.encryption_type,
    )?;
    if !["AES256", "KMS", "KMS_DSSE"].contains(&kind.as_str()) {
        return Err(errors::invalid(
            "encryptionConfiguration.encryptionType",
            "must satisfy enum value set [AES256, KMS, KMS_DSSE]",
        ));
    }
    if kind == "AES256" && input.kms_key.is_some() {
        return Err(errors::invalid(
            "encryptionConfiguration.kmsKey",
            "must be null for the encryption type AES256",
        ));
    }
    let mut shown = json!({ "encryptionType": kind });
    if let Some(key) = input.kms_key {
        shown["kmsKey"] = key.into();
    }
    Ok(shown)
}

pub(super) async fn create(
    registry: &Registry,
    host: &str,
    input: CreateInput,
) -> Result<Value, AwsError> {
    let name = names::repository(input.repository_name.as_deref())?.to_owned();
    names::check_registry(&registry.account, input.registry_id.as_deref(), &name)?;
    let (mutability, exclusions) = mutability(
        input.image_tag_mutability,
        input.image_tag_mutability_exclusion_filters,
    )?;
    let record = Repository {
        created: EpochSeconds::now(),
        mutability,
        exclusions,
        scan_on_push: input
            .image_scanning_configuration
            .unwrap_or_default()
            .scan_on_push,
        encryption: encryption(input.encryption_configuration)?,
        tags: tags::checked(Vec::new(), input.tags.unwrap_or_default())?,
        policy: None,
        lifecycle: None,
        preview: None,
    };
    let (key, new, id) = (name.clone(), record.clone(), registry.account.id.clone());
    registry
        .store
        .write(move |transaction| {
            let mut repositories = transaction.open_table(store::ECR_REPOSITORIES)?;
            if repositories.get(key.as_str())?.is_some() {
                return Err(AwsError::new(
                    "RepositoryAlreadyExistsException",
                    format!(
                        "The repository with name '{key}' already exists in the registry with id \
                         '{id}'"
                    ),
                )
                .into());
            }
            store::put(&mut repositories, &key, &new)
        })
        .await?;
    Ok(json!({ "repository": shown(registry, host, &name, &record) }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeInput {
    registry_id: Option<String>,
    repository_names: Option<Vec<String>>,
    next_token: Option<String>,
    max_results: Option<i64>,
}

pub(super) fn describe(
    registry: &Registry,
    tokens: &PageTokens,
    host: &str,
    input: DescribeInput,
) -> Result<Value, AwsError> {
    let length = super::pages::length(input.max_results, PAGE)?;
    let registry_id = input.registry_id.as_deref();
    if let Some(wanted) = input.repository_names {
        if wanted.is_empty() || wanted.len() > NAMES {
            return Err(errors::invalid(
                "repositoryNames",
                "must have length between 1 and 100",
            ));
        }
        if input.max_results.is_some() || input.next_token.is_some() {
            return Err(errors::invalid(
                "repositoryNames",
                "cannot be used with nextToken or maxResults",
            ));
        }
        let mut repositories = Vec::new();
        for name in &wanted {
            let name = names::repository(Some(name))?;
            names::check_registry(&registry.account, registry_id, name)?;
            repositories.push(shown(registry, host, name, &registry.repository(name)?));
        }
        return Ok(json!({ "repositories": repositories }));
    }
    names::check_registry(&registry.account, registry_id, "*")?;
    let all: Vec<(String, Repository)> = registry.store.read(|transaction| {
        let mut all = Vec::new();
        for entry in transaction.open_table(store::ECR_REPOSITORIES)?.iter()? {
            let (name, value) = entry?;
            all.push((
                name.value().to_owned(),
                serde_json::from_slice(value.value())?,
            ));
        }
        Ok(all)
    })?;
    let list = "DescribeRepositories";
    let (page, next) = super::pages::page(tokens, list, all, input.next_token, length)?;
    let repositories: Vec<Value> = page
        .iter()
        .map(|(name, record)| shown(registry, host, name, record))
        .collect();
    let mut output = json!({ "repositories": repositories });
    super::pages::add_token(&mut output, next);
    Ok(output)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteInput {
    registry_id: Option<String>,
    repository_name: Option<String>,
    #[serde(default)]
    force: bool,
}

pub(super) async fn delete(
    registry: &Registry,
    host: &str,
    input: DeleteInput,
) -> Result<Value, AwsError> {
    let name = names::repository(input.repository_name.as_deref())?.to_owned();
    names::check_registry(&registry.account, input.registry_id.as_deref(), &name)?;
    let (key, id) = (name.clone(), registry.account.id.clone());
    let (record, unused) = registry
        .store
        .write(move |transaction| {
            let mut repositories = transaction.open_table(store::ECR_REPOSITORIES)?;
            let record: Repository = store::get(&*repositories, &key)?
                .ok_or_else(|| errors::no_such_repository(&key, &id))?;
            let images = transaction.open_table(store::ECR_IMAGES)?;
            let is_empty = super::registry::images(&*images, &key)?.is_empty();
            drop(images);
            if !is_empty && !input.force {
                return Err(AwsError::new(
                    "RepositoryNotEmptyException",
                    format!(
                        "The repository with name '{key}' in registry with id '{id}' cannot be \
                         deleted because it still contains images"
                    ),
                )
                .into());
            }
            repositories.remove(key.as_str())?;
            drop(repositories);
            Ok((record, remove_images::everything(transaction, &key)?))
        })
        .await?;
    registry.remove_unused(unused).await;
    Ok(json!({ "repository": shown(registry, host, &name, &record) }))
}

/// Changes a repository's record.
pub(super) async fn change(
    registry: &Registry,
    name: &str,
    change: impl FnOnce(&mut Repository) + Send + 'static,
) -> Result<(), AwsError> {
    let (name, id) = (name.to_owned(), registry.account.id.clone());
    registry
        .store
        .write(move |transaction| {
            let mut repositories = transaction.open_table(store::ECR_REPOSITORIES)?;
            let mut record: Repository = store::get(&*repositories, &name)?
                .ok_or_else(|| errors::no_such_repository(&name, &id))?;
            change(&mut record);
            store::put(&mut repositories, &name, &record)
        })
        .await
}
