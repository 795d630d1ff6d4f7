//! Reads a request's body, up to a limit.

use std::borrow::Cow;
use std::io::Read;

use axum::body::Body;
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::StatusCode;
use http::header::CONTENT_ENCODING;
use http::header::CONTENT_LENGTH;
use http::header::EXPECT;
use http_body_util::BodyExt;

use crate::error::AwsError;

/// The longest body that is taken.
const LIMIT: usize = 4 * 1024 * 1024;

/// How much of a longer body is read and thrown away: a client that is still sending does not see
/// the answer.
const DISCARD: usize = 64 * 1024 * 1024;

/// The whole body.
///
/// # Errors
///
/// `RequestEntityTooLargeException` (413) if it is longer than 4 MiB. Such a body is never kept in
/// memory.
pub(crate) async fn read(headers: &HeaderMap, mut body: Body) -> Result<Vec<u8>, AwsError> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let mut too_large = announced.is_some_and(|length| length > LIMIT);
    if too_large && headers.contains_key(EXPECT) {
        // The client waits for leave to send it.
        return Err(refusal());
    }
    let mut bytes = Vec::with_capacity(announced.unwrap_or(0).min(LIMIT));
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| AwsError::serialization("The request's body was cut off"))?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        received += data.len();
        if received > LIMIT {
            too_large = true;
            bytes = Vec::new();
        }
        if received > DISCARD {
            break;
        }
        if !too_large {
            bytes.extend_from_slice(data);
        }
    }
    if too_large { Err(refusal()) } else { Ok(bytes) }
}

/// What a body says, unpacked if it was sent with `Content-Encoding: gzip`. The signature is over
/// the body as it was sent.
///
/// # Errors
///
/// `RequestEntityTooLargeException` if it is longer than 4 MiB when it is unpacked,
/// `SerializationException` for what is not gzip, `UnsupportedMediaTypeException` for another
/// encoding.
pub(crate) fn unpacked<'b>(headers: &HeaderMap, body: &'b [u8]) -> Result<Cow<'b, [u8]>, AwsError> {
    let encoding = headers
        .get(CONTENT_ENCODING)
        .map_or("", |encoding| encoding.to_str().unwrap_or("?").trim());
    if encoding.is_empty() || encoding.eq_ignore_ascii_case("identity") {
        return Ok(Cow::Borrowed(body));
    }
    if !encoding.eq_ignore_ascii_case("gzip") {
        return Err(AwsError::new(
            "UnsupportedMediaTypeException",
            format!(
                "The local AWS does not read the content encoding {encoding}. Send gzip or none."
            ),
        ));
    }
    let mut text = Vec::new();
    let length = MultiGzDecoder::new(body)
        .take(LIMIT as u64 + 1)
        .read_to_end(&mut text)
        .map_err(|error| AwsError::serialization(format!("The body is not gzip: {error}")))?;
    if length > LIMIT {
        return Err(refusal());
    }
    Ok(Cow::Owned(text))
}

fn refusal() -> AwsError {
    AwsError::new(
        "RequestEntityTooLargeException",
        "The request's body is longer than 4 MiB. Send less at once.",
    )
    .with_status(StatusCode::PAYLOAD_TOO_LARGE)
}
