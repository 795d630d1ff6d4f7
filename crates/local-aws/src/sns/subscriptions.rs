//! Subscribe and Unsubscribe.

use std::collections::BTreeMap;
use std::net::IpAddr;

use http::Uri;
use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::confirmation;
use super::invalid;
use super::record;
use super::record::Subscription;
use super::record::Topic;
use super::subscription_attributes;
use crate::access_keys::Caller;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Subscribe {
    topic_arn: String,
    protocol: String,
    endpoint: Option<String>,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    return_subscription_arn: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Unsubscribe {
    subscription_arn: String,
}

/// Subscribe. The same endpoint again is the same subscription: it is asked again to confirm, or its
/// ARN is answered.
pub(super) async fn subscribe(
    services: &Services,
    caller: &Caller,
    input: Subscribe,
) -> Result<Value, AwsError> {
    let endpoint = input.endpoint.unwrap_or_default();
    let topic = record::find_topic(services, &input.topic_arn)?;
    check_endpoint(&input.protocol, &endpoint)?;
    if caller.build().is_some() && input.protocol.starts_with("http") {
        // A build's container does not reach this machine's other servers, and must not so either.
        return Err(AwsError::new(
            "AuthorizationError",
            "A build may not subscribe a web server: the local AWS delivers to this machine. \
             Subscribe it from outside of builds.",
        ));
    }
    let mut attributes = BTreeMap::new();
    for (name, value) in input.attributes {
        subscription_attributes::put(&mut attributes, &input.protocol, &name, Some(value))?;
    }
    let new = Subscription {
        topic: topic.name.clone(),
        id: uuid::Uuid::new_v4().to_string(),
        protocol: input.protocol,
        endpoint,
        token: confirmation::token(),
        is_confirmed: false,
        is_protected: false,
        attributes,
    };
    let subscription = services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::SNS_SUBSCRIPTIONS)?;
            let same =
                |one: &Subscription| one.protocol == new.protocol && one.endpoint == new.endpoint;
            let mut known = record::subscriptions_in(&*table, Some(&new.topic))?.into_iter();
            if let Some(known) = known.find(same) {
                if !new.attributes.is_empty() && new.attributes != known.attributes {
                    return Err(invalid(
                        "Attributes Reason: Subscription already exists with different attributes",
                    )
                    .into());
                }
                return Ok(known);
            }
            let bytes = serde_json::to_vec(&new)?;
            table.insert((new.topic.as_str(), new.id.as_str()), bytes.as_slice())?;
            Ok(new)
        })
        .await?;
    let arn = subscription.arn(&services.account);
    if subscription.is_confirmed {
        return Ok(json!({ "SubscriptionArn": arn }));
    }
    confirmation::ask(services, &topic, &subscription).await?;
    let shown = match input.return_subscription_arn {
        true => arn,
        false => "pending confirmation".to_owned(),
    };
    Ok(json!({ "SubscriptionArn": shown }))
}

/// Unsubscribe.
pub(super) async fn unsubscribe(
    services: &Services,
    caller: &Caller,
    input: Unsubscribe,
) -> Result<Value, AwsError> {
    let (topic, id) = record::subscription_key(&services.account, &input.subscription_arn)?;
    let (topic, id) = (topic.to_owned(), id.to_owned());
    let is_signed = *caller != Caller::Anonymous;
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::SNS_SUBSCRIPTIONS)?;
            let key = (topic.as_str(), id.as_str());
            let found = table
                .get(key)?
                .map(|bytes| serde_json::from_slice::<Subscription>(bytes.value()))
                .transpose()?;
            // What is not there is no error.
            let Some(subscription) = found else {
                return Ok(json!({}));
            };
            if subscription.is_protected && !is_signed {
                return Err(AwsError::new(
                    "AuthorizationError",
                    "The subscription was confirmed with AuthenticateOnUnsubscribe: only a signed \
                     request ends it.",
                )
                .into());
            }
            table.remove(key)?;
            let mut topics = transaction.open_table(store::SNS_TOPICS)?;
            if let Some(mut record) = store::get::<Topic>(&*topics, &topic)? {
                record.unsubscribed += 1;
                store::put(&mut topics, &topic, &record)?;
            }
            Ok(json!({}))
        })
        .await
}

fn check_endpoint(protocol: &str, endpoint: &str) -> Result<(), AwsError> {
    match protocol {
        "http" | "https" => check_url(protocol, endpoint),
        "email" | "email-json" => {
            let is_address = endpoint
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
            if is_address && !endpoint.contains(char::is_whitespace) {
                Ok(())
            } else {
                Err(invalid("Email address"))
            }
        }
        "sqs" | "lambda" | "sms" | "application" | "firehose" => Err(invalid(format!(
            "Protocol Reason: the local AWS cannot deliver to {protocol}. Use email, which goes to \
             its mailbox, or http and a server on this machine"
        ))),
        _ => Err(invalid(format!(
            "Amazon SNS does not support this protocol string: {protocol}"
        ))),
    }
}

/// Messages do not leave this machine.
fn check_url(protocol: &str, endpoint: &str) -> Result<(), AwsError> {
    let uri: Option<Uri> = endpoint.parse().ok();
    let Some(uri) = uri.filter(|uri| uri.scheme_str() == Some(protocol)) else {
        return Err(invalid("Endpoint must match the specified protocol"));
    };
    if is_loopback(&uri) {
        Ok(())
    } else {
        Err(invalid(format!(
            "Endpoint Reason: the local AWS delivers to this machine only. Use {protocol}://127.0.0.1 \
             or {protocol}://localhost"
        )))
    }
}

fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let address: Result<IpAddr, _> = host.trim_matches(['[', ']']).parse();
    address.is_ok_and(|address| address.is_loopback()) || host.eq_ignore_ascii_case("localhost")
}
