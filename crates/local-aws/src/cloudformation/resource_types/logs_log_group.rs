//! `AWS::Logs::LogGroup`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Made;
use super::Request;
use super::names;
use super::properties;
use super::tags;
use crate::error::AwsError;

const TYPE: &str = "AWS::Logs::LogGroup";

/// Names that are not given are as long as this at most.
const LONGEST: usize = 512;

/// What the local CloudWatch Logs does not do.
const UNSUPPORTED: [(&str, &str); 4] = [
    ("BearerTokenAuthenticationEnabled", "it takes requests that are signed"),
    ("DataProtectionPolicy", "it masks nothing in log events"),
    ("FieldIndexPolicies", "it has no field indexes"),
    ("ResourcePolicyDocument", "its log groups have no policies"),
];

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(names::given_or(properties, "LogGroupName", || {
        names::generated(request, LONGEST)
    }))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    properties::refuse(properties, &UNSUPPORTED)?;
    let name = name(request, properties);
    let mut input = json!({ "logGroupName": name, "tags": tags_of(request, properties) });
    for (property, member) in [
        ("KmsKeyId", "kmsKeyId"),
        ("LogGroupClass", "logGroupClass"),
        ("DeletionProtectionEnabled", "deletionProtectionEnabled"),
    ] {
        properties::copy(properties, property, &mut input, member);
    }
    match call(request, "CreateLogGroup", input).await {
        Ok(_) => complete(request, &name, properties).await,
        Err(error) if error.code == "ResourceAlreadyExistsException" => {
            Err(Failure::already_exists(TYPE, identifier(&name)))
        }
        Err(error) => Err(refused(&error)),
    }
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
    if old.get("KmsKeyId") != new.get("KmsKeyId") {
        let mut input = json!({ "logGroupName": physical_id });
        properties::copy(new, "KmsKeyId", &mut input, "kmsKeyId");
        let operation = match new.get("KmsKeyId") {
            Some(_) => "AssociateKmsKey",
            None => "DisassociateKmsKey",
        };
        call(request, operation, input)
            .await
            .map_err(|error| refused(&error))?;
    }
    let protected = |properties: &Value| properties["DeletionProtectionEnabled"] == true;
    if protected(old) != protected(new) {
        let input = json!({
            "logGroupIdentifier": physical_id,
            "deletionProtectionEnabled": protected(new),
        });
        call(request, "PutLogGroupDeletionProtection", input)
            .await
            .map_err(|error| refused(&error))?;
    }
    let arn = resource_arn(request, physical_id);
    let shown = call(request, "ListTagsForResource", json!({ "resourceArn": arn }))
        .await
        .map_err(|error| refused(&error))?;
    let change = tags::change(&tags::of_map(&shown["tags"]), &request.tags(tags::own(new), true));
    if !change.removed.is_empty() {
        let input = json!({ "resourceArn": arn, "tagKeys": change.removed });
        call(request, "UntagResource", input)
            .await
            .map_err(|error| refused(&error))?;
    }
    if !change.put.is_empty() {
        let input = json!({ "resourceArn": arn, "tags": tags::to_map(&change.put) });
        call(request, "TagResource", input)
            .await
            .map_err(|error| refused(&error))?;
    }
    complete(request, physical_id, new).await
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    let input = json!({ "logGroupName": physical_id });
    match call(request, "DeleteLogGroup", input).await {
        Ok(_) => Ok(()),
        Err(error) if error.code == "ResourceNotFoundException" => Ok(()),
        Err(error) => Err(refused(&error)),
    }
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Option<Value>, Failure> {
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
    let defaults = [
        ("LogGroupClass", json!("STANDARD")),
        ("DeletionProtectionEnabled", json!(false)),
    ];
    properties::drop_defaults(&mut live, properties, &defaults);
    if properties.get("LogGroupName").is_none() {
        live.remove("LogGroupName");
    }
    let input = json!({ "resourceArn": resource_arn(request, physical_id) });
    let shown = call(request, "ListTagsForResource", input)
        .await
        .map_err(|error| refused(&error))?;
    tags::read(request, &tags::of_map(&shown["tags"]), properties, &mut live);
    Ok(Some(live.into()))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let name = name(request, properties);
    if group(request, &name).await?.is_none() {
        return Ok(None);
    }
    let input = json!({ "resourceArn": resource_arn(request, &name) });
    let shown = call(request, "ListTagsForResource", input)
        .await
        .map_err(|error| refused(&error))?;
    if !tags::are_of(request, &tags::of_map(&shown["tags"])) {
        return Ok(None);
    }
    complete(request, &name, properties).await.map(Some)
}

/// What CreateLogGroup leaves to other operations.
async fn complete(
    request: &Request<'_>,
    name: &str,
    properties: &Value,
) -> Result<Made, Failure> {
    let mut input = json!({ "logGroupName": name });
    let operation = match properties.get("RetentionInDays") {
        Some(_) => "PutRetentionPolicy",
        None => "DeleteRetentionPolicy",
    };
    properties::copy(properties, "RetentionInDays", &mut input, "retentionInDays");
    call(request, operation, input)
        .await
        .map_err(|error| refused(&error))?;
    let arn = format!("{}:*", resource_arn(request, name));
    Ok(Made::new(name, [("Arn", arn.into())]))
}

async fn group(request: &Request<'_>, name: &str) -> Result<Option<Value>, Failure> {
    let input = json!({ "logGroupNamePrefix": name });
    let groups = call(request, "DescribeLogGroups", input)
        .await
        .map_err(|error| refused(&error))?;
    // The first with a prefix is the one with just this name.
    let first = groups["logGroups"].get(0);
    Ok(first.filter(|group| group["logGroupName"] == name).cloned())
}

async fn call(
    request: &Request<'_>,
    operation: &'static str,
    input: Value,
) -> Result<Value, AwsError> {
    request.call("logs", operation, input).await
}

fn refused(error: &AwsError) -> Failure {
    Failure::of_service("CloudWatchLogs", error)
}

fn name(request: &Request<'_>, properties: &Value) -> String {
    planned_id(request, properties).unwrap_or_default()
}

fn tags_of(request: &Request<'_>, properties: &Value) -> Value {
    tags::to_map(&request.tags(tags::own(properties), true))
}

/// Without the `:*` that `Fn::GetAtt` has.
fn resource_arn(request: &Request<'_>, name: &str) -> String {
    let account = &request.services.account;
    format!(
        "arn:aws:logs:{}:{}:log-group:{name}",
        account.region, account.id
    )
}

/// As the registry writes the primary identifier of this type.
fn identifier(name: &str) -> Value {
    json!({ "/properties/LogGroupName": name })
}
