//! What a git server may be told: the project's own secret, or the account's source credentials for
//! servers of this type.

use std::fmt;

use build_engine::PhaseContext;
use serde_json::Value;

use super::client_error;
use crate::builds::BuildHost;
use crate::codebuild;
use crate::codebuild::ProjectSource;
use crate::codebuild::SourceCredentials;
use crate::error::AwsError;
use crate::secrets_manager;
use crate::store;

/// A user name and a password for one server.
#[derive(Eq, PartialEq)]
pub(super) struct GitCredential {
    /// Scheme, host and port: git tells it to no other server.
    pub(super) server: String,
    pub(super) username: String,
    pub(super) password: String,
}

impl fmt::Debug for GitCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitCredential")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

/// What git may tell the server of a source if it asks; `None` if there is nothing to tell it.
///
/// # Errors
///
/// If the credentials that the source or the account names cannot be used.
pub(super) fn of(
    source: &ProjectSource,
    host: &BuildHost,
) -> Result<Option<GitCredential>, PhaseContext> {
    let location = source.location.as_deref().unwrap_or_default();
    let Some(server) = server(&source.r#type, location) else {
        return Ok(None);
    };
    let failed = |error: AwsError| client_error(error.message.unwrap_or_default());
    let auth = source.auth.as_ref();
    let resource = auth
        .and_then(|auth| auth.resource.as_deref())
        .unwrap_or_default();
    let login = match auth.map_or("", |auth| auth.r#type.as_str()) {
        "CODECONNECTIONS" => return Err(failed(codebuild::no_connections(resource))),
        "SECRETS_MANAGER" => secret(host, &source.r#type, resource).map_err(failed)?,
        _ => match imported(host, &source.r#type).map_err(failed)? {
            Some(credentials) if credentials.auth_type == "SECRETS_MANAGER" => {
                secret(host, &source.r#type, &credentials.token.0).map_err(failed)?
            }
            Some(credentials) => Login {
                username: credentials
                    .username
                    .unwrap_or_else(|| token_user(&source.r#type).to_owned()),
                password: credentials.token.0,
            },
            None => return Ok(None),
        },
    };
    Ok(Some(GitCredential {
        server,
        username: login.username,
        password: login.password,
    }))
}

struct Login {
    username: String,
    password: String,
}

fn imported(host: &BuildHost, server_type: &str) -> Result<Option<SourceCredentials>, AwsError> {
    host.store.read(|transaction| {
        store::get(
            &transaction.open_table(store::SOURCE_CREDENTIALS)?,
            server_type,
        )
    })
}

/// A secret as "Create and store a token in a Secrets Manager secret" of the CodeBuild user guide
/// has it.
fn secret(host: &BuildHost, server_type: &str, arn: &str) -> Result<Login, AwsError> {
    let text = secrets_manager::value(&host.store, &host.account, arn, None, None)?;
    login_in(&text, server_type).ok_or_else(|| {
        AwsError::invalid_input(format!(
            "The secret {arn} has no source credentials for {server_type}. Its text must be JSON: \
             {{\"ServerType\": \"{server_type}\", \"AuthType\": \"PERSONAL_ACCESS_TOKEN\", \
             \"Token\": \"…\"}}, with BASIC_AUTH also \"Username\"."
        ))
    })
}

fn login_in(secret: &str, server_type: &str) -> Option<Login> {
    let members: Value = serde_json::from_str(secret).ok()?;
    let member = |name: &str| members.get(name)?.as_str().map(str::to_owned);
    if member("ServerType").is_some_and(|other| other != server_type) {
        return None;
    }
    let username = match member("AuthType")?.as_str() {
        "BASIC_AUTH" => member("Username")?,
        "PERSONAL_ACCESS_TOKEN" => token_user(server_type).to_owned(),
        _ => return None,
    };
    let password = member("Token").filter(|token| !token.is_empty())?;
    let is_one_line = |text: &str| !text.chars().any(char::is_control);
    (is_one_line(&username) && is_one_line(&password)).then_some(Login { username, password })
}

/// The user name that goes with a token, as each server's documents give it.
fn token_user(server_type: &str) -> &'static str {
    match server_type {
        "BITBUCKET" => "x-token-auth",
        "GITLAB" | "GITLAB_SELF_MANAGED" => "oauth2",
        _ => "x-access-token",
    }
}

/// Where the credentials of a type of server may go: to the service itself, or to whichever server
/// of one's own the source names; encrypted, or not beyond this machine.
fn server(server_type: &str, location: &str) -> Option<String> {
    let (scheme, rest) = location.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split('/').next()?;
    let authority = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
        .to_ascii_lowercase();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => host,
        _ => &authority,
    };
    let is_safe = match scheme.as_str() {
        "https" => true,
        "http" => ["127.0.0.1", "localhost", "[::1]"].contains(&host),
        _ => false,
    };
    let is_its_own = match server_type {
        "GITHUB" => authority == "github.com" || authority == "www.github.com",
        "BITBUCKET" => authority == "bitbucket.org",
        "GITLAB" => authority == "gitlab.com",
        "GITHUB_ENTERPRISE" | "GITLAB_SELF_MANAGED" => !host.is_empty(),
        _ => false,
    };
    (is_safe && is_its_own).then(|| format!("{scheme}://{authority}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_to_their_own_servers_only() {
        for (server_type, location, expected) in [
            (
                "GITHUB",
                "https://github.com/o/r",
                Some("https://github.com"),
            ),
            (
                "GITHUB",
                "https://u@GitHub.com/o/r",
                Some("https://github.com"),
            ),
            ("GITHUB", "https://github.com:444/o/r", None),
            ("GITHUB", "https://github.com.example.org/o/r", None),
            ("GITHUB", "http://github.com/o/r", None),
            ("GITHUB", "git@github.com:o/r.git", None),
            ("GITHUB", "ssh://git@github.com/o/r", None),
            (
                "BITBUCKET",
                "https://bitbucket.org/t/r",
                Some("https://bitbucket.org"),
            ),
            ("BITBUCKET", "https://example.org/t/r", None),
            (
                "GITLAB",
                "https://gitlab.com/g/s/r",
                Some("https://gitlab.com"),
            ),
            (
                "GITHUB_ENTERPRISE",
                "https://git.example.org:8443/o/r",
                Some("https://git.example.org:8443"),
            ),
            ("GITLAB_SELF_MANAGED", "http://git.example.org/o/r", None),
            (
                "GITLAB_SELF_MANAGED",
                "http://127.0.0.1:80/o/r",
                Some("http://127.0.0.1:80"),
            ),
            ("S3", "https://example.org/o/r", None),
        ] {
            let found = server(server_type, location);
            assert_eq!(found.as_deref(), expected, "{server_type} {location}");
        }
    }

    #[test]
    fn a_secret_holds_a_token_or_a_user_and_a_password() {
        let login = |secret: &str, server_type: &str| {
            login_in(secret, server_type).map(|login| (login.username, login.password))
        };
        let token = r#"{"ServerType":"GITHUB","AuthType":"PERSONAL_ACCESS_TOKEN","Token":"t"}"#;
        let github = Some(("x-access-token".to_owned(), "t".to_owned()));
        assert_eq!(login(token, "GITHUB"), github);
        assert_eq!(login(token, "BITBUCKET"), None);
        let basic =
            r#"{"ServerType":"BITBUCKET","AuthType":"BASIC_AUTH","Username":"u","Token":"p"}"#;
        assert_eq!(
            login(basic, "BITBUCKET"),
            Some(("u".to_owned(), "p".to_owned()))
        );
        for bad in [
            "t",
            "{}",
            "[]",
            r#"{"AuthType":"PERSONAL_ACCESS_TOKEN","Token":"a\nb"}"#,
        ] {
            assert_eq!(login(bad, "GITHUB"), None, "{bad}");
        }
    }
}
