//! ImportSourceCredentials, DeleteSourceCredentials, ListSourceCredentials: what git servers ask
//! for. Each type of server has one, as on AWS. A token goes in and never comes out again.

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::account::Account;
use crate::error::AwsError;
use crate::hidden::Hidden;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;

/// The source credentials of one type of server, in the database.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SourceCredentials {
    pub(crate) server_type: String,
    pub(crate) auth_type: String,
    /// Bitbucket's user name with BASIC_AUTH.
    pub(crate) username: Option<String>,
    /// The token or password; with SECRETS_MANAGER the ARN of the secret that holds it.
    pub(crate) token: Hidden,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImportInput {
    username: Option<String>,
    token: Hidden,
    server_type: String,
    auth_type: String,
    should_overwrite: Option<bool>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DeleteInput {
    arn: String,
}

/// `SourceCredentialsInfo`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SourceCredentialsInfo {
    arn: String,
    server_type: String,
    auth_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<String>,
}

/// ImportSourceCredentials.
pub(super) async fn import(services: &Services, input: ImportInput) -> Result<Value, AwsError> {
    check(&input)?;
    let arn = arn(&services.account, &input.server_type);
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::SOURCE_CREDENTIALS)?;
            let key = input.server_type.as_str();
            if input.should_overwrite == Some(false) && table.get(key)?.is_some() {
                return Err(StoreError::from(AwsError::new(
                    "ResourceAlreadyExistsException",
                    format!(
                        "Access token with server type {key} already exists. Delete its source \
                         credential and try again."
                    ),
                )));
            }
            let credentials = SourceCredentials {
                server_type: input.server_type.clone(),
                auth_type: input.auth_type,
                username: input.username,
                token: input.token,
            };
            store::put(&mut table, key, &credentials)
        })
        .await?;
    Ok(json!({ "arn": arn }))
}

/// DeleteSourceCredentials.
pub(super) async fn delete(services: &Services, input: DeleteInput) -> Result<Value, AwsError> {
    let prefix = arn(&services.account, "");
    let Some(name) = input.arn.strip_prefix(&prefix) else {
        return Err(AwsError::invalid_input(format!(
            "Invalid source credentials ARN: {}",
            input.arn
        )));
    };
    let key = name.to_ascii_uppercase();
    let deleted = input.arn.clone();
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::SOURCE_CREDENTIALS)?;
            if table.get(key.as_str())?.is_none() {
                return Err(StoreError::from(AwsError::not_found(format!(
                    "Source credentials cannot be found: {}",
                    input.arn
                ))));
            }
            table.remove(key.as_str())?;
            Ok(())
        })
        .await?;
    Ok(json!({ "arn": deleted }))
}

/// ListSourceCredentials: everything but the tokens.
pub(super) fn list(services: &Services) -> Result<Value, AwsError> {
    let mut infos = Vec::new();
    services.store.read(|transaction| {
        for entry in transaction.open_table(store::SOURCE_CREDENTIALS)?.iter()? {
            let credentials: SourceCredentials = serde_json::from_slice(entry?.1.value())?;
            infos.push(SourceCredentialsInfo {
                arn: arn(&services.account, &credentials.server_type),
                // With Secrets Manager what was imported is the secret's name, not a secret.
                resource: (credentials.auth_type == "SECRETS_MANAGER")
                    .then_some(credentials.token.0),
                server_type: credentials.server_type,
                auth_type: credentials.auth_type,
            });
        }
        Ok(())
    })?;
    Ok(json!({ "sourceCredentialsInfos": infos }))
}

/// `arn:aws:codebuild:REGION:ACCOUNT:token/SERVER`.
fn arn(account: &Account, server_type: &str) -> String {
    let name = server_type.to_ascii_lowercase();
    format!(
        "arn:aws:codebuild:{}:{}:token/{name}",
        account.region, account.id
    )
}

fn check(input: &ImportInput) -> Result<(), AwsError> {
    let token = &input.token.0;
    let (server, auth) = (input.server_type.as_str(), input.auth_type.as_str());
    match auth {
        "OAUTH" => {
            return Err(AwsError::invalid_input(
                "OAUTH is not supported by the CodeBuild API. To connect to your account with \
                 OAUTH, use the AWS CodeBuild console.",
            ));
        }
        "CODECONNECTIONS" if !is_connection(token) => {
            return Err(AwsError::invalid_input(
                "Token must be a valid CodeConnections arn",
            ));
        }
        "CODECONNECTIONS" => return Err(no_connections(token)),
        "SECRETS_MANAGER" if !token.starts_with("arn:aws:secretsmanager:") => {
            return Err(AwsError::invalid_input(
                "Token must be a valid Secrets Manager arn",
            ));
        }
        "BASIC_AUTH" if server != "BITBUCKET" => {
            return Err(AwsError::invalid_input(format!(
                "Invalid AuthType provided for ServerType {server}"
            )));
        }
        "BASIC_AUTH" if input.username.is_none() => {
            return Err(AwsError::invalid_input(
                "Username is required for AuthType BASIC_AUTH",
            ));
        }
        _ => {}
    }
    if auth != "BASIC_AUTH" && input.username.is_some() {
        return Err(AwsError::invalid_input(
            "Username is only valid for AuthType BASIC_AUTH",
        ));
    }
    let username = input.username.as_deref().unwrap_or_default();
    if token.chars().chain(username.chars()).any(char::is_control) {
        return Err(AwsError::invalid_input(
            "Username and token must not have control characters such as line breaks",
        ));
    }
    Ok(())
}

fn is_connection(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    matches!(
        parts[..],
        ["arn", _, "codeconnections" | "codestar-connections", _, _, resource]
            if resource.starts_with("connection/")
    )
}

/// CodeBuild's answer for a connection that it may not use; here there are none.
pub(crate) fn no_connections(arn: &str) -> AwsError {
    AwsError::invalid_input(format!(
        "Access denied to connection {arn}: the local AWS has no CodeConnections. Use a \
         PERSONAL_ACCESS_TOKEN, or a secret with SECRETS_MANAGER."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(server: &str, auth: &str, username: Option<&str>, token: &str) -> String {
        let input = ImportInput {
            username: username.map(str::to_owned),
            token: Hidden(token.to_owned()),
            server_type: server.to_owned(),
            auth_type: auth.to_owned(),
            should_overwrite: None,
        };
        let refused = check(&input).err();
        refused.and_then(|error| error.message).unwrap_or_default()
    }

    #[test]
    fn each_server_takes_its_own_kinds_of_credentials() {
        let secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:git-AbCdEf";
        let connection = "arn:aws:codeconnections:eu-central-1:123456789012:connection/1";
        for (server, auth, username, token, expected) in [
            ("GITHUB", "PERSONAL_ACCESS_TOKEN", None, "t", ""),
            ("GITHUB_ENTERPRISE", "PERSONAL_ACCESS_TOKEN", None, "t", ""),
            ("BITBUCKET", "PERSONAL_ACCESS_TOKEN", None, "t", ""),
            ("BITBUCKET", "BASIC_AUTH", Some("u"), "t", ""),
            ("GITHUB", "SECRETS_MANAGER", None, secret, ""),
            ("BITBUCKET", "BASIC_AUTH", None, "t", "Username is required"),
            (
                "GITHUB",
                "PERSONAL_ACCESS_TOKEN",
                Some("u"),
                "t",
                "Username is only",
            ),
            (
                "GITHUB",
                "PERSONAL_ACCESS_TOKEN",
                None,
                "t\nu",
                "control characters",
            ),
            (
                "GITHUB",
                "SECRETS_MANAGER",
                None,
                "git",
                "valid Secrets Manager arn",
            ),
            (
                "GITLAB",
                "CODECONNECTIONS",
                None,
                "x",
                "Token must be a valid CodeConnections arn",
            ),
            (
                "GITLAB",
                "CODECONNECTIONS",
                None,
                connection,
                "Access denied to connection arn:aws:",
            ),
            (
                "GITHUB",
                "BASIC_AUTH",
                Some("u"),
                "t",
                "Invalid AuthType provided for ServerType GITHUB",
            ),
            (
                "GITHUB",
                "OAUTH",
                None,
                "t",
                "OAUTH is not supported by the CodeBuild API",
            ),
        ] {
            let refused = refusal(server, auth, username, token);
            let fits = match expected {
                "" => refused.is_empty(),
                text => refused.contains(text),
            };
            assert!(fits, "{server} {auth}: {refused}");
        }
    }
}
