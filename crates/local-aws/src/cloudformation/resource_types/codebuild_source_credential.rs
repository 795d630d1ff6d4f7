//! `AWS::CodeBuild::SourceCredential`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Made;
use super::Request;
use super::codebuild;
use super::properties;
use crate::codebuild::SourceCredentials;
use crate::error::AwsError;
use crate::store;

/// One server has one credential, and its ARN is made of the server's type.
pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    let account = &request.services.account;
    Some(format!(
        "arn:aws:codebuild:{}:{}:token/{}",
        account.region,
        account.id,
        properties::text(properties, "ServerType").to_ascii_lowercase()
    ))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    import(request, properties, false).await
}

pub(super) async fn update(
    request: &Request<'_>,
    _physical_id: &str,
    _old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    import(request, new, true).await
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    let input = json!({ "arn": physical_id });
    match call(request, "DeleteSourceCredentials", input).await {
        Err(error) if error.code != "ResourceNotFoundException" => {
            Err(refused("DeleteSourceCredentials", error))
        }
        _ => Ok(()),
    }
}

pub(super) async fn read(
    request: &Request<'_>,
    _physical_id: &str,
    properties: &Value,
) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(there) = stored(request, properties)? else {
        return Ok(None);
    };
    // The token and the user's name never come out again.
    let mut live = Map::new();
    live.insert("AuthType".to_owned(), there.auth_type.into());
    live.insert("ServerType".to_owned(), there.server_type.into());
    properties::copy_live(properties, "Token", &mut live);
    properties::copy_live(properties, "Username", &mut live);
    Ok(Some(live))
}

/// Credentials have no tags: they were made here if they are just those that are wanted.
pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let username = properties.get("Username").and_then(Value::as_str);
    let is_there = stored(request, properties)?.is_some_and(|there| {
        there.token.0 == properties::text(properties, "Token")
            && there.auth_type == properties::text(properties, "AuthType")
            && there.username.as_deref() == username
    });
    Ok(is_there.then(|| made(request, properties)))
}

async fn import(
    request: &Request<'_>,
    properties: &Value,
    overwrite: bool,
) -> Result<Made, Failure> {
    let mut input = json!({ "shouldOverwrite": overwrite });
    for (property, member) in [
        ("AuthType", "authType"),
        ("ServerType", "serverType"),
        ("Token", "token"),
        ("Username", "username"),
    ] {
        properties::copy(properties, property, &mut input, member);
    }
    match call(request, "ImportSourceCredentials", input).await {
        Ok(_) => Ok(made(request, properties)),
        Err(error) => Err(refused("ImportSourceCredentials", error)),
    }
}

fn stored(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<SourceCredentials>, Failure> {
    let server = properties::text(properties, "ServerType");
    let found = request.services.store.read(|transaction| {
        store::get(
            &transaction.open_table(store::SOURCE_CREDENTIALS)?,
            server,
        )
    });
    found.map_err(|error| refused("ListSourceCredentials", error))
}

fn made(request: &Request<'_>, properties: &Value) -> Made {
    let arn = planned_id(request, properties).unwrap_or_default();
    Made::new(arn.clone(), [("Arn", arn.into())])
}

async fn call(
    request: &Request<'_>,
    operation: &'static str,
    input: Value,
) -> Result<Value, AwsError> {
    request.call("codebuild", operation, input).await
}

/// The handler of this type says which call has failed.
fn refused(operation: &str, error: AwsError) -> Failure {
    let reason = error.message.unwrap_or_default();
    let message = format!("Failed to call {operation}, reason: {reason}");
    codebuild::refused(&AwsError {
        message: Some(message),
        ..error
    })
}
