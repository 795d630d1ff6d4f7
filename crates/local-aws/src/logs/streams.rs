//! CreateLogStream and DeleteLogStream.

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::names;
use super::record;
use super::record::Stream;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogStreamInput {
    log_group_name: Option<String>,
    log_stream_name: Option<String>,
}

impl LogStreamInput {
    fn names(&self) -> Result<(String, String), AwsError> {
        let group = names::group_name(self.log_group_name.as_deref())?;
        let stream = names::stream_name("logStreamName", self.log_stream_name.as_deref())?;
        Ok((group.to_owned(), stream.to_owned()))
    }
}

pub(super) async fn create(services: &Services, input: LogStreamInput) -> Result<Value, AwsError> {
    let (group, name) = input.names()?;
    let stream = Stream::new(&uuid::Uuid::new_v4().to_string());
    let write = services.store.write(move |transaction| {
        let groups = transaction.open_table(store::LOG_GROUPS)?;
        if groups.get(group.as_str())?.is_none() {
            return Err(super::no_group().into());
        }
        drop(groups);
        let streams = transaction.open_table(store::LOG_STREAMS)?;
        if streams.get((group.as_str(), name.as_str()))?.is_some() {
            return Err(AwsError::new(
                "ResourceAlreadyExistsException",
                "The specified log stream already exists",
            )
            .into());
        }
        drop(streams);
        record::replace_stream(transaction, &group, &name, None, Some(&stream))
    });
    write.await?;
    Ok(json!({}))
}

/// Removes the stream and its files. A build that still writes goes on; what it writes is removed
/// when it ends.
pub(super) async fn delete(services: &Services, input: LogStreamInput) -> Result<Value, AwsError> {
    let (group, name) = input.names()?;
    let files = services.log_files.clone();
    let write = services.store.write(move |transaction| {
        let groups = transaction.open_table(store::LOG_GROUPS)?;
        if groups.get(group.as_str())?.is_none() {
            return Err(super::no_group().into());
        }
        drop(groups);
        let streams = transaction.open_table(store::LOG_STREAMS)?;
        let stream = record::stream(&*streams, &group, &name)?.ok_or_else(super::no_stream)?;
        drop(streams);
        record::replace_stream(transaction, &group, &name, Some(&stream), None)?;
        Ok(files.of(&stream))
    });
    super::remove_files(services, write.await?).await
}
