//! Blobs go out, whole or a range of them.

use std::io;

use axum::body::Body;
use bytes::BytesMut;
use futures_util::stream;
use http::Method;
use http::StatusCode;
use http::header::ACCEPT_RANGES;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_RANGE;
use http::header::CONTENT_TYPE;
use http::header::ETAG;
use http::header::RANGE;
use http::request::Parts;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncSeekExt;

use super::Answer;
use super::CONTENT_DIGEST;
use super::Refusal;
use super::response;
use crate::ecr::names;
use crate::ecr::registry::Registry;
use crate::error::AwsError;

/// How much is read at once.
const CHUNK: usize = 256 * 1024;

pub(super) async fn get(registry: &Registry, name: &str, digest: &str, parts: &Parts) -> Answer {
    if !names::is_digest(digest) {
        return Err(Refusal::digest_invalid(&format!(
            "'{digest}' is not a SHA-256 digest"
        )));
    }
    let unknown = || {
        Refusal::new(
            StatusCode::NOT_FOUND,
            "BLOB_UNKNOWN",
            &format!("The layer '{digest}' does not exist in the repository '{name}'"),
        )
    };
    let layer = registry.layer(name, digest)?.ok_or_else(unknown)?;
    let mut headers = vec![
        (CONTENT_DIGEST, digest.to_owned()),
        (CONTENT_TYPE, "application/octet-stream".to_owned()),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (ETAG, format!("\"{digest}\"")),
    ];
    if parts.method == Method::HEAD {
        headers.push((CONTENT_LENGTH, layer.size.to_string()));
        return Ok(response(StatusCode::OK, &headers, Body::empty()));
    }
    let asked = parts
        .headers
        .get(RANGE)
        .and_then(|range| range.to_str().ok());
    let (status, from, length) = match asked {
        None => (StatusCode::OK, 0, layer.size),
        Some(asked) => {
            let Some((from, to)) = range(asked, layer.size) else {
                return Err(Refusal::new(
                    StatusCode::RANGE_NOT_SATISFIABLE,
                    "SIZE_INVALID",
                    &format!("The layer has {} bytes.", layer.size),
                ));
            };
            let range = format!("bytes {from}-{to}/{}", layer.size);
            headers.push((CONTENT_RANGE, range));
            (StatusCode::PARTIAL_CONTENT, from, to - from + 1)
        }
    };
    headers.push((CONTENT_LENGTH, length.to_string()));
    let mut file = match File::open(registry.blob(digest)).await {
        Ok(file) => file,
        // Its image was removed since the record was read.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(unknown()),
        Err(error) => return Err(AwsError::storage(error).into()),
    };
    file.seek(io::SeekFrom::Start(from))
        .await
        .map_err(AwsError::storage)?;
    Ok(response(status, &headers, streamed(file, length)))
}

/// The first and the last byte of `bytes=A-B`, `bytes=A-` or `bytes=-LAST`.
fn range(text: &str, size: u64) -> Option<(u64, u64)> {
    let last = size.checked_sub(1)?;
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let (from, to) = match (from, to) {
        ("", count) => (size.saturating_sub(count.parse().ok()?), last),
        (from, "") => (from.parse().ok()?, last),
        (from, to) => (from.parse().ok()?, to.parse::<u64>().ok()?.min(last)),
    };
    (from <= to).then_some((from, to))
}

fn streamed(file: File, length: u64) -> Body {
    let chunks = stream::try_unfold((file, length), async |(mut file, left)| {
        if left == 0 {
            return Ok(None);
        }
        let most = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        let mut chunk = BytesMut::with_capacity(most);
        let read = (&mut file).take(most as u64).read_buf(&mut chunk).await?;
        if read == 0 {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        }
        Ok::<_, io::Error>(Some((chunk.freeze(), (file, left - read as u64))))
    });
    Body::from_stream(chunks)
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_are_held_against_the_size() {
        assert_eq!(range("bytes=0-3", 10), Some((0, 3)));
        assert_eq!(range("bytes=4-", 10), Some((4, 9)));
        assert_eq!(range("bytes=-3", 10), Some((7, 9)));
        assert_eq!(range("bytes=2-99", 10), Some((2, 9)));
        for wrong in [
            "bytes=10-",
            "bytes=5-4",
            "bytes=-0",
            "items=1-2",
            "bytes=a-b",
        ] {
            assert_eq!(range(wrong, 10), None, "{wrong}");
        }
        assert_eq!(range("bytes=0-0", 0), None);
    }
}
