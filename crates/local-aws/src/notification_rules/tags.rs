//! Tags of notification rules.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::record;
use crate::error::AwsError;
use crate::services::Services;

/// How many tags a rule may have.
const TAGS: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagResource {
    arn: String,
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagResource {
    arn: String,
    tag_keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListTags {
    arn: String,
}

/// TagResource.
pub(super) async fn tag(services: &Services, input: TagResource) -> Result<Value, AwsError> {
    record::change(services, &input.arn, move |rule| {
        let mut tags = rule.tags.clone();
        tags.extend(input.tags);
        if tags.len() > TAGS {
            return Err(AwsError::new(
                "LimitExceededException",
                format!("A notification rule has at most {TAGS} tags."),
            ));
        }
        rule.tags = tags;
        Ok(json!({ "Tags": rule.tags }))
    })
    .await
}

/// UntagResource.
pub(super) async fn untag(services: &Services, input: UntagResource) -> Result<Value, AwsError> {
    record::change(services, &input.arn, move |rule| {
        rule.tags.retain(|key, _| !input.tag_keys.contains(key));
        Ok(json!({}))
    })
    .await
}

/// ListTagsForResource.
pub(super) fn list(services: &Services, input: &ListTags) -> Result<Value, AwsError> {
    let rule = record::find(services, &input.arn)?;
    Ok(json!({ "Tags": rule.tags }))
}
