//! Tags of rules.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::invalid;
use super::record;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::system_tags;

/// How many tags a rule may have.
const TAGS: usize = 50;

/// A tag.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: String,
    value: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct TagResource {
    #[serde(rename = "ResourceARN")]
    resource: String,
    #[serde(rename = "Tags")]
    tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
pub(super) struct UntagResource {
    #[serde(rename = "ResourceARN")]
    resource: String,
    #[serde(rename = "TagKeys")]
    keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ListTags {
    #[serde(rename = "ResourceARN")]
    resource: String,
}

/// Keys and values of new tags.
pub(super) fn checked(tags: Vec<Tag>) -> Result<Vec<(String, String)>, AwsError> {
    let mut checked: Vec<(String, String)> = Vec::new();
    for Tag { key, value } in tags {
        if system_tags::are_reserved(&key) {
            return Err(invalid(
                "Tag keys must not begin with aws:, which is reserved for AWS.",
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
        return Err(invalid(format!("A rule has at most {TAGS} tags.")));
    }
    Ok(())
}

/// TagResource.
pub(super) async fn tag(services: &Services, input: TagResource) -> Result<Value, AwsError> {
    let name = rule_name(&services.account, &input.resource)?;
    let new = checked(input.tags)?;
    record::change(services, name, move |rule| {
        let mut tags = rule.tags.clone();
        tags.retain(|(key, _)| !new.iter().any(|(other, _)| other == key));
        tags.extend(new);
        check_count(&tags)?;
        rule.tags = tags;
        Ok(json!({}))
    })
    .await
}

/// UntagResource.
pub(super) async fn untag(services: &Services, input: UntagResource) -> Result<Value, AwsError> {
    let name = rule_name(&services.account, &input.resource)?;
    record::change(services, name, move |rule| {
        rule.tags.retain(|(key, _)| !input.keys.contains(key));
        Ok(json!({}))
    })
    .await
}

/// ListTagsForResource.
pub(super) fn list(services: &Services, input: &ListTags) -> Result<Value, AwsError> {
    let rule = record::find(services, rule_name(&services.account, &input.resource)?)?;
    let tags = rule.tags.iter();
    let tags: Value = tags
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(json!({ "Tags": tags }))
}

/// The name in a rule's ARN.
fn rule_name<'a>(account: &Account, arn: &'a str) -> Result<&'a str, AwsError> {
    arn.strip_prefix(&account.rule_arn("")).ok_or_else(|| {
        invalid(format!(
            "The local AWS keeps tags of rules only: {arn} is not the ARN of a rule."
        ))
    })
}
