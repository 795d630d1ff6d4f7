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
pub(crate) use self::pace::Pace;
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
        known: None,
        changes: Vec::new(),
        lines: Vec::new(),
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
    /// The build as last seen.
    known: Option<Value>,
    /// Phase changes and lines that are not told yet.
    changes: Vec<Timed>,
    lines: Vec<Timed>,
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

    /// Asks for the log, then for the build: the phases that are then known are at least as new as
    /// the lines. If a phase changed, the log is asked for again, so that no line from before the
    /// change comes after it; lines from after the change wait for the next look, which may find
    /// that they belong to yet another phase.
    async fn poll(&mut self) -> Result<(), CallError> {
        if let Some(known) = &self.known {
            let lines = self.log.read(&self.session, known, &mut self.pace).await?;
            self.lines.extend(lines);
        }
        let build = self.build().await?;
        self.changes.extend(self.phases.since_last(&build));
        let build = self.known.insert(build);
        let mut later = Vec::new();
        if let Some(newest) = self.changes.iter().map(|change| change.at).max() {
            let lines = self.log.read(&self.session, build, &mut self.pace).await?;
            for line in lines {
                if line.at <= newest {
                    self.lines.push(line);
                } else {
                    later.push(line);
                }
            }
        }
        let complete = build.get("buildComplete").and_then(Value::as_bool) == Some(true);
        let nothing_new = self.lines.is_empty() && later.is_empty();
        self.quiet = if complete && nothing_new {
            self.quiet + 1
        } else {
            0
        };
        let changes = std::mem::take(&mut self.changes);
        let lines = std::mem::replace(&mut self.lines, later);
        self.ready.extend(in_order(changes, lines));
        if complete && nothing_new && (LogTail::is_off(build) || self.quiet >= QUIET_POLLS) {
            let build = build.take();
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
