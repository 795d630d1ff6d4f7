//! A build's log, read on from where the last look ended.

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::Timed;
use super::WatchEvent;
use super::pace::Pace;
use crate::aws_command::call;
use crate::call_error::CallError;
use crate::session::Session;

/// How many pages one look reads at most, so that a build that writes faster than we read does not
/// keep its phases from being told.
const PAGES_AT_ONCE: usize = 20;

/// Where reading goes on.
#[derive(Debug, Default)]
pub(super) struct LogTail {
    token: Option<String>,
}

impl LogTail {
    /// Whether the project writes no log to CloudWatch Logs.
    pub(super) fn is_off(build: &Value) -> bool {
        build
            .pointer("/logs/cloudWatchLogs/status")
            .and_then(Value::as_str)
            == Some("DISABLED")
    }

    /// The lines since the last call. None while the log's group or stream does not exist yet.
    pub(super) async fn read(
        &mut self,
        session: &Session,
        build: &Value,
        pace: &mut Pace,
    ) -> Result<Vec<Timed>, CallError> {
        let location = |name: &str| {
            build
                .pointer(&format!("/logs/{name}"))
                .and_then(Value::as_str)
        };
        let mut lines = Vec::new();
        let (Some(group), Some(stream), false) = (
            location("groupName"),
            location("streamName"),
            Self::is_off(build),
        ) else {
            return Ok(lines);
        };
        for _ in 0..PAGES_AT_ONCE {
            let mut input = json!({
                "logGroupName": group,
                "logStreamName": stream,
                "startFromHead": true,
            });
            if let Some(token) = &self.token {
                input["nextToken"] = json!(token);
            }
            let page = match pace.measure(call(session, "GetLogEvents", input)).await {
                Ok(page) => page,
                Err(error) if error.code() == Some("ResourceNotFoundException") => break,
                // The lines that came must not be lost: the error comes again at the next look.
                Err(_) if !lines.is_empty() => break,
                Err(error) => return Err(error),
            };
            let events = page.get("events").and_then(Value::as_array);
            let before = lines.len();
            for event in events.into_iter().flatten() {
                add_lines(event, &mut lines);
            }
            // At the end of a stream the token stays the same.
            let token = page
                .get("nextForwardToken")
                .and_then(Value::as_str)
                .map(str::to_owned);
            let ends = token.is_none() || token == self.token || lines.len() == before;
            self.token = token.or(self.token.take());
            if ends {
                break;
            }
        }
        Ok(lines)
    }
}

/// An event is usually one line with its newline; it may hold several.
fn add_lines(event: &Value, lines: &mut Vec<Timed>) {
    let at = event
        .get("timestamp")
        .and_then(Value::as_i64)
        .and_then(|millis| Timestamp::from_millisecond(millis).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH);
    let message = event
        .get("message")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let message = message.strip_suffix('\n').unwrap_or(message);
    lines.extend(message.split('\n').map(|line| Timed {
        at,
        event: WatchEvent::Log {
            at,
            message: line.strip_suffix('\r').unwrap_or(line).to_owned(),
        },
    }));
}
