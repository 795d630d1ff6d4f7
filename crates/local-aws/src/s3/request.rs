//! Which requests are S3's, and what is wrong with a request before its signature is looked at.

use http::Method;
use http::StatusCode;
use http::Uri;
use http::header::AUTHORIZATION;
use http::header::HOST;
use http::request::Parts;

use super::buckets::Buckets;
use super::errors;
use crate::account::Account;
use crate::error::AwsError;
use crate::host_header;
use crate::query_protocol;

/// The path of CodeBuild's badges, which nobody signs for.
const BADGES: &str = "/badges";

/// Whether a request is for S3: signed for it, sent to a bucket's own host name, unsigned for a
/// bucket that is there, or unsigned with a method that no other service has.
pub(crate) fn is_for_s3(parts: &Parts, buckets: &Buckets) -> bool {
    if parts.headers.contains_key("x-amz-target") {
        return false;
    }
    if let Some(header) = parts.headers.get(AUTHORIZATION) {
        let header = header.to_str().unwrap_or_default();
        return header.contains("/s3/aws4_request") || header.starts_with("AWS ");
    }
    if let Some(credential) = query(&parts.uri, "X-Amz-Credential") {
        return credential.contains("/s3/") || credential.to_ascii_lowercase().contains("%2fs3%2f");
    }
    if query(&parts.uri, "AWSAccessKeyId").is_some() || names_bucket(host(parts)) {
        return true;
    }
    let path = parts.uri.path();
    if query_protocol::is_spoken_in(parts) {
        return false;
    }
    if !matches!(parts.method, Method::POST | Method::OPTIONS) && path != BADGES {
        return true;
    }
    let bucket = path.trim_start_matches('/').split('/').next();
    bucket.is_some_and(|bucket| !bucket.is_empty() && buckets.has_bucket(bucket).unwrap_or(false))
}

/// Checks what `s3s` leaves to its users.
pub(super) fn check(parts: &Parts, account: &Account) -> Result<(), AwsError> {
    let header = parts
        .headers
        .get(AUTHORIZATION)
        .and_then(|header| header.to_str().ok())
        .unwrap_or_default();
    if header.starts_with("AWS ") || query(&parts.uri, "AWSAccessKeyId").is_some() {
        return Err(errors::invalid_request(
            "The authorization mechanism you have provided is not supported. Please use \
             AWS4-HMAC-SHA256.",
        ));
    }
    let scope = match header.split_once("Credential=") {
        Some((_, rest)) => rest.split([',', ' ']).next().map(str::to_owned),
        None => query(&parts.uri, "X-Amz-Credential")
            .map(|credential| credential.replace("%2F", "/").replace("%2f", "/")),
    };
    if let Some(region) = scope.as_deref().and_then(|scope| scope.split('/').nth(2))
        && region != account.region
    {
        return Err(AwsError::new(
            "AuthorizationHeaderMalformed",
            format!(
                "The authorization header is malformed; the region '{region}' is wrong; expecting \
                 '{}'",
                account.region
            ),
        ));
    }
    for name in [
        "x-amz-expected-bucket-owner",
        "x-amz-source-expected-bucket-owner",
    ] {
        if let Some(owner) = parts.headers.get(name)
            && owner.as_bytes() != account.id.as_bytes()
        {
            return Err(
                AwsError::new("AccessDenied", "Access Denied").with_status(StatusCode::FORBIDDEN)
            );
        }
    }
    Ok(())
}

/// Whether a bucket has this host, with or without a port.
fn names_bucket(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    host_header::bucket(name).is_some()
}

/// The Host header.
pub(super) fn host(parts: &Parts) -> &str {
    parts
        .headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default()
}

pub(super) fn query<'a>(uri: &'a Uri, name: &str) -> Option<&'a str> {
    uri.query()?
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}
