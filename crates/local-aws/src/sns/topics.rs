//! CreateTopic and DeleteTopic.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::invalid;
use super::record;
use super::record::Topic;
use super::tags;
use super::tags::Tag;
use super::topic_attributes;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

/// The longest name.
const LONGEST: usize = 256;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateTopic {
    name: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TopicArn {
    pub(super) topic_arn: String,
}

/// CreateTopic. A topic that is there already is answered, if it is the same.
pub(super) async fn create(services: &Services, input: CreateTopic) -> Result<Value, AwsError> {
    let name = input.name;
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.ends_with(".fifo") {
        return Err(invalid(
            "Topic Name Reason: the local AWS has no FIFO topics. Use a name without .fifo",
        ));
    }
    if name.is_empty() || name.len() > LONGEST || !name.bytes().all(is_allowed) {
        return Err(invalid("Topic Name"));
    }
    let arn = services.account.topic_arn(&name);
    let mut attributes = BTreeMap::new();
    for (attribute, value) in input.attributes {
        topic_attributes::put(&mut attributes, &attribute, Some(value))
            .map_err(|error| in_attributes(&error))?;
    }
    let named_tags = input.tags.is_some();
    let topic = Topic {
        name,
        created: EpochSeconds::now(),
        attributes,
        tags: tags::checked(input.tags.unwrap_or_default())?,
        unsubscribed: 0,
    };
    services
        .store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::SNS_TOPICS)?;
            let Some(before) = store::get::<Topic>(&*table, &topic.name)? else {
                return store::put(&mut table, &topic.name, &topic);
            };
            let differs =
                |(name, value): (&String, &String)| before.attributes.get(name) != Some(value);
            if topic.attributes.iter().any(differs) {
                return Err(invalid(
                    "Attributes Reason: Topic already exists with different attributes",
                )
                .into());
            }
            let sorted = |mut tags: Vec<(String, String)>| {
                tags.sort_unstable();
                tags
            };
            if named_tags && sorted(before.tags) != sorted(topic.tags) {
                return Err(
                    invalid("Tags Reason: Topic already exists with different tags").into(),
                );
            }
            Ok(())
        })
        .await?;
    Ok(json!({ "TopicArn": arn }))
}

/// DeleteTopic, with its subscriptions. One that is not there is no error.
pub(super) async fn delete(services: &Services, input: TopicArn) -> Result<Value, AwsError> {
    let name = match record::topic_name(&services.account, &input.topic_arn) {
        Ok(name) => name.to_owned(),
        Err(error) if error.code == "NotFound" => return Ok(json!({})),
        Err(error) => return Err(error),
    };
    services
        .store
        .write(move |transaction| {
            transaction
                .open_table(store::SNS_TOPICS)?
                .remove(name.as_str())?;
            let mut table = transaction.open_table(store::SNS_SUBSCRIPTIONS)?;
            for subscription in record::subscriptions_in(&*table, Some(&name))? {
                table.remove((name.as_str(), subscription.id.as_str()))?;
            }
            Ok(json!({}))
        })
        .await
}

fn in_attributes(error: &AwsError) -> AwsError {
    let message = error.message.as_deref().unwrap_or_default();
    let reason = message
        .strip_prefix("Invalid parameter: ")
        .unwrap_or(message);
    invalid(format!("Attributes Reason: {reason}"))
}
