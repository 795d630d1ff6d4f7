//! Systems Manager Parameter Store over JSON 1.1.

mod delete;
mod get;
mod list;
mod name;
mod put;
mod record;
mod tags;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::Store;
use name::Selected;
use record::Parameter;

/// What [`call`] knows.
pub(crate) const OPERATIONS: [&str; 12] = [
    "PutParameter",
    "GetParameter",
    "GetParameters",
    "GetParametersByPath",
    "GetParameterHistory",
    "DescribeParameters",
    "DeleteParameter",
    "DeleteParameters",
    "LabelParameterVersion",
    "AddTagsToResource",
    "RemoveTagsFromResource",
    "ListTagsForResource",
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
        "PutParameter" => reply(put::parameter(services, read(input)?).await?),
        "GetParameter" => reply(get::one(services, read(input)?)?),
        "GetParameters" => reply(get::several(services, read(input)?)?),
        "GetParametersByPath" => reply(list::by_path(services, read(input)?)?),
        "GetParameterHistory" => reply(list::history(services, read(input)?)?),
        "DescribeParameters" => reply(list::describe(services, read(input)?)?),
        "DeleteParameter" => delete::one(services, read(input)?).await,
        "DeleteParameters" => reply(delete::several(services, read(input)?).await?),
        "LabelParameterVersion" => reply(put::label(services, read(input)?).await?),
        "AddTagsToResource" => tags::add(services, read(input)?).await,
        "RemoveTagsFromResource" => tags::remove(services, read(input)?).await,
        "ListTagsForResource" => reply(tags::list(services, read(input)?)?),
        _ => Err(AwsError::bare("UnknownOperationException")),
    }
}

/// A parameter's value, decrypted; `None` if there is no such parameter or version. The name may be
/// an ARN and may end in `:version` or `:label`.
///
/// # Errors
///
/// If the name is not one, or the state cannot be read.
pub(crate) fn value(
    store: &Store,
    account: &Account,
    name: &str,
) -> Result<Option<String>, AwsError> {
    let selected = Selected::parse(account, name)?;
    let Some(parameter) = find(store, selected.name)? else {
        return Ok(None);
    };
    Ok(parameter
        .select(selected.selector)
        .map(|version| version.value.0.clone()))
}

/// The record of a parameter.
fn find(store: &Store, name: &str) -> Result<Option<Parameter>, AwsError> {
    store.read(|transaction| store::get(&transaction.open_table(store::PARAMETERS)?, name))
}

/// AWS sends this error without a message.
const fn not_found() -> AwsError {
    AwsError::bare("ParameterNotFound")
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationException", message)
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}

fn reply<T: Serialize>(output: T) -> Result<Value, AwsError> {
    serde_json::to_value(output).map_err(AwsError::storage)
}
