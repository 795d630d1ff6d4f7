//! Policies of buckets: checked and kept. There is one account, which they would not keep out.

use s3s::S3Request;
use s3s::dto;

use super::service::Service;
use crate::error::AwsError;
use crate::policy::Document;

pub(super) async fn put(
    service: &Service,
    request: S3Request<dto::PutBucketPolicyInput>,
) -> Result<dto::PutBucketPolicyOutput, AwsError> {
    let input = request.input;
    service
        .buckets
        .put_policy(&input.bucket, input.policy)
        .await?;
    Ok(dto::PutBucketPolicyOutput::default())
}

pub(super) async fn get(
    service: &Service,
    request: S3Request<dto::GetBucketPolicyInput>,
) -> Result<dto::GetBucketPolicyOutput, AwsError> {
    let bucket = service.buckets.bucket(&request.input.bucket)?;
    let policy = bucket.policy.ok_or_else(|| {
        AwsError::new("NoSuchBucketPolicy", "The bucket policy does not exist")
            .with_status(http::StatusCode::NOT_FOUND)
    })?;
    Ok(dto::GetBucketPolicyOutput {
        policy: Some(policy),
    })
}

pub(super) async fn delete(
    service: &Service,
    request: S3Request<dto::DeleteBucketPolicyInput>,
) -> Result<dto::DeleteBucketPolicyOutput, AwsError> {
    service
        .buckets
        .change_bucket(request.input.bucket, |bucket| bucket.policy = None)
        .await?;
    Ok(dto::DeleteBucketPolicyOutput::default())
}

impl super::Buckets {
    /// Sets a bucket's policy.
    ///
    /// # Errors
    ///
    /// `MalformedPolicy`, or `NoSuchBucket`.
    pub(crate) async fn put_policy(&self, bucket: &str, policy: String) -> Result<(), AwsError> {
        self.bucket(bucket)?;
        check(bucket, &policy)?;
        let change = |bucket: &mut super::Bucket| bucket.policy = Some(policy);
        self.change_bucket(bucket.to_owned(), change).await
    }
}

/// Checks a policy for a bucket.
fn check(bucket: &str, policy: &str) -> Result<(), AwsError> {
    let malformed = |message: &str| AwsError::new("MalformedPolicy", message);
    if !policy.starts_with('{') || serde_json::from_str::<serde_json::Value>(policy).is_err() {
        return Err(malformed(
            "Policies must be valid JSON and the first byte must be '{'",
        ));
    }
    let document = Document::read(policy).map_err(|error| malformed(&error.to_string()))?;
    let arn = format!("arn:aws:s3:::{bucket}");
    for statement in &document.statements {
        if !statement.has_principal() {
            return Err(malformed("Missing required field Principal"));
        }
        let mut actions = statement.action_names().peekable();
        if actions.peek().is_none() {
            return Err(malformed("Missing required field Action"));
        }
        let is_of_s3 = |action: &str| action == "*" || action.to_lowercase().starts_with("s3:");
        if !actions.all(is_of_s3) {
            return Err(malformed("Policy has invalid action"));
        }
        let mut resources = statement.resource_names().peekable();
        if resources.peek().is_none() {
            return Err(malformed("Missing required field Resource"));
        }
        let is_here = |resource: &str| {
            let rest = resource.strip_prefix(&arn);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest.contains('*'))
        };
        if !resources.all(is_here) {
            return Err(malformed("Policy has invalid resource"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_is_about_its_own_bucket() {
        let refused = |action: &str, resource: &str| {
            let policy = json!({ "Statement": {
                "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource,
                "Condition": { "Bool": { "aws:SecureTransport": "false" } },
            }});
            let error = check("demo", &policy.to_string()).err();
            error.and_then(|error| error.message)
        };
        assert_eq!(refused("s3:*", "arn:aws:s3:::demo"), None);
        assert_eq!(refused("S3:GetObject", "arn:aws:s3:::demo/*"), None);
        let resource = Some("Policy has invalid resource".to_owned());
        assert_eq!(refused("s3:*", "arn:aws:s3:::demo2/a"), resource);
        assert_eq!(refused("s3:*", "*"), resource);
        let action = Some("Policy has invalid action".to_owned());
        assert_eq!(refused("sqs:*", "arn:aws:s3:::demo"), action);
    }
}
