//! `AWS::CodeStarNotifications::NotificationRule`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Made;
use super::Request;
use super::live;
use super::properties;
use super::tags;
use crate::error::AwsError;

const TYPE: &str = "AWS::CodeStarNotifications::NotificationRule";

/// Properties that AWS has no use for either.
const UNSUPPORTED: [(&str, &str); 3] = [
    ("CreatedBy", "it is who creates the stack"),
    ("EventTypeId", "use EventTypeIds"),
    ("TargetAddress", "use Targets"),
];

/// Its ARN is made up by the service.
pub(super) const fn planned_id(_request: &Request<'_>, _properties: &Value) -> Option<String> {
    None
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    let mut input = input(properties)?;
    properties::copy(properties, "Resource", &mut input, "Resource");
    let tags = request.tags(tags::own(properties), true);
    input["Tags"] = tags::to_map(&tags);
    match call(request, "CreateNotificationRule", input).await {
        Ok(created) => Ok(made(&created["Arn"])),
        Err(error) if error.code == "ResourceAlreadyExistsException" => Err(
            Failure::already_exists(TYPE, properties::text(properties, "Name")),
        ),
        Err(error) => Err(refused(&error)),
    }
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    _old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    let Some(rule) = rule(request, physical_id).await? else {
        return Err(Failure::not_found(TYPE, physical_id));
    };
    let mut input = input(new)?;
    input["Arn"] = physical_id.into();
    done(request, "UpdateNotificationRule", input).await?;
    let wanted = request.tags(tags::own(new), true);
    let change = tags::change(&tags::of_map(&rule["Tags"]), &wanted);
    if !change.removed.is_empty() {
        let input = json!({ "Arn": physical_id, "TagKeys": change.removed });
        done(request, "UntagResource", input).await?;
    }
    if !change.put.is_empty() {
        let input = json!({ "Arn": physical_id, "Tags": tags::to_map(&change.put) });
        done(request, "TagResource", input).await?;
    }
    Ok(made(&rule["Arn"]))
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    let input = json!({ "Arn": physical_id });
    done(request, "DeleteNotificationRule", input).await
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(mut shown) = rule(request, physical_id).await? else {
        return Ok(None);
    };
    let types = shown["EventTypes"].as_array();
    let mut types: Vec<Value> = types
        .into_iter()
        .flatten()
        .map(|kind| kind["EventTypeId"].clone())
        .collect();
    let wanted = properties::list(properties, "EventTypeIds");
    let place = |kind: &Value| wanted.iter().position(|other| other == kind);
    types.sort_by_key(|kind| place(kind).unwrap_or(usize::MAX));
    shown["EventTypeIds"] = types.into();
    if let Some(targets) = shown["Targets"].as_array_mut() {
        for target in targets.iter_mut() {
            if let Some(target) = target.as_object_mut() {
                target.remove("TargetStatus");
            }
        }
        let wanted = properties::list(properties, "Targets");
        live::in_order_of(wanted, targets, "TargetAddress");
    }
    let there = tags::of_map(&shown["Tags"]);
    let Value::Object(mut live) = live::like(properties, &shown) else {
        return Ok(None);
    };
    live.remove("Tags");
    live::put_tags(request, &there, properties, &mut live);
    Ok(Some(live))
}

/// Its name is given, and there is one of a name.
pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let mut page = Value::Null;
    loop {
        let mut input = json!({});
        if !page.is_null() {
            input["NextToken"] = page;
        }
        let listed = call(request, "ListNotificationRules", input).await;
        let mut listed = listed.map_err(|error| refused(&error))?;
        let rules = listed["NotificationRules"].as_array();
        for listed in rules.into_iter().flatten() {
            let arn = properties::text(listed, "Arn");
            let Some(rule) = rule(request, arn).await? else {
                continue;
            };
            let is_named_so = rule["Name"] == properties["Name"];
            if is_named_so && tags::are_of(request, &tags::of_map(&rule["Tags"])) {
                return Ok(Some(made(&rule["Arn"])));
            }
        }
        page = listed["NextToken"].take();
        if page.is_null() {
            return Ok(None);
        }
    }
}

/// What CreateNotificationRule and UpdateNotificationRule both take.
fn input(properties: &Value) -> Result<Value, Failure> {
    properties::refuse(properties, &UNSUPPORTED)?;
    let mut input = json!({ "Status": "ENABLED" });
    for property in ["Name", "EventTypeIds", "Targets", "DetailType", "Status"] {
        properties::copy(properties, property, &mut input, property);
    }
    Ok(input)
}

fn made(arn: &Value) -> Made {
    let id = arn.as_str().unwrap_or_default();
    Made::new(id, [("Arn", arn.clone())])
}

async fn rule(request: &Request<'_>, arn: &str) -> Result<Option<Value>, Failure> {
    let input = json!({ "Arn": arn });
    match call(request, "DescribeNotificationRule", input).await {
        Ok(rule) => Ok(Some(rule)),
        Err(error) if error.code == "ResourceNotFoundException" => Ok(None),
        Err(error) => Err(refused(&error)),
    }
}

async fn done(
    request: &Request<'_>,
    operation: &'static str,
    input: Value,
) -> Result<(), Failure> {
    let done = call(request, operation, input).await;
    done.map(drop).map_err(|error| refused(&error))
}

async fn call(
    request: &Request<'_>,
    operation: &'static str,
    input: Value,
) -> Result<Value, AwsError> {
    request
        .call("codestar-notifications", operation, input)
        .await
}

/// AWS says only that the request is invalid, and not why.
fn refused(error: &AwsError) -> Failure {
    match error.code {
        "ValidationException" => Failure::of_handler(
            "InvalidRequest",
            format_args!(
                "Invalid request provided: {TYPE}: {}",
                error.message.as_deref().unwrap_or("null")
            ),
        ),
        _ => Failure::of_service("CodestarNotifications", error),
    }
}
