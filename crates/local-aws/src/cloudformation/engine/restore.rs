//! The stage in which a failed update is undone.

use serde_json::Value;

use super::Work;
use super::failed_to;
use super::making;
use super::schedule;
use super::schedule::AfterFailure;
use super::schedule::WaitsFor;
use crate::cloudformation::ledger;
use crate::cloudformation::record::PendingKind;
use crate::cloudformation::record::Physical;
use crate::cloudformation::record::Resource;
use crate::cloudformation::status::Status;
use crate::error::AwsError;

/// Brings what was there before the update back. Then what the update has made is left over.
pub(super) async fn run(work: &Work<'_>) -> Result<(), AwsError> {
    let resources = ledger::resources(&work.services.store, &work.stack.id)?;
    let waits_for: WaitsFor = resources
        .iter()
        .map(|(id, resource)| {
            let before = resource.before.as_ref().or(resource.now.as_ref());
            let others = before.map_or(&[][..], |before| &before.dependencies);
            (id.clone(), others.iter().cloned().collect())
        })
        .collect();
    let one = |id: String| async move { restore(work, &id).await };
    let ran = schedule::in_order(waits_for, AfterFailure::GoOn, one, schedule::never()).await?;
    ledger::write(work.services, &work.stack.id, move |entry| {
        if !ran.failed.is_empty() {
            let reason = failed_to("update", &ran.failed);
            return entry.enter(Status::UpdateRollbackFailed, Some(&reason));
        }
        for mut resource in entry.resources()?.into_values() {
            if resource.is_new {
                match resource.now.take() {
                    Some(now) => resource.leftovers.push(now),
                    None if resource.leftovers.is_empty() => {
                        entry.remove(&resource.logical_id)?;
                        continue;
                    }
                    None => {}
                }
            }
            entry.put(&resource)?;
        }
        let stack = entry.change();
        stack.policy_during_update = None;
        stack.skipped.clear();
        if let Some(previous) = stack.previous.take() {
            stack.definition = Some(previous);
        }
        entry.enter(Status::UpdateRollbackCompleteCleanupInProgress, None)
    })
    .await
}

async fn restore(work: &Work<'_>, logical_id: &str) -> Result<bool, AwsError> {
    let Some(mut resource) = work.resource(logical_id)? else {
        return Ok(true);
    };
    settle_pending(work, &mut resource).await;
    let Some(before) = resource.before.clone() else {
        ledger::write(work.services, &work.stack.id, move |entry| {
            entry.put(&resource)
        })
        .await?;
        return Ok(true);
    };
    let now = resource.now.take();
    let is_replaced = now.as_ref().is_none_or(|now| now.id != before.id);
    if is_replaced {
        resource.leftovers.extend(now);
        resource.now = Some(before.clone());
        resource.before = None;
        tell(
            work,
            resource.clone(),
            &before,
            Status::UpdateInProgress,
            None,
        )
        .await?;
        tell(work, resource, &before, Status::UpdateComplete, None).await?;
        return Ok(true);
    }
    let changed = now.as_ref().is_some_and(|now| {
        now.properties != before.properties || now.stack_tags != before.stack_tags
    });
    if !changed {
        resource.now = Some(before);
        resource.before = None;
        ledger::write(work.services, &work.stack.id, move |entry| {
            entry.put(&resource)
        })
        .await?;
        return Ok(true);
    }
    let old = now
        .as_ref()
        .map_or(Value::Null, |now| now.properties.clone());
    resource.now = now;
    tell(
        work,
        resource.clone(),
        &before,
        Status::UpdateInProgress,
        None,
    )
    .await?;
    let is_skipped = work.stack.skipped.iter().any(|id| id == logical_id);
    let restored = match is_skipped {
        true => Ok(before.clone()),
        false => making::change(work, logical_id, &old, before.clone()).await,
    };
    match restored {
        Ok(restored) => {
            resource.now = Some(restored);
            resource.before = None;
            tell(work, resource, &before, Status::UpdateComplete, None).await?;
            Ok(true)
        }
        Err(reason) => {
            tell(work, resource, &before, Status::UpdateFailed, Some(reason)).await?;
            Ok(false)
        }
    }
}

/// What the update was about to do when its process ended.
async fn settle_pending(work: &Work<'_>, resource: &mut Resource) {
    let Some(pending) = resource.pending.take() else {
        return;
    };
    match pending.kind {
        PendingKind::Change => {
            if resource.before.is_none() && !resource.is_new {
                resource.before = resource.now.take();
            }
            resource.now = Some(pending.physical);
        }
        PendingKind::Creation => {
            let planned = pending.physical;
            let left = match making::find(work, &resource.logical_id, &planned).await {
                Some(Ok(made)) => Some(Physical {
                    id: Some(made.physical_id),
                    ..planned
                }),
                Some(Err(_)) => Some(planned),
                None => None,
            };
            resource.leftovers.extend(left);
        }
    }
}

async fn tell(
    work: &Work<'_>,
    mut resource: Resource,
    about: &Physical,
    status: Status,
    reason: Option<String>,
) -> Result<(), AwsError> {
    let about = about.clone();
    ledger::write(work.services, &work.stack.id, move |entry| {
        let about = (about.id.as_deref(), &about.shown);
        entry.resource_event(&mut resource, status, reason.as_deref(), about)?;
        entry.put(&resource)
    })
    .await
}
