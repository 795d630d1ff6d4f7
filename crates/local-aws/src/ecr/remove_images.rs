//! Images go, and with them the blobs that no other image has.

use std::collections::HashSet;

use redb::ReadableTable;

use super::records::Image;
use super::records::Layer;
use super::registry;
use super::registry::Registry;
use crate::error::AwsError;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

/// A layer that no image has may wait so long for its image: in seconds.
const WAITS: i64 = 24 * 60 * 60;

/// Removes images of a repository; the blobs that it does not need any more.
pub(super) fn images(
    transaction: &Write<'_>,
    repository: &str,
    digests: &[String],
) -> Result<Vec<String>, StoreError> {
    let mut images = transaction.open_table(store::ECR_IMAGES)?;
    let mut manifests = transaction.open_table(store::ECR_MANIFESTS)?;
    let (gone, left): (Vec<_>, Vec<_>) = registry::images(&*images, repository)?
        .into_iter()
        .partition(|(digest, _)| digests.contains(digest));
    let needed: HashSet<&String> = layers_of(&left);
    let mut unneeded: Vec<String> = layers_of(&gone)
        .into_iter()
        .filter(|layer| !needed.contains(layer))
        .cloned()
        .collect();
    unneeded.sort_unstable();
    for (digest, _) in &gone {
        images.remove((repository, digest.as_str()))?;
        manifests.remove((repository, digest.as_str()))?;
    }
    drop((images, manifests));
    let mut layers = transaction.open_table(store::ECR_LAYERS)?;
    for layer in &unneeded {
        layers.remove((layer.as_str(), repository))?;
    }
    Ok(unneeded)
}

/// Removes everything that a repository has; the blobs that it had.
pub(super) fn everything(
    transaction: &Write<'_>,
    repository: &str,
) -> Result<Vec<String>, StoreError> {
    let images = transaction.open_table(store::ECR_IMAGES)?;
    let all = registry::images(&*images, repository)?;
    drop(images);
    let all: Vec<String> = all.into_iter().map(|(digest, _)| digest).collect();
    let mut unneeded = self::images(transaction, repository, &all)?;
    let mut layers = transaction.open_table(store::ECR_LAYERS)?;
    let mut left = Vec::new();
    for entry in layers.iter()? {
        let (key, _) = entry?;
        let (digest, owner) = key.value();
        if owner == repository {
            left.push(digest.to_owned());
        }
    }
    for digest in &left {
        layers.remove((digest.as_str(), repository))?;
    }
    unneeded.extend(left);
    Ok(unneeded)
}

impl Registry {
    /// Removes layers that have waited too long for an image: a push that was cut off left them.
    pub(super) async fn remove_abandoned_layers(&self) -> Result<(), AwsError> {
        let now = EpochSeconds::now();
        let unused = self
            .store
            .write(move |transaction| {
                let images = transaction.open_table(store::ECR_IMAGES)?;
                let mut layers = transaction.open_table(store::ECR_LAYERS)?;
                let mut old = Vec::new();
                for entry in layers.iter()? {
                    let (key, value) = entry?;
                    let layer: Layer = serde_json::from_slice(value.value())?;
                    if now.seconds_since(layer.uploaded) >= WAITS {
                        let (digest, repository) = key.value();
                        old.push((digest.to_owned(), repository.to_owned()));
                    }
                }
                let mut unused = Vec::new();
                for (digest, repository) in old {
                    let images = registry::images(&*images, &repository)?;
                    if !layers_of(&images).contains(&digest) {
                        layers.remove((digest.as_str(), repository.as_str()))?;
                        unused.push(digest);
                    }
                }
                Ok(unused)
            })
            .await?;
        self.remove_unused(unused).await;
        Ok(())
    }
}

fn layers_of(images: &[(String, Image)]) -> HashSet<&String> {
    images
        .iter()
        .flat_map(|(_, image)| &image.facts.layers)
        .collect()
}
