//! Attributes of topics.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::delivery_policy;
use super::invalid;
use super::record;
use super::record::Topic;
use super::topic_policy;
use super::topics::TopicArn;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetTopicAttributes {
    topic_arn: String,
    attribute_name: String,
    attribute_value: Option<String>,
}

/// Those of FIFO topics.
const OF_FIFO: [&str; 4] = [
    "FifoTopic",
    "ContentBasedDeduplication",
    "ArchivePolicy",
    "FifoThroughputScope",
];

/// GetTopicAttributes.
pub(super) fn get(services: &Services, input: &TopicArn) -> Result<Value, AwsError> {
    let account = &services.account;
    let topic = record::find_topic(services, &input.topic_arn)?;
    let subscriptions = record::subscriptions(&services.store, Some(&topic.name))?;
    let confirmed = subscriptions.iter().filter(|one| one.is_confirmed).count();
    let pending = subscriptions.len() - confirmed;
    let mut attributes = Map::new();
    for (name, value) in [
        ("TopicArn", account.topic_arn(&topic.name)),
        ("Owner", account.id.clone()),
        ("Policy", policy(account, &topic)),
        ("DisplayName", String::new()),
        ("SubscriptionsPending", pending.to_string()),
        ("SubscriptionsConfirmed", confirmed.to_string()),
        ("SubscriptionsDeleted", topic.unsubscribed.to_string()),
        (
            "EffectiveDeliveryPolicy",
            delivery_policy::effective_of_topic(&topic),
        ),
    ] {
        attributes.insert(name.to_owned(), value.into());
    }
    for (name, value) in topic.attributes {
        attributes.insert(name, value.into());
    }
    Ok(json!({ "Attributes": attributes }))
}

/// SetTopicAttributes.
pub(super) async fn set(services: &Services, input: SetTopicAttributes) -> Result<Value, AwsError> {
    record::change_topic(services, &input.topic_arn, move |topic| {
        put(
            &mut topic.attributes,
            &input.attribute_name,
            input.attribute_value,
        )?;
        Ok(json!({}))
    })
    .await
}

/// Checks and sets an attribute. Without a value it is as if it had never been set.
pub(super) fn put(
    attributes: &mut BTreeMap<String, String>,
    name: &str,
    value: Option<String>,
) -> Result<(), AwsError> {
    let value = value.unwrap_or_default();
    match name {
        "Policy" if !value.is_empty() => topic_policy::check(&value)?,
        "DeliveryPolicy" if !value.is_empty() => delivery_policy::check_of_topic(&value)?,
        "SignatureVersion" if !matches!(value.as_str(), "" | "1" | "2") => {
            return Err(invalid("SignatureVersion"));
        }
        "TracingConfig" if !matches!(value.as_str(), "" | "PassThrough" | "Active") => {
            return Err(invalid("TracingConfig"));
        }
        "DisplayName" if value.chars().count() > 100 => return Err(invalid("DisplayName")),
        "Policy" | "DeliveryPolicy" | "SignatureVersion" | "TracingConfig" | "DisplayName"
        | "KmsMasterKeyId" => {}
        name if OF_FIFO.contains(&name) => {
            if value == "false" {
                return Ok(());
            }
            return Err(invalid(format!(
                "AttributeName {name}: the local AWS has no FIFO topics"
            )));
        }
        // How deliveries would be logged: HTTPSuccessFeedbackRoleArn and its like.
        name if name.contains("FeedbackRoleArn") || name.contains("FeedbackSampleRate") => {}
        _ => return Err(invalid("AttributeName")),
    }
    if value.is_empty() {
        attributes.remove(name);
    } else {
        attributes.insert(name.to_owned(), value);
    }
    Ok(())
}

/// The policy that counts.
pub(super) fn policy(account: &Account, topic: &Topic) -> String {
    let own = topic.attributes.get("Policy").cloned();
    own.unwrap_or_else(|| topic_policy::default(account, &topic.name))
}
