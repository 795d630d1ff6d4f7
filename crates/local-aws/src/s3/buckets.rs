//! Buckets and objects as the rest of the local AWS works with them.
//!
//! An object's bytes are written to a file of their own, then its record is committed: a record
//! always has its whole file. What an interrupted write leaves is a file without a record; these are
//! removed after the next start.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use redb::ReadableTable;
use tempfile::NamedTempFile;

use super::conditions::WriteConditions;
use super::errors;
use super::incoming::Received;
use super::records::Bucket;
use super::records::Description;
use super::records::Object;
use super::records::Part;
use super::records::Seconds;
use super::records::StoredChecksum;
use crate::error::AwsError;
use crate::store;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::Write;

/// All buckets of the account, cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Buckets {
    pub(super) store: Store,
    region: Arc<str>,
    /// `objects/` has a file for each object and part, `partial/` what is being written.
    directory: Arc<Path>,
}

impl Buckets {
    /// The buckets in a directory of this name, made if it is not there.
    pub(crate) fn open(store: Store, region: &str, directory: &Path) -> io::Result<Self> {
        let partial = directory.join("partial");
        match fs::remove_dir_all(&partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        fs::create_dir_all(&partial)?;
        fs::create_dir_all(directory.join("objects"))?;
        Ok(Self {
            store,
            region: region.into(),
            directory: directory.into(),
        })
    }

    /// Removes files that belong to no object: what a killed process was writing. `listed` is what
    /// was there before this process wrote anything, from [`Self::files`].
    pub(crate) fn remove_strays(&self, listed: Vec<String>) -> Result<(), AwsError> {
        if listed.is_empty() {
            return Ok(());
        }
        let known: HashSet<String> = self.store.read(|transaction| {
            let mut known = HashSet::new();
            for entry in transaction.open_table(store::S3_OBJECTS)?.iter()? {
                let object: Object = serde_json::from_slice(entry?.1.value())?;
                known.insert(object.file);
            }
            for entry in transaction.open_table(store::S3_PARTS)?.iter()? {
                let part: Part = serde_json::from_slice(entry?.1.value())?;
                known.insert(part.file);
            }
            Ok(known)
        })?;
        for stray in listed.iter().filter(|file| !known.contains(*file)) {
            self.remove_file(stray);
        }
        Ok(())
    }

    /// The names of all files with bytes of objects and parts.
    pub(crate) fn files(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.directory.join("objects"))? {
            if let Ok(name) = entry?.file_name().into_string() {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Makes a bucket.
    ///
    /// # Errors
    ///
    /// `InvalidBucketName`, or `BucketAlreadyOwnedByYou` if it is there.
    pub(crate) async fn create_bucket(&self, name: &str) -> Result<(), AwsError> {
        self.create_bucket_with(name, |_| ()).await
    }

    /// Makes a bucket and sets it up at once.
    ///
    /// # Errors
    ///
    /// As [`Self::create_bucket`].
    pub(crate) async fn create_bucket_with(
        &self,
        name: &str,
        set_up: impl FnOnce(&mut Bucket),
    ) -> Result<(), AwsError> {
        if !s3s::path::check_bucket_name(name) {
            return Err(AwsError::new(
                "InvalidBucketName",
                "The specified bucket is not valid.",
            ));
        }
        let name = name.to_owned();
        let mut bucket = Bucket::new(&self.region);
        set_up(&mut bucket);
        self.store
            .write(move |transaction| {
                let mut buckets = transaction.open_table(store::S3_BUCKETS)?;
                if buckets.get(name.as_str())?.is_some() {
                    return Err(errors::bucket_already_owned().into());
                }
                store::put(&mut buckets, &name, &bucket)
            })
            .await
    }

    /// Whether there is a bucket of this name.
    pub(crate) fn has_bucket(&self, name: &str) -> Result<bool, AwsError> {
        self.store.read(|transaction| {
            let buckets = transaction.open_table(store::S3_BUCKETS)?;
            Ok(buckets.get(name)?.is_some())
        })
    }

    /// The bucket's record.
    pub(crate) fn bucket(&self, name: &str) -> Result<Bucket, AwsError> {
        self.store.read(|transaction| {
            store::get(&transaction.open_table(store::S3_BUCKETS)?, name)?
                .ok_or_else(|| errors::no_such_bucket().into())
        })
    }

    /// Changes a bucket's record.
    pub(crate) async fn change_bucket(
        &self,
        name: String,
        change: impl FnOnce(&mut Bucket) + Send + 'static,
    ) -> Result<(), AwsError> {
        self.store
            .write(move |transaction| {
                let mut buckets = transaction.open_table(store::S3_BUCKETS)?;
                let mut bucket: Bucket =
                    store::get(&*buckets, &name)?.ok_or_else(errors::no_such_bucket)?;
                change(&mut bucket);
                store::put(&mut buckets, &name, &bucket)
            })
            .await
    }

    /// The object's record.
    pub(super) fn object(&self, bucket: &str, key: &str) -> Result<Option<Object>, AwsError> {
        self.store.read(|transaction| {
            let objects = transaction.open_table(store::S3_OBJECTS)?;
            match objects.get((bucket, key))? {
                Some(bytes) => Ok(Some(serde_json::from_slice(bytes.value())?)),
                None => Ok(None),
            }
        })
    }

    /// Changes an object's record.
    pub(super) async fn change_object(
        &self,
        bucket: String,
        key: String,
        change: impl FnOnce(&mut Object) + Send + 'static,
    ) -> Result<(), AwsError> {
        self.store
            .write(move |transaction| {
                check_bucket(transaction, &bucket)?;
                let mut objects = transaction.open_table(store::S3_OBJECTS)?;
                let place = (bucket.as_str(), key.as_str());
                let mut object: Object = match objects.get(place)? {
                    Some(bytes) => serde_json::from_slice(bytes.value())?,
                    None => return Err(errors::no_such_key().into()),
                };
                change(&mut object);
                objects.insert(place, serde_json::to_vec(&object)?.as_slice())?;
                Ok(())
            })
            .await
    }

    /// Keeps the file and commits the object. What was there before goes away.
    pub(super) async fn commit(
        &self,
        bucket: &str,
        key: &str,
        object: Object,
        file: NamedTempFile,
        conditions: WriteConditions,
    ) -> Result<(), AwsError> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let name = object.file.clone();
        self.keep(file, &name)?;
        let written = self
            .store
            .write(move |transaction| {
                check_bucket(transaction, &bucket)?;
                put_object(transaction, &bucket, &key, &object, &conditions)
            })
            .await;
        match written {
            Ok(before) => {
                if let Some(before) = before {
                    self.remove_file(&before);
                }
                Ok(())
            }
            Err(error) => {
                self.remove_file(&name);
                Err(error)
            }
        }
    }

    /// Deletes an object if it is there and the conditions hold.
    pub(super) async fn remove(
        &self,
        bucket: &str,
        key: &str,
        conditions: WriteConditions,
    ) -> Result<(), AwsError> {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        let file = self
            .store
            .write(move |transaction| {
                check_bucket(transaction, &bucket)?;
                let mut objects = transaction.open_table(store::S3_OBJECTS)?;
                let place = (bucket.as_str(), key.as_str());
                let object = match objects.get(place)? {
                    Some(bytes) => serde_json::from_slice::<Object>(bytes.value())?,
                    None => return Ok(None),
                };
                conditions.check(Some(&object))?;
                objects.remove(place)?;
                Ok(Some(object.file))
            })
            .await?;
        if let Some(file) = file {
            self.remove_file(&file);
        }
        Ok(())
    }

    /// Gives a received file its place.
    pub(super) fn keep(&self, file: NamedTempFile, name: &str) -> Result<(), AwsError> {
        file.persist(self.path(name))
            .map(drop)
            .map_err(|error| AwsError::storage(error.error))
    }

    /// Removes a file that no record names any more. Readers that have it open read on.
    pub(super) fn remove_file(&self, name: &str) {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, name, "the file of a deleted object is still there");
            }
            _ => {}
        }
    }

    /// Where the bytes of an object or a part are.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.directory.join("objects").join(file)
    }

    /// Where files are written before they have a place.
    pub(super) fn partial(&self) -> PathBuf {
        self.directory.join("partial")
    }
}

/// The record of bytes that were received whole.
pub(super) fn new_object(
    received: Received,
    checksum: StoredChecksum,
    description: Description,
) -> (Object, NamedTempFile) {
    let object = Object {
        file: new_file_name(),
        size: received.size,
        etag: received.etag(),
        modified: Seconds::now(),
        checksum: Some(checksum),
        parts: Vec::new(),
        description,
    };
    (object, received.file)
}

pub(super) fn new_file_name() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// `NoSuchBucket` if the bucket is not there.
pub(super) fn check_bucket(transaction: &Write<'_>, bucket: &str) -> Result<(), StoreError> {
    match transaction.open_table(store::S3_BUCKETS)?.get(bucket)? {
        Some(_) => Ok(()),
        None => Err(errors::no_such_bucket().into()),
    }
}

/// Writes an object's record; the file of the one that was there before.
pub(super) fn put_object(
    transaction: &Write<'_>,
    bucket: &str,
    key: &str,
    object: &Object,
    conditions: &WriteConditions,
) -> Result<Option<String>, StoreError> {
    let mut objects = transaction.open_table(store::S3_OBJECTS)?;
    let before: Option<Object> = match objects.get((bucket, key))? {
        Some(bytes) => Some(serde_json::from_slice(bytes.value())?),
        None => None,
    };
    conditions.check(before.as_ref())?;
    objects.insert((bucket, key), serde_json::to_vec(object)?.as_slice())?;
    Ok(before.map(|object| object.file))
}
