//! Manifests, tags, and what refers to an image.

use axum::body::Body;
use http::HeaderName;
use http::Method;
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use http::header::CONTENT_TYPE;
use http::header::LINK;
use http::header::LOCATION;
use http::request::Parts;
use serde_json::json;

use super::Answer;
use super::CONTENT_DIGEST;
use super::Refusal;
use super::parameter;
use super::response;
use crate::ecr::manifest::OCI_INDEX;
use crate::ecr::names;
use crate::ecr::put_image::NewImage;
use crate::ecr::registry::Registry;
use crate::reply;
use crate::request_body;

const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");

/// How many tags a list has at most.
const TAGS: usize = 1000;

pub(super) async fn answer(
    registry: &Registry,
    name: &str,
    reference: &str,
    parts: &Parts,
    body: Body,
) -> Answer {
    match parts.method {
        Method::GET => get(registry, name, reference, true).await,
        Method::HEAD => get(registry, name, reference, false).await,
        Method::PUT => put(registry, name, reference, parts, body).await,
        Method::DELETE => {
            if registry.remove_image(name, reference).await? {
                Ok(response(StatusCode::ACCEPTED, &[], Body::empty()))
            } else {
                Err(unknown())
            }
        }
        _ => Err(Refusal::unsupported()),
    }
}

fn unknown() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "MANIFEST_UNKNOWN",
        "Requested image not found",
    )
}

async fn get(registry: &Registry, name: &str, reference: &str, with_body: bool) -> Answer {
    let (digest, image) = registry.image(name, reference)?.ok_or_else(unknown)?;
    let manifest = registry.manifest(name, &digest)?.ok_or_else(unknown)?;
    let headers = [
        (CONTENT_TYPE, image.facts.media_type.clone()),
        (CONTENT_DIGEST, digest.clone()),
        (CONTENT_LENGTH, manifest.len().to_string()),
    ];
    let body = if with_body {
        registry.note_pull(name, &digest, &image).await?;
        Body::from(manifest)
    } else {
        Body::empty()
    };
    Ok(response(StatusCode::OK, &headers, body))
}

async fn put(
    registry: &Registry,
    name: &str,
    reference: &str,
    parts: &Parts,
    body: Body,
) -> Answer {
    let is_digest = reference.contains(':');
    let tag = (!is_digest).then(|| reference.to_owned());
    let digest = is_digest.then(|| reference.to_owned());
    let media_type = parts.headers.get(CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let manifest = request_body::read(&parts.headers, body).await?;
    let put = registry
        .put_image(NewImage {
            repository: name.to_owned(),
            manifest,
            media_type: media_type.map(str::to_owned),
            tag,
            digest,
        })
        .await?;
    let mut headers = vec![
        (LOCATION, format!("/v2/{name}/manifests/{}", put.digest)),
        (CONTENT_DIGEST, put.digest),
        (CONTENT_LENGTH, "0".to_owned()),
    ];
    if let Some(subject) = put.subject {
        headers.push((SUBJECT, subject));
    }
    Ok(response(StatusCode::CREATED, &headers, Body::empty()))
}

pub(super) fn tags(registry: &Registry, name: &str, parts: &Parts) -> Answer {
    let images = registry.images(name)?;
    let mut tags: Vec<String> = images
        .into_iter()
        .flat_map(|(_, image)| image.tags)
        .collect();
    tags.sort_unstable();
    if let Some(last) = parameter(parts, "last") {
        tags.retain(|tag| *tag > last);
    }
    let asked = parameter(parts, "n").and_then(|count| count.parse().ok());
    let length = asked.unwrap_or(TAGS).min(TAGS);
    let is_cut = tags.len() > length;
    tags.truncate(length);
    let mut headers = vec![(CONTENT_TYPE, "application/json".to_owned())];
    if let Some(last) = tags.last().filter(|_| is_cut) {
        let next = format!("</v2/{name}/tags/list?n={length}&last={last}>; rel=\"next\"");
        headers.push((LINK, next));
    }
    let body = json!({ "name": name, "tags": tags });
    Ok(response(
        StatusCode::OK,
        &headers,
        Body::from(body.to_string()),
    ))
}

pub(super) fn referrers(registry: &Registry, name: &str, digest: &str) -> Answer {
    if !names::is_digest(digest) {
        return Err(Refusal::digest_invalid(&format!(
            "'{digest}' is not a SHA-256 digest"
        )));
    }
    let mut manifests = Vec::new();
    for (own, image) in registry.images(name)? {
        if image.facts.subject.as_deref() != Some(digest) {
            continue;
        }
        let size = registry.manifest(name, &own)?.unwrap_or_default().len();
        manifests.push(json!({
            "mediaType": image.facts.media_type,
            "digest": own,
            "size": size,
            "artifactType": image.facts.artifact_type,
        }));
    }
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests });
    let mut response = reply::plain_json(StatusCode::OK, &index);
    if let Ok(value) = OCI_INDEX.parse() {
        response.headers_mut().insert(CONTENT_TYPE, value);
    }
    Ok(response)
}
