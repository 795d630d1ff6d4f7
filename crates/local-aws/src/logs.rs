//! CloudWatch Logs: groups and streams in the database, events in one append-only file a stream.

mod describe;
mod filter_log_events;
mod get_log_events;
mod pattern;
mod segment;

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;
pub(crate) use segment::SegmentReader;
pub(crate) use segment::SegmentWriter;

/// A log group in the database.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Group {
    created: EpochSeconds,
}

/// A log stream in the database.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Stream {
    created: EpochSeconds,
    /// The name of its file, without an extension.
    file: String,
}

/// The files of all streams.
#[derive(Clone, Debug)]
pub(crate) struct LogFiles {
    directory: PathBuf,
    /// How far the files that are being written may be read, by file name.
    live: Arc<Mutex<HashMap<String, Arc<AtomicU64>>>>,
}

impl LogFiles {
    pub(crate) fn new(directory: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&directory)?;
        Ok(Self {
            directory,
            live: Arc::default(),
        })
    }

    /// Goes on writing a stream's file.
    pub(crate) fn write(&self, file: &str) -> io::Result<SegmentWriter> {
        let writer = SegmentWriter::open(&self.path(file))?;
        self.live().insert(file.to_owned(), writer.readable());
        Ok(writer)
    }

    /// The file is complete.
    pub(crate) fn finish(&self, file: &str) {
        self.live().remove(file);
    }

    /// A file as far as it is written now.
    pub(crate) fn read(&self, file: &str) -> io::Result<SegmentReader> {
        let readable = self
            .live()
            .get(file)
            .map(|length| length.load(Ordering::Acquire));
        SegmentReader::open(&self.path(file), readable)
    }

    /// Cuts off a half-written event that a killed process left.
    pub(crate) fn repair(&self, file: &str) -> io::Result<()> {
        let path = self.path(file);
        if path.exists() {
            segment::repair(&path)
        } else {
            Ok(())
        }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.directory.join(Path::new(file).with_extension("log"))
    }

    fn live(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<AtomicU64>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes the group if it is not there, and the stream.
pub(crate) fn create_stream(
    transaction: &Write<'_>,
    group: &str,
    stream: &str,
    file: &str,
) -> Result<(), StoreError> {
    let created = EpochSeconds::now();
    let mut groups = transaction.open_table(store::LOG_GROUPS)?;
    if groups.get(group)?.is_none() {
        store::put(&mut groups, group, &Group { created })?;
    }
    let record = Stream {
        created,
        file: file.to_owned(),
    };
    transaction
        .open_table(store::LOG_STREAMS)?
        .insert((group, stream), serde_json::to_vec(&record)?.as_slice())?;
    Ok(())
}

/// Runs one Logs operation. Reading files may take a while: not on an async thread.
///
/// # Errors
///
/// As the operation does; `UnknownOperationException` for an operation that is not here.
pub(crate) fn call(services: &Services, operation: &str, input: Value) -> Result<Value, AwsError> {
    match operation {
        "GetLogEvents" => get_log_events::get_log_events(services, &read(input)?),
        "FilterLogEvents" => filter_log_events::filter_log_events(services, &read(input)?),
        "DescribeLogGroups" => describe::log_groups(services, &read(input)?),
        "DescribeLogStreams" => describe::log_streams(services, &read(input)?),
        _ => Err(AwsError::new(
            "UnknownOperationException",
            format!(
                "{operation} is not an operation that the local AWS has for CloudWatch Logs. It has \
                 GetLogEvents, FilterLogEvents, DescribeLogGroups and DescribeLogStreams."
            ),
        )),
    }
}

/// Whether [`call`] knows the operation.
pub(crate) fn has_operation(operation: &str) -> bool {
    matches!(
        operation,
        "GetLogEvents" | "FilterLogEvents" | "DescribeLogGroups" | "DescribeLogStreams"
    )
}

fn read<T: serde::de::DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}

fn invalid_parameter(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

fn missing(member: &str) -> AwsError {
    invalid_parameter(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
         Member must not be null"
    ))
}

fn invalid_token() -> AwsError {
    invalid_parameter("The specified nextToken is invalid.")
}

/// The limit that a request asks for, within 1 and `max`.
fn checked_limit(limit: Option<i64>, max: usize) -> Result<usize, AwsError> {
    let Some(limit) = limit else { return Ok(max) };
    let constraint = if limit < 1 {
        "greater than or equal to 1".to_owned()
    } else {
        match usize::try_from(limit) {
            Ok(limit) if limit <= max => return Ok(limit),
            _ => format!("less than or equal to {max}"),
        }
    };
    Err(invalid_parameter(format!(
        "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: \
         Member must have value {constraint}"
    )))
}

/// A request names a group by name or by ARN (also with `:*` at its end).
fn group_name(
    services: &Services,
    name: Option<&str>,
    identifier: Option<&str>,
) -> Result<String, AwsError> {
    let text = match (name, identifier) {
        (Some(_), Some(_)) => {
            return Err(invalid_parameter(
                "You must specify either logGroupName or logGroupIdentifier, not both.",
            ));
        }
        (Some(text), None) | (None, Some(text)) => text,
        (None, None) => return Err(missing("logGroupName")),
    };
    let prefix = services.account.log_group_arn("");
    let text = text.strip_prefix(&prefix).unwrap_or(text);
    Ok(text.strip_suffix(":*").unwrap_or(text).to_owned())
}

fn no_group() -> AwsError {
    AwsError::not_found("The specified log group does not exist.")
}

fn no_stream() -> AwsError {
    AwsError::not_found("The specified log stream does not exist.")
}

/// The stream's record.
fn find_stream(services: &Services, group: &str, stream: &str) -> Result<Stream, AwsError> {
    services.store.read(|transaction| {
        if transaction
            .open_table(store::LOG_GROUPS)?
            .get(group)?
            .is_none()
        {
            return Err(no_group().into());
        }
        let streams = transaction.open_table(store::LOG_STREAMS)?;
        match streams.get((group, stream))? {
            Some(bytes) => Ok(serde_json::from_slice(bytes.value())?),
            None => Err(no_stream().into()),
        }
    })
}

/// All streams of a group whose names begin with `prefix`, by name, from `from` on.
fn streams_of(
    services: &Services,
    group: &str,
    prefix: &str,
) -> Result<Vec<(String, Stream)>, AwsError> {
    services.store.read(|transaction| {
        if transaction
            .open_table(store::LOG_GROUPS)?
            .get(group)?
            .is_none()
        {
            return Err(no_group().into());
        }
        let table = transaction.open_table(store::LOG_STREAMS)?;
        let mut streams = Vec::new();
        for entry in table.range::<(&str, &str)>((group, prefix)..)? {
            let (key, value) = entry?;
            let (of, name) = key.value();
            if of != group || !name.starts_with(prefix) {
                break;
            }
            streams.push((name.to_owned(), serde_json::from_slice(value.value())?));
        }
        Ok(streams)
    })
}
