//! Tags of parameters.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::find;
use super::name;
use super::record::Parameter;
use crate::constraint;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::system_tags;

/// How many tags a parameter may have.
const TAGS: usize = 50;

/// A tag.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: Option<String>,
    value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagInput {
    resource_type: Option<String>,
    resource_id: Option<String>,
    tags: Option<Vec<Tag>>,
    tag_keys: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListOutput {
    tag_list: Vec<Tag>,
}

/// Keys and values, checked.
pub(super) fn checked(tags: Vec<Tag>) -> Result<Vec<(String, String)>, AwsError> {
    let mut checked: Vec<(String, String)> = Vec::new();
    for tag in tags {
        let key = constraint::required("tags.member.key", tag.key)?;
        let value = constraint::required("tags.member.value", tag.value)?;
        if key.is_empty() || key.chars().count() > 128 {
            return Err(constraint::violated(
                "tags.member.key",
                &key,
                "have length between 1 and 128, inclusive",
            ));
        }
        if value.chars().count() > 256 {
            return Err(constraint::violated(
                "tags.member.value",
                &value,
                "have length less than or equal to 256",
            ));
        }
        if system_tags::are_reserved(&key) {
            return Err(AwsError::new(
                "ValidationException",
                "aws: prefixed tag key names are not allowed for external use.",
            ));
        }
        checked.retain(|(other, _)| *other != key);
        checked.push((key, value));
    }
    Ok(checked)
}

fn resource(services: &Services, input: &TagInput) -> Result<String, AwsError> {
    let kind = constraint::required("resourceType", input.resource_type.as_deref())?;
    if kind != "Parameter" {
        return Err(AwsError::new(
            "InvalidResourceType",
            format!("The local AWS tags resources of type Parameter, not {kind}."),
        ));
    }
    let id = constraint::required("resourceId", input.resource_id.as_deref())?;
    Ok(name::bare(&services.account, id).to_owned())
}

const fn invalid_resource() -> AwsError {
    AwsError::bare("InvalidResourceId")
}

pub(super) async fn add(services: &Services, input: TagInput) -> Result<Value, AwsError> {
    let name = resource(services, &input)?;
    let new = checked(constraint::required("tags", input.tags)?)?;
    change(services, name, move |tags| {
        tags.retain(|(key, _)| !new.iter().any(|(other, _)| other == key));
        tags.extend(new);
    })
    .await
}

pub(super) async fn remove(services: &Services, input: TagInput) -> Result<Value, AwsError> {
    let name = resource(services, &input)?;
    let keys = constraint::required("tagKeys", input.tag_keys)?;
    change(services, name, move |tags| {
        tags.retain(|(key, _)| !keys.contains(key));
    })
    .await
}

async fn change(
    services: &Services,
    name: String,
    change: impl FnOnce(&mut Vec<(String, String)>) + Send + 'static,
) -> Result<Value, AwsError> {
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::PARAMETERS)?;
            let mut parameter: Parameter =
                store::get(&*table, &name)?.ok_or_else(invalid_resource)?;
            change(&mut parameter.tags);
            if parameter.tags.len() > TAGS {
                return Err(AwsError::new(
                    "TooManyTagsError",
                    format!("A resource can have a maximum of {TAGS} tags."),
                )
                .into());
            }
            store::put(&mut table, &name, &parameter)
        })
        .await?;
    Ok(json!({}))
}

pub(super) fn list(services: &Services, input: TagInput) -> Result<ListOutput, AwsError> {
    let name = resource(services, &input)?;
    let parameter = find(&services.store, &name)?.ok_or_else(invalid_resource)?;
    let tags = parameter.tags.into_iter();
    Ok(ListOutput {
        tag_list: tags
            .map(|(key, value)| Tag {
                key: Some(key),
                value: Some(value),
            })
            .collect(),
    })
}
