//! Publish, for requests and for other services.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::filter_policy;
use super::invalid;
use super::message::Notification;
use super::record;
use super::record::Topic;
use super::topic_policy;
use crate::access_keys::Caller;
use crate::access_keys::RoleSession;
use crate::error::AwsError;
use crate::services::Services;

/// The longest message, with its attributes, in bytes.
const LONGEST: usize = 262_144;

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Publish {
    topic_arn: Option<String>,
    target_arn: Option<String>,
    phone_number: Option<String>,
    message: String,
    subject: Option<String>,
    message_structure: Option<String>,
    #[serde(default)]
    message_attributes: BTreeMap<String, MessageAttribute>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MessageAttribute {
    data_type: String,
    string_value: Option<String>,
    binary_value: Option<String>,
}

/// A message that a service publishes, as EventBridge does.
#[derive(Clone, Debug)]
pub struct ServiceNotification {
    /// The topic.
    pub topic_arn: String,
    /// The service's principal, such as `events.amazonaws.com`: the topic's policy must allow it.
    pub service: String,
    /// What the message is about to the topic's policy, such as the ARN of a rule.
    pub source_arn: String,
    /// The subject of e-mails.
    pub subject: Option<String>,
    /// The message.
    pub message: String,
}

/// What goes to a topic's subscribers.
struct Publication {
    subject: Option<String>,
    message: String,
    /// Messages of their own by protocol, with `default`.
    by_protocol: Option<Map<String, Value>>,
    attributes: Map<String, Value>,
    /// The same as values that filters look at.
    filtered: Map<String, Value>,
}

/// Publishes for a service; the message's id.
///
/// # Errors
///
/// `NotFound`, or `AuthorizationError` if the topic's policy does not allow it.
pub(crate) async fn publish(
    services: &Services,
    notification: ServiceNotification,
) -> Result<String, AwsError> {
    let topic = record::find_topic(services, &notification.topic_arn)?;
    let (service, source) = (&notification.service, &notification.source_arn);
    if !topic_policy::lets_service_publish(&services.account, &topic, service, source) {
        return Err(denied(service, &notification.topic_arn));
    }
    let publication = Publication {
        subject: notification.subject,
        message: notification.message,
        by_protocol: None,
        attributes: Map::new(),
        filtered: Map::new(),
    };
    send(services, &topic, publication).await
}

/// Publishes for a service that acts as its account, such as a trigger of CodeCommit: only a Deny of
/// the topic's policy counts. The message's id.
///
/// # Errors
///
/// `NotFound`, or `AuthorizationError`.
pub(crate) async fn publish_for_account(
    services: &Services,
    topic_arn: &str,
    message: String,
) -> Result<String, AwsError> {
    let topic = record::find_topic(services, topic_arn)?;
    let user = services.account.user_arn();
    if !topic_policy::lets_account_publish(&services.account, &topic, &user) {
        return Err(denied(&user, topic_arn));
    }
    let publication = Publication {
        subject: None,
        message,
        by_protocol: None,
        attributes: Map::new(),
        filtered: Map::new(),
    };
    send(services, &topic, publication).await
}

/// Whether a topic is there and lets a service publish for something.
pub(crate) fn lets_service_publish(
    services: &Services,
    topic_arn: &str,
    service: &str,
    source_arn: &str,
) -> bool {
    record::find_topic(services, topic_arn).is_ok_and(|topic| {
        topic_policy::lets_service_publish(&services.account, &topic, service, source_arn)
    })
}

/// The operation Publish.
pub(super) async fn operation(
    services: &Services,
    caller: &Caller,
    input: Publish,
) -> Result<Value, AwsError> {
    if input.phone_number.is_some() {
        return Err(invalid(
            "PhoneNumber Reason: the local AWS sends no text messages. Publish to a topic",
        ));
    }
    let Some(arn) = input.topic_arn.as_ref().or(input.target_arn.as_ref()) else {
        return Err(invalid(
            "TopicArn or TargetArn Reason: no value for required parameter",
        ));
    };
    let topic = record::find_topic(services, arn)?;
    let account = &services.account;
    let caller = match caller {
        Caller::User | Caller::Anonymous => account.user_arn(),
        Caller::Role(RoleSession { role, session, .. }) => account.assumed_role_arn(role, session),
    };
    if !topic_policy::lets_account_publish(account, &topic, &caller) {
        return Err(denied(&caller, arn));
    }
    let id = send(services, &topic, publication(input)?).await?;
    Ok(json!({ "MessageId": id }))
}

fn publication(input: Publish) -> Result<Publication, AwsError> {
    if input.message.is_empty() {
        return Err(invalid("Empty message"));
    }
    let attributes = input.message_attributes.iter().map(|(name, attribute)| {
        let value = attribute
            .string_value
            .as_ref()
            .or(attribute.binary_value.as_ref());
        name.len() + attribute.data_type.len() + value.map_or(0, String::len)
    });
    if input.message.len() + attributes.sum::<usize>() > LONGEST {
        return Err(invalid("Message too long"));
    }
    for (name, value) in [
        ("MessageGroupId", &input.message_group_id),
        ("MessageDeduplicationId", &input.message_deduplication_id),
    ] {
        if value.is_some() {
            return Err(invalid(format!(
                "{name} Reason: The request includes {name} parameter that is not valid for this \
                 topic type"
            )));
        }
    }
    if let Some(subject) = &input.subject {
        let has_control = subject.chars().any(char::is_control);
        let begins_well = subject.starts_with(|first: char| first.is_ascii_graphic());
        if !begins_well || has_control || subject.chars().count() > LONGEST_SUBJECT {
            return Err(invalid("Subject"));
        }
    }
    let by_protocol = match input.message_structure.as_deref() {
        None | Some("") => None,
        Some("json") => Some(by_protocol(&input.message)?),
        Some(_) => return Err(invalid("Invalid Message Structure parameter")),
    };
    let mut attributes = Map::new();
    let mut filtered = Map::new();
    for (name, attribute) in input.message_attributes {
        let (shown, value) = attribute_values(&name, attribute)?;
        attributes.insert(name.clone(), shown);
        filtered.insert(name, value);
    }
    Ok(Publication {
        subject: input.subject,
        message: input.message,
        by_protocol,
        attributes,
        filtered,
    })
}

fn by_protocol(message: &str) -> Result<Map<String, Value>, AwsError> {
    let failed = || invalid("Message Structure - JSON message body failed to parse");
    let Ok(Value::Object(messages)) = serde_json::from_str(message) else {
        return Err(failed());
    };
    match messages.get("default") {
        Some(Value::String(_)) => Ok(messages),
        _ => Err(invalid(
            "Message Structure - No default entry in JSON message body",
        )),
    }
}

/// As messages show an attribute, and as filters see it.
fn attribute_values(name: &str, attribute: MessageAttribute) -> Result<(Value, Value), AwsError> {
    let wrong = |reason: String| {
        AwsError::new(
            "ParameterValueInvalid",
            format!("The message attribute '{name}' {reason}"),
        )
    };
    let kind = attribute.data_type;
    let value = match kind.split('.').next() {
        Some("Binary") => attribute.binary_value,
        Some("String" | "Number") => attribute.string_value,
        _ => {
            return Err(wrong(format!(
                "has an invalid message attribute type, the set of supported type prefixes is \
                 Binary, Number, and String: {kind}"
            )));
        }
    };
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Err(wrong(format!(
            "must contain non-empty message attribute value for message attribute type '{kind}'."
        )));
    };
    let filtered = match kind.as_str() {
        "Number" => {
            let number: Option<serde_json::Number> = value.trim().parse().ok();
            number
                .ok_or_else(|| wrong(format!("is not a number: {value}")))?
                .into()
        }
        "String.Array" => serde_json::from_str(&value)
            .ok()
            .filter(Value::is_array)
            .ok_or_else(|| wrong(format!("is not an array: {value}")))?,
        _ => Value::from(value.as_str()),
    };
    Ok((json!({ "Type": kind, "Value": value }), filtered))
}

async fn send(
    services: &Services,
    topic: &Topic,
    publication: Publication,
) -> Result<String, AwsError> {
    let account = &services.account;
    let id = uuid::Uuid::new_v4().to_string();
    let at = Timestamp::now();
    for subscription in record::subscriptions(&services.store, Some(&topic.name))? {
        let own = publication.by_protocol.as_ref().and_then(|messages| {
            let own = messages
                .get(&subscription.protocol)
                .filter(|own| own.is_string());
            own.or_else(|| messages.get("default"))?.as_str()
        });
        let message = own.unwrap_or(&publication.message);
        let is_wanted = filter_policy::wants(&subscription, message, &publication.filtered);
        if !subscription.is_confirmed || !is_wanted {
            continue;
        }
        let notification = Notification {
            id: id.clone(),
            topic_arn: account.topic_arn(&topic.name),
            subject: publication.subject.clone(),
            message: message.to_owned(),
            attributes: publication.attributes.clone(),
            at,
        };
        if subscription.protocol.starts_with("http") {
            let request = notification.request(account, &subscription);
            services.sns.post(request, topic, &subscription);
        } else {
            let email = notification.email(account, topic, &subscription);
            services.sns.mail(email).await?;
        }
    }
    Ok(id)
}

fn denied(who: &str, topic_arn: &str) -> AwsError {
    AwsError::new(
        "AuthorizationError",
        format!(
            "User: {who} is not authorized to perform: SNS:Publish on resource: {topic_arn} \
             because no resource-based policy allows the SNS:Publish action"
        ),
    )
}
