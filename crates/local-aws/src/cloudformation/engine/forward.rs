//! The stage in which a stack is brought to what its definition says.

use std::collections::BTreeMap;
use std::time::Duration;

use cloudformation_template::Bound;
use jiff::Timestamp;

use super::Work;
use super::failed_to;
use super::schedule;
use super::schedule::AfterFailure;
use super::schedule::Ran;
use super::schedule::WaitsFor;
use super::step;
use crate::cloudformation::exports::Shared;
use crate::cloudformation::known_values::KnownValues;
use crate::cloudformation::ledger;
use crate::cloudformation::ledger::Entry;
use crate::cloudformation::record::Definition;
use crate::cloudformation::record::OnFailure;
use crate::cloudformation::record::Output;
use crate::cloudformation::status::Status;
use crate::error::AwsError;
use crate::store;
use crate::store::StoreError;

/// Creates or updates. At its end the stack has another status.
pub(super) async fn run(work: &Work<'_>) -> Result<(), AwsError> {
    let stack = work.stack;
    let Some(definition) = &stack.definition else {
        return fail(work, "There is no template.".to_owned()).await;
    };
    let bound = match definition.bound(&work.services.account, &stack.name, &stack.id) {
        Ok(bound) => bound,
        Err(error) => return fail(work, sentence(error.message.unwrap_or_default())).await,
    };
    let exports = Shared::of(&work.services.store)?.values();
    let mut values = KnownValues {
        exports: exports.clone(),
        is_lenient: true,
        ..KnownValues::default()
    };
    let imports = match bound.imports(&values) {
        Ok(imports) => imports,
        Err(error) => return fail(work, sentence(error.to_string())).await,
    };
    if let Some(missing) = imports.iter().find(|name| !exports.contains_key(*name)) {
        return fail(work, format!("No export named {missing} found. ")).await;
    }
    let imports: Vec<String> = imports.into_iter().collect();
    if stack.imports != imports {
        ledger::write(work.services, &stack.id, move |entry| {
            entry.change().imports = imports;
            Ok(())
        })
        .await?;
    }
    let ran = take_steps(work, definition, &bound, &exports).await?;
    if work.is_overtaken()? {
        return overtaken(work).await;
    }
    if ran.is_interrupted {
        let reason = "Stack creation time exceeded the specified timeout. ";
        return fail(work, reason.to_owned()).await;
    }
    if !ran.failed.is_empty() {
        let reason = reason_for(work, &ran)?;
        return fail(work, reason).await;
    }
    let resources = ledger::resources(&work.services.store, &stack.id)?;
    for (id, resource) in resources {
        if let Some(now) = resource.now {
            values.resources.insert(id, now);
        }
    }
    values.is_lenient = false;
    match outputs(&bound, &values) {
        Ok(outputs) => finish(work, &bound, outputs).await,
        Err(reason) => fail(work, sentence(reason)).await,
    }
}

async fn take_steps(
    work: &Work<'_>,
    definition: &Definition,
    bound: &Bound,
    exports: &BTreeMap<String, String>,
) -> Result<Ran, AwsError> {
    let waits_for: WaitsFor = bound
        .order()
        .iter()
        .map(|id| {
            let others = bound.dependencies(id).into_iter().map(str::to_owned);
            (id.clone(), others.collect())
        })
        .collect();
    let one = |id: String| async move { step::step(work, definition, bound, exports, &id).await };
    schedule::in_order(waits_for, AfterFailure::Stop, one, interruption(work)).await
}

/// Comes when the time is over, or when the stack shall go another way.
async fn interruption(work: &Work<'_>) -> Result<(), AwsError> {
    let stack = work.stack;
    let minutes = stack
        .timeout_in_minutes
        .and_then(|minutes| u64::try_from(minutes).ok());
    let minutes = minutes.filter(|_| stack.status == Status::CreateInProgress);
    let rest = minutes.map(|minutes| {
        let all = Duration::from_secs(minutes.saturating_mul(60));
        let begun = stack.operation.started.millis();
        let since = Timestamp::now().as_millisecond().saturating_sub(begun);
        all.saturating_sub(Duration::from_millis(since.max(0).unsigned_abs()))
    });
    let over = async {
        match rest {
            Some(rest) => tokio::time::sleep(rest).await,
            None => std::future::pending().await,
        }
    };
    let mut over = std::pin::pin!(over);
    loop {
        tokio::select! {
            () = &mut over => break,
            () = work.run.news.notified() => {
                if work.is_overtaken()? {
                    break;
                }
            }
        }
    }
    work.stop();
    Ok(())
}

/// A deletion has begun, or the update is cancelled.
async fn overtaken(work: &Work<'_>) -> Result<(), AwsError> {
    ledger::write(work.services, &work.stack.id, |entry| {
        if entry.stack().is_cancelled && entry.stack().status == Status::UpdateInProgress {
            entry.change().is_cancelled = false;
            entry.enter(Status::UpdateRollbackInProgress, Some("User Initiated"))?;
        }
        Ok(())
    })
    .await
}

fn reason_for(work: &Work<'_>, ran: &Ran) -> Result<String, AwsError> {
    let resources = ledger::resources(&work.services.store, &work.stack.id)?;
    let (created, updated) = ran.failed.iter().cloned().partition::<Vec<_>, _>(|id| {
        let resource = resources.get(id);
        resource.is_none_or(|resource| resource.status == Status::CreateFailed)
    });
    Ok(failed_to("create", &created) + &failed_to("update", &updated))
}

fn sentence(reason: String) -> String {
    format!("{} ", reason.trim_end())
}

/// The creation or the update has failed. `reason` ends with a space.
async fn fail(work: &Work<'_>, reason: String) -> Result<(), AwsError> {
    ledger::write(work.services, &work.stack.id, move |entry| {
        let stack = entry.stack();
        if !matches!(
            stack.status,
            Status::CreateInProgress | Status::UpdateInProgress
        ) {
            return Ok(());
        }
        let is_creation = stack.status == Status::CreateInProgress;
        let (status, end) = match (is_creation, stack.on_failure) {
            (true, OnFailure::Rollback) => {
                (Status::RollbackInProgress, "Rollback requested by user.")
            }
            (true, OnFailure::Delete) => (Status::DeleteInProgress, "Delete requested by user."),
            (true, OnFailure::DoNothing) => (Status::CreateFailed, ""),
            (false, OnFailure::DoNothing) => (Status::UpdateFailed, ""),
            (false, _) => (Status::UpdateRollbackInProgress, ""),
        };
        entry.enter(status, Some(&format!("{reason}{end}")))
    })
    .await
}

fn outputs(bound: &Bound, values: &KnownValues) -> Result<Vec<Output>, String> {
    let outputs = bound.outputs(values).map_err(|error| error.to_string())?;
    Ok(outputs.into_iter().map(Output::from).collect())
}

/// Everything is as the definition says: the outputs are set, and an update begins to clean up.
async fn finish(work: &Work<'_>, bound: &Bound, outputs: Vec<Output>) -> Result<(), AwsError> {
    let order: Vec<String> = bound.order().to_vec();
    let before = work.stack.status;
    let objection = ledger::write(work.services, &work.stack.id, move |entry| {
        if entry.stack().status != before || entry.stack().is_cancelled {
            return Ok(None);
        }
        let named = outputs.iter();
        let exports: BTreeMap<&str, &str> = named
            .filter_map(|output| Some((output.export_name.as_deref()?, output.value.as_str())))
            .collect();
        let shared = Shared::read(&*entry.write.open_table(store::STACKS)?)?;
        if let Some(objection) = shared.objection(entry.stack(), &exports) {
            return Ok(Some(objection));
        }
        entry.change().outputs = outputs;
        entry.change().previous = None;
        entry.change().policy_during_update = None;
        settle(entry, &order)?;
        if before == Status::CreateInProgress {
            entry.enter(Status::CreateComplete, None)?;
        } else {
            entry.enter(Status::UpdateCompleteCleanupInProgress, None)?;
        }
        Ok(None)
    })
    .await?;
    match objection {
        Some(objection) => fail(work, sentence(objection)).await,
        None if work.is_overtaken()? => overtaken(work).await,
        None => Ok(()),
    }
}

/// What an update has replaced or left out is left over; what it has made is there to stay.
fn settle(entry: &mut Entry<'_, '_>, order: &[String]) -> Result<(), StoreError> {
    for mut resource in entry.resources()?.into_values() {
        if let Some(before) = resource.before.take()
            && resource.now.as_ref().is_none_or(|now| now.id != before.id)
        {
            resource.leftovers.push(before);
        }
        resource.is_new = false;
        if !order.contains(&resource.logical_id) {
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
    Ok(())
}
