//! Tags of secrets.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::invalid_parameter;
use super::record;
use crate::constraint;
use crate::error::AwsError;
use crate::services::Services;
use crate::system_tags;

/// How many tags a secret may have.
const TAGS: usize = 50;

/// A tag.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: Option<String>,
    value: Option<String>,
}

impl From<(String, String)> for Tag {
    fn from((key, value): (String, String)) -> Self {
        Self {
            key: Some(key),
            value: Some(value),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagInput {
    secret_id: Option<String>,
    tags: Option<Vec<Tag>>,
    tag_keys: Option<Vec<String>>,
}

/// Keys and values, checked.
pub(super) fn checked(tags: Vec<Tag>) -> Result<Vec<(String, String)>, AwsError> {
    let mut checked: Vec<(String, String)> = Vec::new();
    for tag in tags {
        let key = tag.key.unwrap_or_default();
        let value = tag.value.unwrap_or_default();
        if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
            return Err(invalid_parameter(
                "Tag keys must have 1 to 128 characters, and values at most 256.",
            ));
        }
        if system_tags::are_reserved(&key) {
            return Err(invalid_parameter(
                "Tag keys can't begin with aws:, which is reserved for AWS.",
            ));
        }
        checked.retain(|(other, _)| *other != key);
        checked.push((key, value));
    }
    check_count(&checked)?;
    Ok(checked)
}

fn check_count(tags: &[(String, String)]) -> Result<(), AwsError> {
    if tags.len() > TAGS {
        return Err(invalid_parameter(format!(
            "A secret can have at most {TAGS} tags."
        )));
    }
    Ok(())
}

pub(super) async fn tag(services: &Services, input: TagInput) -> Result<Value, AwsError> {
    let id = constraint::required("secretId", input.secret_id)?;
    let new = checked(constraint::required("tags", input.tags)?)?;
    record::change(services, id, move |_, secret| {
        let mut tags = secret.tags.clone();
        tags.retain(|(key, _)| !new.iter().any(|(other, _)| other == key));
        tags.extend(new);
        check_count(&tags)?;
        secret.tags = tags;
        Ok(())
    })
    .await?;
    Ok(json!({}))
}

pub(super) async fn untag(services: &Services, input: TagInput) -> Result<Value, AwsError> {
    let id = constraint::required("secretId", input.secret_id)?;
    let keys = constraint::required("tagKeys", input.tag_keys)?;
    record::change(services, id, move |_, secret| {
        secret.tags.retain(|(key, _)| !keys.contains(key));
        Ok(())
    })
    .await?;
    Ok(json!({}))
}
