//! One batch build from SUBMITTED to its end.

use std::time::Duration;

use build_engine::PhaseContext;
use build_engine::PhaseStatus;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::batchspec;
use super::combine;
use super::phases;
use super::schedule::Schedule;
use crate::builds::Builds;
use crate::codebuild;
use crate::codebuild::StoredBuild;
use crate::codebuild::StoredBuildBatch;
use crate::error::AwsError;
use crate::store;
use crate::store::Store;
use crate::timestamp::EpochSeconds;

/// How long a build of a batch is asked to stop before it is only waited for.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// Runs a batch and keeps its record. Returns when it is complete.
pub(super) async fn run(
    builds: &Builds,
    id: &str,
    stop: &CancellationToken,
) -> Result<(), AwsError> {
    let store = &builds.host().store;
    let stored = read(store, &builds.host().account, id)?;
    let minutes = stored.batch.build_batch_config.minutes();
    let halted = halted(stop.clone(), Duration::from_secs(60 * minutes));
    tokio::pin!(halted);

    // After a retry the builds are known.
    if stored.plan.is_empty() {
        change(store, id, |stored| {
            phases::next(&mut stored.batch, "DOWNLOAD_BATCHSPEC", EpochSeconds::now());
        })
        .await?;
        let planned = tokio::select! {
            biased;
            status = &mut halted => Err((status, why_halted(status, minutes))),
            planned = batchspec::plan(builds.host(), &stored) => {
                planned.map_err(|context| (PhaseStatus::Failed, context))
            }
        };
        match planned {
            Ok(plan) => {
                change(store, id, move |stored| {
                    stored.fast_fail = plan.fast_fail;
                    stored.plan = plan.builds;
                    stored.batch.build_groups = plan.groups;
                    stored.batch.resolved_source_version = plan.resolved_version;
                })
                .await?;
            }
            Err((status, context)) => return finish(store, id, status, context).await,
        }
    }

    let stored = change(store, id, |stored| {
        phases::next(&mut stored.batch, "IN_PROGRESS", EpochSeconds::now());
        stored.clone()
    })
    .await?;
    let mut schedule = Schedule::new(&stored.batch.build_groups, stored.fast_fail);
    let mut running = JoinSet::new();
    let halt = CancellationToken::new();
    let mut early = None;
    loop {
        if early.is_none() {
            for group in schedule.begin() {
                running.spawn(build(builds.clone(), id.to_owned(), group, halt.clone()));
            }
        }
        if running.is_empty() {
            break;
        }
        tokio::select! {
            status = &mut halted, if early.is_none() => early = Some(status),
            Some(ended) = running.join_next() => {
                let (group, succeeded) = ended.map_err(AwsError::storage)??;
                schedule.ended(group, succeeded);
                if early.is_none() && schedule.fails_fast() {
                    early = Some(PhaseStatus::Failed);
                }
            }
        }
        if early.is_some() {
            halt.cancel();
        }
    }

    let status = match early {
        Some(status) => status,
        None if schedule.has_failed() => PhaseStatus::Failed,
        None => PhaseStatus::Succeeded,
    };
    let context = match status {
        PhaseStatus::Failed => failed_builds(&read(store, &builds.host().account, id)?),
        _ => why_halted(status, minutes),
    };
    if status != PhaseStatus::Succeeded {
        return finish(store, id, status, context).await;
    }
    change(store, id, |stored| {
        phases::next(&mut stored.batch, "COMBINE_ARTIFACTS", EpochSeconds::now());
    })
    .await?;
    match combine::artifacts(builds.host(), &stored).await {
        Ok(()) => finish(store, id, PhaseStatus::Succeeded, context).await,
        Err(context) => finish(store, id, PhaseStatus::Failed, context).await,
    }
}

/// What ends the batch early.
async fn halted(stop: CancellationToken, time: Duration) -> PhaseStatus {
    tokio::select! {
        () = stop.cancelled() => PhaseStatus::Stopped,
        () = tokio::time::sleep(time) => PhaseStatus::TimedOut,
    }
}

/// Runs the build of one group. Returns the group and whether its build succeeded.
async fn build(
    builds: Builds,
    batch: String,
    group: usize,
    halt: CancellationToken,
) -> Result<(usize, bool), AwsError> {
    let host = builds.host().clone();
    let place = tokio::select! {
        biased;
        () = halt.cancelled() => None,
        place = builds.place() => place,
    };
    let Some(place) = place else {
        return Ok((group, false));
    };
    let account = host.account.clone();
    let id = batch.clone();
    let build = host
        .store
        .write(move |transaction| {
            let found = {
                let batches = transaction.open_table(store::BUILD_BATCHES)?;
                store::get::<StoredBuildBatch>(&*batches, &id)?
            };
            let Some(mut stored) = found else {
                return Err(codebuild::build_batch_not_found(&account, &id).into());
            };
            let build = codebuild::start_build_of(transaction, &mut stored, group, &account)?;
            store::put(
                &mut transaction.open_table(store::BUILD_BATCHES)?,
                &id,
                &stored,
            )?;
            Ok(build)
        })
        .await?;
    let id = build.build.id.clone();
    builds.start(build, place);
    tokio::select! {
        () = builds.completed(&id) => {}
        () = halt.cancelled() => {
            builds.stop(&id, STOP_PATIENCE).await;
            builds.completed(&id).await;
        }
    }
    let ended = host.store.read(|transaction| {
        store::get::<StoredBuild>(&transaction.open_table(store::BUILDS)?, &id)
    })?;
    let succeeded = ended
        .as_ref()
        .is_some_and(|stored| stored.build.build_status == "SUCCEEDED");
    if let Some(ended) = ended {
        change(&host.store, &batch, move |stored| {
            let reports = &mut stored.batch.report_arns;
            reports.extend(ended.build.report_arns.iter().cloned());
            if let Some(group) = stored.batch.build_groups.get_mut(group) {
                codebuild::refresh_build_summary(group, &ended);
            }
        })
        .await?;
    }
    Ok((group, succeeded))
}

/// Ends the batch.
async fn finish(
    store: &Store,
    id: &str,
    status: PhaseStatus,
    context: PhaseContext,
) -> Result<(), AwsError> {
    change(store, id, move |stored| {
        phases::finish(&mut stored.batch, status, &context, EpochSeconds::now());
    })
    .await
}

/// Changes the batch's record.
async fn change<T: Send + 'static>(
    store: &Store,
    id: &str,
    change: impl FnOnce(&mut StoredBuildBatch) -> T + Send + 'static,
) -> Result<T, AwsError> {
    let id = id.to_owned();
    store
        .write(move |transaction| {
            let mut batches = transaction.open_table(store::BUILD_BATCHES)?;
            let Some(mut stored) = store::get::<StoredBuildBatch>(&*batches, &id)? else {
                return Err(AwsError::storage("a batch build that runs is gone").into());
            };
            let result = change(&mut stored);
            store::put(&mut batches, &id, &stored)?;
            if stored.batch.complete {
                transaction
                    .open_table(store::ACTIVE_BUILD_BATCHES)?
                    .remove(id.as_str())?;
            }
            Ok(result)
        })
        .await
}

fn read(
    store: &Store,
    account: &crate::account::Account,
    id: &str,
) -> Result<StoredBuildBatch, AwsError> {
    store
        .read(|transaction| store::get(&transaction.open_table(store::BUILD_BATCHES)?, id))?
        .ok_or_else(|| codebuild::build_batch_not_found(account, id))
}

fn why_halted(status: PhaseStatus, minutes: u64) -> PhaseContext {
    match status {
        PhaseStatus::TimedOut => PhaseContext {
            status_code: "BUILD_TIMED_OUT".to_owned(),
            message: format!("The batch build has timed out after {minutes} minutes. "),
        },
        _ => PhaseContext::default(),
    }
}

/// Which builds failed, and which never began for that reason.
fn failed_builds(stored: &StoredBuildBatch) -> PhaseContext {
    let groups = &stored.batch.build_groups;
    let named = |wanted: &dyn Fn(Option<&str>) -> bool| -> Vec<&str> {
        let of = groups.iter().filter(|group| {
            let build = group.current_build_summary.as_ref();
            !group.ignore_failure && wanted(build.map(|build| build.build_status.as_str()))
        });
        of.map(|group| group.identifier.as_str()).collect()
    };
    let failed =
        named(&|status| status.is_some_and(|status| !matches!(status, "SUCCEEDED" | "STOPPED")));
    let stopped = named(&|status| status == Some("STOPPED"));
    let not_begun = named(&|status| status.is_none());
    let parts: Vec<String> = [
        ("failed", failed),
        ("stopped", stopped),
        ("not started", not_begun),
    ]
    .into_iter()
    .filter(|(_, names)| !names.is_empty())
    .map(|(what, names)| format!("{what}: {}", names.join(", ")))
    .collect();
    PhaseContext {
        status_code: "BATCH_BUILD_FAILED".to_owned(),
        message: format!("Not all builds succeeded ({})", parts.join("; ")),
    }
}
