//! Reads what git servers send.

use http::HeaderMap;
use http::StatusCode;
use serde_json::Value;

/// Why a delivery is not taken.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Refusal {
    /// Something that no git server sends.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            message: message.into(),
        }
    }
}

/// The text at a JSON pointer (RFC 6901); nothing if it is empty.
pub(super) fn text(payload: &Value, pointer: &str) -> Option<String> {
    let text = payload.pointer(pointer)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// The text at a JSON pointer that the payload must have.
pub(super) fn required(payload: &Value, pointer: &str) -> Result<String, Refusal> {
    text(payload, pointer).ok_or_else(|| {
        let name = pointer.trim_start_matches('/').replace('/', ".");
        Refusal::bad(format!("The payload has no {name}"))
    })
}

/// A number or a text at a JSON pointer.
pub(super) fn id(payload: &Value, pointer: &str) -> Option<String> {
    match payload.pointer(pointer)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// The number of a pull request, which the payload must have.
pub(super) fn number(payload: &Value, pointer: &str) -> Result<u64, Refusal> {
    let number = payload.pointer(pointer).and_then(Value::as_u64);
    number.ok_or_else(|| {
        let name = pointer.trim_start_matches('/').replace('/', ".");
        Refusal::bad(format!("The payload has no {name}"))
    })
}

/// A header's value.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// The header that says what happened.
pub(super) fn event_header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Refusal> {
    header(headers, name)
        .ok_or_else(|| Refusal::bad(format!("The header {name} must say what happened")))
}

/// The files that commits add, modify and remove; `None` if the payload does not tell.
pub(super) fn changed_files<'a>(
    commits: impl IntoIterator<Item = &'a Value>,
) -> Option<Vec<String>> {
    let mut files: Option<Vec<String>> = None;
    for commit in commits {
        for change in ["added", "modified", "removed"] {
            let Some(changed) = commit.get(change).and_then(Value::as_array) else {
                continue;
            };
            let names = changed.iter().filter_map(Value::as_str);
            files
                .get_or_insert_default()
                .extend(names.map(str::to_owned));
        }
    }
    files
}

/// Whether this is no commit: a reference that is made has none before, one that is deleted has
/// none after.
pub(super) fn is_no_commit(commit: &str) -> bool {
    commit.bytes().all(|byte| byte == b'0')
}
