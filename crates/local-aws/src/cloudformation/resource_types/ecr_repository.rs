//! `AWS::ECR::Repository`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Made;
use super::Request;
use super::live;
use super::names;
use super::properties;
use super::scalars;
use super::tags;
use crate::ecr;
use crate::error::AwsError;
use crate::system_tags;

const TYPE: &str = "AWS::ECR::Repository";

/// Names that are not given are as long as this at most.
const LONGEST: usize = 256;

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(names::given_or(properties, "RepositoryName", || {
        names::generated_lower_case(request, LONGEST)
    }))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    let name = planned_id(request, properties).unwrap_or_default();
    let mut input = json!({
        "repositoryName": name,
        "imageTagMutability": mutability(properties),
        "imageScanningConfiguration": scanning(properties),
        "tags": tags::to_list(&request.tags(tags::own(properties), true)),
    });
    if let Some(filters) = exclusions(properties) {
        input["imageTagMutabilityExclusionFilters"] = filters;
    }
    if let Some(encryption) = properties.get("EncryptionConfiguration") {
        input["encryptionConfiguration"] = json!({
            "encryptionType": encryption.get("EncryptionType"),
            "kmsKey": encryption.get("KmsKey"),
        });
    }
    match call(request, "CreateRepository", input).await {
        Ok(_) => {
            let made = complete(request, &name, properties).await;
            if made.is_err() {
                delete(request, &name, properties).await?;
            }
            made
        }
        Err(error) if error.code == "RepositoryAlreadyExistsException" => {
            Err(Failure::already_exists(TYPE, name))
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
    if repository(request, physical_id).await?.is_none() {
        return Err(Failure::not_found(TYPE, physical_id));
    }
    let named = |rest: Value| with_name(physical_id, rest);
    let mut mutability = json!({ "imageTagMutability": mutability(new) });
    if let Some(filters) = exclusions(new) {
        mutability["imageTagMutabilityExclusionFilters"] = filters;
    }
    done(request, "PutImageTagMutability", named(mutability)).await?;
    let scanning = json!({ "imageScanningConfiguration": scanning(new) });
    done(request, "PutImageScanningConfiguration", named(scanning)).await?;
    for (property, operation) in [
        ("LifecyclePolicy", "DeleteLifecyclePolicy"),
        ("RepositoryPolicyText", "DeleteRepositoryPolicy"),
    ] {
        if old.get(property).is_some() && new.get(property).is_none() {
            let deleted = call(request, operation, named(json!({}))).await;
            unless_missing(deleted)?;
        }
    }
    let there = tags_of(request, physical_id).await?;
    let change = tags::change(&there, &request.tags(tags::own(new), true));
    let arn = request.services.account.ecr_repository_arn(physical_id);
    if !change.removed.is_empty() {
        let input = json!({ "resourceArn": arn, "tagKeys": change.removed });
        done(request, "UntagResource", input).await?;
    }
    if !change.put.is_empty() {
        let input = json!({ "resourceArn": arn, "tags": tags::to_list(&change.put) });
        done(request, "TagResource", input).await?;
    }
    complete(request, physical_id, new).await
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<(), Failure> {
    let force = scalars::is_true(&properties["EmptyOnDelete"]);
    let input = with_name(physical_id, json!({ "force": force }));
    let deleted = call(request, "DeleteRepository", input).await;
    unless_missing(deleted).map(drop)
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(repository) = repository(request, physical_id).await? else {
        return Ok(None);
    };
    let mut shown = repository.clone();
    let filters = repository["imageTagMutabilityExclusionFilters"].as_array();
    shown["imageTagMutabilityExclusionFilters"] = filters
        .map(|filters| filters.iter().map(shown_exclusion).collect())
        .unwrap_or_default();
    let text = |answer: Option<Value>, member: &str| {
        let text = answer.map(|answer| answer[member].clone());
        text.unwrap_or_default()
    };
    let named = || with_name(physical_id, json!({}));
    let lifecycle = unless_missing(call(request, "GetLifecyclePolicy", named()).await)?;
    shown["LifecyclePolicy"] = match text(lifecycle, "lifecyclePolicyText") {
        Value::Null => Value::Null,
        text => json!({
            "LifecyclePolicyText": text,
            "RegistryId": request.services.account.id,
        }),
    };
    let policy = unless_missing(call(request, "GetRepositoryPolicy", named()).await)?;
    let template = properties.get("RepositoryPolicyText");
    shown["RepositoryPolicyText"] = match text(policy, "policyText") {
        Value::String(text) => live::document(&text, template),
        _ => Value::Null,
    };
    // ECR does not know it.
    shown["EmptyOnDelete"] = properties.get("EmptyOnDelete").cloned().unwrap_or_default();
    let Value::Object(mut live) = live::like(properties, &shown) else {
        return Ok(None);
    };
    let there = tags_of(request, physical_id).await?;
    live::put_tags(request, &there, properties, &mut live);
    Ok(Some(live))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let name = planned_id(request, properties).unwrap_or_default();
    if repository(request, &name).await?.is_none()
        || !tags::are_of(request, &tags_of(request, &name).await?)
    {
        return Ok(None);
    }
    complete(request, &name, properties).await.map(Some)
}

/// What CreateRepository leaves to other operations.
async fn complete(request: &Request<'_>, name: &str, properties: &Value) -> Result<Made, Failure> {
    let lifecycle = &properties["LifecyclePolicy"];
    if let Some(text) = lifecycle.get("LifecyclePolicyText") {
        let mut input = with_name(name, json!({ "lifecyclePolicyText": text }));
        properties::copy(lifecycle, "RegistryId", &mut input, "registryId");
        done(request, "PutLifecyclePolicy", input).await?;
    }
    if let Some(policy) = properties.get("RepositoryPolicyText") {
        let text = properties::document(policy);
        let input = with_name(name, json!({ "policyText": text }));
        done(request, "SetRepositoryPolicy", input).await?;
    }
    let account = &request.services.account;
    Ok(Made::new(
        name,
        [
            ("Arn", account.ecr_repository_arn(name).into()),
            ("RepositoryUri", format!("{}/{name}", host(request)).into()),
        ],
    ))
}

async fn repository(request: &Request<'_>, name: &str) -> Result<Option<Value>, Failure> {
    let input = json!({ "repositoryNames": [name] });
    let found = unless_missing(call(request, "DescribeRepositories", input).await)?;
    Ok(found.map(|found| found["repositories"][0].clone()))
}

async fn tags_of(request: &Request<'_>, name: &str) -> Result<tags::Tags, Failure> {
    let arn = request.services.account.ecr_repository_arn(name);
    let shown = call(request, "ListTagsForResource", json!({ "resourceArn": arn })).await;
    let shown = shown.map_err(|error| refused(&error))?;
    Ok(tags::of_list(&shown["tags"]))
}

fn mutability(properties: &Value) -> Value {
    let mutability = properties.get("ImageTagMutability");
    mutability.cloned().unwrap_or_else(|| "MUTABLE".into())
}

fn scanning(properties: &Value) -> Value {
    let scanning = &properties["ImageScanningConfiguration"];
    json!({ "scanOnPush": scalars::is_true(&scanning["ScanOnPush"]) })
}

fn exclusions(properties: &Value) -> Option<Value> {
    let filters = properties.get("ImageTagMutabilityExclusionFilters")?;
    let filters = filters.as_array()?.iter();
    Some(
        filters
            .map(|filter| {
                json!({
                    "filterType": filter["ImageTagMutabilityExclusionFilterType"],
                    "filter": filter["ImageTagMutabilityExclusionFilterValue"],
                })
            })
            .collect(),
    )
}

fn shown_exclusion(filter: &Value) -> Value {
    json!({
        "ImageTagMutabilityExclusionFilterType": filter["filterType"],
        "ImageTagMutabilityExclusionFilterValue": filter["filter"],
    })
}

fn with_name(name: &str, mut rest: Value) -> Value {
    rest["repositoryName"] = name.into();
    rest
}

/// Where whoever is on this machine reaches the registry.
fn host<'r>(request: &Request<'r>) -> &'r str {
    let endpoint = request.services.account.endpoint.as_str();
    endpoint.strip_prefix("http://").unwrap_or(endpoint)
}

async fn call(
    request: &Request<'_>,
    operation: &'static str,
    input: Value,
) -> Result<Value, AwsError> {
    let caller = ecr::Caller {
        host: host(request),
        // Only passwords belong to a key.
        access_key_id: "",
    };
    let called = ecr::call(request.services, caller, operation, input);
    system_tags::let_in(called).await
}

async fn done(
    request: &Request<'_>,
    operation: &'static str,
    input: Value,
) -> Result<(), Failure> {
    let done = call(request, operation, input).await;
    done.map(drop).map_err(|error| refused(&error))
}

/// `None` for what is not there.
fn unless_missing(answer: Result<Value, AwsError>) -> Result<Option<Value>, Failure> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.code.ends_with("NotFoundException") => Ok(None),
        Err(error) => Err(refused(&error)),
    }
}

fn refused(error: &AwsError) -> Failure {
    Failure::of_service("Ecr", error)
}
