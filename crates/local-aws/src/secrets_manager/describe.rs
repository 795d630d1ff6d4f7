//! DescribeSecret, ListSecrets and ListSecretVersionIds.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use super::record;
use super::record::Secret;
use super::tags::Tag;
use crate::constraint;
use crate::error::AwsError;
use crate::services::Services;
use crate::timestamp::EpochSeconds;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeInput {
    secret_id: Option<String>,
}

/// The outputs of DescribeSecret and ListSecrets differ in one name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Description {
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kms_key_id: Option<String>,
    last_changed_date: EpochSeconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_date: Option<EpochSeconds>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_ids_to_stages: Option<BTreeMap<String, Vec<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_versions_to_stages: Option<BTreeMap<String, Vec<String>>>,
    created_date: EpochSeconds,
}

fn described(name: String, secret: Secret) -> Description {
    let stages = secret
        .versions
        .into_iter()
        .filter(|version| !version.stages.is_empty())
        .map(|version| (version.id, version.stages))
        .collect();
    Description {
        arn: secret.arn,
        name,
        description: secret.description,
        kms_key_id: secret.kms_key_id,
        last_changed_date: secret.changed,
        deleted_date: secret.deleted.map(|(deleted, _)| deleted),
        tags: secret.tags.into_iter().map(Tag::from).collect(),
        version_ids_to_stages: Some(stages),
        secret_versions_to_stages: None,
        created_date: secret.created,
    }
}

pub(super) fn secret(services: &Services, input: DescribeInput) -> Result<Description, AwsError> {
    let id = constraint::required("secretId", input.secret_id)?;
    let (name, secret) = record::find(&services.store, &services.account, &id)?;
    Ok(described(name, secret))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListInput {
    filters: Option<Vec<Filter>>,
    include_planned_deletion: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
    sort_order: Option<String>,
}

/// `Filter` of the API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    key: Option<String>,
    values: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListOutput {
    secret_list: Vec<Description>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn list(services: &Services, input: ListInput) -> Result<ListOutput, AwsError> {
    let length = constraint::page_length("maxResults", input.max_results, 100)?;
    let filters = input.filters.unwrap_or_default();
    let with_deleted = input.include_planned_deletion == Some(true);
    let mut found = Vec::new();
    for (name, secret) in record::all(&services.store)? {
        let wanted = with_deleted || secret.deleted.is_none();
        if wanted && matches(&filters, &name, &secret)? {
            found.push((name, secret));
        }
    }
    found.sort_by_key(|(_, secret)| secret.created);
    if input.sort_order.as_deref() != Some("asc") {
        found.reverse();
    }
    let (found, next_token) = page(services, "ListSecrets", found, length, input.next_token)?;
    let secret_list = found
        .into_iter()
        .map(|(name, secret)| {
            let mut entry = described(name, secret);
            entry.secret_versions_to_stages = entry.version_ids_to_stages.take();
            entry
        })
        .collect();
    Ok(ListOutput {
        secret_list,
        next_token,
    })
}

/// Whether a secret passes all filters. Values match the beginning of a text, `!` in front of one
/// turns it round.
pub(super) fn matches(filters: &[Filter], name: &str, secret: &Secret) -> Result<bool, AwsError> {
    for filter in filters {
        let key = constraint::required("filters.member.key", filter.key.as_deref())?;
        let values = filter.values.as_deref().unwrap_or_default();
        let description = secret.description.as_deref().unwrap_or_default();
        let keys = secret.tags.iter().map(|(key, _)| key.as_str());
        let tag_values = secret.tags.iter().map(|(_, value)| value.as_str());
        let texts: Vec<&str> = match key {
            "name" => vec![name],
            "description" => description
                .split_whitespace()
                .chain([description])
                .collect(),
            "tag-key" => keys.collect(),
            "tag-value" => tag_values.collect(),
            "all" => [name, description]
                .into_iter()
                .chain(description.split_whitespace())
                .chain(keys)
                .chain(tag_values)
                .collect(),
            "primary-region" | "owning-service" => Vec::new(),
            other => {
                return Err(constraint::violated(
                    "filters.member.key",
                    other,
                    "satisfy enum value set: [all, name, tag-key, description, tag-value, \
                     primary-region, owning-service]",
                ));
            }
        };
        let begins = |value: &str| texts.iter().any(|text| text.starts_with(value));
        let passes = values.iter().any(|value| match value.strip_prefix('!') {
            Some(value) => !begins(value),
            None => begins(value),
        });
        if !passes {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A page of a list, and the token of the next.
pub(super) fn page<T>(
    services: &Services,
    list: &str,
    items: Vec<T>,
    length: usize,
    token: Option<String>,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let from = match token {
        None => 0,
        Some(token) => services
            .tokens
            .open(list, &token)
            .and_then(|position| position.parse().ok())
            .ok_or_else(|| {
                AwsError::new("InvalidNextTokenException", "Invalid pagination token.")
            })?,
    };
    let (items, next) = constraint::page(items, from, length);
    let token = next.map(|next| services.tokens.seal(list, &next.to_string()));
    Ok((items, token))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VersionsInput {
    secret_id: Option<String>,
    include_deprecated: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VersionsOutput {
    versions: Vec<VersionEntry>,
    #[serde(rename = "ARN")]
    arn: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct VersionEntry {
    version_id: String,
    version_stages: Vec<String>,
    created_date: EpochSeconds,
}

pub(super) fn versions(
    services: &Services,
    input: VersionsInput,
) -> Result<VersionsOutput, AwsError> {
    let id = constraint::required("secretId", input.secret_id)?;
    let length = constraint::page_length("maxResults", input.max_results, 100)?;
    let all = input.include_deprecated == Some(true);
    let (name, secret) = record::find(&services.store, &services.account, &id)?;
    let versions = secret
        .versions
        .into_iter()
        .filter(|version| all || !version.stages.is_empty())
        .map(|version| VersionEntry {
            version_id: version.id,
            version_stages: version.stages,
            created_date: version.created,
        })
        .collect();
    let list = format!("ListSecretVersionIds/{name}");
    let (versions, next_token) = page(services, &list, versions, length, input.next_token)?;
    Ok(VersionsOutput {
        versions,
        arn: secret.arn,
        name,
        next_token,
    })
}
