//! `AWS::IAM::ManagedPolicy`.

use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Live;
use super::Made;
use super::Request;
use super::failure;
use super::iam_role;
use super::iam_role::IAM;
use super::names;
use super::properties;

const TYPE: &str = "AWS::IAM::ManagedPolicy";

/// How long a name is at most.
const LONGEST: usize = 128;

/// How many versions IAM keeps.
const VERSIONS: usize = 5;

/// What the local IAM does not have.
const UNSUPPORTED: [(&str, &str); 2] = [
    ("Groups", "its IAM has no groups"),
    ("Users", "its IAM has no users with policies"),
];

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    let path = properties.get("Path").and_then(Value::as_str);
    let account = &request.services.account;
    Some(account.policy_arn(path.unwrap_or("/"), &name(request, properties)))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    refuse(properties)?;
    let mut input = json!({
        "PolicyName": name(request, properties),
        "PolicyDocument": document(properties),
    });
    for property in ["Path", "Description"] {
        properties::copy(properties, property, &mut input, property);
    }
    let output = request.ask(IAM, "CreatePolicy", input).await?;
    let arn = output["Policy"]["Arn"].as_str().unwrap_or_default();
    let attached = attach(request, arn, properties).await;
    if let Err(failure) = attached {
        delete(request, arn, properties).await?;
        return Err(failure);
    }
    made(request, arn).await
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    refuse(new)?;
    let policy = policy(request, physical_id)
        .await?
        .ok_or_else(|| Failure::not_found(TYPE, physical_id))?;
    let live = live_document(request, physical_id, &policy["DefaultVersionId"]).await?;
    if live.as_deref() != Some(document(new).as_str()) {
        make_room(request, physical_id).await?;
        let input = json!({
            "PolicyArn": physical_id,
            "PolicyDocument": document(new),
            "SetAsDefault": true,
        });
        request.ask(IAM, "CreatePolicyVersion", input).await?;
    }
    attach(request, physical_id, new).await?;
    let kept = properties::list(new, "Roles");
    let gone = properties::list(old, "Roles").iter();
    for role in gone.filter(|role| !kept.contains(role)) {
        detach(request, physical_id, role).await?;
    }
    made(request, physical_id).await
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<(), Failure> {
    for role in properties::list(properties, "Roles") {
        detach(request, physical_id, role).await?;
    }
    for version in versions(request, physical_id).await? {
        if version["IsDefaultVersion"] != true {
            remove_version(request, physical_id, &version).await?;
        }
    }
    let input = json!({ "PolicyArn": physical_id });
    let deleted = request.ask(IAM, "DeletePolicy", input).await;
    failure::if_there(deleted).map(|_| ())
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<Live, Failure> {
    let Some(policy) = policy(request, physical_id).await? else {
        return Ok(None);
    };
    let mut live = Map::new();
    for (member, property) in [
        ("PolicyName", "ManagedPolicyName"),
        ("Path", "Path"),
        ("Description", "Description"),
    ] {
        if let Some(value) = policy.get(member) {
            live.insert(property.to_owned(), value.clone());
        }
    }
    let document = live_document(request, physical_id, &policy["DefaultVersionId"]).await?;
    live.insert("PolicyDocument".to_owned(), document.into());
    let input = json!({
        "PolicyArn": physical_id,
        "PolicyUsageFilter": "PermissionsPolicy",
        "MaxItems": 1000,
    });
    let entities = request.ask(IAM, "ListEntitiesForPolicy", input).await?;
    let roles = entities["PolicyRoles"].as_array().into_iter().flatten();
    let roles: Value = roles.map(|role| role["RoleName"].clone()).collect();
    live.insert("Roles".to_owned(), roles);
    Ok(Some(live))
}

/// A policy with a given name may have been there before: it is taken for the one that was made if
/// its first version is what the template says.
pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let arn = planned_id(request, properties).unwrap_or_default();
    if policy(request, &arn).await?.is_none() {
        return Ok(None);
    }
    let first = live_document(request, &arn, &"v1".into()).await?;
    if first.as_deref() != Some(document(properties).as_str()) {
        return Ok(None);
    }
    attach(request, &arn, properties).await?;
    made(request, &arn).await.map(Some)
}

fn refuse(properties: &Value) -> Result<(), Failure> {
    for (name, why) in UNSUPPORTED {
        if !properties::list(properties, name).is_empty() {
            return Err(Failure::unsupported_property(name, why));
        }
    }
    Ok(())
}

async fn policy(request: &Request<'_>, arn: &str) -> Result<Option<Value>, Failure> {
    let input = json!({ "PolicyArn": arn });
    let found = request.ask(IAM, "GetPolicy", input).await;
    let found = failure::if_there(found)?;
    Ok(found.map(|mut found| found["Policy"].take()))
}

async fn live_document(
    request: &Request<'_>,
    arn: &str,
    version: &Value,
) -> Result<Option<String>, Failure> {
    let input = json!({ "PolicyArn": arn, "VersionId": version });
    let found = request.ask(IAM, "GetPolicyVersion", input).await;
    let found = failure::if_there(found)?;
    Ok(found.map(|found| iam_role::document(&found["PolicyVersion"]["Document"])))
}

/// Newest first.
async fn versions(request: &Request<'_>, arn: &str) -> Result<Vec<Value>, Failure> {
    let input = json!({ "PolicyArn": arn });
    let found = request.ask(IAM, "ListPolicyVersions", input).await;
    let found = failure::if_there(found)?.unwrap_or_default();
    Ok(properties::list(&found, "Versions").to_vec())
}

/// Removes the oldest version that does not count, if there are as many as IAM keeps.
async fn make_room(request: &Request<'_>, arn: &str) -> Result<(), Failure> {
    let versions = versions(request, arn).await?;
    let mut old = versions.iter().rev();
    match old.find(|version| version["IsDefaultVersion"] != true) {
        Some(version) if versions.len() >= VERSIONS => remove_version(request, arn, version).await,
        _ => Ok(()),
    }
}

async fn remove_version(
    request: &Request<'_>,
    arn: &str,
    version: &Value,
) -> Result<(), Failure> {
    let input = json!({ "PolicyArn": arn, "VersionId": version["VersionId"] });
    let deleted = request.ask(IAM, "DeletePolicyVersion", input).await;
    failure::if_there(deleted).map(|_| ())
}

/// To attach a policy again changes nothing.
async fn attach(request: &Request<'_>, arn: &str, properties: &Value) -> Result<(), Failure> {
    for role in properties::list(properties, "Roles") {
        let input = json!({ "RoleName": role, "PolicyArn": arn });
        request.ask(IAM, "AttachRolePolicy", input).await?;
    }
    Ok(())
}

async fn detach(request: &Request<'_>, arn: &str, role: &Value) -> Result<(), Failure> {
    let input = json!({ "RoleName": role, "PolicyArn": arn });
    let detached = request.ask(IAM, "DetachRolePolicy", input).await;
    failure::if_there(detached).map(|_| ())
}

async fn made(request: &Request<'_>, arn: &str) -> Result<Made, Failure> {
    let policy = policy(request, arn)
        .await?
        .ok_or_else(|| Failure::not_found(TYPE, arn))?;
    let mut made = Made::new(arn, [("PolicyArn", arn.into())]);
    for name in [
        "AttachmentCount",
        "CreateDate",
        "DefaultVersionId",
        "IsAttachable",
        "PermissionsBoundaryUsageCount",
        "PolicyId",
        "UpdateDate",
    ] {
        let value = match (name, policy[name].as_f64()) {
            ("CreateDate" | "UpdateDate", Some(seconds)) => time(seconds).into(),
            _ => policy[name].clone(),
        };
        made.attributes.insert(name.to_owned(), value);
    }
    Ok(made)
}

/// Such as `2026-01-01T00:00:00Z`.
fn time(seconds: f64) -> String {
    let time = Timestamp::from_second(seconds as i64);
    time.map(|time| time.to_string()).unwrap_or_default()
}

fn document(properties: &Value) -> String {
    properties::document(&properties["PolicyDocument"])
}

fn name(request: &Request<'_>, properties: &Value) -> String {
    names::given_or(properties, "ManagedPolicyName", || {
        names::generated(request, LONGEST)
    })
}
