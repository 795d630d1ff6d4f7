//! Operations on buckets.

use redb::ReadableTable;
use s3s::S3Request;
use s3s::dto;

use super::buckets::Buckets;
use super::buckets::check_bucket;
use super::errors;
use super::multipart;
use super::multipart::Place;
use super::records::Bucket;
use super::records::Encryption;
use super::service::Service;
use crate::error::AwsError;
use crate::store;

pub(super) async fn create(
    service: &Service,
    request: S3Request<dto::CreateBucketInput>,
) -> Result<dto::CreateBucketOutput, AwsError> {
    let input = request.input;
    let region = service.account.region.as_str();
    let constraint = input
        .create_bucket_configuration
        .and_then(|configuration| configuration.location_constraint);
    match constraint
        .as_ref()
        .map(dto::BucketLocationConstraint::as_str)
    {
        None | Some("") if region == "us-east-1" => {}
        Some("us-east-1") => {
            return Err(AwsError::new(
                "InvalidLocationConstraint",
                "The specified location-constraint is not valid",
            ));
        }
        Some(asked) if asked == region => {}
        other => {
            let asked = other.filter(|asked| !asked.is_empty());
            return Err(AwsError::new(
                "IllegalLocationConstraintException",
                format!(
                    "The {} location constraint is incompatible for the region specific endpoint \
                     this request was sent to.",
                    asked.unwrap_or("unspecified")
                ),
            ));
        }
    }
    let created = service.buckets.create_bucket(&input.bucket).await;
    match created {
        // us-east-1 alone takes this as done.
        Err(error) if error.code == "BucketAlreadyOwnedByYou" && region == "us-east-1" => {}
        other => other?,
    }
    Ok(dto::CreateBucketOutput {
        location: Some(format!("/{}", input.bucket)),
    })
}

pub(super) async fn delete(
    service: &Service,
    request: S3Request<dto::DeleteBucketInput>,
) -> Result<dto::DeleteBucketOutput, AwsError> {
    service.buckets.delete_bucket(request.input.bucket).await?;
    Ok(dto::DeleteBucketOutput::default())
}

impl Buckets {
    /// Deletes an empty bucket. Uploads that were not completed go with it.
    ///
    /// # Errors
    ///
    /// `NoSuchBucket`, or `BucketNotEmpty`.
    pub(crate) async fn delete_bucket(&self, bucket: String) -> Result<(), AwsError> {
        let uploads: Vec<Place> = self
            .uploads(&bucket, "")?
            .into_iter()
            .map(|(place, _)| place)
            .collect();
        let files = self
            .store
            .write(move |transaction| {
                check_bucket(transaction, &bucket)?;
                let objects = transaction.open_table(store::S3_OBJECTS)?;
                if let Some(entry) = objects
                    .range::<(&str, &str)>((bucket.as_str(), "")..)?
                    .next()
                    && entry?.0.value().0 == bucket
                {
                    return Err(errors::bucket_not_empty().into());
                }
                let mut files = Vec::new();
                for place in &uploads {
                    match multipart::remove_upload(transaction, place) {
                        Ok(parts) => files.extend(parts),
                        // It was completed or aborted meanwhile.
                        Err(store::StoreError::Refused(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
                transaction
                    .open_table(store::S3_BUCKETS)?
                    .remove(bucket.as_str())?;
                Ok(files)
            })
            .await?;
        files.iter().for_each(|file| self.remove_file(file));
        Ok(())
    }
}

pub(super) async fn list(
    service: &Service,
    request: S3Request<dto::ListBucketsInput>,
) -> Result<dto::ListBucketsOutput, AwsError> {
    let input = request.input;
    let limit = match input.max_buckets {
        None => usize::MAX,
        Some(limit) => usize::try_from(limit)
            .ok()
            .filter(|limit| (1..=10_000).contains(limit))
            .ok_or_else(|| {
                errors::invalid_argument("Argument max-buckets must be between 1 and 10000")
            })?,
    };
    let prefix = input.prefix.clone().unwrap_or_default();
    let after = match &input.continuation_token {
        None => String::new(),
        Some(token) => super::list_operations::open_token(token)?,
    };
    let region = input.bucket_region.as_deref();
    let mut buckets = Vec::new();
    let mut more = false;
    service.buckets.store.read(|transaction| {
        let table = transaction.open_table(store::S3_BUCKETS)?;
        for entry in table.range::<&str>(after.as_str()..)? {
            let (name, value) = entry?;
            let name = name.value();
            let bucket: Bucket = serde_json::from_slice(value.value())?;
            let elsewhere = region.is_some_and(|region| region != bucket.region);
            if name == after || !name.starts_with(&prefix) || elsewhere {
                continue;
            }
            if buckets.len() == limit {
                more = true;
                break;
            }
            buckets.push(dto::Bucket {
                bucket_region: Some(bucket.region),
                creation_date: Some(bucket.created.into()),
                name: Some(name.to_owned()),
            });
        }
        Ok(())
    })?;
    let last = buckets.last().and_then(|bucket| bucket.name.clone());
    Ok(dto::ListBucketsOutput {
        continuation_token: last
            .filter(|_| more)
            .map(|last| super::list_operations::seal_token(&last)),
        buckets: Some(buckets),
        owner: Some(service.owner()),
        prefix: input.prefix,
    })
}

pub(super) async fn head(
    service: &Service,
    request: S3Request<dto::HeadBucketInput>,
) -> Result<dto::HeadBucketOutput, AwsError> {
    let bucket = service.buckets.bucket(&request.input.bucket)?;
    Ok(dto::HeadBucketOutput {
        bucket_region: Some(bucket.region),
        ..Default::default()
    })
}

pub(super) async fn location(
    service: &Service,
    request: S3Request<dto::GetBucketLocationInput>,
) -> Result<dto::GetBucketLocationOutput, AwsError> {
    let bucket = service.buckets.bucket(&request.input.bucket)?;
    Ok(dto::GetBucketLocationOutput {
        location_constraint: Some(bucket.region)
            .filter(|region| region != "us-east-1")
            .map(dto::BucketLocationConstraint::from),
    })
}

pub(super) async fn put_encryption(
    service: &Service,
    request: S3Request<dto::PutBucketEncryptionInput>,
) -> Result<dto::PutBucketEncryptionOutput, AwsError> {
    let input = request.input;
    let mut rules = input.server_side_encryption_configuration.rules.into_iter();
    let (Some(rule), None) = (rules.next(), rules.next()) else {
        return Err(errors::malformed_xml());
    };
    let encryption = match rule.apply_server_side_encryption_by_default {
        None => Encryption::default(),
        Some(default) => Encryption {
            algorithm: default.sse_algorithm.as_str().to_owned(),
            key_id: default.kms_master_key_id,
            bucket_key: rule.bucket_key_enabled,
        },
    };
    service
        .buckets
        .change_bucket(input.bucket, |bucket| bucket.encryption = encryption)
        .await?;
    Ok(dto::PutBucketEncryptionOutput::default())
}

pub(super) async fn get_encryption(
    service: &Service,
    request: S3Request<dto::GetBucketEncryptionInput>,
) -> Result<dto::GetBucketEncryptionOutput, AwsError> {
    let encryption = service.buckets.bucket(&request.input.bucket)?.encryption;
    let rule = dto::ServerSideEncryptionRule {
        apply_server_side_encryption_by_default: Some(dto::ServerSideEncryptionByDefault {
            kms_master_key_id: encryption.key_id,
            sse_algorithm: dto::ServerSideEncryption::from(encryption.algorithm),
        }),
        bucket_key_enabled: Some(encryption.bucket_key.unwrap_or(false)),
    };
    Ok(dto::GetBucketEncryptionOutput {
        server_side_encryption_configuration: Some(dto::ServerSideEncryptionConfiguration {
            rules: vec![rule],
        }),
    })
}

pub(super) async fn delete_encryption(
    service: &Service,
    request: S3Request<dto::DeleteBucketEncryptionInput>,
) -> Result<dto::DeleteBucketEncryptionOutput, AwsError> {
    service
        .buckets
        .change_bucket(request.input.bucket, |bucket| {
            bucket.encryption = Encryption::default();
        })
        .await?;
    Ok(dto::DeleteBucketEncryptionOutput::default())
}

pub(super) async fn get_versioning(
    service: &Service,
    request: S3Request<dto::GetBucketVersioningInput>,
) -> Result<dto::GetBucketVersioningOutput, AwsError> {
    service.buckets.bucket(&request.input.bucket)?;
    Ok(dto::GetBucketVersioningOutput::default())
}

pub(super) async fn put_versioning(
    service: &Service,
    request: S3Request<dto::PutBucketVersioningInput>,
) -> Result<dto::PutBucketVersioningOutput, AwsError> {
    service.buckets.bucket(&request.input.bucket)?;
    Err(errors::not_implemented(
        "The local AWS keeps one version of each object. Leave versioning off, or use a bucket on \
         AWS.",
    ))
}

pub(super) async fn put_public_access_block(
    service: &Service,
    request: S3Request<dto::PutPublicAccessBlockInput>,
) -> Result<dto::PutPublicAccessBlockOutput, AwsError> {
    let block = request.input.public_access_block_configuration;
    let settings = [
        block.block_public_acls,
        block.ignore_public_acls,
        block.block_public_policy,
        block.restrict_public_buckets,
    ]
    .map(|setting| setting.unwrap_or(false));
    service
        .buckets
        .change_bucket(request.input.bucket, move |bucket| {
            bucket.public_access_block = Some(settings);
        })
        .await?;
    Ok(dto::PutPublicAccessBlockOutput::default())
}

pub(super) async fn get_public_access_block(
    service: &Service,
    request: S3Request<dto::GetPublicAccessBlockInput>,
) -> Result<dto::GetPublicAccessBlockOutput, AwsError> {
    let bucket = service.buckets.bucket(&request.input.bucket)?;
    let [acls, ignored_acls, policy, restricted] = bucket.public_access_block.ok_or_else(|| {
        AwsError::new(
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )
        .with_status(http::StatusCode::NOT_FOUND)
    })?;
    Ok(dto::GetPublicAccessBlockOutput {
        public_access_block_configuration: Some(dto::PublicAccessBlockConfiguration {
            block_public_acls: Some(acls),
            block_public_policy: Some(policy),
            ignore_public_acls: Some(ignored_acls),
            restrict_public_buckets: Some(restricted),
        }),
    })
}

pub(super) async fn delete_public_access_block(
    service: &Service,
    request: S3Request<dto::DeletePublicAccessBlockInput>,
) -> Result<dto::DeletePublicAccessBlockOutput, AwsError> {
    service
        .buckets
        .change_bucket(request.input.bucket, |bucket| {
            bucket.public_access_block = None;
        })
        .await?;
    Ok(dto::DeletePublicAccessBlockOutput::default())
}
