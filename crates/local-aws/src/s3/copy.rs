//! CopyObject and UploadPartCopy.

use s3s::S3Request;
use s3s::dto;
use s3s::dto::CopySource;

use super::buckets::new_file_name;
use super::buckets::new_object;
use super::checksum;
use super::checksum::Algorithm;
use super::conditions::ReadConditions;
use super::conditions::WriteConditions;
use super::errors;
use super::incoming;
use super::multipart::Place;
use super::multipart_operations::part_number;
use super::object_operations::description;
use super::records::Object;
use super::records::Part;
use super::records::Seconds;
use super::records::StoredChecksum;
use super::service::Service;
use crate::error::AwsError;

/// The source's bucket and key, its record and the conditions on it.
macro_rules! source {
    ($service:expr, $input:expr) => {
        source(
            $service,
            &$input.copy_source,
            ReadConditions {
                if_match: $input.copy_source_if_match.clone(),
                if_none_match: $input.copy_source_if_none_match.clone(),
                if_modified_since: $input.copy_source_if_modified_since.clone(),
                if_unmodified_since: $input.copy_source_if_unmodified_since.clone(),
            },
        )
    };
}

fn source<'a>(
    service: &Service,
    source: &'a CopySource,
    conditions: ReadConditions,
) -> Result<(&'a str, &'a str, Object), AwsError> {
    let CopySource::Bucket {
        bucket,
        key,
        version_id,
    } = source
    else {
        return Err(errors::not_implemented(
            "The local AWS copies from buckets, not from access points.",
        ));
    };
    service.buckets.bucket(bucket)?;
    let object = service
        .buckets
        .object(bucket, key)?
        .ok_or_else(errors::no_such_key)?;
    if version_id
        .as_deref()
        .is_some_and(|version| version != "null")
    {
        return Err(errors::no_such_version());
    }
    conditions.check_copy(&object)?;
    Ok((bucket, key, object))
}

pub(super) async fn object(
    service: &Service,
    request: S3Request<dto::CopyObjectInput>,
) -> Result<dto::CopyObjectOutput, AwsError> {
    let input = request.input;
    let bucket = service.buckets.bucket(&input.bucket)?;
    let (from_bucket, from_key, from) = source!(service, input)?;
    let replaces_metadata = directive(
        input
            .metadata_directive
            .as_ref()
            .map(dto::MetadataDirective::as_str),
    )?;
    let replaces_tags = directive(
        input
            .tagging_directive
            .as_ref()
            .map(dto::TaggingDirective::as_str),
    )?;
    let onto_itself = from_bucket == input.bucket && from_key == input.key;
    let changes = replaces_metadata
        || input.storage_class.is_some()
        || input.website_redirect_location.is_some()
        || input.server_side_encryption.is_some();
    if onto_itself && !changes {
        return Err(errors::invalid_request(
            "This copy request is illegal because it is trying to copy an object to itself without \
             changing the object's metadata, storage class, website redirect location or encryption \
             attributes.",
        ));
    }
    let mut new = description!(input, &bucket)?;
    if !replaces_metadata {
        let redirect = new.headers.website_redirect_location.take();
        new.headers = from.description.headers.clone();
        new.headers.website_redirect_location = redirect;
        new.metadata = from.description.metadata.clone();
    }
    if !replaces_tags {
        new.tags = from.description.tags.clone();
    }
    let algorithm = match (&input.checksum_algorithm, &from.checksum) {
        (Some(named), _) => Algorithm::named(named.as_str())?,
        (None, Some(checksum)) => checksum.algorithm,
        (None, None) => Algorithm::DEFAULT,
    };
    let received = incoming::file(
        service.buckets.partial(),
        service.buckets.path(&from.file),
        (0, from.size),
        algorithm,
    )
    .await?;
    let checksum = StoredChecksum {
        algorithm,
        value: received.checksum.clone(),
        composite: false,
    };
    let mut result = dto::CopyObjectResult::default();
    checksum::answer!(result, &checksum);
    result.checksum_type = Some(dto::ChecksumType::from_static(checksum.kind()));
    let (object, file) = new_object(received, checksum, new);
    result.e_tag = Some(dto::ETag::Strong(object.etag.clone()));
    result.last_modified = Some(object.modified.into());
    let encryption = object.description.encryption.clone();
    service
        .buckets
        .commit(
            &input.bucket,
            &input.key,
            object,
            file,
            WriteConditions::default(),
        )
        .await?;
    Ok(dto::CopyObjectOutput {
        copy_object_result: Some(result),
        server_side_encryption: Some(dto::ServerSideEncryption::from(encryption.algorithm)),
        ssekms_key_id: encryption.key_id,
        bucket_key_enabled: encryption.bucket_key,
        ..Default::default()
    })
}

pub(super) async fn part(
    service: &Service,
    request: S3Request<dto::UploadPartCopyInput>,
) -> Result<dto::UploadPartCopyOutput, AwsError> {
    let input = request.input;
    let number = part_number(input.part_number)?;
    let (_, _, from) = source!(service, input)?;
    let place = Place {
        bucket: input.bucket,
        key: input.key,
        upload_id: input.upload_id,
    };
    let upload = service.buckets.upload(&place)?;
    let range = match input.copy_source_range.as_deref() {
        None => (0, from.size),
        Some(text) => {
            let range = dto::Range::parse(text).map_err(|_| {
                errors::invalid_argument(
                    "The x-amz-copy-source-range value must be of the form bytes=first-last where \
                     first and last are the zero-based offsets of the first and last bytes to copy",
                )
            })?;
            let range = range.check(from.size).map_err(|_| {
                errors::invalid_argument(format!(
                    "Range specified is not valid for source object of size: {}",
                    from.size
                ))
            })?;
            (range.start, range.end - range.start)
        }
    };
    let received = incoming::file(
        service.buckets.partial(),
        service.buckets.path(&from.file),
        range,
        upload.algorithm,
    )
    .await?;
    let part = Part {
        file: new_file_name(),
        size: received.size,
        etag: received.etag(),
        modified: Seconds::now(),
        checksum: StoredChecksum {
            algorithm: upload.algorithm,
            value: received.checksum.clone(),
            composite: false,
        },
    };
    let mut result = dto::CopyPartResult {
        e_tag: Some(dto::ETag::Strong(part.etag.clone())),
        last_modified: Some(part.modified.into()),
        ..Default::default()
    };
    if upload.chosen {
        checksum::answer!(result, &part.checksum);
    }
    service
        .buckets
        .put_part(place, number, part, received.file)
        .await?;
    Ok(dto::UploadPartCopyOutput {
        copy_part_result: Some(result),
        server_side_encryption: Some(dto::ServerSideEncryption::from(
            upload.description.encryption.algorithm,
        )),
        ..Default::default()
    })
}

/// Whether a directive says `REPLACE`.
fn directive(text: Option<&str>) -> Result<bool, AwsError> {
    match text {
        None | Some("COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(_) => Err(errors::invalid_argument("Unknown metadata directive.")),
    }
}
