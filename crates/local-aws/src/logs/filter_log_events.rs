//! FilterLogEvents: the events of several streams, merged by time.
//!
//! A stream is opened when the merge reaches its first event, and only if the index says that it has
//! events in the range: a group may have many thousands of streams.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BinaryHeap;
use std::collections::VecDeque;

use redb::ReadTransaction;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::cursor;
use super::cursor::StreamCursor;
use super::files::LiveSpan;
use super::names;
use super::pattern::Pattern;
use super::record;
use super::segment::LogEvent;
use super::segment::Position;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;

/// How many events and bytes one reply holds.
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1024 * 1024;
/// How much one call reads. A pattern that matches nothing then answers with a token and no events,
/// as CloudWatch does.
const MOST_READ: usize = 32 * 1024 * 1024;
/// How many streams a request may name.
const MOST_STREAMS: usize = 100;
/// How many streams are open at once. Others are opened again when the merge reaches them.
const MOST_OPEN: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FilterLogEventsInput {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// A place in the merged order: a time, a stream, and a position among its events of that time.
type Place = (i64, String, u64);

pub(super) fn filter_log_events(
    services: &Services,
    input: &FilterLogEventsInput,
) -> Result<Value, AwsError> {
    let group = names::group(
        services,
        input.log_group_name.as_deref(),
        input.log_group_identifier.as_deref(),
    )?;
    let limit = names::limit(input.limit, MOST_EVENTS)?;
    let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())
        .map_err(super::invalid_parameter)?;
    let list = format!("FilterLogEvents/{group}");
    let after = input
        .next_token
        .as_deref()
        .map(|token| {
            let place = services.tokens.open(&list, token);
            place
                .and_then(|place| serde_json::from_str::<Place>(&place).ok())
                .ok_or_else(super::invalid_token)
        })
        .transpose()?;
    let mut merge = Merge::new(services, &group, input, after.as_ref())?;
    let (mut events, mut bytes, mut read) = (Vec::new(), 0, 0);
    let mut last: Option<Place> = after;
    while !merge.is_over() && events.len() < limit && bytes < MOST_BYTES && read < MOST_READ {
        let Some((source, event)) = merge.next()? else {
            continue;
        };
        read += event.message.len();
        let Position(time, tie) = event.after();
        last = Some((time, source.name.clone(), tie));
        if pattern.matches(&event.message) {
            bytes += event.message.len();
            events.push(show(source, event));
        }
    }
    let mut reply = json!({ "events": events, "searchedLogStreams": [] });
    if let (false, Some(last)) = (merge.is_over(), last) {
        let place = serde_json::to_string(&last).map_err(AwsError::storage)?;
        reply["nextToken"] = services.tokens.seal(&list, &place).into();
    }
    Ok(reply)
}

/// Streams on their way into one order.
struct Merge<'a> {
    services: &'a Services,
    group: String,
    /// By name.
    sources: Vec<Source>,
    /// Time of the next event, source, position. For a source that is not open, the earliest that
    /// its next event can have.
    heap: BinaryHeap<Reverse<(i64, usize, u64)>>,
    /// The sources that are open, in the order in which they were opened.
    open: VecDeque<usize>,
    end: i64,
}

/// One stream in the merge.
struct Source {
    name: String,
    /// Where to go on.
    from: Position,
    cursor: Option<StreamCursor>,
    /// Tells its events' ids from those of other streams.
    digest: u64,
}

impl<'a> Merge<'a> {
    fn new(
        services: &'a Services,
        group: &str,
        input: &FilterLogEventsInput,
        after: Option<&Place>,
    ) -> Result<Self, AwsError> {
        let live = services.log_files.live_in(group).into_iter().collect();
        let end = input.end_time.unwrap_or(i64::MAX);
        let (start, streams) = services.store.read(|transaction| {
            let Some(record) = record::group(transaction, group)? else {
                return Err(super::no_group().into());
            };
            let start = input
                .start_time
                .unwrap_or(i64::MIN)
                .max(record.expires_before());
            let from = after.map_or(start, |(time, _, _)| start.max(*time));
            let streams = chosen_streams(transaction, group, input, &live, from..end)?;
            Ok((start, streams))
        })?;
        let mut merge = Self {
            services,
            group: group.to_owned(),
            sources: Vec::with_capacity(streams.len()),
            heap: BinaryHeap::with_capacity(streams.len()),
            open: VecDeque::new(),
            end,
        };
        for (name, first) in streams {
            let done = after.map_or(Position::START, |(time, stream, tie)| {
                match name.as_str().cmp(stream) {
                    std::cmp::Ordering::Less => Position::at(time.saturating_add(1)),
                    std::cmp::Ordering::Equal => Position(*time, *tie),
                    std::cmp::Ordering::Greater => Position::at(*time),
                }
            });
            let from = done.max(Position::at(start.max(first)));
            if from.0 < end {
                let index = merge.sources.len();
                merge.heap.push(Reverse((from.0, index, from.1)));
                merge.sources.push(Source {
                    name,
                    from,
                    cursor: None,
                    digest: 0,
                });
            }
        }
        Ok(merge)
    }

    fn is_over(&self) -> bool {
        self.heap.is_empty()
    }

    /// The next event and its stream; `None` if only a stream was opened.
    fn next(&mut self) -> Result<Option<(&Source, LogEvent)>, AwsError> {
        let Some(Reverse((_, index, _))) = self.heap.pop() else {
            return Ok(None);
        };
        let Some(source) = self.sources.get_mut(index) else {
            return Ok(None);
        };
        let mut event = None;
        match &mut source.cursor {
            Some(cursor) => event = cursor.next().map_err(AwsError::storage)?,
            None => {
                let opened = cursor::open(self.services, &self.group, &source.name);
                let mut opened = match opened {
                    Ok(opened) => opened,
                    // It was deleted a moment ago.
                    Err(error) if error.code == "ResourceNotFoundException" => return Ok(None),
                    Err(error) => return Err(error),
                };
                opened.cursor.seek(source.from).map_err(AwsError::storage)?;
                source.digest = super::digest(&opened.record.file);
                source.cursor = Some(opened.cursor);
                self.open.push_back(index);
            }
        }
        if let Some(event) = &event {
            source.from = event.after();
        }
        let cursor = source.cursor.as_mut();
        let next = cursor.map(StreamCursor::peek).transpose();
        match next.map_err(AwsError::storage)?.flatten() {
            Some(next) if next.time < self.end => {
                let Position(time, tie) = next.position();
                self.heap.push(Reverse((time, index, tie)));
            }
            _ => {
                source.cursor = None;
                self.open.retain(|open| *open != index);
            }
        }
        if self.open.len() > MOST_OPEN
            && let Some(parked) = self.open.pop_front()
            && let Some(parked) = self.sources.get_mut(parked)
        {
            parked.cursor = None;
        }
        Ok(self.sources.get(index).zip(event))
    }
}

/// Names of the streams that a request is about and that may have events in a range of times, each
/// with the time of its first event.
fn chosen_streams(
    transaction: &ReadTransaction,
    group: &str,
    input: &FilterLogEventsInput,
    live: &BTreeMap<String, LiveSpan>,
    range: std::ops::Range<i64>,
) -> Result<BTreeMap<String, i64>, StoreError> {
    let mut chosen = BTreeMap::new();
    let prefix = input.log_stream_name_prefix.as_deref();
    if let Some(names) = &input.log_stream_names {
        if prefix.is_some() {
            return Err(super::invalid_parameter(
                "logStreamNamePrefix and logStreamNames are mutually exclusive parameters.",
            )
            .into());
        }
        names::list_length("logStreamNames", names, MOST_STREAMS)?;
        let table = transaction.open_table(store::LOG_STREAMS)?;
        for name in names {
            let stream = record::stream(&table, group, name)?.ok_or_else(super::no_stream)?;
            let live = live.get(name).filter(|live| live.file == stream.file);
            if let Some(span) = stream.span(live.map(|live| live.span))
                && span.last >= range.start
                && span.first < range.end
            {
                chosen.insert(name.clone(), span.first);
            }
        }
        return Ok(chosen);
    }
    let prefix = prefix.unwrap_or_default();
    let index = transaction.open_table(store::LOG_STREAMS_BY_LAST_EVENT)?;
    let entries = (group, range.start, "")..=(group, i64::MAX, super::LAST_NAME);
    for entry in index.range::<(&str, i64, &str)>(entries)? {
        let (key, first) = entry?;
        let (_, _, name) = key.value();
        if first.value() < range.end && name.starts_with(prefix) {
            chosen.insert(name.to_owned(), first.value());
        }
    }
    // The index does not know yet what running builds have written.
    for (name, live) in live {
        let has_some = live.span.length > 0 && live.span.last >= range.start;
        if has_some && live.span.first < range.end && name.starts_with(prefix) {
            let first = chosen.entry(name.clone()).or_insert(live.span.first);
            *first = live.span.first.min(*first);
        }
    }
    Ok(chosen)
}

fn show(source: &Source, event: LogEvent) -> Value {
    // The same event has the same id in every reply: `aws logs tail` depends on it.
    let Position(time, tie) = event.position();
    let digest = source.digest % 1_000_000_000_000_000_000;
    json!({
        "logStreamName": source.name,
        "timestamp": event.time,
        "message": event.message,
        "ingestionTime": event.ingested,
        "eventId": format!("{:018}{digest:018}{tie:020}", time.max(0)),
    })
}
