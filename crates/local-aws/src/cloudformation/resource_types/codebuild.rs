//! What CodeBuild's types have in common: names, tags and what CodeBuild answers.

use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Request;
use super::names;
use super::tags;
use super::tags::Tags;
use crate::error::AwsError;

/// How many characters of a name come from the token, with the hyphen before them.
const SUFFIX: usize = 13;

/// The name that is given, or `LOGICAL-RANDOM12`: the stack is not in it.
pub(super) fn name(request: &Request<'_>, properties: &Value, longest: usize) -> String {
    names::given_or(properties, "Name", || {
        let room = longest.saturating_sub(SUFFIX);
        let logical: String = request.logical_id.chars().take(room).collect();
        format!("{logical}-{}", names::suffix(request))
    })
}

/// The tags that the resource is to have, in the form of CodeBuild's operations.
pub(super) fn wanted_tags(request: &Request<'_>, properties: &Value) -> Value {
    let tags = request.tags(tags::own(properties), true);
    tags.iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

/// The tags that CodeBuild answers.
pub(super) fn tags_of(list: &Value) -> Tags {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tags = list.as_array().into_iter().flatten();
    tags.map(|tag| (text(&tag["key"]), text(&tag["value"])))
        .collect()
}

/// Runs an operation of CodeBuild.
pub(super) async fn call(
    request: &Request<'_>,
    operation: &'static str,
    input: Value,
) -> Result<Value, Failure> {
    let answer = request.call("codebuild", operation, input).await;
    answer.map_err(|error| refused(&error))
}

/// What CodeBuild has answered.
pub(super) fn refused(error: &AwsError) -> Failure {
    Failure::of_older_handler("AWSCodeBuild", error)
}
