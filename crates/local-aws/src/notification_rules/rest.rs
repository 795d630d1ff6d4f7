//! Requests of REST and JSON: the path names the operation.

use http::request::Parts;
use serde_json::Value;
use serde_json::json;

use crate::error::AwsError;
use crate::model::NOTIFICATIONS;
use crate::percent_encoding::decoded_query;

/// The operation and the input of a request; `None` if there is no such path.
///
/// # Errors
///
/// `SerializationException` if the body is not JSON.
pub(crate) fn request(parts: &Parts, body: &[u8]) -> Result<Option<(String, Value)>, AwsError> {
    let path = parts.uri.path().trim_start_matches('/');
    let (name, resource) = path.split_once('/').unwrap_or((path, ""));
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    let operation: String = first.into_iter().chain(letters).collect();
    let begins_small = name.starts_with(|first: char| first.is_ascii_lowercase());
    if parts.method != http::Method::POST
        || !begins_small
        || !NOTIFICATIONS.has_operation(&operation)
    {
        return Ok(None);
    }
    if operation == "UntagResource" {
        let query = parts.uri.query().unwrap_or_default().split('&');
        let keys = query.filter_map(|pair| pair.strip_prefix("tagKeys="));
        let keys: Vec<String> = keys.map(decoded_query).collect();
        let input = json!({ "Arn": decoded_query(resource), "TagKeys": keys });
        return Ok(Some((operation, input)));
    }
    let body = if body.is_empty() { b"{}" } else { body };
    let input: Value = serde_json::from_slice(body)
        .map_err(|error| AwsError::serialization(format!("The body is not JSON: {error}")))?;
    if !input.is_object() {
        return Err(AwsError::serialization("The body is not an object"));
    }
    Ok(Some((operation, input)))
}
