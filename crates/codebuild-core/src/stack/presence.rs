//! Whether a resource is there: asked of its own service, not of CloudFormation.

use serde_json::Value;
use serde_json::json;

use super::contents::is_gone;
use crate::aws_command::call_service;
use crate::call_error::CallError;
use crate::session::Session;

/// Whether a resource is there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Presence {
    /// Its service does not know it.
    Gone,
    /// Its service knows it.
    There,
    /// It has no life of its own: it goes with what it is part of.
    Part,
    /// Its service could not say; why.
    Unknown(String),
}

/// Asks a resource's service for it.
pub async fn look_for(session: &Session, resource_type: &str, physical_id: &str) -> Presence {
    let found = match resource_type {
        "AWS::CodeBuild::Project" => {
            let input = json!({ "names": [physical_id] });
            listed(
                call_service(session, "codebuild", "BatchGetProjects", input).await,
                "projects",
            )
        }
        "AWS::Logs::LogGroup" => {
            let input = json!({ "logGroupNamePrefix": physical_id });
            let groups = call_service(session, "logs", "DescribeLogGroups", input).await;
            has(groups, "logGroups", "logGroupName", physical_id)
        }
        "AWS::S3::Bucket" => {
            let input = json!({ "Bucket": physical_id });
            call_service(session, "s3api", "HeadBucket", input)
                .await
                .map(|_| true)
        }
        "AWS::IAM::Role" => {
            let input = json!({ "RoleName": physical_id });
            let role = call_service(session, "iam", "GetRole", input).await;
            role.map(|_| true)
        }
        "AWS::SNS::Topic" => {
            let input = json!({ "TopicArn": physical_id });
            let topic = call_service(session, "sns", "GetTopicAttributes", input).await;
            topic.map(|_| true)
        }
        "AWS::ECR::Repository" => {
            let input = json!({ "repositoryNames": [physical_id] });
            let found = call_service(session, "ecr", "DescribeRepositories", input);
            listed(found.await, "repositories")
        }
        // Its physical id is an id that no other operation takes.
        "AWS::CodeCommit::Repository" => {
            let found = call_service(session, "codecommit", "ListRepositories", json!({}));
            has(found.await, "repositories", "repositoryId", physical_id)
        }
        "AWS::Events::Rule" => {
            let (bus, name) = physical_id
                .split_once('|')
                .unwrap_or(("default", physical_id));
            let input = json!({ "Name": name, "EventBusName": bus });
            let rule = call_service(session, "events", "DescribeRule", input).await;
            rule.map(|_| true)
        }
        _ => return Presence::Part,
    };
    match found {
        Ok(true) => Presence::There,
        Ok(false) => Presence::Gone,
        Err(error) if is_gone(&error) => Presence::Gone,
        Err(error) => Presence::Unknown(error.to_string()),
    }
}

/// Whether a list of the answer has anything in it.
fn listed(answer: Result<Value, CallError>, list: &str) -> Result<bool, CallError> {
    let answer = answer?;
    let items = answer.get(list).and_then(Value::as_array);
    Ok(items.is_some_and(|items| !items.is_empty()))
}

/// Whether a list of the answer has an item whose member is this.
fn has(
    answer: Result<Value, CallError>,
    list: &str,
    member: &str,
    wanted: &str,
) -> Result<bool, CallError> {
    let answer = answer?;
    let items = answer.get(list).and_then(Value::as_array);
    Ok(items
        .into_iter()
        .flatten()
        .any(|item| item.get(member).and_then(Value::as_str) == Some(wanted)))
}
