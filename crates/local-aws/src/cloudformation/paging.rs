//! Lists in pages: `NextToken` in and out.

use serde_json::Value;
use serde_json::json;

use super::validation;
use crate::error::AwsError;
use crate::services::Services;

/// How many items most lists have in a page.
pub(super) const ITEMS: usize = 100;

/// One page of a list. `list` is the operation and all that its result depends on; each item has a
/// key that stays its own.
///
/// # Errors
///
/// `ValidationError` for a token of another list.
pub(super) fn page(
    services: &Services,
    list: &str,
    token: Option<&str>,
    length: usize,
    member: &str,
    items: Vec<(String, Value)>,
) -> Result<Value, AwsError> {
    let from = match token {
        Some(token) => {
            let after = open(services, list, token)?;
            let place = items.iter().position(|(key, _)| *key == after);
            place.map_or(items.len(), |place| place + 1)
        }
        None => 0,
    };
    let mut last = String::new();
    let mut rest = items.into_iter().skip(from);
    let mut shown = Vec::new();
    for (key, item) in rest.by_ref().take(length) {
        last = key;
        shown.push(item);
    }
    let mut output = json!({ member: shown });
    if rest.next().is_some() {
        output["NextToken"] = services.tokens.seal(list, &last).into();
    }
    Ok(output)
}

/// The position in a token.
///
/// # Errors
///
/// As [`page`].
pub(super) fn open(services: &Services, list: &str, token: &str) -> Result<String, AwsError> {
    services
        .tokens
        .open(list, token)
        .ok_or_else(|| validation("Invalid NextToken"))
}
