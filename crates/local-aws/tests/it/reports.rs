//! Report groups, reports and what they hold, as the SDK sees them.

use aws_sdk_codebuild::error::ProvideErrorMetadata;
use aws_sdk_codebuild::types::ReportCodeCoverageSortByType;
use aws_sdk_codebuild::types::ReportExportConfig;
use aws_sdk_codebuild::types::ReportExportConfigType;
use aws_sdk_codebuild::types::ReportFilter;
use aws_sdk_codebuild::types::ReportGroupSortByType;
use aws_sdk_codebuild::types::ReportGroupTrendFieldType;
use aws_sdk_codebuild::types::ReportPackagingType;
use aws_sdk_codebuild::types::ReportStatusType;
use aws_sdk_codebuild::types::ReportType;
use aws_sdk_codebuild::types::S3ReportExportConfig;
use aws_sdk_codebuild::types::SortOrderType;
use aws_sdk_codebuild::types::Tag;
use aws_sdk_codebuild::types::TestCaseFilter;
use buildspec::ReportFormat;
use local_aws::LocalAws;
use local_aws::NewReport;
use local_aws::ReportFile;

use crate::raw::signed;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;

const GROUP: &str = "arn:aws:codebuild:eu-central-1:123456789012:report-group/";
const BUILD: &str =
    "arn:aws:codebuild:eu-central-1:123456789012:build/demo:00000000-0000-0000-0000-000000000001";

fn new_report(group: &str, format: ReportFormat, contents: &[&str]) -> NewReport {
    let files = contents
        .iter()
        .enumerate()
        .map(|(index, content)| ReportFile {
            path: format!("out/{index}.xml").into(),
            content: content.as_bytes().to_vec(),
        });
    NewReport {
        build_arn: BUILD.to_owned(),
        project: "demo".to_owned(),
        group: group.to_owned(),
        format,
        files: files.collect(),
    }
}

/// A JUnit file of so many good and bad cases, a millisecond each.
fn junit(good: usize, bad: usize) -> String {
    let good =
        (0..good).map(|n| format!("<testcase classname='a.Good' name='g{n}' time='0.001'/>"));
    let bad = (0..bad).map(|n| {
        format!(
            "<testcase classname='a.Bad' name='b{n}' time='0.001'><failure message='no'/></testcase>"
        )
    });
    let cases: String = good.chain(bad).collect();
    format!("<testsuite name='s'>{cases}</testsuite>")
}

fn clover(covered: usize, missed: usize, file: &str) -> String {
    let line = |n: usize| {
        format!(
            "<line num='{n}' type='stmt' count='{}'/>",
            u8::from(n <= covered)
        )
    };
    let lines: String = (1..=covered + missed).map(line).collect();
    format!("<file name='{file}'>{lines}</file>")
}

async fn add_tests(aws: &LocalAws, good: usize, bad: usize) -> String {
    let report = new_report("unit", ReportFormat::JunitXml, &[&junit(good, bad)]);
    aws.add_report(report).await.unwrap()
}

fn no_export() -> ReportExportConfig {
    ReportExportConfig::builder()
        .export_config_type(ReportExportConfigType::NoExport)
        .build()
}

#[tokio::test]
async fn a_report_group_lives_from_create_to_delete() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let create = || {
        client
            .create_report_group()
            .name("unit")
            .r#type(ReportType::Test)
            .export_config(no_export())
            .tags(Tag::builder().key("team").value("shop").build())
    };
    let created = create().send().await.unwrap();
    let group = created.report_group().unwrap();
    let arn = format!("{GROUP}unit");
    assert_eq!(group.arn(), Some(arn.as_str()));
    assert_eq!(group.status().unwrap().as_str(), "ACTIVE");
    assert_eq!(group.tags()[0].value(), Some("shop"));

    let again = create().send().await.unwrap_err();
    assert_eq!(again.code(), Some("ResourceAlreadyExistsException"));
    assert!(again.message().unwrap().contains(&arn), "{again:?}");

    let to_s3 = ReportExportConfig::builder()
        .export_config_type(ReportExportConfigType::S3)
        .s3_destination(S3ReportExportConfig::builder().bucket("raw").build())
        .build();
    let updated = client
        .update_report_group()
        .arn(&arn)
        .export_config(to_s3)
        .send()
        .await
        .unwrap();
    let group = updated.report_group().unwrap();
    let destination = group.export_config().unwrap().s3_destination().unwrap();
    assert_eq!(destination.packaging(), Some(&ReportPackagingType::None));
    assert_eq!(group.tags().len(), 1, "what was not named stays");

    let got = client
        .batch_get_report_groups()
        .report_group_arns(&arn)
        .report_group_arns(format!("{GROUP}absent"))
        .send()
        .await
        .unwrap();
    assert_eq!(got.report_groups(), std::slice::from_ref(group));
    assert_eq!(got.report_groups_not_found(), [format!("{GROUP}absent")]);

    client.delete_report_group().arn(&arn).send().await.unwrap();
    // As often as one likes.
    client.delete_report_group().arn(&arn).send().await.unwrap();
    let error = client
        .update_report_group()
        .arn(&arn)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
}

#[tokio::test]
async fn what_a_report_group_cannot_be_is_refused() {
    let server = TestServer::start().await;
    let reply = |operation: &'static str, body: &'static str| {
        signed(
            server.access(),
            &format!("CodeBuild_20161006.{operation}"),
            body,
        )
    };
    for (operation, body, wanted) in [
        (
            "CreateReportGroup",
            r#"{"name":"a b","type":"TEST","exportConfig":{"exportConfigType":"NO_EXPORT"}}"#,
            "Invalid report group name 'a b'",
        ),
        (
            "CreateReportGroup",
            r#"{"name":"ab","type":"TEST","exportConfig":{"exportConfigType":"S3"}}"#,
            "s3Destination with a bucket is required",
        ),
        (
            "CreateReportGroup",
            r#"{"name":"ab","type":"TEST","exportConfig":{"exportConfigType":"NO_EXPORT",
                "s3Destination":{"bucket":"b"}}}"#,
            "s3Destination must be null",
        ),
        (
            "UpdateReportGroup",
            r#"{"arn":"unit"}"#,
            "Invalid report group ARN: unit",
        ),
        (
            "BatchGetReports",
            r#"{"reportArns":["x"]}"#,
            "Invalid report ARN: x",
        ),
        (
            "DescribeCodeCoverages",
            r#"{"reportArn":"arn:aws:codebuild:eu-central-1:123456789012:report/a:b",
                "minLineCoveragePercentage":9,"maxLineCoveragePercentage":8}"#,
            "must not be greater",
        ),
        (
            "DescribeTestCases",
            r#"{"reportArn":"arn:aws:codebuild:eu-central-1:123456789012:report/a:b",
                "filter":{"status":"GOOD"}}"#,
            "Invalid test case status 'GOOD'",
        ),
    ] {
        let reply = reply(operation, body).send(server.access()).await;
        assert_eq!(
            reply.error_type(),
            "InvalidInputException",
            "{}",
            reply.body
        );
        assert!(reply.message().contains(wanted), "{}", reply.body);
    }
    let too_large = r#"{"name":"a","type":"BOTH","exportConfig":{}}"#;
    let reply = reply("CreateReportGroup", too_large)
        .send(server.access())
        .await;
    assert_eq!(reply.error_type(), "ValidationException");
    assert!(reply.message().starts_with("2 validation errors detected"));
}

#[tokio::test]
async fn a_build_makes_its_group_and_its_report_tells_what_the_tests_did() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let arn = add_tests(&server.aws, 3, 1).await;
    assert!(arn.starts_with("arn:aws:codebuild:eu-central-1:123456789012:report/demo-unit:"));

    let got = client.batch_get_reports().report_arns(&arn).send().await;
    let got = got.unwrap();
    let report = &got.reports()[0];
    assert_eq!(report.status(), Some(&ReportStatusType::Failed));
    assert_eq!(report.name(), Some("demo-unit"));
    assert_eq!(report.execution_id(), Some(BUILD));
    assert_eq!(report.truncated(), Some(false));
    let life = report.expired().unwrap().secs() - report.created().unwrap().secs();
    assert_eq!(life, 30 * 24 * 60 * 60);
    let summary = report.test_summary().unwrap();
    assert_eq!(summary.total(), 4);
    assert_eq!(summary.duration_in_nano_seconds(), 4_000_000);
    let counts = summary.status_counts();
    assert_eq!((counts["SUCCEEDED"], counts["FAILED"]), (3, 1));
    assert_eq!(
        (counts["ERROR"], counts["SKIPPED"], counts["UNKNOWN"]),
        (0, 0, 0)
    );

    let group = client
        .batch_get_report_groups()
        .report_group_arns(report.report_group_arn().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(group.report_groups()[0].r#type(), Some(&ReportType::Test));

    let failed = TestCaseFilter::builder().status("FAILED").build();
    let cases = client
        .describe_test_cases()
        .report_arn(&arn)
        .filter(failed)
        .send()
        .await
        .unwrap();
    let [case] = cases.test_cases() else {
        panic!("{cases:?}");
    };
    assert_eq!(case.prefix(), Some("a.Bad"));
    assert_eq!(case.name(), Some("b0"));
    assert_eq!(case.message(), Some("no"));
    assert_eq!(case.test_raw_data_path(), Some("out/0.xml"));
    assert_eq!(case.test_suite_name(), Some("s"));
    assert_eq!(case.report_arn(), Some(arn.as_str()));
}

#[tokio::test]
async fn five_hundred_cases_are_kept_and_all_are_counted() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let arn = add_tests(&server.aws, 500, 7).await;
    let got = client.batch_get_reports().report_arns(&arn).send().await;
    let got = got.unwrap();
    let report = &got.reports()[0];
    assert_eq!(report.truncated(), Some(true));
    assert_eq!(report.test_summary().unwrap().total(), 507);
    assert_eq!(report.status(), Some(&ReportStatusType::Failed));

    let mut pages = client
        .describe_test_cases()
        .report_arn(&arn)
        .max_results(70)
        .into_paginator()
        .send();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().test_cases().len());
    }
    assert_eq!(sizes, [70, 70, 70, 70, 70, 70, 70, 10]);

    let keyword = TestCaseFilter::builder().keyword("g49").build();
    let cases = client
        .describe_test_cases()
        .report_arn(&arn)
        .filter(keyword)
        .send()
        .await
        .unwrap();
    assert_eq!(cases.test_cases().len(), 11);
}

#[tokio::test]
async fn unreadable_or_missing_files_make_a_report_incomplete() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let good = junit(1, 0);
    for files in [&[good.as_str(), "<testsuite>"][..], &[]] {
        let report = new_report("unit", ReportFormat::JunitXml, files);
        let arn = server.aws.add_report(report).await.unwrap();
        let got = client.batch_get_reports().report_arns(arn).send().await;
        let got = got.unwrap();
        let report = &got.reports()[0];
        assert_eq!(report.status(), Some(&ReportStatusType::Incomplete));
        let total = report.test_summary().unwrap().total();
        assert_eq!(total, i32::from(!files.is_empty()));
    }
}

#[tokio::test]
async fn a_group_holds_reports_of_one_type() {
    let server = TestServer::start().await;
    add_tests(&server.aws, 1, 0).await;
    let coverage = new_report("unit", ReportFormat::CloverXml, &["<coverage/>"]);
    let error = server.aws.add_report(coverage).await.unwrap_err();
    assert!(
        error
            .contains("demo-unit holds reports of type TEST, but the file-format in the buildspec"),
        "{error}"
    );
    let absent = new_report(&format!("{GROUP}absent"), ReportFormat::JunitXml, &[]);
    let error = server.aws.add_report(absent).await.unwrap_err();
    assert!(error.starts_with("ResourceNotFoundException"), "{error}");
    let bad = new_report("a b", ReportFormat::JunitXml, &[]);
    let error = server.aws.add_report(bad).await.unwrap_err();
    assert!(
        error.contains("Invalid report group name 'demo-a b'"),
        "{error}"
    );
    // An ARN names the group itself.
    let by_arn = new_report(&format!("{GROUP}demo-unit"), ReportFormat::JunitXml, &[]);
    server.aws.add_report(by_arn).await.unwrap();
}

#[tokio::test]
async fn coverage_is_counted_sorted_and_filtered() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let files = [
        clover(1, 2, "b.js"),
        clover(3, 1, "a.js"),
        clover(2, 0, "c.js"),
    ]
    .concat();
    let text = format!("<coverage><project>{files}</project></coverage>");
    let report = new_report("coverage", ReportFormat::CloverXml, &[&text]);
    let arn = server.aws.add_report(report).await.unwrap();

    let got = client.batch_get_reports().report_arns(&arn).send().await;
    let got = got.unwrap();
    let report = &got.reports()[0];
    assert_eq!(report.r#type(), Some(&ReportType::CodeCoverage));
    assert_eq!(report.status(), Some(&ReportStatusType::Succeeded));
    let summary = report.code_coverage_summary().unwrap();
    assert_eq!(
        (summary.lines_covered(), summary.lines_missed()),
        (Some(6), Some(3))
    );
    assert_eq!(summary.line_coverage_percentage(), Some(66.67));

    let describe = || client.describe_code_coverages().report_arn(&arn);
    let paths = |coverages: &[aws_sdk_codebuild::types::CodeCoverage]| -> Vec<String> {
        let paths = coverages.iter().map(|file| file.file_path().unwrap());
        paths.map(str::to_owned).collect()
    };
    let all = describe().send().await.unwrap();
    assert_eq!(paths(all.code_coverages()), ["a.js", "b.js", "c.js"]);
    assert_eq!(
        all.code_coverages()[1].line_coverage_percentage(),
        Some(33.33)
    );
    assert_eq!(all.code_coverages()[1].report_arn(), Some(arn.as_str()));
    assert!(all.code_coverages()[1].id().is_some());

    let worst = describe()
        .sort_by(ReportCodeCoverageSortByType::LineCoveragePercentage)
        .sort_order(SortOrderType::Ascending)
        .max_line_coverage_percentage(75.0)
        .send()
        .await
        .unwrap();
    assert_eq!(paths(worst.code_coverages()), ["b.js", "a.js"]);
    let best = describe()
        .sort_by(ReportCodeCoverageSortByType::LineCoveragePercentage)
        .sort_order(SortOrderType::Descending)
        .min_line_coverage_percentage(50.0)
        .max_results(1)
        .send()
        .await
        .unwrap();
    assert_eq!(paths(best.code_coverages()), ["c.js"]);
    assert!(best.next_token().is_some());

    let error = client
        .describe_test_cases()
        .report_arn(&arn)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidInputException"));
}

#[tokio::test]
async fn reports_are_listed_newest_first_by_group_and_by_status() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let good = add_tests(&server.aws, 1, 0).await;
    let bad = add_tests(&server.aws, 0, 1).await;
    let other = new_report("other", ReportFormat::JunitXml, &[&junit(1, 0)]);
    let other = server.aws.add_report(other).await.unwrap();

    let (older, newer) = (&good, &bad);

    let of_group = || {
        client
            .list_reports_for_report_group()
            .report_group_arn(format!("{GROUP}demo-unit"))
    };
    let listed = of_group().send().await.unwrap();
    assert_eq!(listed.reports(), [newer.clone(), older.clone()]);
    let first = of_group()
        .sort_order(SortOrderType::Ascending)
        .max_results(1)
        .send()
        .await
        .unwrap();
    assert_eq!(first.reports(), std::slice::from_ref(older));
    let second = of_group()
        .sort_order(SortOrderType::Ascending)
        .max_results(1)
        .next_token(first.next_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(second.reports(), std::slice::from_ref(newer));
    assert_eq!(second.next_token(), None);

    let succeeded = ReportFilter::builder()
        .status(ReportStatusType::Succeeded)
        .build();
    let listed = client
        .list_reports()
        .filter(succeeded)
        .send()
        .await
        .unwrap();
    let mut listed = listed.reports().to_vec();
    listed.sort();
    let mut wanted = [good.clone(), other];
    wanted.sort();
    assert_eq!(listed, wanted);

    let error = client
        .list_reports_for_report_group()
        .report_group_arn(format!("{GROUP}absent"))
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));

    let groups = client
        .list_report_groups()
        .sort_by(ReportGroupSortByType::CreatedTime)
        .max_results(1)
        .into_paginator()
        .items()
        .send()
        .collect::<Result<Vec<String>, _>>()
        .await
        .unwrap();
    assert_eq!(groups.len(), 2, "{groups:?}");
    let groups = client
        .list_report_groups()
        .sort_order(SortOrderType::Descending)
        .send()
        .await
        .unwrap();
    assert_eq!(
        groups.report_groups(),
        [format!("{GROUP}demo-unit"), format!("{GROUP}demo-other")]
    );
    let shared = client.list_shared_report_groups().send().await.unwrap();
    assert!(shared.report_groups().is_empty());
}

#[tokio::test]
async fn a_group_with_reports_is_deleted_only_with_them() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let group = format!("{GROUP}demo-unit");
    let one = add_tests(&server.aws, 1, 0).await;
    let two = add_tests(&server.aws, 1, 0).await;
    let error = client
        .delete_report_group()
        .arn(&group)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidInputException"));

    client.delete_report().arn(&one).send().await.unwrap();
    client
        .delete_report_group()
        .arn(&group)
        .delete_reports(true)
        .send()
        .await
        .unwrap();
    let got = client
        .batch_get_reports()
        .report_arns(&one)
        .report_arns(&two)
        .send()
        .await
        .unwrap();
    assert_eq!(got.reports_not_found(), [one, two.clone()]);
    let error = client
        .describe_test_cases()
        .report_arn(two)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
    assert!(
        client
            .list_reports()
            .send()
            .await
            .unwrap()
            .reports()
            .is_empty()
    );
}

#[tokio::test]
async fn the_trend_of_a_group_is_that_of_its_newest_reports() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    for (good, bad) in [(1, 2), (1, 1), (4, 0)] {
        add_tests(&server.aws, good, bad).await;
    }
    let trend = |field: ReportGroupTrendFieldType| {
        client
            .get_report_group_trend()
            .report_group_arn(format!("{GROUP}demo-unit"))
            .trend_field(field)
    };
    let totals = trend(ReportGroupTrendFieldType::Total)
        .send()
        .await
        .unwrap();
    let stats = totals.stats().unwrap();
    assert_eq!(stats.average(), Some("3"));
    assert_eq!((stats.min(), stats.max()), (Some("2"), Some("4")));
    assert_eq!(totals.raw_data().len(), 3);

    let rates = trend(ReportGroupTrendFieldType::PassRate)
        .send()
        .await
        .unwrap();
    let stats = rates.stats().unwrap();
    assert_eq!(stats.average(), Some("61.11"));
    assert_eq!((stats.min(), stats.max()), (Some("33.33"), Some("100")));

    let newest = trend(ReportGroupTrendFieldType::Duration)
        .num_of_reports(1)
        .send()
        .await
        .unwrap();
    assert_eq!(newest.raw_data().len(), 1);

    let error = trend(ReportGroupTrendFieldType::LineCoverage)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidInputException"));
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_survive_a_restart() {
    let server = TestServer::start().await;
    let arn = add_tests(&server.aws, 1, 0).await;
    let TestServer { aws, runner, state } = server;
    aws.shutdown().await;
    let aws = LocalAws::start(config(state.path(), &runner))
        .await
        .unwrap();
    let client = codebuild(aws.access());
    let cases = client.describe_test_cases().report_arn(arn).send().await;
    assert_eq!(cases.unwrap().test_cases().len(), 1);
}
