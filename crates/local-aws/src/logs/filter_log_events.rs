//! FilterLogEvents: the events of several streams, merged by time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::SegmentReader;
use super::Stream;
use super::pattern::Pattern;
use super::segment::LogEvent;
use crate::error::AwsError;
use crate::services::Services;

/// How many events and bytes one reply holds.
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1024 * 1024;
/// How much one call reads. A pattern that matches nothing then answers with a token and no events,
/// as CloudWatch does.
const MOST_READ: usize = 32 * 1024 * 1024;
/// How many streams a request may name.
const MOST_STREAMS: usize = 100;

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

/// The place of an event in the merged order: its time, then its stream, then its offset.
type Position = (i64, String, u64);

pub(super) fn filter_log_events(
    services: &Services,
    input: &FilterLogEventsInput,
) -> Result<Value, AwsError> {
    let group = super::group_name(
        services,
        input.log_group_name.as_deref(),
        input.log_group_identifier.as_deref(),
    )?;
    let limit = super::checked_limit(input.limit, MOST_EVENTS)?;
    let pattern = Pattern::parse(input.filter_pattern.as_deref().unwrap_or_default())
        .map_err(super::invalid_parameter)?;
    let list = format!("FilterLogEvents/{group}");
    let after = input
        .next_token
        .as_deref()
        .map(|token| {
            let position = services.tokens.open(&list, token);
            position
                .and_then(|position| serde_json::from_str::<Position>(&position).ok())
                .ok_or_else(super::invalid_token)
        })
        .transpose()?;
    let streams = chosen_streams(services, &group, input)?;
    let start = input.start_time.unwrap_or(i64::MIN);
    let end = input.end_time.unwrap_or(i64::MAX);

    let mut sources = open(services, &streams, start, after.as_ref())?;
    let mut heap = BinaryHeap::new();
    for (index, source) in sources.iter_mut().enumerate() {
        source.advance(end, &mut heap, index)?;
    }
    let (mut events, mut bytes, mut read) = (Vec::new(), 0, 0);
    let mut last: Option<Position> = after;
    while let Some(Reverse((time, index, offset))) = heap.peek().copied() {
        if events.len() == limit || bytes >= MOST_BYTES || read >= MOST_READ {
            break;
        }
        heap.pop();
        let Some(source) = sources.get_mut(index) else {
            break;
        };
        let Some(event) = source.next.take() else {
            break;
        };
        read += event.message.len();
        last = Some((time, source.name.clone(), offset));
        source.offset = event.end();
        if pattern.matches(&event.message) {
            bytes += event.message.len();
            events.push(show(source, event));
        }
        source.advance(end, &mut heap, index)?;
    }
    let mut reply = json!({ "events": events, "searchedLogStreams": [] });
    if let (false, Some(last)) = (heap.is_empty(), last) {
        let position = serde_json::to_string(&last).map_err(AwsError::storage)?;
        reply["nextToken"] = services.tokens.seal(&list, &position).into();
    }
    Ok(reply)
}

fn chosen_streams(
    services: &Services,
    group: &str,
    input: &FilterLogEventsInput,
) -> Result<Vec<(String, Stream)>, AwsError> {
    match (
        &input.log_stream_names,
        input.log_stream_name_prefix.as_deref(),
    ) {
        (Some(_), Some(_)) => Err(super::invalid_parameter(
            "logStreamNamePrefix and logStreamNames are mutually exclusive parameters.",
        )),
        (Some(names), None) if names.len() > MOST_STREAMS => Err(super::invalid_parameter(
            "1 validation error detected: Value at 'logStreamNames' failed to satisfy constraint: \
             Member must have length less than or equal to 100",
        )),
        (Some(names), None) => {
            let mut names = names.clone();
            names.sort_unstable();
            names.dedup();
            names
                .into_iter()
                .map(|name| {
                    let stream = super::find_stream(services, group, &name)?;
                    Ok((name, stream))
                })
                .collect()
        }
        (None, prefix) => super::streams_of(services, group, prefix.unwrap_or_default()),
    }
}

/// One stream in the merge.
struct MergeSource {
    name: String,
    file: String,
    reader: SegmentReader,
    offset: u64,
    next: Option<LogEvent>,
}

impl MergeSource {
    fn advance(
        &mut self,
        end: i64,
        heap: &mut BinaryHeap<Reverse<(i64, usize, u64)>>,
        index: usize,
    ) -> Result<(), AwsError> {
        let event = self.reader.at(self.offset).map_err(AwsError::storage)?;
        self.next = event.filter(|event| event.time < end);
        if let Some(event) = &self.next {
            heap.push(Reverse((event.time, index, event.offset)));
        }
        Ok(())
    }
}

/// Opens the streams, each at its first event after `after` and from `start` on.
fn open(
    services: &Services,
    streams: &[(String, Stream)],
    start: i64,
    after: Option<&Position>,
) -> Result<Vec<MergeSource>, AwsError> {
    let mut sources = Vec::new();
    for (name, stream) in streams {
        let mut reader = services
            .log_files
            .read(&stream.file)
            .map_err(AwsError::storage)?;
        let from = after.map_or(start, |(time, _, _)| start.max(*time));
        let mut offset = reader.seek(from).map_err(AwsError::storage)?;
        if let Some((time, stream, last)) = after {
            while let Some(event) = reader.at(offset).map_err(AwsError::storage)? {
                if (event.time, name, event.offset) > (*time, stream, *last) {
                    break;
                }
                offset = event.end();
            }
        }
        if reader.at(offset).map_err(AwsError::storage)?.is_none() {
            // Nothing to add: do not hold its file open.
            continue;
        }
        sources.push(MergeSource {
            name: name.clone(),
            file: stream.file.clone(),
            reader,
            offset,
            next: None,
        });
    }
    Ok(sources)
}

fn show(source: &MergeSource, event: LogEvent) -> Value {
    // The same event has the same id in every reply: `aws logs tail` depends on it.
    let digest: u32 = source.file.bytes().fold(2_166_136_261, |hash: u32, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(16_777_619)
    });
    json!({
        "logStreamName": source.name,
        "timestamp": event.time,
        "message": event.message,
        "ingestionTime": event.time,
        "eventId": format!("{:020}{digest:016}{:020}", event.time.max(0), event.offset),
    })
}
