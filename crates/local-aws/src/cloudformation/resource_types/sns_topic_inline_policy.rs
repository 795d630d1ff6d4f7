//! `AWS::SNS::TopicInlinePolicy`: the policy of one topic.

use serde_json::Map;
use serde_json::Value;

use super::Failure;
use super::Live;
use super::Made;
use super::Request;
use super::failure;
use super::properties;
use super::sns_topic;

/// The topic identifies its policy.
pub(super) fn planned_id(_request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(properties::text(properties, "TopicArn").to_owned())
}

/// The policy of a topic is overwritten, as on AWS.
pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    let topic = &properties["TopicArn"];
    sns_topic::set_policy(request, topic, &document(properties)).await?;
    Ok(Made::new(properties::text(properties, "TopicArn"), []))
}

pub(super) async fn update(
    request: &Request<'_>,
    _physical_id: &str,
    _old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    create(request, new).await
}

/// The topic has its default policy again.
pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    let set = sns_topic::set_policy(request, &physical_id.into(), "").await;
    failure::if_there(set).map(|_| ())
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<Live, Failure> {
    let attributes = sns_topic::attributes(request, physical_id).await?;
    Ok(attributes.map(|attributes| {
        let mut live = Map::new();
        live.insert("TopicArn".to_owned(), physical_id.into());
        live.insert("PolicyDocument".to_owned(), attributes["Policy"].clone());
        live
    }))
}

/// Nothing tells whose a policy is: what an earlier try wrote is written again by `create`.
pub(super) async fn find(
    _request: &Request<'_>,
    _properties: &Value,
) -> Result<Option<Made>, Failure> {
    Ok(None)
}

fn document(properties: &Value) -> String {
    properties::document(&properties["PolicyDocument"])
}
