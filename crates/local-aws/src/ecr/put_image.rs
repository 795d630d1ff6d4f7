//! An image comes into a repository, by PutImage or by a push.

use redb::ReadableTable;

use super::errors;
use super::lifecycle;
use super::manifest;
use super::names;
use super::records::Image;
use super::records::Repository;
use super::registry;
use super::registry::Registry;
use super::uploads;
use crate::account::Account;
use crate::error::AwsError;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

/// The longest manifest.
const LONGEST: usize = 4 * 1024 * 1024;

/// A manifest that is to be put into a repository.
pub(super) struct NewImage {
    pub(super) repository: String,
    pub(super) manifest: Vec<u8>,
    pub(super) media_type: Option<String>,
    pub(super) tag: Option<String>,
    /// What the caller thinks the digest is.
    pub(super) digest: Option<String>,
}

/// What became of it.
pub(super) struct Put {
    pub(super) digest: String,
    pub(super) media_type: String,
    pub(super) subject: Option<String>,
    /// Whether the image was there with this tag already.
    pub(super) existed: bool,
}

impl Registry {
    /// Puts an image into a repository, and lets the lifecycle policy expire others.
    ///
    /// # Errors
    ///
    /// What PutImage answers.
    pub(super) async fn put_image(&self, new: NewImage) -> Result<Put, AwsError> {
        if new.manifest.len() > LONGEST {
            return Err(errors::invalid(
                "imageManifest",
                "must have length less than or equal to 4194304",
            ));
        }
        self.repository(&new.repository)?;
        let facts = manifest::read(&new.manifest, new.media_type.as_deref()).map_err(|reason| {
            errors::invalid(
                "ImageManifest",
                &format!("must be a valid manifest: {reason}"),
            )
        })?;
        let digest = uploads::digest(&new.manifest);
        if let Some(wanted) = &new.digest
            && *wanted != digest
        {
            return Err(AwsError::new(
                "ImageDigestDoesNotMatchException",
                format!("The image digest '{wanted}' does not match the manifest's, '{digest}'."),
            ));
        }
        if let Some(tag) = &new.tag
            && !names::is_tag(tag)
        {
            return Err(errors::invalid(
                "imageTag",
                "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'",
            ));
        }
        let account = self.account.clone();
        let (put, unused) = self
            .store
            .write(move |transaction| {
                let (repository, existed) = check(transaction, &account, &new, &facts, &digest)?;
                if !existed {
                    write(transaction, &new, &facts, &digest)?;
                }
                let unused = match &repository.lifecycle {
                    Some(_) if !existed => lifecycle::evaluate(transaction, &new.repository)?,
                    _ => Vec::new(),
                };
                let put = Put {
                    digest,
                    media_type: facts.media_type,
                    subject: facts.subject,
                    existed,
                };
                Ok((put, unused))
            })
            .await?;
        self.remove_unused(unused).await;
        Ok(put)
    }
}

/// Whether it may come in, and whether it is there already.
fn check(
    transaction: &Write<'_>,
    account: &Account,
    new: &NewImage,
    facts: &manifest::Facts,
    digest: &str,
) -> Result<(Repository, bool), StoreError> {
    let name = new.repository.as_str();
    let repositories = transaction.open_table(store::ECR_REPOSITORIES)?;
    let repository: Repository = store::get(&*repositories, name)?
        .ok_or_else(|| errors::no_such_repository(name, &account.id))?;
    let layers = transaction.open_table(store::ECR_LAYERS)?;
    let mut missing = Vec::new();
    for layer in &facts.layers {
        if layers.get((layer.as_str(), name))?.is_none() {
            missing.push(layer.clone());
        }
    }
    if !missing.is_empty() {
        return Err(errors::layers_not_found(name, &missing).into());
    }
    let images = transaction.open_table(store::ECR_IMAGES)?;
    for image in &facts.images {
        if images.get((name, image.as_str()))?.is_none() {
            return Err(AwsError::new(
                "ReferencedImagesNotFoundException",
                format!(
                    "The image '{image}' that the manifest list names does not exist in the \
                     repository '{name}'. Push it first."
                ),
            )
            .into());
        }
    }
    let images = registry::images(&*images, name)?;
    let own = images.iter().find(|(known, _)| known == digest);
    let Some(tag) = &new.tag else {
        return Ok((repository, own.is_some()));
    };
    let tagged = images.iter().find(|(_, image)| image.tags.contains(tag));
    match tagged {
        Some((known, _)) if known == digest => Ok((repository, true)),
        Some(_) if repository.is_immutable(tag) => Err(errors::tag_is_immutable(tag, name).into()),
        _ => Ok((repository, false)),
    }
}

fn write(
    transaction: &Write<'_>,
    new: &NewImage,
    facts: &manifest::Facts,
    digest: &str,
) -> Result<(), StoreError> {
    let name = new.repository.as_str();
    let mut images = transaction.open_table(store::ECR_IMAGES)?;
    let known = registry::images(&*images, name)?;
    let mut image = Image {
        pushed: EpochSeconds::now(),
        pulled: None,
        tags: Vec::new(),
        facts: facts.clone(),
    };
    for (other, mut record) in known {
        if other == digest {
            image = record;
        } else if let Some(tag) = &new.tag
            && record.tags.contains(tag)
        {
            // A tag is at one image.
            record.tags.retain(|own| own != tag);
            images.insert(
                (name, other.as_str()),
                serde_json::to_vec(&record)?.as_slice(),
            )?;
        }
    }
    image.tags.extend(new.tag.clone());
    images.insert((name, digest), serde_json::to_vec(&image)?.as_slice())?;
    drop(images);
    let mut manifests = transaction.open_table(store::ECR_MANIFESTS)?;
    manifests.insert((name, digest), new.manifest.as_slice())?;
    Ok(())
}
