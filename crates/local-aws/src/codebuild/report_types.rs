//! Report groups and reports, as the API shows them and as they are stored.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use super::project::Tag;
use crate::account::Account;
use crate::timestamp::EpochSeconds;

/// `ReportGroup`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportGroup {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) r#type: String,
    pub(crate) export_config: ReportExportConfig,
    pub(crate) created: EpochSeconds,
    pub(crate) last_modified: EpochSeconds,
    pub(crate) tags: Vec<Tag>,
    pub(crate) status: String,
}

impl ReportGroup {
    /// A group without tags.
    pub(crate) fn new(
        name: &str,
        r#type: &str,
        export_config: ReportExportConfig,
        account: &Account,
    ) -> Self {
        let now = EpochSeconds::now();
        Self {
            arn: account.report_group_arn(name),
            name: name.to_owned(),
            r#type: r#type.to_owned(),
            export_config,
            created: now,
            last_modified: now,
            tags: Vec::new(),
            status: "ACTIVE".to_owned(),
        }
    }
}

/// `ReportExportConfig`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ReportExportConfig {
    pub(crate) export_config_type: String,
    #[serde(rename = "s3Destination", skip_serializing_if = "Option::is_none")]
    pub(crate) s3_destination: Option<S3ReportExportConfig>,
}

impl Default for ReportExportConfig {
    fn default() -> Self {
        Self {
            export_config_type: "NO_EXPORT".to_owned(),
            s3_destination: None,
        }
    }
}

/// `S3ReportExportConfig`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct S3ReportExportConfig {
    pub(crate) bucket: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bucket_owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) packaging: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encryption_key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encryption_disabled: Option<bool>,
}

/// `Report`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    pub(crate) arn: String,
    pub(crate) r#type: String,
    /// The group's name.
    pub(crate) name: String,
    pub(crate) report_group_arn: String,
    /// The ARN of the build.
    pub(crate) execution_id: String,
    pub(crate) status: String,
    pub(crate) created: EpochSeconds,
    /// When it ceases to be there.
    pub(crate) expired: EpochSeconds,
    pub(crate) export_config: ReportExportConfig,
    pub(crate) truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) test_summary: Option<TestReportSummary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code_coverage_summary: Option<CodeCoverageReportSummary>,
}

/// `TestReportSummary`. Counts the cases that a truncated report has left out, too.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TestReportSummary {
    pub(crate) total: i64,
    pub(crate) status_counts: BTreeMap<String, i64>,
    pub(crate) duration_in_nano_seconds: i64,
}

/// `CodeCoverageReportSummary`. Percentages have two decimals.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeCoverageReportSummary {
    pub(crate) line_coverage_percentage: f64,
    pub(crate) lines_covered: u32,
    pub(crate) lines_missed: u32,
    pub(crate) branch_coverage_percentage: f64,
    pub(crate) branches_covered: u32,
    pub(crate) branches_missed: u32,
}

/// `TestCase`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TestCase {
    pub(crate) report_arn: String,
    pub(crate) test_raw_data_path: String,
    pub(crate) prefix: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) duration_in_nano_seconds: i64,
    pub(crate) message: String,
    pub(crate) expired: EpochSeconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) test_suite_name: Option<String>,
}

/// `CodeCoverage`: one source file.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeCoverage {
    pub(crate) id: String,
    #[serde(rename = "reportARN")]
    pub(crate) report_arn: String,
    pub(crate) file_path: String,
    #[serde(flatten)]
    pub(crate) figures: CodeCoverageReportSummary,
    pub(crate) expired: EpochSeconds,
}

/// What a report holds, in the database.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) enum ReportContents {
    Tests(Vec<TestCase>),
    Coverage(Vec<CodeCoverage>),
}
