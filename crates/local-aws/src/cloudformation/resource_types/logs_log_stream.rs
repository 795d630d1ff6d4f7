//! `AWS::Logs::LogStream`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Live;
use super::Made;
use super::Request;
use super::failure;
use super::logs_log_group::LOGS;
use super::names;
use super::properties;

const TYPE: &str = "AWS::Logs::LogStream";

/// How long a name is at most.
const LONGEST: usize = 512;

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(name(request, properties))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    let name = name(request, properties);
    let input = names_of(properties, &name);
    match request.ask(LOGS, "CreateLogStream", input).await {
        Ok(_) => Ok(Made::new(name, [])),
        Err(failure) if failure.is_already_exists() => Err(Failure::already_exists(
            TYPE,
            json!({
                "/properties/LogGroupName": properties["LogGroupName"],
                "/properties/LogStreamName": name,
            }),
        )),
        Err(failure) => Err(failure),
    }
}

/// Both names are create-only: nothing can be changed.
pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    _old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    match is_there(request, physical_id, new).await? {
        true => Ok(Made::new(physical_id, [])),
        false => Err(Failure::not_found(TYPE, physical_id)),
    }
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<(), Failure> {
    let input = names_of(properties, physical_id);
    let deleted = request.ask(LOGS, "DeleteLogStream", input).await;
    failure::if_there(deleted).map(|_| ())
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Live, Failure> {
    if !is_there(request, physical_id, properties).await? {
        return Ok(None);
    }
    let mut live = Map::new();
    live.insert("LogGroupName".to_owned(), properties["LogGroupName"].clone());
    live.insert("LogStreamName".to_owned(), physical_id.into());
    Ok(Some(live))
}

/// A stream of this name that is there is taken for the one that was made: streams have no tags that
/// could tell.
pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let name = name(request, properties);
    let is_there = is_there(request, &name, properties).await?;
    Ok(is_there.then(|| Made::new(name, [])))
}

async fn is_there(
    request: &Request<'_>,
    name: &str,
    properties: &Value,
) -> Result<bool, Failure> {
    let input = json!({
        "logGroupName": properties::text(properties, "LogGroupName"),
        "logStreamNamePrefix": name,
    });
    let streams = request.ask(LOGS, "DescribeLogStreams", input).await;
    let streams = failure::if_there(streams)?.unwrap_or_default();
    // The first with a prefix is the one with just this name.
    Ok(streams["logStreams"][0]["logStreamName"] == name)
}

fn names_of(properties: &Value, name: &str) -> Value {
    json!({
        "logGroupName": properties::text(properties, "LogGroupName"),
        "logStreamName": name,
    })
}

fn name(request: &Request<'_>, properties: &Value) -> String {
    names::given_or(properties, "LogStreamName", || {
        names::generated(request, LONGEST)
    })
}
