//! COMBINE_ARTIFACTS: the artifacts of all builds of a batch in one place.

use build_engine::PhaseContext;

use crate::builds::BuildHost;
use crate::builds::join_key;
use crate::builds::s3_error;
use crate::codebuild::ProjectArtifacts;
use crate::codebuild::StoredBuildBatch;
use crate::error::AwsError;
use crate::s3::PutOptions;

/// Moves what the builds have uploaded from `<path>/<batch>/<identifier>/` to `<path>/<batch>/`, if
/// the batch wants that. Of two objects of the same name the later build's stays where it was.
///
/// # Errors
///
/// The context that COMBINE_ARTIFACTS fails with: an object cannot be read or written.
pub(super) async fn artifacts(
    host: &BuildHost,
    stored: &StoredBuildBatch,
) -> Result<(), PhaseContext> {
    if stored.batch.build_batch_config.combine_artifacts != Some(true) {
        return Ok(());
    }
    let project = &stored.project;
    for artifacts in std::iter::once(&project.artifacts).chain(&project.secondary_artifacts) {
        if artifacts.r#type == "S3" {
            combine(host, stored, artifacts)
                .await
                .map_err(|error| s3_error(&error))?;
        }
    }
    Ok(())
}

async fn combine(
    host: &BuildHost,
    stored: &StoredBuildBatch,
    artifacts: &ProjectArtifacts,
) -> Result<(), AwsError> {
    let bucket = artifacts.location.as_deref().unwrap_or_default();
    let path = artifacts.path.as_deref().unwrap_or_default();
    let uuid = stored.batch.id.rsplit(':').next().unwrap_or_default();
    let target = join_key(&[path, uuid]);
    for group in &stored.batch.build_groups {
        let from = join_key(&[&target, &group.identifier]);
        for object in host.buckets.list(bucket, &format!("{from}/"))? {
            let name = object.key.strip_prefix(&from).unwrap_or(&object.key);
            let key = join_key(&[&target, name]);
            if host.buckets.get(bucket, &key)?.is_some() {
                continue;
            }
            let Some(found) = host.buckets.get(bucket, &object.key)? else {
                continue;
            };
            let options = PutOptions {
                content_type: found.content_type,
                metadata: found.metadata,
            };
            host.buckets
                .put_file(bucket, &key, &found.path, options)
                .await?;
            host.buckets.delete(bucket, &object.key).await?;
        }
    }
    Ok(())
}
