//! Tags of groups: TagResource and its like, which take ARNs, and the older TagLogGroup and its
//! like, which take names.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::groups;
use super::names;
use super::record;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceInput {
    resource_arn: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    tag_keys: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TagLogGroupInput {
    log_group_name: Option<String>,
    tags: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UntagLogGroupInput {
    log_group_name: Option<String>,
    tags: Option<Vec<String>>,
}

impl ResourceInput {
    /// The group that the ARN names. Groups are all that has tags here.
    fn group(&self, services: &Services) -> Result<&str, AwsError> {
        let arn = names::resource_arn(self.resource_arn.as_deref())?;
        names::group_in_arn(services, arn).ok_or_else(super::no_resource)
    }
}

pub(super) async fn tag_resource(
    services: &Services,
    mut input: ResourceInput,
) -> Result<Value, AwsError> {
    let tags = names::required("tags", input.tags.take())?;
    names::tags(&tags)?;
    add(
        services,
        input.group(services)?,
        tags,
        "TooManyTagsException",
    )
    .await
}

pub(super) async fn untag_resource(
    services: &Services,
    mut input: ResourceInput,
) -> Result<Value, AwsError> {
    let keys = names::required("tagKeys", input.tag_keys.take())?;
    remove(services, input.group(services)?, keys).await
}

pub(super) fn list_for_resource(
    services: &Services,
    input: &ResourceInput,
) -> Result<Value, AwsError> {
    list(services, input.group(services)?)
}

pub(super) async fn tag_log_group(
    services: &Services,
    input: TagLogGroupInput,
) -> Result<Value, AwsError> {
    let name = names::group_name(input.log_group_name.as_deref())?;
    let tags = names::required("tags", input.tags)?;
    names::tags(&tags)?;
    add(services, name, tags, "InvalidParameterException").await
}

pub(super) async fn untag_log_group(
    services: &Services,
    input: UntagLogGroupInput,
) -> Result<Value, AwsError> {
    let name = names::group_name(input.log_group_name.as_deref())?;
    let keys = names::required("tags", input.tags)?;
    names::list_length("tags", &keys, usize::MAX)?;
    remove(services, name, keys).await
}

pub(super) fn list_of_log_group(
    services: &Services,
    input: &TagLogGroupInput,
) -> Result<Value, AwsError> {
    list(
        services,
        names::group_name(input.log_group_name.as_deref())?,
    )
}

async fn add(
    services: &Services,
    group: &str,
    tags: BTreeMap<String, String>,
    too_many: &'static str,
) -> Result<Value, AwsError> {
    groups::change(services, group, move |group| {
        group.tags.extend(tags);
        if names::has_too_many_tags(&group.tags) {
            return Err(AwsError::new(
                too_many,
                "A resource can have no more than 50 tags.",
            ));
        }
        Ok(())
    })
    .await
}

async fn remove(services: &Services, group: &str, keys: Vec<String>) -> Result<Value, AwsError> {
    groups::change(services, group, move |group| {
        group.tags.retain(|key, _| !keys.contains(key));
        Ok(())
    })
    .await
}

fn list(services: &Services, group: &str) -> Result<Value, AwsError> {
    let group = services
        .store
        .read(|transaction| record::group(transaction, group))?
        .ok_or_else(super::no_group)?;
    Ok(json!({ "tags": group.tags }))
}
