//! Passwords for the registry: what GetAuthorizationToken gives, and what `docker login` sends.
//!
//! A password names the access key that asked for it and when it ends, and is sealed. So it outlives
//! the server, as `docker login` keeps it; one that a build asked for ends with the build.

use std::time::Duration;

use aws_sigv4::sign::v4::calculate_signature;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::Serialize;
use subtle::ConstantTimeEq;

use crate::timestamp::EpochSeconds;

/// The only user name, as on AWS.
pub(super) const USER: &str = "AWS";

/// As on AWS.
pub(super) const LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);

/// How long the URL of a layer counts.
pub(super) const LAYER_URL_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Makes passwords and knows them again.
#[derive(Clone)]
pub(super) struct Logins {
    key: Vec<u8>,
}

#[derive(Deserialize, Serialize)]
struct Password {
    /// The access key id of who asked for it.
    key: String,
    /// In milliseconds.
    expires: i64,
    seal: String,
}

/// Why a password does not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum NoLogin {
    /// It is not one of ours.
    Unknown,
    /// It was.
    Expired,
}

impl Logins {
    pub(super) const fn new(key: Vec<u8>) -> Self {
        Self { key }
    }

    /// A password for the owner of an access key.
    pub(super) fn password(&self, access_key_id: &str, expires: EpochSeconds) -> String {
        let password = Password {
            key: access_key_id.to_owned(),
            expires: expires.millis(),
            seal: self.seal("login", access_key_id, expires.millis()),
        };
        STANDARD.encode(serde_json::to_vec(&password).unwrap_or_default())
    }

    /// Whose password it is: an access key id.
    pub(super) fn owner(&self, password: &str, now: EpochSeconds) -> Result<String, NoLogin> {
        let bytes = STANDARD.decode(password).map_err(|_| NoLogin::Unknown)?;
        let password: Password = serde_json::from_slice(&bytes).map_err(|_| NoLogin::Unknown)?;
        let seal = self.seal("login", &password.key, password.expires);
        if !bool::from(seal.as_bytes().ct_eq(password.seal.as_bytes())) {
            return Err(NoLogin::Unknown);
        }
        if password.expires <= now.millis() {
            return Err(NoLogin::Expired);
        }
        Ok(password.key)
    }

    /// The query string with which a layer can be had without a password.
    pub(super) fn layer_query(&self, repository: &str, digest: &str, now: EpochSeconds) -> String {
        let expires = now.plus(LAYER_URL_LIFETIME).millis();
        let seal = self.seal("layer", &format!("{repository}@{digest}"), expires);
        format!("expires={expires}&seal={seal}")
    }

    /// Whether the query string is one of [`Self::layer_query`].
    pub(super) fn opens_layer(
        &self,
        query: &str,
        repository: &str,
        digest: &str,
        now: EpochSeconds,
    ) -> bool {
        let parts = query
            .strip_prefix("expires=")
            .and_then(|rest| rest.split_once("&seal="))
            .and_then(|(expires, seal)| Some((expires.parse::<i64>().ok()?, seal)));
        let Some((expires, seal)) = parts else {
            return false;
        };
        let own = self.seal("layer", &format!("{repository}@{digest}"), expires);
        expires > now.millis() && bool::from(own.as_bytes().ct_eq(seal.as_bytes()))
    }

    fn seal(&self, kind: &str, of: &str, expires: i64) -> String {
        calculate_signature(&self.key, format!("ecr {kind}\n{of}\n{expires}").as_bytes())
    }
}

impl std::fmt::Debug for Logins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Logins").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_counts_until_it_ends_and_only_as_it_was_made() {
        let logins = Logins::new(vec![1; 16]);
        let now = EpochSeconds::now();
        let password = logins.password("AKIAX", now.plus(LIFETIME));
        assert_eq!(logins.owner(&password, now).as_deref(), Ok("AKIAX"));
        let later = now.plus(LIFETIME);
        assert_eq!(logins.owner(&password, later), Err(NoLogin::Expired));
        let other = Logins::new(vec![2; 16]);
        assert_eq!(other.owner(&password, now), Err(NoLogin::Unknown));
        assert_eq!(logins.owner("x", now), Err(NoLogin::Unknown));
    }

    #[test]
    fn the_url_of_a_layer_is_for_that_layer_only() {
        let logins = Logins::new(vec![1; 16]);
        let now = EpochSeconds::now();
        let query = logins.layer_query("app", "sha256:1", now);
        assert!(logins.opens_layer(&query, "app", "sha256:1", now));
        assert!(!logins.opens_layer(&query, "app", "sha256:2", now));
        assert!(!logins.opens_layer(&query, "app", "sha256:1", now.plus(LIFETIME)));
        assert!(!logins.opens_layer("", "app", "sha256:1", now));
    }
}
