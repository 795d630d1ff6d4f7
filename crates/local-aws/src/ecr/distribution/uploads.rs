//! Blobs come in: at once, or in pieces.

use axum::body::Body;
use http::HeaderName;
use http::Method;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_RANGE;
use http::header::LOCATION;
use http::header::RANGE;
use http::request::Parts;

use super::Answer;
use super::CONTENT_DIGEST;
use super::Refusal;
use super::parameter;
use super::response;
use crate::ecr::names;
use crate::ecr::registry::Registry;

const UPLOAD: HeaderName = HeaderName::from_static("docker-upload-uuid");

/// Opens an upload. A blob that another repository has is there at once; so is one that is sent
/// with this request.
pub(super) async fn start(registry: &Registry, name: &str, parts: &Parts, body: Body) -> Answer {
    if let Some(digest) = parameter(parts, "mount")
        && let Some(from) = parameter(parts, "from")
    {
        check_digest(&digest)?;
        if names::is_repository(&from) && registry.mount_blob(name, &digest, &from).await? {
            return Ok(created(name, &digest));
        }
    }
    let id = registry.uploads.start(name)?;
    if let Some(digest) = parameter(parts, "digest") {
        return finish(registry, name, &id, &digest, body).await;
    }
    Ok(accepted(name, &id, 0))
}

pub(super) async fn answer(
    registry: &Registry,
    name: &str,
    id: &str,
    parts: &Parts,
    body: Body,
) -> Answer {
    match parts.method {
        Method::GET | Method::HEAD => {
            let size = registry.uploads.size(name, id).await?;
            let mut response = accepted(name, id, size);
            *response.status_mut() = StatusCode::NO_CONTENT;
            Ok(response)
        }
        Method::PATCH => {
            let at = begin(parts)?;
            let size = registry.uploads.append(name, id, at, body).await?;
            Ok(accepted(name, id, size))
        }
        Method::PUT => {
            let digest = parameter(parts, "digest")
                .ok_or_else(|| Refusal::digest_invalid("The digest parameter is missing."))?;
            finish(registry, name, id, &digest, body).await
        }
        Method::DELETE => {
            registry.uploads.cancel(name, id)?;
            Ok(response(StatusCode::NO_CONTENT, &[], Body::empty()))
        }
        _ => Err(Refusal::unsupported()),
    }
}

async fn finish(registry: &Registry, name: &str, id: &str, digest: &str, body: Body) -> Answer {
    check_digest(digest)?;
    registry.uploads.append(name, id, None, body).await?;
    registry
        .complete_upload(name, id, &[digest.to_owned()])
        .await?;
    Ok(created(name, digest))
}

fn check_digest(digest: &str) -> Result<(), Refusal> {
    if names::is_digest(digest) {
        return Ok(());
    }
    Err(Refusal::digest_invalid(&format!(
        "'{digest}' is not a SHA-256 digest"
    )))
}

/// Where a piece says that it begins.
fn begin(parts: &Parts) -> Result<Option<u64>, Refusal> {
    let Some(range) = parts.headers.get(CONTENT_RANGE) else {
        return Ok(None);
    };
    let begin = range
        .to_str()
        .ok()
        .map(|range| range.trim_start_matches("bytes "))
        .and_then(|range| range.split_once('-')?.0.parse().ok());
    begin.map(Some).ok_or_else(|| {
        Refusal::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "BLOB_UPLOAD_INVALID",
            "The Content-Range is not of the form BEGIN-END.",
        )
    })
}

fn accepted(name: &str, id: &str, size: u64) -> Response<Body> {
    let headers = [
        (LOCATION, format!("/v2/{name}/blobs/uploads/{id}")),
        (RANGE, format!("0-{}", size.saturating_sub(1))),
        (UPLOAD, id.to_owned()),
        (CONTENT_LENGTH, "0".to_owned()),
    ];
    response(StatusCode::ACCEPTED, &headers, Body::empty())
}

fn created(name: &str, digest: &str) -> Response<Body> {
    let headers = [
        (LOCATION, format!("/v2/{name}/blobs/{digest}")),
        (CONTENT_DIGEST, digest.to_owned()),
        (CONTENT_LENGTH, "0".to_owned()),
    ];
    response(StatusCode::CREATED, &headers, Body::empty())
}
