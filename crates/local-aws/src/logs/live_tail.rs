//! StartLiveTail: new events of some groups, every second, in one answer that goes on.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_eventstream::frame::write_message_to;
use aws_smithy_types::event_stream::Header;
use aws_smithy_types::event_stream::HeaderValue;
use aws_smithy_types::event_stream::Message;
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use futures_util::stream::Stream;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use tokio::time::Instant;
use tokio::time::Interval;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::names;
use super::pattern::Pattern;
use super::record;
use super::tails::NewEvent;
use super::tails::Tail;
use crate::error::AwsError;
use crate::services::Services;

const MOST_GROUPS: usize = 10;
const MOST_STREAMS: usize = 100;
const EVERY: Duration = Duration::from_secs(1);
const LONGEST_SESSION: Duration = Duration::from_secs(3 * 60 * 60);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartLiveTailInput {
    log_group_identifiers: Option<Vec<String>>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefixes: Option<Vec<String>>,
    log_event_filter_pattern: Option<String>,
}

/// Begins a session. The answer ends when the client leaves, the local AWS stops, or after three
/// hours.
///
/// # Errors
///
/// For what cannot be listened to.
pub(crate) fn start(services: &Services, input: Value, request: &str) -> Result<Body, AwsError> {
    let input: StartLiveTailInput = super::read(input)?;
    let identifiers = names::required("logGroupIdentifiers", input.log_group_identifiers)?;
    names::list_length("logGroupIdentifiers", &identifiers, MOST_GROUPS)?;
    let stream_names = input.log_stream_names.unwrap_or_default();
    let prefixes = input.log_stream_name_prefixes.unwrap_or_default();
    for (member, names) in [
        ("logStreamNames", &stream_names),
        ("logStreamNamePrefixes", &prefixes),
    ] {
        if names.is_empty() {
            continue;
        }
        names::list_length(member, names, MOST_STREAMS)?;
        for name in names {
            names::stream_name(member, Some(name))?;
        }
        if identifiers.len() > 1 {
            return Err(super::invalid_parameter(format!(
                "{member} can only be specified with a single log group in logGroupIdentifiers."
            )));
        }
    }
    if !stream_names.is_empty() && !prefixes.is_empty() {
        return Err(super::invalid_parameter(
            "logStreamNames and logStreamNamePrefixes are mutually exclusive parameters.",
        ));
    }
    let filter = input.log_event_filter_pattern.unwrap_or_default();
    let pattern = Pattern::parse(&filter).map_err(super::invalid_parameter)?;
    let mut groups = Vec::new();
    for identifier in &identifiers {
        groups.push(group(services, identifier)?);
    }
    let start = json!({
        "requestId": request,
        "sessionId": uuid::Uuid::new_v4().to_string(),
        "logGroupIdentifiers": identifiers,
        "logStreamNames": stream_names,
        "logStreamNamePrefixes": prefixes,
        "logEventFilterPattern": filter,
    });
    let tails = &services.log_files.tails;
    let tail = tails
        .add(groups, stream_names, prefixes, pattern)
        .ok_or_else(|| {
            AwsError::new(
                "LimitExceededException",
                "The account has reached its limit of concurrent Live Tail sessions.",
            )
        })?;
    let session = Session {
        tail,
        account: services.account.id.clone(),
        start: Some(start),
        clock: clock(),
        end: Instant::now() + LONGEST_SESSION,
        stop: services.stop.clone(),
    };
    Ok(Body::from_stream(session.messages()))
}

/// The group that an ARN names, which must be there.
fn group(services: &Services, arn: &str) -> Result<String, AwsError> {
    let Some(name) = names::group_in_arn(services, arn) else {
        return Err(super::invalid_parameter(format!(
            "The log group identifier '{arn}' is not valid. Specify each log group by its ARN, \
             without an asterisk at its end, such as {}.",
            services.account.log_group_arn("NAME")
        )));
    };
    let group = services
        .store
        .read(|transaction| record::group(transaction, name))?
        .ok_or_else(super::no_group)?;
    if group.class() != "STANDARD" {
        return Err(AwsError::new(
            "InvalidOperationException",
            format!(
                "Live Tail is supported for log groups of the Standard class only; {name} is {}.",
                group.class()
            ),
        ));
    }
    Ok(name.to_owned())
}

fn clock() -> Interval {
    let mut clock = tokio::time::interval_at(Instant::now() + EVERY, EVERY);
    // A client that read nothing for a while does not get the seconds that it missed.
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    clock
}

/// A session, as its answer's body drives it: a client that leaves drops it.
struct Session {
    tail: Arc<Tail>,
    account: String,
    /// The first event, until it is sent.
    start: Option<Value>,
    clock: Interval,
    end: Instant,
    stop: CancellationToken,
}

impl Session {
    fn messages(self) -> impl Stream<Item = Result<Bytes, String>> {
        stream::unfold(Some(self), async |session| {
            let mut session = session?;
            if let Some(start) = session.start.take() {
                let begin = [
                    message("event", "initial-response", &json!({})),
                    message("event", "sessionStart", &start),
                ];
                return Some((encode(&begin), Some(session)));
            }
            tokio::select! {
                biased;
                () = session.stop.cancelled() => None,
                () = tokio::time::sleep_until(session.end) => {
                    let error = json!({ "message": "The session has timed out after three hours." });
                    let end = message("exception", "SessionTimeoutException", &error);
                    Some((encode(&[end]), None))
                }
                _ = session.clock.tick() => {
                    let update = session.update();
                    Some((encode(&[message("event", "sessionUpdate", &update)]), Some(session)))
                }
            }
        })
    }

    fn update(&self) -> Value {
        let (events, sampled) = self.tail.drain();
        let show = |event: NewEvent| {
            json!({
                "logGroupIdentifier": format!("{}:{}", self.account, event.group),
                "logStreamName": event.stream,
                "message": event.message,
                "timestamp": event.time,
                "ingestionTime": event.ingested,
            })
        };
        json!({
            "sessionMetadata": { "sampled": sampled },
            "sessionResults": events.into_iter().map(show).collect::<Vec<Value>>(),
        })
    }
}

/// A message of the event stream, `application/vnd.amazon.eventstream`.
fn message(kind: &'static str, name: &'static str, payload: &Value) -> Message {
    let text = |text: &'static str| HeaderValue::String(text.into());
    let name_header = match kind {
        "exception" => ":exception-type",
        _ => ":event-type",
    };
    let content_type = match name {
        "initial-response" => "application/x-amz-json-1.1",
        _ => "application/json",
    };
    Message::new(payload.to_string())
        .add_header(Header::new(name_header, text(name)))
        .add_header(Header::new(":content-type", text(content_type)))
        .add_header(Header::new(":message-type", text(kind)))
}

fn encode(messages: &[Message]) -> Result<Bytes, String> {
    let mut bytes = Vec::new();
    for message in messages {
        write_message_to(message, &mut bytes).map_err(|error| error.to_string())?;
    }
    Ok(bytes.into())
}
