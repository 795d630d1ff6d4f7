//! A build's files become a report.

use std::time::Duration;

use redb::ReadableTable;

use super::NewReport;
use super::expiry;
use super::export::RawDataExport;
use super::read_error::ReadError;
use super::summary;
use crate::account::Account;
use crate::codebuild;
use crate::codebuild::Report;
use crate::codebuild::ReportExportConfig;
use crate::codebuild::ReportGroup;
use crate::error::AwsError;
use crate::store;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

/// A report that has been stored.
#[derive(Debug)]
pub(crate) struct Added {
    pub(crate) report: Report,
    /// The files that could not be read: then the report is INCOMPLETE. For the build's log.
    pub(crate) unreadable: Vec<ReadError>,
    /// The objects to write if the group exports its raw data to S3.
    pub(crate) export: Option<RawDataExport>,
}

/// Reads the files and stores a report of them. Makes the group if the buildspec names one that is
/// not there. Files that cannot be read, or no file at all, make the report INCOMPLETE.
///
/// # Errors
///
/// `InvalidInputException` if the group holds reports of the other type or its name is not one,
/// `ResourceNotFoundException` if the buildspec names a group by an ARN that does not exist.
pub(crate) async fn add(
    store: &Store,
    account: &Account,
    new: NewReport,
) -> Result<Added, AwsError> {
    add_at(store, account, new, EpochSeconds::now()).await
}

async fn add_at(
    store: &Store,
    account: &Account,
    new: NewReport,
    now: EpochSeconds,
) -> Result<Added, AwsError> {
    let (name, may_be_made) = match account.report_group_name(&new.group) {
        Some(name) => (name.to_owned(), false),
        None if new.group.starts_with("arn:") => {
            return Err(codebuild::report_group_not_found(&new.group));
        }
        None => (report_group_name(&new.project, &new.group), true),
    };
    if may_be_made {
        codebuild::check_report_group_name(&name)?;
    }
    let kind = if new.format.is_code_coverage() {
        "CODE_COVERAGE"
    } else {
        "TEST"
    };
    let id = format!("{name}:{}", uuid::Uuid::new_v4());
    let mut report = Report {
        arn: account.report_arn(&id),
        r#type: kind.to_owned(),
        report_group_arn: account.report_group_arn(&name),
        name: name.clone(),
        execution_id: new.build_arn.clone(),
        status: "GENERATING".to_owned(),
        created: now,
        expired: now.plus(expiry::KEPT),
        export_config: ReportExportConfig::default(),
        truncated: false,
        test_summary: None,
        code_coverage_summary: None,
    };
    let (report, contents, new, unreadable) = tokio::task::spawn_blocking(move || {
        let (contents, unreadable) = super::read(new.format, &new.files);
        let whole = unreadable.is_empty() && !new.files.is_empty();
        let kept = summary::fill(&mut report, &contents, whole);
        (report, kept, new, unreadable)
    })
    .await
    .map_err(AwsError::storage)?;

    let account = account.clone();
    let report = store
        .write(move |transaction| {
            let mut report = report;
            let group = group_of(transaction, &report, may_be_made, &account)?;
            expiry::remove_expired(transaction, now)?;
            report.export_config = group.export_config;
            store::put(
                &mut transaction.open_table(store::REPORT_CONTENTS)?,
                &id,
                &contents,
            )?;
            // Reports of one millisecond would be listed in the order of their random ids.
            let last = match transaction.open_table(store::REPORTS_BY_CREATION)?.last()? {
                Some((key, _)) => key.value().0,
                None => i64::MIN,
            };
            let created = report.created.millis();
            if created <= last {
                let behind = Duration::from_millis(last.abs_diff(created).saturating_add(1));
                report.created = report.created.plus(behind);
            }
            store::put(&mut transaction.open_table(store::REPORTS)?, &id, &report)?;
            let created = report.created.millis();
            transaction
                .open_table(store::REPORTS_BY_CREATION)?
                .insert((created, id.as_str()), ())?;
            transaction
                .open_table(store::REPORTS_BY_GROUP)?
                .insert((name.as_str(), created, id.as_str()), ())?;
            Ok(report)
        })
        .await?;
    let export = RawDataExport::of(&report, new.files);
    Ok(Added {
        report,
        unreadable,
        export,
    })
}

/// The group's name for a name in a buildspec.
fn report_group_name(project: &str, name: &str) -> String {
    format!("{project}-{name}")
}

/// The report's group, made if it may be. Checks before it writes.
fn group_of(
    transaction: &Write<'_>,
    report: &Report,
    may_be_made: bool,
    account: &Account,
) -> Result<ReportGroup, StoreError> {
    let mut groups = transaction.open_table(store::REPORT_GROUPS)?;
    if let Some(group) = store::get::<ReportGroup>(&*groups, &report.name)? {
        if group.r#type == report.r#type {
            return Ok(group);
        }
        return Err(AwsError::invalid_input(format!(
            "The report group {} holds reports of type {}, but the file-format in the buildspec is \
             of type {}. Use another group for it.",
            group.arn, group.r#type, report.r#type
        ))
        .into());
    }
    if !may_be_made {
        return Err(codebuild::report_group_not_found(&report.report_group_arn).into());
    }
    codebuild::check_report_group_limit(groups.iter()?.count())?;
    let group = ReportGroup::new(
        &report.name,
        &report.r#type,
        ReportExportConfig::default(),
        account,
    );
    store::put(&mut groups, &group.name, &group)?;
    Ok(group)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use buildspec::ReportFormat;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::state_dir::StateDir;

    #[tokio::test]
    async fn a_report_is_removed_when_it_has_expired() {
        let directory = tempfile::tempdir().unwrap();
        let held = Arc::new(StateDir::hold(directory.path()).unwrap());
        let path = directory.path().join("state.redb");
        let store = Store::open(&path, held, CancellationToken::new()).unwrap();
        let account = Account {
            region: "eu-central-1".to_owned(),
            id: "123456789012".to_owned(),
            endpoint: String::new(),
        };
        let new = NewReport {
            build_arn: "arn:build".to_owned(),
            project: "demo".to_owned(),
            group: "unit".to_owned(),
            format: ReportFormat::JunitXml,
            files: Vec::new(),
        };
        let start = EpochSeconds::now();
        let first = add_at(&store, &account, new.clone(), start).await.unwrap();
        let day = std::time::Duration::from_secs(24 * 60 * 60);
        assert_eq!(first.report.expired, start.plus(30 * day));

        let count = || {
            store
                .read(|transaction| {
                    let by_group = transaction.open_table(store::REPORTS_BY_GROUP)?;
                    let contents = transaction.open_table(store::REPORT_CONTENTS)?;
                    Ok((by_group.iter()?.count(), contents.iter()?.count()))
                })
                .unwrap()
        };
        add_at(&store, &account, new.clone(), start.plus(29 * day))
            .await
            .unwrap();
        assert_eq!(count(), (2, 2));
        add_at(&store, &account, new, start.plus(30 * day))
            .await
            .unwrap();
        assert_eq!(count(), (2, 2));
        let gone = store
            .read(|transaction| {
                let reports = transaction.open_table(store::REPORTS)?;
                store::get::<Report>(&reports, account.report_id(&first.report.arn).unwrap())
            })
            .unwrap();
        assert_eq!(gone, None);
    }
}
