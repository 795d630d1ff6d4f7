//! Notification rules of projects: CodeStar Notifications over REST and JSON. What they send goes the
//! way of EventBridge's events, to topics of SNS.

mod event_types;
mod lists;
mod message;
mod record;
mod rest;
mod rules;
mod tags;
mod targets;

use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::AwsError;
use crate::model::NOTIFICATIONS;
use crate::services::Services;

pub(crate) use message::Notification;
pub(crate) use message::notifications;
pub(crate) use record::rules_in;
pub(crate) use rest::request;

/// The name that requests are signed with.
pub(crate) const SIGNING_NAME: &str = "codestar-notifications";

/// The service, as policies of topics name it.
pub(crate) const PRINCIPAL: &str = "codestar-notifications.amazonaws.com";

/// Runs one operation.
///
/// # Errors
///
/// As the operation does.
pub(crate) async fn call(
    services: &Services,
    operation: &str,
    mut input: Value,
) -> Result<Value, AwsError> {
    NOTIFICATIONS.check(operation, &input)?;
    NOTIFICATIONS.prune(operation, &mut input);
    match operation {
        "CreateNotificationRule" => rules::create(services, read(input)?).await,
        "DescribeNotificationRule" => rules::describe(services, &read(input)?),
        "UpdateNotificationRule" => rules::update(services, read(input)?).await,
        "DeleteNotificationRule" => rules::delete(services, read(input)?).await,
        "ListNotificationRules" => lists::rules(services, &read(input)?),
        "Subscribe" => targets::subscribe(services, read(input)?).await,
        "Unsubscribe" => targets::unsubscribe(services, read(input)?).await,
        "DeleteTarget" => targets::delete(services, read(input)?).await,
        "ListTargets" => lists::targets(services, &read(input)?),
        "ListEventTypes" => event_types::list(&read(input)?),
        "TagResource" => tags::tag(services, read(input)?).await,
        "UntagResource" => tags::untag(services, read(input)?).await,
        "ListTagsForResource" => tags::list(services, &read(input)?),
        _ => Err(AwsError::bare("UnknownOperationException")),
    }
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationException", message)
}

fn not_found(arn: &str) -> AwsError {
    AwsError::new(
        "ResourceNotFoundException",
        format!("Notification rule {arn} is not found."),
    )
    .with_status(StatusCode::NOT_FOUND)
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}
