//! The Host header must be ours: a page of another site that points its name at this machine (DNS
//! rebinding) would send its own.

use http::StatusCode;
use http::header::HOST;
use http::request::Parts;

use crate::error::AwsError;

/// Names of this machine's loopback addresses.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Checks the Host header. S3 also has a host for each bucket, `BUCKET.localhost`: browsers resolve
/// all names below `localhost` to this machine themselves.
///
/// # Errors
///
/// `AccessDeniedException` (403) for a name or a port that is not this endpoint's.
pub(crate) fn check(parts: &Parts, port: u16, is_for_s3: bool) -> Result<(), AwsError> {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().unwrap_or_default(),
        _ => "",
    };
    let (name, given) = match host.rsplit_once(':') {
        Some((name, given)) if !given.ends_with(']') => (name, given),
        _ => (host, "80"),
    };
    let known = NAMES.iter().any(|known| known.eq_ignore_ascii_case(name));
    let known = known || (is_for_s3 && name.ends_with(".localhost"));
    if known && given.parse() == Ok(port) {
        return Ok(());
    }
    Err(AwsError::new(
        "AccessDeniedException",
        format!(
            "The Host header '{host}' does not name this endpoint. Use http://127.0.0.1:{port} or \
             http://localhost:{port}."
        ),
    )
    .with_status(StatusCode::FORBIDDEN))
}
