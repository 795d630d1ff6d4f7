//! Repositories, images and layers as operations and the data plane work with them.
//!
//! A blob is one file, named by its digest, however many repositories have it. It gets its place in
//! the transaction that writes its record, and goes away in one that sees that no record is left, so
//! that neither can overtake the other. What a killed process was writing is removed at the next start.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use redb::ReadableTable;
use tempfile::NamedTempFile;

use super::errors;
use super::logins::Logins;
use super::records::Image;
use super::records::Layer;
use super::records::Repository;
use super::uploads::Uploads;
use crate::account::Account;
use crate::error::AwsError;
use crate::store;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

/// Greater than every digest.
const LAST_DIGEST: &str = "~";

/// All repositories of the account, cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Registry {
    pub(super) store: Store,
    pub(super) account: Account,
    pub(super) logins: Logins,
    pub(super) uploads: Uploads,
    /// `blobs/` has a file for each blob, `uploads/` what is being written.
    directory: Arc<Path>,
}

impl Registry {
    /// The repositories whose blobs are in this directory, made if it is not there. `key` seals
    /// passwords.
    pub(crate) fn open(
        store: Store,
        account: Account,
        key: Vec<u8>,
        directory: &Path,
    ) -> io::Result<Self> {
        let uploads = directory.join("uploads");
        match fs::remove_dir_all(&uploads) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::create_dir_all(&uploads)?;
        fs::create_dir_all(directory.join("blobs"))?;
        Ok(Self {
            store,
            account,
            logins: Logins::new(key),
            uploads: Uploads::new(uploads),
            directory: directory.into(),
        })
    }

    /// The repository's record.
    ///
    /// # Errors
    ///
    /// `RepositoryNotFoundException`.
    pub(super) fn repository(&self, name: &str) -> Result<Repository, AwsError> {
        let found = self.store.read(|transaction| {
            store::get(&transaction.open_table(store::ECR_REPOSITORIES)?, name)
        })?;
        found.ok_or_else(|| errors::no_such_repository(name, &self.account.id))
    }

    /// All images of a repository with their digests.
    pub(super) fn images(&self, repository: &str) -> Result<Vec<(String, Image)>, AwsError> {
        self.repository(repository)?;
        self.store
            .read(|transaction| images(&transaction.open_table(store::ECR_IMAGES)?, repository))
    }

    /// The image that a digest or a tag names.
    pub(super) fn image(
        &self,
        repository: &str,
        digest_or_tag: &str,
    ) -> Result<Option<(String, Image)>, AwsError> {
        if !super::names::is_digest(digest_or_tag) {
            let mut images = self.images(repository)?.into_iter();
            return Ok(images.find(|(_, image)| image.tags.iter().any(|tag| tag == digest_or_tag)));
        }
        self.repository(repository)?;
        self.store.read(|transaction| {
            let images = transaction.open_table(store::ECR_IMAGES)?;
            match images.get((repository, digest_or_tag))? {
                Some(bytes) => Ok(Some((
                    digest_or_tag.to_owned(),
                    serde_json::from_slice(bytes.value())?,
                ))),
                None => Ok(None),
            }
        })
    }

    /// An image's manifest, byte by byte as it was pushed.
    pub(super) fn manifest(
        &self,
        repository: &str,
        digest: &str,
    ) -> Result<Option<Vec<u8>>, AwsError> {
        self.store.read(|transaction| {
            let manifests = transaction.open_table(store::ECR_MANIFESTS)?;
            Ok(manifests
                .get((repository, digest))?
                .map(|text| text.value().to_vec()))
        })
    }

    /// What a repository knows of a blob.
    pub(super) fn layer(&self, repository: &str, digest: &str) -> Result<Option<Layer>, AwsError> {
        self.repository(repository)?;
        self.store.read(|transaction| {
            let layers = transaction.open_table(store::ECR_LAYERS)?;
            match layers.get((digest, repository))? {
                Some(bytes) => Ok(Some(serde_json::from_slice(bytes.value())?)),
                None => Ok(None),
            }
        })
    }

    /// Gives a repository a blob that was received whole.
    pub(super) async fn keep_blob(
        &self,
        repository: &str,
        digest: &str,
        size: u64,
        file: NamedTempFile,
    ) -> Result<(), AwsError> {
        let (registry, repository) = (self.clone(), repository.to_owned());
        let digest = digest.to_owned();
        self.store
            .write(move |transaction| {
                check_repository(transaction, &repository, &registry.account)?;
                file.persist(registry.blob(&digest))
                    .map_err(|error| AwsError::storage(error.error))?;
                put_layer(transaction, &repository, &digest, size)
            })
            .await
    }

    /// Gives a repository a blob that another one has; false if that one does not have it.
    pub(super) async fn mount_blob(
        &self,
        repository: &str,
        digest: &str,
        from: &str,
    ) -> Result<bool, AwsError> {
        let account = self.account.clone();
        let (repository, digest) = (repository.to_owned(), digest.to_owned());
        let from = from.to_owned();
        self.store
            .write(move |transaction| {
                check_repository(transaction, &repository, &account)?;
                let layers = transaction.open_table(store::ECR_LAYERS)?;
                let found: Option<Layer> = match layers.get((digest.as_str(), from.as_str()))? {
                    Some(bytes) => Some(serde_json::from_slice(bytes.value())?),
                    None => None,
                };
                drop(layers);
                let Some(layer) = found else { return Ok(false) };
                put_layer(transaction, &repository, &digest, layer.size)?;
                Ok(true)
            })
            .await
    }

    /// Where a blob's bytes are.
    pub(super) fn blob(&self, digest: &str) -> PathBuf {
        let name = digest.strip_prefix("sha256:").unwrap_or(digest);
        self.directory.join("blobs").join(name)
    }

    /// Removes the files of blobs that no repository has any more. Readers that have one open read on.
    pub(super) async fn remove_unused(&self, digests: Vec<String>) {
        if digests.is_empty() {
            return;
        }
        let registry = self.clone();
        let removed = self
            .store
            .write(move |transaction| {
                let layers = transaction.open_table(store::ECR_LAYERS)?;
                for digest in &digests {
                    let digest = digest.as_str();
                    let mut owners = layers.range::<(&str, &str)>((digest, "")..)?;
                    let is_owned = match owners.next() {
                        Some(owner) => owner?.0.value().0 == digest,
                        None => false,
                    };
                    if !is_owned {
                        registry.remove_file(digest);
                    }
                }
                Ok(())
            })
            .await;
        if let Err(error) = removed {
            tracing::warn!(%error, "blobs of removed images are still there");
        }
    }

    fn remove_file(&self, digest: &str) {
        match fs::remove_file(self.blob(digest)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, digest, "the file of a blob is still there");
            }
            _ => {}
        }
    }

    /// Removes the files of blobs without a record: what a killed process left.
    pub(super) async fn remove_strays(&self) -> io::Result<()> {
        let mut digests = Vec::new();
        for entry in fs::read_dir(self.directory.join("blobs"))? {
            if let Ok(name) = entry?.file_name().into_string() {
                digests.push(format!("sha256:{name}"));
            }
        }
        self.remove_unused(digests).await;
        Ok(())
    }
}

/// All images of a repository with their digests.
pub(super) fn images(
    table: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    repository: &str,
) -> Result<Vec<(String, Image)>, StoreError> {
    let mut images = Vec::new();
    for entry in table.range::<(&str, &str)>((repository, "")..(repository, LAST_DIGEST))? {
        let (key, value) = entry?;
        images.push((
            key.value().1.to_owned(),
            serde_json::from_slice(value.value())?,
        ));
    }
    Ok(images)
}

/// `RepositoryNotFoundException` if it is not there.
pub(super) fn check_repository(
    transaction: &Write<'_>,
    name: &str,
    account: &Account,
) -> Result<(), StoreError> {
    match transaction.open_table(store::ECR_REPOSITORIES)?.get(name)? {
        Some(_) => Ok(()),
        None => Err(errors::no_such_repository(name, &account.id).into()),
    }
}

fn put_layer(
    transaction: &Write<'_>,
    repository: &str,
    digest: &str,
    size: u64,
) -> Result<(), StoreError> {
    let layer = Layer {
        size,
        uploaded: EpochSeconds::now(),
    };
    let mut layers = transaction.open_table(store::ECR_LAYERS)?;
    layers.insert((digest, repository), serde_json::to_vec(&layer)?.as_slice())?;
    Ok(())
}
