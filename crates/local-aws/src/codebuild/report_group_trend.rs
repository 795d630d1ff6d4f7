//! GetReportGroupTrend: one figure of a group's newest reports.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::report_groups;
use super::report_types::Report;
use super::report_types::ReportGroup;
use super::reports;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

/// "If this parameter is omitted, the most recent 100 reports are analyzed."
const REPORTS: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetReportGroupTrendInput {
    report_group_arn: String,
    num_of_reports: Option<usize>,
    trend_field: String,
}

/// GetReportGroupTrend. Figures are texts, with two decimals at most; the newest report comes first.
pub(super) fn trend(
    services: &Services,
    input: &GetReportGroupTrendInput,
) -> Result<Value, AwsError> {
    let arn = &input.report_group_arn;
    let name = report_groups::name_in(&services.account, arn)?;
    let of_tests = matches!(
        input.trend_field.as_str(),
        "PASS_RATE" | "DURATION" | "TOTAL"
    );
    let figures = services.store.read(|transaction| {
        let groups = transaction.open_table(store::REPORT_GROUPS)?;
        let Some(group) = store::get::<ReportGroup>(&groups, name)? else {
            return Err(report_groups::not_found(arn).into());
        };
        if (group.r#type == "TEST") != of_tests {
            return Err(AwsError::invalid_input(format!(
                "The trend field {} does not fit a report group of type {}",
                input.trend_field, group.r#type
            ))
            .into());
        }
        let table = transaction.open_table(store::REPORTS)?;
        let by_group = transaction.open_table(store::REPORTS_BY_GROUP)?;
        let now = EpochSeconds::now();
        let mut figures = Vec::new();
        for entry in by_group.range(reports::of_group(name))?.rev() {
            if figures.len() == input.num_of_reports.unwrap_or(REPORTS) {
                break;
            }
            let report = reports::read(&table, entry?.0.value().2, now)?;
            let figure = report.and_then(|report| {
                let figure = figure(&report, &input.trend_field)?;
                Some((report.arn, figure))
            });
            figures.extend(figure);
        }
        Ok(figures)
    })?;
    let values = || figures.iter().map(|(_, figure)| *figure);
    let stats = if figures.is_empty() {
        json!({})
    } else {
        json!({
            "average": shown(values().sum::<f64>() / figures.len() as f64),
            "max": shown(values().fold(f64::MIN, f64::max)),
            "min": shown(values().fold(f64::MAX, f64::min)),
        })
    };
    let raw_data: Vec<Value> = figures
        .iter()
        .map(|(arn, figure)| json!({ "reportArn": arn, "data": shown(*figure) }))
        .collect();
    Ok(json!({ "stats": stats, "rawData": raw_data }))
}

/// The figure of one report; `None` if it has none.
fn figure(report: &Report, field: &str) -> Option<f64> {
    if let Some(tests) = &report.test_summary {
        let passed = tests.status_counts.get("SUCCEEDED").copied().unwrap_or(0);
        return match field {
            "PASS_RATE" if tests.total > 0 => Some(passed as f64 * 100.0 / tests.total as f64),
            "DURATION" => Some(tests.duration_in_nano_seconds as f64),
            "TOTAL" => Some(tests.total as f64),
            _ => None,
        };
    }
    let coverage = report.code_coverage_summary.as_ref()?;
    match field {
        "LINE_COVERAGE" => Some(coverage.line_coverage_percentage),
        "LINES_COVERED" => Some(coverage.lines_covered.into()),
        "LINES_MISSED" => Some(coverage.lines_missed.into()),
        "BRANCH_COVERAGE" => Some(coverage.branch_coverage_percentage),
        "BRANCHES_COVERED" => Some(coverage.branches_covered.into()),
        "BRANCHES_MISSED" => Some(coverage.branches_missed.into()),
        _ => None,
    }
}

fn shown(figure: f64) -> String {
    ((figure * 100.0).round() / 100.0).to_string()
}
