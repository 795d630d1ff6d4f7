//! Objects that the local AWS itself reads and writes: sources, artifacts, caches, logs.

use std::path::Path;
use std::path::PathBuf;

use super::buckets::Buckets;
use super::buckets::new_object;
use super::checksum::Algorithm;
use super::conditions::WriteConditions;
use super::incoming;
use super::incoming::Received;
use super::listing;
use super::records::Description;
use super::records::Headers;
use super::records::StoredChecksum;
use crate::error::AwsError;

/// What an object that is written from this machine is stored with.
#[derive(Clone, Debug, Default)]
pub(crate) struct PutOptions {
    /// `binary/octet-stream` if there is none, as on S3.
    pub(crate) content_type: Option<String>,
    /// User metadata, without `x-amz-meta-`.
    pub(crate) metadata: Vec<(String, String)>,
}

/// An object that was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct PutObject {
    /// Without quotes: the MD5 of the bytes in hexadecimal digits.
    pub(crate) etag: String,
    /// In bytes.
    pub(crate) size: u64,
}

/// An object and where its bytes are.
#[derive(Clone, Debug)]
pub(crate) struct StoredObject {
    /// The file with its bytes. It goes away when the object is overwritten or deleted.
    pub(crate) path: PathBuf,
    /// In bytes.
    pub(crate) size: u64,
    /// As it was put.
    pub(crate) content_type: Option<String>,
    /// User metadata, without `x-amz-meta-`.
    pub(crate) metadata: Vec<(String, String)>,
    /// In seconds since 1970.
    pub(crate) last_modified: i64,
}

/// An object in a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ListedObject {
    /// Its key.
    pub(crate) key: String,
    /// In bytes.
    pub(crate) size: u64,
    /// In seconds since 1970.
    pub(crate) last_modified: i64,
}

impl Buckets {
    /// Writes an object with the bytes of a file.
    ///
    /// # Errors
    ///
    /// `NoSuchBucket`, or `LocalStorageException` if a file cannot be read or written.
    pub(crate) async fn put_file(
        &self,
        bucket: &str,
        key: &str,
        path: &Path,
        options: PutOptions,
    ) -> Result<PutObject, AwsError> {
        self.bucket(bucket)?;
        let whole = (0, u64::MAX);
        let received =
            incoming::file(self.partial(), path.to_owned(), whole, Algorithm::DEFAULT).await?;
        self.put(bucket, key, received, options).await
    }

    /// Writes an object with these bytes.
    ///
    /// # Errors
    ///
    /// As [`Self::put_file`].
    pub(crate) async fn put_bytes(
        &self,
        bucket: &str,
        key: &str,
        bytes: Vec<u8>,
        options: PutOptions,
    ) -> Result<PutObject, AwsError> {
        self.bucket(bucket)?;
        let body = s3s::dto::StreamingBlob::from(s3s::Body::from(bytes));
        let received = incoming::body(self.partial(), Some(body), Algorithm::DEFAULT).await?;
        self.put(bucket, key, received, options).await
    }

    async fn put(
        &self,
        bucket: &str,
        key: &str,
        received: Received,
        options: PutOptions,
    ) -> Result<PutObject, AwsError> {
        let description = Description {
            headers: Headers {
                content_type: options.content_type,
                ..Headers::default()
            },
            metadata: options.metadata.into_iter().collect(),
            encryption: self.bucket(bucket)?.encryption,
            ..Description::default()
        };
        let checksum = StoredChecksum {
            algorithm: Algorithm::DEFAULT,
            value: received.checksum.clone(),
            composite: false,
        };
        let (object, file) = new_object(received, checksum, description);
        let put = PutObject {
            etag: object.etag.clone(),
            size: object.size,
        };
        self.commit(bucket, key, object, file, WriteConditions::default())
            .await?;
        Ok(put)
    }

    /// An object; `None` if the bucket has no such key.
    ///
    /// # Errors
    ///
    /// `NoSuchBucket`.
    pub(crate) fn get(&self, bucket: &str, key: &str) -> Result<Option<StoredObject>, AwsError> {
        self.bucket(bucket)?;
        let object = self.object(bucket, key)?;
        Ok(object.map(|object| StoredObject {
            path: self.path(&object.file),
            size: object.size,
            content_type: object.description.headers.content_type,
            metadata: object.description.metadata.into_iter().collect(),
            last_modified: object.modified.epoch(),
        }))
    }

    /// All objects whose keys begin with `prefix`, by key.
    ///
    /// # Errors
    ///
    /// `NoSuchBucket`.
    pub(crate) fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<ListedObject>, AwsError> {
        let wanted = listing::Wanted {
            prefix,
            delimiter: None,
            after: None,
            limit: usize::MAX,
        };
        let page = listing::objects(self, bucket, &wanted)?;
        Ok(page
            .objects
            .into_iter()
            .map(|(key, object)| ListedObject {
                key,
                size: object.size,
                last_modified: object.modified.epoch(),
            })
            .collect())
    }

    /// Deletes an object if it is there.
    ///
    /// # Errors
    ///
    /// `NoSuchBucket`.
    pub(crate) async fn delete(&self, bucket: &str, key: &str) -> Result<(), AwsError> {
        self.remove(bucket, key, WriteConditions::default()).await
    }
}
