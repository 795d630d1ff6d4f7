//! A subscription counts when its endpoint has confirmed it, with the token that it was sent.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::invalid;
use super::message;
use super::record;
use super::record::Subscription;
use super::record::Topic;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Confirm {
    topic_arn: String,
    token: String,
    authenticate_on_unsubscribe: Option<String>,
}

/// ConfirmSubscription.
pub(super) async fn confirm(services: &Services, input: Confirm) -> Result<Value, AwsError> {
    let topic = record::find_topic(services, &input.topic_arn)?;
    let mut pending = record::subscriptions(&services.store, Some(&topic.name))?.into_iter();
    let Some(found) = pending.find(|one| one.token == input.token) else {
        return Err(invalid("Token"));
    };
    let arn = found.arn(&services.account);
    let is_protected = input
        .authenticate_on_unsubscribe
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    record::change_subscription(services, &arn, move |subscription| {
        if !subscription.is_confirmed {
            subscription.is_confirmed = true;
            subscription.is_protected = is_protected;
        }
        Ok(())
    })
    .await?;
    Ok(json!({ "SubscriptionArn": arn }))
}

/// A fresh token.
pub(super) fn token() -> String {
    (0..4)
        .map(|_| uuid::Uuid::new_v4().simple().to_string())
        .collect()
}

/// Asks the endpoint to confirm a subscription.
pub(super) async fn ask(
    services: &Services,
    topic: &Topic,
    subscription: &Subscription,
) -> Result<(), AwsError> {
    let account = &services.account;
    let delivery = &services.sns;
    if subscription.protocol.starts_with("http") {
        let request = message::confirmation_request(account, subscription);
        delivery.post(request, topic, subscription);
        return Ok(());
    }
    let email = message::confirmation_email(account, topic, subscription);
    delivery.mail(email).await
}
