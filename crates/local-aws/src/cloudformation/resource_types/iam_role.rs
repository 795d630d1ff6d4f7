//! `AWS::IAM::Role`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Live;
use super::Made;
use super::Request;
use super::failure;
use super::names;
use super::properties;
use super::request::Service;
use super::tags;
use crate::percent_encoding::decoded_query;

const TYPE: &str = "AWS::IAM::Role";

/// As handlers of all types of IAM name it.
pub(super) const IAM: Service = Service {
    signing_name: "iam",
    shown_name: "Iam",
};

/// How long a name is at most.
const LONGEST: usize = 64;

/// The session that a role allows if nobody says: an hour.
const SESSION: i64 = 3600;

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(name(request, properties))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    let name = name(request, properties);
    let tags = request.tags(tags::own(properties), false);
    let mut input = json!({
        "RoleName": name,
        "AssumeRolePolicyDocument": trust(properties),
        "Tags": tags::to_list(&tags),
    });
    for property in [
        "Path",
        "Description",
        "MaxSessionDuration",
        "PermissionsBoundary",
    ] {
        properties::copy(properties, property, &mut input, property);
    }
    let role = match request.ask(IAM, "CreateRole", input).await {
        Ok(output) => output["Role"].clone(),
        Err(failure) if failure.is_already_exists() => {
            return Err(Failure::already_exists(TYPE, &name));
        }
        Err(failure) => return Err(failure),
    };
    let completed = put_policies(request, &name, properties).await;
    if let Err(failure) = completed {
        delete(request, &name, properties).await?;
        return Err(failure);
    }
    Ok(made(&role))
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    let role = role(request, physical_id)
        .await?
        .ok_or_else(|| Failure::not_found(TYPE, physical_id))?;
    let input = json!({
        "RoleName": physical_id,
        "Description": properties::text(new, "Description"),
        "MaxSessionDuration": new.get("MaxSessionDuration").unwrap_or(&SESSION.into()),
    });
    request.ask(IAM, "UpdateRole", input).await?;
    let input = json!({ "RoleName": physical_id, "PolicyDocument": trust(new) });
    request.ask(IAM, "UpdateAssumeRolePolicy", input).await?;
    match (old.get("PermissionsBoundary"), new.get("PermissionsBoundary")) {
        (_, Some(boundary)) => {
            let input = json!({ "RoleName": physical_id, "PermissionsBoundary": boundary });
            request
                .ask(IAM, "PutRolePermissionsBoundary", input)
                .await?;
        }
        (Some(_), None) => {
            let input = json!({ "RoleName": physical_id });
            request
                .ask(IAM, "DeleteRolePermissionsBoundary", input)
                .await?;
        }
        (None, None) => {}
    }
    let wanted = request.tags(tags::own(new), false);
    let change = tags::change(&tags::of_list(&role["Tags"]), &wanted);
    if !change.removed.is_empty() {
        let input = json!({ "RoleName": physical_id, "TagKeys": change.removed });
        request.ask(IAM, "UntagRole", input).await?;
    }
    if !change.put.is_empty() {
        let input = json!({ "RoleName": physical_id, "Tags": tags::to_list(&change.put) });
        request.ask(IAM, "TagRole", input).await?;
    }
    put_policies(request, physical_id, new).await?;
    remove_policies(request, physical_id, old, new).await?;
    Ok(made(&role))
}

/// Policies of the role go with it; what others have put there holds it, as on AWS.
pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<(), Failure> {
    remove_policies(request, physical_id, properties, &json!({})).await?;
    let input = json!({ "RoleName": physical_id });
    let deleted = request.ask(IAM, "DeleteRole", input).await;
    failure::if_there(deleted).map(|_| ())
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Live, Failure> {
    let Some(role) = role(request, physical_id).await? else {
        return Ok(None);
    };
    let mut live = Map::new();
    for member in ["RoleName", "Path", "Description", "MaxSessionDuration"] {
        if let Some(value) = role.get(member) {
            live.insert(member.to_owned(), value.clone());
        }
    }
    if let Some(boundary) = role["PermissionsBoundary"].get("PermissionsBoundaryArn") {
        live.insert("PermissionsBoundary".to_owned(), boundary.clone());
    }
    let trust = document(&role["AssumeRolePolicyDocument"]);
    live.insert("AssumeRolePolicyDocument".to_owned(), trust.into());
    let tags = tags::of_list(&role["Tags"]);
    live.insert("Tags".to_owned(), tags::live(request, &tags, properties));

    let input = json!({ "RoleName": physical_id, "MaxItems": 1000 });
    let attached = request
        .ask(IAM, "ListAttachedRolePolicies", input.clone())
        .await?;
    let arns = attached["AttachedPolicies"].as_array().into_iter().flatten();
    let arns: Value = arns.map(|policy| policy["PolicyArn"].clone()).collect();
    live.insert("ManagedPolicyArns".to_owned(), arns);
    let names = request.ask(IAM, "ListRolePolicies", input).await?;
    let mut policies = Vec::new();
    for name in names["PolicyNames"].as_array().into_iter().flatten() {
        if let Some(document) = inline_policy(request, physical_id, name).await? {
            policies.push(json!({ "PolicyName": name, "PolicyDocument": document }));
        }
    }
    live.insert("Policies".to_owned(), policies.into());
    Ok(Some(live))
}

/// A role with a given name may have been there before: it is taken for the one that was made if it
/// is as the template says.
pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let name = name(request, properties);
    let Some(role) = role(request, &name).await? else {
        return Ok(None);
    };
    let same = |property: &str| properties.get(property).is_none_or(|value| *value == role[property]);
    let is_ours = properties.get("RoleName").is_none()
        || (document(&role["AssumeRolePolicyDocument"]) == trust(properties)
            && ["Path", "Description", "MaxSessionDuration"].into_iter().all(same)
            && tags::of_list(&role["Tags"]) == request.tags(tags::own(properties), false));
    if !is_ours {
        return Ok(None);
    }
    put_policies(request, &name, properties).await?;
    Ok(Some(made(&role)))
}

/// The document of an inline policy of a role.
pub(super) async fn inline_policy(
    request: &Request<'_>,
    role: &str,
    policy: &Value,
) -> Result<Option<String>, Failure> {
    let input = json!({ "RoleName": role, "PolicyName": policy });
    let found = request.ask(IAM, "GetRolePolicy", input).await;
    let found = failure::if_there(found)?;
    Ok(found.map(|found| document(&found["PolicyDocument"])))
}

/// A document as IAM answers it: percent-encoded.
pub(super) fn document(encoded: &Value) -> String {
    decoded_query(encoded.as_str().unwrap_or_default())
}

async fn role(request: &Request<'_>, name: &str) -> Result<Option<Value>, Failure> {
    let found = request
        .ask(IAM, "GetRole", json!({ "RoleName": name }))
        .await;
    let found = failure::if_there(found)?;
    Ok(found.map(|mut found| found["Role"].take()))
}

/// Attaches and writes the policies of the template. To do so again changes nothing.
async fn put_policies(
    request: &Request<'_>,
    role: &str,
    properties: &Value,
) -> Result<(), Failure> {
    for arn in properties::list(properties, "ManagedPolicyArns") {
        let input = json!({ "RoleName": role, "PolicyArn": arn });
        request.ask(IAM, "AttachRolePolicy", input).await?;
    }
    for policy in properties::list(properties, "Policies") {
        let input = json!({
            "RoleName": role,
            "PolicyName": policy["PolicyName"],
            "PolicyDocument": properties::document(&policy["PolicyDocument"]),
        });
        request.ask(IAM, "PutRolePolicy", input).await?;
    }
    Ok(())
}

/// Takes away what the old template has and the new one has not.
async fn remove_policies(
    request: &Request<'_>,
    role: &str,
    old: &Value,
    new: &Value,
) -> Result<(), Failure> {
    let kept = properties::list(new, "ManagedPolicyArns");
    let gone = properties::list(old, "ManagedPolicyArns").iter();
    for arn in gone.filter(|arn| !kept.contains(arn)) {
        let input = json!({ "RoleName": role, "PolicyArn": arn });
        let detached = request.ask(IAM, "DetachRolePolicy", input).await;
        failure::if_there(detached)?;
    }
    let kept = properties::list(new, "Policies");
    let is_kept = |policy: &Value| kept.iter().any(|one| one["PolicyName"] == policy["PolicyName"]);
    for policy in properties::list(old, "Policies") {
        if !is_kept(policy) {
            let input = json!({ "RoleName": role, "PolicyName": policy["PolicyName"] });
            let deleted = request.ask(IAM, "DeleteRolePolicy", input).await;
            failure::if_there(deleted)?;
        }
    }
    Ok(())
}

fn made(role: &Value) -> Made {
    Made::new(
        role["RoleName"].as_str().unwrap_or_default(),
        [
            ("Arn", role["Arn"].clone()),
            ("RoleId", role["RoleId"].clone()),
        ],
    )
}

fn trust(properties: &Value) -> String {
    properties::document(&properties["AssumeRolePolicyDocument"])
}

fn name(request: &Request<'_>, properties: &Value) -> String {
    names::given_or(properties, "RoleName", || names::generated(request, LONGEST))
}
