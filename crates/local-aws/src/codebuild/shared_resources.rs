//! ListSharedProjects, ListSharedReportGroups: what other accounts share with this one.
//!
//! There is no other account here, so the lists are empty. Their inputs are checked as those of any
//! other list.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::lists;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListSharedInput {
    next_token: Option<String>,
}

/// ListSharedProjects.
pub(super) fn projects(services: &Services, input: &ListSharedInput) -> Result<Value, AwsError> {
    lists::position(services, "ListSharedProjects", input.next_token.as_deref())?;
    Ok(json!({ "projects": [] }))
}

/// ListSharedReportGroups.
pub(super) fn report_groups(
    services: &Services,
    input: &ListSharedInput,
) -> Result<Value, AwsError> {
    lists::position(
        services,
        "ListSharedReportGroups",
        input.next_token.as_deref(),
    )?;
    Ok(json!({ "reportGroups": [] }))
}
