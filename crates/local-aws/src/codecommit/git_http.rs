//! git's smart HTTP protocol below `/v1/repos/NAME`, as CodeCommit serves it: who comes in, and what
//! is asked for.

use std::sync::Arc;

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::Method;
use http::Response;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::header::CONTENT_TYPE;
use http::header::HOST;
use http::header::WWW_AUTHENTICATE;
use http::request::Parts;
use jiff::Timestamp;

use super::git_backend;
use super::git_backend::GitRequest;
use super::name;
use super::repositories;
use crate::access_keys::Caller;
use crate::error::AwsError;
use crate::services::Services;
use crate::sigv4::Verifier;

const ROOT: &str = "/v1/repos/";

/// Whether a request is for git. No bucket has a name of two letters.
pub(crate) fn is_for_git(parts: &Parts) -> bool {
    parts.uri.path().starts_with(ROOT)
}

/// Answers git.
pub(crate) async fn answer(
    services: &Arc<Services>,
    verifier: &Verifier,
    parts: &Parts,
    body: Body,
) -> Response<Body> {
    match serve(services, verifier, parts, body).await {
        Ok(response) => response,
        Err(error) => refusal(&error),
    }
}

async fn serve(
    services: &Arc<Services>,
    verifier: &Verifier,
    parts: &Parts,
    body: Body,
) -> Result<Response<Body>, AwsError> {
    let path = parts.uri.path().strip_prefix(ROOT).unwrap_or_default();
    let (name, asked) = path.split_once('/').unwrap_or((path, ""));
    let caller = login(verifier, parts, name)?;
    let is_write = is_write(parts, asked).ok_or_else(|| {
        AwsError::new(
            "UnsupportedOperationException",
            "CodeCommit serves git's smart HTTP protocol only: info/refs with a service, \
             git-upload-pack and git-receive-pack.",
        )
        .with_status(StatusCode::NOT_FOUND)
    })?;
    name::required(Some(name))
        .and_then(|name| repositories::find(&services.store, name))
        .map_err(|error| error.with_status(StatusCode::NOT_FOUND))?;
    let caller = match &caller {
        Caller::User | Caller::Anonymous => services.account.user_arn(),
        Caller::Role(role) => services.account.assumed_role_arn(&role.role, &role.session),
    };
    let request = GitRequest {
        name: name.to_owned(),
        asked: asked.to_owned(),
        is_push: is_write && parts.method == Method::POST,
        caller,
    };
    git_backend::run(services, request, parts, body).await
}

/// Whether a request writes; `None` if it is not one of the smart protocol.
fn is_write(parts: &Parts, asked: &str) -> Option<bool> {
    let service = match (&parts.method, asked) {
        (&Method::GET, "info/refs") => parts.uri.query()?.strip_prefix("service=")?,
        (&Method::POST, service) => service,
        _ => return None,
    };
    match service {
        "git-upload-pack" => Some(false),
        "git-receive-pack" => Some(true),
        _ => None,
    }
}

/// Whose the user name and the password are.
fn login(verifier: &Verifier, parts: &Parts, name: &str) -> Result<Caller, AwsError> {
    let header = parts.headers.get(AUTHORIZATION);
    let login = header
        .and_then(|header| header.to_str().ok())
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, login)| STANDARD.decode(login.trim()).ok())
        .and_then(|login| String::from_utf8(login).ok());
    let Some((user, password)) = login.as_deref().and_then(|login| login.split_once(':')) else {
        return Err(AwsError::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        )
        .with_status(StatusCode::UNAUTHORIZED));
    };
    let host = parts.headers.get(HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    // Helpers sign the host without its port.
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let path = format!("{ROOT}{name}");
    verifier.verify_git(user, password, host, &path, Timestamp::now())
}

/// An error in the shape that CodeCommit's git server has.
fn refusal(error: &AwsError) -> Response<Body> {
    let message = error.message.as_deref().unwrap_or_default();
    let text = format!(
        "<{code}>\n  <Message>{}</Message>\n</{code}>\n\n",
        message.replace('&', "&amp;").replace('<', "&lt;"),
        code = error.code
    );
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = error.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    if error.status == StatusCode::UNAUTHORIZED {
        headers.insert(
            WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"git-codecommit\""),
        );
    }
    response
}
