//! StopBuildBatch, BatchGetBuildBatches, DeleteBuildBatch.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::build::StoredBuild;
use super::build_batch::StoredBuildBatch;
use super::builds;
use super::start_build_batch::BuildBatchOutput;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

/// How long StopBuildBatch waits for the end, so that its reply shows it.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize)]
pub(super) struct Id {
    id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Ids {
    ids: Vec<String>,
}

/// StopBuildBatch. A batch that is complete is returned as it is.
pub(super) async fn stop(services: &Services, input: Id) -> Result<BuildBatchOutput, AwsError> {
    let id = services.account.build_batch_id(&input.id);
    check_id(id)?;
    if read(services, id)?.is_none() {
        return Err(not_found(&services.account, id));
    }
    services.batches.stop(id, STOP_PATIENCE).await;
    match read(services, id)? {
        Some(stored) => Ok(BuildBatchOutput {
            build_batch: stored.batch,
        }),
        None => Err(not_found(&services.account, id)),
    }
}

/// BatchGetBuildBatches: by id or ARN, in the order asked for.
pub(super) fn batch_get(services: &Services, input: &Ids) -> Result<Value, AwsError> {
    let account = &services.account;
    for id in &input.ids {
        check_id(account.build_batch_id(id))?;
    }
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    services.store.read(|transaction| {
        let batches = transaction.open_table(store::BUILD_BATCHES)?;
        for id in &input.ids {
            match store::get::<StoredBuildBatch>(&batches, account.build_batch_id(id))? {
                Some(stored) => found.push(stored.batch),
                None => missing.push(id.as_str()),
            }
        }
        Ok(())
    })?;
    Ok(json!({ "buildBatches": found, "buildBatchesNotFound": missing }))
}

/// DeleteBuildBatch: with all its builds, those before a retry included. A batch that runs stays.
pub(super) async fn delete(services: &Services, input: Id) -> Result<Value, AwsError> {
    let account = services.account.clone();
    let id = account.build_batch_id(&input.id).to_owned();
    check_id(&id)?;
    services
        .store
        .write(move |transaction| {
            let answer = |status: &str, deleted: &[String], kept: &[Value]| {
                json!({
                    "statusCode": status, "buildsDeleted": deleted, "buildsNotDeleted": kept,
                })
            };
            let found = {
                let batches = transaction.open_table(store::BUILD_BATCHES)?;
                store::get::<StoredBuildBatch>(&*batches, &id)?
            };
            let Some(StoredBuildBatch { batch, .. }) = found else {
                return Ok(answer("BATCH_NOT_FOUND", &[], &[]));
            };
            if !batch.complete {
                return Ok(answer("BATCH_IN_PROGRESS", &[], &[]));
            }
            let (mut deleted, mut kept) = (Vec::new(), Vec::new());
            let summaries = batch.build_groups.iter().flat_map(|group| {
                let earlier = group.prior_build_summary_list.iter();
                earlier.chain(&group.current_build_summary)
            });
            for summary in summaries {
                let build_id = account.build_id(&summary.arn);
                let found = {
                    let builds = transaction.open_table(store::BUILDS)?;
                    store::get::<StoredBuild>(&*builds, build_id)?
                };
                match found {
                    // Somebody has deleted it before.
                    None => {}
                    Some(stored) if !stored.build.build_complete => {
                        kept.push(json!({ "id": summary.arn, "statusCode": "BUILD_IN_PROGRESS" }));
                    }
                    Some(stored) => {
                        builds::remove(transaction, &stored.build)?;
                        deleted.push(stored.build.arn);
                    }
                }
            }
            transaction
                .open_table(store::BUILD_BATCHES)?
                .remove(id.as_str())?;
            transaction
                .open_table(store::BUILD_BATCHES_BY_START)?
                .remove((batch.start_time.millis(), id.as_str()))?;
            transaction
                .open_table(store::BUILD_BATCHES_BY_PROJECT)?
                .remove((batch.project_name.as_str(), batch.build_batch_number))?;
            Ok(answer("BATCH_DELETED", &deleted, &kept))
        })
        .await
}

/// One batch.
fn read(services: &Services, id: &str) -> Result<Option<StoredBuildBatch>, AwsError> {
    services
        .store
        .read(|transaction| store::get(&transaction.open_table(store::BUILD_BATCHES)?, id))
}

/// The answer for a batch that is not there.
pub(crate) fn not_found(account: &Account, id: &str) -> AwsError {
    AwsError::not_found(format!(
        "Build batch cannot be found: {}",
        account.build_batch_arn(id)
    ))
}

/// A batch's id is `project:uuid`, as a build's is.
pub(super) fn check_id(id: &str) -> Result<(), AwsError> {
    builds::check_id(id).map_err(|_| AwsError::invalid_input("Invalid build batch ID provided"))
}
