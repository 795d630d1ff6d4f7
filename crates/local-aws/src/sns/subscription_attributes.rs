//! Attributes of subscriptions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::delivery_policy;
use super::filter_policy;
use super::invalid;
use super::record;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SubscriptionArn {
    subscription_arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetSubscriptionAttributes {
    subscription_arn: String,
    attribute_name: String,
    attribute_value: Option<String>,
}

/// GetSubscriptionAttributes.
pub(super) fn get(services: &Services, input: &SubscriptionArn) -> Result<Value, AwsError> {
    let account = &services.account;
    let subscription = record::find_subscription(services, &input.subscription_arn)?;
    let topic_arn = account.topic_arn(&subscription.topic);
    let topic = record::find_topic(services, &topic_arn)?;
    let mut attributes = Map::new();
    for (name, value) in [
        ("SubscriptionArn", subscription.arn(account)),
        ("TopicArn", topic_arn),
        ("Owner", account.id.clone()),
        ("Protocol", subscription.protocol.clone()),
        ("Endpoint", subscription.endpoint.clone()),
        ("SubscriptionPrincipal", account.user_arn()),
        (
            "PendingConfirmation",
            (!subscription.is_confirmed).to_string(),
        ),
        (
            "ConfirmationWasAuthenticated",
            subscription.is_protected.to_string(),
        ),
        ("RawMessageDelivery", "false".to_owned()),
    ] {
        attributes.insert(name.to_owned(), value.into());
    }
    if subscription.protocol.starts_with("http") {
        let effective = delivery_policy::effective_of_subscription(&topic, &subscription);
        attributes.insert("EffectiveDeliveryPolicy".to_owned(), effective.into());
    }
    let has_filter = subscription.attributes.contains_key("FilterPolicy");
    if has_filter {
        attributes.insert("FilterPolicyScope".to_owned(), "MessageAttributes".into());
    }
    for (name, value) in subscription.attributes {
        attributes.insert(name, value.into());
    }
    Ok(json!({ "Attributes": attributes }))
}

/// SetSubscriptionAttributes.
pub(super) async fn set(
    services: &Services,
    input: SetSubscriptionAttributes,
) -> Result<Value, AwsError> {
    record::change_subscription(services, &input.subscription_arn, move |subscription| {
        put(
            &mut subscription.attributes,
            &subscription.protocol,
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
    protocol: &str,
    name: &str,
    value: Option<String>,
) -> Result<(), AwsError> {
    let value = value.unwrap_or_default();
    match name {
        "RawMessageDelivery" => {
            if !matches!(value.to_ascii_lowercase().as_str(), "true" | "false") {
                return Err(invalid(format!(
                    "RawMessageDelivery Reason: RawMessageDelivery: Invalid value [{value}]. Must \
                     be true or false."
                )));
            }
            if !protocol.starts_with("http") && value.eq_ignore_ascii_case("true") {
                return Err(invalid(format!(
                    "RawMessageDelivery Reason: Delivery protocol [{protocol}] does not support \
                     raw message delivery."
                )));
            }
            attributes.insert(name.to_owned(), value.to_ascii_lowercase());
            return Ok(());
        }
        // An empty policy takes the policy away.
        "FilterPolicy" if matches!(value.trim(), "" | "{}") => {
            attributes.remove(name);
            return Ok(());
        }
        "FilterPolicy" => filter_policy::check(&value)?,
        "FilterPolicyScope" => {
            if !matches!(value.as_str(), "MessageAttributes" | "MessageBody") {
                return Err(invalid(format!(
                    "FilterPolicyScope: Invalid value [{value}]"
                )));
            }
        }
        "DeliveryPolicy" if value.is_empty() => {
            attributes.remove(name);
            return Ok(());
        }
        "DeliveryPolicy" => delivery_policy::check_of_subscription(&value)?,
        "RedrivePolicy" => {
            return Err(invalid(
                "RedrivePolicy: the local AWS has no SQS queues for messages that are not delivered",
            ));
        }
        _ => return Err(invalid("AttributeName")),
    }
    attributes.insert(name.to_owned(), value);
    Ok(())
}
