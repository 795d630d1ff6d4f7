//! CloudWatch Logs: groups and streams in the database, events in append-only files.

mod build_log;
mod cursor;
mod describe;
mod expire;
mod files;
mod filter_log_events;
mod get_log_events;
mod groups;
mod live_tail;
mod names;
mod pattern;
mod put_log_events;
mod record;
mod segment;
mod streams;
mod tags;
mod tails;

use std::path::PathBuf;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;

use crate::error::AwsError;
use crate::services::Services;
use crate::store::Store;
pub(crate) use build_log::create_stream;
pub(crate) use build_log::finish;
pub(crate) use build_log::index_old_streams;
pub(crate) use build_log::remove_unless_kept;
pub(crate) use build_log::settle;
pub(crate) use files::LogFiles;
pub(crate) use files::Place;
pub(crate) use files::StreamWriter;
pub(crate) use live_tail::start as start_live_tail;

/// Comes after all names of streams in a range of keys.
const LAST_NAME: &str = "\u{10ffff}";

/// How many files are removed while a client waits.
const AT_ONCE: usize = 32;

/// What [`call`] knows; and [`start_live_tail`], whose answer is a stream.
pub(crate) const OPERATIONS: [&str; 21] = [
    "AssociateKmsKey",
    "CreateLogGroup",
    "CreateLogStream",
    "DeleteLogGroup",
    "DeleteLogStream",
    "DeleteRetentionPolicy",
    "DescribeLogGroups",
    "DescribeLogStreams",
    "DisassociateKmsKey",
    "FilterLogEvents",
    "GetLogEvents",
    "ListTagsForResource",
    "ListTagsLogGroup",
    "PutLogEvents",
    "PutLogGroupDeletionProtection",
    "PutRetentionPolicy",
    "StartLiveTail",
    "TagLogGroup",
    "TagResource",
    "UntagLogGroup",
    "UntagResource",
];

/// Whether there is such an operation.
pub(crate) fn has_operation(operation: &str) -> bool {
    OPERATIONS.contains(&operation)
}

/// Runs one operation.
///
/// # Errors
///
/// As the operation does.
pub(crate) async fn call(
    services: &Arc<Services>,
    operation: &str,
    input: Value,
) -> Result<Value, AwsError> {
    match operation {
        "AssociateKmsKey" => groups::associate_kms_key(services, read(input)?).await,
        "CreateLogGroup" => groups::create(services, read(input)?).await,
        "CreateLogStream" => streams::create(services, read(input)?).await,
        "DeleteLogGroup" => groups::delete(services, read(input)?).await,
        "DeleteLogStream" => streams::delete(services, read(input)?).await,
        "DeleteRetentionPolicy" => groups::delete_retention_policy(services, read(input)?).await,
        "DescribeLogGroups" => describe::log_groups(services, &read(input)?),
        "DescribeLogStreams" => describe::log_streams(services, &read(input)?),
        "DisassociateKmsKey" => groups::disassociate_kms_key(services, read(input)?).await,
        "ListTagsForResource" => tags::list_for_resource(services, &read(input)?),
        "ListTagsLogGroup" => tags::list_of_log_group(services, &read(input)?),
        "PutLogEvents" => put_log_events::put(services, read(input)?).await,
        "PutLogGroupDeletionProtection" => {
            groups::put_deletion_protection(services, read(input)?).await
        }
        "PutRetentionPolicy" => groups::put_retention_policy(services, read(input)?).await,
        "TagLogGroup" => tags::tag_log_group(services, read(input)?).await,
        "TagResource" => tags::tag_resource(services, read(input)?).await,
        "UntagLogGroup" => tags::untag_log_group(services, read(input)?).await,
        "UntagResource" => tags::untag_resource(services, read(input)?).await,
        "FilterLogEvents" | "GetLogEvents" => {
            let (services, is_filter) = (Arc::clone(services), operation == "FilterLogEvents");
            // Reading files may take a while.
            tokio::task::spawn_blocking(move || match is_filter {
                true => filter_log_events::filter_log_events(&services, &read(input)?),
                false => get_log_events::get_log_events(&services, &read(input)?),
            })
            .await
            .map_err(AwsError::storage)?
        }
        _ => Err(AwsError::bare("UnknownOperationException")),
    }
}

/// Looks after the files of streams until the local AWS stops.
pub(crate) fn keep_tidy(
    store: Store,
    files: LogFiles,
    stop: tokio_util::sync::CancellationToken,
) -> std::io::Result<()> {
    // What is there before the first request can be told from what comes with it.
    let found = files.list()?;
    tokio::spawn(expire::keep_tidy(store, files, found, stop));
    Ok(())
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}

/// Removes files that the database does not name any more: a few at once, many in the background,
/// since a disk may take milliseconds for each. What a stop leaves goes at the next start.
async fn remove(files: &LogFiles, paths: Vec<PathBuf>) -> Result<(), AwsError> {
    let remove = |paths: Vec<PathBuf>| {
        let files = files.clone();
        async move {
            tokio::task::spawn_blocking(move || files.remove(&paths))
                .await
                .map_err(AwsError::storage)
        }
    };
    if paths.len() <= AT_ONCE {
        return remove(paths).await;
    }
    let chunks: Vec<_> = paths
        .chunks(AT_ONCE)
        .map(|chunk| remove(chunk.to_vec()))
        .collect();
    tokio::spawn(async move {
        for chunk in chunks {
            if let Err(error) = chunk.await {
                tracing::warn!(%error, "log files are still there");
            }
        }
    });
    Ok(())
}

/// The same, as the end of an operation that answers nothing.
async fn remove_files(services: &Services, paths: Vec<PathBuf>) -> Result<Value, AwsError> {
    remove(&services.log_files, paths).await?;
    Ok(json!({}))
}

/// A number that a text is known by (FNV-1a).
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn invalid_parameter(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

fn invalid_token() -> AwsError {
    invalid_parameter("The specified nextToken is invalid.")
}

fn no_group() -> AwsError {
    AwsError::not_found("The specified log group does not exist.")
}

fn no_stream() -> AwsError {
    AwsError::not_found("The specified log stream does not exist.")
}

fn no_resource() -> AwsError {
    AwsError::not_found("The specified resource does not exist.")
}
