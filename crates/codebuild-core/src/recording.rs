//! The file of a recorded walk.
//!
//! JSON, format version 1. Times are relative to the first request. No header is kept, so neither
//! credentials nor request ids are; the home and the working directory of the machine are replaced
//! by `~` and `.`.

use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::call_error::CallError;
use crate::wire_tap::Kept;

/// The version that is written, and the only one that is read.
const FORMAT_VERSION: u32 = 1;

/// A recorded walk.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    pub(crate) version: u32,
    /// When its first request was sent.
    pub(crate) recorded: Option<Timestamp>,
    pub(crate) region: Option<String>,
    pub(crate) scenes: Vec<Scene>,
}

/// A part of the walk; unique by name.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scene {
    pub(crate) name: String,
    pub(crate) exchanges: Vec<RecordedExchange>,
}

/// One call and its answer.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordedExchange {
    pub(crate) service: String,
    pub(crate) operation: String,
    /// When the request was sent, from the recording's first request on.
    pub(crate) at_ms: u64,
    /// How long the answer took.
    pub(crate) took_ms: u64,
    /// How many calls in a row had this answer.
    pub(crate) times: u32,
    pub(crate) request: Value,
    pub(crate) status: u16,
    pub(crate) response: Value,
}

/// When the recording in this file was made.
///
/// # Errors
///
/// If the file cannot be read or is not a recording.
pub fn recorded_at(file: &Path) -> Result<Option<Timestamp>, CallError> {
    Ok(Recording::read(file)?.recorded)
}

impl Recording {
    /// Makes a recording of what the tap kept.
    pub(crate) fn of(kept: &[Kept], region: Option<String>) -> Self {
        let start = kept.iter().map(|kept| kept.exchange.at).min();
        let mut scenes: Vec<Scene> = Vec::new();
        for Kept {
            scene: name,
            exchange,
            times,
        } in kept
        {
            let since = start.map_or(0, |start| {
                (exchange.at.as_millisecond() - start.as_millisecond()).unsigned_abs()
            });
            let recorded = RecordedExchange {
                service: exchange.service.clone(),
                operation: exchange.operation.clone(),
                at_ms: since,
                took_ms: u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX),
                times: *times,
                request: without_machine_paths(exchange.request.clone()),
                status: exchange.status,
                response: without_machine_paths(exchange.response.clone()),
            };
            match scenes.iter_mut().find(|scene| scene.name == *name) {
                Some(scene) => scene.exchanges.push(recorded),
                None => scenes.push(Scene {
                    name: name.clone(),
                    exchanges: vec![recorded],
                }),
            }
        }
        Self {
            version: FORMAT_VERSION,
            recorded: start,
            region,
            scenes,
        }
    }

    /// Reads a file.
    pub(crate) fn read(path: &Path) -> Result<Self, CallError> {
        let failed = |reason: String| CallError::Recording {
            path: path.to_owned(),
            action: "read",
            reason,
        };
        let text = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
        // The version first: another version may have other members.
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let Versioned { version } = serde_json::from_slice(&text)
            .map_err(|error| failed(format!("it is not a recording ({error})")))?;
        if version != FORMAT_VERSION {
            return Err(failed(format!(
                "its format has version {version}, and only version {FORMAT_VERSION} is known"
            )));
        }
        serde_json::from_slice(&text).map_err(|error| failed(error.to_string()))
    }

    /// Writes a file, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<(), CallError> {
        let failed = |reason: String| CallError::Recording {
            path: path.to_owned(),
            action: "written",
            reason,
        };
        let mut text =
            serde_json::to_string_pretty(self).map_err(|error| failed(error.to_string()))?;
        text.push('\n');
        let mut unfinished = path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        std::fs::write(&unfinished, text)
            .and_then(|()| std::fs::rename(&unfinished, path))
            .map_err(|error| failed(error.to_string()))
    }
}

/// Replaces the directories of the machine that records in all strings.
fn without_machine_paths(mut value: Value) -> Value {
    let directories: Vec<(String, &str)> = [
        (std::env::current_dir().ok(), "."),
        (std::env::home_dir(), "~"),
    ]
    .into_iter()
    .filter_map(|(directory, shown)| {
        let directory = directory?.to_str()?.to_owned();
        // A root directory would match everywhere.
        (directory.len() > 1).then_some((directory, shown))
    })
    .collect();
    replace_in_strings(&mut value, &directories);
    value
}

fn replace_in_strings(value: &mut Value, directories: &[(String, &str)]) {
    match value {
        Value::String(text) => {
            for (directory, shown) in directories {
                if text.contains(directory.as_str()) {
                    *text = text.replace(directory.as_str(), shown);
                }
            }
        }
        Value::Array(elements) => elements
            .iter_mut()
            .for_each(|element| replace_in_strings(element, directories)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| replace_in_strings(member, directories)),
        _ => {}
    }
}
