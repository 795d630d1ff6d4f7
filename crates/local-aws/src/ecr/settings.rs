//! What can be set on a repository: whether tags move, scanning, and its policy.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::errors;
use super::names;
use super::registry::Registry;
use super::repositories;
use super::repositories::Exclusion;
use super::repositories::Scanning;
use crate::error::AwsError;

/// The longest repository policy.
const LONGEST_POLICY: usize = 10240;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    registry_id: Option<String>,
    repository_name: Option<String>,
    image_tag_mutability: Option<String>,
    image_tag_mutability_exclusion_filters: Option<Vec<Exclusion>>,
    policy_text: Option<String>,
}

impl Input {
    fn name(&self, registry: &Registry) -> Result<String, AwsError> {
        let name = names::repository(self.repository_name.as_deref())?;
        names::check_registry(&registry.account, self.registry_id.as_deref(), name)?;
        Ok(name.to_owned())
    }
}

pub(super) async fn put_mutability(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let wanted = errors::required("imageTagMutability", input.image_tag_mutability)?;
    let (mutability, exclusions) =
        repositories::mutability(Some(wanted), input.image_tag_mutability_exclusion_filters)?;
    let mut output = json!({
        "registryId": registry.account.id,
        "repositoryName": name,
        "imageTagMutability": mutability,
    });
    if !exclusions.is_empty() {
        output["imageTagMutabilityExclusionFilters"] = repositories::shown_exclusions(&exclusions);
    }
    repositories::change(registry, &name, |record| {
        record.mutability = mutability;
        record.exclusions = exclusions;
    })
    .await?;
    Ok(output)
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ScanningInput {
    registry_id: Option<String>,
    repository_name: Option<String>,
    image_scanning_configuration: Option<Scanning>,
}

pub(super) async fn put_scanning(
    registry: &Registry,
    input: ScanningInput,
) -> Result<Value, AwsError> {
    let name = names::repository(input.repository_name.as_deref())?.to_owned();
    names::check_registry(&registry.account, input.registry_id.as_deref(), &name)?;
    let scanning = errors::required(
        "imageScanningConfiguration",
        input.image_scanning_configuration,
    )?;
    let on_push = scanning.scan_on_push;
    repositories::change(registry, &name, move |record| {
        record.scan_on_push = on_push;
    })
    .await?;
    Ok(json!({
        "registryId": registry.account.id,
        "repositoryName": name,
        "imageScanningConfiguration": { "scanOnPush": on_push },
    }))
}

fn shown_policy(registry: &Registry, name: &str, text: &str) -> Value {
    json!({ "registryId": registry.account.id, "repositoryName": name, "policyText": text })
}

fn no_policy(registry: &Registry, name: &str) -> AwsError {
    AwsError::new(
        "RepositoryPolicyNotFoundException",
        format!(
            "Repository policy does not exist for the repository with name '{name}' in the \
             registry with id '{}'",
            registry.account.id
        ),
    )
}

pub(super) async fn set_policy(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let text = errors::required("policyText", input.policy_text)?;
    if text.len() > LONGEST_POLICY {
        return Err(errors::invalid(
            "policyText",
            "must have length less than or equal to 10240",
        ));
    }
    let policy: Value = serde_json::from_str(&text).unwrap_or_default();
    if policy.get("Statement").is_none() {
        return Err(errors::invalid(
            "PolicyText",
            "Invalid repository policy provided",
        ));
    }
    let kept = text.clone();
    repositories::change(registry, &name, |record| record.policy = Some(kept)).await?;
    Ok(shown_policy(registry, &name, &text))
}

pub(super) fn get_policy(registry: &Registry, input: &Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let policy = registry.repository(&name)?.policy;
    let text = policy.ok_or_else(|| no_policy(registry, &name))?;
    Ok(shown_policy(registry, &name, &text))
}

pub(super) async fn delete_policy(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let output = get_policy(registry, &input)?;
    let name = input.name(registry)?;
    repositories::change(registry, &name, |record| record.policy = None).await?;
    Ok(output)
}
