//! `AWS::CodeBuild::Project`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Made;
use super::Request;
use super::codebuild;
use super::live;
use super::members;
use super::properties;
use super::scalars;
use super::tags;
use crate::error::AwsError;
use crate::model;

/// Names that are not given are as long as this at most.
const LONGEST: usize = 150;

/// Properties that other operations than CreateProject take.
const ELSEWHERE: [&str; 4] = ["ResourceAccessRole", "Tags", "Triggers", "Visibility"];

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(codebuild::name(request, properties, LONGEST))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    let name = planned_id(request, properties).unwrap_or_default();
    let mut input = input(&name, properties)?;
    input["tags"] = codebuild::wanted_tags(request, properties);
    done(request, "CreateProject", input).await?;
    let made = complete(request, &name, properties, &Value::Null).await;
    if made.is_err() {
        done(request, "DeleteProject", json!({ "name": name })).await?;
    }
    made
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    let Some(project) = project(request, physical_id).await? else {
        return Err(not_found(request, physical_id));
    };
    let mut webhook = project["webhook"].clone();
    let moves = old["Source"]["Type"] != new["Source"]["Type"]
        || old["Triggers"]["ScopeConfiguration"] != new["Triggers"]["ScopeConfiguration"];
    // A webhook belongs to one type of source, and goes before that changes.
    if !webhook.is_null() && (moves || !wants_webhook(new)) {
        let input = json!({ "projectName": physical_id });
        done(request, "DeleteWebhook", input).await?;
        webhook = Value::Null;
    }
    let mut input = input(physical_id, new)?;
    put_back(request, old, &mut input);
    input["tags"] = codebuild::wanted_tags(request, new);
    done(request, "UpdateProject", input).await?;
    complete(request, physical_id, new, &webhook).await
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    done(request, "DeleteProject", json!({ "name": physical_id })).await
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(mut project) = project(request, physical_id).await? else {
        return Ok(None);
    };
    let role = project["serviceRole"].as_str().unwrap_or_default();
    let given = properties::text(properties, "ServiceRole");
    if role.ends_with(&format!("/{given}")) {
        // A role may be named without its ARN.
        project["serviceRole"] = given.into();
    }
    project["badgeEnabled"] = project["badge"]["badgeEnabled"].clone();
    project["visibility"] = project["projectVisibility"].clone();
    project["triggers"] = triggers(&project["webhook"]);
    if let Some(variables) = project["environment"]["environmentVariables"].as_array_mut() {
        for variable in variables.iter_mut() {
            if let Some(name) = variable.get("name").cloned() {
                variable["Name"] = name;
            }
        }
        let wanted = properties::list(&properties["Environment"], "EnvironmentVariables");
        live::in_order_of(wanted, variables, "Name");
        for variable in variables {
            if let Some(variable) = variable.as_object_mut() {
                variable.remove("Name");
            }
        }
    }
    let Value::Object(mut live) = live::like(properties, &project) else {
        return Ok(None);
    };
    let there = codebuild::tags_of(&project["tags"]);
    live::put_tags(request, &there, properties, &mut live);
    Ok(Some(live))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let name = planned_id(request, properties).unwrap_or_default();
    let Some(project) = project(request, &name).await? else {
        return Ok(None);
    };
    if !tags::are_of(request, &codebuild::tags_of(&project["tags"])) {
        return Ok(None);
    }
    complete(request, &name, properties, &project["webhook"])
        .await
        .map(Some)
}

/// CreateProject's input, without tags.
fn input(name: &str, properties: &Value) -> Result<Value, Failure> {
    let mut own = properties.clone();
    if let Some(own) = own.as_object_mut() {
        own.retain(|property, _| !ELSEWHERE.contains(&property.as_str()));
    }
    let mut input = members::of(&own, model::CODEBUILD.input("CreateProject"))?;
    input["name"] = name.into();
    Ok(input)
}

/// UpdateProject leaves alone what its input does not name: what a template has no more goes back to
/// what CreateProject makes of it.
fn put_back(request: &Request<'_>, old: &Value, input: &mut Value) {
    let defaults = [
        ("AutoRetryLimit", "autoRetryLimit", json!(0)),
        ("BadgeEnabled", "badgeEnabled", json!(false)),
        ("BuildBatchConfig", "buildBatchConfig", json!({})),
        ("Cache", "cache", json!({ "type": "NO_CACHE" })),
        ("ConcurrentBuildLimit", "concurrentBuildLimit", json!(-1)),
        ("Description", "description", json!("")),
        (
            "EncryptionKey",
            "encryptionKey",
            request.services.account.default_encryption_key().into(),
        ),
        ("FileSystemLocations", "fileSystemLocations", json!([])),
        (
            "LogsConfig",
            "logsConfig",
            json!({
                "cloudWatchLogs": { "status": "ENABLED" },
                "s3Logs": { "status": "DISABLED" },
            }),
        ),
        ("QueuedTimeoutInMinutes", "queuedTimeoutInMinutes", json!(480)),
        ("SecondaryArtifacts", "secondaryArtifacts", json!([])),
        (
            "SecondarySourceVersions",
            "secondarySourceVersions",
            json!([]),
        ),
        ("SecondarySources", "secondarySources", json!([])),
        ("SourceVersion", "sourceVersion", json!("")),
        ("TimeoutInMinutes", "timeoutInMinutes", json!(60)),
        ("VpcConfig", "vpcConfig", json!({})),
    ];
    for (property, member, default) in defaults {
        if old.get(property).is_some() && input.get(member).is_none() {
            input[member] = default;
        }
    }
}

/// What CreateProject and UpdateProject leave to other operations. `webhook` is what is there.
async fn complete(
    request: &Request<'_>,
    name: &str,
    properties: &Value,
    webhook: &Value,
) -> Result<Made, Failure> {
    let arn = request.services.account.project_arn(name);
    let Some(project) = project(request, name).await? else {
        return Err(not_found(request, name));
    };
    let visibility = match properties::text(properties, "Visibility") {
        "" => "PRIVATE",
        given => given,
    };
    if project["projectVisibility"] != visibility
        || project.get("resourceAccessRole") != properties.get("ResourceAccessRole")
    {
        let mut input = json!({ "projectArn": arn, "projectVisibility": visibility });
        let role = "ResourceAccessRole";
        properties::copy(properties, role, &mut input, "resourceAccessRole");
        done(request, "UpdateProjectVisibility", input).await?;
    }
    if wants_webhook(properties) {
        let operation = match webhook {
            Value::Null => "CreateWebhook",
            _ => "UpdateWebhook",
        };
        let mut of_webhook = properties["Triggers"].clone();
        if let Some(of_webhook) = of_webhook.as_object_mut() {
            of_webhook.remove("Webhook");
            if operation == "UpdateWebhook" {
                of_webhook.remove("ScopeConfiguration");
                of_webhook.entry("FilterGroups").or_insert(json!([]));
                of_webhook.entry("BuildType").or_insert(json!("BUILD"));
            }
        }
        let mut input = members::of(&of_webhook, model::CODEBUILD.input(operation))?;
        input["projectName"] = name.into();
        done(request, operation, input).await?;
    }
    Ok(Made::new(name, [("Arn", arn.into()), ("Id", name.into())]))
}

fn wants_webhook(properties: &Value) -> bool {
    scalars::is_true(&properties["Triggers"]["Webhook"])
}

/// A webhook as a template has it.
fn triggers(webhook: &Value) -> Value {
    let Some(webhook) = webhook.as_object() else {
        return json!({ "Webhook": false });
    };
    let mut triggers: Map<String, Value> = webhook.clone();
    triggers.insert("webhook".to_owned(), true.into());
    triggers.into()
}

async fn project(request: &Request<'_>, name: &str) -> Result<Option<Value>, Failure> {
    let input = json!({ "names": [name] });
    let found = codebuild::call(request, "BatchGetProjects", input).await?;
    Ok(found["projects"].get(0).cloned())
}

fn not_found(request: &Request<'_>, name: &str) -> Failure {
    let arn = request.services.account.project_arn(name);
    codebuild::refused(&AwsError::not_found(format!(
        "Project cannot be found: {arn}"
    )))
}

async fn done(
    request: &Request<'_>,
    operation: &'static str,
    input: Value,
) -> Result<(), Failure> {
    codebuild::call(request, operation, input).await.map(drop)
}
