//! Secrets Manager over JSON 1.1.

mod create;
mod delete;
mod describe;
mod get;
mod password;
mod record;
mod reference;
mod stages;
mod tags;
mod update;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store::Store;

pub(crate) use reference::Reference;

/// What [`call`] knows.
pub(crate) const OPERATIONS: [&str; 14] = [
    "CreateSecret",
    "GetSecretValue",
    "BatchGetSecretValue",
    "PutSecretValue",
    "UpdateSecret",
    "DescribeSecret",
    "ListSecrets",
    "ListSecretVersionIds",
    "DeleteSecret",
    "RestoreSecret",
    "TagResource",
    "UntagResource",
    "GetRandomPassword",
    "UpdateSecretVersionStage",
];

/// Whether [`call`] knows the operation.
pub(crate) fn has_operation(operation: &str) -> bool {
    OPERATIONS.contains(&operation)
}

/// Runs one operation.
///
/// # Errors
///
/// As the operation does.
pub(crate) async fn call(
    services: &Services,
    operation: &str,
    input: Value,
) -> Result<Value, AwsError> {
    match operation {
        "CreateSecret" => reply(create::secret(services, read(input)?).await?),
        "GetSecretValue" => reply(get::one(services, read(input)?)?),
        "BatchGetSecretValue" => reply(get::several(services, read(input)?)?),
        "PutSecretValue" => reply(update::value(services, read(input)?).await?),
        "UpdateSecret" => reply(update::secret(services, read(input)?).await?),
        "DescribeSecret" => reply(describe::secret(services, read(input)?)?),
        "ListSecrets" => reply(describe::list(services, read(input)?)?),
        "ListSecretVersionIds" => reply(describe::versions(services, read(input)?)?),
        "DeleteSecret" => reply(delete::delete(services, read(input)?).await?),
        "RestoreSecret" => reply(delete::restore(services, read(input)?).await?),
        "TagResource" => tags::tag(services, read(input)?).await,
        "UntagResource" => tags::untag(services, read(input)?).await,
        "GetRandomPassword" => reply(password::random(&read(input)?)?),
        "UpdateSecretVersionStage" => reply(stages::update(services, read(input)?).await?),
        _ => Err(AwsError::bare("UnknownOperationException")),
    }
}

/// A secret's text, whole. The id is a name, an ARN, or an ARN without its last seven characters.
/// Without stage and version it is that of `AWSCURRENT`.
///
/// # Errors
///
/// `ResourceNotFoundException`, `InvalidRequestException`, or `InvalidParameterException` if the
/// secret is binary.
pub(crate) fn value(
    store: &Store,
    account: &Account,
    secret_id: &str,
    stage: Option<&str>,
    version: Option<&str>,
) -> Result<String, AwsError> {
    let (name, secret) = record::find(store, account, secret_id)?;
    secret.check_alive()?;
    let version = secret.select(version, stage)?;
    match &version.string {
        Some(text) => Ok(text.0.clone()),
        None => Err(invalid_parameter(format!(
            "The secret {name} is binary: it has no SecretString."
        ))),
    }
}

fn not_found() -> AwsError {
    AwsError::not_found("Secrets Manager can't find the specified secret.")
}

fn invalid_request(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidRequestException", message)
}

fn invalid_parameter(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", message)
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}

fn reply<T: Serialize>(output: T) -> Result<Value, AwsError> {
    serde_json::to_value(output).map_err(AwsError::storage)
}
