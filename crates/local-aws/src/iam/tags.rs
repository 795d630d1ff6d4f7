//! Tags of roles and policies.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::limit_exceeded;
use super::paging::Page;
use super::record;
use crate::error::AwsError;
use crate::services::Services;
use crate::system_tags;

/// How many tags a role or a policy may have.
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
pub(super) struct TagRole {
    role_name: String,
    tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagRole {
    role_name: String,
    tag_keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListRoleTags {
    role_name: String,
    #[serde(flatten)]
    page: Page,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagPolicy {
    policy_arn: String,
    tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagPolicy {
    policy_arn: String,
    tag_keys: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListPolicyTags {
    policy_arn: String,
    #[serde(flatten)]
    page: Page,
}

/// Keys and values of new tags.
///
/// # Errors
///
/// `InvalidInput` for keys that differ in case only or begin with `aws:`, `LimitExceeded` for too
/// many.
pub(super) fn checked(tags: Vec<Tag>) -> Result<Vec<(String, String)>, AwsError> {
    let mut checked: Vec<(String, String)> = Vec::new();
    for Tag { key, value } in tags {
        if system_tags::are_reserved(&key) {
            return Err(AwsError::new(
                "InvalidInput",
                "Tag keys must not begin with aws:, which is reserved for AWS.",
            ));
        }
        if checked.iter().any(|(other, _)| same(other, &key)) {
            return Err(AwsError::new(
                "InvalidInput",
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        checked.push((key, value));
    }
    check_count(&checked)?;
    Ok(checked)
}

fn check_count(tags: &[(String, String)]) -> Result<(), AwsError> {
    if tags.len() > TAGS {
        return Err(limit_exceeded(format!(
            "The number of tags has reached the maximum limit of {TAGS}."
        )));
    }
    Ok(())
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn with(
    mut tags: Vec<(String, String)>,
    new: Vec<(String, String)>,
) -> Result<Vec<(String, String)>, AwsError> {
    tags.retain(|(key, _)| !new.iter().any(|(other, _)| same(other, key)));
    tags.extend(new);
    check_count(&tags)?;
    Ok(tags)
}

fn without(tags: &mut Vec<(String, String)>, keys: &[String]) {
    tags.retain(|(key, _)| !keys.iter().any(|other| same(other, key)));
}

fn page(
    services: &Services,
    list: &str,
    mut tags: Vec<(String, String)>,
    page: &Page,
) -> Result<Value, AwsError> {
    tags.sort_unstable();
    let tags = tags
        .into_iter()
        .map(|(key, value)| {
            let shown = json!({ "Key": key, "Value": value });
            (key, shown)
        })
        .collect();
    page.of(services, list, "Tags", tags)
}

/// TagRole.
pub(super) async fn tag_role(services: &Services, input: TagRole) -> Result<Value, AwsError> {
    let new = checked(input.tags)?;
    record::change_role(services, input.role_name, move |role| {
        role.tags = with(role.tags.clone(), new)?;
        Ok(json!({}))
    })
    .await
}

/// UntagRole.
pub(super) async fn untag_role(services: &Services, input: UntagRole) -> Result<Value, AwsError> {
    record::change_role(services, input.role_name, move |role| {
        without(&mut role.tags, &input.tag_keys);
        Ok(json!({}))
    })
    .await
}

/// ListRoleTags.
pub(super) fn of_role(services: &Services, input: &ListRoleTags) -> Result<Value, AwsError> {
    let role = record::find_role(&services.store, &input.role_name)?;
    let list = format!("ListRoleTags {}", role.name);
    page(services, &list, role.tags, &input.page)
}

/// TagPolicy.
pub(super) async fn tag_policy(services: &Services, input: TagPolicy) -> Result<Value, AwsError> {
    let new = checked(input.tags)?;
    record::change_policy(services, input.policy_arn, move |policy| {
        policy.tags = with(policy.tags.clone(), new)?;
        Ok(json!({}))
    })
    .await
}

/// UntagPolicy.
pub(super) async fn untag_policy(
    services: &Services,
    input: UntagPolicy,
) -> Result<Value, AwsError> {
    record::change_policy(services, input.policy_arn, move |policy| {
        without(&mut policy.tags, &input.tag_keys);
        Ok(json!({}))
    })
    .await
}

/// ListPolicyTags.
pub(super) fn of_policy(services: &Services, input: &ListPolicyTags) -> Result<Value, AwsError> {
    let policy = record::find_policy(services, &input.policy_arn)?;
    let list = format!("ListPolicyTags {}", input.policy_arn);
    page(services, &list, policy.tags, &input.page)
}
