//! The `Authorization` header:
//! `AWS4-HMAC-SHA256 Credential=ID/DAY/REGION/SERVICE/aws4_request, SignedHeaders=A;B, Signature=HEX`.

use http::header::AUTHORIZATION;
use http::request::Parts;

use super::invalid_signature;
use crate::error::AwsError;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The header, taken apart. Nothing in it has been checked yet.
#[derive(Debug)]
pub(super) struct Authorization<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) day: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) terminator: &'a str,
    pub(super) signed_headers: Vec<&'a str>,
    pub(super) signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Takes the request's header apart.
    ///
    /// # Errors
    ///
    /// If the request is not signed, is signed in its query string, or the header is not whole.
    pub(super) fn of(parts: &'a Parts) -> Result<Self, AwsError> {
        let in_query = parts.uri.query().is_some_and(|query| {
            query
                .split('&')
                .any(|pair| pair.starts_with("X-Amz-Algorithm"))
        });
        let header = match (parts.headers.get(AUTHORIZATION), in_query) {
            (Some(_), true) => {
                return Err(invalid_signature(
                    "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as \
                     HTTP header.",
                ));
            }
            (None, true) => {
                return Err(incomplete(
                    "The local AWS does not take signatures from the query string. Sign the \
                     request in its 'Authorization' header."
                        .to_owned(),
                ));
            }
            (None, false) => {
                return Err(AwsError::new(
                    "MissingAuthenticationTokenException",
                    "Missing Authentication Token",
                ));
            }
            (Some(value), false) => value.to_str().unwrap_or_default().trim(),
        };
        let has_date =
            parts.headers.contains_key("x-amz-date") || parts.headers.contains_key("date");
        Self::parse(header, has_date)
    }

    fn parse(header: &'a str, has_date: bool) -> Result<Self, AwsError> {
        let (algorithm, parameters) = header.split_once(' ').unwrap_or((header, ""));
        if algorithm != ALGORITHM {
            return Err(incomplete(format!(
                "Unsupported AWS 'algorithm': '{algorithm}'. Use '{ALGORITHM}'."
            )));
        }
        let parameter = |name: &str| {
            parameters
                .split(',')
                .filter_map(|pair| pair.trim().split_once('='))
                .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
        };
        let credential = parameter("Credential");
        let signature = parameter("Signature");
        let signed_headers = parameter("SignedHeaders");
        let (Some(credential), Some(signature), Some(signed_headers), true) =
            (credential, signature, signed_headers, has_date)
        else {
            let mut missing: Vec<String> = [
                ("Credential", credential),
                ("Signature", signature),
                ("SignedHeaders", signed_headers),
            ]
            .into_iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| format!("Authorization header requires '{name}' parameter."))
            .collect();
            if !has_date {
                missing.push(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
                     header."
                        .to_owned(),
                );
            }
            return Err(incomplete(format!(
                "{} Authorization={header}",
                missing.join(" ")
            )));
        };

        let elements: Vec<&str> = credential.split('/').collect();
        let [access_key_id, day, region, service, terminator] = elements[..] else {
            return Err(incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{credential}'"
            )));
        };
        Ok(Self {
            access_key_id,
            day,
            region,
            service,
            terminator,
            signed_headers: signed_headers.split(';').collect(),
            signature,
        })
    }

    /// Whether the header (lower case) is among the signed ones.
    pub(super) fn signs(&self, header: &str) -> bool {
        self.signed_headers.contains(&header)
    }
}

fn incomplete(message: String) -> AwsError {
    AwsError::new("IncompleteSignatureException", message)
}
