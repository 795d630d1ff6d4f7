//! `BuildBatch`, as the API shows it and as it is stored.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::artifacts_types::BuildArtifacts;
use super::artifacts_types::LogsConfig;
use super::build::Build;
use super::build::BuildPhase;
use super::build::StoredBuild;
use super::build::WebhookTrigger;
use super::environment_types::ProjectCache;
use super::environment_types::ProjectEnvironment;
use super::project::Project;
use super::source_types::ProjectSource;
use super::source_types::ProjectSourceVersion;
use crate::error::AwsError;
use crate::timestamp::EpochSeconds;

/// `BuildBatch`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BuildBatch {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) build_batch_number: u64,
    pub(crate) start_time: EpochSeconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_time: Option<EpochSeconds>,
    pub(crate) current_phase: String,
    pub(crate) build_batch_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resolved_source_version: Option<String>,
    pub(crate) project_name: String,
    /// `BuildBatchPhase` has the members of `BuildPhase`.
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_config: Option<LogsConfig>,
    pub(crate) build_timeout_in_minutes: i64,
    pub(crate) queued_timeout_in_minutes: i64,
    pub(crate) complete: bool,
    pub(crate) initiator: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_config: Option<Value>,
    pub(crate) encryption_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file_system_locations: Option<Vec<Value>>,
    pub(crate) build_batch_config: ProjectBuildBatchConfig,
    pub(crate) build_groups: Vec<BuildGroup>,
    pub(crate) debug_session_enabled: bool,
    /// The reports of all builds.
    #[serde(default)]
    pub(crate) report_arns: Vec<String>,
}

/// `BuildGroup`: one build of the batch, and the earlier ones that it was tried with.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BuildGroup {
    pub(crate) identifier: String,
    pub(crate) depends_on: Vec<String>,
    pub(crate) ignore_failure: bool,
    /// `None` until its build begins, and for good if a build that it depends on failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) current_build_summary: Option<BuildSummary>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) prior_build_summary_list: Vec<BuildSummary>,
}

/// `BuildSummary`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BuildSummary {
    pub(crate) arn: String,
    pub(crate) requested_on: EpochSeconds,
    pub(crate) build_status: String,
    pub(crate) primary_artifact: ResolvedArtifact,
    pub(crate) secondary_artifacts: Vec<ResolvedArtifact>,
}

/// `ResolvedArtifact`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResolvedArtifact {
    pub(crate) r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identifier: Option<String>,
}

/// `ProjectBuildBatchConfig`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ProjectBuildBatchConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) service_role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) combine_artifacts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) restrictions: Option<BatchRestrictions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_in_mins: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) batch_report_mode: Option<String>,
}

/// `BatchRestrictions`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct BatchRestrictions {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) maximum_builds_allowed: Option<i64>,
    /// None or empty: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compute_types_allowed: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fleets_allowed: Option<Vec<String>>,
}

/// A batch build in the database: what the API shows, and what its builds are made of.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct StoredBuildBatch {
    pub(crate) batch: BuildBatch,
    /// The project with all overrides in it.
    pub(crate) project: Project,
    /// What the builds have of their own, one for each of the batch's groups. Empty until the
    /// batchspec has been read.
    pub(crate) plan: Vec<PlannedBuild>,
    /// `fast-fail` of the batchspec.
    pub(crate) fast_fail: bool,
    /// The event of a git server that started it.
    #[serde(default)]
    pub(crate) webhook: Option<WebhookTrigger>,
}

/// What one build of a batch has instead of what the project has.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct PlannedBuild {
    /// The environment, complete.
    pub(crate) environment: ProjectEnvironment,
    pub(crate) buildspec: Option<String>,
    pub(crate) debug_session: bool,
}

/// How long a batch may take unless its configuration says otherwise.
const DEFAULT_MINUTES: i64 = 480;

/// How many builds a batch may have unless its configuration says otherwise.
const DEFAULT_BUILDS: i64 = 100;

impl ProjectBuildBatchConfig {
    /// Checks it as part of a project or of StartBuildBatch.
    pub(super) fn check(&self) -> Result<(), AwsError> {
        let minutes = self.timeout_in_mins.unwrap_or(DEFAULT_MINUTES);
        if !(5..=2160).contains(&minutes) {
            return Err(AwsError::invalid_input(
                "TimeoutInMins must be between 5 and 2160",
            ));
        }
        let restrictions = self.restrictions.as_ref();
        let most = restrictions.and_then(|restrictions| restrictions.maximum_builds_allowed);
        if most.is_some_and(|most| !(1..=100).contains(&most)) {
            return Err(AwsError::invalid_input(
                "MaximumBuildsAllowed must be between 1 and 100",
            ));
        }
        Ok(())
    }

    /// With the defaults in it and each member of `other` that is there.
    pub(super) fn completed(self, other: Option<Self>) -> Self {
        let other = other.unwrap_or_default();
        let mut restrictions = other.restrictions.or(self.restrictions).unwrap_or_default();
        restrictions
            .maximum_builds_allowed
            .get_or_insert(DEFAULT_BUILDS);
        Self {
            service_role: other.service_role.or(self.service_role),
            combine_artifacts: other.combine_artifacts.or(self.combine_artifacts),
            restrictions: Some(restrictions),
            timeout_in_mins: other
                .timeout_in_mins
                .or(self.timeout_in_mins)
                .or(Some(DEFAULT_MINUTES)),
            batch_report_mode: other.batch_report_mode.or(self.batch_report_mode),
        }
    }

    /// How long the batch may take.
    pub(crate) fn minutes(&self) -> u64 {
        let minutes = self.timeout_in_mins.unwrap_or(DEFAULT_MINUTES);
        u64::try_from(minutes).unwrap_or_default()
    }
}

impl BuildSummary {
    /// What a batch shows of one of its builds.
    fn of(build: &Build, artifacts: &str, identifier: &str) -> Self {
        let resolved = |artifact: &BuildArtifacts, identifier: Option<String>| ResolvedArtifact {
            r#type: artifacts.to_owned(),
            location: Some(artifact.location.clone()).filter(|location| !location.is_empty()),
            identifier,
        };
        Self {
            arn: build.arn.clone(),
            requested_on: build.start_time,
            build_status: build.build_status.clone(),
            primary_artifact: resolved(&build.artifacts, Some(identifier.to_owned())),
            secondary_artifacts: build
                .secondary_artifacts
                .iter()
                .map(|artifact| resolved(artifact, artifact.artifact_identifier.clone()))
                .collect(),
        }
    }
}

/// Brings what a group shows of its build up to date.
pub(crate) fn refresh_build_summary(group: &mut BuildGroup, stored: &StoredBuild) {
    group.current_build_summary = Some(BuildSummary::of(
        &stored.build,
        &stored.artifacts.r#type,
        &group.identifier,
    ));
}
