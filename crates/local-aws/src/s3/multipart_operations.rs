//! Operations on uploads in parts.

use s3s::S3Request;
use s3s::dto;

use super::buckets::new_file_name;
use super::checksum;
use super::checksum::Algorithm;
use super::conditions::WriteConditions;
use super::errors;
use super::incoming;
use super::list_operations::Encoding;
use super::list_operations::page_length;
use super::multipart::NamedPart;
use super::multipart::Place;
use super::object_operations::Expected;
use super::object_operations::description;
use super::records::Part;
use super::records::Seconds;
use super::records::Upload;
use super::service::Service;
use crate::error::AwsError;

pub(super) async fn create(
    service: &Service,
    request: S3Request<dto::CreateMultipartUploadInput>,
) -> Result<dto::CreateMultipartUploadOutput, AwsError> {
    let input = request.input;
    let bucket = service.buckets.bucket(&input.bucket)?;
    let description = description!(input, &bucket)?;
    let algorithm = match &input.checksum_algorithm {
        Some(named) => Algorithm::named(named.as_str())?,
        None => Algorithm::DEFAULT,
    };
    let composite = match input.checksum_type.as_ref().map(dto::ChecksumType::as_str) {
        None => algorithm != Algorithm::Crc64nvme,
        Some(dto::ChecksumType::COMPOSITE) if algorithm != Algorithm::Crc64nvme => true,
        Some(dto::ChecksumType::FULL_OBJECT)
            if !matches!(algorithm, Algorithm::Sha1 | Algorithm::Sha256) =>
        {
            false
        }
        Some(other) => {
            return Err(errors::invalid_request(format!(
                "The {other} checksum type cannot be used with the {} checksum algorithm.",
                algorithm.name().to_lowercase()
            )));
        }
    };
    let chosen = input.checksum_algorithm.is_some();
    let encryption = description.encryption.clone();
    let upload = Upload {
        initiated: Seconds::now(),
        algorithm,
        composite,
        chosen,
        description,
    };
    let upload_id = service
        .buckets
        .begin_upload(input.bucket.clone(), input.key.clone(), upload)
        .await?;
    Ok(dto::CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(upload_id),
        checksum_algorithm: input.checksum_algorithm,
        checksum_type: chosen.then(|| dto::ChecksumType::from_static(checksum::kind(composite))),
        server_side_encryption: Some(dto::ServerSideEncryption::from(encryption.algorithm)),
        ssekms_key_id: encryption.key_id,
        bucket_key_enabled: encryption.bucket_key,
        ..Default::default()
    })
}

/// A part's number, checked.
pub(super) fn part_number(number: i32) -> Result<u32, AwsError> {
    u32::try_from(number)
        .ok()
        .filter(|number| (1..=10_000).contains(number))
        .ok_or_else(|| {
            errors::invalid_argument(
                "Part number must be an integer between 1 and 10000, inclusive",
            )
        })
}

pub(super) async fn upload_part(
    service: &Service,
    mut request: S3Request<dto::UploadPartInput>,
) -> Result<dto::UploadPartOutput, AwsError> {
    let body = request.input.body.take();
    let input = &request.input;
    let number = part_number(input.part_number)?;
    let place = Place {
        bucket: input.bucket.clone(),
        key: input.key.clone(),
        upload_id: input.upload_id.clone(),
    };
    let upload = service.buckets.upload(&place)?;
    let expected = Expected::of(
        &request,
        checksum::given!(input),
        input.checksum_algorithm.as_ref(),
        input.content_md5.as_ref(),
        input.content_length,
        upload.algorithm,
    )?;
    if upload.chosen && expected.algorithm != upload.algorithm {
        return Err(errors::invalid_request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            upload.algorithm.name().to_lowercase(),
            expected.algorithm.name().to_lowercase()
        )));
    }
    let received = incoming::body(service.buckets.partial(), body, expected.algorithm).await?;
    let checksum = expected.check(&received)?;
    let part = Part {
        file: new_file_name(),
        size: received.size,
        etag: received.etag(),
        modified: Seconds::now(),
        checksum,
    };
    let mut output = dto::UploadPartOutput {
        e_tag: Some(dto::ETag::Strong(part.etag.clone())),
        server_side_encryption: Some(dto::ServerSideEncryption::from(
            upload.description.encryption.algorithm,
        )),
        ..Default::default()
    };
    checksum::answer!(output, &part.checksum);
    service
        .buckets
        .put_part(place, number, part, received.file)
        .await?;
    Ok(output)
}

pub(super) async fn complete(
    service: &Service,
    request: S3Request<dto::CompleteMultipartUploadInput>,
) -> Result<dto::CompleteMultipartUploadOutput, AwsError> {
    let input = request.input;
    let place = Place {
        bucket: input.bucket.clone(),
        key: input.key.clone(),
        upload_id: input.upload_id.clone(),
    };
    let upload = service.buckets.upload(&place)?;
    let named: Vec<NamedPart> = input
        .multipart_upload
        .as_ref()
        .and_then(|upload| upload.parts.as_deref())
        .unwrap_or_default()
        .iter()
        .map(|part| named(part, upload.algorithm))
        .collect::<Result<_, _>>()?;
    let said = checksum::first(checksum::given!(input))
        .filter(|(algorithm, _)| *algorithm == upload.algorithm)
        .map(|(_, said)| said);
    let conditions = WriteConditions {
        if_match: input.if_match.clone(),
        if_none_match: input.if_none_match.clone(),
    };
    let object = service
        .buckets
        .complete_upload(place, upload, &named, said, conditions)
        .await?;
    let encryption = object.description.encryption.clone();
    let mut output = dto::CompleteMultipartUploadOutput {
        location: Some(format!(
            "{}/{}/{}",
            service.account.endpoint,
            input.bucket,
            crate::percent_encoding::encoded_path(&input.key)
        )),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(dto::ETag::Strong(object.etag)),
        server_side_encryption: Some(dto::ServerSideEncryption::from(encryption.algorithm)),
        ssekms_key_id: encryption.key_id,
        bucket_key_enabled: encryption.bucket_key,
        ..Default::default()
    };
    if let Some(checksum) = &object.checksum {
        checksum::answer!(output, checksum);
        output.checksum_type = Some(dto::ChecksumType::from_static(checksum.kind()));
    }
    Ok(output)
}

fn named(part: &dto::CompletedPart, algorithm: Algorithm) -> Result<NamedPart, AwsError> {
    let missing = || {
        AwsError::new(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published \
             schema",
        )
    };
    let etag = part.e_tag.as_ref().ok_or_else(missing)?;
    Ok(NamedPart {
        number: part_number(part.part_number.ok_or_else(missing)?)?,
        etag: etag.value().trim_matches('"').to_owned(),
        checksum: checksum::given!(part)
            .into_iter()
            .find_map(|(given, value)| value.filter(|_| given == algorithm)),
    })
}

pub(super) async fn abort(
    service: &Service,
    request: S3Request<dto::AbortMultipartUploadInput>,
) -> Result<dto::AbortMultipartUploadOutput, AwsError> {
    let input = request.input;
    let place = Place {
        bucket: input.bucket,
        key: input.key,
        upload_id: input.upload_id,
    };
    service.buckets.abort_upload(place).await?;
    Ok(dto::AbortMultipartUploadOutput::default())
}

pub(super) async fn list_parts(
    service: &Service,
    request: S3Request<dto::ListPartsInput>,
) -> Result<dto::ListPartsOutput, AwsError> {
    let input = request.input;
    let max_parts = page_length(input.max_parts, "max-parts")?;
    let place = Place {
        bucket: input.bucket.clone(),
        key: input.key.clone(),
        upload_id: input.upload_id.clone(),
    };
    let upload = service.buckets.upload(&place)?;
    let after = input.part_number_marker.unwrap_or(0);
    let mut parts: Vec<(i32, Part)> = service
        .buckets
        .parts(&place.upload_id)?
        .into_iter()
        .filter_map(|(number, part)| Some((i32::try_from(number).ok()?, part)))
        .filter(|(number, _)| *number > after)
        .collect();
    let limit = usize::try_from(max_parts).unwrap_or(0);
    let truncated = parts.len() > limit;
    parts.truncate(limit);
    let next = parts.last().map(|(number, _)| *number);
    Ok(dto::ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: Some(after),
        next_part_number_marker: next.or(Some(0)),
        max_parts: Some(max_parts),
        is_truncated: Some(truncated),
        owner: Some(service.owner()),
        initiator: Some(initiator(service)),
        storage_class: Some(dto::StorageClass::from(
            upload
                .description
                .storage_class
                .unwrap_or_else(|| "STANDARD".to_owned()),
        )),
        checksum_algorithm: upload
            .chosen
            .then(|| dto::ChecksumAlgorithm::from_static(upload.algorithm.name())),
        checksum_type: upload
            .chosen
            .then(|| dto::ChecksumType::from_static(checksum::kind(upload.composite))),
        parts: Some(
            parts
                .into_iter()
                .map(|(number, part)| listed(number, &part, upload.chosen))
                .collect(),
        ),
        ..Default::default()
    })
}

fn listed(number: i32, part: &Part, with_checksum: bool) -> dto::Part {
    let mut listed = dto::Part {
        part_number: Some(number),
        e_tag: Some(dto::ETag::Strong(part.etag.clone())),
        last_modified: Some(part.modified.into()),
        size: i64::try_from(part.size).ok(),
        ..Default::default()
    };
    if with_checksum {
        checksum::answer!(listed, &part.checksum);
    }
    listed
}

fn initiator(service: &Service) -> dto::Initiator {
    dto::Initiator {
        display_name: None,
        id: Some(service.account.user_arn()),
    }
}

pub(super) async fn list_uploads(
    service: &Service,
    request: S3Request<dto::ListMultipartUploadsInput>,
) -> Result<dto::ListMultipartUploadsOutput, AwsError> {
    let input = request.input;
    let encode = Encoding::of(input.encoding_type.as_ref())?;
    let max_uploads = page_length(input.max_uploads, "max-uploads")?;
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let key_marker = input.key_marker.as_deref().unwrap_or_default();
    let id_marker = input.upload_id_marker.as_deref();
    let mut uploads = service.buckets.uploads(&input.bucket, prefix)?;
    uploads.retain(|(place, _)| match id_marker {
        // Without a key marker the id marker means nothing.
        Some(id) if !key_marker.is_empty() => {
            (place.key.as_str(), place.upload_id.as_str()) > (key_marker, id)
        }
        _ => key_marker.is_empty() || place.key.as_str() > key_marker,
    });
    let limit = usize::try_from(max_uploads).unwrap_or(0);
    let truncated = uploads.len() > limit;
    uploads.truncate(limit);
    let next = uploads
        .last()
        .filter(|_| truncated)
        .map(|(place, _)| place.clone());
    Ok(dto::ListMultipartUploadsOutput {
        prefix: Some(encode.text(prefix)),
        key_marker: Some(encode.text(key_marker)),
        upload_id_marker: input.upload_id_marker.clone().or(Some(String::new())),
        next_key_marker: next.as_ref().map(|place| encode.text(&place.key)),
        next_upload_id_marker: next.map(|place| place.upload_id),
        bucket: Some(input.bucket),
        encoding_type: input.encoding_type,
        is_truncated: Some(truncated),
        max_uploads: Some(max_uploads),
        uploads: Some(
            uploads
                .into_iter()
                .map(|(place, upload)| dto::MultipartUpload {
                    initiated: Some(upload.initiated.into()),
                    initiator: Some(initiator(service)),
                    key: Some(encode.text(&place.key)),
                    owner: Some(service.owner()),
                    storage_class: Some(dto::StorageClass::from(
                        upload
                            .description
                            .storage_class
                            .unwrap_or_else(|| "STANDARD".to_owned()),
                    )),
                    upload_id: Some(place.upload_id),
                    ..Default::default()
                })
                .collect(),
        ),
        ..Default::default()
    })
}
