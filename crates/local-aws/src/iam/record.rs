//! What the database keeps about roles and policies.

use std::collections::BTreeMap;

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::managed;
use super::no_such_entity;
use crate::account::Account;
use crate::error::AwsError;
use crate::percent_encoding::encoded;
use crate::services::Services;
use crate::store;
use crate::store::Store;
use crate::store::StoreError;
use crate::timestamp::EpochSeconds;

/// A role.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Role {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) created: EpochSeconds,
    /// Who may assume it: a policy document.
    pub(super) trust: String,
    pub(super) description: Option<String>,
    pub(super) max_session_duration: i64,
    /// The ARN of a policy.
    pub(super) boundary: Option<String>,
    pub(super) tags: Vec<(String, String)>,
    /// ARNs of policies, in the order in which they were attached.
    pub(super) attached: Vec<String>,
    /// Documents by name.
    pub(super) inline: BTreeMap<String, String>,
}

/// A policy of the account.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Policy {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) description: Option<String>,
    pub(super) created: EpochSeconds,
    pub(super) updated: EpochSeconds,
    pub(super) tags: Vec<(String, String)>,
    /// The number of the version that counts.
    pub(super) default_version: u64,
    /// The number of the version that was made last.
    pub(super) last_version: u64,
    /// Oldest first.
    pub(super) versions: Vec<PolicyVersion>,
}

/// A version of a policy.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct PolicyVersion {
    pub(super) number: u64,
    pub(super) document: String,
    pub(super) created: EpochSeconds,
}

impl Role {
    pub(super) fn arn(&self, account: &Account) -> String {
        account.role_arn(&self.path, &self.name)
    }

    /// The members that every answer has.
    pub(super) fn summary(&self, account: &Account) -> Value {
        let mut role = json!({
            "Path": self.path,
            "RoleName": self.name,
            "RoleId": self.id,
            "Arn": self.arn(account),
            "CreateDate": self.created,
            "AssumeRolePolicyDocument": encoded(&self.trust),
            "MaxSessionDuration": self.max_session_duration,
        });
        if let Some(description) = &self.description {
            role["Description"] = description.as_str().into();
        }
        role
    }

    /// All of it.
    pub(super) fn whole(&self, account: &Account) -> Value {
        let mut role = self.summary(account);
        if let Some(boundary) = &self.boundary {
            role["PermissionsBoundary"] = json!({
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": boundary,
            });
        }
        if !self.tags.is_empty() {
            role["Tags"] = shown_tags(&self.tags);
        }
        role
    }
}

impl Policy {
    pub(super) fn arn(&self, account: &Account) -> String {
        account.policy_arn(&self.path, &self.name)
    }

    pub(super) fn version(&self, id: &str) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.id() == id)
    }

    /// The members that every answer has. `attachments` and `boundaries` say how often it is used.
    pub(super) fn summary(&self, arn: &str, attachments: usize, boundaries: usize) -> Value {
        json!({
            "PolicyName": self.name,
            "PolicyId": self.id,
            "Arn": arn,
            "Path": self.path,
            "DefaultVersionId": format!("v{}", self.default_version),
            "AttachmentCount": attachments,
            "PermissionsBoundaryUsageCount": boundaries,
            "IsAttachable": true,
            "CreateDate": self.created,
            "UpdateDate": self.updated,
        })
    }

    /// The document that counts.
    pub(super) fn document(&self) -> &str {
        let mut versions = self.versions.iter();
        let default = versions.find(|version| version.number == self.default_version);
        default.map_or("", |version| &version.document)
    }
}

impl PolicyVersion {
    /// Such as `v1`.
    pub(super) fn id(&self) -> String {
        format!("v{}", self.number)
    }
}

pub(super) fn shown_tags(tags: &[(String, String)]) -> Value {
    let tags = tags.iter();
    tags.map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

/// Names that differ in case only are one, but a role is found by the name that it has.
pub(super) fn key(name: &str) -> String {
    name.to_lowercase()
}

/// The role of this name.
///
/// # Errors
///
/// `NoSuchEntity`.
pub(super) fn role(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    name: &str,
) -> Result<Role, StoreError> {
    let role: Option<Role> = store::get(table, &key(name))?;
    role.filter(|role| role.name == name)
        .ok_or_else(|| no_such_entity(format!("The role with name {name} cannot be found.")).into())
}

/// The same outside of a write.
pub(super) fn find_role(store: &Store, name: &str) -> Result<Role, AwsError> {
    store.read(|transaction| role(&transaction.open_table(store::IAM_ROLES)?, name))
}

/// The id of a role, if there is one of this name.
pub(crate) fn id_of_role(store: &Store, name: &str) -> Option<String> {
    find_role(store, name).ok().map(|role| role.id)
}

/// Changes a role.
pub(super) async fn change_role<T: Send + 'static>(
    services: &Services,
    name: String,
    change: impl FnOnce(&mut Role) -> Result<T, AwsError> + Send + 'static,
) -> Result<T, AwsError> {
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::IAM_ROLES)?;
            let mut role = role(&*table, &name)?;
            let output = change(&mut role)?;
            store::put(&mut table, &key(&name), &role)?;
            Ok(output)
        })
        .await
}

/// All roles, by name.
pub(super) fn all_roles(store: &Store) -> Result<Vec<Role>, AwsError> {
    store.read(|transaction| {
        let mut roles = roles_in(&transaction.open_table(store::IAM_ROLES)?)?;
        roles.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(roles)
    })
}

/// The same of a table.
pub(super) fn roles_in(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Vec<Role>, StoreError> {
    let mut roles = Vec::new();
    for entry in table.iter()? {
        let (_, value) = entry?;
        roles.push(serde_json::from_slice(value.value())?);
    }
    Ok(roles)
}

/// A policy of the account by its ARN.
///
/// # Errors
///
/// `NoSuchEntity`.
pub(super) fn policy(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    account: &Account,
    arn: &str,
) -> Result<Policy, StoreError> {
    let name = arn.rsplit('/').next().unwrap_or_default();
    let policy: Option<Policy> = store::get(table, &key(name))?;
    policy
        .filter(|policy| policy.arn(account) == arn)
        .ok_or_else(|| policy_not_found(arn).into())
}

pub(super) fn policy_not_found(arn: &str) -> AwsError {
    no_such_entity(format!("Policy {arn} was not found."))
}

/// A policy of the account or of AWS.
pub(super) fn find_policy(services: &Services, arn: &str) -> Result<Policy, AwsError> {
    if let Some(policy) = managed::policy(arn) {
        return Ok(policy);
    }
    services.store.read(|transaction| {
        let table = transaction.open_table(store::IAM_POLICIES)?;
        policy(&table, &services.account, arn)
    })
}

/// Changes a policy of the account.
pub(super) async fn change_policy<T: Send + 'static>(
    services: &Services,
    arn: String,
    change: impl FnOnce(&mut Policy) -> Result<T, AwsError> + Send + 'static,
) -> Result<T, AwsError> {
    let account = services.account.clone();
    managed::refuse_change(&account, &arn)?;
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::IAM_POLICIES)?;
            let mut policy = policy(&*table, &account, &arn)?;
            let output = change(&mut policy)?;
            store::put(&mut table, &key(&policy.name), &policy)?;
            Ok(output)
        })
        .await
}

/// All policies of the account, by name.
pub(super) fn all_policies(store: &Store) -> Result<Vec<Policy>, AwsError> {
    store.read(|transaction| {
        let mut policies: Vec<Policy> = Vec::new();
        for entry in transaction.open_table(store::IAM_POLICIES)?.iter()? {
            let (_, value) = entry?;
            policies.push(serde_json::from_slice(value.value())?);
        }
        policies.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(policies)
    })
}
