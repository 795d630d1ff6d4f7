//! Simple Notification Service over the query protocol: topics, subscriptions, and their delivery to
//! web servers of this machine and to a mailbox of files.

mod confirmation;
mod delivery;
mod delivery_policy;
mod filter_policy;
mod lists;
mod mailbox;
mod message;
mod publish;
mod record;
mod subscription_attributes;
mod subscriptions;
mod tags;
mod topic_attributes;
mod topic_policy;
mod topics;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::access_keys::Caller;
use crate::error::AwsError;
use crate::model::SNS;
use crate::services::Services;

pub use mailbox::Email;
pub use mailbox::Mailbox;
pub use publish::ServiceNotification;

pub(crate) use delivery::Delivery;
pub(crate) use publish::lets_service_publish;
pub(crate) use publish::publish;
pub(crate) use publish::publish_for_account;

/// Runs one operation.
///
/// # Errors
///
/// As the operation does.
pub(crate) async fn call(
    services: &Services,
    caller: &Caller,
    operation: &str,
    mut input: Value,
) -> Result<Value, AwsError> {
    SNS.check(operation, &input)?;
    SNS.prune(operation, &mut input);
    match operation {
        "CreateTopic" => topics::create(services, read(input)?).await,
        "DeleteTopic" => topics::delete(services, read(input)?).await,
        "ListTopics" => lists::topics(services, &read(input)?),
        "GetTopicAttributes" => topic_attributes::get(services, &read(input)?),
        "SetTopicAttributes" => topic_attributes::set(services, read(input)?).await,
        "Subscribe" => subscriptions::subscribe(services, caller, read(input)?).await,
        "ConfirmSubscription" => confirmation::confirm(services, read(input)?).await,
        "Unsubscribe" => subscriptions::unsubscribe(services, caller, read(input)?).await,
        "ListSubscriptions" => lists::subscriptions(services, &read(input)?),
        "ListSubscriptionsByTopic" => lists::subscriptions_by_topic(services, &read(input)?),
        "GetSubscriptionAttributes" => subscription_attributes::get(services, &read(input)?),
        "SetSubscriptionAttributes" => subscription_attributes::set(services, read(input)?).await,
        "Publish" => publish::operation(services, caller, read(input)?).await,
        "TagResource" => tags::tag(services, read(input)?).await,
        "UntagResource" => tags::untag(services, read(input)?).await,
        "ListTagsForResource" => tags::list(services, &read(input)?),
        _ => Err(AwsError::bare("UnknownOperationException")),
    }
}

/// `Invalid parameter: …`
fn invalid(what: impl std::fmt::Display) -> AwsError {
    AwsError::new("InvalidParameter", format!("Invalid parameter: {what}"))
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}
