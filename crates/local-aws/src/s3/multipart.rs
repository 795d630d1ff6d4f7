//! Uploads in parts: where they are kept and how they become an object.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use md5::Digest as _;
use md5::Md5;
use redb::ReadableTable;
use tempfile::NamedTempFile;

use super::buckets::Buckets;
use super::buckets::check_bucket;
use super::buckets::new_file_name;
use super::buckets::put_object;
use super::checksum;
use super::conditions::WriteConditions;
use super::errors;
use super::incoming;
use super::incoming::Incoming;
use super::incoming::Received;
use super::records::Object;
use super::records::Part;
use super::records::Seconds;
use super::records::StoredChecksum;
use super::records::Upload;
use crate::error::AwsError;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;

/// No part but the last may be shorter.
const SHORTEST_PART: u64 = 5 * 1024 * 1024;

/// Where an upload goes and its id.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) upload_id: String,
}

impl Place {
    fn key(&self) -> (&str, &str, &str) {
        (&self.bucket, &self.key, &self.upload_id)
    }
}

/// A part as CompleteMultipartUpload names it.
#[derive(Clone, Debug)]
pub(super) struct NamedPart {
    pub(super) number: u32,
    /// Without quotes.
    pub(super) etag: String,
    /// The checksum of the upload's algorithm, if the client gives it.
    pub(super) checksum: Option<String>,
}

impl Buckets {
    /// Begins an upload and returns its id.
    pub(super) async fn begin_upload(
        &self,
        bucket: String,
        key: String,
        upload: Upload,
    ) -> Result<String, AwsError> {
        let upload_id = format!("{}{}", new_file_name(), new_file_name());
        let id = upload_id.clone();
        self.store
            .write(move |transaction| {
                check_bucket(transaction, &bucket)?;
                let mut uploads = transaction.open_table(store::S3_UPLOADS)?;
                let place = (bucket.as_str(), key.as_str(), id.as_str());
                uploads.insert(place, serde_json::to_vec(&upload)?.as_slice())?;
                Ok(())
            })
            .await?;
        Ok(upload_id)
    }

    /// The upload's record.
    ///
    /// # Errors
    ///
    /// `NoSuchBucket`, `NoSuchUpload`.
    pub(super) fn upload(&self, place: &Place) -> Result<Upload, AwsError> {
        self.bucket(&place.bucket)?;
        self.store.read(|transaction| {
            let uploads = transaction.open_table(store::S3_UPLOADS)?;
            match uploads.get(place.key())? {
                Some(bytes) => Ok(serde_json::from_slice(bytes.value())?),
                None => Err(errors::no_such_upload().into()),
            }
        })
    }

    /// All uploads of a bucket whose keys begin with `prefix`, by key and id.
    pub(super) fn uploads(
        &self,
        bucket: &str,
        prefix: &str,
    ) -> Result<Vec<(Place, Upload)>, AwsError> {
        self.bucket(bucket)?;
        self.store.read(|transaction| {
            let table = transaction.open_table(store::S3_UPLOADS)?;
            let mut uploads = Vec::new();
            for entry in table.range::<(&str, &str, &str)>((bucket, prefix, "")..)? {
                let (place, value) = entry?;
                let (of, key, upload_id) = place.value();
                if of != bucket || !key.starts_with(prefix) {
                    break;
                }
                let place = Place {
                    bucket: bucket.to_owned(),
                    key: key.to_owned(),
                    upload_id: upload_id.to_owned(),
                };
                uploads.push((place, serde_json::from_slice(value.value())?));
            }
            Ok(uploads)
        })
    }

    /// The parts of an upload, by number.
    pub(super) fn parts(&self, upload_id: &str) -> Result<Vec<(u32, Part)>, AwsError> {
        self.store.read(|transaction| {
            let table = transaction.open_table(store::S3_PARTS)?;
            let mut parts = Vec::new();
            for entry in table.range::<(&str, u32)>((upload_id, 0)..)? {
                let (place, value) = entry?;
                let (of, number) = place.value();
                if of != upload_id {
                    break;
                }
                parts.push((number, serde_json::from_slice(value.value())?));
            }
            Ok(parts)
        })
    }

    /// Keeps a part. One with the same number goes away.
    pub(super) async fn put_part(
        &self,
        place: Place,
        number: u32,
        part: Part,
        file: NamedTempFile,
    ) -> Result<(), AwsError> {
        let name = part.file.clone();
        self.keep(file, &name)?;
        let written = self
            .store
            .write(move |transaction| {
                if transaction
                    .open_table(store::S3_UPLOADS)?
                    .get(place.key())?
                    .is_none()
                {
                    return Err(errors::no_such_upload().into());
                }
                let mut parts = transaction.open_table(store::S3_PARTS)?;
                let place = (place.upload_id.as_str(), number);
                let before: Option<Part> = match parts.get(place)? {
                    Some(bytes) => Some(serde_json::from_slice(bytes.value())?),
                    None => None,
                };
                parts.insert(place, serde_json::to_vec(&part)?.as_slice())?;
                Ok(before)
            })
            .await;
        match written {
            Ok(before) => {
                if let Some(before) = before {
                    self.remove_file(&before.file);
                }
                Ok(())
            }
            Err(error) => {
                self.remove_file(&name);
                Err(error)
            }
        }
    }

    /// Ends an upload without an object.
    pub(super) async fn abort_upload(&self, place: Place) -> Result<(), AwsError> {
        self.bucket(&place.bucket)?;
        let files = self
            .store
            .write(move |transaction| remove_upload(transaction, &place))
            .await?;
        files.iter().for_each(|file| self.remove_file(file));
        Ok(())
    }

    /// Makes the object of its parts.
    ///
    /// # Errors
    ///
    /// `InvalidPart`, `InvalidPartOrder`, `EntityTooSmall`, `NoSuchUpload`, or what the conditions
    /// say.
    pub(super) async fn complete_upload(
        &self,
        place: Place,
        upload: Upload,
        named: &[NamedPart],
        said: Option<String>,
        conditions: WriteConditions,
    ) -> Result<Object, AwsError> {
        let stored = self.parts(&place.upload_id)?;
        let parts = chosen(&upload, &stored, named)?;
        let paths: Vec<PathBuf> = parts.iter().map(|part| self.path(&part.file)).collect();
        let (directory, algorithm) = (self.partial(), upload.algorithm);
        let joined = tokio::task::spawn_blocking(move || -> io::Result<Received> {
            let mut incoming = Incoming::new(&directory, algorithm)?;
            for path in paths {
                incoming.copy(File::open(path)?)?;
            }
            Ok(incoming.finish())
        });
        let joined = incoming::finished(joined.await)?;
        let value = if upload.composite {
            let values: Vec<&str> = parts
                .iter()
                .map(|part| part.checksum.value.as_str())
                .collect();
            checksum::composite(algorithm, &values)
        } else {
            joined.checksum
        };
        if let Some(said) = said {
            algorithm.compare(&said, &value)?;
        }
        let object = Object {
            file: new_file_name(),
            size: joined.size,
            etag: etag(&parts),
            modified: Seconds::now(),
            checksum: Some(StoredChecksum {
                algorithm,
                value,
                composite: upload.composite,
            }),
            parts: parts.iter().map(|part| part.size).collect(),
            description: upload.description,
        };
        self.keep(joined.file, &object.file)?;
        let (file, answer) = (object.file.clone(), object.clone());
        let written = self
            .store
            .write(move |transaction| {
                // Everything that can refuse comes before the first change.
                let uploads = transaction.open_table(store::S3_UPLOADS)?;
                if uploads.get(place.key())?.is_none() {
                    return Err(errors::no_such_upload().into());
                }
                drop(uploads);
                let before =
                    put_object(transaction, &place.bucket, &place.key, &object, &conditions)?;
                let mut files = remove_upload(transaction, &place)?;
                files.extend(before);
                Ok(files)
            })
            .await;
        match written {
            Ok(files) => {
                files.iter().for_each(|file| self.remove_file(file));
                Ok(answer)
            }
            Err(error) => {
                self.remove_file(&file);
                Err(error)
            }
        }
    }
}

/// Removes an upload's records; the files of its parts.
pub(super) fn remove_upload(
    transaction: &Write<'_>,
    place: &Place,
) -> Result<Vec<String>, StoreError> {
    let mut uploads = transaction.open_table(store::S3_UPLOADS)?;
    if uploads.get(place.key())?.is_none() {
        return Err(errors::no_such_upload().into());
    }
    let mut parts = transaction.open_table(store::S3_PARTS)?;
    let id = place.upload_id.as_str();
    let mut found = Vec::new();
    for entry in parts.range::<(&str, u32)>((id, 0)..)? {
        let (key, value) = entry?;
        let (of, number) = key.value();
        if of != id {
            break;
        }
        let part: Part = serde_json::from_slice(value.value())?;
        found.push((number, part.file));
    }
    uploads.remove(place.key())?;
    for (number, _) in &found {
        parts.remove((id, *number))?;
    }
    Ok(found.into_iter().map(|(_, file)| file).collect())
}

/// The stored parts that the client names, if they are what it says.
fn chosen<'p>(
    upload: &Upload,
    stored: &'p [(u32, Part)],
    named: &[NamedPart],
) -> Result<Vec<&'p Part>, AwsError> {
    if named.is_empty() {
        return Err(AwsError::new(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published \
             schema",
        ));
    }
    if !named.is_sorted_by(|one, next| one.number < next.number) {
        return Err(AwsError::new(
            "InvalidPartOrder",
            "The list of parts was not in ascending order. The parts list must be specified in \
             order by part number.",
        ));
    }
    let invalid = || {
        AwsError::new(
            "InvalidPart",
            "One or more of the specified parts could not be found.  The part may not have been \
             uploaded, or the specified entity tag may not match the part's entity tag.",
        )
    };
    let mut parts = Vec::with_capacity(named.len());
    for wanted in named {
        let (_, part) = stored
            .iter()
            .find(|(number, part)| *number == wanted.number && part.etag == wanted.etag)
            .ok_or_else(invalid)?;
        match &wanted.checksum {
            Some(said) if *said != part.checksum.value => return Err(invalid()),
            None if upload.composite && upload.chosen => {
                return Err(errors::invalid_request(format!(
                    "The upload was created using a {} checksum. The complete request must include \
                     the checksum for each part. It was missing for part {} in the request.",
                    upload.algorithm.name().to_lowercase(),
                    wanted.number
                )));
            }
            _ => {}
        }
        parts.push(part);
    }
    let all_but_last = parts.split_last().map_or(&[][..], |(_, rest)| rest);
    if all_but_last.iter().any(|part| part.size < SHORTEST_PART) {
        return Err(AwsError::new(
            "EntityTooSmall",
            "Your proposed upload is smaller than the minimum allowed size",
        ));
    }
    Ok(parts)
}

/// The MD5 of the parts' MD5s, and how many there are.
fn etag(parts: &[&Part]) -> String {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(bytes_of(&part.etag));
    }
    format!("{}-{}", incoming::hex(&md5.finalize()), parts.len())
}

fn bytes_of(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
