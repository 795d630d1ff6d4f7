//! What a build runs in: `ProjectEnvironment` and what it holds.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

/// `ProjectEnvironment`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ProjectEnvironment {
    pub(crate) r#type: String,
    pub(crate) image: String,
    pub(crate) compute_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compute_configuration: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fleet: Option<Value>,
    pub(crate) environment_variables: Vec<EnvironmentVariable>,
    pub(crate) privileged_mode: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) registry_credential: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) image_pull_credentials_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) docker_server: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host_kernel: Option<String>,
}

impl ProjectEnvironment {
    /// The fleet that builds run on. None: on demand.
    pub(crate) fn fleet_arn(&self) -> Option<&str> {
        let arn = self.fleet.as_ref()?.get("fleetArn")?.as_str()?;
        (!arn.is_empty()).then_some(arn)
    }
}

/// `EnvironmentVariable`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnvironmentVariable {
    pub(crate) name: String,
    pub(crate) value: String,
    #[serde(default = "plaintext")]
    pub(crate) r#type: String,
}

fn plaintext() -> String {
    "PLAINTEXT".to_owned()
}

/// `ProjectCache`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProjectCache {
    pub(crate) r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modes: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_namespace: Option<String>,
}

impl ProjectCache {
    /// The bucket of an S3 cache, and what the keys of a project's objects there begin with.
    pub(crate) fn objects<'a>(&'a self, project: &str) -> (&'a str, String) {
        let location = self.location.as_deref().unwrap_or_default();
        let (bucket, prefix) = location.split_once('/').unwrap_or((location, ""));
        let namespace = self.cache_namespace.as_deref().unwrap_or(project);
        match prefix.trim_matches('/') {
            "" => (bucket, namespace.to_owned()),
            prefix => (bucket, format!("{prefix}/{namespace}")),
        }
    }

    /// What a project has that names no cache.
    pub(crate) fn none() -> Self {
        Self {
            r#type: "NO_CACHE".to_owned(),
            location: None,
            modes: None,
            cache_namespace: None,
        }
    }
}
