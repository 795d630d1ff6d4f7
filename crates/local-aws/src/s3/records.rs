//! What the database keeps about buckets, objects and uploads.

use std::collections::BTreeMap;
use std::time::Duration;
use std::time::SystemTime;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use super::checksum::Algorithm;
use super::lifecycle::LifecycleRule;

/// A point in time, with the second as its unit: S3 keeps no finer one.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) struct Seconds(i64);

impl Seconds {
    pub(super) fn now() -> Self {
        Self(Timestamp::now().as_second())
    }

    /// Seconds since 1970.
    pub(crate) const fn epoch(self) -> i64 {
        self.0
    }
}

impl From<Seconds> for s3s::dto::Timestamp {
    fn from(time: Seconds) -> Self {
        let since = Duration::from_secs(u64::try_from(time.0).unwrap_or(0));
        Self::from(SystemTime::UNIX_EPOCH + since)
    }
}

/// Tags: key and value.
pub(crate) type Tags = Vec<(String, String)>;

/// A bucket: everything but its objects.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Bucket {
    pub(super) created: Seconds,
    pub(super) region: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Tags,
    #[serde(default)]
    pub(crate) encryption: Encryption,
    /// Block and ignore ACLs, block policies, restrict buckets: in this order.
    #[serde(default = "blocked")]
    pub(crate) public_access_block: Option<[bool; 4]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<String>,
    /// Such as `BucketOwnerEnforced`.
    #[serde(default = "owned")]
    pub(crate) ownership: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) lifecycle: Vec<LifecycleRule>,
}

impl Bucket {
    /// A bucket as CreateBucket makes it.
    pub(super) fn new(region: &str) -> Self {
        Self {
            created: Seconds::now(),
            region: region.to_owned(),
            tags: Tags::new(),
            encryption: Encryption::default(),
            public_access_block: blocked(),
            policy: None,
            ownership: owned(),
            lifecycle: Vec::new(),
        }
    }
}

/// The owner of a new bucket owns all its objects since April 2023.
#[expect(clippy::unnecessary_wraps, reason = "the field may be taken away")]
fn owned() -> Option<String> {
    Some("BucketOwnerEnforced".to_owned())
}

/// New buckets block all public access since April 2023.
#[expect(clippy::unnecessary_wraps, reason = "the field may be taken away")]
const fn blocked() -> Option<[bool; 4]> {
    Some([true; 4])
}

/// How a bucket or an object is said to be encrypted. The files on this machine are not.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Encryption {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub(crate) algorithm: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bucket_key: Option<bool>,
}

impl Default for Encryption {
    fn default() -> Self {
        Self {
            algorithm: "AES256".to_owned(),
            key_id: None,
            bucket_key: None,
        }
    }
}

/// The headers that an object is stored with and answered with.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub(super) struct Headers {
    pub(super) content_type: Option<String>,
    pub(super) cache_control: Option<String>,
    pub(super) content_disposition: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_language: Option<String>,
    /// An HTTP date.
    pub(super) expires: Option<String>,
    pub(super) website_redirect_location: Option<String>,
}

/// What a client says about an object when it begins to write it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(super) struct Description {
    pub(super) headers: Headers,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) tags: Tags,
    #[serde(default)]
    pub(super) encryption: Encryption,
    #[serde(default)]
    pub(super) storage_class: Option<String>,
}

/// A checksum of an object or a part.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct StoredChecksum {
    pub(super) algorithm: Algorithm,
    /// Base64; with `-N` at its end if it is one of N parts' checksums.
    pub(super) value: String,
    /// Made of the parts' checksums, not of the bytes.
    #[serde(default)]
    pub(super) composite: bool,
}

/// An object.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Object {
    /// The name of the file with its bytes.
    pub(super) file: String,
    pub(super) size: u64,
    /// Without quotes.
    pub(super) etag: String,
    pub(super) modified: Seconds,
    pub(super) checksum: Option<StoredChecksum>,
    /// The sizes of its parts, if it was written in parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) parts: Vec<u64>,
    #[serde(flatten)]
    pub(super) description: Description,
}

/// A multipart upload that is neither complete nor aborted.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Upload {
    pub(super) initiated: Seconds,
    pub(super) algorithm: Algorithm,
    /// Whether the object's checksum is to be made of the parts' checksums.
    pub(super) composite: bool,
    /// Whether the client named the algorithm.
    pub(super) chosen: bool,
    pub(super) description: Description,
}

/// A part of an upload.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Part {
    pub(super) file: String,
    pub(super) size: u64,
    /// The MD5 of its bytes in hexadecimal digits.
    pub(super) etag: String,
    pub(super) modified: Seconds,
    pub(super) checksum: StoredChecksum,
}
