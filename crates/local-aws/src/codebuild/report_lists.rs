//! ListReportGroups, ListReports, ListReportsForReportGroup.

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;

use super::lists;
use super::lists::PAGE;
use super::lists::Page;
use super::report_groups;
use super::report_types::ReportGroup;
use super::reports;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::timestamp::EpochSeconds;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListReportGroupsInput {
    sort_by: Option<String>,
    sort_order: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListReportsInput {
    sort_order: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
    #[serde(default)]
    filter: ReportFilter,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListReportsForReportGroupInput {
    report_group_arn: String,
    #[serde(flatten)]
    list: ListReportsInput,
}

#[derive(Debug, Default, Deserialize)]
struct ReportFilter {
    status: Option<String>,
}

/// ListReportGroups: by name, ascending, unless asked otherwise.
pub(super) fn report_groups(
    services: &Services,
    input: &ListReportGroupsInput,
) -> Result<Value, AwsError> {
    let sort_by = input.sort_by.as_deref().unwrap_or("NAME");
    let descending = input.sort_order.as_deref() == Some("DESCENDING");
    let list = format!("ListReportGroups/{sort_by}/{descending}");
    let after = lists::position(services, &list, input.next_token.as_deref())?;
    // There are a thousand at most.
    let mut groups = services.store.read(|transaction| {
        let table = transaction.open_table(store::REPORT_GROUPS)?;
        let mut groups = Vec::new();
        for entry in table.iter()? {
            let group: ReportGroup = serde_json::from_slice(entry?.1.value())?;
            let time = match sort_by {
                "CREATED_TIME" => group.created.millis(),
                "LAST_MODIFIED_TIME" => group.last_modified.millis(),
                _ => 0,
            };
            groups.push(((time, group.name), group.arn));
        }
        Ok(groups)
    })?;
    groups.sort();
    if descending {
        groups.reverse();
    }
    let after = after.as_deref().map(lists::time_and_name).transpose()?;
    let rest = groups.into_iter().filter(|((time, name), _)| {
        after.is_none_or(|after| {
            let own = (*time, name.as_str());
            if descending { own < after } else { own > after }
        })
    });
    let entries = rest.map(|((time, name), arn)| Ok((format!("{time} {name}"), arn)));
    let page = Page::of(entries, input.max_results.unwrap_or(PAGE))?;
    Ok(lists::reply(services, &list, "reportGroups", page))
}

/// ListReports: newest first unless asked otherwise.
pub(super) fn reports(services: &Services, input: &ListReportsInput) -> Result<Value, AwsError> {
    list(services, None, input)
}

/// ListReportsForReportGroup: newest first unless asked otherwise.
pub(super) fn reports_for_report_group(
    services: &Services,
    input: &ListReportsForReportGroupInput,
) -> Result<Value, AwsError> {
    let arn = &input.report_group_arn;
    let name = report_groups::name_in(&services.account, arn)?;
    let known = services.store.read(|transaction| {
        let groups = transaction.open_table(store::REPORT_GROUPS)?;
        Ok(groups.get(name)?.is_some())
    })?;
    if !known {
        return Err(report_groups::not_found(arn));
    }
    list(services, Some(name), &input.list)
}

fn list(
    services: &Services,
    group: Option<&str>,
    input: &ListReportsInput,
) -> Result<Value, AwsError> {
    let descending = input.sort_order.as_deref() != Some("ASCENDING");
    let wanted = input.filter.status.as_deref();
    let list = format!(
        "ListReports/{}/{}/{descending}",
        group.unwrap_or_default(),
        wanted.unwrap_or_default()
    );
    let after = lists::position(services, &list, input.next_token.as_deref())?;
    let after = after.as_deref().map(lists::time_and_name).transpose()?;
    let now = EpochSeconds::now();
    let page = services.store.read(|transaction| {
        let table = transaction.open_table(store::REPORTS)?;
        // The report's ARN, if it is one that the caller wants.
        let arn_of = |time: i64, id: String| -> Option<Result<(String, String), StoreError>> {
            match reports::read(&table, &id, now) {
                Ok(report) => report
                    .filter(|report| wanted.is_none_or(|wanted| report.status == wanted))
                    .map(|report| Ok((format!("{time} {id}"), report.arn))),
                Err(error) => Some(Err(error)),
            }
        };
        let limit = input.max_results.unwrap_or(PAGE);
        if let Some(group) = group {
            let (lowest, highest) = reports::of_group(group).into_inner();
            let after = after.map(|(time, id)| (group, time, id));
            let range = lists::bounds(after, descending, Some(lowest), Some(highest));
            let by_group = transaction.open_table(store::REPORTS_BY_GROUP)?;
            let keys = by_group.range::<(&str, i64, &str)>(range)?.map(|entry| {
                let key = entry?.0;
                let (_, time, id) = key.value();
                Ok((time, id.to_owned()))
            });
            return pick(keys, descending, limit, arn_of);
        }
        let range = lists::bounds(after, descending, None, None);
        let by_creation = transaction.open_table(store::REPORTS_BY_CREATION)?;
        let keys = by_creation.range::<(i64, &str)>(range)?.map(|entry| {
            let key = entry?.0;
            let (time, id) = key.value();
            Ok((time, id.to_owned()))
        });
        pick(keys, descending, limit, arn_of)
    })?;
    Ok(lists::reply(services, &list, "reports", page))
}

/// One page of those keys that `choose` accepts.
fn pick(
    keys: impl DoubleEndedIterator<Item = Result<(i64, String), StoreError>>,
    descending: bool,
    limit: usize,
    choose: impl Fn(i64, String) -> Option<Result<(String, String), StoreError>>,
) -> Result<Page, StoreError> {
    let chosen = |key: Result<(i64, String), StoreError>| match key {
        Ok((time, id)) => choose(time, id),
        Err(error) => Some(Err(error)),
    };
    if descending {
        Page::of(keys.rev().filter_map(chosen), limit)
    } else {
        Page::of(keys.filter_map(chosen), limit)
    }
}
