//! Tags of repositories, as AWS's accounting sees them. Those of images are names.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::errors;
use super::names;
use super::registry::Registry;
use super::repositories;
use crate::error::AwsError;
use crate::system_tags;

/// How many tags a repository may have.
const MOST: usize = 50;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: Option<String>,
    value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    resource_arn: Option<String>,
    tags: Option<Vec<Tag>>,
    tag_keys: Option<Vec<String>>,
}

impl Input {
    fn repository(&self, registry: &Registry) -> Result<String, AwsError> {
        let arn = errors::required("resourceArn", self.resource_arn.as_deref())?;
        let prefix = registry.account.ecr_repository_arn("");
        match arn.strip_prefix(&prefix) {
            Some(name) => Ok(names::repository(Some(name))?.to_owned()),
            None => Err(errors::invalid(
                "resourceArn",
                &format!("must be the ARN of a repository of this registry: {prefix}NAME"),
            )),
        }
    }
}

/// What becomes of a repository's tags when more are added.
pub(super) fn checked(
    mut tags: Vec<(String, String)>,
    more: Vec<Tag>,
) -> Result<Vec<(String, String)>, AwsError> {
    let wrong = |what: &str| AwsError::new("InvalidTagParameterException", what);
    for tag in more {
        let key = errors::required("tags.Key", tag.key)?;
        let value = errors::required("tags.Value", tag.value)?;
        if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 {
            return Err(wrong(
                "A tag's key must have 1 to 128 characters, its value at most 256.",
            ));
        }
        if system_tags::are_reserved(&key) {
            return Err(wrong("A tag's key must not begin with aws:."));
        }
        tags.retain(|(other, _)| *other != key);
        tags.push((key, value));
    }
    if tags.len() > MOST {
        return Err(AwsError::new(
            "TooManyTagsException",
            format!("A repository can have at most {MOST} tags."),
        ));
    }
    Ok(tags)
}

pub(super) async fn add(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let name = input.repository(registry)?;
    let more = errors::required("tags", input.tags)?;
    let tags = checked(registry.repository(&name)?.tags, more)?;
    repositories::change(registry, &name, |record| record.tags = tags).await?;
    Ok(json!({}))
}

pub(super) async fn remove(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let name = input.repository(registry)?;
    let keys = errors::required("tagKeys", input.tag_keys)?;
    repositories::change(registry, &name, move |record| {
        record.tags.retain(|(key, _)| !keys.contains(key));
    })
    .await?;
    Ok(json!({}))
}

pub(super) fn list(registry: &Registry, input: &Input) -> Result<Value, AwsError> {
    let name = input.repository(registry)?;
    let tags: Vec<Value> = registry
        .repository(&name)?
        .tags
        .into_iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(json!({ "tags": tags }))
}
