//! Roles.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::attachments;
use super::delete_conflict;
use super::ids;
use super::limit_exceeded;
use super::malformed;
use super::paging::Page;
use super::record;
use super::record::Role;
use super::size;
use super::tags;
use super::tags::Tag;
use crate::error::AwsError;
use crate::policy::check_trust_policy;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

/// The longest policy that says who may assume a role.
const LONGEST_TRUST: usize = 2048;

/// How long a session may last if nobody says: an hour.
const SESSION: i64 = 3600;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateRole {
    path: Option<String>,
    role_name: String,
    assume_role_policy_document: String,
    description: Option<String>,
    max_session_duration: Option<i64>,
    permissions_boundary: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RoleName {
    pub(super) role_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListRoles {
    path_prefix: Option<String>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateRole {
    role_name: String,
    description: Option<String>,
    max_session_duration: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateTrust {
    role_name: String,
    policy_document: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutBoundary {
    role_name: String,
    permissions_boundary: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InstanceProfiles {
    role_name: String,
}

/// CreateRole.
pub(super) async fn create(services: &Services, input: CreateRole) -> Result<Value, AwsError> {
    check_trust(&input.assume_role_policy_document)?;
    if let Some(boundary) = &input.permissions_boundary {
        attachments::check_attachable(services, boundary)?;
    }
    let role = Role {
        name: input.role_name,
        path: input.path.unwrap_or_else(|| "/".to_owned()),
        id: ids::random("AROA")?,
        created: EpochSeconds::now().whole(),
        trust: input.assume_role_policy_document,
        description: input.description,
        max_session_duration: input.max_session_duration.unwrap_or(SESSION),
        boundary: input.permissions_boundary,
        tags: tags::checked(input.tags.unwrap_or_default())?,
        attached: Vec::new(),
        inline: Default::default(),
    };
    let shown = role.whole(&services.account);
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::IAM_ROLES)?;
            let key = record::key(&role.name);
            if store::get::<Role>(&*table, &key)?.is_some() {
                return Err(AwsError::new(
                    "EntityAlreadyExists",
                    format!("Role with name {} already exists.", role.name),
                )
                .into());
            }
            store::put(&mut table, &key, &role)
        })
        .await?;
    Ok(json!({ "Role": shown }))
}

/// GetRole.
pub(super) fn get(services: &Services, input: &RoleName) -> Result<Value, AwsError> {
    let role = record::find_role(&services.store, &input.role_name)?;
    let mut shown = role.whole(&services.account);
    // Nothing records when a role is used.
    shown["RoleLastUsed"] = json!({});
    Ok(json!({ "Role": shown }))
}

/// ListRoles.
pub(super) fn list(services: &Services, input: &ListRoles) -> Result<Value, AwsError> {
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let roles = record::all_roles(&services.store)?
        .into_iter()
        .filter(|role| role.path.starts_with(prefix))
        .map(|role| {
            let shown = role.summary(&services.account);
            (role.name, shown)
        })
        .collect();
    let list = format!("ListRoles {prefix}");
    input.page.of(services, &list, "Roles", roles)
}

/// UpdateRole.
pub(super) async fn update(services: &Services, input: UpdateRole) -> Result<Value, AwsError> {
    record::change_role(services, input.role_name, move |role| {
        if let Some(description) = input.description {
            role.description = Some(description);
        }
        if let Some(duration) = input.max_session_duration {
            role.max_session_duration = duration;
        }
        Ok(json!({}))
    })
    .await
}

/// UpdateAssumeRolePolicy.
pub(super) async fn update_trust(
    services: &Services,
    input: UpdateTrust,
) -> Result<Value, AwsError> {
    check_trust(&input.policy_document)?;
    record::change_role(services, input.role_name, move |role| {
        role.trust = input.policy_document;
        Ok(json!({}))
    })
    .await
}

/// DeleteRole.
pub(super) async fn delete(services: &Services, input: RoleName) -> Result<Value, AwsError> {
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::IAM_ROLES)?;
            let role = record::role(&*table, &input.role_name)?;
            if !role.attached.is_empty() {
                return Err(delete_conflict(
                    "Cannot delete entity, must detach all policies first.",
                )
                .into());
            }
            if !role.inline.is_empty() {
                return Err(
                    delete_conflict("Cannot delete entity, must delete policies first.").into(),
                );
            }
            table.remove(record::key(&role.name).as_str())?;
            Ok(json!({}))
        })
        .await
}

/// PutRolePermissionsBoundary.
pub(super) async fn put_boundary(
    services: &Services,
    input: PutBoundary,
) -> Result<Value, AwsError> {
    attachments::check_attachable(services, &input.permissions_boundary)?;
    record::change_role(services, input.role_name, move |role| {
        role.boundary = Some(input.permissions_boundary);
        Ok(json!({}))
    })
    .await
}

/// DeleteRolePermissionsBoundary.
pub(super) async fn delete_boundary(
    services: &Services,
    input: RoleName,
) -> Result<Value, AwsError> {
    record::change_role(services, input.role_name, move |role| {
        role.boundary = None;
        Ok(json!({}))
    })
    .await
}

/// ListInstanceProfilesForRole: there is no EC2 here. Terraform asks before it deletes a role.
pub(super) fn instance_profiles(
    services: &Services,
    input: &InstanceProfiles,
) -> Result<Value, AwsError> {
    record::find_role(&services.store, &input.role_name)?;
    Ok(json!({ "InstanceProfiles": [], "IsTruncated": false }))
}

fn check_trust(document: &str) -> Result<(), AwsError> {
    check_trust_policy(document).map_err(malformed)?;
    if size(document) > LONGEST_TRUST {
        return Err(limit_exceeded(format!(
            "Cannot exceed quota for ACLSizePerRole: {LONGEST_TRUST}"
        )));
    }
    Ok(())
}
