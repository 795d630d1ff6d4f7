//! `Build`, as the API shows it and as it is stored.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::artifacts_types::BuildArtifacts;
use super::artifacts_types::CloudWatchLogsConfig;
use super::artifacts_types::ProjectArtifacts;
use super::artifacts_types::S3LogsConfig;
use super::environment_types::EnvironmentVariable;
use super::environment_types::ProjectCache;
use super::environment_types::ProjectEnvironment;
use super::source_types::ProjectSource;
use super::source_types::ProjectSourceVersion;
use crate::logs::Place;
use crate::timestamp::EpochSeconds;

/// `Build`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Build {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) build_number: u64,
    pub(crate) start_time: EpochSeconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_time: Option<EpochSeconds>,
    pub(crate) current_phase: String,
    pub(crate) build_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resolved_source_version: Option<String>,
    pub(crate) project_name: String,
    pub(crate) phases: Vec<BuildPhase>,
    pub(crate) source: ProjectSource,
    pub(crate) secondary_sources: Vec<ProjectSource>,
    pub(crate) secondary_source_versions: Vec<ProjectSourceVersion>,
    pub(crate) artifacts: BuildArtifacts,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) secondary_artifacts: Vec<BuildArtifacts>,
    pub(crate) cache: ProjectCache,
    pub(crate) environment: ProjectEnvironment,
    pub(crate) service_role: String,
    pub(crate) logs: LogsLocation,
    pub(crate) timeout_in_minutes: i64,
    pub(crate) queued_timeout_in_minutes: i64,
    pub(crate) build_complete: bool,
    pub(crate) initiator: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_config: Option<Value>,
    pub(crate) encryption_key: String,
    #[serde(default)]
    pub(crate) exported_environment_variables: Vec<ExportedEnvironmentVariable>,
    #[serde(default)]
    pub(crate) report_arns: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file_system_locations: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) debug_session: Option<DebugSession>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) build_batch_arn: Option<String>,
    /// `CODEBUILD_BATCH_BUILD_IDENTIFIER`. No part of the API, and only known until it runs.
    #[serde(skip)]
    pub(crate) batch_build_identifier: Option<String>,
    /// What `CODEBUILD_PUBLIC_BUILD_URL` is made of, if the project is public. The same holds.
    #[serde(skip)]
    pub(crate) public_project_alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auto_retry_config: Option<AutoRetryConfig>,
}

/// `BuildPhase`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BuildPhase {
    pub(crate) phase_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) phase_status: Option<String>,
    pub(crate) start_time: EpochSeconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_time: Option<EpochSeconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration_in_seconds: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contexts: Option<Vec<Context>>,
}

/// `PhaseContext`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Context {
    pub(crate) status_code: String,
    pub(crate) message: String,
}

/// `LogsLocation`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LogsLocation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stream_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deep_link: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_watch_logs_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_watch_logs: Option<CloudWatchLogsConfig>,
    #[serde(rename = "s3Logs", skip_serializing_if = "Option::is_none")]
    pub(crate) s3_logs: Option<S3LogsConfig>,
    #[serde(rename = "s3LogsArn", skip_serializing_if = "Option::is_none")]
    pub(crate) s3_logs_arn: Option<String>,
    #[serde(rename = "s3DeepLink", skip_serializing_if = "Option::is_none")]
    pub(crate) s3_deep_link: Option<String>,
}

/// `ExportedEnvironmentVariable`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct ExportedEnvironmentVariable {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// `DebugSession`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DebugSession {
    pub(crate) session_enabled: bool,
}

/// `AutoRetryConfig`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AutoRetryConfig {
    pub(crate) auto_retry_limit: i64,
    pub(crate) auto_retry_number: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next_auto_retry: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) previous_auto_retry: Option<String>,
}

/// A build in the database: what the API shows, and what running it again needs.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct StoredBuild {
    pub(crate) build: Build,
    /// The artifacts as configured: `Build` itself only shows where they went.
    pub(crate) artifacts: ProjectArtifacts,
    /// The same for secondary artifacts.
    #[serde(default)]
    pub(crate) secondary_artifacts: Vec<ProjectArtifacts>,
    /// The event of a git server that started it.
    #[serde(default)]
    pub(crate) webhook: Option<WebhookTrigger>,
}

/// What an event of a git server gives to the build that it starts.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct WebhookTrigger {
    /// The sender, as `initiator` has it.
    pub(crate) initiator: String,
    /// `CODEBUILD_WEBHOOK_…`: no part of the API.
    pub(crate) variables: Vec<EnvironmentVariable>,
}

impl LogsLocation {
    /// The stream of CloudWatch Logs.
    pub(crate) fn place(&self) -> Option<Place> {
        Some(Place {
            group: self.group_name.clone()?,
            stream: self.stream_name.clone()?,
        })
    }
}

impl Build {
    /// The stream of CloudWatch Logs that its log goes to.
    pub(crate) fn log_place(&self) -> Option<Place> {
        self.logs.place()
    }

    /// The name of the file that holds its log: the id's second half.
    pub(crate) fn log_file(&self) -> &str {
        self.id.rsplit(':').next().unwrap_or(&self.id)
    }
}
