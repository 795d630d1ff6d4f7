//! Log groups and streams in the database, and the index of streams by their last event.

use std::collections::BTreeMap;

use redb::ReadTransaction;
use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;

use crate::store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

const DAY: i64 = 24 * 60 * 60 * 1000;

/// What the index says of a stream without events: its first event is never within a range.
pub(super) const NO_EVENTS: i64 = i64::MAX;

/// A log group in the database.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Group {
    pub(super) created: EpochSeconds,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) retention_in_days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kms_key_id: Option<String>,
    /// `None`: STANDARD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) class: Option<String>,
    #[serde(default)]
    pub(super) deletion_protection: bool,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// Of all its streams.
    #[serde(default)]
    pub(super) stored_bytes: u64,
}

impl Group {
    /// A group without anything.
    pub(super) fn new() -> Self {
        Self {
            created: EpochSeconds::now(),
            retention_in_days: None,
            kms_key_id: None,
            class: None,
            deletion_protection: false,
            tags: BTreeMap::new(),
            stored_bytes: 0,
        }
    }

    /// STANDARD, INFREQUENT_ACCESS or DELIVERY.
    pub(super) fn class(&self) -> &str {
        self.class.as_deref().unwrap_or("STANDARD")
    }

    /// Events before this time, in milliseconds, have expired.
    pub(super) fn expires_before(&self) -> i64 {
        let days = self.retention_in_days.map(i64::from);
        days.map_or(i64::MIN, |days| EpochSeconds::now().millis() - days * DAY)
    }
}

/// A log stream in the database.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Stream {
    pub(super) created: EpochSeconds,
    /// What the names of its files begin with.
    pub(super) file: String,
    /// What a build has written. `None` while it runs, too: then [`super::LogFiles`] knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) built: Option<Span>,
    /// What PutLogEvents has written. Times go up within a run, and runs overlap.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) put: Vec<Run>,
    /// The number that the next event of PutLogEvents, or the next run, gets.
    #[serde(default)]
    pub(super) next: u64,
}

/// The extent of some of a stream's events. Times in milliseconds.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Span {
    /// The time of the first event.
    pub(super) first: i64,
    /// The time of the last event.
    pub(super) last: i64,
    /// When the last event came.
    pub(super) ingested: i64,
    /// How far the file may be read.
    pub(super) length: u64,
    /// What CloudWatch counts: the messages and 26 bytes for each event.
    pub(super) bytes: u64,
}

/// A file of events that PutLogEvents has written.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Run {
    /// Its place among the stream's files.
    pub(super) number: u64,
    #[serde(flatten)]
    pub(super) span: Span,
    /// How many entries its index has, and the length of the file at the last one.
    pub(super) entries: u64,
    pub(super) indexed: u64,
}

impl Stream {
    /// A stream without events.
    pub(super) fn new(file: &str) -> Self {
        Self {
            created: EpochSeconds::now(),
            file: file.to_owned(),
            built: None,
            put: Vec::new(),
            next: 0,
        }
    }

    /// The extent of all events; `live` is what a running build has written so far.
    pub(super) fn span(&self, live: Option<Span>) -> Option<Span> {
        let spans = self.put.iter().map(|run| run.span);
        let built = self.built.or(live).filter(|span| span.length > 0);
        spans.chain(built).reduce(|one, other| Span {
            first: one.first.min(other.first),
            last: one.last.max(other.last),
            ingested: one.ingested.max(other.ingested),
            length: one.length + other.length,
            bytes: one.bytes + other.bytes,
        })
    }

    /// Its entry in [`store::LOG_STREAMS_BY_LAST_EVENT`]: times of the last and of the first event.
    fn indexed_as(&self) -> (i64, i64) {
        self.span(None)
            .map_or((self.created.millis(), NO_EVENTS), |span| {
                (span.last, span.first)
            })
    }

    fn bytes(&self) -> u64 {
        self.span(None).map_or(0, |span| span.bytes)
    }
}

/// Reads a group.
pub(super) fn group(
    transaction: &ReadTransaction,
    group: &str,
) -> Result<Option<Group>, StoreError> {
    store::get(&transaction.open_table(store::LOG_GROUPS)?, group)
}

/// Reads a stream.
pub(super) fn stream(
    table: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    group: &str,
    stream: &str,
) -> Result<Option<Stream>, StoreError> {
    match table.get((group, stream))? {
        Some(bytes) => Ok(Some(serde_json::from_slice(bytes.value())?)),
        None => Ok(None),
    }
}

/// Adds, changes or removes a stream: its record, its entry in the index, and what its group counts.
pub(super) fn replace_stream(
    transaction: &Write<'_>,
    group: &str,
    name: &str,
    before: Option<&Stream>,
    after: Option<&Stream>,
) -> Result<(), StoreError> {
    let mut streams = transaction.open_table(store::LOG_STREAMS)?;
    match after {
        Some(stream) => streams.insert((group, name), serde_json::to_vec(stream)?.as_slice())?,
        None => streams.remove((group, name))?,
    }
    let (old, new) = (
        before.map(Stream::indexed_as),
        after.map(Stream::indexed_as),
    );
    if old != new {
        let mut index = transaction.open_table(store::LOG_STREAMS_BY_LAST_EVENT)?;
        if let Some((last, _)) = old {
            index.remove((group, last, name))?;
        }
        if let Some((last, first)) = new {
            index.insert((group, last, name), first)?;
        }
    }
    let (old, new) = (
        before.map_or(0, Stream::bytes),
        after.map_or(0, Stream::bytes),
    );
    if old != new {
        let mut groups = transaction.open_table(store::LOG_GROUPS)?;
        if let Some(mut record) = store::get::<Group>(&*groups, group)? {
            record.stored_bytes = record.stored_bytes.saturating_sub(old).saturating_add(new);
            store::put(&mut groups, group, &record)?;
        }
    }
    Ok(())
}
