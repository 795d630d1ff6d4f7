//! Tags of repositories.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::name;
use super::repositories;
use crate::error::AwsError;
use crate::services::Services;
use crate::system_tags;

/// How many tags a repository may have.
const MOST: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TagsInput {
    resource_arn: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    tag_keys: Option<Vec<String>>,
}

impl TagsInput {
    fn repository(&self, services: &Services) -> Result<String, AwsError> {
        let arn = self.resource_arn.as_deref().ok_or_else(|| {
            super::missing("ResourceArnRequiredException", "The ARN of a repository")
        })?;
        let prefix = services.account.repository_arn("");
        let Some(name) = arn.strip_prefix(&prefix) else {
            return Err(AwsError::new(
                "InvalidResourceArnException",
                format!(
                    "{arn} is not the ARN of a repository of this account and region: {prefix}NAME"
                ),
            ));
        };
        let name = name::required(Some(name))?;
        repositories::find(&services.store, name)?;
        Ok(name.to_owned())
    }
}

/// Tags with more tags, checked.
pub(super) fn joined(
    mut tags: BTreeMap<String, String>,
    more: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, AwsError> {
    for (key, value) in &more {
        if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 {
            return Err(AwsError::new(
                "InvalidTagsMapException",
                "The map of tags is not valid. A key must have 1 to 128 characters, a value at most \
                 256.",
            ));
        }
        if system_tags::are_reserved(key) {
            return Err(AwsError::new(
                "InvalidSystemTagUsageException",
                format!("The tag key {key} is not valid: keys that begin with aws: are AWS's own."),
            ));
        }
    }
    tags.extend(more);
    if tags.len() > MOST {
        return Err(AwsError::new(
            "TooManyTagsException",
            format!("A repository can have at most {MOST} tags."),
        ));
    }
    Ok(tags)
}

pub(super) async fn tag(services: &Services, input: TagsInput) -> Result<Value, AwsError> {
    let name = input.repository(services)?;
    let more = input
        .tags
        .ok_or_else(|| super::missing("TagsMapRequiredException", "A map of tags"))?;
    let tags = joined(repositories::find(&services.store, &name)?.tags, more)?;
    repositories::change(services, name, |record| record.tags = tags).await?;
    Ok(json!({}))
}

pub(super) async fn untag(services: &Services, input: TagsInput) -> Result<Value, AwsError> {
    let name = input.repository(services)?;
    let keys = input
        .tag_keys
        .filter(|keys| !keys.is_empty())
        .ok_or_else(|| super::missing("TagKeysListRequiredException", "A list of tag keys"))?;
    repositories::change(services, name, move |record| {
        record.tags.retain(|key, _| !keys.contains(key));
    })
    .await?;
    Ok(json!({}))
}

pub(super) fn list(services: &Services, input: &TagsInput) -> Result<Value, AwsError> {
    let name = input.repository(services)?;
    Ok(json!({ "tags": repositories::find(&services.store, &name)?.tags }))
}
