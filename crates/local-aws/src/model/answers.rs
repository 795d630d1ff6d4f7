//! Holds an answer against the model.

use serde_json::Value;

use super::Kind;
use super::Model;
use crate::error::AwsError;

/// Errors that any operation may answer: of AWS's front end, and ours for a disk that fails.
const COMMON_ERRORS: [&str; 8] = [
    "AccessDenied",
    "AccessDeniedException",
    "LocalStorageException",
    "NotImplemented",
    "SerializationException",
    "UnknownOperationException",
    "ValidationError",
    "ValidationException",
];

impl Model {
    /// Says how the answer of an operation breaks the model: a value of a wrong type or out of
    /// its enum, a required member that is missing, a member or an error that the model does not have.
    ///
    /// # Errors
    ///
    /// One sentence with everything that was found.
    pub(crate) fn check_answer(
        &self,
        operation: &str,
        answer: Result<&Value, &AwsError>,
    ) -> Result<(), String> {
        let Some(facts) = self.operations.get(operation) else {
            return Ok(());
        };
        let found = match (answer, &facts.output) {
            (Ok(output), Some(shape)) => {
                let mut found = self.violations(shape, output);
                self.foreign_members(shape, output, "", &mut found);
                found
            }
            (Ok(_), None) => Vec::new(),
            (Err(error), _) => {
                let is_declared = facts.errors.iter().any(|declared| declared == error.code);
                if is_declared || COMMON_ERRORS.contains(&error.code) {
                    Vec::new()
                } else {
                    vec![format!("the error {error} is not one of its own")]
                }
            }
        };
        if found.is_empty() {
            Ok(())
        } else {
            Err(format!(
                "{operation}'s answer breaks the model: {}",
                found.join("; ")
            ))
        }
    }

    /// Members that the model does not have, and members that are null: AWS leaves those out.
    fn foreign_members(&self, shape: &str, value: &Value, path: &str, found: &mut Vec<String>) {
        let Some(shape) = self.shapes.get(shape) else {
            return;
        };
        match (shape.kind, value) {
            (Kind::Structure, Value::Object(members)) => {
                for (name, value) in members {
                    let at = format!("{path}.{name}");
                    match shape.members.get(name).and_then(Value::as_str) {
                        _ if value.is_null() => found.push(format!("'{at}' is null")),
                        None => found.push(format!("the model has no '{at}'")),
                        Some(shape) => self.foreign_members(shape, value, &at, found),
                    }
                }
            }
            (Kind::List, Value::Array(elements)) => {
                for (index, element) in elements.iter().enumerate() {
                    if let Some(shape) = &shape.member {
                        self.foreign_members(shape, element, &format!("{path}.{index}"), found);
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::CODEBUILD;

    fn found(operation: &str, output: Value) -> String {
        CODEBUILD.check_answer(operation, Ok(&output)).unwrap_err()
    }

    #[test]
    fn an_answer_as_the_model_has_it() {
        let output = json!({ "fleets": [], "nextToken": "x" });
        assert_eq!(CODEBUILD.check_answer("ListFleets", Ok(&output)), Ok(()));
        assert_eq!(
            CODEBUILD.check_answer("DeleteProject", Ok(&json!({}))),
            Ok(())
        );
    }

    #[test]
    fn every_way_to_break_the_model_is_seen() {
        for (output, seen) in [
            (json!({ "colour": 1 }), "no '.colour'"),
            (json!({ "nextToken": null }), "'.nextToken' is null"),
            (json!({ "projects": [1] }), "cannot be converted to String"),
        ] {
            let text = found("ListProjects", output);
            assert!(text.contains(seen), "{text}");
        }
        let build = json!({ "build": { "buildStatus": "DONE", "environment": { "image": "i" } } });
        let text = found("StopBuild", build);
        assert!(
            text.contains("Value 'DONE' at 'build.buildStatus'"),
            "{text}"
        );
        assert!(text.contains("null at 'build.environment.type'"), "{text}");
    }

    #[test]
    fn an_error_is_one_of_the_operations_own_or_a_common_one() {
        let not_found = AwsError::not_found("no");
        assert!(
            CODEBUILD
                .check_answer("ListProjects", Err(&not_found))
                .is_err()
        );
        assert_eq!(
            CODEBUILD.check_answer("StartBuild", Err(&not_found)),
            Ok(())
        );
        let denied = AwsError::bare("AccessDeniedException");
        assert_eq!(CODEBUILD.check_answer("ListProjects", Err(&denied)), Ok(()));
    }
}
