//! A build watched until it is over: phase changes and log lines as one stream.

mod log_tail;
mod pace;
mod phases;

use std::collections::VecDeque;

use futures_util::Stream;
use futures_util::stream;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use self::log_tail::LogTail;
use self::pace::Pace;
pub(crate) use self::phases::context;

use self::phases::PhaseChanges;
use crate::aws_command::call;
use crate::call_error::CallError;
use crate::session::Session;

/// What changed in a watched build.
#[derive(Clone, Debug, PartialEq)]
pub enum WatchEvent {
    /// A phase began, or ended with a status. Names as in the API.
    Phase {
        /// Such as `INSTALL`.
        name: String,
        /// Such as `SUCCEEDED`; `None` while it runs.
        status: Option<String>,
        /// Status code and message, if not empty.
        context: Option<(String, String)>,
        /// How long it took, in seconds, once it is over.
        seconds: Option<i64>,
    },
    /// A line of the build log, without its newline.
    Log {
        /// The event's timestamp.
        at: Timestamp,
        /// The line.
        message: String,
    },
    /// The build is over; always last.
    Finished {
        /// Such as `SUCCEEDED`.
        status: String,
        /// The build as BatchGetBuilds gives it.
        build: Value,
    },
}

/// How many polls in a row may find nobody before the watch gives up; each of them has been retried
/// by the SDK.
const UNREACHABLE_LIMIT: u32 = 2;

/// How many polls in a row must find nothing new in the log of a complete build before it counts as
/// read to its end.
const QUIET_POLLS: u32 = 2;

/// Watches a build until it is over: phase changes and log lines as one stream, each phase and each
/// line once, in their order. It waits for the log to appear, reads it to its end before
/// [`WatchEvent::Finished`], and asks less often when the service answers slowly or asks for it. The
/// stream ends after the first error.
///
/// # Errors
///
/// If the build does not exist, or the service refuses a call or stays out of reach.
pub fn watch(
    session: &Session,
    build_id: &str,
) -> impl Stream<Item = Result<WatchEvent, CallError>> + Send + use<> {
    let watcher = Watcher {
        session: session.clone(),
        build_id: build_id.to_owned(),
        phases: PhaseChanges::default(),
        log: LogTail::default(),
        pace: Pace::default(),
        ready: VecDeque::new(),
        first: true,
        unreachable: 0,
        quiet: 0,
        over: false,
    };
    stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        watcher.over |= event.is_err();
        Some((event, watcher))
    })
}

struct Watcher {
    session: Session,
    build_id: String,
    phases: PhaseChanges,
    log: LogTail,
    pace: Pace,
    ready: VecDeque<WatchEvent>,
    first: bool,
    unreachable: u32,
    quiet: u32,
    over: bool,
}

/// An event and when it happened, to put phases and log lines in order.
struct Timed {
    at: Timestamp,
    event: WatchEvent,
}

impl Watcher {
    async fn next(&mut self) -> Option<Result<WatchEvent, CallError>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            if self.over {
                return None;
            }
            if !std::mem::take(&mut self.first) {
                self.session.pause(self.pace.interval()).await;
            }
            match self.poll().await {
                Ok(()) => self.unreachable = 0,
                Err(error) if error.is_throttling() => self.pace.slow_down(),
                Err(error @ (CallError::Unreachable { .. } | CallError::Timeout { .. })) => {
                    self.unreachable += 1;
                    if self.unreachable == UNREACHABLE_LIMIT {
                        return Some(Err(error));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Asks for the build, then for its log, so that a build that is seen complete has its log
    /// asked for afterwards.
    async fn poll(&mut self) -> Result<(), CallError> {
        let build = self.build().await?;
        let complete = build.get("buildComplete").and_then(Value::as_bool) == Some(true);
        let phases = self.phases.since_last(&build);
        // What was learned must not be lost if the log cannot be read this time.
        let lines = match self.log.read(&self.session, &build, &mut self.pace).await {
            Ok(lines) => lines,
            Err(error) => {
                self.ready
                    .extend(phases.into_iter().map(|timed| timed.event));
                return Err(error);
            }
        };
        self.quiet = if complete && lines.is_empty() {
            self.quiet + 1
        } else {
            0
        };
        self.ready.extend(in_order(phases, lines));
        if complete && (self.log.is_off(&build) || self.quiet >= QUIET_POLLS) {
            let status = build
                .get("buildStatus")
                .and_then(Value::as_str)
                .unwrap_or("FAULT")
                .to_owned();
            self.ready.push_back(WatchEvent::Finished { status, build });
            self.over = true;
        }
        Ok(())
    }

    async fn build(&mut self) -> Result<Value, CallError> {
        let input = json!({"ids": [self.build_id]});
        let mut answer = self
            .pace
            .measure(call(&self.session, "BatchGetBuilds", input))
            .await?;
        answer
            .get_mut("builds")
            .and_then(|builds| builds.get_mut(0))
            .map(Value::take)
            .ok_or_else(|| CallError::NoSuchBuild {
                id: self.build_id.clone(),
            })
    }
}

/// Merges two sequences by time, each staying in its own order: a phase that begins stands before
/// the lines of the same moment, one that ends after them.
fn in_order(phases: Vec<Timed>, lines: Vec<Timed>) -> Vec<WatchEvent> {
    let mut merged = Vec::with_capacity(phases.len() + lines.len());
    let mut lines = lines.into_iter().peekable();
    for phase in phases {
        let ends = matches!(
            phase.event,
            WatchEvent::Phase {
                status: Some(_),
                ..
            }
        );
        while let Some(line) =
            lines.next_if(|line| line.at < phase.at || (ends && line.at == phase.at))
        {
            merged.push(line.event);
        }
        merged.push(phase.event);
    }
    merged.extend(lines.map(|line| line.event));
    merged
}
