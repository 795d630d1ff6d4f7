//! The stage at the end of an update or of its rollback: what is left over is deleted.

use std::collections::BTreeMap;

use super::Work;
use super::making;
use super::removal;
use super::schedule;
use super::schedule::AfterFailure;
use crate::cloudformation::ledger;
use crate::cloudformation::record::Physical;
use crate::cloudformation::record::Policy;
use crate::cloudformation::record::Resource;
use crate::cloudformation::status::Status;
use crate::error::AwsError;

const NOT_DELETED: &str = "Update successful. One or more resources could not be deleted.";

/// Deletes what is left over. The stack is complete after it, also if something stays.
pub(super) async fn run(work: &Work<'_>) -> Result<(), AwsError> {
    let resources = ledger::resources(&work.services.store, &work.stack.id)?;
    let left: BTreeMap<String, Resource> = resources
        .into_iter()
        .filter(|(_, resource)| !resource.leftovers.is_empty())
        .collect();
    let waits_for = removal::backwards(left.values());
    let one = |id: String| async move { clean(work, &id).await };
    let ran = schedule::in_order(waits_for, AfterFailure::GoOn, one, schedule::never()).await?;
    let before = work.stack.status;
    ledger::write(work.services, &work.stack.id, move |entry| {
        for (id, mut resource) in entry.resources()? {
            resource.leftovers.clear();
            if resource.now.is_none() {
                entry.remove(&id)?;
            } else {
                entry.put(&resource)?;
            }
        }
        let is_rollback = before == Status::UpdateRollbackCompleteCleanupInProgress;
        let (status, reason) = match (is_rollback, ran.failed.is_empty()) {
            (false, true) => (Status::UpdateComplete, None),
            (false, false) => (Status::UpdateComplete, Some(NOT_DELETED)),
            (true, _) => (Status::UpdateRollbackComplete, None),
        };
        entry.enter(status, reason)
    })
    .await
}

/// Deletes the leftovers of one resource.
async fn clean(work: &Work<'_>, logical_id: &str) -> Result<bool, AwsError> {
    let Some(resource) = work.resource(logical_id)? else {
        return Ok(true);
    };
    let mut is_clean = true;
    for left in resource.leftovers.clone() {
        is_clean &= clean_one(work, &resource, left).await?;
    }
    Ok(is_clean)
}

async fn clean_one(work: &Work<'_>, resource: &Resource, left: Physical) -> Result<bool, AwsError> {
    let logical_id = resource.logical_id.as_str();
    let is_rollback = work.stack.status == Status::UpdateRollbackCompleteCleanupInProgress;
    let is_replaced = resource.now.is_some();
    let stays = match (is_rollback, is_replaced) {
        // What it was to be replaced by.
        (true, true) => false,
        (true, false) => {
            left.deletion_policy == Policy::Retain && !work.stack.retain_except_on_create
        }
        (false, true) => left.update_replace_policy == Policy::Retain,
        (false, false) => matches!(
            left.deletion_policy,
            Policy::Retain | Policy::RetainExceptOnCreate
        ),
    };
    if stays {
        tell(work, logical_id, &left, Status::DeleteSkipped, None).await?;
        return Ok(true);
    }
    tell(work, logical_id, &left, Status::DeleteInProgress, None).await?;
    match making::remove(work, logical_id, &left).await {
        Ok(()) => {
            tell(work, logical_id, &left, Status::DeleteComplete, None).await?;
            Ok(true)
        }
        Err(reason) => {
            tell(work, logical_id, &left, Status::DeleteFailed, Some(reason)).await?;
            Ok(false)
        }
    }
}

/// An event about something that is left over. The resource itself keeps its status if it stays.
async fn tell(
    work: &Work<'_>,
    logical_id: &str,
    left: &Physical,
    status: Status,
    reason: Option<String>,
) -> Result<(), AwsError> {
    let (logical_id, left) = (logical_id.to_owned(), left.clone());
    ledger::write(work.services, &work.stack.id, move |entry| {
        let Some(mut resource) = entry.resource(&logical_id)? else {
            return Ok(());
        };
        let own = (resource.status, resource.reason.clone(), resource.updated);
        let about = (left.id.as_deref(), &left.shown);
        entry.resource_event(&mut resource, status, reason.as_deref(), about)?;
        if resource.now.is_some() {
            (resource.status, resource.reason, resource.updated) = own;
        }
        if matches!(status, Status::DeleteComplete | Status::DeleteSkipped) {
            resource.leftovers.retain(|other| *other != left);
        }
        entry.put(&resource)
    })
    .await
}
