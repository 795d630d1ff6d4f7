//! Batch builds that were running when an earlier process died.

use build_engine::PhaseContext;
use build_engine::PhaseStatus;
use redb::ReadableTable;

use super::phases;
use crate::account::Account;
use crate::codebuild;
use crate::codebuild::StoredBuild;
use crate::codebuild::StoredBuildBatch;
use crate::error::AwsError;
use crate::store;
use crate::store::Store;
use crate::timestamp::EpochSeconds;

/// Ends every batch build that is not complete as FAULT. Their builds have been settled before.
pub(crate) async fn settle(store: &Store, account: &Account) -> Result<(), AwsError> {
    let active = store.read(|transaction| {
        let mut active = Vec::new();
        for entry in transaction
            .open_table(store::ACTIVE_BUILD_BATCHES)?
            .iter()?
        {
            active.push(entry?.0.value().to_owned());
        }
        Ok(active)
    })?;
    if active.is_empty() {
        return Ok(());
    }
    let account = account.clone();
    store
        .write(move |transaction| {
            let context = PhaseContext {
                status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
                message: "The local AWS stopped while this batch build ran. Retry it.".to_owned(),
            };
            let builds = transaction.open_table(store::BUILDS)?;
            let mut batches = transaction.open_table(store::BUILD_BATCHES)?;
            let mut still_active = transaction.open_table(store::ACTIVE_BUILD_BATCHES)?;
            for id in &active {
                still_active.remove(id.as_str())?;
                let Some(mut stored) = store::get::<StoredBuildBatch>(&*batches, id)? else {
                    continue;
                };
                for group in &mut stored.batch.build_groups {
                    let Some(summary) = &group.current_build_summary else {
                        continue;
                    };
                    let build_id = account.build_id(&summary.arn);
                    if let Some(build) = store::get::<StoredBuild>(&*builds, build_id)? {
                        codebuild::refresh_build_summary(group, &build);
                    }
                }
                let now = EpochSeconds::now();
                phases::finish(&mut stored.batch, PhaseStatus::Fault, &context, now);
                store::put(&mut batches, id, &stored)?;
            }
            Ok(())
        })
        .await
}
