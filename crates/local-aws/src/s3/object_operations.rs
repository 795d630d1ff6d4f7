//! Operations on objects.

use std::collections::HashMap;
use std::io;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::BytesMut;
use futures_util::stream;
use s3s::S3Request;
use s3s::dto;
use s3s::dto::StreamingBlob;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncSeekExt;

use super::buckets::new_object;
use super::checksum;
use super::checksum::Algorithm;
use super::checksum::Given;
use super::conditions::ReadConditions;
use super::conditions::WriteConditions;
use super::errors;
use super::incoming;
use super::incoming::Received;
use super::records::Bucket;
use super::records::Description;
use super::records::Encryption;
use super::records::Headers;
use super::records::Object;
use super::records::StoredChecksum;
use super::service::Service;
use super::tagging;
use crate::error::AwsError;

/// No single write may be longer.
const LONGEST_WRITE: i64 = 5 * 1024 * 1024 * 1024;

/// How much of a file is read at once.
const CHUNK: usize = 256 * 1024;

/// How long user metadata may be, names and values together.
const LONGEST_METADATA: usize = 2 * 1024;

/// What the inputs of PutObject, CreateMultipartUpload and CopyObject say about an object.
macro_rules! description {
    ($input:expr, $bucket:expr) => {
        $crate::s3::object_operations::new_description(
            $crate::s3::records::Headers {
                content_type: $input.content_type.clone(),
                cache_control: $input.cache_control.clone(),
                content_disposition: $input.content_disposition.clone(),
                content_encoding: $input.content_encoding.clone(),
                content_language: $input.content_language.clone(),
                expires: $input
                    .expires
                    .as_ref()
                    .map($crate::s3::object_operations::http_date),
                website_redirect_location: $input.website_redirect_location.clone(),
            },
            $input.metadata.clone(),
            $input.tagging.as_deref(),
            $input.server_side_encryption.as_ref().map(|algorithm| {
                $crate::s3::records::Encryption {
                    algorithm: algorithm.as_str().to_owned(),
                    key_id: $input.ssekms_key_id.clone(),
                    bucket_key: $input.bucket_key_enabled,
                }
            }),
            $input
                .storage_class
                .as_ref()
                .map(|class| class.as_str().to_owned()),
            $bucket,
        )
    };
}

pub(super) use description;

/// What the macro makes.
pub(super) fn new_description(
    mut headers: Headers,
    metadata: Option<HashMap<String, String>>,
    tagging: Option<&str>,
    encryption: Option<Encryption>,
    storage_class: Option<String>,
    bucket: &Bucket,
) -> Result<Description, AwsError> {
    // How the request was encoded is not how the object is.
    headers.content_encoding = headers.content_encoding.and_then(|encoding| {
        let rest: Vec<&str> = encoding
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty() && *part != "aws-chunked")
            .collect();
        (!rest.is_empty()).then(|| rest.join(","))
    });
    let metadata: std::collections::BTreeMap<_, _> =
        metadata.unwrap_or_default().into_iter().collect();
    let length: usize = metadata
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if length > LONGEST_METADATA {
        return Err(AwsError::new(
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
        ));
    }
    Ok(Description {
        headers,
        metadata,
        tags: tagging::from_header(tagging)?,
        encryption: encryption.unwrap_or_else(|| bucket.encryption.clone()),
        storage_class: storage_class.filter(|class| class != "STANDARD"),
    })
}

pub(super) fn http_date(time: &dto::Timestamp) -> String {
    let mut text = Vec::new();
    match time.format(dto::TimestampFormat::HttpDate, &mut text) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        Err(_) => String::new(),
    }
}

/// What an upload is to be checked against.
#[derive(Debug)]
pub(super) struct Expected {
    /// What to compute.
    pub(super) algorithm: Algorithm,
    said: Option<String>,
    md5: Option<String>,
    length: Option<i64>,
    trailers: Option<s3s::TrailingHeaders>,
}

impl Expected {
    /// From a request's headers. `named` is what `x-amz-sdk-checksum-algorithm` says.
    pub(super) fn of<T>(
        request: &S3Request<T>,
        given: Given,
        named: Option<&dto::ChecksumAlgorithm>,
        content_md5: Option<&String>,
        content_length: Option<i64>,
        default: Algorithm,
    ) -> Result<Self, AwsError> {
        if content_length.is_some_and(|length| length > LONGEST_WRITE) {
            return Err(AwsError::new(
                "EntityTooLarge",
                "Your proposed upload exceeds the maximum allowed size",
            ));
        }
        let announced = request.headers.get("x-amz-trailer").and_then(|names| {
            names
                .to_str()
                .ok()?
                .split(',')
                .find_map(Algorithm::announced)
        });
        let (algorithm, said) = match (checksum::first(given), announced, named) {
            (Some((algorithm, said)), _, _) => (algorithm, Some(said)),
            (None, Some(algorithm), _) => (algorithm, None),
            (None, None, Some(named)) => (Algorithm::named(named.as_str())?, None),
            (None, None, None) => (default, None),
        };
        Ok(Self {
            algorithm,
            said,
            md5: content_md5.cloned(),
            length: content_length,
            trailers: announced.and_then(|_| request.trailing_headers.clone()),
        })
    }

    /// Checks what was received.
    pub(super) fn check(&self, received: &Received) -> Result<StoredChecksum, AwsError> {
        if self
            .length
            .is_some_and(|length| u64::try_from(length) != Ok(received.size))
        {
            return Err(errors::incomplete_body());
        }
        if let Some(said) = &self.md5 {
            match STANDARD.decode(said) {
                Ok(bytes) if bytes == received.md5 => {}
                Ok(bytes) if bytes.len() == received.md5.len() => {
                    return Err(AwsError::new(
                        "BadDigest",
                        "The Content-MD5 you specified did not match what we received.",
                    ));
                }
                _ => {
                    return Err(AwsError::new(
                        "InvalidDigest",
                        "The Content-MD5 you specified was invalid.",
                    ));
                }
            }
        }
        let trailed = self.trailers.as_ref().and_then(|trailers| {
            trailers
                .read(|headers| {
                    let value = headers.get(self.algorithm.header())?;
                    value.to_str().ok().map(str::to_owned)
                })
                .flatten()
        });
        if let Some(said) = self.said.as_ref().or(trailed.as_ref()) {
            self.algorithm.compare(said, &received.checksum)?;
        }
        Ok(StoredChecksum {
            algorithm: self.algorithm,
            value: received.checksum.clone(),
            composite: false,
        })
    }
}

pub(super) async fn put(
    service: &Service,
    mut request: S3Request<dto::PutObjectInput>,
) -> Result<dto::PutObjectOutput, AwsError> {
    let body = request.input.body.take();
    let input = &request.input;
    let bucket = service.buckets.bucket(&input.bucket)?;
    let description = description!(input, &bucket)?;
    let conditions = WriteConditions {
        if_match: input.if_match.clone(),
        if_none_match: input.if_none_match.clone(),
    };
    conditions.check(service.buckets.object(&input.bucket, &input.key)?.as_ref())?;
    let expected = Expected::of(
        &request,
        checksum::given!(input),
        input.checksum_algorithm.as_ref(),
        input.content_md5.as_ref(),
        input.content_length,
        Algorithm::DEFAULT,
    )?;
    let received = incoming::body(service.buckets.partial(), body, expected.algorithm).await?;
    let checksum = expected.check(&received)?;
    let (object, file) = new_object(received, checksum, description);
    let mut output = dto::PutObjectOutput {
        e_tag: Some(dto::ETag::Strong(object.etag.clone())),
        server_side_encryption: Some(dto::ServerSideEncryption::from(
            object.description.encryption.algorithm.clone(),
        )),
        ssekms_key_id: object.description.encryption.key_id.clone(),
        bucket_key_enabled: object.description.encryption.bucket_key,
        ..Default::default()
    };
    if let Some(checksum) = &object.checksum {
        checksum::answer!(output, checksum);
        output.checksum_type = Some(dto::ChecksumType::from_static(checksum.kind()));
    }
    let (bucket, key) = (&request.input.bucket, &request.input.key);
    service
        .buckets
        .commit(bucket, key, object, file, conditions)
        .await?;
    Ok(output)
}

/// The outputs of GetObject and HeadObject have the same members.
macro_rules! described {
    ($output:ident, $found:expr, $with_checksum:expr) => {{
        let found: &Found = $found;
        let object = &found.object;
        let headers = object.description.headers.clone();
        let mut output = dto::$output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: headers.cache_control,
            content_disposition: headers.content_disposition,
            content_encoding: headers.content_encoding,
            content_language: headers.content_language,
            content_type: Some(
                headers
                    .content_type
                    .unwrap_or_else(|| "binary/octet-stream".to_owned()),
            ),
            content_length: i64::try_from(found.range.1).ok(),
            content_range: found.content_range.clone(),
            e_tag: Some(dto::ETag::Strong(object.etag.clone())),
            expires: headers
                .expires
                .as_deref()
                .and_then(|text| dto::Timestamp::parse(dto::TimestampFormat::HttpDate, text).ok()),
            last_modified: Some(object.modified.into()),
            metadata: Some(object.description.metadata.clone().into_iter().collect()),
            parts_count: found.parts_count,
            server_side_encryption: Some(dto::ServerSideEncryption::from(
                object.description.encryption.algorithm.clone(),
            )),
            ssekms_key_id: object.description.encryption.key_id.clone(),
            bucket_key_enabled: object.description.encryption.bucket_key,
            storage_class: object
                .description
                .storage_class
                .clone()
                .map(dto::StorageClass::from),
            website_redirect_location: headers.website_redirect_location,
            ..Default::default()
        };
        let whole = found.content_range.is_none();
        if $with_checksum
            && whole
            && let Some(checksum) = &object.checksum
        {
            checksum::answer!(output, checksum);
            output.checksum_type = Some(dto::ChecksumType::from_static(checksum.kind()));
        }
        output
    }};
}

/// An object as a request wants to see it.
#[derive(Debug)]
struct Found {
    object: Object,
    /// Offset and length of what is wanted.
    range: (u64, u64),
    content_range: Option<String>,
    parts_count: Option<i32>,
}

/// What GetObject and HeadObject ask for.
#[derive(Debug)]
struct Asked<'a> {
    bucket: &'a str,
    key: &'a str,
    version_id: Option<&'a str>,
    range: Option<dto::Range>,
    part_number: Option<i32>,
    conditions: ReadConditions,
}

macro_rules! asked {
    ($input:expr) => {
        Asked {
            bucket: &$input.bucket,
            key: &$input.key,
            version_id: $input.version_id.as_deref(),
            range: $input.range,
            part_number: $input.part_number,
            conditions: ReadConditions {
                if_match: $input.if_match.clone(),
                if_none_match: $input.if_none_match.clone(),
                if_modified_since: $input.if_modified_since.clone(),
                if_unmodified_since: $input.if_unmodified_since.clone(),
            },
        }
    };
}

fn find(service: &Service, asked: Asked<'_>) -> Result<Found, AwsError> {
    service.buckets.bucket(asked.bucket)?;
    let object = service
        .buckets
        .object(asked.bucket, asked.key)?
        .ok_or_else(errors::no_such_key)?;
    if asked.version_id.is_some_and(|version| version != "null") {
        return Err(errors::no_such_version());
    }
    asked.conditions.check(&object)?;
    let size = object.size;
    let part = match asked.part_number {
        None => None,
        Some(_) if asked.range.is_some() => {
            return Err(errors::invalid_request(
                "Cannot specify both Range header and partNumber query parameter",
            ));
        }
        Some(number) => Some(part_range(&object, number)?),
    };
    let range = match (part, asked.range) {
        (Some((from, to)), _) => Some((from, to)),
        (None, Some(range)) => {
            let range = range.check(size).map_err(|_| errors::invalid_range())?;
            Some((range.start, range.end))
        }
        (None, None) => None,
    };
    let content_range = range
        .filter(|(from, to)| from < to)
        .map(|(from, to)| format!("bytes {from}-{}/{size}", to - 1));
    let (from, to) = range.unwrap_or((0, size));
    let parts = i32::try_from(object.parts.len()).ok();
    Ok(Found {
        parts_count: parts.filter(|parts| part.is_some() && *parts > 0),
        object,
        range: (from, to - from),
        content_range,
    })
}

/// From and to of a part, by its number.
fn part_range(object: &Object, number: i32) -> Result<(u64, u64), AwsError> {
    let whole = [object.size];
    let parts: &[u64] = if object.parts.is_empty() {
        &whole
    } else {
        &object.parts
    };
    let index = usize::try_from(number)
        .ok()
        .and_then(|number| number.checked_sub(1))
        .ok_or_else(|| {
            errors::invalid_argument(
                "Part number must be an integer between 1 and 10000, inclusive",
            )
        })?;
    let length = parts.get(index).ok_or_else(|| {
        AwsError::new(
            "InvalidPartNumber",
            "The requested partnumber is not satisfiable",
        )
        .with_status(http::StatusCode::RANGE_NOT_SATISFIABLE)
    })?;
    let from: u64 = parts.iter().take(index).sum();
    Ok((from, from + length))
}

pub(super) async fn get(
    service: &Service,
    request: S3Request<dto::GetObjectInput>,
) -> Result<dto::GetObjectOutput, AwsError> {
    let input = request.input;
    let found = find(service, asked!(input))?;
    let path = service.buckets.path(&found.object.file);
    let mut file = match File::open(&path).await {
        Ok(file) => file,
        // It was deleted or overwritten since its record was read.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(errors::no_such_key());
        }
        Err(error) => return Err(AwsError::storage(error)),
    };
    let (from, length) = found.range;
    file.seek(io::SeekFrom::Start(from))
        .await
        .map_err(AwsError::storage)?;
    let with_checksum = input
        .checksum_mode
        .as_ref()
        .is_some_and(|mode| mode.as_str() == "ENABLED");
    let mut output = described!(GetObjectOutput, &found, with_checksum);
    let tags = found.object.description.tags.len();
    output.tag_count = i32::try_from(tags).ok().filter(|count| *count > 0);
    output.body = Some(streamed(file, length));
    Ok(output)
}

pub(super) async fn head(
    service: &Service,
    request: S3Request<dto::HeadObjectInput>,
) -> Result<dto::HeadObjectOutput, AwsError> {
    let input = request.input;
    let found = find(service, asked!(input))?;
    let with_checksum = input
        .checksum_mode
        .as_ref()
        .is_some_and(|mode| mode.as_str() == "ENABLED");
    Ok(described!(HeadObjectOutput, &found, with_checksum))
}

/// The next `length` bytes of a file.
fn streamed(file: File, length: u64) -> StreamingBlob {
    let chunks = stream::try_unfold((file, length), async |(mut file, left)| {
        if left == 0 {
            return Ok(None);
        }
        let most = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let mut chunk = BytesMut::with_capacity(most);
        let read = (&mut file).take(most as u64).read_buf(&mut chunk).await?;
        if read == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        Ok::<_, io::Error>(Some((chunk.freeze(), (file, left - read as u64))))
    });
    StreamingBlob::from(s3s::Body::http_body_unsync(Body::from_stream(chunks)))
}

pub(super) async fn delete(
    service: &Service,
    request: S3Request<dto::DeleteObjectInput>,
) -> Result<dto::DeleteObjectOutput, AwsError> {
    let input = request.input;
    let conditions = WriteConditions {
        if_match: input.if_match,
        if_none_match: None,
    };
    service
        .buckets
        .remove(&input.bucket, &input.key, conditions)
        .await?;
    Ok(dto::DeleteObjectOutput::default())
}

pub(super) async fn delete_several(
    service: &Service,
    request: S3Request<dto::DeleteObjectsInput>,
) -> Result<dto::DeleteObjectsOutput, AwsError> {
    let input = request.input;
    service.buckets.bucket(&input.bucket)?;
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > 1000 {
        return Err(AwsError::new(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published \
             schema",
        ));
    }
    let quiet = input.delete.quiet == Some(true);
    let (mut deleted, mut failures) = (Vec::new(), Vec::new());
    for object in objects {
        let conditions = WriteConditions {
            if_match: object.e_tag.map(dto::ETagCondition::ETag),
            if_none_match: None,
        };
        let removed = service
            .buckets
            .remove(&input.bucket, &object.key, conditions)
            .await;
        match removed {
            Ok(()) if quiet => {}
            Ok(()) => deleted.push(dto::DeletedObject {
                key: Some(object.key),
                ..Default::default()
            }),
            Err(error) => failures.push(dto::Error {
                code: Some(error.code.to_owned()),
                key: Some(object.key),
                message: error.message,
                version_id: None,
            }),
        }
    }
    Ok(dto::DeleteObjectsOutput {
        deleted: Some(deleted),
        errors: Some(failures),
        request_charged: None,
    })
}
