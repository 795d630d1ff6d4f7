//! BatchGetReports, DeleteReport, and what all operations on reports share.

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::report_types::Report;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BatchGetReportsInput {
    report_arns: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DeleteReportInput {
    arn: String,
}

/// BatchGetReports: in the order asked for.
pub(super) fn batch_get(
    services: &Services,
    input: &BatchGetReportsInput,
) -> Result<Value, AwsError> {
    let now = EpochSeconds::now();
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    services.store.read(|transaction| {
        let reports = transaction.open_table(store::REPORTS)?;
        for arn in &input.report_arns {
            match read(&reports, id_in(&services.account, arn)?, now)? {
                Some(report) => found.push(report),
                None => missing.push(arn.as_str()),
            }
        }
        Ok(())
    })?;
    Ok(json!({ "reports": found, "reportsNotFound": missing }))
}

/// DeleteReport. One that does not exist is no error.
pub(super) async fn delete(
    services: &Services,
    input: DeleteReportInput,
) -> Result<Value, AwsError> {
    let id = id_in(&services.account, &input.arn)?.to_owned();
    services
        .store
        .write(move |transaction| remove(transaction, &id))
        .await?;
    Ok(json!({}))
}

/// Removes a report with all that belongs to it, if it is there.
pub(crate) fn remove(transaction: &Write<'_>, id: &str) -> Result<(), StoreError> {
    let mut reports = transaction.open_table(store::REPORTS)?;
    let Some(report) = store::get::<Report>(&*reports, id)? else {
        return Ok(());
    };
    reports.remove(id)?;
    transaction.open_table(store::REPORT_CONTENTS)?.remove(id)?;
    let created = report.created.millis();
    transaction
        .open_table(store::REPORTS_BY_CREATION)?
        .remove((created, id))?;
    transaction
        .open_table(store::REPORTS_BY_GROUP)?
        .remove((report.name.as_str(), created, id))?;
    Ok(())
}

/// One report that has not expired.
pub(super) fn read(
    reports: &impl ReadableTable<&'static str, &'static [u8]>,
    id: &str,
    now: EpochSeconds,
) -> Result<Option<Report>, StoreError> {
    let report = store::get::<Report>(reports, id)?;
    Ok(report.filter(|report| report.expired > now))
}

/// The keys of a group's reports, oldest first.
pub(super) fn of_group(group: &str) -> std::ops::RangeInclusive<(&str, i64, &str)> {
    // Report ids are ASCII, so that none comes after this.
    (group, i64::MIN, "")..=(group, i64::MAX, "\u{10ffff}")
}

/// The id in a report's ARN: the group's name, a colon and a UUID. Reports of other accounts are not
/// found, texts of another shape are refused.
pub(super) fn id_in<'a>(account: &Account, arn: &'a str) -> Result<&'a str, AwsError> {
    if let Some(id) = account.report_id(arn) {
        return Ok(id);
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        // No report has the empty id.
        ["arn", _, "codebuild", _, _, resource] if resource.starts_with("report/") => Ok(""),
        _ => Err(AwsError::invalid_input(format!(
            "Invalid report ARN: {arn}"
        ))),
    }
}

/// What every operation answers for a report that is not there.
pub(super) fn not_found(arn: &str) -> AwsError {
    AwsError::not_found(format!("Report cannot be found: {arn}"))
}
