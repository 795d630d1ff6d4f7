//! `AWS::SNS::Topic`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Live;
use super::Made;
use super::Request;
use super::failure;
use super::names;
use super::properties;
use super::request::Service;
use super::tags;

const TYPE: &str = "AWS::SNS::Topic";

/// As handlers of all types of SNS name it.
pub(super) const SNS: Service = Service {
    signing_name: "sns",
    shown_name: "Sns",
};

/// How long a name is at most.
const LONGEST: usize = 256;

/// What the local SNS does not do.
const UNSUPPORTED: [(&str, &str); 5] = [
    ("ArchivePolicy", "its SNS has no FIFO topics"),
    ("DataProtectionPolicy", "its SNS looks into no messages"),
    ("DeliveryStatusLogging", "its SNS writes no delivery logs"),
    ("FifoThroughputScope", "its SNS has no FIFO topics"),
    (
        "MaximumMessageSize",
        "its SNS has one limit for all topics",
    ),
];

/// The same, if they are true.
const OF_FIFO: [&str; 2] = ["FifoTopic", "ContentBasedDeduplication"];

/// Properties that are attributes of the topic by the same name.
const ATTRIBUTES: [&str; 4] = [
    "DisplayName",
    "KmsMasterKeyId",
    "SignatureVersion",
    "TracingConfig",
];

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(arn(request, properties))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    refuse(properties)?;
    let (name, arn) = (name(request, properties), arn(request, properties));
    if attributes(request, &arn).await?.is_some() {
        return Err(Failure::already_exists(TYPE, name));
    }
    let tags = request.tags(tags::own(properties), true);
    let input = json!({
        "Name": name,
        "Attributes": attributes_of(properties),
        "Tags": tags::to_list(&tags),
    });
    request.ask(SNS, "CreateTopic", input).await?;
    let subscribed = subscribe(request, &arn, properties).await;
    if let Err(failure) = subscribed {
        delete(request, &arn, properties).await?;
        return Err(failure);
    }
    Ok(made(&arn))
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    refuse(new)?;
    if attributes(request, physical_id).await?.is_none() {
        return Err(Failure::not_found(TYPE, physical_id));
    }
    for name in ATTRIBUTES {
        if old.get(name) != new.get(name) {
            let input = json!({
                "TopicArn": physical_id,
                "AttributeName": name,
                "AttributeValue": properties::text(new, name),
            });
            request.ask(SNS, "SetTopicAttributes", input).await?;
        }
    }
    let there = tags_of(request, physical_id).await?;
    let change = tags::change(&there, &request.tags(tags::own(new), true));
    if !change.removed.is_empty() {
        let input = json!({ "ResourceArn": physical_id, "TagKeys": change.removed });
        request.ask(SNS, "UntagResource", input).await?;
    }
    if !change.put.is_empty() {
        let input = json!({ "ResourceArn": physical_id, "Tags": tags::to_list(&change.put) });
        request.ask(SNS, "TagResource", input).await?;
    }
    let (before, after) = (
        properties::list(old, "Subscription"),
        properties::list(new, "Subscription"),
    );
    if before != after {
        subscribe(request, physical_id, new).await?;
    }
    for subscription in subscriptions(request, physical_id).await? {
        let is_same = |one: &&Value| is_same(one, &subscription);
        let is_gone = before.iter().any(|one| is_same(&one)) && !after.iter().any(|one| is_same(&one));
        // As on AWS, nothing ends what nobody has confirmed.
        if is_gone && subscription["SubscriptionArn"] != "PendingConfirmation" {
            let input = json!({ "SubscriptionArn": subscription["SubscriptionArn"] });
            request.ask(SNS, "Unsubscribe", input).await?;
        }
    }
    Ok(made(physical_id))
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    let input = json!({ "TopicArn": physical_id });
    request.ask(SNS, "DeleteTopic", input).await.map(|_| ())
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
    for name in ATTRIBUTES {
        if let Some(value) = attributes.get(name).filter(|value| *value != "") {
            live.insert(name.to_owned(), value.clone());
        }
    }
    live.insert("TopicName".to_owned(), name_in(physical_id).into());
    for name in OF_FIFO {
        live.insert(name.to_owned(), false.into());
    }
    // Others may be resources of their own.
    let there = subscriptions(request, physical_id).await?;
    let wanted = properties::list(properties, "Subscription").iter();
    let shown = wanted.filter(|wanted| there.iter().any(|one| is_same(wanted, one)));
    live.insert("Subscription".to_owned(), shown.cloned().collect());
    let tags = tags_of(request, physical_id).await?;
    live.insert("Tags".to_owned(), tags::live(request, &tags, properties));
    Ok(Some(live))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let arn = arn(request, properties);
    if attributes(request, &arn).await?.is_none()
        || !tags::are_of(request, &tags_of(request, &arn).await?)
    {
        return Ok(None);
    }
    subscribe(request, &arn, properties).await?;
    Ok(Some(made(&arn)))
}

/// The attributes of a topic, if it is there.
pub(super) async fn attributes(
    request: &Request<'_>,
    arn: &str,
) -> Result<Option<Value>, Failure> {
    let input = json!({ "TopicArn": arn });
    let found = request.ask(SNS, "GetTopicAttributes", input).await;
    let found = failure::if_there(found)?;
    Ok(found.map(|mut found| found["Attributes"].take()))
}

/// Sets the policy of a topic; to its default without one.
pub(super) async fn set_policy(
    request: &Request<'_>,
    arn: &Value,
    policy: &str,
) -> Result<(), Failure> {
    let input = json!({
        "TopicArn": arn,
        "AttributeName": "Policy",
        "AttributeValue": policy,
    });
    let set = request.ask(SNS, "SetTopicAttributes", input).await;
    set.map(|_| ())
}

fn refuse(properties: &Value) -> Result<(), Failure> {
    properties::refuse(properties, &UNSUPPORTED)?;
    let fifo = OF_FIFO.iter().find(|name| properties[**name] == true);
    match fifo {
        Some(name) => Err(Failure::unsupported_property(
            name,
            "its SNS has no FIFO topics",
        )),
        None => Ok(()),
    }
}

fn attributes_of(properties: &Value) -> Value {
    let mut attributes = json!({});
    for name in ATTRIBUTES {
        properties::copy(properties, name, &mut attributes, name);
    }
    attributes
}

/// To subscribe an endpoint again changes nothing.
async fn subscribe(request: &Request<'_>, arn: &str, properties: &Value) -> Result<(), Failure> {
    let there = subscriptions(request, arn).await?;
    for subscription in properties::list(properties, "Subscription") {
        if there.iter().any(|one| is_same(subscription, one)) {
            continue;
        }
        let input = json!({
            "TopicArn": arn,
            "Protocol": subscription["Protocol"],
            "Endpoint": subscription["Endpoint"],
        });
        request.ask(SNS, "Subscribe", input).await?;
    }
    Ok(())
}

async fn subscriptions(request: &Request<'_>, arn: &str) -> Result<Vec<Value>, Failure> {
    let (mut all, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut input = json!({ "TopicArn": arn });
        if token.is_string() {
            input["NextToken"] = token;
        }
        let page = request.ask(SNS, "ListSubscriptionsByTopic", input).await?;
        all.extend(properties::list(&page, "Subscriptions").iter().cloned());
        token = page["NextToken"].clone();
        if !token.is_string() {
            return Ok(all);
        }
    }
}

fn is_same(one: &Value, other: &Value) -> bool {
    one["Protocol"] == other["Protocol"] && one["Endpoint"] == other["Endpoint"]
}

async fn tags_of(request: &Request<'_>, arn: &str) -> Result<tags::Tags, Failure> {
    let input = json!({ "ResourceArn": arn });
    let shown = request.ask(SNS, "ListTagsForResource", input).await?;
    Ok(tags::of_list(&shown["Tags"]))
}

fn made(arn: &str) -> Made {
    Made::new(
        arn,
        [
            ("TopicArn", arn.into()),
            ("TopicName", name_in(arn).into()),
        ],
    )
}

fn name_in(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}

fn arn(request: &Request<'_>, properties: &Value) -> String {
    request
        .services
        .account
        .topic_arn(&name(request, properties))
}

fn name(request: &Request<'_>, properties: &Value) -> String {
    names::given_or(properties, "TopicName", || {
        names::generated(request, LONGEST)
    })
}
