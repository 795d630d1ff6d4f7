//! Identity and Access Management over the query protocol: roles and policies.
//!
//! Requests to other services are not held against policies, see docs/fidelity.md. What is evaluated
//! is a role's trust policy ([`assume`]) and what SimulatePrincipalPolicy is asked.

mod assume;
mod attachments;
mod demo_role;
mod entities;
mod ids;
mod inline_policies;
mod managed;
mod paging;
mod policies;
mod policy_versions;
mod record;
mod roles;
mod simulate;
mod tags;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::AwsError;
use crate::model::IAM;
use crate::policy::Malformed;
use crate::services::Services;

pub(crate) use assume::by_caller as assume_role;
pub(crate) use assume::by_service as role_for_service;
pub(crate) use assume::service_may;
pub(crate) use demo_role::ensure as ensure_demo_role;
pub(crate) use record::id_of_role;

/// Runs one operation.
///
/// # Errors
///
/// As the operation does.
pub(crate) async fn call(
    services: &Services,
    operation: &str,
    mut input: Value,
) -> Result<Value, AwsError> {
    IAM.check(operation, &input)?;
    IAM.prune(operation, &mut input);
    match operation {
        "CreateRole" => roles::create(services, read(input)?).await,
        "GetRole" => roles::get(services, &read(input)?),
        "ListRoles" => roles::list(services, &read(input)?),
        "UpdateRole" => roles::update(services, read(input)?).await,
        "UpdateAssumeRolePolicy" => roles::update_trust(services, read(input)?).await,
        "DeleteRole" => roles::delete(services, read(input)?).await,
        "PutRolePermissionsBoundary" => roles::put_boundary(services, read(input)?).await,
        "DeleteRolePermissionsBoundary" => roles::delete_boundary(services, read(input)?).await,
        "ListInstanceProfilesForRole" => roles::instance_profiles(services, &read(input)?),
        "TagRole" => tags::tag_role(services, read(input)?).await,
        "UntagRole" => tags::untag_role(services, read(input)?).await,
        "ListRoleTags" => tags::of_role(services, &read(input)?),
        "CreatePolicy" => policies::create(services, read(input)?).await,
        "GetPolicy" => policies::get(services, &read(input)?),
        "ListPolicies" => policies::list(services, &read(input)?),
        "DeletePolicy" => policies::delete(services, read(input)?).await,
        "TagPolicy" => tags::tag_policy(services, read(input)?).await,
        "UntagPolicy" => tags::untag_policy(services, read(input)?).await,
        "ListPolicyTags" => tags::of_policy(services, &read(input)?),
        "CreatePolicyVersion" => policy_versions::create(services, read(input)?).await,
        "GetPolicyVersion" => policy_versions::get(services, &read(input)?),
        "ListPolicyVersions" => policy_versions::list(services, &read(input)?),
        "DeletePolicyVersion" => policy_versions::delete(services, read(input)?).await,
        "SetDefaultPolicyVersion" => policy_versions::set_default(services, read(input)?).await,
        "AttachRolePolicy" => attachments::attach(services, read(input)?).await,
        "DetachRolePolicy" => attachments::detach(services, read(input)?).await,
        "ListAttachedRolePolicies" => attachments::list(services, &read(input)?),
        "ListEntitiesForPolicy" => entities::list(services, &read(input)?),
        "PutRolePolicy" => inline_policies::put(services, read(input)?).await,
        "GetRolePolicy" => inline_policies::get(services, &read(input)?),
        "ListRolePolicies" => inline_policies::list(services, &read(input)?),
        "DeleteRolePolicy" => inline_policies::delete(services, read(input)?).await,
        "SimulatePrincipalPolicy" => simulate::principal(services, &read(input)?),
        "SimulateCustomPolicy" => simulate::custom(services, &read(input)?),
        _ => Err(AwsError::bare("UnknownOperationException")),
    }
}

fn no_such_entity(message: impl Into<String>) -> AwsError {
    AwsError::new("NoSuchEntity", message)
}

fn delete_conflict(message: &str) -> AwsError {
    AwsError::new("DeleteConflict", message)
}

fn limit_exceeded(message: impl Into<String>) -> AwsError {
    AwsError::new("LimitExceeded", message)
}

fn malformed(error: Malformed) -> AwsError {
    AwsError::new("MalformedPolicyDocument", error.0)
}

/// The length of a policy document, as it counts for the limits: without white space.
fn size(document: &str) -> usize {
    document
        .chars()
        .filter(|character| !character.is_whitespace())
        .count()
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}
