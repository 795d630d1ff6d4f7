//! AWS Signature Version 4, checked as AWS's front end checks it.
//!
//! The rules are those of "Create a signed AWS API request" in the IAM user guide. The codes and
//! messages are those of AWS's JSON services.

mod authorization;
mod canonical;
mod git;

use std::time::SystemTime;

use aws_sigv4::sign::v4::calculate_signature;
use aws_sigv4::sign::v4::generate_signing_key;
use http::HeaderMap;
use http::HeaderValue;
use http::request::Parts;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use subtle::ConstantTimeEq;

use crate::access_keys::AccessKeys;
use crate::access_keys::Caller;
use crate::access_keys::NoKey;
use crate::error::AwsError;
use authorization::Authorization;

const ISO_BASIC: &str = "%Y%m%dT%H%M%SZ";

/// How far the clocks of client and server may differ.
const WINDOW: SignedDuration = SignedDuration::from_mins(5);

/// Services that are one for all regions, ...
const GLOBAL: [&str; 2] = ["iam", "sts"];

/// ... which clients may sign for whatever their region is.
const GLOBAL_REGION: &str = "us-east-1";

/// What a signature is checked against.
#[derive(Debug)]
pub(crate) struct Verifier {
    /// The keys that count.
    pub(crate) keys: AccessKeys,
    /// The only region there is.
    pub(crate) region: String,
}

/// The access key id in the header of a request whose signature was checked.
pub(crate) fn access_key_id(parts: &Parts) -> &str {
    Authorization::of(parts).map_or("", |authorization| authorization.access_key_id)
}

impl Verifier {
    /// Checks the signature of a request to `service` (the signing name, such as `codebuild`) and
    /// says whose it is.
    ///
    /// # Errors
    ///
    /// AWS's error for the first thing that is wrong.
    pub(crate) fn verify(
        &self,
        parts: &Parts,
        body: &[u8],
        service: &str,
        now: Timestamp,
    ) -> Result<Caller, AwsError> {
        let authorization = Authorization::of(parts)?;
        let date = request_date(&parts.headers)?;
        check_clock(date, now)?;
        if !authorization.signs("host") {
            return Err(invalid_signature(
                "'Host' must be a 'SignedHeader' in the AWS Authorization.",
            ));
        }
        self.check_scope(&authorization, date, service)?;

        let key = self
            .keys
            .find(authorization.access_key_id)
            .map_err(|reason| match reason {
                NoKey::Unknown => unrecognized(),
                NoKey::Expired => AwsError::new(
                    "ExpiredTokenException",
                    "The security token included in the request is expired",
                ),
            })?;
        let token = parts.headers.get("x-amz-security-token");
        if !key.fits(token.map(HeaderValue::as_bytes)) {
            return Err(unrecognized());
        }

        let expected = self.signature(&key.secret, &authorization, parts, body, date);
        let matches: bool = expected
            .as_bytes()
            .ct_eq(authorization.signature.as_bytes())
            .into();
        if matches {
            Ok(key.caller)
        } else {
            Err(invalid_signature(
                "The request signature we calculated does not match the signature you provided. \
                 Check your AWS Secret Access Key and signing method. Consult the service \
                 documentation for details.",
            ))
        }
    }

    fn check_scope(
        &self,
        authorization: &Authorization<'_>,
        date: Timestamp,
        service: &str,
    ) -> Result<(), AwsError> {
        let mut wrong = Vec::new();
        let is_global = GLOBAL.contains(&service) && authorization.region == GLOBAL_REGION;
        if authorization.region != self.region && !is_global {
            wrong.push(format!(
                "Credential should be scoped to a valid region, not '{}'.",
                authorization.region
            ));
        }
        if authorization.service != service {
            wrong.push(format!(
                "Credential should be scoped to correct service: '{service}'."
            ));
        }
        if authorization.terminator != "aws4_request" {
            wrong.push(format!(
                "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'.",
                authorization.terminator
            ));
        }
        let day = date.strftime("%Y%m%d").to_string();
        if authorization.day != day {
            wrong.push(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{}' != '{day}', from '{}'.",
                authorization.day,
                date.strftime(ISO_BASIC)
            ));
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(invalid_signature(wrong.join(" ")))
        }
    }

    fn signature(
        &self,
        secret: &str,
        authorization: &Authorization<'_>,
        parts: &Parts,
        body: &[u8],
        date: Timestamp,
    ) -> String {
        let service = authorization.service;
        let canonical = canonical::request(parts, &authorization.signed_headers, body);
        let to_sign = format!(
            "AWS4-HMAC-SHA256\n{}\n{}/{}/{service}/aws4_request\n{}",
            date.strftime(ISO_BASIC),
            authorization.day,
            authorization.region,
            canonical::sha256_hex(canonical.as_bytes())
        );
        let key = generate_signing_key(
            secret,
            SystemTime::from(date),
            authorization.region,
            service,
        );
        calculate_signature(key, to_sign.as_bytes())
    }
}

/// The name of the service that a request is signed for, if it is signed.
pub(crate) fn service_in_scope(parts: &Parts) -> Option<&str> {
    Authorization::of(parts).ok().map(|signed| signed.service)
}

/// The time the client says it is: `X-Amz-Date`, or else `Date`.
fn request_date(headers: &HeaderMap) -> Result<Timestamp, AwsError> {
    let text = |name| {
        headers
            .get(name)
            .map(|value: &http::HeaderValue| value.to_str())
    };
    let (parsed, got) = match (text("x-amz-date"), text("date")) {
        (Some(value), _) => {
            let value = value.unwrap_or_default();
            (iso_basic(value), value)
        }
        (None, Some(value)) => {
            let value = value.unwrap_or_default();
            let date = iso_basic(value).or_else(|| {
                let zoned = jiff::fmt::rfc2822::parse(value).ok()?;
                Some(zoned.timestamp())
            });
            (date, value)
        }
        // `Authorization::of` has refused this.
        (None, None) => (None, ""),
    };
    parsed.ok_or_else(|| {
        AwsError::new(
            "IncompleteSignatureException",
            format!(
                "Date must be in ISO-8601 'basic format'. Got '{got}'. \
                 See http://en.wikipedia.org/wiki/ISO_8601"
            ),
        )
    })
}

fn iso_basic(text: &str) -> Option<Timestamp> {
    let date = DateTime::strptime(ISO_BASIC, text).ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

fn check_clock(date: Timestamp, now: Timestamp) -> Result<(), AwsError> {
    let at = |timestamp: Timestamp| timestamp.strftime(ISO_BASIC).to_string();
    let difference = date.duration_since(now);
    if difference < -WINDOW {
        let limit = now.saturating_sub(WINDOW).unwrap_or(now);
        return Err(invalid_signature(format!(
            "Signature expired: {} is now earlier than {} ({} - 5 min.)",
            at(date),
            at(limit),
            at(now)
        )));
    }
    if difference > WINDOW {
        let limit = now.saturating_add(WINDOW).unwrap_or(now);
        return Err(invalid_signature(format!(
            "Signature not yet current: {} is still later than {} ({} + 5 min.)",
            at(date),
            at(limit),
            at(now)
        )));
    }
    Ok(())
}

fn unrecognized() -> AwsError {
    AwsError::new(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
}

fn invalid_signature(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidSignatureException", message)
}
