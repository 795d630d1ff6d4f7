//! Drift: whether resources still are what their stack has made them.

mod differences;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::ledger;
use super::paging;
use super::record::DriftDetection;
use super::record::Resource;
use super::record::Stack;
use super::resource_types;
use super::resource_types::Request;
use super::status::Status;
use super::validation;
use crate::access_keys::Caller;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DetectStackDrift {
    stack_name: String,
    logical_resource_ids: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DetectStackResourceDrift {
    stack_name: String,
    logical_resource_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeDetection {
    stack_drift_detection_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeDrifts {
    stack_name: String,
    stack_resource_drift_status_filters: Option<Vec<String>>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// DetectStackDrift: the search runs in the background.
pub(super) async fn detect(
    services: &Arc<Services>,
    caller: &Caller,
    input: DetectStackDrift,
) -> Result<Value, AwsError> {
    let stack = checkable(services, &input.stack_name)?;
    let resources = ledger::resources(&services.store, &stack.id)?;
    if let Some(missing) = input
        .logical_resource_ids
        .iter()
        .flatten()
        .find(|id| !resources.contains_key(*id))
    {
        return Err(no_resource(missing, &stack));
    }
    let detection = DriftDetection {
        id: Uuid::new_v4().to_string(),
        stack_id: stack.id.clone(),
        started: EpochSeconds::now(),
        status: "DETECTION_IN_PROGRESS".to_owned(),
        reason: None,
        stack_drift_status: None,
        drifted: None,
    };
    let id = detection.id.clone();
    put(services, detection.clone()).await?;
    let (services, caller) = (Arc::clone(services), caller.clone());
    let stop = services.stop.clone();
    tokio::spawn(async move {
        let wanted = input.logical_resource_ids;
        let search = search(&services, &caller, detection, wanted.as_deref());
        if let Some(Err(error)) = stop.run_until_cancelled(search).await {
            tracing::error!(%error, "drift could not be stored");
        }
    });
    Ok(json!({ "StackDriftDetectionId": id }))
}

async fn search(
    services: &Arc<Services>,
    caller: &Caller,
    mut detection: DriftDetection,
    wanted: Option<&[String]>,
) -> Result<(), AwsError> {
    let stack = ledger::stack(&services.store, &detection.stack_id)?;
    let mut drifted = 0;
    let mut failed = Vec::new();
    for (id, resource) in ledger::resources(&services.store, &stack.id)? {
        if wanted.is_some_and(|wanted| !wanted.contains(&id)) || resource.now.is_none() {
            continue;
        }
        let found = look(services, caller, &stack, &resource).await;
        match found["StackResourceDriftStatus"].as_str() {
            Some("MODIFIED" | "DELETED") => drifted += 1,
            Some("UNKNOWN") => failed.push(id.clone()),
            _ => {}
        }
        keep(services, &stack.id, id, found).await?;
    }
    let status = if drifted > 0 { "DRIFTED" } else { "IN_SYNC" };
    detection.status = "DETECTION_COMPLETE".to_owned();
    detection.drifted = Some(drifted);
    detection.stack_drift_status = Some(status.to_owned());
    if !failed.is_empty() {
        detection.status = "DETECTION_FAILED".to_owned();
        detection.reason = Some(format!(
            "Failed to detect drift on resources [{}]",
            failed.join(", ")
        ));
    }
    ledger::write(services, &stack.id, move |entry| {
        entry.change().drift = Some((status.to_owned(), EpochSeconds::now()));
        Ok(())
    })
    .await?;
    put(services, detection).await
}

/// DetectStackResourceDrift.
pub(super) async fn detect_one(
    services: &Arc<Services>,
    caller: &Caller,
    input: DetectStackResourceDrift,
) -> Result<Value, AwsError> {
    let stack = checkable(services, &input.stack_name)?;
    let logical_id = input.logical_resource_id;
    let resource = ledger::resource(&services.store, &stack.id, &logical_id)?;
    let resource = resource.filter(|resource| resource.now.is_some());
    let resource = resource.ok_or_else(|| no_resource(&logical_id, &stack))?;
    let found = look(services, caller, &stack, &resource).await;
    keep(services, &stack.id, logical_id, found.clone()).await?;
    Ok(json!({ "StackResourceDrift": found }))
}

/// DescribeStackDriftDetectionStatus.
pub(super) fn detection(services: &Services, input: &DescribeDetection) -> Result<Value, AwsError> {
    let id = input.stack_drift_detection_id.as_str();
    let found: Option<DriftDetection> = services
        .store
        .read(|transaction| store::get(&transaction.open_table(store::DRIFT_DETECTIONS)?, id))?;
    let mut found =
        found.ok_or_else(|| validation(format!("Drift detection with id {id} does not exist")))?;
    if found.status == "DETECTION_IN_PROGRESS" && found.started < services.stacks.since() {
        found.status = "DETECTION_FAILED".to_owned();
        found.reason = Some(
            "The local AWS stopped while it was looking for drift. Detect it again.".to_owned(),
        );
    }
    let mut output = json!({
        "StackId": found.stack_id,
        "StackDriftDetectionId": found.id,
        "DetectionStatus": found.status,
        "Timestamp": found.started,
    });
    if let Some(reason) = found.reason {
        output["DetectionStatusReason"] = reason.into();
    }
    if let Some(status) = found.stack_drift_status {
        output["StackDriftStatus"] = status.into();
    }
    if let Some(drifted) = found.drifted {
        output["DriftedStackResourceCount"] = drifted.into();
    }
    Ok(output)
}

/// DescribeStackResourceDrifts.
pub(super) fn drifts(services: &Services, input: &DescribeDrifts) -> Result<Value, AwsError> {
    let stack = ledger::stack(&services.store, &input.stack_name)?;
    let filters = input.stack_resource_drift_status_filters.as_deref();
    let resources = ledger::resources(&services.store, &stack.id)?.into_values();
    let items = resources.filter_map(|resource| {
        let drift = resource.drift.unwrap_or_else(|| {
            json!({
                "StackId": stack.id,
                "LogicalResourceId": resource.logical_id,
                "ResourceType": resource.resource_type,
                "StackResourceDriftStatus": "NOT_CHECKED",
                "Timestamp": resource.updated,
            })
        });
        let status = &drift["StackResourceDriftStatus"];
        let is_asked_for =
            filters.is_none_or(|filters| filters.iter().any(|filter| status == filter.as_str()));
        is_asked_for.then_some((resource.logical_id, drift))
    });
    let list = format!("DescribeStackResourceDrifts {} {filters:?}", stack.id);
    let (token, length) = (
        input.next_token.as_deref(),
        input.max_results.unwrap_or(paging::ITEMS),
    );
    paging::page(
        services,
        &list,
        token,
        length,
        "StackResourceDrifts",
        items.collect(),
    )
}

fn checkable(services: &Services, name: &str) -> Result<Stack, AwsError> {
    let stack = ledger::stack(&services.store, name)?;
    let is_whole = matches!(
        stack.status,
        Status::CreateComplete
            | Status::UpdateComplete
            | Status::UpdateRollbackComplete
            | Status::UpdateRollbackFailed
    );
    if is_whole {
        Ok(stack)
    } else {
        Err(validation(format!(
            "Drift detection cannot be performed on stack [{}] while it is in {} state",
            stack.id, stack.status
        )))
    }
}

fn no_resource(logical_id: &str, stack: &Stack) -> AwsError {
    validation(format!(
        "Resource {logical_id} does not exist for stack {}",
        stack.name
    ))
}

/// What has become of one resource, as DescribeStackResourceDrifts shows it.
async fn look(
    services: &Arc<Services>,
    caller: &Caller,
    stack: &Stack,
    resource: &Resource,
) -> Value {
    let mut found = json!({
        "StackId": stack.id,
        "LogicalResourceId": resource.logical_id,
        "ResourceType": resource.resource_type,
        "Timestamp": EpochSeconds::now(),
    });
    let Some(now) = &resource.now else {
        found["StackResourceDriftStatus"] = "NOT_CHECKED".into();
        return found;
    };
    let id = now.id.as_deref().unwrap_or_default();
    found["PhysicalResourceId"] = id.into();
    let request = Request {
        services,
        caller,
        stack_name: &stack.name,
        stack_id: &stack.id,
        logical_id: &resource.logical_id,
        stack_tags: &now.stack_tags,
        token: &now.token,
    };
    let resource_type = resource.resource_type.as_str();
    let live = resource_types::read(&request, resource_type, id, &now.properties).await;
    let status = match live {
        Ok(Some(live)) => {
            let seen = differences::seen(resource_type, now, &live);
            found["ExpectedProperties"] = seen.expected.to_string().into();
            found["ActualProperties"] = seen.actual.to_string().into();
            let is_same = seen.differences.is_empty();
            found["PropertyDifferences"] = seen.differences.into();
            if is_same { "IN_SYNC" } else { "MODIFIED" }
        }
        Ok(None) => {
            found["ExpectedProperties"] = now.shown.to_string().into();
            "DELETED"
        }
        Err(failure) => {
            found["DriftStatusReason"] = failure.reason.into();
            "UNKNOWN"
        }
    };
    found["StackResourceDriftStatus"] = status.into();
    found
}

async fn keep(
    services: &Services,
    stack_id: &str,
    logical_id: String,
    found: Value,
) -> Result<(), AwsError> {
    ledger::write(services, stack_id, move |entry| {
        if let Some(mut resource) = entry.resource(&logical_id)? {
            resource.drift = Some(found);
            entry.put(&resource)?;
        }
        Ok(())
    })
    .await
}

async fn put(services: &Services, detection: DriftDetection) -> Result<(), AwsError> {
    services
        .store
        .write(move |write| {
            let mut table = write.open_table(store::DRIFT_DETECTIONS)?;
            store::put(&mut table, &detection.id, &detection)
        })
        .await
}
