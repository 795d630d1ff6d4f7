//! `Sandbox`, as the API shows it and as it is stored.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::artifacts_types::LogsConfig;
use super::build::Build;
use super::build::BuildPhase;
use super::build::LogsLocation;
use super::environment_types::ProjectEnvironment;
use super::source_types::ProjectSource;
use super::source_types::ProjectSourceVersion;
use crate::timestamp::EpochSeconds;

/// `Sandbox`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sandbox {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) project_name: String,
    pub(crate) request_time: EpochSeconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_time: Option<EpochSeconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_time: Option<EpochSeconds>,
    pub(crate) status: String,
    pub(crate) source: ProjectSource,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_version: Option<String>,
    pub(crate) secondary_sources: Vec<ProjectSource>,
    pub(crate) secondary_source_versions: Vec<ProjectSourceVersion>,
    pub(crate) environment: ProjectEnvironment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file_system_locations: Option<Vec<Value>>,
    pub(crate) timeout_in_minutes: i64,
    pub(crate) queued_timeout_in_minutes: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_config: Option<Value>,
    pub(crate) log_config: LogsConfig,
    pub(crate) encryption_key: String,
    pub(crate) service_role: String,
    pub(crate) current_session: SandboxSession,
}

/// `SandboxSession`. Its phases have the members of a build's.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SandboxSession {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) start_time: EpochSeconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_time: Option<EpochSeconds>,
    pub(crate) current_phase: String,
    pub(crate) phases: Vec<BuildPhase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resolved_source_version: Option<String>,
    pub(crate) logs: LogsLocation,
}

impl Sandbox {
    /// The sandbox that has what this build would have.
    pub(super) fn of(build: &Build) -> Self {
        let uuid = build.log_file().to_owned();
        Self {
            id: build.id.clone(),
            arn: build.arn.clone(),
            project_name: build.project_name.clone(),
            request_time: build.start_time,
            start_time: None,
            end_time: None,
            status: "QUEUED".to_owned(),
            source: build.source.clone(),
            source_version: build.source_version.clone(),
            secondary_sources: build.secondary_sources.clone(),
            secondary_source_versions: build.secondary_source_versions.clone(),
            environment: build.environment.clone(),
            file_system_locations: build.file_system_locations.clone(),
            timeout_in_minutes: build.timeout_in_minutes,
            queued_timeout_in_minutes: build.queued_timeout_in_minutes,
            vpc_config: build.vpc_config.clone(),
            log_config: LogsConfig {
                cloud_watch_logs: build.logs.cloud_watch_logs.clone(),
                s3_logs: build.logs.s3_logs.clone(),
            },
            encryption_key: build.encryption_key.clone(),
            service_role: build.service_role.clone(),
            current_session: SandboxSession {
                id: uuid,
                status: "QUEUED".to_owned(),
                start_time: build.start_time,
                end_time: None,
                current_phase: build.current_phase.clone(),
                phases: build.phases.clone(),
                resolved_source_version: None,
                logs: build.logs.clone(),
            },
        }
    }

    /// The id's second half: the name of its session, and of the file that holds its log.
    pub(crate) fn uuid(&self) -> &str {
        self.id.rsplit(':').next().unwrap_or(&self.id)
    }
}
