//! `AWS::SNS::Subscription`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Live;
use super::Made;
use super::Request;
use super::failure;
use super::properties;
use super::sns_topic::SNS;

const TYPE: &str = "AWS::SNS::Subscription";

/// What the local SNS does not do.
const UNSUPPORTED: [(&str, &str); 3] = [
    ("RedrivePolicy", "there are no SQS queues"),
    ("ReplayPolicy", "its SNS has no FIFO topics"),
    ("SubscriptionRoleArn", "there is no Amazon Data Firehose"),
];

/// Properties that are attributes of the subscription by the same name, and what they are without a
/// value.
const ATTRIBUTES: [(&str, &str); 4] = [
    ("DeliveryPolicy", ""),
    ("FilterPolicy", ""),
    ("FilterPolicyScope", "MessageAttributes"),
    ("RawMessageDelivery", "false"),
];

/// SNS makes the ARN.
pub(super) fn planned_id(_request: &Request<'_>, _properties: &Value) -> Option<String> {
    None
}

/// To subscribe an endpoint again is the same subscription, as on AWS.
pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    refuse(request, properties)?;
    let mut attributes = Map::new();
    for (name, _) in ATTRIBUTES {
        if let Some(value) = properties.get(name) {
            attributes.insert(name.to_owned(), properties::document(value).into());
        }
    }
    let mut input = json!({
        "TopicArn": properties["TopicArn"],
        "Protocol": properties["Protocol"],
        "Attributes": attributes,
        "ReturnSubscriptionArn": true,
    });
    properties::copy(properties, "Endpoint", &mut input, "Endpoint");
    let output = request.ask(SNS, "Subscribe", input).await?;
    Ok(made(properties::text(&output, "SubscriptionArn")))
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    refuse(request, new)?;
    if attributes(request, physical_id).await?.is_none() {
        return Err(Failure::not_found(TYPE, physical_id));
    }
    for (name, default) in ATTRIBUTES {
        if old.get(name) == new.get(name) {
            continue;
        }
        let value = new.get(name).map(properties::document);
        let input = json!({
            "SubscriptionArn": physical_id,
            "AttributeName": name,
            "AttributeValue": value.as_deref().unwrap_or(default),
        });
        request.ask(SNS, "SetSubscriptionAttributes", input).await?;
    }
    Ok(made(physical_id))
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    let input = json!({ "SubscriptionArn": physical_id });
    let deleted = request.ask(SNS, "Unsubscribe", input).await;
    failure::if_there(deleted).map(|_| ())
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Live, Failure> {
    let Some(attributes) = attributes(request, physical_id).await? else {
        return Ok(None);
    };
    let mut live = Map::new();
    for name in ["TopicArn", "Protocol", "Endpoint"] {
        live.insert(name.to_owned(), attributes[name].clone());
    }
    let raw = attributes["RawMessageDelivery"] == "true";
    live.insert("RawMessageDelivery".to_owned(), raw.into());
    for name in ["DeliveryPolicy", "FilterPolicy", "FilterPolicyScope"] {
        if let Some(value) = attributes.get(name) {
            live.insert(name.to_owned(), value.clone());
        }
    }
    properties::copy_live(properties, "Region", &mut live);
    Ok(Some(live))
}

/// Nothing tells whose a subscription is: `create` finds what an earlier try has made.
pub(super) async fn find(
    _request: &Request<'_>,
    _properties: &Value,
) -> Result<Option<Made>, Failure> {
    Ok(None)
}

fn refuse(request: &Request<'_>, properties: &Value) -> Result<(), Failure> {
    properties::refuse(properties, &UNSUPPORTED)?;
    let region = &request.services.account.region;
    match properties.get("Region") {
        Some(other) if other != region.as_str() => Err(Failure::unsupported_property(
            "Region",
            "it has one region only",
        )),
        _ => Ok(()),
    }
}

async fn attributes(request: &Request<'_>, arn: &str) -> Result<Option<Value>, Failure> {
    let input = json!({ "SubscriptionArn": arn });
    let found = request.ask(SNS, "GetSubscriptionAttributes", input).await;
    let found = failure::if_there(found)?;
    Ok(found.map(|mut found| found["Attributes"].take()))
}

fn made(arn: &str) -> Made {
    Made::new(arn, [("Arn", arn.into())])
}
