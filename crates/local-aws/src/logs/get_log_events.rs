//! GetLogEvents.

use std::io;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::cursor;
use super::cursor::StreamCursor;
use super::names;
use super::segment::LogEvent;
use super::segment::Position;
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

/// Where to go on: `f/…` after this position, `b/…` before it.
#[derive(Clone, Copy)]
enum Token {
    Forward(Position),
    Backward(Position),
}

impl Token {
    /// Reads a token that was made for the stream with this file.
    fn parse(text: &str, file: &str) -> Option<Self> {
        let (direction, rest) = text.split_once('/')?;
        let digits = rest.strip_suffix("/s").unwrap_or(rest);
        let time = digits.get(..18)?.parse().ok()?;
        let position = Position(time, digits.get(18..38)?.parse().ok()?);
        if position_text(position, file) != digits {
            return None;
        }
        match direction {
            "f" => Some(Self::Forward(position)),
            "b" => Some(Self::Backward(position)),
            _ => None,
        }
    }

    fn text(self, file: &str) -> String {
        match self {
            Self::Forward(position) => format!("f/{}/s", position_text(position, file)),
            Self::Backward(position) => format!("b/{}/s", position_text(position, file)),
        }
    }
}

/// 56 digits: the position, and a sum by which a made-up or misplaced token is noticed.
fn position_text(Position(time, tie): Position, file: &str) -> String {
    let text = format!("{:018}{tie:020}", time.max(0));
    let sum = super::digest(&format!("{file}{text}")) % 1_000_000_000_000_000_000;
    format!("{text}{sum:018}")
}

/// Events in order of time. Without `startFromHead` and without a token, the newest.
///
/// At the end of the stream a reply repeats the forward token that it was asked with, and the same
/// token shows later events as they come.
pub(super) fn get_log_events(
    services: &Services,
    input: &GetLogEventsInput,
) -> Result<Value, AwsError> {
    let group = names::group(
        services,
        input.log_group_name.as_deref(),
        input.log_group_identifier.as_deref(),
    )?;
    let stream = names::required("logStreamName", input.log_stream_name.as_deref())?;
    let limit = names::limit(input.limit, MOST_EVENTS)?;
    let mut opened = cursor::open(services, &group, stream)?;
    let file = opened.record.file.as_str();
    let token = input
        .next_token
        .as_deref()
        .map(|text| Token::parse(text, file).ok_or_else(super::invalid_token))
        .transpose()?;
    let range = Range {
        start: input
            .start_time
            .unwrap_or(i64::MIN)
            .max(opened.expires_before),
        end: input.end_time.unwrap_or(i64::MAX),
    };
    let cursor = &mut opened.cursor;
    let page = match token {
        Some(Token::Forward(position)) => forward(cursor, position, &range, limit),
        Some(Token::Backward(position)) => backward(cursor, Some(position), &range, limit),
        None if input.start_from_head.unwrap_or(false) => {
            forward(cursor, Position::at(range.start), &range, limit)
        }
        None => backward(cursor, input.end_time.map(Position::at), &range, limit),
    };
    let page = page.map_err(AwsError::storage)?;
    let events: Vec<Value> = page
        .events
        .into_iter()
        .map(|event| {
            json!({
                "timestamp": event.time,
                "message": event.message,
                "ingestionTime": event.ingested,
            })
        })
        .collect();
    Ok(json!({
        "events": events,
        "nextForwardToken": Token::Forward(page.end).text(file),
        "nextBackwardToken": Token::Backward(page.start).text(file),
    }))
}

struct Range {
    start: i64,
    /// Not included.
    end: i64,
}

struct Page {
    events: Vec<LogEvent>,
    start: Position,
    end: Position,
}

fn forward(
    cursor: &mut StreamCursor,
    from: Position,
    range: &Range,
    limit: usize,
) -> io::Result<Page> {
    cursor.seek(from.max(Position::at(range.start)))?;
    let (mut start, mut end) = (from, from);
    let (mut events, mut bytes) = (Vec::new(), 0);
    while events.len() < limit && bytes < MOST_BYTES {
        if cursor.peek()?.is_none_or(|event| event.time >= range.end) {
            break;
        }
        let Some(event) = cursor.next()? else { break };
        if events.is_empty() {
            start = event.position();
        }
        end = event.after();
        bytes += event.message.len();
        events.push(event);
    }
    Ok(Page { events, start, end })
}

fn backward(
    cursor: &mut StreamCursor,
    from: Option<Position>,
    range: &Range,
    limit: usize,
) -> io::Result<Page> {
    match from {
        Some(position) => cursor.seek(position.min(Position::at(range.end)))?,
        None => cursor.seek_end(),
    }
    let (mut start, mut end) = (from, from);
    let (mut events, mut bytes) = (Vec::new(), 0);
    while events.len() < limit && bytes < MOST_BYTES {
        let Some(event) = cursor.previous()? else {
            break;
        };
        if end.is_none() || events.is_empty() {
            end = Some(event.after());
        }
        if event.time < range.start {
            start = start.or(end);
            break;
        }
        start = Some(event.position());
        bytes += event.message.len();
        events.push(event);
    }
    events.reverse();
    Ok(Page {
        events,
        start: start.unwrap_or(Position::START),
        end: end.unwrap_or(Position::START),
    })
}
