//! DescribeTestCases and DescribeCodeCoverages: what a report holds, a page at a time.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::lists;
use super::lists::PAGE;
use super::lists::Page;
use super::report_types::CodeCoverage;
use super::report_types::Report;
use super::report_types::ReportContents;
use super::report_types::TestCase;
use super::reports;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

/// What `filter.status` may be. The service model has it as free text.
const STATUSES: [&str; 5] = ["SUCCEEDED", "FAILED", "ERROR", "SKIPPED", "UNKNOWN"];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeTestCasesInput {
    report_arn: String,
    next_token: Option<String>,
    max_results: Option<usize>,
    #[serde(default)]
    filter: TestCaseFilter,
}

#[derive(Debug, Default, Deserialize)]
struct TestCaseFilter {
    status: Option<String>,
    keyword: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeCodeCoveragesInput {
    report_arn: String,
    next_token: Option<String>,
    max_results: Option<usize>,
    sort_order: Option<String>,
    sort_by: Option<String>,
    min_line_coverage_percentage: Option<f64>,
    max_line_coverage_percentage: Option<f64>,
}

/// DescribeTestCases: in the order of the raw data. A case must meet all of the filter.
pub(super) fn test_cases(
    services: &Services,
    input: &DescribeTestCasesInput,
) -> Result<Value, AwsError> {
    let filter = &input.filter;
    let status = filter.status.as_deref();
    if let Some(status) = status.filter(|status| !STATUSES.contains(status)) {
        return Err(AwsError::invalid_input(format!(
            "Invalid test case status '{status}'. Valid values: {}",
            STATUSES.join(", ")
        )));
    }
    let keyword = filter.keyword.as_deref().unwrap_or_default();
    let list = format!(
        "DescribeTestCases/{}/{}/{keyword}",
        input.report_arn,
        status.unwrap_or_default()
    );
    let contents = contents(services, &input.report_arn, "TEST")?;
    let cases: Vec<TestCase> = match contents {
        ReportContents::Tests(cases) => cases,
        ReportContents::Coverage(_) => Vec::new(),
    };
    let chosen = cases
        .into_iter()
        .filter(|case| status.is_none_or(|status| case.status == status))
        .filter(|case| case.name.contains(keyword) || case.prefix.contains(keyword));
    let token = input.next_token.as_deref();
    page(
        services,
        &list,
        "testCases",
        chosen,
        token,
        input.max_results,
    )
}

/// DescribeCodeCoverages: by path, ascending, unless asked otherwise.
pub(super) fn code_coverages(
    services: &Services,
    input: &DescribeCodeCoveragesInput,
) -> Result<Value, AwsError> {
    let by_percentage = input.sort_by.as_deref() == Some("LINE_COVERAGE_PERCENTAGE");
    let descending = input.sort_order.as_deref() == Some("DESCENDING");
    let least = input.min_line_coverage_percentage.unwrap_or(0.0);
    let most = input.max_line_coverage_percentage.unwrap_or(100.0);
    if least > most {
        return Err(AwsError::invalid_input(
            "minLineCoveragePercentage must not be greater than maxLineCoveragePercentage",
        ));
    }
    let list = format!(
        "DescribeCodeCoverages/{}/{by_percentage}/{descending}/{least}/{most}",
        input.report_arn
    );
    let contents = contents(services, &input.report_arn, "CODE_COVERAGE")?;
    let mut files: Vec<CodeCoverage> = match contents {
        ReportContents::Coverage(files) => files,
        ReportContents::Tests(_) => Vec::new(),
    };
    let percentage = |file: &CodeCoverage| file.figures.line_coverage_percentage;
    files.retain(|file| (least..=most).contains(&percentage(file)));
    files.sort_by(|one, other| {
        let by_path = one.file_path.cmp(&other.file_path);
        if by_percentage {
            percentage(one).total_cmp(&percentage(other)).then(by_path)
        } else {
            by_path
        }
    });
    if descending {
        files.reverse();
    }
    let token = input.next_token.as_deref();
    page(
        services,
        &list,
        "codeCoverages",
        files.into_iter(),
        token,
        input.max_results,
    )
}

/// A page of a list that never changes: the position is how much of it was shown.
fn page<T: Serialize>(
    services: &Services,
    list: &str,
    member: &str,
    all: impl Iterator<Item = T>,
    token: Option<&str>,
    limit: Option<usize>,
) -> Result<Value, AwsError> {
    let shown: usize = match lists::position(services, list, token)? {
        Some(position) => position.parse().map_err(|_| lists::invalid_token())?,
        None => 0,
    };
    let entries = all
        .enumerate()
        .skip(shown)
        .map(|(index, item)| Ok(((index + 1).to_string(), item)));
    let page = Page::of(entries, limit.unwrap_or(PAGE))?;
    Ok(lists::reply(services, list, member, page))
}

/// What a report of this type holds.
fn contents(services: &Services, arn: &str, r#type: &str) -> Result<ReportContents, AwsError> {
    let id = reports::id_in(&services.account, arn)?;
    services.store.read(|transaction| {
        let table = transaction.open_table(store::REPORTS)?;
        let report: Option<Report> = reports::read(&table, id, EpochSeconds::now())?;
        let contents = transaction.open_table(store::REPORT_CONTENTS)?;
        let (Some(report), Some(contents)) = (report, contents.get(id)?) else {
            return Err(reports::not_found(arn).into());
        };
        if report.r#type != r#type {
            return Err(AwsError::invalid_input(format!(
                "The report {arn} is of type {}, not {type}",
                report.r#type
            ))
            .into());
        }
        Ok(serde_json::from_slice(contents.value())?)
    })
}
