//! What the AWS CLI checks before it calls: names of members, types, and members that must be there.
//!
//! Enums, patterns and maxima go to the server, as with the AWS CLI.

use serde_json::Value;

use super::command_error::CommandError;
use super::service_model::Shape;
use super::service_model::Structure;

/// Members that `batch-get-projects` shows and `create-project` does not take (CodeBuild's service
/// model, `Project` against `CreateProjectInput`).
const RECORD_MEMBERS: [&str; 9] = [
    "arn",
    "created",
    "lastModified",
    "webhook",
    "badge",
    "projectVisibility",
    "publicProjectAlias",
    "resourceAccessRole",
    "projectsNotFound",
];

/// Checks an operation's input.
pub(crate) fn validate(input: &Structure, value: &Value) -> Result<(), CommandError> {
    let mut problems = Vec::new();
    check_structure(input, value, "", &mut problems);
    if problems.is_empty() {
        return Ok(());
    }
    Err(CommandError::Validation {
        hint: record_hint(input, value),
        problems,
    })
}

fn check(shape: &Shape, value: &Value, path: &str, problems: &mut Vec<String>) {
    let fits = match (shape, value) {
        // JSON null: the CLI leaves the member out, and so does the SDK.
        (_, Value::Null) | (Shape::Document, _) => true,
        (Shape::Structure(structure), Value::Object(_)) => {
            check_structure(structure, value, path, problems);
            true
        }
        (Shape::List(element), Value::Array(elements)) => {
            for (index, value) in elements.iter().enumerate() {
                check(element, value, &format!("{path}[{index}]"), problems);
            }
            true
        }
        (Shape::Map(values), Value::Object(members)) => {
            for (name, value) in members {
                check(values, value, &format!("{path}.{name}"), problems);
            }
            true
        }
        (
            Shape::String | Shape::PolicyDocument | Shape::Template | Shape::Blob,
            Value::String(_),
        )
        | (Shape::Boolean, Value::Bool(_)) => true,
        (Shape::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
        (Shape::Double | Shape::Timestamp, Value::Number(_)) => true,
        (Shape::Timestamp, Value::String(_)) => true,
        _ => false,
    };
    if !fits {
        problems.push(format!(
            "Invalid type for parameter {path}, value: {value}, type: {}, valid types: {}",
            type_of(value),
            type_wanted(shape)
        ));
    }
}

fn check_structure(structure: &Structure, value: &Value, path: &str, problems: &mut Vec<String>) {
    let Value::Object(members) = value else {
        problems.push(format!(
            "Invalid type for parameter {}, value: {value}, type: {}, valid types: object",
            shown(path),
            type_of(value)
        ));
        return;
    };
    for required in structure.required_members() {
        if members.get(*required).is_none_or(Value::is_null) {
            problems.push(format!(
                "Missing required parameter in {}: \"{required}\"",
                shown(path)
            ));
        }
    }
    for (name, value) in members {
        match structure.member(name) {
            Some(member) => {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                check(&member.shape, value, &path, problems);
            }
            None => {
                let known: Vec<&str> = structure
                    .members
                    .iter()
                    .map(|member| member.name.as_str())
                    .collect();
                problems.push(format!(
                    "Unknown parameter in {}: \"{name}\", must be one of: {}",
                    shown(path),
                    known.join(", ")
                ));
            }
        }
    }
}

fn shown(path: &str) -> &str {
    if path.is_empty() { "input" } else { path }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number with a fraction",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

fn type_wanted(shape: &Shape) -> &'static str {
    match shape {
        Shape::Structure(_) | Shape::Map(_) => "object",
        Shape::List(_) => "list",
        Shape::String | Shape::PolicyDocument | Shape::Template => "string",
        Shape::Blob => "string (base64)",
        Shape::Boolean => "boolean (true or false)",
        Shape::Integer => "whole number",
        Shape::Double => "number",
        Shape::Timestamp => "timestamp",
        Shape::Document => "any",
    }
}

/// Names the trap of feeding a saved record back: what `batch-get-projects` shows is not what
/// `create-project` takes.
fn record_hint(input: &Structure, value: &Value) -> String {
    if input.name != "CreateProjectInput" && input.name != "UpdateProjectInput" {
        return String::new();
    }
    let Value::Object(members) = value else {
        return String::new();
    };
    if members.contains_key("projects") {
        return "\nThis is the whole answer of batch-get-projects. Take the project out of it: \
                `--query 'projects[0]'`, then remove what create-project does not take."
            .to_owned();
    }
    let surplus: Vec<&str> = RECORD_MEMBERS
        .into_iter()
        .filter(|name| members.contains_key(*name) && input.member(name).is_none())
        .collect();
    if surplus.is_empty() {
        return String::new();
    }
    let badge = if surplus.contains(&"badge") {
        " The badge is asked for with \"badgeEnabled\": true."
    } else {
        ""
    };
    format!(
        "\nThis looks like a record that batch-get-projects printed: CodeBuild itself sets {}. \
         Remove them from the file.{badge}",
        surplus.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use aws_sdk_codebuild::operation::create_project::CreateProjectInput;
    use serde_json::Value;
    use serde_json::json;

    use super::validate;
    use crate::aws_command::service_model::Shape;
    use crate::aws_command::service_model::shape_of;

    fn problems(value: &Value) -> String {
        match shape_of(|reader| CreateProjectInput::deserialize(reader)) {
            Shape::Structure(input) => validate(&input, value)
                .err()
                .map(|error| error.to_string())
                .unwrap_or_default(),
            other => panic!("{other:?}"),
        }
    }

    fn project() -> Value {
        json!({
            "name": "demo",
            "source": {"type": "NO_SOURCE"},
            "artifacts": {"type": "NO_ARTIFACTS"},
            "environment": {
                "type": "LINUX_CONTAINER",
                "image": "docker:dind",
                "computeType": "BUILD_GENERAL1_SMALL",
                "privilegedMode": true,
            },
            "serviceRole": "arn:aws:iam::123456789012:role/demo",
        })
    }

    #[test]
    fn a_good_project_passes_and_enums_go_to_the_server() {
        assert_eq!(problems(&project()), "");
        let mut odd = project();
        odd["environment"]["computeType"] = json!("BOGUS");
        odd["timeoutInMinutes"] = json!(99999);
        assert_eq!(problems(&odd), "");
    }

    #[test]
    fn a_saved_record_is_refused_with_the_members_names() {
        let mut record = project();
        record["arn"] = json!("arn:aws:codebuild:eu-central-1:123456789012:project/demo");
        record["created"] = json!(1_660_000_000.5);
        record["badge"] = json!({"badgeEnabled": true});
        insta::assert_snapshot!(problems(&record), @r#"
        Parameter validation failed:
        Unknown parameter in input: "arn", must be one of: name, description, source, secondarySources, sourceVersion, secondarySourceVersions, artifacts, secondaryArtifacts, cache, environment, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes, encryptionKey, tags, vpcConfig, badgeEnabled, logsConfig, fileSystemLocations, buildBatchConfig, concurrentBuildLimit, autoRetryLimit
        Unknown parameter in input: "created", must be one of: name, description, source, secondarySources, sourceVersion, secondarySourceVersions, artifacts, secondaryArtifacts, cache, environment, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes, encryptionKey, tags, vpcConfig, badgeEnabled, logsConfig, fileSystemLocations, buildBatchConfig, concurrentBuildLimit, autoRetryLimit
        Unknown parameter in input: "badge", must be one of: name, description, source, secondarySources, sourceVersion, secondarySourceVersions, artifacts, secondaryArtifacts, cache, environment, serviceRole, timeoutInMinutes, queuedTimeoutInMinutes, encryptionKey, tags, vpcConfig, badgeEnabled, logsConfig, fileSystemLocations, buildBatchConfig, concurrentBuildLimit, autoRetryLimit
        This looks like a record that batch-get-projects printed: CodeBuild itself sets arn, created, badge. Remove them from the file. The badge is asked for with "badgeEnabled": true.
        "#);
    }

    #[test]
    fn every_problem_is_named_with_its_path() {
        let mut bad = project();
        bad["name"] = Value::Null;
        bad["environment"]["privilegedMode"] = json!("yes");
        bad["environment"]["environmentVariables"] = json!([{"name": "A", "vlaue": "B"}]);
        bad["timeoutInMinutes"] = json!(1.5);
        insta::assert_snapshot!(problems(&bad), @r#"
        Parameter validation failed:
        Missing required parameter in input: "name"
        Invalid type for parameter environment.privilegedMode, value: "yes", type: string, valid types: boolean (true or false)
        Missing required parameter in environment.environmentVariables[0]: "value"
        Unknown parameter in environment.environmentVariables[0]: "vlaue", must be one of: name, value, type
        Invalid type for parameter timeoutInMinutes, value: 1.5, type: number with a fraction, valid types: whole number
        "#);
    }
}
