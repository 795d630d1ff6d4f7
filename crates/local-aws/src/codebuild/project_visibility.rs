//! UpdateProjectVisibility: whether a project's builds are public.
//!
//! The page of public builds is AWS's own and is not served here: what a client sees is the
//! project's visibility, its alias, and the URL in the environment of its builds.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::project::StoredProject;
use super::project_rules;
use super::projects;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateProjectVisibilityInput {
    project_arn: String,
    project_visibility: String,
    resource_access_role: Option<String>,
}

/// UpdateProjectVisibility. A role that the input does not name stays.
pub(super) async fn update(
    services: &Services,
    input: UpdateProjectVisibilityInput,
) -> Result<Value, AwsError> {
    let account = services.account.clone();
    let parts: Vec<&str> = input.project_arn.splitn(6, ':').collect();
    let is_arn = matches!(parts[..], ["arn", _, "codebuild", _, _, resource]
        if resource.starts_with("project/"));
    if !is_arn {
        return Err(AwsError::invalid_input("Invalid project ARN"));
    }
    if let Some(role) = &input.resource_access_role {
        project_rules::check_service_role(role, &account)
            .map_err(|_| AwsError::invalid_input("Invalid resource access role"))?;
    }
    let project = services
        .store
        .write(move |transaction| {
            let mut projects = transaction.open_table(store::PROJECTS)?;
            let name = account.project_name(&input.project_arn);
            let Some(mut stored) = store::get::<StoredProject>(&*projects, name)? else {
                return Err(projects::not_found_arn(&input.project_arn).into());
            };
            let before = stored.project.last_modified.millis();
            if input.project_visibility == "PUBLIC_READ" {
                stored
                    .public_alias
                    .get_or_insert_with(|| uuid::Uuid::new_v4().simple().to_string());
            }
            let project = &mut stored.project;
            project.project_visibility = input.project_visibility;
            if input.resource_access_role.is_some() {
                project.resource_access_role = input.resource_access_role;
            }
            project.last_modified = EpochSeconds::now();
            store::put(&mut projects, name, &stored)?;
            let mut by_change = transaction.open_table(store::PROJECTS_BY_CHANGE)?;
            by_change.remove((before, name))?;
            by_change.insert((stored.project.last_modified.millis(), name), ())?;
            drop(projects);
            drop(by_change);
            Ok(stored.into_project())
        })
        .await?;
    let mut reply = json!({
        "projectArn": project.arn,
        "projectVisibility": project.project_visibility,
    });
    if let Some(alias) = project.public_project_alias {
        reply["publicProjectAlias"] = alias.into();
    }
    Ok(reply)
}
