//! `CommandExecution`, as the API shows it and as it is stored.

use serde::Deserialize;
use serde::Serialize;

use super::build::LogsLocation;
use super::sandbox::Sandbox;
use crate::timestamp::EpochSeconds;

/// `CommandExecution`.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CommandExecution {
    pub(crate) id: String,
    pub(crate) sandbox_id: String,
    pub(crate) submit_time: EpochSeconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) start_time: Option<EpochSeconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) end_time: Option<EpochSeconds>,
    /// `SUBMITTED`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `STOPPED` or `FAULT`.
    pub(crate) status: String,
    pub(crate) command: String,
    pub(crate) r#type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exit_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) standard_output_content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) standard_err_content: Option<String>,
    pub(crate) logs: LogsLocation,
    pub(crate) sandbox_arn: String,
}

impl CommandExecution {
    /// A command that waits to run.
    pub(super) fn submitted(sandbox: &Sandbox, command: String) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            sandbox_id: sandbox.uuid().to_owned(),
            submit_time: EpochSeconds::now(),
            start_time: None,
            end_time: None,
            status: "SUBMITTED".to_owned(),
            command,
            r#type: "SHELL".to_owned(),
            exit_code: None,
            standard_output_content: None,
            standard_err_content: None,
            logs: sandbox.current_session.logs.clone(),
            sandbox_arn: sandbox.arn.clone(),
        }
    }

    /// Whether it waits or runs.
    pub(crate) fn is_unfinished(&self) -> bool {
        matches!(self.status.as_str(), "SUBMITTED" | "IN_PROGRESS")
    }
}
