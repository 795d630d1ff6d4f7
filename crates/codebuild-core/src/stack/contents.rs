//! What is in a bucket or a repository of a stack: CloudFormation does not delete one that is not
//! empty.

use futures_util::StreamExt;
use futures_util::TryStreamExt;
use futures_util::stream;
use serde_json::Value;
use serde_json::json;

use crate::aws_command::call_service;
use crate::call_error::CallError;
use crate::session::Session;

const BUCKET: &str = "AWS::S3::Bucket";
const IMAGES: &str = "AWS::ECR::Repository";

/// How many objects are deleted at a time.
const AT_ONCE: usize = 8;

/// How many objects or images a resource holds; `None` if it is no resource that must be empty to be
/// deleted, or is not there. Counts no further than a page: 1,000 objects, 100 images.
///
/// # Errors
///
/// If the service refuses the call or cannot be reached.
pub async fn contents_of(
    session: &Session,
    resource_type: &str,
    physical_id: &str,
) -> Result<Option<usize>, CallError> {
    let found = match resource_type {
        BUCKET => objects(session, physical_id).await.map(|keys| keys.len()),
        IMAGES => images(session, physical_id)
            .await
            .map(|images| images.len()),
        _ => return Ok(None),
    };
    match found {
        Ok(count) => Ok(Some(count)),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Deletes what is in a bucket or a repository, and says how much that was. Earlier versions of the
/// objects of a bucket with versioning stay.
///
/// # Errors
///
/// If the service refuses a call or cannot be reached.
pub async fn empty(
    session: &Session,
    resource_type: &str,
    physical_id: &str,
) -> Result<usize, CallError> {
    let mut deleted = 0;
    loop {
        let count = match resource_type {
            BUCKET => delete_objects(session, physical_id).await?,
            IMAGES => delete_images(session, physical_id).await?,
            _ => 0,
        };
        if count == 0 {
            return Ok(deleted);
        }
        deleted += count;
    }
}

async fn objects(session: &Session, bucket: &str) -> Result<Vec<String>, CallError> {
    let page = call_service(
        session,
        "s3api",
        "ListObjectsV2",
        json!({ "Bucket": bucket }),
    )
    .await?;
    let keys = page.get("Contents").and_then(Value::as_array);
    Ok(keys
        .into_iter()
        .flatten()
        .filter_map(|object| object.get("Key")?.as_str())
        .map(str::to_owned)
        .collect())
}

async fn delete_objects(session: &Session, bucket: &str) -> Result<usize, CallError> {
    let keys = objects(session, bucket).await?;
    let count = keys.len();
    stream::iter(keys)
        .map(|key| {
            let input = json!({ "Bucket": bucket, "Key": key });
            call_service(session, "s3api", "DeleteObject", input)
        })
        .buffer_unordered(AT_ONCE)
        .try_for_each(|_| async { Ok(()) })
        .await?;
    Ok(count)
}

async fn images(session: &Session, repository: &str) -> Result<Vec<Value>, CallError> {
    let input = json!({ "repositoryName": repository, "maxResults": 100 });
    let mut page = call_service(session, "ecr", "ListImages", input).await?;
    Ok(match page.get_mut("imageIds").map(Value::take) {
        Some(Value::Array(images)) => images,
        _ => Vec::new(),
    })
}

async fn delete_images(session: &Session, repository: &str) -> Result<usize, CallError> {
    let images = images(session, repository).await?;
    if images.is_empty() {
        return Ok(0);
    }
    let count = images.len();
    let input = json!({ "repositoryName": repository, "imageIds": images });
    let answer = call_service(session, "ecr", "BatchDeleteImage", input).await?;
    let deleted = answer.get("imageIds").and_then(Value::as_array);
    if deleted.is_some_and(Vec::is_empty) {
        let failure = answer.pointer("/failures/0/failureReason");
        return Err(CallError::Service {
            code: "ImageNotDeleted".to_owned(),
            operation: "BatchDeleteImage".to_owned(),
            message: failure
                .and_then(Value::as_str)
                .unwrap_or("no image was deleted")
                .to_owned(),
        });
    }
    Ok(count)
}

/// Whether a service says that what it was asked for does not exist.
pub(super) fn is_gone(error: &CallError) -> bool {
    matches!(
        error.code(),
        Some(
            "404"
                | "NoSuchBucket"
                | "NoSuchEntity"
                | "NotFound"
                | "NotFoundException"
                | "RepositoryDoesNotExistException"
                | "RepositoryNotFoundException"
                | "ResourceNotFoundException"
        )
    )
}
