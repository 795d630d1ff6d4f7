//! Repositories of CodeCommit, and the passwords that git needs for them.

use std::time::SystemTime;

use aws_sigv4::sign::v4::calculate_signature;
use aws_sigv4::sign::v4::generate_signing_key;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;
use sha2::Digest as _;

use crate::aws_command::json_call;
use crate::call_error::CallError;
use crate::direct_call::DirectService;
use crate::session::Session;

const SERVICE: DirectService = DirectService {
    name: "codecommit",
    id: "CodeCommit",
    host: "codecommit",
    is_global: false,
    signs_as_s3: false,
    error: json_call::error,
};

const TARGET: &str = "CodeCommit_20150413";

/// What git says when a server asks who one is. It counts for 15 minutes.
#[derive(Clone)]
pub struct GitLogin {
    /// The access key id, and `%` with the session token after it if there is one.
    pub username: String,
    /// A time and a signature.
    pub password: String,
}

/// Whether there is a repository with this name.
///
/// # Errors
///
/// As GetRepository has them.
pub async fn has_repository(session: &Session, name: &str) -> Result<bool, CallError> {
    match call(session, "GetRepository", json!({ "repositoryName": name })).await {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some("RepositoryDoesNotExistException") => Ok(false),
        Err(error) => Err(error),
    }
}

/// Creates a repository.
///
/// # Errors
///
/// As CreateRepository has them.
pub async fn create_repository(
    session: &Session,
    name: &str,
    description: &str,
) -> Result<(), CallError> {
    let input = json!({ "repositoryName": name, "repositoryDescription": description });
    call(session, "CreateRepository", input).await.map(drop)
}

/// Deletes a repository with everything in it; it is fine if there is none.
///
/// # Errors
///
/// As DeleteRepository has them.
pub async fn delete_repository(session: &Session, name: &str) -> Result<(), CallError> {
    let input = json!({ "repositoryName": name });
    call(session, "DeleteRepository", input).await.map(drop)
}

impl GitLogin {
    /// The login for a repository's URL, as `aws codecommit credential-helper` makes it. `host` is as
    /// git gives it, perhaps with a port; `path` as well, without a slash before it.
    ///
    /// # Errors
    ///
    /// If there are no credentials or no region.
    pub async fn make(
        session: &Session,
        region: Option<&str>,
        host: &str,
        path: &str,
    ) -> Result<Self, CallError> {
        let credentials = session.credentials().await?;
        let region = region.map(str::to_owned).or_else(|| session.region());
        let region = region.ok_or(CallError::NoRegion)?;
        let username = match credentials.session_token() {
            Some(token) => format!("{}%{token}", credentials.access_key_id()),
            None => credentials.access_key_id().to_owned(),
        };
        // Servers check the name without a port.
        let host = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
            _ => host,
        };
        let secret = credentials.secret_access_key();
        let password = password(secret, &region, host, path, Timestamp::now());
        Ok(Self { username, password })
    }
}

impl std::fmt::Debug for GitLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GitLogin").finish_non_exhaustive()
    }
}

/// The signature of a request with the method `GIT`, which has neither query nor body, and whose time
/// is signed without its zone.
fn password(secret: &str, region: &str, host: &str, path: &str, at: Timestamp) -> String {
    let time = at.strftime("%Y%m%dT%H%M%S").to_string();
    let day = at.strftime("%Y%m%d").to_string();
    let canonical = format!("GIT\n/{path}\n\nhost:{host}\n\nhost\n");
    let hash: String = sha2::Sha256::digest(canonical.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let to_sign =
        format!("AWS4-HMAC-SHA256\n{time}\n{day}/{region}/codecommit/aws4_request\n{hash}");
    let key = generate_signing_key(secret, SystemTime::from(at), region, "codecommit");
    format!("{time}Z{}", calculate_signature(key, to_sign.as_bytes()))
}

async fn call(
    session: &Session,
    operation: &'static str,
    input: Value,
) -> Result<Value, CallError> {
    json_call::call(session, SERVICE, TARGET, operation, input).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_that_of_the_credential_helper_of_the_aws_cli() {
        // Made by `aws codecommit credential-helper get --ignore-host-check` of AWS CLI 2.9.
        let at = "2026-11-23T01:19:03Z".parse().unwrap();
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        assert_eq!(
            password(secret, "eu-central-1", "localhost", "v1/repos/demo", at),
            "20261123T011903Zd459bad71648ce7694d16534cd74d292441547997ec38749f0c7b8f8a80ce621"
        );
    }
}
