//! Who uses a policy.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::paging::Page;
use super::record;
use super::record::Role;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListEntities {
    policy_arn: String,
    entity_filter: Option<String>,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
    #[serde(flatten)]
    page: Page,
}

/// How often a policy is used.
pub(super) struct Uses {
    pub(super) attachments: usize,
    pub(super) boundaries: usize,
}

/// Counts the roles that use a policy.
pub(super) fn uses(roles: &[Role], arn: &str) -> Uses {
    let roles = || roles.iter();
    Uses {
        attachments: roles().filter(|role| is_attached(role, arn)).count(),
        boundaries: roles().filter(|role| is_boundary(role, arn)).count(),
    }
}

/// ListEntitiesForPolicy. There are no users and groups that policies could be attached to.
pub(super) fn list(services: &Services, input: &ListEntities) -> Result<Value, AwsError> {
    let arn = &input.policy_arn;
    record::find_policy(services, arn)?;
    let filter = input.entity_filter.as_deref();
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let usage = input.policy_usage_filter.as_deref();
    let wants_roles = matches!(
        filter,
        None | Some("Role" | "LocalManagedPolicy" | "AWSManagedPolicy")
    );
    let roles = record::all_roles(&services.store)?
        .into_iter()
        .filter(|role| wants_roles && role.path.starts_with(prefix))
        .filter(|role| match usage {
            Some("PermissionsBoundary") => is_boundary(role, arn),
            _ => is_attached(role, arn),
        })
        .map(|role| {
            let shown = json!({ "RoleName": role.name, "RoleId": role.id });
            (role.name, shown)
        })
        .collect();
    let list = format!("ListEntitiesForPolicy {arn} {filter:?} {prefix} {usage:?}");
    let mut output = input.page.of(services, &list, "PolicyRoles", roles)?;
    output["PolicyGroups"] = json!([]);
    output["PolicyUsers"] = json!([]);
    Ok(output)
}

fn is_attached(role: &Role, arn: &str) -> bool {
    role.attached.iter().any(|attached| attached == arn)
}

fn is_boundary(role: &Role, arn: &str) -> bool {
    role.boundary.as_deref() == Some(arn)
}
