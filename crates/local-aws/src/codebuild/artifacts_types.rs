//! Where artifacts and logs go: `ProjectArtifacts`, `BuildArtifacts`, `LogsConfig`.

use serde::Deserialize;
use serde::Serialize;

/// `ProjectArtifacts`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ProjectArtifacts {
    pub(crate) r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) namespace_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) packaging: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) override_artifact_name: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encryption_disabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bucket_owner_access: Option<String>,
}

/// `BuildArtifacts`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct BuildArtifacts {
    /// Empty, as in AWS's replies, when there is nothing to upload.
    pub(crate) location: String,
    #[serde(rename = "sha256sum", skip_serializing_if = "Option::is_none")]
    pub(crate) sha256_sum: Option<String>,
    #[serde(rename = "md5sum", skip_serializing_if = "Option::is_none")]
    pub(crate) md5_sum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) override_artifact_name: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encryption_disabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bucket_owner_access: Option<String>,
}

/// `LogsConfig`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct LogsConfig {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cloud_watch_logs: Option<CloudWatchLogsConfig>,
    #[serde(rename = "s3Logs", skip_serializing_if = "Option::is_none")]
    pub(crate) s3_logs: Option<S3LogsConfig>,
}

/// `CloudWatchLogsConfig`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CloudWatchLogsConfig {
    pub(crate) status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stream_name: Option<String>,
}

/// `S3LogsConfig`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct S3LogsConfig {
    pub(crate) status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encryption_disabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bucket_owner_access: Option<String>,
}

impl S3LogsConfig {
    /// The bucket and the key of a build's log: `<location>/<uuid>.gz`. `None` if it is not wanted.
    pub(crate) fn object(&self, uuid: &str) -> Option<(&str, String)> {
        let location = self
            .location
            .as_deref()
            .filter(|_| self.status == "ENABLED")?;
        let location = location.trim_start_matches("arn:aws:s3:::");
        let (bucket, prefix) = location.split_once('/').unwrap_or((location, ""));
        Some(match prefix.trim_matches('/') {
            "" => (bucket, format!("{uuid}.gz")),
            prefix => (bucket, format!("{prefix}/{uuid}.gz")),
        })
    }
}
