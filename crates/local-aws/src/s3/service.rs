//! Which operation is where. What is not in this table answers `NotImplemented`.

use std::pin::Pin;

use s3s::S3;
use s3s::S3Request;
use s3s::S3Response;
use s3s::S3Result;
use s3s::dto;

use super::bucket_operations;
use super::bucket_policies;
use super::buckets::Buckets;
use super::copy;
use super::errors;
use super::lifecycle_operations;
use super::list_operations;
use super::multipart_operations;
use super::object_operations;
use super::ownership;
use super::tagging;
use crate::account::Account;

/// S3 of one account in one region.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) buckets: Buckets,
    pub(super) account: Account,
}

impl Service {
    /// The canonical user that owns everything: 64 hexadecimal digits.
    pub(super) fn owner(&self) -> dto::Owner {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(self.account.id.as_bytes());
        dto::Owner {
            display_name: None,
            id: Some(super::incoming::hex(&digest)),
        }
    }
}

macro_rules! operations {
    ($($operation:ident($input:ident) -> $output:ident = $handler:path;)+) => {
        /// The names of the operations' inputs.
        pub(crate) const INPUTS: &[&str] = &[$(stringify!($input)),+];

        impl S3 for Service {
            $(
                fn $operation<'service, 'answer>(
                    &'service self,
                    request: S3Request<dto::$input>,
                ) -> Pin<Box<dyn Future<Output = S3Result<S3Response<dto::$output>>> + Send + 'answer>>
                where
                    'service: 'answer,
                    Self: 'answer,
                {
                    Box::pin(async move {
                        $handler(self, request)
                            .await
                            .map(S3Response::new)
                            .map_err(errors::into_s3)
                    })
                }
            )+
        }
    };
}

operations! {
    create_bucket(CreateBucketInput) -> CreateBucketOutput = bucket_operations::create;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = bucket_operations::delete;
    list_buckets(ListBucketsInput) -> ListBucketsOutput = bucket_operations::list;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = bucket_operations::head;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = bucket_operations::location;
    put_bucket_encryption(PutBucketEncryptionInput) -> PutBucketEncryptionOutput = bucket_operations::put_encryption;
    get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput = bucket_operations::get_encryption;
    delete_bucket_encryption(DeleteBucketEncryptionInput) -> DeleteBucketEncryptionOutput = bucket_operations::delete_encryption;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = bucket_operations::get_versioning;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput = bucket_operations::put_versioning;
    put_public_access_block(PutPublicAccessBlockInput) -> PutPublicAccessBlockOutput = bucket_operations::put_public_access_block;
    get_public_access_block(GetPublicAccessBlockInput) -> GetPublicAccessBlockOutput = bucket_operations::get_public_access_block;
    delete_public_access_block(DeletePublicAccessBlockInput) -> DeletePublicAccessBlockOutput = bucket_operations::delete_public_access_block;
    put_bucket_policy(PutBucketPolicyInput) -> PutBucketPolicyOutput = bucket_policies::put;
    get_bucket_policy(GetBucketPolicyInput) -> GetBucketPolicyOutput = bucket_policies::get;
    delete_bucket_policy(DeleteBucketPolicyInput) -> DeleteBucketPolicyOutput = bucket_policies::delete;
    put_bucket_ownership_controls(PutBucketOwnershipControlsInput) -> PutBucketOwnershipControlsOutput = ownership::put;
    get_bucket_ownership_controls(GetBucketOwnershipControlsInput) -> GetBucketOwnershipControlsOutput = ownership::get;
    delete_bucket_ownership_controls(DeleteBucketOwnershipControlsInput) -> DeleteBucketOwnershipControlsOutput = ownership::delete;
    put_bucket_lifecycle_configuration(PutBucketLifecycleConfigurationInput) -> PutBucketLifecycleConfigurationOutput = lifecycle_operations::put;
    get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInput) -> GetBucketLifecycleConfigurationOutput = lifecycle_operations::get;
    delete_bucket_lifecycle(DeleteBucketLifecycleInput) -> DeleteBucketLifecycleOutput = lifecycle_operations::delete;
    put_bucket_tagging(PutBucketTaggingInput) -> PutBucketTaggingOutput = tagging::put_bucket;
    get_bucket_tagging(GetBucketTaggingInput) -> GetBucketTaggingOutput = tagging::get_bucket;
    delete_bucket_tagging(DeleteBucketTaggingInput) -> DeleteBucketTaggingOutput = tagging::delete_bucket;
    put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput = tagging::put_object;
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput = tagging::get_object;
    delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput = tagging::delete_object;
    list_objects(ListObjectsInput) -> ListObjectsOutput = list_operations::objects;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = list_operations::objects_v2;
    put_object(PutObjectInput) -> PutObjectOutput = object_operations::put;
    get_object(GetObjectInput) -> GetObjectOutput = object_operations::get;
    head_object(HeadObjectInput) -> HeadObjectOutput = object_operations::head;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = object_operations::delete;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = object_operations::delete_several;
    copy_object(CopyObjectInput) -> CopyObjectOutput = copy::object;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = copy::part;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput = multipart_operations::create;
    upload_part(UploadPartInput) -> UploadPartOutput = multipart_operations::upload_part;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput = multipart_operations::complete;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput = multipart_operations::abort;
    list_parts(ListPartsInput) -> ListPartsOutput = multipart_operations::list_parts;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput = multipart_operations::list_uploads;
}
