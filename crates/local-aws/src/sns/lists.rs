//! ListTopics and the lists of subscriptions, in pages of 100.

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::invalid;
use super::record;
use super::record::Subscription;
use super::record::Topic;
use crate::constraint;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

const PAGE: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListByTopic {
    topic_arn: String,
    next_token: Option<String>,
}

/// ListTopics.
pub(super) fn topics(services: &Services, input: &List) -> Result<Value, AwsError> {
    let topics = services.store.read(|transaction| {
        let mut topics = Vec::new();
        for entry in transaction.open_table(store::SNS_TOPICS)?.iter()? {
            let (_, value) = entry?;
            let topic: Topic = serde_json::from_slice(value.value())?;
            topics.push(json!({ "TopicArn": services.account.topic_arn(&topic.name) }));
        }
        Ok(topics)
    })?;
    page(
        services,
        "ListTopics",
        "Topics",
        topics,
        input.next_token.as_deref(),
    )
}

/// ListSubscriptions.
pub(super) fn subscriptions(services: &Services, input: &List) -> Result<Value, AwsError> {
    let all = record::subscriptions(&services.store, None)?;
    let shown = all.iter().map(|one| show(services, one)).collect();
    let token = input.next_token.as_deref();
    page(services, "ListSubscriptions", "Subscriptions", shown, token)
}

/// ListSubscriptionsByTopic.
pub(super) fn subscriptions_by_topic(
    services: &Services,
    input: &ListByTopic,
) -> Result<Value, AwsError> {
    let topic = record::find_topic(services, &input.topic_arn)?;
    let of_topic = record::subscriptions(&services.store, Some(&topic.name))?;
    let shown = of_topic.iter().map(|one| show(services, one)).collect();
    let list = format!("ListSubscriptionsByTopic {}", topic.name);
    let token = input.next_token.as_deref();
    page(services, &list, "Subscriptions", shown, token)
}

fn show(services: &Services, subscription: &Subscription) -> Value {
    let account = &services.account;
    let arn = match subscription.is_confirmed {
        true => subscription.arn(account),
        false => "PendingConfirmation".to_owned(),
    };
    json!({
        "SubscriptionArn": arn,
        "Owner": account.id,
        "Protocol": subscription.protocol,
        "Endpoint": subscription.endpoint,
        "TopicArn": account.topic_arn(&subscription.topic),
    })
}

fn page(
    services: &Services,
    list: &str,
    member: &str,
    items: Vec<Value>,
    token: Option<&str>,
) -> Result<Value, AwsError> {
    let from = match token {
        Some(token) => {
            let position = services.tokens.open(list, token);
            let position = position.and_then(|position| position.parse().ok());
            position.ok_or_else(|| invalid("NextToken"))?
        }
        None => 0,
    };
    let (items, next) = constraint::page(items, from, PAGE);
    let mut output = json!({ member: items });
    if let Some(next) = next {
        output["NextToken"] = services.tokens.seal(list, &next.to_string()).into();
    }
    Ok(output)
}
