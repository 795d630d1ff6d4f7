//! `AWS::IAM::RolePolicy`: one inline policy of one role.

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
use super::properties;

const TYPE: &str = "AWS::IAM::RolePolicy";

pub(super) fn planned_id(_request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(id(properties))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    if live_document(request, properties).await?.is_some() {
        return Err(Failure::already_exists(TYPE, id(properties)));
    }
    put(request, properties).await
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    _old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    if live_document(request, new).await?.is_none() {
        return Err(Failure::not_found(TYPE, physical_id));
    }
    put(request, new).await
}

pub(super) async fn delete(
    request: &Request<'_>,
    _physical_id: &str,
    properties: &Value,
) -> Result<(), Failure> {
    let input = json!({
        "RoleName": properties["RoleName"],
        "PolicyName": properties["PolicyName"],
    });
    let deleted = request.ask(IAM, "DeleteRolePolicy", input).await;
    failure::if_there(deleted).map(|_| ())
}

pub(super) async fn read(
    request: &Request<'_>,
    _physical_id: &str,
    properties: &Value,
) -> Result<Live, Failure> {
    let Some(document) = live_document(request, properties).await? else {
        return Ok(None);
    };
    let mut live = Map::new();
    for name in ["RoleName", "PolicyName"] {
        live.insert(name.to_owned(), properties[name].clone());
    }
    live.insert("PolicyDocument".to_owned(), document.into());
    Ok(Some(live))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let document = live_document(request, properties).await?;
    let is_ours = document.is_some_and(|document| document == wanted(properties));
    Ok(is_ours.then(|| Made::new(id(properties), [])))
}

async fn put(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    if properties.get("PolicyDocument").is_none() {
        return Err(Failure::of_handler(
            "InvalidRequest",
            "PolicyDocument is required",
        ));
    }
    let input = json!({
        "RoleName": properties["RoleName"],
        "PolicyName": properties["PolicyName"],
        "PolicyDocument": wanted(properties),
    });
    request.ask(IAM, "PutRolePolicy", input).await?;
    Ok(Made::new(id(properties), []))
}

async fn live_document(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<String>, Failure> {
    let role = properties::text(properties, "RoleName");
    iam_role::inline_policy(request, role, &properties["PolicyName"]).await
}

fn wanted(properties: &Value) -> String {
    properties::document(&properties["PolicyDocument"])
}

/// As the registry joins what identifies a resource.
fn id(properties: &Value) -> String {
    format!(
        "{}|{}",
        properties::text(properties, "PolicyName"),
        properties::text(properties, "RoleName")
    )
}
