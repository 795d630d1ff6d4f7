//! `AWS::SNS::TopicPolicy`: the same policy for several topics.

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
use super::sns_topic;

/// How long the id is at most: it is no name of SNS.
const LONGEST: usize = 256;

pub(super) fn planned_id(request: &Request<'_>, _properties: &Value) -> Option<String> {
    Some(names::generated(request, LONGEST))
}

/// The policy of a topic is overwritten, as on AWS.
pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    let mut done = Vec::new();
    for topic in properties::list(properties, "Topics") {
        if let Err(failure) = sns_topic::set_policy(request, topic, &document(properties)).await {
            delete(request, "", &json!({ "Topics": done })).await?;
            return Err(failure);
        }
        done.push(topic.clone());
    }
    Ok(made(&names::generated(request, LONGEST)))
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    let topics = properties::list(new, "Topics");
    for topic in topics {
        sns_topic::set_policy(request, topic, &document(new)).await?;
    }
    let gone = properties::list(old, "Topics").iter();
    for topic in gone.filter(|topic| !topics.contains(topic)) {
        failure::if_there(sns_topic::set_policy(request, topic, "").await)?;
    }
    Ok(made(physical_id))
}

/// The topics have their default policies again.
pub(super) async fn delete(
    request: &Request<'_>,
    _physical_id: &str,
    properties: &Value,
) -> Result<(), Failure> {
    for topic in properties::list(properties, "Topics") {
        failure::if_there(sns_topic::set_policy(request, topic, "").await)?;
    }
    Ok(())
}

pub(super) async fn read(
    request: &Request<'_>,
    _physical_id: &str,
    properties: &Value,
) -> Result<Live, Failure> {
    let wanted = document(properties);
    let (mut topics, mut live_document) = (Vec::new(), None);
    for topic in properties::list(properties, "Topics") {
        let arn = topic.as_str().unwrap_or_default();
        if let Some(attributes) = sns_topic::attributes(request, arn).await? {
            topics.push(topic.clone());
            // One that differs shows more than one that does not.
            if live_document.is_none() || live_document.as_ref() == Some(&wanted) {
                live_document = Some(properties::text(&attributes, "Policy").to_owned());
            }
        }
    }
    let Some(document) = live_document else {
        return Ok(None);
    };
    let mut live = Map::new();
    live.insert("PolicyDocument".to_owned(), document.into());
    live.insert("Topics".to_owned(), topics.into());
    Ok(Some(live))
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

fn made(id: &str) -> Made {
    Made::new(id, [("Id", id.into())])
}
