//! `AWS::IAM::Policy`: the same inline policy in several roles.

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

/// How long the id is at most: it is no name of IAM.
const LONGEST: usize = 24;

/// What the local IAM does not have.
const UNSUPPORTED: [(&str, &str); 2] = [
    ("Groups", "its IAM has no groups"),
    ("Users", "its IAM has no users with policies"),
];

pub(super) fn planned_id(request: &Request<'_>, _properties: &Value) -> Option<String> {
    Some(names::generated(request, LONGEST))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    refuse(properties)?;
    let made = made(names::generated(request, LONGEST));
    // A policy of this name that a role has already is overwritten, as on AWS.
    let mut done = Vec::new();
    for role in properties::list(properties, "Roles") {
        if let Err(failure) = put(request, role, properties).await {
            let undo = json!({ "Roles": done, "PolicyName": properties["PolicyName"] });
            delete(request, &made.physical_id, &undo).await?;
            return Err(failure);
        }
        done.push(role.clone());
    }
    Ok(made)
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    refuse(new)?;
    let roles = properties::list(new, "Roles");
    for role in roles {
        put(request, role, new).await?;
    }
    let has_new_name = old["PolicyName"] != new["PolicyName"];
    let gone = properties::list(old, "Roles").iter();
    for role in gone.filter(|role| has_new_name || !roles.contains(role)) {
        remove(request, role, old).await?;
    }
    Ok(made(physical_id))
}

pub(super) async fn delete(
    request: &Request<'_>,
    _physical_id: &str,
    properties: &Value,
) -> Result<(), Failure> {
    for role in properties::list(properties, "Roles") {
        remove(request, role, properties).await?;
    }
    Ok(())
}

/// Gone is a policy that no role has any more.
pub(super) async fn read(
    request: &Request<'_>,
    _physical_id: &str,
    properties: &Value,
) -> Result<Live, Failure> {
    let (mut roles, mut live_document) = (Vec::new(), None);
    for role in properties::list(properties, "Roles") {
        let name = role.as_str().unwrap_or_default();
        let document = iam_role::inline_policy(request, name, &properties["PolicyName"]).await?;
        if document.is_some() {
            roles.push(role.clone());
        }
        // One that differs shows more than one that does not.
        let is_as_wanted = live_document.as_ref() == Some(&wanted(properties));
        if live_document.is_none() || (is_as_wanted && document.is_some()) {
            live_document = document;
        }
    }
    let Some(document) = live_document else {
        return Ok(None);
    };
    let mut live = Map::new();
    live.insert("PolicyName".to_owned(), properties["PolicyName"].clone());
    live.insert("PolicyDocument".to_owned(), document.into());
    live.insert("Roles".to_owned(), roles.into());
    Ok(Some(live))
}

/// Nothing tells whose an inline policy is: what an earlier try wrote is written again by `create`.
pub(super) async fn find(
    _request: &Request<'_>,
    _properties: &Value,
) -> Result<Option<Made>, Failure> {
    Ok(None)
}

fn refuse(properties: &Value) -> Result<(), Failure> {
    for (name, why) in UNSUPPORTED {
        if !properties::list(properties, name).is_empty() {
            return Err(Failure::unsupported_property(name, why));
        }
    }
    if properties::list(properties, "Roles").is_empty() {
        return Err(Failure::of_handler(
            "InvalidRequest",
            "At least one of [Groups,Roles,Users] must be non-empty.",
        ));
    }
    Ok(())
}

async fn put(request: &Request<'_>, role: &Value, properties: &Value) -> Result<(), Failure> {
    let input = json!({
        "RoleName": role,
        "PolicyName": properties["PolicyName"],
        "PolicyDocument": wanted(properties),
    });
    request.ask(IAM, "PutRolePolicy", input).await.map(|_| ())
}

async fn remove(request: &Request<'_>, role: &Value, properties: &Value) -> Result<(), Failure> {
    let input = json!({ "RoleName": role, "PolicyName": properties["PolicyName"] });
    let deleted = request.ask(IAM, "DeleteRolePolicy", input).await;
    failure::if_there(deleted).map(|_| ())
}

fn wanted(properties: &Value) -> String {
    properties::document(&properties["PolicyDocument"])
}

fn made(id: impl Into<String>) -> Made {
    let id = id.into();
    Made::new(id.clone(), [("Id", id.into())])
}
