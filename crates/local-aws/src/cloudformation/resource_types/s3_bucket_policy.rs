//! `AWS::S3::BucketPolicy`.

use serde_json::Map;
use serde_json::Value;

use super::Failure;
use super::Made;
use super::Request;
use super::properties;
use super::s3_bucket::refused;

pub(super) fn planned_id(_request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(bucket_of(properties).to_owned())
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    let bucket = bucket_of(properties);
    match policy(request, bucket)? {
        Some(_) => Err(Failure::of_handler(
            "AlreadyExists",
            format_args!("The bucket policy already exists on bucket {bucket}."),
        )),
        None => put(request, bucket, properties).await,
    }
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    _old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    put(request, physical_id, new).await
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    let buckets = &request.services.buckets;
    let removed = buckets.change_bucket(physical_id.to_owned(), |bucket| bucket.policy = None);
    match removed.await {
        Err(error) if error.code != "NoSuchBucket" => Err(refused(&error)),
        _ => Ok(()),
    }
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<Option<Map<String, Value>>, Failure> {
    if !has_bucket(request, physical_id)? {
        return Ok(None);
    }
    let Some(policy) = policy(request, physical_id)? else {
        return Ok(None);
    };
    let mut live = Map::new();
    live.insert("Bucket".to_owned(), physical_id.into());
    live.insert("PolicyDocument".to_owned(), policy.into());
    Ok(Some(live))
}

/// Of the policies of a bucket there is one: it was made here if it is the one that is wanted.
pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let bucket = bucket_of(properties);
    if !has_bucket(request, bucket)? {
        return Ok(None);
    }
    let wanted = properties::document(&properties["PolicyDocument"]);
    let is_there = policy(request, bucket)?.is_some_and(|policy| policy == wanted);
    Ok(is_there.then(|| Made::new(bucket, [])))
}

async fn put(request: &Request<'_>, bucket: &str, properties: &Value) -> Result<Made, Failure> {
    let policy = properties::document(&properties["PolicyDocument"]);
    let put = request.services.buckets.put_policy(bucket, policy);
    put.await.map_err(|error| refused(&error))?;
    Ok(Made::new(bucket, []))
}

fn has_bucket(request: &Request<'_>, bucket: &str) -> Result<bool, Failure> {
    let there = request.services.buckets.has_bucket(bucket);
    there.map_err(|error| refused(&error))
}

fn policy(request: &Request<'_>, bucket: &str) -> Result<Option<String>, Failure> {
    let bucket = request.services.buckets.bucket(bucket);
    let bucket = bucket.map_err(|error| refused(&error))?;
    Ok(bucket.policy)
}

fn bucket_of(properties: &Value) -> &str {
    properties::text(properties, "Bucket")
}
