//! Whether a delivery comes from somebody who knows the webhook's secret.

use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use http::HeaderMap;
use http::StatusCode;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::payload::Refusal;
use super::payload::header;
use crate::codebuild::StoredWebhook;

const GITHUB: &str = "X-Hub-Signature-256";
const GITLAB: &str = "X-Gitlab-Token";

/// Checks a delivery.
///
/// # Errors
///
/// 401 if the signature or the secret is missing or wrong.
pub(super) fn check(
    webhook: &StoredWebhook,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), Refusal> {
    let secret = webhook.secret.0.as_bytes();
    match webhook.source_type.as_str() {
        // CodeBuild gives Bitbucket no secret: whoever knows the URL is believed.
        "BITBUCKET" => Ok(()),
        "GITLAB" | "GITLAB_SELF_MANAGED" => {
            let Some(given) = header(headers, GITLAB) else {
                return Err(missing(GITLAB, "the webhook's secret"));
            };
            if bool::from(given.as_bytes().ct_eq(secret)) {
                Ok(())
            } else {
                Err(wrong(GITLAB))
            }
        }
        _ => {
            let Some(given) = header(headers, GITHUB) else {
                return Err(missing(
                    GITHUB,
                    "sha256= and the HMAC-SHA256 of the body with the webhook's secret, in \
                     hexadecimal digits",
                ));
            };
            let signature = given.strip_prefix("sha256=").and_then(bytes);
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(|_| wrong(GITHUB))?;
            mac.update(body);
            let signature = signature.unwrap_or_default();
            mac.verify_slice(&signature).map_err(|_| wrong(GITHUB))
        }
    }
}

fn missing(name: &str, content: &str) -> Refusal {
    Refusal {
        status: StatusCode::UNAUTHORIZED,
        message: format!("The header {name} is missing. It must have {content}."),
    }
}

fn wrong(name: &str) -> Refusal {
    Refusal {
        status: StatusCode::UNAUTHORIZED,
        message: format!(
            "The header {name} does not fit the body and the webhook's secret. UpdateWebhook with \
             rotateSecret makes a new secret and shows it."
        ),
    }
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = hexadecimal
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16)?).ok())
        .collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high * 16 + low).collect())
}
