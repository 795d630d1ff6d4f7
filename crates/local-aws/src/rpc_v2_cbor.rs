//! The protocol RPC v2 CBOR, which newer service models list before JSON.
//!
//! The rules: <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ciborium::value::Value as Cbor;
use http::Method;
use http::request::Parts;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use crate::error::AwsError;
use crate::model::Kind;
use crate::model::Typed;

/// The value of the header `smithy-protocol` in requests and replies.
pub(crate) const PROTOCOL: &str = "rpc-v2-cbor";

/// The content type of requests and replies.
pub(crate) const CONTENT_TYPE: &str = "application/cbor";

/// How deep a body may be nested: as deep as JSON may be.
const DEPTH: usize = 127;

/// Epoch seconds (RFC 8949, 3.4.2).
const EPOCH_TAG: u64 = 1;

/// Whether a request is for this protocol.
pub(crate) fn is_spoken_in(parts: &Parts) -> bool {
    let header = parts.headers.get("smithy-protocol");
    header.is_some_and(|protocol| protocol == PROTOCOL)
}

/// The service and operation in a request's path, `/service/SERVICE/operation/OPERATION`.
pub(crate) fn target(parts: &Parts) -> Option<(&str, &str)> {
    let rest = parts.uri.path().strip_prefix("/service/")?;
    let target = rest.split_once("/operation/")?;
    (parts.method == Method::POST && !target.1.contains('/')).then_some(target)
}

/// An input. An empty body is an empty input.
///
/// # Errors
///
/// `SerializationException` for what is not CBOR, or more than one value, or has no JSON form.
pub(crate) fn read(body: &[u8]) -> Result<Value, AwsError> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let mut rest = body;
    let value = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEPTH)
        .map_err(|error| refused(&error.to_string()))?;
    if !rest.is_empty() {
        return Err(refused("something follows the first value"));
    }
    to_json(value)
}

/// An output, with the shape that tells points in time and floating-point numbers from others.
pub(crate) fn write(output: &Value, shape: Option<Typed<'_>>) -> Vec<u8> {
    let mut body = Vec::new();
    // Writing to memory does not fail.
    let _ = ciborium::into_writer(&from_json(output, shape), &mut body);
    body
}

/// An error: its type and its message.
pub(crate) fn write_error(error: &AwsError) -> Vec<u8> {
    let mut members = Map::new();
    members.insert("__type".to_owned(), error.code.into());
    if let Some(message) = &error.message {
        members.insert("message".to_owned(), message.as_str().into());
    }
    write(&Value::Object(members), None)
}

fn to_json(value: Cbor) -> Result<Value, AwsError> {
    Ok(match value {
        Cbor::Null => Value::Null,
        Cbor::Bool(value) => value.into(),
        Cbor::Integer(value) => {
            let value = i128::from(value);
            let number = i64::try_from(value).map(Number::from);
            let number = number.or_else(|_| u64::try_from(value).map(Number::from));
            number
                .map_err(|_| refused("a number is out of range"))?
                .into()
        }
        // What is not a number has no JSON form; a member that is null is not there.
        Cbor::Float(value) => Number::from_f64(value).map_or(Value::Null, Value::Number),
        Cbor::Text(text) => text.into(),
        Cbor::Bytes(bytes) => BASE64_STANDARD.encode(bytes).into(),
        Cbor::Array(elements) => {
            let elements: Result<Vec<Value>, AwsError> =
                elements.into_iter().map(to_json).collect();
            elements?.into()
        }
        Cbor::Map(entries) => {
            let mut members = Map::with_capacity(entries.len());
            for (key, value) in entries {
                let Cbor::Text(key) = key else {
                    return Err(refused("the key of a map is not a text"));
                };
                members.insert(key, to_json(value)?);
            }
            members.into()
        }
        Cbor::Tag(EPOCH_TAG, seconds) => to_json(*seconds)?,
        Cbor::Tag(tag, _) => return Err(refused(&format!("the tag {tag} is not known here"))),
        _ => return Err(refused("a value has an unknown type")),
    })
}

fn from_json(value: &Value, shape: Option<Typed<'_>>) -> Cbor {
    let is = |kind| shape.is_some_and(|shape| shape.kind() == kind);
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(*value),
        Value::Number(number) => {
            let float = || Cbor::Float(number.as_f64().unwrap_or_default());
            if is(Kind::Timestamp) {
                return Cbor::Tag(EPOCH_TAG, Box::new(float()));
            }
            match number.as_i64() {
                Some(integer) if !is(Kind::Double) => Cbor::from(integer),
                _ => float(),
            }
        }
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Array(elements) => {
            let shape = shape.and_then(Typed::element);
            Cbor::Array(
                elements
                    .iter()
                    .map(|element| from_json(element, shape))
                    .collect(),
            )
        }
        Value::Object(members) => Cbor::Map(
            members
                .iter()
                .map(|(name, member)| {
                    let shape = shape.and_then(|shape| shape.member(name));
                    (Cbor::Text(name.clone()), from_json(member, shape))
                })
                .collect(),
        ),
    }
}

fn refused(why: &str) -> AwsError {
    AwsError::serialization(format!("The body is not an input in CBOR: {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model;

    #[test]
    fn times_have_the_tag_of_epoch_seconds_and_numbers_keep_their_kind() {
        let output = json!({ "build": { "startTime": 1.5, "buildNumber": 2 } });
        let body = write(&output, model::CODEBUILD.output("StopBuild"));
        let mut build = &body[..];
        let value: Cbor = ciborium::from_reader(&mut build).unwrap();
        let build = &value.as_map().unwrap()[0].1;
        let member = |name: &str| {
            let entries = build.as_map().unwrap();
            let found = entries.iter().find(|(key, _)| key.as_text() == Some(name));
            found.unwrap().1.clone()
        };
        assert_eq!(
            member("startTime"),
            Cbor::Tag(1, Box::new(Cbor::Float(1.5)))
        );
        assert_eq!(member("buildNumber"), Cbor::from(2));
        assert_eq!(read(&body), Ok(output));
    }

    #[test]
    fn what_is_not_an_input_is_refused() {
        let deep = [0x81; 100_000];
        // A map that says it has 2^63 entries, a cut-off text, two values, a number as a key.
        let long = [0xbb, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        for body in [
            &deep[..],
            &long[..],
            &[0x78, 0xff],
            &[0xa0, 0xa0],
            &[0xa1, 1, 1],
            &[0xc9, 1],
        ] {
            let error = read(body).unwrap_err();
            assert_eq!(error.code, "SerializationException");
        }
    }
}
