//! Sandboxes that were running when an earlier process died.

use build_engine::PhaseContext;
use build_engine::PhaseStatus;
use redb::ReadableTable;

use super::phases;
use crate::codebuild;
use crate::codebuild::Sandbox;
use crate::error::AwsError;
use crate::logs;
use crate::logs::LogFiles;
use crate::store;
use crate::store::Store;
use crate::timestamp::EpochSeconds;

/// Ends every sandbox that has not ended as FAULT, its commands too, and notes that something may
/// be left on the Docker Engine.
pub(crate) async fn settle(store: &Store, log_files: &LogFiles) -> Result<(), AwsError> {
    let active = store.read(|transaction| {
        let mut active = Vec::new();
        for entry in transaction.open_table(store::ACTIVE_SANDBOXES)?.iter()? {
            active.push(entry?.0.value().to_owned());
        }
        Ok(active)
    })?;
    if active.is_empty() {
        return Ok(());
    }
    let log_files = log_files.clone();
    store
        .write(move |transaction| {
            let context = PhaseContext {
                status_code: "INTERNAL_SERVICE_ERROR".to_owned(),
                message: "The local AWS stopped while this sandbox ran. Start another one."
                    .to_owned(),
            };
            let now = EpochSeconds::now();
            let mut sandboxes = transaction.open_table(store::SANDBOXES)?;
            let mut still_active = transaction.open_table(store::ACTIVE_SANDBOXES)?;
            for id in &active {
                still_active.remove(id.as_str())?;
                let Some(mut sandbox) = store::get::<Sandbox>(&*sandboxes, id)? else {
                    continue;
                };
                phases::cut_off(&mut sandbox, PhaseStatus::Fault, &context, now);
                store::put(&mut sandboxes, id, &sandbox)?;
                let status = phases::status_of_unfinished(&sandbox);
                codebuild::end_unfinished_commands(transaction, id, status, now)?;
                let place = sandbox.current_session.logs.place();
                logs::settle(transaction, &log_files, place.as_ref(), sandbox.uuid())?;
            }
            transaction
                .open_table(store::META)?
                .insert(store::META_LEFTOVERS, [].as_slice())?;
            Ok(())
        })
        .await
}
