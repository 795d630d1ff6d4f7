//! `AWS::CodeCommit::Repository`.

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

/// What the local CodeCommit does not do.
const UNSUPPORTED: [(&str, &str); 2] = [
    ("Code", "push the first commit to the repository"),
    ("KmsKeyId", "it encrypts nothing"),
];

/// The members of a trigger, as a template and as CodeCommit have them.
const TRIGGER: [(&str, &str); 5] = [
    ("Name", "name"),
    ("DestinationArn", "destinationArn"),
    ("CustomData", "customData"),
    ("Branches", "branches"),
    ("Events", "events"),
];

/// Its id is made up by the service.
pub(super) const fn planned_id(_request: &Request<'_>, _properties: &Value) -> Option<String> {
    None
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    properties::refuse(properties, &UNSUPPORTED)?;
    let wanted = request.tags(tags::own(properties), true);
    let mut input = json!({ "tags": tags::to_map(&wanted) });
    for (property, member) in [
        ("RepositoryName", "repositoryName"),
        ("RepositoryDescription", "repositoryDescription"),
    ] {
        properties::copy(properties, property, &mut input, member);
    }
    let created = done(request, "CreateRepository", input).await?;
    let made = made(&created["repositoryMetadata"]);
    match put_triggers(request, properties).await {
        Ok(()) => Ok(made),
        Err(failure) => {
            // Nobody knows its id yet, so nobody else would remove it.
            let input = json!({ "repositoryName": name_of(properties) });
            done(request, "DeleteRepository", input).await?;
            Err(failure)
        }
    }
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    properties::refuse(new, &UNSUPPORTED)?;
    let Some(name) = name_with_id(request, physical_id).await? else {
        let gone = AwsError::new(
            "RepositoryDoesNotExistException",
            format!("{} does not exist", name_of(old)),
        );
        return Err(refused(&gone));
    };
    let wanted = name_of(new);
    if name != wanted {
        let input = json!({ "oldName": name, "newName": wanted });
        done(request, "UpdateRepositoryName", input).await?;
    }
    let mut input = json!({ "repositoryName": wanted });
    properties::copy(
        new,
        "RepositoryDescription",
        &mut input,
        "repositoryDescription",
    );
    done(request, "UpdateRepositoryDescription", input).await?;
    put_triggers(request, new).await?;
    let arn = request.services.account.repository_arn(wanted);
    let there = tags_of(request, wanted).await?;
    let change = tags::change(&there, &request.tags(tags::own(new), true));
    if !change.removed.is_empty() {
        let input = json!({ "resourceArn": arn, "tagKeys": change.removed });
        done(request, "UntagResource", input).await?;
    }
    if !change.put.is_empty() {
        let input = json!({ "resourceArn": arn, "tags": tags::to_map(&change.put) });
        done(request, "TagResource", input).await?;
    }
    let input = json!({ "repositoryName": wanted });
    let shown = done(request, "GetRepository", input).await?;
    Ok(made(&shown["repositoryMetadata"]))
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    match name_with_id(request, physical_id).await? {
        Some(name) => {
            let input = json!({ "repositoryName": name });
            done(request, "DeleteRepository", input).await.map(drop)
        }
        None => Ok(()),
    }
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(name) = name_with_id(request, physical_id).await? else {
        return Ok(None);
    };
    let input = json!({ "repositoryName": name });
    let mut shown = done(request, "GetRepository", input.clone()).await?;
    let mut shown = shown["repositoryMetadata"].take();
    let mut triggers = done(request, "GetRepositoryTriggers", input).await?;
    shown["triggers"] = triggers["triggers"].take();
    let Value::Object(mut live) = live::like(properties, &shown) else {
        return Ok(None);
    };
    let there = tags_of(request, &name).await?;
    live::put_tags(request, &there, properties, &mut live);
    Ok(Some(live))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let name = name_of(properties);
    let input = json!({ "repositoryName": name });
    let shown = match request.call("codecommit", "GetRepository", input).await {
        Ok(shown) => shown,
        Err(error) if error.code == "RepositoryDoesNotExistException" => return Ok(None),
        Err(error) => return Err(refused(&error)),
    };
    if !tags::are_of(request, &tags_of(request, name).await?) {
        return Ok(None);
    }
    put_triggers(request, properties).await?;
    Ok(Some(made(&shown["repositoryMetadata"])))
}

async fn put_triggers(request: &Request<'_>, properties: &Value) -> Result<(), Failure> {
    let triggers = properties::list(properties, "Triggers").iter();
    let triggers: Value = triggers
        .map(|trigger| {
            let mut input = json!({});
            for (property, member) in TRIGGER {
                properties::copy(trigger, property, &mut input, member);
            }
            input
        })
        .collect();
    let input = json!({ "repositoryName": name_of(properties), "triggers": triggers });
    done(request, "PutRepositoryTriggers", input)
        .await
        .map(drop)
}

/// The name of the repository with this id: names change, ids do not.
async fn name_with_id(request: &Request<'_>, id: &str) -> Result<Option<String>, Failure> {
    let mut page = Value::Null;
    loop {
        let mut input = json!({});
        if !page.is_null() {
            input["nextToken"] = page;
        }
        let mut listed = done(request, "ListRepositories", input).await?;
        let found = properties::list(&listed, "repositories")
            .iter()
            .find(|repository| repository["repositoryId"] == id);
        if let Some(repository) = found {
            return Ok(Some(
                properties::text(repository, "repositoryName").to_owned(),
            ));
        }
        page = listed["nextToken"].take();
        if page.is_null() {
            return Ok(None);
        }
    }
}

async fn tags_of(request: &Request<'_>, name: &str) -> Result<tags::Tags, Failure> {
    let arn = request.services.account.repository_arn(name);
    let input = json!({ "resourceArn": arn });
    let shown = done(request, "ListTagsForResource", input).await?;
    Ok(tags::of_map(&shown["tags"]))
}

fn name_of(properties: &Value) -> &str {
    properties::text(properties, "RepositoryName")
}

fn made(metadata: &Value) -> Made {
    Made::new(
        properties::text(metadata, "repositoryId"),
        [
            ("Arn", metadata["Arn"].clone()),
            ("CloneUrlHttp", metadata["cloneUrlHttp"].clone()),
            ("CloneUrlSsh", metadata["cloneUrlSsh"].clone()),
            ("Name", metadata["repositoryName"].clone()),
            ("RepositoryId", metadata["repositoryId"].clone()),
        ],
    )
}

async fn done(
    request: &Request<'_>,
    operation: &'static str,
    input: Value,
) -> Result<Value, Failure> {
    let done = request.call("codecommit", operation, input).await;
    done.map_err(|error| refused(&error))
}

fn refused(error: &AwsError) -> Failure {
    Failure::of_older_handler("AWSCodeCommit", error)
}
