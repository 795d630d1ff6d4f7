//! JSON files: parsing, places.

use serde::de::DeserializeOwned;

use super::read_error::Misread;
use super::read_error::ReadError;

/// Parses a file into `D` and takes out of it what `take` finds.
pub(super) fn read<D: DeserializeOwned, T>(
    path: &str,
    content: &[u8],
    take: impl FnOnce(D) -> Result<T, Misread>,
) -> Result<T, ReadError> {
    let content = content
        .strip_prefix("\u{feff}".as_bytes())
        .unwrap_or(content);
    serde_json::from_slice(content)
        .map_err(|error| {
            let message = error.to_string();
            let reason = message
                .rsplit_once(" at line ")
                .map_or(message.as_str(), |(reason, _)| reason);
            Misread {
                line: error.line().max(1),
                column: error.column().max(1),
                reason: format!("this is not what the format has here: {reason}"),
            }
        })
        .and_then(take)
        .map_err(|misread| misread.in_file(path))
}
