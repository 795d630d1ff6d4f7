//! Where source comes from: `ProjectSource` and what it holds.

use serde::Deserialize;
use serde::Serialize;

/// `ProjectSource`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ProjectSource {
    pub(crate) r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) git_clone_depth: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) git_submodules_config: Option<GitSubmodulesConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) buildspec: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) auth: Option<SourceAuth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) report_build_status: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) build_status_config: Option<BuildStatusConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) insecure_ssl: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) source_identifier: Option<String>,
}

/// `GitSubmodulesConfig`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GitSubmodulesConfig {
    pub(crate) fetch_submodules: bool,
}

/// `SourceAuth`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SourceAuth {
    pub(crate) r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<String>,
}

/// `BuildStatusConfig`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BuildStatusConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) context: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target_url: Option<String>,
}

/// `ProjectSourceVersion`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProjectSourceVersion {
    pub(crate) source_identifier: String,
    pub(crate) source_version: String,
}
