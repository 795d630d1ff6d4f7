//! Who owns the objects of a bucket. There is one account, so it is kept and changes nothing.

use s3s::S3Request;
use s3s::dto;

use super::errors;
use super::service::Service;
use crate::error::AwsError;

pub(super) async fn put(
    service: &Service,
    request: S3Request<dto::PutBucketOwnershipControlsInput>,
) -> Result<dto::PutBucketOwnershipControlsOutput, AwsError> {
    let input = request.input;
    let mut rules = input.ownership_controls.rules.into_iter();
    let (Some(rule), None) = (rules.next(), rules.next()) else {
        return Err(errors::malformed_xml());
    };
    let ownership = rule.object_ownership.as_str().to_owned();
    let known = [
        "BucketOwnerEnforced",
        "BucketOwnerPreferred",
        "ObjectWriter",
    ];
    if !known.contains(&ownership.as_str()) {
        return Err(errors::malformed_xml());
    }
    service
        .buckets
        .change_bucket(input.bucket, |bucket| bucket.ownership = Some(ownership))
        .await?;
    Ok(dto::PutBucketOwnershipControlsOutput::default())
}

pub(super) async fn get(
    service: &Service,
    request: S3Request<dto::GetBucketOwnershipControlsInput>,
) -> Result<dto::GetBucketOwnershipControlsOutput, AwsError> {
    let bucket = service.buckets.bucket(&request.input.bucket)?;
    let ownership = bucket.ownership.ok_or_else(|| {
        AwsError::new(
            "OwnershipControlsNotFoundError",
            "The bucket ownership controls were not found",
        )
        .with_status(http::StatusCode::NOT_FOUND)
    })?;
    let rule = dto::OwnershipControlsRule {
        object_ownership: dto::ObjectOwnership::from(ownership),
    };
    Ok(dto::GetBucketOwnershipControlsOutput {
        ownership_controls: Some(dto::OwnershipControls { rules: vec![rule] }),
    })
}

pub(super) async fn delete(
    service: &Service,
    request: S3Request<dto::DeleteBucketOwnershipControlsInput>,
) -> Result<dto::DeleteBucketOwnershipControlsOutput, AwsError> {
    service
        .buckets
        .change_bucket(request.input.bucket, |bucket| bucket.ownership = None)
        .await?;
    Ok(dto::DeleteBucketOwnershipControlsOutput::default())
}
