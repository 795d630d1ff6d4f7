//! `AWS::Events::Rule`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Made;
use super::Request;
use super::live;
use super::members;
use super::names;
use super::properties;
use super::tags;
use crate::error::AwsError;
use crate::model;

const TYPE: &str = "AWS::Events::Rule";

/// Names that are not given are as long as this at most.
const LONGEST: usize = 64;

/// What targets can have on AWS for services that the local AWS cannot deliver to.
const UNSUPPORTED: [(&str, &str); 10] = [
    ("AppSyncParameters", "it cannot deliver to AppSync"),
    ("BatchParameters", "it cannot deliver to Batch"),
    ("EcsParameters", "it cannot deliver to ECS"),
    ("HttpParameters", "it cannot deliver to API Gateway"),
    ("KinesisParameters", "it cannot deliver to Kinesis"),
    ("RedshiftDataParameters", "it cannot deliver to Redshift"),
    ("RunCommandParameters", "it cannot deliver to Systems Manager"),
    ("SageMakerPipelineParameters", "it cannot deliver to SageMaker"),
    ("SqsParameters", "it cannot deliver to SQS"),
    ("DeadLetterConfig", "it has no queues of SQS"),
];

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(names::given_or(properties, "Name", || {
        names::generated(request, LONGEST)
    }))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    let name = planned_id(request, properties).unwrap_or_default();
    check_targets(properties)?;
    if rule(request, &name).await?.is_some() {
        return Err(Failure::already_exists(TYPE, name));
    }
    let mut input = put_rule(&name, properties)?;
    let tags = request.tags(tags::own(properties), true);
    input["Tags"] = tags::to_list(&tags);
    done(request, "PutRule", input).await?;
    let made = put_targets(request, &name, properties).await;
    if made.is_err() {
        delete(request, &name, properties).await?;
    }
    made
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    _old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    check_targets(new)?;
    if rule(request, physical_id).await?.is_none() {
        return Err(Failure::not_found(TYPE, physical_id));
    }
    done(request, "PutRule", put_rule(physical_id, new)?).await?;
    let there = targets(request, physical_id).await?;
    let wanted = properties::list(new, "Targets");
    let gone: Vec<&Value> = there
        .iter()
        .map(|target| &target["Id"])
        .filter(|id| wanted.iter().all(|target| target["Id"] != **id))
        .collect();
    if !gone.is_empty() {
        let input = json!({ "Rule": physical_id, "Ids": gone });
        done(request, "RemoveTargets", input).await?;
    }
    let there = tags_of(request, physical_id).await?;
    let change = tags::change(&there, &request.tags(tags::own(new), true));
    let arn = request.services.account.rule_arn(physical_id);
    if !change.removed.is_empty() {
        let input = json!({ "ResourceARN": arn, "TagKeys": change.removed });
        done(request, "UntagResource", input).await?;
    }
    if !change.put.is_empty() {
        let input = json!({ "ResourceARN": arn, "Tags": tags::to_list(&change.put) });
        done(request, "TagResource", input).await?;
    }
    put_targets(request, physical_id, new).await
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    if rule(request, physical_id).await?.is_none() {
        return Ok(());
    }
    let there = targets(request, physical_id).await?;
    if !there.is_empty() {
        let ids: Vec<&Value> = there.iter().map(|target| &target["Id"]).collect();
        let input = json!({ "Rule": physical_id, "Ids": ids });
        done(request, "RemoveTargets", input).await?;
    }
    done(request, "DeleteRule", json!({ "Name": physical_id })).await
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(mut shown) = rule(request, physical_id).await? else {
        return Ok(None);
    };
    if let Some(pattern) = shown["EventPattern"].as_str() {
        let template = properties.get("EventPattern");
        shown["EventPattern"] = live::document(pattern, template);
    }
    if let Some(bus) = properties.get("EventBusName") {
        // The default bus by its name or its ARN.
        shown["EventBusName"] = bus.clone();
    }
    let mut there = targets(request, physical_id).await?;
    live::in_order_of(properties::list(properties, "Targets"), &mut there, "Id");
    shown["Targets"] = there.into();
    let Value::Object(mut live) = live::like(properties, &shown) else {
        return Ok(None);
    };
    let there = tags_of(request, physical_id).await?;
    live::put_tags(request, &there, properties, &mut live);
    // A pattern is compared as a whole.
    if live.contains_key("EventPattern") {
        live.insert("EventPattern".to_owned(), shown["EventPattern"].take());
    }
    Ok(Some(live))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let name = planned_id(request, properties).unwrap_or_default();
    if rule(request, &name).await?.is_none()
        || !tags::are_of(request, &tags_of(request, &name).await?)
    {
        return Ok(None);
    }
    put_targets(request, &name, properties).await.map(Some)
}

/// PutRule's input, without tags.
fn put_rule(name: &str, properties: &Value) -> Result<Value, Failure> {
    let mut of_rule = properties.clone();
    if let Some(properties) = of_rule.as_object_mut() {
        properties.retain(|property, _| property != "Targets" && property != "Tags");
        if let Some(pattern) = properties.get_mut("EventPattern") {
            *pattern = properties::document(pattern).into();
        }
    }
    let mut input = members::of(&of_rule, model::EVENTS.input("PutRule"))?;
    input["Name"] = name.into();
    Ok(input)
}

fn check_targets(properties: &Value) -> Result<(), Failure> {
    let mut targets = properties::list(properties, "Targets").iter();
    targets.try_for_each(|target| properties::refuse(target, &UNSUPPORTED))
}

async fn put_targets(
    request: &Request<'_>,
    name: &str,
    properties: &Value,
) -> Result<Made, Failure> {
    if !properties::list(properties, "Targets").is_empty() {
        let of_targets = json!({ "Rule": name, "Targets": properties["Targets"] });
        let input = members::of(&of_targets, model::EVENTS.input("PutTargets"))?;
        done(request, "PutTargets", input).await?;
    }
    let arn = request.services.account.rule_arn(name);
    Ok(Made::new(
        name,
        [("Arn", arn.into()), ("RuleName", name.into())],
    ))
}

async fn rule(request: &Request<'_>, name: &str) -> Result<Option<Value>, Failure> {
    let input = json!({ "Name": name });
    match request.call("events", "DescribeRule", input).await {
        Ok(rule) => Ok(Some(rule)),
        Err(error) if error.code == "ResourceNotFoundException" => Ok(None),
        Err(error) => Err(refused(&error)),
    }
}

/// All of them: a rule has five at most.
async fn targets(request: &Request<'_>, name: &str) -> Result<Vec<Value>, Failure> {
    let input = json!({ "Rule": name });
    let shown = request.call("events", "ListTargetsByRule", input).await;
    let mut shown = shown.map_err(|error| refused(&error))?;
    Ok(match shown["Targets"].take() {
        Value::Array(targets) => targets,
        _ => Vec::new(),
    })
}

async fn tags_of(request: &Request<'_>, name: &str) -> Result<tags::Tags, Failure> {
    let input = json!({ "ResourceARN": request.services.account.rule_arn(name) });
    let shown = request.call("events", "ListTagsForResource", input).await;
    let shown = shown.map_err(|error| refused(&error))?;
    Ok(tags::of_list(&shown["Tags"]))
}

async fn done(
    request: &Request<'_>,
    operation: &'static str,
    input: Value,
) -> Result<(), Failure> {
    let done = request.call("events", operation, input).await;
    done.map(drop).map_err(|error| refused(&error))
}

fn refused(error: &AwsError) -> Failure {
    Failure::of_service("EventBridge", error)
}
