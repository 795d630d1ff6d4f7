//! `AWS::Logs::LogGroup`.

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

const TYPE: &str = "AWS::Logs::LogGroup";

/// As handlers of both types of log resources name it.
pub(super) const LOGS: Service = Service {
    signing_name: "logs",
    shown_name: "CloudWatchLogs",
};

/// How long a name is at most.
const LONGEST: usize = 512;

/// What the local CloudWatch Logs does not do.
const UNSUPPORTED: [(&str, &str); 4] = [
    (
        "BearerTokenAuthenticationEnabled",
        "it takes signed requests only",
    ),
    ("DataProtectionPolicy", "it masks nothing in log events"),
    ("FieldIndexPolicies", "it has no field indexes"),
    ("ResourcePolicyDocument", "its log groups have no policies"),
];

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(name(request, properties))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    properties::refuse(properties, &UNSUPPORTED)?;
    let name = name(request, properties);
    let tags = request.tags(tags::own(properties), true);
    let mut input = json!({ "logGroupName": name, "tags": tags::to_map(&tags) });
    for (property, member) in [
        ("KmsKeyId", "kmsKeyId"),
        ("LogGroupClass", "logGroupClass"),
        ("DeletionProtectionEnabled", "deletionProtectionEnabled"),
    ] {
        properties::copy(properties, property, &mut input, member);
    }
    match request.ask(LOGS, "CreateLogGroup", input).await {
        Ok(_) => {}
        Err(failure) if failure.is_already_exists() => {
            return Err(Failure::already_exists(TYPE, identifier(&name)));
        }
        Err(failure) => return Err(failure),
    }
    let made = complete(request, &name, properties).await;
    if made.is_err() {
        delete(request, &name, properties).await?;
    }
    made
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    properties::refuse(new, &UNSUPPORTED)?;
    if group(request, physical_id).await?.is_none() {
        return Err(Failure::not_found(TYPE, identifier(physical_id)));
    }
    if old.get("LogGroupClass") != new.get("LogGroupClass") {
        return Err(Failure::of_handler(
            "InvalidRequest",
            "The class of a log group cannot be changed. Give the log group another name to replace it.",
        ));
    }
    if old.get("KmsKeyId") != new.get("KmsKeyId") {
        let mut input = json!({ "logGroupName": physical_id });
        properties::copy(new, "KmsKeyId", &mut input, "kmsKeyId");
        let operation = match new.get("KmsKeyId") {
            Some(_) => "AssociateKmsKey",
            None => "DisassociateKmsKey",
        };
        request.ask(LOGS, operation, input).await?;
    }
    let input = json!({
        "logGroupIdentifier": physical_id,
        "deletionProtectionEnabled": new["DeletionProtectionEnabled"] == true,
    });
    request
        .ask(LOGS, "PutLogGroupDeletionProtection", input)
        .await?;
    let arn = resource_arn(request, physical_id);
    let there = tags_of(request, physical_id).await?;
    let change = tags::change(&there, &request.tags(tags::own(new), true));
    if !change.removed.is_empty() {
        let input = json!({ "resourceArn": arn, "tagKeys": change.removed });
        request.ask(LOGS, "UntagResource", input).await?;
    }
    if !change.put.is_empty() {
        let input = json!({ "resourceArn": arn, "tags": tags::to_map(&change.put) });
        request.ask(LOGS, "TagResource", input).await?;
    }
    complete(request, physical_id, new).await
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    let input = json!({ "logGroupName": physical_id });
    let deleted = request.ask(LOGS, "DeleteLogGroup", input).await;
    failure::if_there(deleted).map(|_| ())
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Live, Failure> {
    let Some(group) = group(request, physical_id).await? else {
        return Ok(None);
    };
    let mut live = Map::new();
    for (member, property) in [
        ("logGroupName", "LogGroupName"),
        ("kmsKeyId", "KmsKeyId"),
        ("retentionInDays", "RetentionInDays"),
        ("logGroupClass", "LogGroupClass"),
        ("deletionProtectionEnabled", "DeletionProtectionEnabled"),
    ] {
        if let Some(value) = group.get(member) {
            live.insert(property.to_owned(), value.clone());
        }
    }
    let tags = tags_of(request, physical_id).await?;
    live.insert("Tags".to_owned(), tags::live(request, &tags, properties));
    Ok(Some(live))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let name = name(request, properties);
    if group(request, &name).await?.is_none() {
        return Ok(None);
    }
    match tags::are_of(request, &tags_of(request, &name).await?) {
        true => complete(request, &name, properties).await.map(Some),
        false => Ok(None),
    }
}

/// What CreateLogGroup leaves to other operations.
async fn complete(request: &Request<'_>, name: &str, properties: &Value) -> Result<Made, Failure> {
    let mut input = json!({ "logGroupName": name });
    let operation = match properties.get("RetentionInDays") {
        Some(_) => "PutRetentionPolicy",
        None => "DeleteRetentionPolicy",
    };
    properties::copy(properties, "RetentionInDays", &mut input, "retentionInDays");
    request.ask(LOGS, operation, input).await?;
    let arn = format!("{}:*", resource_arn(request, name));
    Ok(Made::new(name, [("Arn", arn.into())]))
}

async fn group(request: &Request<'_>, name: &str) -> Result<Option<Value>, Failure> {
    let input = json!({ "logGroupNamePrefix": name });
    let groups = request.ask(LOGS, "DescribeLogGroups", input).await?;
    // The first with a prefix is the one with just this name.
    let first = groups["logGroups"].get(0);
    Ok(first.filter(|group| group["logGroupName"] == name).cloned())
}

async fn tags_of(request: &Request<'_>, name: &str) -> Result<tags::Tags, Failure> {
    let input = json!({ "resourceArn": resource_arn(request, name) });
    let shown = request.ask(LOGS, "ListTagsForResource", input).await?;
    Ok(tags::of_map(&shown["tags"]))
}

fn name(request: &Request<'_>, properties: &Value) -> String {
    names::given_or(properties, "LogGroupName", || {
        names::generated(request, LONGEST)
    })
}

/// Without the `:*` that `Fn::GetAtt` has.
fn resource_arn(request: &Request<'_>, name: &str) -> String {
    request.services.account.log_group_arn(name)
}

/// As the registry writes the primary identifier of this type.
fn identifier(name: &str) -> Value {
    json!({ "/properties/LogGroupName": name })
}
