//! GetLogEvents.

use std::io;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::SegmentReader;
use super::segment::LogEvent;
use crate::error::AwsError;
use crate::services::Services;

/// How many events one reply holds, and how many bytes of them.
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1024 * 1024;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GetLogEventsInput {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

/// Where to go on: `f/…` after this byte, `b/…` before it.
#[derive(Clone, Copy)]
enum Token {
    Forward(u64),
    Backward(u64),
}

impl Token {
    fn parse(text: &str) -> Option<Self> {
        let (direction, offset) = text.split_once('/')?;
        let offset = offset.strip_suffix("/s").unwrap_or(offset).parse().ok()?;
        match direction {
            "f" => Some(Self::Forward(offset)),
            "b" => Some(Self::Backward(offset)),
            _ => None,
        }
    }

    fn text(self) -> String {
        match self {
            Self::Forward(offset) => format!("f/{offset:056}/s"),
            Self::Backward(offset) => format!("b/{offset:056}/s"),
        }
    }
}

/// Events in order of time. Without `startFromHead` and without a token, the newest.
///
/// The tokens are offsets: at the end of the stream a reply repeats the forward token that it was
/// asked with, and the same token shows later events as they come.
pub(super) fn get_log_events(
    services: &Services,
    input: &GetLogEventsInput,
) -> Result<Value, AwsError> {
    let group = super::group_name(
        services,
        input.log_group_name.as_deref(),
        input.log_group_identifier.as_deref(),
    )?;
    let Some(stream) = input.log_stream_name.as_deref() else {
        return Err(super::missing("logStreamName"));
    };
    let limit = super::checked_limit(input.limit, MOST_EVENTS)?;
    let token = input
        .next_token
        .as_deref()
        .map(|text| Token::parse(text).ok_or_else(super::invalid_token))
        .transpose()?;
    let record = super::find_stream(services, &group, stream)?;
    let mut reader = services
        .log_files
        .read(&record.file)
        .map_err(AwsError::storage)?;

    let range = Range {
        start: input.start_time.unwrap_or(i64::MIN),
        end: input.end_time.unwrap_or(i64::MAX),
    };
    let from_head = input.start_from_head.unwrap_or(false);
    let page = match token {
        Some(Token::Forward(offset)) => forward(&mut reader, offset, &range, limit),
        Some(Token::Backward(offset)) => backward(&mut reader, offset, &range, limit),
        None if from_head => reader
            .seek(range.start)
            .and_then(|offset| forward(&mut reader, offset, &range, limit)),
        None => {
            let end = match input.end_time {
                Some(time) => reader.seek(time),
                None => Ok(reader.end()),
            };
            end.and_then(|end| backward(&mut reader, end, &range, limit))
        }
    };
    let page = page.map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => super::invalid_token(),
        _ => AwsError::storage(error),
    })?;
    let events: Vec<Value> = page
        .events
        .into_iter()
        .map(|event| {
            json!({
                "timestamp": event.time,
                "message": event.message,
                "ingestionTime": event.time,
            })
        })
        .collect();
    Ok(json!({
        "events": events,
        "nextForwardToken": Token::Forward(page.end).text(),
        "nextBackwardToken": Token::Backward(page.start).text(),
    }))
}

struct Range {
    start: i64,
    /// Not included.
    end: i64,
}

struct Page {
    events: Vec<LogEvent>,
    start: u64,
    end: u64,
}

fn forward(reader: &mut SegmentReader, from: u64, range: &Range, limit: usize) -> io::Result<Page> {
    let (mut start, mut end) = (from, from);
    let (mut events, mut bytes) = (Vec::new(), 0);
    while events.len() < limit && bytes < MOST_BYTES {
        let Some(event) = reader.at(end)? else { break };
        if event.time >= range.end {
            break;
        }
        end = event.end();
        if event.time < range.start {
            start = end;
            continue;
        }
        bytes += event.message.len();
        events.push(event);
    }
    Ok(Page { events, start, end })
}

fn backward(
    reader: &mut SegmentReader,
    from: u64,
    range: &Range,
    limit: usize,
) -> io::Result<Page> {
    let (mut start, mut end) = (from, from);
    let (mut events, mut bytes) = (Vec::new(), 0);
    while events.len() < limit && bytes < MOST_BYTES {
        let Some(event) = reader.before(start)? else {
            break;
        };
        if event.time < range.start {
            break;
        }
        start = event.offset;
        if event.time >= range.end {
            end = start;
            continue;
        }
        bytes += event.message.len();
        events.push(event);
    }
    events.reverse();
    Ok(Page { events, start, end })
}
