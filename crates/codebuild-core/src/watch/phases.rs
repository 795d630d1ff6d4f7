//! What changed in a build's phases since the last look.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use super::Timed;
use super::WatchEvent;

/// The phases that were told, and whether their end was.
#[derive(Debug, Default)]
pub(super) struct PhaseChanges {
    told: HashMap<String, bool>,
}

impl PhaseChanges {
    /// Phases that began or ended since the last call, in the order of the record.
    pub(super) fn since_last(&mut self, build: &Value) -> Vec<Timed> {
        let mut changes = Vec::new();
        let phases = build.get("phases").and_then(Value::as_array);
        for phase in phases.into_iter().flatten() {
            let Some(name) = phase.get("phaseType").and_then(Value::as_str) else {
                continue;
            };
            let status = phase.get("phaseStatus").and_then(Value::as_str);
            let began = seconds(phase.get("startTime"));
            if !self.told.contains_key(name) {
                self.told.insert(name.to_owned(), false);
                changes.push(Timed {
                    at: began,
                    event: event(name, None, phase),
                });
            }
            if let (Some(status), Some(ended_told)) = (status, self.told.get_mut(name))
                && !*ended_told
            {
                *ended_told = true;
                let ended = phase
                    .get("endTime")
                    .map_or(began, |time| seconds(Some(time)));
                changes.push(Timed {
                    at: ended,
                    event: event(name, Some(status), phase),
                });
            }
        }
        changes
    }
}

fn event(name: &str, status: Option<&str>, phase: &Value) -> WatchEvent {
    let ended = status.is_some();
    WatchEvent::Phase {
        name: name.to_owned(),
        status: status.map(str::to_owned),
        context: ended.then(|| context(phase)).flatten(),
        seconds: phase
            .get("durationInSeconds")
            .and_then(Value::as_i64)
            .filter(|_| ended),
    }
}

/// The first context with something in it: a phase that succeeded has one with empty texts.
pub(crate) fn context(phase: &Value) -> Option<(String, String)> {
    let text = |context: &Value, name: &str| {
        context
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    phase
        .get("contexts")?
        .as_array()?
        .iter()
        .map(|context| (text(context, "statusCode"), text(context, "message")))
        .find(|(code, message)| !code.is_empty() || !message.is_empty())
}

/// A time of CodeBuild: seconds since the epoch with a fraction.
fn seconds(time: Option<&Value>) -> Timestamp {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "casting saturates, and jiff refuses what is no time"
    )]
    time.and_then(Value::as_f64)
        .and_then(|seconds| Timestamp::from_millisecond((seconds * 1000.0).round() as i64).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}
