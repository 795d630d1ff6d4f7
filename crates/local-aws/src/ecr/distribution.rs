//! The data plane: the registry protocol that `docker push` and `docker pull` speak.
//!
//! As in the
//! [OCI distribution specification](https://github.com/opencontainers/distribution-spec/blob/main/spec.md),
//! with the answers of ECR where they are known.

mod blobs;
mod manifests;
mod refusal;
mod uploads;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::Response;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;

use super::logins;
use super::logins::NoLogin;
use super::names;
use super::registry::Registry;
use crate::access_keys::AccessKeys;
use crate::percent_encoding::decoded_query;
use crate::timestamp::EpochSeconds;
use refusal::Refusal;

const API_VERSION: HeaderName = HeaderName::from_static("docker-distribution-api-version");
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

type Answer = Result<Response<Body>, Refusal>;

/// Whether a request is for the registry. No bucket has a name of two letters.
pub(crate) fn is_for_registry(parts: &Parts) -> bool {
    let path = parts.uri.path();
    path == "/v2" || path.starts_with("/v2/")
}

/// Answers a request to the registry at this host.
pub(crate) async fn answer(
    registry: &Registry,
    keys: &AccessKeys,
    host: &str,
    parts: &Parts,
    body: Body,
) -> Response<Body> {
    let answer = match admit(registry, keys, host, parts) {
        Ok(()) => route(registry, parts, body).await,
        Err(refusal) => Err(refusal),
    };
    let mut response = answer.unwrap_or_else(Refusal::into_response);
    response
        .headers_mut()
        .insert(API_VERSION, HeaderValue::from_static("registry/2.0"));
    response
}

/// What a path below `/v2/` names.
enum Target<'p> {
    Base,
    Tags(&'p str),
    Manifest(&'p str, &'p str),
    Blob(&'p str, &'p str),
    Referrers(&'p str, &'p str),
    NewUpload(&'p str),
    Upload(&'p str, &'p str),
}

impl<'p> Target<'p> {
    fn of(path: &'p str) -> Option<Self> {
        let path = path.strip_prefix("/v2")?.trim_start_matches('/');
        if path.is_empty() {
            return Some(Self::Base);
        }
        if let Some(name) = path.strip_suffix("/tags/list") {
            return Some(Self::Tags(name));
        }
        let trimmed = path.strip_suffix('/').unwrap_or(path);
        if let Some(name) = trimmed.strip_suffix("/blobs/uploads") {
            return Some(Self::NewUpload(name));
        }
        let (before, last) = path.rsplit_once('/')?;
        if let Some(name) = before.strip_suffix("/blobs/uploads") {
            return Some(Self::Upload(name, last));
        }
        let (name, kind) = before.rsplit_once('/')?;
        match kind {
            "manifests" => Some(Self::Manifest(name, last)),
            "blobs" => Some(Self::Blob(name, last)),
            "referrers" => Some(Self::Referrers(name, last)),
            _ => None,
        }
    }

    const fn repository(&self) -> Option<&'p str> {
        match self {
            Self::Base => None,
            Self::Tags(name)
            | Self::Manifest(name, _)
            | Self::Blob(name, _)
            | Self::Referrers(name, _)
            | Self::NewUpload(name)
            | Self::Upload(name, _) => Some(name),
        }
    }
}

/// Lets those in who have a password of GetAuthorizationToken, or the URL of a layer.
fn admit(registry: &Registry, keys: &AccessKeys, host: &str, parts: &Parts) -> Result<(), Refusal> {
    let now = EpochSeconds::now();
    let query = parts.uri.query().unwrap_or_default();
    if let Some(Target::Blob(name, digest)) = Target::of(parts.uri.path())
        && matches!(parts.method, Method::GET | Method::HEAD)
        && registry.logins.opens_layer(query, name, digest, now)
    {
        return Ok(());
    }
    let not_authorized = || {
        let mut refusal = Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "Not Authorized");
        let challenge = format!("Basic realm=\"http://{host}/\",service=\"ecr.amazonaws.com\"");
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            refusal.header = Some((WWW_AUTHENTICATE, challenge));
        }
        refusal
    };
    let password = parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|header| header.to_str().ok())
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, login)| STANDARD.decode(login.trim()).ok())
        .and_then(|login| String::from_utf8(login).ok())
        .and_then(|login| {
            let (user, password) = login.split_once(':')?;
            (user == logins::USER).then(|| password.to_owned())
        })
        .ok_or_else(not_authorized)?;
    let expired = || {
        Refusal::new(
            StatusCode::FORBIDDEN,
            "DENIED",
            "Your authorization token has expired. Reauthenticate and try again.",
        )
    };
    match registry.logins.owner(&password, now) {
        Ok(owner) if keys.owner_is_here(&owner) => Ok(()),
        Ok(_) | Err(NoLogin::Expired) => Err(expired()),
        Err(NoLogin::Unknown) => Err(not_authorized()),
    }
}

async fn route(registry: &Registry, parts: &Parts, body: Body) -> Answer {
    let Some(target) = Target::of(parts.uri.path()) else {
        return Err(Refusal::unsupported());
    };
    if let Some(name) = target.repository() {
        if !names::is_repository(name) {
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "NAME_INVALID",
                &format!("'{name}' is not the name of a repository"),
            ));
        }
        registry.repository(name)?;
    }
    let get = matches!(parts.method, Method::GET | Method::HEAD);
    match target {
        Target::Base if get => Ok(response(StatusCode::OK, &[], Body::empty())),
        Target::Tags(name) if get => manifests::tags(registry, name, parts),
        Target::Referrers(name, digest) if get => manifests::referrers(registry, name, digest),
        Target::Manifest(name, reference) => {
            manifests::answer(registry, name, reference, parts, body).await
        }
        Target::Blob(name, digest) if get => blobs::get(registry, name, digest, parts).await,
        Target::NewUpload(name) if parts.method == Method::POST => {
            uploads::start(registry, name, parts, body).await
        }
        Target::Upload(name, id) => uploads::answer(registry, name, id, parts, body).await,
        _ => Err(Refusal::unsupported()),
    }
}

/// A parameter of the query string.
fn parameter(parts: &Parts, name: &str) -> Option<String> {
    let query = parts.uri.query()?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(key, value)| (key == name).then(|| decoded_query(value)))
}

fn response(status: StatusCode, headers: &[(HeaderName, String)], body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_its_repository_and_what_is_in_it() {
        for (path, repository) in [
            ("/v2", None),
            ("/v2/", None),
            ("/v2/a/b/tags/list", Some("a/b")),
            ("/v2/a/b/manifests/latest", Some("a/b")),
            ("/v2/blobs/blobs/sha256:1", Some("blobs")),
            ("/v2/a/blobs/uploads", Some("a")),
            ("/v2/a/blobs/uploads/", Some("a")),
            ("/v2/a/blobs/uploads/1-2", Some("a")),
        ] {
            let target = Target::of(path).unwrap();
            assert_eq!(target.repository(), repository, "{path}");
        }
        for path in ["/v2/x", "/v2/_catalog", "/v2/a/b/c"] {
            assert!(Target::of(path).is_none(), "{path}");
        }
    }
}
