//! Event buses: there is the default one.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;

pub(super) const DEFAULT: &str = "default";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeEventBus {
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListEventBuses {
    name_prefix: Option<String>,
}

/// Whether a name or ARN is that of the default bus, as none is.
///
/// # Errors
///
/// `ResourceNotFoundException` for another bus.
pub(super) fn check(account: &Account, bus: Option<&str>) -> Result<(), AwsError> {
    match bus {
        None | Some(DEFAULT) => Ok(()),
        Some(arn) if arn == account.event_bus_arn(DEFAULT) => Ok(()),
        Some(other) => Err(AwsError::not_found(format!(
            "Event bus {other} does not exist."
        ))),
    }
}

/// DescribeEventBus.
pub(super) fn describe(services: &Services, input: &DescribeEventBus) -> Result<Value, AwsError> {
    check(&services.account, input.name.as_deref())?;
    Ok(bus(&services.account))
}

/// ListEventBuses.
pub(super) fn list(services: &Services, input: &ListEventBuses) -> Result<Value, AwsError> {
    let prefix = input.name_prefix.as_deref().unwrap_or_default();
    let buses: Vec<Value> = DEFAULT
        .starts_with(prefix)
        .then(|| bus(&services.account))
        .into_iter()
        .collect();
    Ok(json!({ "EventBuses": buses }))
}

fn bus(account: &Account) -> Value {
    json!({ "Name": DEFAULT, "Arn": account.event_bus_arn(DEFAULT) })
}
