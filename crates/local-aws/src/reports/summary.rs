//! From what the files hold to what the API shows.

use std::collections::BTreeMap;

use super::Contents;
use super::coverage::FileCoverage;
use super::test_case;
use super::test_case::TestStatus;
use crate::codebuild::CodeCoverage;
use crate::codebuild::CodeCoverageReportSummary;
use crate::codebuild::Report;
use crate::codebuild::ReportContents;
use crate::codebuild::TestCase;
use crate::codebuild::TestReportSummary;

/// How many test cases a report keeps.
const MOST_CASES: usize = 500;

/// Fills the report's summary and status. `whole` tells that every file could be read.
pub(super) fn fill(report: &mut Report, contents: &Contents, whole: bool) -> ReportContents {
    let (succeeded, kept) = match contents {
        Contents::Tests(cases) => {
            let summary = of_tests(cases);
            let bad = |status: TestStatus| summary.status_counts.get(status.as_str()) != Some(&0);
            let succeeded = !bad(TestStatus::Failed) && !bad(TestStatus::Error);
            report.truncated = cases.len() > MOST_CASES;
            report.test_summary = Some(summary);
            let kept = cases.iter().take(MOST_CASES);
            let kept = kept.map(|case| shown_case(case, report)).collect();
            (succeeded, ReportContents::Tests(kept))
        }
        Contents::Coverage(coverage) => {
            let files = coverage.count();
            report.code_coverage_summary = Some(of_coverage(&files));
            let kept = files.iter().map(|file| shown_file(file, report)).collect();
            (true, ReportContents::Coverage(kept))
        }
    };
    report.status = match (whole, succeeded) {
        (false, _) => "INCOMPLETE",
        (true, true) => "SUCCEEDED",
        (true, false) => "FAILED",
    }
    .to_owned();
    kept
}

fn of_tests(cases: &[test_case::TestCase]) -> TestReportSummary {
    let mut status_counts: BTreeMap<String, i64> = TestStatus::ALL
        .into_iter()
        .map(|status| (status.as_str().to_owned(), 0))
        .collect();
    let (mut total, mut nanoseconds) = (0, 0_i64);
    for case in cases {
        total += 1;
        nanoseconds = nanoseconds.saturating_add(case.nanoseconds);
        *status_counts
            .entry(case.status.as_str().to_owned())
            .or_default() += 1;
    }
    TestReportSummary {
        total,
        status_counts,
        duration_in_nano_seconds: nanoseconds,
    }
}

fn of_coverage(files: &[FileCoverage]) -> CodeCoverageReportSummary {
    let sum = |count: fn(&FileCoverage) -> u32| {
        files
            .iter()
            .fold(0_u32, |sum, file| sum.saturating_add(count(file)))
    };
    figures(
        (
            sum(|file| file.lines_covered),
            sum(|file| file.lines_missed),
        ),
        (
            sum(|file| file.branches_covered),
            sum(|file| file.branches_missed),
        ),
    )
}

fn figures(lines: (u32, u32), branches: (u32, u32)) -> CodeCoverageReportSummary {
    CodeCoverageReportSummary {
        line_coverage_percentage: percentage(lines.0, lines.1),
        lines_covered: lines.0,
        lines_missed: lines.1,
        branch_coverage_percentage: percentage(branches.0, branches.1),
        branches_covered: branches.0,
        branches_missed: branches.1,
    }
}

/// With two decimals; 0 of nothing.
fn percentage(covered: u32, missed: u32) -> f64 {
    let all = f64::from(covered) + f64::from(missed);
    if all == 0.0 {
        return 0.0;
    }
    (f64::from(covered) * 10_000.0 / all).round() / 100.0
}

fn shown_case(case: &test_case::TestCase, report: &Report) -> TestCase {
    TestCase {
        report_arn: report.arn.clone(),
        test_raw_data_path: case.raw_data_path.clone(),
        prefix: case.prefix.clone(),
        name: case.name.clone(),
        status: case.status.as_str().to_owned(),
        duration_in_nano_seconds: case.nanoseconds,
        message: case.message.clone(),
        expired: report.expired,
        test_suite_name: case.suite.clone(),
    }
}

fn shown_file(file: &FileCoverage, report: &Report) -> CodeCoverage {
    CodeCoverage {
        id: uuid::Uuid::new_v4().to_string(),
        report_arn: report.arn.clone(),
        file_path: file.path.clone(),
        figures: figures(
            (file.lines_covered, file.lines_missed),
            (file.branches_covered, file.branches_missed),
        ),
        expired: report.expired,
    }
}
