//! `Project`, as the API shows it and as it is stored.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::artifacts_types::LogsConfig;
use super::artifacts_types::ProjectArtifacts;
use super::environment_types::ProjectCache;
use super::environment_types::ProjectEnvironment;
use super::source_types::ProjectSource;
use super::source_types::ProjectSourceVersion;
use super::webhook_types::StoredWebhook;
use super::webhook_types::Webhook;
use crate::timestamp::EpochSeconds;

/// `Project`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Project {
    pub(crate) name: String,
    pub(crate) arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    pub(crate) source: ProjectSource,
    #[serde(default)]
    pub(crate) secondary_sources: Vec<ProjectSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_version: Option<String>,
    #[serde(default)]
    pub(crate) secondary_source_versions: Vec<ProjectSourceVersion>,
    pub(crate) artifacts: ProjectArtifacts,
    #[serde(default)]
    pub(crate) secondary_artifacts: Vec<ProjectArtifacts>,
    pub(crate) cache: ProjectCache,
    pub(crate) environment: ProjectEnvironment,
    pub(crate) service_role: String,
    pub(crate) timeout_in_minutes: i64,
    pub(crate) queued_timeout_in_minutes: i64,
    pub(crate) encryption_key: String,
    pub(crate) tags: Vec<Tag>,
    pub(crate) created: EpochSeconds,
    pub(crate) last_modified: EpochSeconds,
    /// Filled when the project is shown, from [`StoredProject::webhook`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) webhook: Option<Webhook>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) vpc_config: Option<Value>,
    pub(crate) badge: ProjectBadge,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) logs_config: Option<LogsConfig>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) file_system_locations: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) build_batch_config: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) concurrent_build_limit: Option<i64>,
    pub(crate) project_visibility: String,
    /// Filled when a public project is shown, and for its builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) public_project_alias: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resource_access_role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auto_retry_limit: Option<i64>,
}

/// `Tag`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Tag {
    #[serde(default)]
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// `ProjectBadge`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProjectBadge {
    pub(crate) badge_enabled: bool,
    /// Filled when the project is shown: the endpoint's port may change between two starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) badge_request_url: Option<String>,
}

impl StoredProject {
    /// The project as it is shown and as its builds take it.
    pub(crate) fn into_project(self) -> Project {
        let is_public = self.project.project_visibility == "PUBLIC_READ";
        Project {
            public_project_alias: self.public_alias.filter(|_| is_public),
            ..self.project
        }
    }
}

/// A project in the database.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct StoredProject {
    pub(crate) project: Project,
    /// What the badge's URL names instead of the project. Made once.
    pub(crate) badge_token: String,
    #[serde(default)]
    pub(crate) webhook: Option<StoredWebhook>,
    /// What the URLs of public builds name instead of the project. Made when the project becomes
    /// public for the first time, and kept.
    pub(crate) public_alias: Option<String>,
}
