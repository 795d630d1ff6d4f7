//! S3 over REST: buckets and metadata in the database, the bytes of objects in files.
//!
//! The wire protocol (paths, XML, signatures, chunked uploads) is `s3s`'s; what the operations do is
//! here.

mod bucket_operations;
mod bucket_policies;
mod buckets;
mod checksum;
mod conditions;
mod copy;
mod direct;
mod endpoint;
mod errors;
mod incoming;
mod lifecycle;
mod lifecycle_operations;
mod list_operations;
mod listing;
mod multipart;
mod multipart_operations;
mod object_operations;
mod ownership;
mod records;
mod request;
mod service;
mod tagging;

pub(crate) use buckets::Buckets;
pub(crate) use direct::PutOptions;
pub(crate) use direct::StoredObject;
pub(crate) use endpoint::S3Endpoint;
pub(crate) use lifecycle::LifecycleRule;
pub(crate) use lifecycle::checked as checked_lifecycle;
pub(crate) use lifecycle::keep_tidy;
pub(crate) use records::Bucket;
pub(crate) use records::Encryption;
pub(crate) use request::is_for_s3;
pub(crate) use service::INPUTS;
