//! Builds that were running when an earlier process died.

use build_engine::PhaseContext;
use build_engine::PhaseStatus;
use redb::ReadableTable;
use tokio::sync::watch;

use super::BuildHost;
use super::phases;
use crate::codebuild;
use crate::codebuild::StoredBuild;
use crate::error::AwsError;
use crate::logs;
use crate::logs::LogFiles;
use crate::store;
use crate::store::Store;
use crate::timestamp::EpochSeconds;

/// Ends every build that is not complete as FAULT. Returns whether something may be left on the
/// Docker Engine, from now or from an earlier start that could not reach it.
pub(crate) async fn settle(store: &Store, log_files: &LogFiles) -> Result<bool, AwsError> {
    let (active, leftovers) = store.read(|transaction| {
        let mut active = Vec::new();
        for entry in transaction.open_table(store::ACTIVE_BUILDS)?.iter()? {
            active.push(entry?.0.value().to_owned());
        }
        let leftovers = transaction
            .open_table(store::META)?
            .get(store::META_LEFTOVERS)?;
        Ok((active, leftovers.is_some()))
    })?;
    if active.is_empty() {
        return Ok(leftovers);
    }
    let log_files = log_files.clone();
    store
        .write(move |transaction| {
            let context = PhaseContext {
                status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
                message: "The local AWS stopped while this build ran. Start the build again."
                    .to_owned(),
            };
            let now = EpochSeconds::now();
            let mut builds = transaction.open_table(store::BUILDS)?;
            let mut still_active = transaction.open_table(store::ACTIVE_BUILDS)?;
            for id in &active {
                still_active.remove(id.as_str())?;
                let Some(mut stored) = store::get::<StoredBuild>(&*builds, id)? else {
                    continue;
                };
                let before = stored.build.clone();
                phases::cut_off(&mut stored.build, PhaseStatus::Fault, &context, now);
                codebuild::record_build_events(transaction, || Ok(Some(before)), &stored.build)?;
                store::put(&mut builds, id, &stored)?;
                let place = stored.build.log_place();
                let file = stored.build.log_file();
                logs::settle(transaction, &log_files, place.as_ref(), file)?;
            }
            transaction
                .open_table(store::META)?
                .insert(store::META_LEFTOVERS, [].as_slice())?;
            Ok(())
        })
        .await?;
    Ok(true)
}

/// Removes what is left on the Docker Engine. If it cannot be reached, the next start tries again.
pub(crate) async fn remove_leftovers(host: &BuildHost, clean: &watch::Sender<bool>) {
    match host.runner.remove_leftovers(&host.owner).await {
        Ok(()) => {
            let removed = host
                .store
                .write(|transaction| {
                    transaction
                        .open_table(store::META)?
                        .remove(store::META_LEFTOVERS)?;
                    Ok(())
                })
                .await;
            if let Err(error) = removed {
                tracing::warn!(%error, "the next start looks for leftovers again");
            }
        }
        Err(reason) => tracing::warn!(
            reason,
            "what a killed process left on the Docker Engine was not removed; the next start tries again"
        ),
    }
    clean.send_replace(true);
}
