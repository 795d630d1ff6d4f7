//! Which policies are attached to a role.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::limit_exceeded;
use super::no_such_entity;
use super::paging::Page;
use super::record;
use crate::error::AwsError;
use crate::services::Services;

/// How many policies may be attached to a role.
const POLICIES: usize = 10;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attachment {
    role_name: String,
    policy_arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListAttached {
    role_name: String,
    path_prefix: Option<String>,
    #[serde(flatten)]
    page: Page,
}

/// AttachRolePolicy. To attach a policy again changes nothing.
pub(super) async fn attach(services: &Services, input: Attachment) -> Result<Value, AwsError> {
    check_attachable(services, &input.policy_arn)?;
    record::change_role(services, input.role_name, move |role| {
        if role.attached.contains(&input.policy_arn) {
            return Ok(json!({}));
        }
        if role.attached.len() >= POLICIES {
            return Err(limit_exceeded(format!(
                "Cannot exceed quota for PoliciesPerRole: {POLICIES}"
            )));
        }
        role.attached.push(input.policy_arn);
        Ok(json!({}))
    })
    .await
}

/// DetachRolePolicy.
pub(super) async fn detach(services: &Services, input: Attachment) -> Result<Value, AwsError> {
    record::change_role(services, input.role_name, move |role| {
        let before = role.attached.len();
        role.attached.retain(|arn| *arn != input.policy_arn);
        if role.attached.len() == before {
            return Err(record::policy_not_found(&input.policy_arn));
        }
        Ok(json!({}))
    })
    .await
}

/// ListAttachedRolePolicies.
pub(super) fn list(services: &Services, input: &ListAttached) -> Result<Value, AwsError> {
    let role = record::find_role(&services.store, &input.role_name)?;
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let mut policies: Vec<(String, Value)> = Vec::new();
    for arn in &role.attached {
        let policy = record::find_policy(services, arn)?;
        if policy.path.starts_with(prefix) {
            let shown = json!({ "PolicyName": policy.name, "PolicyArn": arn });
            policies.push((format!("{} {arn}", policy.name), shown));
        }
    }
    policies.sort_by(|(one, _), (other, _)| one.cmp(other));
    let list = format!("ListAttachedRolePolicies {} {prefix}", role.name);
    input.page.of(services, &list, "AttachedPolicies", policies)
}

/// Whether there is such a policy.
///
/// # Errors
///
/// `NoSuchEntity`.
pub(super) fn check_attachable(services: &Services, arn: &str) -> Result<(), AwsError> {
    match record::find_policy(services, arn) {
        Ok(_) => Ok(()),
        Err(error) if error.code == "NoSuchEntity" => Err(no_such_entity(format!(
            "Policy {arn} does not exist or is not attachable."
        ))),
        Err(error) => Err(error),
    }
}
