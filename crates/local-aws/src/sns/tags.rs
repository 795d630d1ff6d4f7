//! Tags of topics.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::record;
use crate::error::AwsError;
use crate::services::Services;
use crate::system_tags;

/// How many tags a topic may have.
const TAGS: usize = 50;

/// A tag.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagInput {
    resource_arn: String,
    tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagInput {
    resource_arn: String,
    tag_keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListTags {
    resource_arn: String,
}

/// Keys and values of new tags.
pub(super) fn checked(tags: Vec<Tag>) -> Result<Vec<(String, String)>, AwsError> {
    let mut checked: Vec<(String, String)> = Vec::new();
    for Tag { key, value } in tags {
        if system_tags::are_reserved(&key) {
            return Err(super::invalid(
                "Tags Reason: tag keys must not begin with aws:, which is reserved for AWS",
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
        return Err(AwsError::new(
            "TagLimitExceeded",
            format!("Could not complete request: tag quota of {TAGS} per resource exceeded"),
        ));
    }
    Ok(())
}

/// TagResource.
pub(super) async fn tag(services: &Services, input: TagInput) -> Result<Value, AwsError> {
    let new = checked(input.tags)?;
    record::change_topic(services, &input.resource_arn, move |topic| {
        let mut tags = topic.tags.clone();
        tags.retain(|(key, _)| !new.iter().any(|(other, _)| other == key));
        tags.extend(new);
        check_count(&tags)?;
        topic.tags = tags;
        Ok(json!({}))
    })
    .await
    .map_err(of_resource)
}

/// UntagResource.
pub(super) async fn untag(services: &Services, input: UntagInput) -> Result<Value, AwsError> {
    record::change_topic(services, &input.resource_arn, move |topic| {
        topic.tags.retain(|(key, _)| !input.tag_keys.contains(key));
        Ok(json!({}))
    })
    .await
    .map_err(of_resource)
}

/// ListTagsForResource.
pub(super) fn list(services: &Services, input: &ListTags) -> Result<Value, AwsError> {
    let topic = record::find_topic(services, &input.resource_arn).map_err(of_resource)?;
    let tags = topic.tags.iter();
    let tags: Value = tags
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(json!({ "Tags": tags }))
}

/// The operations of tags have an error of their own for what is not there.
fn of_resource(error: AwsError) -> AwsError {
    match error.code {
        "NotFound" => AwsError::new("ResourceNotFound", "Resource does not exist"),
        _ => error,
    }
}
