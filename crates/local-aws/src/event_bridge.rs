//! EventBridge over JSON 1.1: the default event bus, its rules and their targets.
//!
//! Events are written to a queue together with what they tell of ([`queue`]); [`delivery`] takes them
//! to the targets of the rules that want them.

mod buses;
mod delivery;
mod input_transformer;
mod pattern;
mod put_events;
mod queue;
mod record;
mod rule_lists;
mod rules;
mod schedule;
mod scheduled_rules;
mod tags;
mod target_kinds;
mod target_lists;
mod targets;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::AwsError;
use crate::model::EVENTS;
use crate::services::Services;

pub(crate) use delivery::record_message;
pub(crate) use delivery::start;
pub(crate) use queue::NewEvent;
pub(crate) use queue::is_anybody_interested;
pub(crate) use queue::record;

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
    EVENTS.check(operation, &input)?;
    EVENTS.prune(operation, &mut input);
    match operation {
        "PutRule" => rules::put(services, read(input)?).await,
        "DescribeRule" => rules::describe(services, &read(input)?),
        "EnableRule" => rules::enable(services, &read(input)?, true).await,
        "DisableRule" => rules::enable(services, &read(input)?, false).await,
        "DeleteRule" => rules::delete(services, read(input)?).await,
        "ListRules" => rule_lists::rules(services, &read(input)?),
        "ListRuleNamesByTarget" => rule_lists::names_by_target(services, &read(input)?),
        "PutTargets" => targets::put(services, read(input)?).await,
        "RemoveTargets" => targets::remove(services, read(input)?).await,
        "ListTargetsByRule" => target_lists::by_rule(services, &read(input)?),
        "PutEvents" => put_events::put(services, read(input)?).await,
        "TestEventPattern" => put_events::test_pattern(&read(input)?),
        "TagResource" => tags::tag(services, read(input)?).await,
        "UntagResource" => tags::untag(services, read(input)?).await,
        "ListTagsForResource" => tags::list(services, &read(input)?),
        "DescribeEventBus" => buses::describe(services, &read(input)?),
        "ListEventBuses" => buses::list(services, &read(input)?),
        _ => Err(AwsError::bare("UnknownOperationException")),
    }
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("ValidationException", message)
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}
