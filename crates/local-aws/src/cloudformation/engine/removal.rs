//! The stage in which all resources of a stack go: its deletion, or the rollback of its creation.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;

use super::Work;
use super::failed_to;
use super::making;
use super::schedule;
use super::schedule::AfterFailure;
use super::schedule::WaitsFor;
use crate::cloudformation::change_sets;
use crate::cloudformation::ledger;
use crate::cloudformation::record::Pending;
use crate::cloudformation::record::PendingKind;
use crate::cloudformation::record::Physical;
use crate::cloudformation::record::Policy;
use crate::cloudformation::record::Resource;
use crate::cloudformation::status::Status;
use crate::error::AwsError;
use crate::store;
use crate::timestamp::EpochSeconds;

/// Deletes all resources. At its end the stack is gone, rolled back, or has failed to be.
pub(super) async fn run(work: &Work<'_>) -> Result<(), AwsError> {
    let resources = ledger::resources(&work.services.store, &work.stack.id)?;
    let there: BTreeMap<String, Resource> = resources
        .into_iter()
        .filter(|(_, resource)| {
            !matches!(
                resource.status,
                Status::DeleteComplete | Status::DeleteSkipped
            )
        })
        .collect();
    let waits_for = backwards(there.values());
    let one = |id: String| async move { remove(work, &id).await };
    let ran = schedule::in_order(waits_for, AfterFailure::GoOn, one, overtaken(work)).await?;
    if ran.is_interrupted {
        return Ok(());
    }
    let before = work.stack.status;
    ledger::write(work.services, &work.stack.id, move |entry| {
        if entry.stack().status != before {
            return Ok(());
        }
        let is_deletion = before == Status::DeleteInProgress;
        if !ran.failed.is_empty() {
            let status = match is_deletion {
                true => Status::DeleteFailed,
                false => Status::RollbackFailed,
            };
            return entry.enter(status, Some(&failed_to("delete", &ran.failed)));
        }
        entry.change().outputs.clear();
        entry.change().imports.clear();
        if !is_deletion {
            return entry.enter(Status::RollbackComplete, None);
        }
        entry.change().deleted = Some(EpochSeconds::now());
        entry.enter(Status::DeleteComplete, None)?;
        let name = entry.stack().name.clone();
        let mut names = entry.write.open_table(store::STACK_NAMES)?;
        names.remove(name.as_str())?;
        drop(names);
        change_sets::forget_others(entry)
    })
    .await
}

/// A rollback may be overtaken by a deletion.
async fn overtaken(work: &Work<'_>) -> Result<(), AwsError> {
    loop {
        work.run.news.notified().await;
        if work.is_overtaken()? {
            return Ok(());
        }
    }
}

/// Each resource goes after those that refer to it.
pub(super) fn backwards<'r>(resources: impl Iterator<Item = &'r Resource>) -> WaitsFor {
    let mut waits_for = WaitsFor::new();
    for resource in resources {
        waits_for.entry(resource.logical_id.clone()).or_default();
        for physical in physicals(resource) {
            for other in &physical.dependencies {
                if *other != resource.logical_id {
                    let users = waits_for.entry(other.clone()).or_default();
                    users.insert(resource.logical_id.clone());
                }
            }
        }
    }
    waits_for
}

fn physicals(resource: &Resource) -> impl Iterator<Item = &Physical> {
    let pending = resource.pending.as_ref().map(|pending| &pending.physical);
    let one = [resource.now.as_ref(), resource.before.as_ref(), pending];
    one.into_iter().flatten().chain(&resource.leftovers)
}

/// Deletes a resource, with all that an update has left of it.
async fn remove(work: &Work<'_>, logical_id: &str) -> Result<bool, AwsError> {
    let Some(mut resource) = work.resource(logical_id)? else {
        return Ok(true);
    };
    if matches!(
        resource.status,
        Status::DeleteComplete | Status::DeleteSkipped
    ) {
        return Ok(true);
    }
    take_over_pending(work, &mut resource).await;
    let about = resource.now.clone().or_else(|| resource.before.clone());
    if work.stack.retained.iter().any(|id| id == logical_id)
        || about
            .as_ref()
            .is_some_and(|now| stays(work, &resource, now))
    {
        return end(work, resource, about, Status::DeleteSkipped, None).await;
    }
    let all: Vec<Physical> = physicals(&resource).cloned().collect();
    if all.iter().all(|physical| physical.id.is_none()) {
        return end(work, resource, about, Status::DeleteComplete, None).await;
    }
    let mut begun = resource.clone();
    let shown = about.clone();
    ledger::write(work.services, &work.stack.id, move |entry| {
        let (id, shown) = seen(shown.as_ref());
        entry.resource_event(&mut begun, Status::DeleteInProgress, None, (id, &shown))?;
        entry.put(&begun)
    })
    .await?;
    for physical in &all {
        if let Err(reason) = making::remove(work, logical_id, physical).await {
            if work.stack.is_forced {
                return end(work, resource, about, Status::DeleteSkipped, Some(reason)).await;
            }
            end(work, resource, about, Status::DeleteFailed, Some(reason)).await?;
            return Ok(false);
        }
    }
    end(work, resource, about, Status::DeleteComplete, None).await
}

/// What an interrupted creation has made belongs to the resource, and so has to go.
async fn take_over_pending(work: &Work<'_>, resource: &mut Resource) {
    let Some(Pending { kind, physical }) = resource.pending.take() else {
        return;
    };
    if kind == PendingKind::Change {
        return;
    }
    let found = making::find(work, &resource.logical_id, &physical).await;
    let left = match found {
        Some(Ok(made)) => Some(Physical {
            id: Some(made.physical_id),
            ..physical
        }),
        Some(Err(_)) => Some(physical),
        None => None,
    };
    match left {
        Some(left) if resource.now.is_some() => resource.leftovers.push(left),
        Some(left) => resource.now = Some(left),
        None => {}
    }
}

/// Whether its policy says that a resource stays.
fn stays(work: &Work<'_>, resource: &Resource, now: &Physical) -> bool {
    let is_deletion = work.stack.status == Status::DeleteInProgress;
    let was_made = resource.status != Status::CreateFailed;
    match now.deletion_policy {
        Policy::Retain => is_deletion || (was_made && !work.stack.retain_except_on_create),
        Policy::RetainExceptOnCreate => is_deletion && was_made,
        Policy::Delete | Policy::Snapshot => false,
    }
}

fn seen(physical: Option<&Physical>) -> (Option<&str>, Value) {
    match physical {
        Some(physical) => (physical.id.as_deref(), physical.shown.clone()),
        None => (None, Value::Object(Map::new())),
    }
}

/// The last event about a resource.
async fn end(
    work: &Work<'_>,
    mut resource: Resource,
    about: Option<Physical>,
    status: Status,
    reason: Option<String>,
) -> Result<bool, AwsError> {
    ledger::write(work.services, &work.stack.id, move |entry| {
        let (id, shown) = seen(about.as_ref());
        entry.resource_event(&mut resource, status, reason.as_deref(), (id, &shown))?;
        if status != Status::DeleteFailed {
            resource.before = None;
            resource.leftovers.clear();
        }
        entry.put(&resource)?;
        Ok(true)
    })
    .await
}
