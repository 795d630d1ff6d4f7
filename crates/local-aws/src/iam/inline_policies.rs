//! Policies that belong to one role.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::limit_exceeded;
use super::malformed;
use super::no_such_entity;
use super::paging::Page;
use super::record;
use super::size;
use crate::error::AwsError;
use crate::percent_encoding::encoded;
use crate::policy::check_identity_policy;
use crate::services::Services;

/// How long all of a role's own policies may be together.
const LONGEST: usize = 10_240;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutRolePolicy {
    role_name: String,
    policy_name: String,
    policy_document: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RolePolicy {
    role_name: String,
    policy_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListRolePolicies {
    role_name: String,
    #[serde(flatten)]
    page: Page,
}

/// PutRolePolicy.
pub(super) async fn put(services: &Services, input: PutRolePolicy) -> Result<Value, AwsError> {
    check_identity_policy(&input.policy_document).map_err(malformed)?;
    record::change_role(services, input.role_name, move |role| {
        let others = role
            .inline
            .iter()
            .filter(|(name, _)| **name != input.policy_name);
        let others: usize = others.map(|(_, document)| size(document)).sum();
        if others + size(&input.policy_document) > LONGEST {
            return Err(limit_exceeded(format!(
                "Maximum policy size of {LONGEST} bytes exceeded for role {}",
                role.name
            )));
        }
        role.inline.insert(input.policy_name, input.policy_document);
        Ok(json!({}))
    })
    .await
}

/// GetRolePolicy.
pub(super) fn get(services: &Services, input: &RolePolicy) -> Result<Value, AwsError> {
    let role = record::find_role(&services.store, &input.role_name)?;
    let document = role
        .inline
        .get(&input.policy_name)
        .ok_or_else(|| not_found(&input.policy_name))?;
    Ok(json!({
        "RoleName": role.name,
        "PolicyName": input.policy_name,
        "PolicyDocument": encoded(document),
    }))
}

/// ListRolePolicies.
pub(super) fn list(services: &Services, input: &ListRolePolicies) -> Result<Value, AwsError> {
    let role = record::find_role(&services.store, &input.role_name)?;
    let names = role.inline.into_keys();
    let names = names.map(|name| (name.clone(), name.into())).collect();
    let list = format!("ListRolePolicies {}", role.name);
    input.page.of(services, &list, "PolicyNames", names)
}

/// DeleteRolePolicy.
pub(super) async fn delete(services: &Services, input: RolePolicy) -> Result<Value, AwsError> {
    record::change_role(services, input.role_name, move |role| {
        match role.inline.remove(&input.policy_name) {
            Some(_) => Ok(json!({})),
            None => Err(not_found(&input.policy_name)),
        }
    })
    .await
}

fn not_found(name: &str) -> AwsError {
    no_such_entity(format!("The role policy with name {name} cannot be found."))
}
