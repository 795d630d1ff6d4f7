//! Policies that can be attached to roles: the account's own, and AWS's.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::delete_conflict;
use super::entities;
use super::ids;
use super::limit_exceeded;
use super::malformed;
use super::managed;
use super::paging::Page;
use super::record;
use super::record::Policy;
use super::record::PolicyVersion;
use super::size;
use super::tags;
use super::tags::Tag;
use crate::error::AwsError;
use crate::policy::check_identity_policy;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

/// The longest document.
const LONGEST: usize = 6144;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreatePolicy {
    policy_name: String,
    path: Option<String>,
    policy_document: String,
    description: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PolicyArn {
    pub(super) policy_arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListPolicies {
    scope: Option<String>,
    #[serde(default)]
    only_attached: bool,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
    #[serde(flatten)]
    page: Page,
}

/// CreatePolicy.
pub(super) async fn create(services: &Services, input: CreatePolicy) -> Result<Value, AwsError> {
    check_document(&input.policy_document)?;
    let now = EpochSeconds::now().whole();
    let policy = Policy {
        name: input.policy_name,
        path: input.path.unwrap_or_else(|| "/".to_owned()),
        id: ids::random("ANPA")?,
        description: input.description,
        created: now,
        updated: now,
        tags: tags::checked(input.tags.unwrap_or_default())?,
        default_version: 1,
        last_version: 1,
        versions: vec![PolicyVersion {
            number: 1,
            document: input.policy_document,
            created: now,
        }],
    };
    let mut shown = policy.summary(&policy.arn(&services.account), 0, 0);
    if !policy.tags.is_empty() {
        shown["Tags"] = record::shown_tags(&policy.tags);
    }
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::IAM_POLICIES)?;
            let key = record::key(&policy.name);
            if store::get::<Policy>(&*table, &key)?.is_some() {
                return Err(AwsError::new(
                    "EntityAlreadyExists",
                    format!(
                        "A policy called {} already exists. Duplicate names are not allowed.",
                        policy.name
                    ),
                )
                .into());
            }
            store::put(&mut table, &key, &policy)
        })
        .await?;
    Ok(json!({ "Policy": shown }))
}

/// GetPolicy.
pub(super) fn get(services: &Services, input: &PolicyArn) -> Result<Value, AwsError> {
    let arn = &input.policy_arn;
    let policy = record::find_policy(services, arn)?;
    let uses = entities::uses(&record::all_roles(&services.store)?, arn);
    let mut shown = policy.summary(arn, uses.attachments, uses.boundaries);
    if let Some(description) = &policy.description {
        shown["Description"] = description.as_str().into();
    }
    shown["Tags"] = record::shown_tags(&policy.tags);
    Ok(json!({ "Policy": shown }))
}

/// ListPolicies.
pub(super) fn list(services: &Services, input: &ListPolicies) -> Result<Value, AwsError> {
    let scope = input.scope.as_deref().unwrap_or("All");
    let prefix = input.path_prefix.as_deref().unwrap_or("/");
    let usage = input.policy_usage_filter.as_deref();
    let mut policies = Vec::new();
    if scope != "AWS" {
        let own = record::all_policies(&services.store)?.into_iter();
        policies.extend(own.map(|policy| (policy.arn(&services.account), policy)));
    }
    if scope != "Local" {
        policies.extend(managed::all());
    }
    let roles = record::all_roles(&services.store)?;
    let mut items: Vec<(String, Value)> = policies
        .into_iter()
        .filter(|(_, policy)| policy.path.starts_with(prefix))
        .filter_map(|(arn, policy)| {
            let uses = entities::uses(&roles, &arn);
            let (attachments, boundaries) = (uses.attachments, uses.boundaries);
            let is_wanted = match usage {
                Some("PermissionsPolicy") => attachments > 0,
                Some("PermissionsBoundary") => boundaries > 0,
                _ => !input.only_attached || attachments > 0,
            };
            is_wanted.then(|| {
                // Names of AWS's and of the account's own may be the same.
                let shown = policy.summary(&arn, attachments, boundaries);
                (format!("{} {arn}", policy.name), shown)
            })
        })
        .collect();
    items.sort_by(|(one, _), (other, _)| one.cmp(other));
    let list = format!(
        "ListPolicies {scope} {} {prefix} {usage:?}",
        input.only_attached
    );
    input.page.of(services, &list, "Policies", items)
}

/// DeletePolicy.
pub(super) async fn delete(services: &Services, input: PolicyArn) -> Result<Value, AwsError> {
    let account = services.account.clone();
    let arn = input.policy_arn;
    managed::refuse_change(&account, &arn)?;
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::IAM_POLICIES)?;
            let policy = record::policy(&*table, &account, &arn)?;
            let roles = record::roles_in(&*transaction.open_table(store::IAM_ROLES)?)?;
            let uses = entities::uses(&roles, &arn);
            if uses.attachments + uses.boundaries > 0 {
                return Err(delete_conflict("Cannot delete a policy attached to entities.").into());
            }
            if policy.versions.len() > 1 {
                return Err(delete_conflict(
                    "This policy has more than one version. Before you delete a policy, you must \
                     delete the policy's versions. The default version is deleted with the policy.",
                )
                .into());
            }
            table.remove(record::key(&policy.name).as_str())?;
            Ok(json!({}))
        })
        .await
}

/// Checks what a policy says, and its length.
pub(super) fn check_document(document: &str) -> Result<(), AwsError> {
    check_identity_policy(document).map_err(malformed)?;
    if size(document) > LONGEST {
        return Err(limit_exceeded(format!(
            "Cannot exceed quota for PolicySize: {LONGEST}"
        )));
    }
    Ok(())
}
