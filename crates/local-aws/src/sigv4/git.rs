//! Passwords of git: the user name is an access key id, and `%` with the session token after it if
//! there is one; the password is a time and a signature of the repository's URL, made with the method
//! `GIT`. `aws codecommit credential-helper` makes such passwords.

use std::time::SystemTime;

use aws_sigv4::sign::v4::calculate_signature;
use aws_sigv4::sign::v4::generate_signing_key;
use http::StatusCode;
use jiff::SignedDuration;
use jiff::Timestamp;
use subtle::ConstantTimeEq;

use super::ISO_BASIC;
use super::Verifier;
use super::canonical::sha256_hex;
use super::iso_basic;
use crate::access_keys::Caller;
use crate::access_keys::NoKey;
use crate::error::AwsError;

const SERVICE: &str = "codecommit";

/// How long a password counts, as on AWS.
const LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// `YYYYMMDDTHHMMSSZ`.
const TIME_LENGTH: usize = 16;

/// The password for a repository's URL. `host` is without a port, `path` begins with a slash.
pub(crate) fn git_password(
    secret: &str,
    region: &str,
    host: &str,
    path: &str,
    at: Timestamp,
) -> String {
    let time = at.strftime(ISO_BASIC).to_string();
    let canonical = format!("GIT\n{path}\n\nhost:{host}\n\nhost\n");
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{}/{region}/{SERVICE}/aws4_request\n{}",
        time.trim_end_matches('Z'),
        at.strftime("%Y%m%d"),
        sha256_hex(canonical.as_bytes())
    );
    let key = generate_signing_key(secret, SystemTime::from(at), region, SERVICE);
    format!("{time}{}", calculate_signature(key, to_sign.as_bytes()))
}

impl Verifier {
    /// Checks a user name and a password of git and says whose they are.
    ///
    /// # Errors
    ///
    /// With status 403, for the first thing that is wrong.
    pub(crate) fn verify_git(
        &self,
        user: &str,
        password: &str,
        host: &str,
        path: &str,
        now: Timestamp,
    ) -> Result<Caller, AwsError> {
        let refused =
            |code, message: &str| AwsError::new(code, message).with_status(StatusCode::FORBIDDEN);
        let unknown = || {
            refused(
                "UnrecognizedClientException",
                "The security token included in the request is invalid",
            )
        };
        let expired = || {
            refused(
                "ExpiredTokenException",
                "The security token included in the request is expired",
            )
        };
        let (id, token) = match user.split_once('%') {
            Some((id, token)) => (id, Some(token)),
            None => (user, None),
        };
        let key = self.keys.find(id).map_err(|reason| match reason {
            NoKey::Unknown => unknown(),
            NoKey::Expired => expired(),
        })?;
        if !key.fits(token.map(str::as_bytes)) {
            return Err(unknown());
        }
        let wrong = || {
            refused(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. \
                 Check your AWS Secret Access Key and signing method. Consult the service \
                 documentation for details.",
            )
        };
        let at = password.get(..TIME_LENGTH).and_then(iso_basic);
        let at = at.ok_or_else(wrong)?;
        let expected = git_password(&key.secret, &self.region, host, path, at);
        if !bool::from(expected.as_bytes().ct_eq(password.as_bytes())) {
            return Err(wrong());
        }
        let age = now.duration_since(at);
        if age > LIFETIME || age < -LIFETIME {
            return Err(refused(
                "InvalidSignatureException",
                &format!(
                    "Signature expired: {} is more than 15 minutes from {}. Ask the credential \
                     helper again, and check this computer's clock.",
                    at.strftime(ISO_BASIC),
                    now.strftime(ISO_BASIC)
                ),
            ));
        }
        Ok(key.caller)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_that_of_the_credential_helper_of_the_aws_cli() {
        // Made by `aws codecommit credential-helper get --ignore-host-check` of AWS CLI 2.9.
        let at = iso_basic("20261123T011903Z").unwrap();
        let password = git_password(
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "eu-central-1",
            "localhost",
            "/v1/repos/demo",
            at,
        );
        assert_eq!(
            password,
            "20261123T011903Zd459bad71648ce7694d16534cd74d292441547997ec38749f0c7b8f8a80ce621"
        );
    }
}
