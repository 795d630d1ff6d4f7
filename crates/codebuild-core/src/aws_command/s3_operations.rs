//! S3's operations that a command line can name: those without binary input or output.

use serde_json::Value;
use serde_json::json;

use super::logs_operations::list;
use super::logs_operations::structure;
use super::operations::Operation;
use super::operations::Operations;
use super::operations::Service;
use super::operations::Source;
use super::s3_call::S3Call;
use super::s3_call::json_of;
use super::service_model::Shape;
use crate::call_error::CallError;
use crate::session::Session;

macro_rules! operation {
    ($operation:ident ($input:expr) -> $output:expr, $call:expr) => {
        Operation {
            name: stringify!($operation),
            positional: &[],
            pages: None,
            source: Source::Written {
            input: || structure(concat!(stringify!($operation), "Input"), $input),
            output: || structure(concat!(stringify!($operation), "Output"), $output),
            send: |session, input| {
                Box::pin(async move {
                    let make: fn(&Value) -> S3Call = $call;
                    let shape = structure(concat!(stringify!($operation), "Output"), $output);
                    let answer = make(&input).send(session, stringify!($operation)).await?;
                    let mut shown = json_of(&answer, &shape);
                    for (member, header) in [("ETag", "etag"), ("Location", "location")] {
                        let known = matches!(&shape, Shape::Structure(it) if it.member(member).is_some());
                        if let (true, Some(value)) = (known, answer.header(header)) {
                            shown[member] = json!(value);
                        }
                    }
                    Ok(shown)
                })
            },
            },
        }
    };
}

/// S3, operation by operation.
pub(crate) static S3API: Service = Service {
    name: "s3api",
    operations: Operations::Written(&[
        operation! {
            CreateBucket(vec![
                ("Bucket", Shape::String),
                ("CreateBucketConfiguration", structure("CreateBucketConfiguration", vec![
                    ("LocationConstraint", Shape::String),
                ])),
            ]) -> vec![("Location", Shape::String)],
            |input| {
                let region = input.pointer("/CreateBucketConfiguration/LocationConstraint");
                create_bucket(&text(input, "Bucket"), region.and_then(Value::as_str))
            }
        },
        operation! {
            DeleteBucket(vec![("Bucket", Shape::String)]) -> vec![],
            |input| S3Call { method: "DELETE", bucket: text(input, "Bucket"), ..S3Call::default() }
        },
        operation! {
            DeleteObject(vec![("Bucket", Shape::String), ("Key", Shape::String)]) -> vec![],
            |input| delete_object(&text(input, "Bucket"), &text(input, "Key"))
        },
        operation! {
            HeadBucket(vec![("Bucket", Shape::String)]) -> vec![],
            |input| S3Call { method: "HEAD", bucket: text(input, "Bucket"), ..S3Call::default() }
        },
        operation! {
            ListBuckets(vec![]) -> vec![
                ("Buckets", list(structure("Bucket", vec![
                    ("Name", Shape::String),
                    ("CreationDate", Shape::Timestamp),
                ]))),
                ("Owner", structure("Owner", vec![
                    ("DisplayName", Shape::String),
                    ("ID", Shape::String),
                ])),
            ],
            |_| S3Call { method: "GET", ..S3Call::default() }
        },
        operation! {
            ListObjectsV2(vec![
                ("Bucket", Shape::String),
                ("Prefix", Shape::String),
                ("Delimiter", Shape::String),
                ("MaxKeys", Shape::Integer),
                ("ContinuationToken", Shape::String),
                ("StartAfter", Shape::String),
            ]) -> vec![
                ("Contents", list(structure("Object", vec![
                    ("Key", Shape::String),
                    ("LastModified", Shape::Timestamp),
                    ("ETag", Shape::String),
                    ("Size", Shape::Integer),
                    ("StorageClass", Shape::String),
                ]))),
                ("CommonPrefixes", list(structure("CommonPrefix", vec![
                    ("Prefix", Shape::String),
                ]))),
                ("IsTruncated", Shape::Boolean),
                ("KeyCount", Shape::Integer),
                ("MaxKeys", Shape::Integer),
                ("Name", Shape::String),
                ("NextContinuationToken", Shape::String),
                ("Prefix", Shape::String),
            ],
            list_objects
        },
    ]),
};

fn list_objects(input: &Value) -> S3Call {
    let mut query = vec![("list-type", "2".to_owned())];
    for (member, parameter) in [
        ("ContinuationToken", "continuation-token"),
        ("Delimiter", "delimiter"),
        ("MaxKeys", "max-keys"),
        ("Prefix", "prefix"),
        ("StartAfter", "start-after"),
    ] {
        match input.get(member) {
            Some(Value::String(value)) => query.push((parameter, value.clone())),
            Some(value) => query.push((parameter, value.to_string())),
            None => {}
        }
    }
    S3Call {
        method: "GET",
        bucket: text(input, "Bucket"),
        query,
        ..S3Call::default()
    }
}

/// A call that makes a bucket. Every region but the first one has to be named.
pub(super) fn create_bucket(bucket: &str, region: Option<&str>) -> S3Call {
    let body = region.map_or(String::new(), |region| {
        format!(
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>",
            region.replace('&', "&amp;").replace('<', "&lt;")
        )
    });
    S3Call {
        method: "PUT",
        bucket: bucket.to_owned(),
        body: body.into_bytes(),
        ..S3Call::default()
    }
}

/// A call that deletes an object.
pub(super) fn delete_object(bucket: &str, key: &str) -> S3Call {
    S3Call {
        method: "DELETE",
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        ..S3Call::default()
    }
}

/// The objects of a bucket whose keys begin with the prefix, all pages.
pub(super) async fn all_objects(
    session: &Session,
    bucket: &str,
    prefix: &str,
) -> Result<Vec<Value>, CallError> {
    let mut objects = Vec::new();
    let mut input = json!({ "Bucket": bucket });
    if !prefix.is_empty() {
        input["Prefix"] = json!(prefix);
    }
    loop {
        let page = super::call(session, "ListObjectsV2", input.clone()).await?;
        objects.extend(page["Contents"].as_array().into_iter().flatten().cloned());
        match page.get("NextContinuationToken") {
            Some(token) if token.is_string() => input["ContinuationToken"] = token.clone(),
            _ => return Ok(objects),
        }
    }
}

fn text(input: &Value, member: &str) -> String {
    let value = input.get(member).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}
