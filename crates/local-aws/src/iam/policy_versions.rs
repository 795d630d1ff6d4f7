//! Versions of policies: up to five, of which one counts.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::delete_conflict;
use super::limit_exceeded;
use super::no_such_entity;
use super::paging::Page;
use super::policies;
use super::record;
use super::record::Policy;
use super::record::PolicyVersion;
use crate::error::AwsError;
use crate::percent_encoding::encoded;
use crate::services::Services;
use crate::timestamp::EpochSeconds;

/// How many versions a policy may have.
const VERSIONS: usize = 5;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateVersion {
    policy_arn: String,
    policy_document: String,
    #[serde(default)]
    set_as_default: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Version {
    policy_arn: String,
    version_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListVersions {
    policy_arn: String,
    #[serde(flatten)]
    page: Page,
}

/// CreatePolicyVersion.
pub(super) async fn create(services: &Services, input: CreateVersion) -> Result<Value, AwsError> {
    policies::check_document(&input.policy_document)?;
    record::change_policy(services, input.policy_arn, move |policy| {
        if policy.versions.len() >= VERSIONS {
            return Err(limit_exceeded(format!(
                "A managed policy can have up to {VERSIONS} versions. Before you create a new \
                 version, you must delete an existing version."
            )));
        }
        let version = PolicyVersion {
            // The numbers of deleted versions are not used again.
            number: policy.last_version + 1,
            document: input.policy_document,
            created: EpochSeconds::now().whole(),
        };
        policy.updated = version.created;
        policy.last_version = version.number;
        if input.set_as_default {
            policy.default_version = version.number;
        }
        let shown = summary(policy, &version);
        policy.versions.push(version);
        Ok(json!({ "PolicyVersion": shown }))
    })
    .await
}

/// GetPolicyVersion.
pub(super) fn get(services: &Services, input: &Version) -> Result<Value, AwsError> {
    let policy = record::find_policy(services, &input.policy_arn)?;
    let version = policy
        .version(&input.version_id)
        .ok_or_else(|| not_found(&input.policy_arn, &input.version_id))?;
    let mut shown = summary(&policy, version);
    shown["Document"] = encoded(&version.document).into();
    Ok(json!({ "PolicyVersion": shown }))
}

/// ListPolicyVersions: the newest first.
pub(super) fn list(services: &Services, input: &ListVersions) -> Result<Value, AwsError> {
    let policy = record::find_policy(services, &input.policy_arn)?;
    let versions = policy.versions.iter().rev().map(|version| {
        let from_the_newest = u64::MAX - version.number;
        (format!("{from_the_newest:020}"), summary(&policy, version))
    });
    let list = format!("ListPolicyVersions {}", input.policy_arn);
    input
        .page
        .of(services, &list, "Versions", versions.collect())
}

/// DeletePolicyVersion.
pub(super) async fn delete(services: &Services, input: Version) -> Result<Value, AwsError> {
    let arn = input.policy_arn.clone();
    record::change_policy(services, input.policy_arn, move |policy| {
        let number = number(policy, &arn, &input.version_id)?;
        if number == policy.default_version {
            return Err(delete_conflict(
                "Cannot delete the default version of a policy.",
            ));
        }
        policy.versions.retain(|version| version.number != number);
        Ok(json!({}))
    })
    .await
}

/// SetDefaultPolicyVersion.
pub(super) async fn set_default(services: &Services, input: Version) -> Result<Value, AwsError> {
    let arn = input.policy_arn.clone();
    record::change_policy(services, input.policy_arn, move |policy| {
        policy.default_version = number(policy, &arn, &input.version_id)?;
        policy.updated = EpochSeconds::now().whole();
        Ok(json!({}))
    })
    .await
}

fn number(policy: &Policy, arn: &str, id: &str) -> Result<u64, AwsError> {
    let version = policy.version(id).ok_or_else(|| not_found(arn, id))?;
    Ok(version.number)
}

fn summary(policy: &Policy, version: &PolicyVersion) -> Value {
    json!({
        "VersionId": version.id(),
        "IsDefaultVersion": version.number == policy.default_version,
        "CreateDate": version.created,
    })
}

fn not_found(arn: &str, version: &str) -> AwsError {
    no_such_entity(format!(
        "Policy {arn} version {version} does not exist or is not attachable."
    ))
}
