//! PutBucketLifecycleConfiguration, GetBucketLifecycleConfiguration, DeleteBucketLifecycle.

use std::time::Duration;
use std::time::SystemTime;

use s3s::S3Request;
use s3s::dto;

use super::errors;
use super::lifecycle;
use super::lifecycle::LifecycleRule;
use super::service::Service;
use super::tagging;
use crate::error::AwsError;

pub(super) async fn put(
    service: &Service,
    request: S3Request<dto::PutBucketLifecycleConfigurationInput>,
) -> Result<dto::PutBucketLifecycleConfigurationOutput, AwsError> {
    let input = request.input;
    let rules = input
        .lifecycle_configuration
        .ok_or_else(errors::malformed_xml)?
        .rules;
    let rules: Vec<LifecycleRule> = rules.into_iter().map(read).collect::<Result<_, _>>()?;
    let rules = lifecycle::checked(rules)?;
    service
        .buckets
        .change_bucket(input.bucket, |bucket| bucket.lifecycle = rules)
        .await?;
    Ok(dto::PutBucketLifecycleConfigurationOutput::default())
}

pub(super) async fn get(
    service: &Service,
    request: S3Request<dto::GetBucketLifecycleConfigurationInput>,
) -> Result<dto::GetBucketLifecycleConfigurationOutput, AwsError> {
    let bucket = service.buckets.bucket(&request.input.bucket)?;
    if bucket.lifecycle.is_empty() {
        return Err(AwsError::new(
            "NoSuchLifecycleConfiguration",
            "The lifecycle configuration does not exist",
        )
        .with_status(http::StatusCode::NOT_FOUND));
    }
    let rules = bucket.lifecycle.into_iter().map(shown).collect();
    Ok(dto::GetBucketLifecycleConfigurationOutput {
        rules: Some(rules),
        ..Default::default()
    })
}

pub(super) async fn delete(
    service: &Service,
    request: S3Request<dto::DeleteBucketLifecycleInput>,
) -> Result<dto::DeleteBucketLifecycleOutput, AwsError> {
    service
        .buckets
        .change_bucket(request.input.bucket, |bucket| bucket.lifecycle.clear())
        .await?;
    Ok(dto::DeleteBucketLifecycleOutput::default())
}

fn read(rule: dto::LifecycleRule) -> Result<LifecycleRule, AwsError> {
    let has_transitions = |count: Option<usize>| count.is_some_and(|count| count > 0);
    if has_transitions(rule.transitions.map(|list| list.len()))
        || has_transitions(rule.noncurrent_version_transitions.map(|list| list.len()))
    {
        return Err(errors::not_implemented(
            "The local AWS has one storage class, so nothing can move to another. Leave transitions \
             out, or use a bucket on AWS.",
        ));
    }
    let is_enabled = match rule.status.as_str() {
        "Enabled" => true,
        "Disabled" => false,
        _ => return Err(errors::malformed_xml()),
    };
    if rule.prefix.is_some() == rule.filter.is_some() {
        return Err(errors::malformed_xml());
    }
    let has_no_filter = rule.filter.is_none();
    let filter = rule.filter.unwrap_or_default();
    let and = filter.and.unwrap_or_default();
    let tags = and.tags.into_iter().flatten().chain(filter.tag);
    let expiration = rule.expiration.unwrap_or_default();
    let noncurrent = rule.noncurrent_version_expiration.unwrap_or_default();
    Ok(LifecycleRule {
        id: rule.id.unwrap_or_default(),
        is_enabled,
        prefix: rule.prefix.or(filter.prefix).or(and.prefix),
        has_no_filter,
        tags: tagging::from_set(tags.collect()),
        larger_than: filter
            .object_size_greater_than
            .or(and.object_size_greater_than),
        smaller_than: filter.object_size_less_than.or(and.object_size_less_than),
        days: expiration.days.map(i64::from),
        date: expiration.date.as_ref().map(seconds),
        expired_delete_marker: expiration.expired_object_delete_marker,
        noncurrent_days: noncurrent.noncurrent_days.map(i64::from),
        newer_noncurrent_versions: noncurrent.newer_noncurrent_versions.map(i64::from),
        abort_upload_days: rule
            .abort_incomplete_multipart_upload
            .and_then(|abort| abort.days_after_initiation)
            .map(i64::from),
    })
}

/// In seconds since 1970.
fn seconds(date: &dto::Timestamp) -> i64 {
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = date.format(dto::TimestampFormat::EpochSeconds, &mut text);
    let text = String::from_utf8_lossy(&text);
    let whole = text.split('.').next().unwrap_or_default();
    whole.parse().unwrap_or_default()
}

fn date(seconds: i64) -> dto::Timestamp {
    let since = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    dto::Timestamp::from(SystemTime::UNIX_EPOCH + since)
}

fn shown(rule: LifecycleRule) -> dto::LifecycleRule {
    let narrow = |days: i64| i32::try_from(days).unwrap_or(i32::MAX);
    let ends = rule.days.is_some() || rule.date.is_some() || rule.expired_delete_marker.is_some();
    dto::LifecycleRule {
        abort_incomplete_multipart_upload: rule.abort_upload_days.map(|days| {
            dto::AbortIncompleteMultipartUpload {
                days_after_initiation: Some(narrow(days)),
            }
        }),
        expiration: ends.then(|| dto::LifecycleExpiration {
            date: rule.date.map(date),
            days: rule.days.map(narrow),
            expired_object_delete_marker: rule.expired_delete_marker,
        }),
        filter: (!rule.has_no_filter).then(|| filter(&rule)),
        id: Some(rule.id),
        noncurrent_version_expiration: rule.noncurrent_days.map(|days| {
            dto::NoncurrentVersionExpiration {
                newer_noncurrent_versions: rule.newer_noncurrent_versions.map(narrow),
                noncurrent_days: Some(narrow(days)),
            }
        }),
        noncurrent_version_transitions: None,
        prefix: rule.prefix.filter(|_| rule.has_no_filter),
        status: if rule.is_enabled {
            dto::ExpirationStatus::from_static(dto::ExpirationStatus::ENABLED)
        } else {
            dto::ExpirationStatus::from_static(dto::ExpirationStatus::DISABLED)
        },
        transitions: None,
    }
}

/// One condition stands in the filter itself, several stand in its `And`.
fn filter(rule: &LifecycleRule) -> dto::LifecycleRuleFilter {
    let mut tags = tagging::into_set(rule.tags.clone());
    let conditions = tags.len()
        + usize::from(rule.prefix.is_some())
        + usize::from(rule.larger_than.is_some())
        + usize::from(rule.smaller_than.is_some());
    if conditions > 1 {
        return dto::LifecycleRuleFilter {
            and: Some(dto::LifecycleRuleAndOperator {
                object_size_greater_than: rule.larger_than,
                object_size_less_than: rule.smaller_than,
                prefix: rule.prefix.clone(),
                tags: Some(tags).filter(|tags| !tags.is_empty()),
            }),
            ..Default::default()
        };
    }
    dto::LifecycleRuleFilter {
        and: None,
        object_size_greater_than: rule.larger_than,
        object_size_less_than: rule.smaller_than,
        prefix: rule.prefix.clone(),
        tag: tags.pop(),
    }
}
