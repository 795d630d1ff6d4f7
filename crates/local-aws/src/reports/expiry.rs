//! Reports are kept for 30 days.

use std::time::Duration;

use redb::ReadableTable;

use crate::codebuild;
use crate::codebuild::Report;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

/// "Reports expire 30 days after they are created."
pub(super) const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How many are removed at once, so that no write takes long.
const AT_ONCE: usize = 100;

/// Removes reports that have expired. Until then, reading passes over them.
pub(super) fn remove_expired(transaction: &Write<'_>, now: EpochSeconds) -> Result<(), StoreError> {
    let mut expired = Vec::new();
    for entry in transaction
        .open_table(store::REPORTS_BY_CREATION)?
        .iter()?
        .take(AT_ONCE)
    {
        let entry = entry?;
        let id = entry.0.value().1;
        match store::get::<Report>(&*transaction.open_table(store::REPORTS)?, id)? {
            Some(report) if report.expired > now => break,
            _ => expired.push(id.to_owned()),
        }
    }
    for id in expired {
        codebuild::remove_report(transaction, &id)?;
    }
    Ok(())
}
