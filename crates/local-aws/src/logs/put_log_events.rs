//! PutLogEvents.
//!
//! Events of a stream come in any order of time, batch by batch. A batch goes to the end of a file
//! that it does not go back in; if there is none, it begins another. When a stream has many files,
//! the smaller half of them becomes one. All of it happens in the thread that writes to the
//! database: the file first, then its length in the stream's record, which is what readers go by.

use std::io;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::LogFiles;
use super::files::Place;
use super::names;
use super::record;
use super::record::Group;
use super::record::Run;
use super::record::Span;
use super::record::Stream;
use super::segment;
use super::segment::EVENT_OVERHEAD;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

const MOST_EVENTS: usize = 10_000;
/// Of an event and of a batch, each with 26 bytes an event.
const MOST_BYTES: u64 = 1024 * 1024;
const HOUR: i64 = 60 * 60 * 1000;
const OLDEST: i64 = 14 * 24 * HOUR;
const NEWEST: i64 = 2 * HOUR;
const LONGEST_SPAN: i64 = 24 * HOUR;
/// How many files of PutLogEvents a stream has at most.
const MOST_RUNS: usize = 16;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutLogEventsInput {
    log_group_name: Option<String>,
    log_stream_name: Option<String>,
    log_events: Option<Vec<InputLogEvent>>,
}

#[derive(Debug, Deserialize)]
struct InputLogEvent {
    timestamp: Option<i64>,
    message: Option<String>,
}

/// An event that has what it needs.
#[derive(Clone, Debug)]
struct Event {
    time: i64,
    message: String,
}

pub(super) async fn put(services: &Services, input: PutLogEventsInput) -> Result<Value, AwsError> {
    let place = Place {
        group: names::group_name(input.log_group_name.as_deref())?.to_owned(),
        stream: names::stream_name("logStreamName", input.log_stream_name.as_deref())?.to_owned(),
    };
    let mut events = checked(names::required("logEvents", input.log_events)?)?;
    let now = EpochSeconds::now().millis();
    let too_old = events.partition_point(|event| event.time < now - OLDEST);
    let too_new = events.partition_point(|event| event.time <= now + NEWEST);
    let mut rejected = json!({});
    if too_old > 0 {
        rejected["tooOldLogEventEndIndex"] = too_old.into();
    }
    if too_new < events.len() {
        rejected["tooNewLogEventStartIndex"] = too_new.into();
    }
    let times: Vec<i64> = events.iter().map(|event| event.time).collect();
    events.truncate(too_new);
    events.drain(..too_old.min(events.len()));
    if let (Some(first), Some(last)) = (events.first(), events.last())
        && last.time - first.time > LONGEST_SPAN
    {
        return Err(super::invalid_parameter(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 \
             hours.",
        ));
    }
    let files = services.log_files.clone();
    let write = services.store.write(move |transaction| {
        let groups = transaction.open_table(store::LOG_GROUPS)?;
        let group = store::get::<Group>(&*groups, &place.group)?.ok_or_else(super::no_group)?;
        drop(groups);
        let streams = transaction.open_table(store::LOG_STREAMS)?;
        let before =
            record::stream(&*streams, &place.group, &place.stream)?.ok_or_else(super::no_stream)?;
        drop(streams);
        let expires_before = group.expires_before();
        let expired = times.partition_point(|time| *time < expires_before);
        let kept = events.partition_point(|event| event.time < expires_before);
        let events = events.get(kept..).unwrap_or_default().to_vec();
        if events.is_empty() {
            return Ok((expired, place, events, Vec::new()));
        }
        let mut after = before.clone();
        let files_to_go = add(&files, &mut after, &events, now).map_err(AwsError::storage)?;
        record::replace_stream(
            transaction,
            &place.group,
            &place.stream,
            Some(&before),
            Some(&after),
        )?;
        Ok((expired, place, events, files_to_go))
    });
    let (expired, place, events, files_to_go) = write.await?;
    if expired > 0 {
        rejected["expiredLogEventEndIndex"] = expired.into();
    }
    if services.log_files.tails.want(&place) {
        let events = events.iter();
        let events = events.map(|event| (event.time, now, event.message.as_str()));
        let events: Vec<_> = events.collect();
        services.log_files.tails.publish(&place, &events);
    }
    if !files_to_go.is_empty() {
        super::remove_files(services, files_to_go).await?;
    }
    let mut reply = json!({ "nextSequenceToken": format!("{now:056}") });
    if rejected
        .as_object()
        .is_some_and(|rejected| !rejected.is_empty())
    {
        reply["rejectedLogEventsInfo"] = rejected;
    }
    Ok(reply)
}

/// What CloudWatch refuses as a whole.
fn checked(events: Vec<InputLogEvent>) -> Result<Vec<Event>, AwsError> {
    if events.is_empty() || events.len() > MOST_EVENTS {
        let constraint = match events.len() {
            0 => "have length greater than or equal to 1".to_owned(),
            _ => format!("have length less than or equal to {MOST_EVENTS}"),
        };
        return Err(super::invalid_parameter(format!(
            "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: \
             Member must {constraint}"
        )));
    }
    let mut total = 0;
    let mut checked: Vec<Event> = Vec::with_capacity(events.len());
    for (index, event) in events.into_iter().enumerate() {
        let member = |name: &str| format!("logEvents.{}.member.{name}", index + 1);
        let time = names::required(&member("timestamp"), event.timestamp)?;
        let message = names::required(&member("message"), event.message)?;
        if time < 0 {
            return Err(names::violated(
                &member("timestamp"),
                &time.to_string(),
                "have value greater than or equal to 0",
            ));
        }
        if message.is_empty() {
            return Err(names::violated(
                &member("message"),
                "",
                "have length greater than or equal to 1",
            ));
        }
        let bytes = message.len() as u64 + EVENT_OVERHEAD;
        if bytes > MOST_BYTES {
            return Err(super::invalid_parameter(format!(
                "Log event too large: {bytes} bytes exceeds limit of {MOST_BYTES}"
            )));
        }
        total += bytes;
        if checked.last().is_some_and(|last| last.time > time) {
            return Err(super::invalid_parameter(
                "Log events in a single PutLogEvents request must be in chronological order.",
            ));
        }
        checked.push(Event { time, message });
    }
    if total > MOST_BYTES {
        return Err(super::invalid_parameter(format!(
            "Upload too large: {total} bytes exceeds limit of {MOST_BYTES}"
        )));
    }
    Ok(checked)
}

/// Writes events to one of the stream's files, and that to its record. Returns files that are not
/// needed any more once the record is stored.
fn add(
    files: &LogFiles,
    stream: &mut Stream,
    events: &[Event],
    now: i64,
) -> io::Result<Vec<std::path::PathBuf>> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Ok(Vec::new());
    };
    let mut bytes = Vec::new();
    let mut counted = 0;
    for event in events {
        segment::encode(&mut bytes, event.time, now, stream.next, &event.message);
        stream.next += 1;
        counted += event.message.len() as u64 + EVENT_OVERHEAD;
    }
    // The one that goes back least.
    let fitting = stream.put.iter().enumerate();
    let fitting = fitting.filter(|(_, run)| run.span.last <= first.time);
    let chosen = fitting.max_by_key(|(_, run)| run.span.last);
    if let Some((index, run)) = chosen {
        let mut run = run.clone();
        match segment::append(
            &files.put(&stream.file, run.number),
            &mut run,
            first.time,
            &bytes,
        ) {
            Ok(()) => {
                run.span.last = last.time;
                run.span.ingested = now;
                run.span.bytes += counted;
                if let Some(place) = stream.put.get_mut(index) {
                    *place = run;
                }
                return Ok(Vec::new());
            }
            // The machine went down before the disk had all of it. What is left can be read.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(error) => return Err(error),
        }
    }
    let mut run = Run {
        number: stream.next,
        span: Span {
            first: first.time,
            last: last.time,
            ingested: now,
            length: 0,
            bytes: counted,
        },
        entries: 0,
        indexed: 0,
    };
    stream.next += 1;
    segment::append(
        &files.put(&stream.file, run.number),
        &mut run,
        first.time,
        &bytes,
    )?;
    stream.put.push(run);
    if stream.put.len() > MOST_RUNS {
        return join_small_runs(files, stream);
    }
    Ok(Vec::new())
}

/// Makes one file of the smaller half of a stream's files.
fn join_small_runs(files: &LogFiles, stream: &mut Stream) -> io::Result<Vec<std::path::PathBuf>> {
    let mut runs = stream.put.clone();
    runs.sort_by_key(|run| run.span.length);
    let kept = runs.split_off(runs.len() / 2 + 1);
    let old = Stream {
        built: None,
        put: runs,
        ..stream.clone()
    };
    let Some(span) = old.span(None) else {
        return Ok(Vec::new());
    };
    let mut joined = Run {
        number: stream.next,
        span: Span { length: 0, ..span },
        entries: 0,
        indexed: 0,
    };
    let path = files.put(&stream.file, joined.number);
    let mut cursor = super::cursor::StreamCursor::open(files, &old, None)?;
    let (mut bytes, mut first) = (Vec::new(), span.first);
    while let Some(event) = cursor.next()? {
        if bytes.is_empty() {
            first = event.time;
        }
        segment::encode(
            &mut bytes,
            event.time,
            event.ingested,
            event.number(),
            &event.message,
        );
        if bytes.len() as u64 >= segment::INDEX_EVERY {
            segment::append(&path, &mut joined, first, &bytes)?;
            bytes.clear();
        }
    }
    segment::append(&path, &mut joined, first, &bytes)?;
    stream.next += 1;
    stream.put = kept;
    stream.put.push(joined);
    Ok(files.of(&old))
}
