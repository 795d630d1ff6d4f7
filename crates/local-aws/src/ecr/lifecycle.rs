//! Operations on lifecycle policies, and their evaluation.
//!
//! AWS expires images within a day. Here a policy is evaluated when it is put, at each push, and
//! every hour.

use std::time::Duration;

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::errors;
use super::images::ImageId;
use super::images::TagFilter;
use super::lifecycle_policy::Policy;
use super::names;
use super::records::Lifecycle;
use super::records::Preview;
use super::records::Repository;
use super::registry;
use super::registry::Registry;
use super::remove_images;
use crate::error::AwsError;
use crate::page_token::PageTokens;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// How many results a page of a preview has.
const PAGE: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    registry_id: Option<String>,
    repository_name: Option<String>,
    lifecycle_policy_text: Option<String>,
}

impl Input {
    fn name(&self, registry: &Registry) -> Result<String, AwsError> {
        let name = names::repository(self.repository_name.as_deref())?;
        names::check_registry(&registry.account, self.registry_id.as_deref(), name)?;
        Ok(name.to_owned())
    }
}

fn read(text: &str) -> Result<Policy, AwsError> {
    Policy::read(text).map_err(|reason| {
        errors::invalid(
            "LifecyclePolicyText",
            &format!("Lifecycle policy validation failure: {reason}"),
        )
    })
}

fn no_policy(name: &str, registry: &Registry) -> AwsError {
    AwsError::new(
        "LifecyclePolicyNotFoundException",
        format!(
            "Lifecycle policy does not exist for the repository with name '{name}' in the registry \
             with id '{}'",
            registry.account.id
        ),
    )
}

pub(super) async fn put(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let text = errors::required("lifecyclePolicyText", input.lifecycle_policy_text)?;
    read(&text)?;
    let policy = Lifecycle {
        text: text.clone(),
        evaluated: EpochSeconds::now(),
    };
    super::repositories::change(registry, &name, move |record| {
        record.lifecycle = Some(policy);
    })
    .await?;
    expire(registry, &name).await?;
    Ok(json!({
        "registryId": registry.account.id, "repositoryName": name, "lifecyclePolicyText": text,
    }))
}

pub(super) fn get(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let policy = registry.repository(&name)?.lifecycle;
    let policy = policy.ok_or_else(|| no_policy(&name, registry))?;
    Ok(shown(registry, &name, &policy))
}

fn shown(registry: &Registry, name: &str, policy: &Lifecycle) -> Value {
    json!({
        "registryId": registry.account.id,
        "repositoryName": name,
        "lifecyclePolicyText": policy.text,
        "lastEvaluatedAt": policy.evaluated,
    })
}

pub(super) async fn delete(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let policy = registry.repository(&name)?.lifecycle;
    let policy = policy.ok_or_else(|| no_policy(&name, registry))?;
    super::repositories::change(registry, &name, |record| record.lifecycle = None).await?;
    Ok(shown(registry, &name, &policy))
}

pub(super) async fn start_preview(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let images = registry.images(&name)?;
    let own = registry.repository(&name)?.lifecycle;
    let text = input
        .lifecycle_policy_text
        .or_else(|| own.map(|policy| policy.text))
        .ok_or_else(|| no_policy(&name, registry))?;
    let expiries = read(&text)?.expiries(&images, EpochSeconds::now());
    let expiries = expiries.into_iter().filter_map(|expiry| {
        let image = images.iter().find(|(digest, _)| *digest == expiry.digest)?;
        Some((expiry, image.1.clone()))
    });
    let preview = Preview {
        text: text.clone(),
        expiries: expiries.collect(),
    };
    super::repositories::change(registry, &name, move |record| {
        record.preview = Some(preview);
    })
    .await?;
    Ok(json!({
        "registryId": registry.account.id,
        "repositoryName": name,
        "lifecyclePolicyText": text,
        "status": "IN_PROGRESS",
    }))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PreviewInput {
    registry_id: Option<String>,
    repository_name: Option<String>,
    image_ids: Option<Vec<ImageId>>,
    next_token: Option<String>,
    max_results: Option<i64>,
    filter: Option<TagFilter>,
}

pub(super) fn get_preview(
    registry: &Registry,
    tokens: &PageTokens,
    input: PreviewInput,
) -> Result<Value, AwsError> {
    let name = names::repository(input.repository_name.as_deref())?;
    names::check_registry(&registry.account, input.registry_id.as_deref(), name)?;
    let filter = input.filter.unwrap_or_default();
    filter.check()?;
    let length = super::pages::length(input.max_results, PAGE)?;
    let preview = registry.repository(name)?.preview.ok_or_else(|| {
        AwsError::new(
            "LifecyclePolicyPreviewNotFoundException",
            format!(
                "Lifecycle policy preview does not exist for the repository with name '{name}' in \
                 the registry with id '{}'",
                registry.account.id
            ),
        )
    })?;
    let wanted = |digest: &str, tags: &[String]| match &input.image_ids {
        Some(ids) => ids.iter().any(|id| id.names(digest, tags)),
        None => filter.lets_in(tags),
    };
    let results: Vec<Value> = preview
        .expiries
        .iter()
        .filter(|(expiry, image)| wanted(&expiry.digest, &image.tags))
        .map(|(expiry, image)| {
            json!({
                "imageTags": image.tags,
                "imageDigest": expiry.digest,
                "imagePushedAt": image.pushed,
                "action": { "type": "EXPIRE" },
                "appliedRulePriority": expiry.priority,
            })
        })
        .collect();
    let total = results.len();
    let list = format!("GetLifecyclePolicyPreview/{name}");
    let (page, next) = super::pages::page(tokens, &list, results, input.next_token, length)?;
    let mut output = json!({
        "registryId": registry.account.id,
        "repositoryName": name,
        "lifecyclePolicyText": preview.text,
        "status": "COMPLETE",
        "previewResults": page,
        "summary": { "expiringImageTotalCount": total },
    });
    super::pages::add_token(&mut output, next);
    Ok(output)
}

/// Evaluates a repository's policy in a transaction; the blobs that are not needed any more.
pub(super) fn evaluate(transaction: &Write<'_>, name: &str) -> Result<Vec<String>, StoreError> {
    let mut repositories = transaction.open_table(store::ECR_REPOSITORIES)?;
    let Some(mut repository) = store::get::<Repository>(&*repositories, name)? else {
        return Ok(Vec::new());
    };
    let Some(lifecycle) = &mut repository.lifecycle else {
        return Ok(Vec::new());
    };
    let now = EpochSeconds::now();
    // Policies are read before they are kept.
    let Ok(policy) = Policy::read(&lifecycle.text) else {
        return Ok(Vec::new());
    };
    let images = transaction.open_table(store::ECR_IMAGES)?;
    let expiries = policy.expiries(&registry::images(&*images, name)?, now);
    drop(images);
    lifecycle.evaluated = now;
    store::put(&mut repositories, name, &repository)?;
    drop(repositories);
    let digests: Vec<String> = expiries.into_iter().map(|expiry| expiry.digest).collect();
    remove_images::images(transaction, name, &digests)
}

async fn expire(registry: &Registry, name: &str) -> Result<(), AwsError> {
    let name = name.to_owned();
    let unused = registry
        .store
        .write(move |transaction| evaluate(transaction, &name))
        .await?;
    registry.remove_unused(unused).await;
    Ok(())
}

/// Removes what a killed process left, then lets policies expire images every hour.
pub(crate) fn keep_tidy(registry: Registry, stop: CancellationToken) {
    tokio::spawn(async move {
        stop.run_until_cancelled(async {
            if let Err(error) = registry.remove_strays().await {
                tracing::warn!(%error, "blobs that were cut off are still there");
            }
            loop {
                if let Err(error) = expire_all(&registry).await {
                    tracing::warn!(%error, "images are not expired");
                }
                tokio::time::sleep(HOUR).await;
            }
        })
        .await;
    });
}

async fn expire_all(registry: &Registry) -> Result<(), AwsError> {
    let names: Vec<String> = registry.store.read(|transaction| {
        let mut names = Vec::new();
        for entry in transaction.open_table(store::ECR_REPOSITORIES)?.iter()? {
            names.push(entry?.0.value().to_owned());
        }
        Ok(names)
    })?;
    if names.is_empty() {
        return Ok(());
    }
    for name in names {
        expire(registry, &name).await?;
    }
    registry.remove_abandoned_layers().await
}
