//! Tags of buckets and objects.

use s3s::S3Request;
use s3s::dto;

use super::errors;
use super::records::Object;
use super::records::Tags;
use super::service::Service;
use crate::error::AwsError;
use crate::system_tags;

/// How many tags an object may have.
const OBJECT_TAGS: usize = 10;

/// How many tags a bucket may have.
const BUCKET_TAGS: usize = 50;

pub(super) async fn put_bucket(
    service: &Service,
    request: S3Request<dto::PutBucketTaggingInput>,
) -> Result<dto::PutBucketTaggingOutput, AwsError> {
    let tags = checked(from_set(request.input.tagging.tag_set), BUCKET_TAGS)?;
    service
        .buckets
        .change_bucket(request.input.bucket, |bucket| bucket.tags = tags)
        .await?;
    Ok(dto::PutBucketTaggingOutput::default())
}

pub(super) async fn get_bucket(
    service: &Service,
    request: S3Request<dto::GetBucketTaggingInput>,
) -> Result<dto::GetBucketTaggingOutput, AwsError> {
    let bucket = service.buckets.bucket(&request.input.bucket)?;
    if bucket.tags.is_empty() {
        return Err(errors::no_such_tag_set());
    }
    Ok(dto::GetBucketTaggingOutput {
        tag_set: into_set(bucket.tags),
    })
}

pub(super) async fn delete_bucket(
    service: &Service,
    request: S3Request<dto::DeleteBucketTaggingInput>,
) -> Result<dto::DeleteBucketTaggingOutput, AwsError> {
    service
        .buckets
        .change_bucket(request.input.bucket, |bucket| bucket.tags = Tags::new())
        .await?;
    Ok(dto::DeleteBucketTaggingOutput::default())
}

pub(super) async fn put_object(
    service: &Service,
    request: S3Request<dto::PutObjectTaggingInput>,
) -> Result<dto::PutObjectTaggingOutput, AwsError> {
    let input = request.input;
    let tags = checked(from_set(input.tagging.tag_set), OBJECT_TAGS)?;
    let change = |object: &mut Object| object.description.tags = tags;
    service
        .buckets
        .change_object(input.bucket, input.key, change)
        .await?;
    Ok(dto::PutObjectTaggingOutput::default())
}

pub(super) async fn get_object(
    service: &Service,
    request: S3Request<dto::GetObjectTaggingInput>,
) -> Result<dto::GetObjectTaggingOutput, AwsError> {
    let (bucket, key) = (&request.input.bucket, &request.input.key);
    service.buckets.bucket(bucket)?;
    let object = service
        .buckets
        .object(bucket, key)?
        .ok_or_else(errors::no_such_key)?;
    Ok(dto::GetObjectTaggingOutput {
        tag_set: into_set(object.description.tags),
        version_id: None,
    })
}

pub(super) async fn delete_object(
    service: &Service,
    request: S3Request<dto::DeleteObjectTaggingInput>,
) -> Result<dto::DeleteObjectTaggingOutput, AwsError> {
    let input = request.input;
    let change = |object: &mut Object| object.description.tags = Tags::new();
    service
        .buckets
        .change_object(input.bucket, input.key, change)
        .await?;
    Ok(dto::DeleteObjectTaggingOutput::default())
}

/// The tags of an `x-amz-tagging` header: `key=value&…`, encoded as a query.
pub(super) fn from_header(header: Option<&str>) -> Result<Tags, AwsError> {
    let tags = header
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decoded = crate::percent_encoding::decoded_query;
            (decoded(key), decoded(value))
        })
        .collect();
    checked(tags, OBJECT_TAGS)
}

pub(super) fn from_set(set: Vec<dto::Tag>) -> Tags {
    set.into_iter()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
        .collect()
}

pub(super) fn into_set(tags: Tags) -> Vec<dto::Tag> {
    tags.into_iter()
        .map(|(key, value)| dto::Tag {
            key: Some(key),
            value: Some(value),
        })
        .collect()
}

fn checked(tags: Tags, most: usize) -> Result<Tags, AwsError> {
    let invalid = |message: &str| AwsError::new("InvalidTag", message);
    if tags.len() > most {
        return Err(AwsError::new(
            "BadRequest",
            format!("Object tags cannot be greater than {most}"),
        ));
    }
    for (index, (key, value)) in tags.iter().enumerate() {
        if key.is_empty() || key.chars().count() > 128 {
            return Err(invalid("The TagKey you have provided is invalid"));
        }
        if value.chars().count() > 256 {
            return Err(invalid("The TagValue you have provided is invalid"));
        }
        if system_tags::are_reserved(key) {
            return Err(invalid("System tags cannot be added/updated by requester"));
        }
        if tags.iter().take(index).any(|(other, _)| other == key) {
            return Err(invalid("Cannot provide multiple Tags with the same key"));
        }
    }
    Ok(tags)
}
