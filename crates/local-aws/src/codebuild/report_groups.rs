//! CreateReportGroup, UpdateReportGroup, DeleteReportGroup, BatchGetReportGroups.

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::project::Tag;
use super::report_types::ReportExportConfig;
use super::report_types::ReportGroup;
use super::reports;
use super::tags;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::timestamp::EpochSeconds;

/// AWS's limit for an account in a region.
const MOST_GROUPS: usize = 1000;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateReportGroupInput {
    name: String,
    r#type: String,
    export_config: ReportExportConfig,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateReportGroupInput {
    arn: String,
    export_config: Option<ReportExportConfig>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteReportGroupInput {
    arn: String,
    #[serde(default)]
    delete_reports: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BatchGetReportGroupsInput {
    report_group_arns: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReportGroupOutput {
    report_group: ReportGroup,
}

/// CreateReportGroup.
pub(super) async fn create(
    services: &Services,
    input: CreateReportGroupInput,
) -> Result<ReportGroupOutput, AwsError> {
    check_name(&input.name)?;
    tags::check(&input.tags)?;
    let account = &services.account;
    let export_config = checked_export(input.export_config, account)?;
    let mut group = ReportGroup::new(&input.name, &input.r#type, export_config, account);
    group.tags = input.tags;
    let report_group = services
        .store
        .write(move |transaction| {
            let mut groups = transaction.open_table(store::REPORT_GROUPS)?;
            if groups.get(group.name.as_str())?.is_some() {
                return Err(StoreError::from(AwsError::new(
                    "ResourceAlreadyExistsException",
                    format!("Report group already exists: {}", group.arn),
                )));
            }
            check_limit(groups.iter()?.count())?;
            store::put(&mut groups, &group.name, &group)?;
            drop(groups);
            Ok(group)
        })
        .await?;
    Ok(ReportGroupOutput { report_group })
}

/// UpdateReportGroup: what the input does not name stays as it is.
pub(super) async fn update(
    services: &Services,
    input: UpdateReportGroupInput,
) -> Result<ReportGroupOutput, AwsError> {
    tags::check(input.tags.as_deref().unwrap_or_default())?;
    let account = &services.account;
    let name = name_in(account, &input.arn)?.to_owned();
    let export_config = input
        .export_config
        .map(|config| checked_export(config, account))
        .transpose()?;
    let report_group = services
        .store
        .write(move |transaction| {
            let mut groups = transaction.open_table(store::REPORT_GROUPS)?;
            let Some(mut group) = store::get::<ReportGroup>(&*groups, &name)? else {
                return Err(not_found(&input.arn).into());
            };
            if let Some(export_config) = export_config {
                group.export_config = export_config;
            }
            if let Some(new) = input.tags {
                tags::replace(&mut group.tags, new);
            }
            group.last_modified = EpochSeconds::now();
            store::put(&mut groups, &name, &group)?;
            drop(groups);
            Ok(group)
        })
        .await?;
    Ok(ReportGroupOutput { report_group })
}

/// DeleteReportGroup. A group that does not exist is no error. One with reports is refused unless
/// they are to be deleted, too.
pub(super) async fn delete(
    services: &Services,
    input: DeleteReportGroupInput,
) -> Result<Value, AwsError> {
    let name = name_in(&services.account, &input.arn)?.to_owned();
    services
        .store
        .write(move |transaction| {
            let now = EpochSeconds::now();
            let mut ids = Vec::new();
            let mut any = false;
            {
                let by_group = transaction.open_table(store::REPORTS_BY_GROUP)?;
                let reports = transaction.open_table(store::REPORTS)?;
                for entry in by_group.range(reports::of_group(&name))? {
                    let entry = entry?;
                    let id = entry.0.value().2;
                    any |= reports::read(&*reports, id, now)?.is_some();
                    ids.push(id.to_owned());
                }
            }
            if any && !input.delete_reports {
                return Err(AwsError::invalid_input(format!(
                    "The report group {} has reports. Delete them first, or set deleteReports.",
                    input.arn
                ))
                .into());
            }
            for id in ids {
                reports::remove(transaction, &id)?;
            }
            transaction
                .open_table(store::REPORT_GROUPS)?
                .remove(name.as_str())?;
            transaction
                .open_table(store::RESOURCE_POLICIES)?
                .remove(input.arn.as_str())?;
            Ok(())
        })
        .await?;
    Ok(json!({}))
}

/// BatchGetReportGroups: in the order asked for.
pub(super) fn batch_get(
    services: &Services,
    input: &BatchGetReportGroupsInput,
) -> Result<Value, AwsError> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    services.store.read(|transaction| {
        let groups = transaction.open_table(store::REPORT_GROUPS)?;
        for arn in &input.report_group_arns {
            let name = name_in(&services.account, arn)?;
            match store::get::<ReportGroup>(&groups, name)? {
                Some(group) => found.push(group),
                None => missing.push(arn.as_str()),
            }
        }
        Ok(())
    })?;
    Ok(json!({ "reportGroups": found, "reportGroupsNotFound": missing }))
}

/// The name in a group's ARN. Groups of other accounts are not found, texts of another shape are
/// refused.
pub(super) fn name_in<'a>(account: &Account, arn: &'a str) -> Result<&'a str, AwsError> {
    if let Some(name) = account.report_group_name(arn) {
        return Ok(name);
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    match parts.as_slice() {
        // No group has the empty name.
        ["arn", _, "codebuild", _, _, resource] if resource.starts_with("report-group/") => Ok(""),
        _ => Err(AwsError::invalid_input(format!(
            "Invalid report group ARN: {arn}"
        ))),
    }
}

/// What every operation answers for a group that is not there.
pub(crate) fn not_found(arn: &str) -> AwsError {
    AwsError::not_found(format!("Report group cannot be found: {arn}"))
}

/// Checks a group's name beyond its length.
pub(crate) fn check_name(name: &str) -> Result<(), AwsError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    if begins_well && name.len() >= 2 && name.len() <= 128 && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(AwsError::invalid_input(format!(
            "Invalid report group name '{name}': a name has 2 to 128 letters, digits, dashes and \
             underscores and begins with a letter or digit"
        )))
    }
}

/// Checks that one more group may be made.
pub(crate) fn check_limit(groups: usize) -> Result<(), AwsError> {
    if groups < MOST_GROUPS {
        return Ok(());
    }
    Err(AwsError::new(
        "AccountLimitExceededException",
        format!("Cannot have more than {MOST_GROUPS} report groups for the account"),
    ))
}

/// The configuration with CodeBuild's defaults in it.
fn checked_export(
    mut config: ReportExportConfig,
    account: &Account,
) -> Result<ReportExportConfig, AwsError> {
    match (
        config.export_config_type.as_str(),
        &mut config.s3_destination,
    ) {
        ("S3", Some(destination)) if !destination.bucket.is_empty() => {
            destination
                .packaging
                .get_or_insert_with(|| "NONE".to_owned());
            destination.encryption_disabled.get_or_insert(false);
            if destination.encryption_disabled == Some(false) {
                destination
                    .encryption_key
                    .get_or_insert_with(|| account.default_encryption_key());
            }
            Ok(config)
        }
        ("S3", _) => Err(AwsError::invalid_input(
            "Invalid export config: s3Destination with a bucket is required for export config type \
             S3",
        )),
        (_, Some(_)) => Err(AwsError::invalid_input(
            "Invalid export config: s3Destination must be null for export config type NO_EXPORT",
        )),
        (_, None) => Ok(config),
    }
}
