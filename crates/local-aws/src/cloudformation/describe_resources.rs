//! DescribeStackResource, DescribeStackResources, ListStackResources.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::ledger;
use super::paging;
use super::record::Resource;
use super::record::Stack;
use super::validation;
use crate::error::AwsError;
use crate::services::Services;
use crate::store::Store;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeStackResource {
    stack_name: String,
    logical_resource_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeStackResources {
    stack_name: Option<String>,
    logical_resource_id: Option<String>,
    physical_resource_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListStackResources {
    stack_name: String,
    next_token: Option<String>,
}

/// How many DescribeStackResources answers at most.
const MOST: usize = 100;

/// DescribeStackResource.
pub(super) fn one(services: &Services, input: &DescribeStackResource) -> Result<Value, AwsError> {
    let stack = stack(&services.store, &input.stack_name)?;
    let logical_id = &input.logical_resource_id;
    let resource = ledger::resource(&services.store, &stack.id, logical_id)?;
    let resource = resource.ok_or_else(|| no_resource(logical_id, &stack.name))?;
    let mut shown = shown(&resource);
    shown["StackName"] = stack.name.into();
    shown["StackId"] = stack.id.into();
    shown["LastUpdatedTimestamp"] = json!(resource.updated);
    let metadata = resource.now.as_ref().and_then(|now| now.metadata.as_ref());
    let metadata = metadata.map_or_else(|| "{}".to_owned(), Value::to_string);
    shown["Metadata"] = metadata.into();
    Ok(json!({ "StackResourceDetail": shown }))
}

/// DescribeStackResources.
pub(super) fn several(
    services: &Services,
    input: &DescribeStackResources,
) -> Result<Value, AwsError> {
    let store = &services.store;
    let stack = match (&input.stack_name, &input.physical_resource_id) {
        (Some(name), _) => ledger::stack(store, name)?,
        (None, Some(physical_id)) => owner(store, physical_id)?,
        (None, None) => {
            return Err(validation(
                "Either StackName or PhysicalResourceId must be specified.",
            ));
        }
    };
    let resources = ledger::resources(store, &stack.id)?;
    let mut wanted = resources.into_values().filter(|resource| {
        let logical = input.logical_resource_id.as_ref();
        logical.is_none_or(|id| *id == resource.logical_id)
            && (input.stack_name.is_some()
                || input.physical_resource_id.as_deref() == resource.physical_id()
                || logical.is_none())
    });
    let shown = wanted.by_ref().take(MOST).map(|resource| {
        let mut shown = shown(&resource);
        shown["StackName"] = stack.name.as_str().into();
        shown["StackId"] = stack.id.as_str().into();
        shown["Timestamp"] = json!(resource.updated);
        shown
    });
    let shown: Vec<Value> = shown.collect();
    if let (true, Some(logical_id)) = (shown.is_empty(), &input.logical_resource_id) {
        return Err(no_resource(logical_id, &stack.name));
    }
    Ok(json!({ "StackResources": shown }))
}

/// ListStackResources.
pub(super) fn list(services: &Services, input: &ListStackResources) -> Result<Value, AwsError> {
    let stack = ledger::stack(&services.store, &input.stack_name)?;
    let resources = ledger::resources(&services.store, &stack.id)?.into_values();
    let items = resources.map(|resource| {
        let mut shown = shown(&resource);
        shown["LastUpdatedTimestamp"] = json!(resource.updated);
        (resource.logical_id, shown)
    });
    let list = format!("ListStackResources {}", stack.id);
    let token = input.next_token.as_deref();
    let member = "StackResourceSummaries";
    paging::page(
        services,
        &list,
        token,
        paging::ITEMS,
        member,
        items.collect(),
    )
}

fn stack(store: &Store, name: &str) -> Result<Stack, AwsError> {
    let missing = || validation(format!("Stack '{name}' does not exist"));
    ledger::find(store, name)?.ok_or_else(missing)
}

fn owner(store: &Store, physical_id: &str) -> Result<Stack, AwsError> {
    for stack in ledger::stacks(store)? {
        let resources = ledger::resources(store, &stack.id)?;
        let mut resources = resources.values();
        let is_its_own = resources.any(|resource| resource.physical_id() == Some(physical_id));
        if stack.deleted.is_none() && is_its_own {
            return Ok(stack);
        }
    }
    Err(validation(format!(
        "Stack for {physical_id} does not exist"
    )))
}

fn no_resource(logical_id: &str, stack: &str) -> AwsError {
    validation(format!(
        "Resource {logical_id} does not exist for stack {stack}"
    ))
}

/// The members that a resource has in every list.
fn shown(resource: &Resource) -> Value {
    let mut drift = json!({ "StackResourceDriftStatus": "NOT_CHECKED" });
    if let Some(found) = &resource.drift {
        drift = json!({
            "StackResourceDriftStatus": found["StackResourceDriftStatus"],
            "LastCheckTimestamp": found["Timestamp"],
        });
    }
    let mut shown = json!({
        "LogicalResourceId": resource.logical_id,
        "ResourceType": resource.resource_type,
        "ResourceStatus": resource.status,
        "DriftInformation": drift,
    });
    if let Some(id) = resource.physical_id() {
        shown["PhysicalResourceId"] = id.into();
    }
    if let Some(reason) = &resource.reason {
        shown["ResourceStatusReason"] = reason.as_str().into();
    }
    shown
}
