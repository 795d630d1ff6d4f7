//! Properties as members of an operation's input.
//!
//! CloudFormation names properties as the API names members, but for capital and small letters. So
//! the service model leads from one to the other.

use serde_json::Map;
use serde_json::Value;

use super::Failure;
use crate::model::Kind;
use crate::model::Typed;

/// The members that these properties stand for. Numbers and truth values may be text in templates.
///
/// # Errors
///
/// If the operation has no member for a property.
pub(super) fn of(properties: &Value, input: Option<Typed<'_>>) -> Result<Value, Failure> {
    match input {
        Some(shape) => converted(properties, shape, ""),
        None => Ok(properties.clone()),
    }
}

fn converted(value: &Value, shape: Typed<'_>, pointer: &str) -> Result<Value, Failure> {
    Ok(match (shape.kind(), value) {
        (Kind::Structure, Value::Object(properties)) => {
            let mut members = Map::new();
            for (property, value) in properties {
                let pointer = format!("{pointer}/{property}");
                let member = shape
                    .members()
                    .find(|(name, _)| name.eq_ignore_ascii_case(property));
                let Some((name, shape)) = member else {
                    let why = "the service has nothing of this name";
                    return Err(Failure::unsupported_property(&pointer, why));
                };
                members.insert(name.to_owned(), converted(value, shape, &pointer)?);
            }
            members.into()
        }
        (Kind::List, Value::Array(elements)) => {
            let Some(shape) = shape.element() else {
                return Ok(value.clone());
            };
            let elements = elements.iter().enumerate();
            elements
                .map(|(index, element)| converted(element, shape, &format!("{pointer}/{index}")))
                .collect::<Result<_, _>>()?
        }
        (Kind::Map, Value::Object(entries)) => {
            let Some((_, shape)) = shape.entry() else {
                return Ok(value.clone());
            };
            let mut members = Map::new();
            for (key, value) in entries {
                let member = converted(value, shape, &format!("{pointer}/{key}"))?;
                members.insert(key.clone(), member);
            }
            members.into()
        }
        (Kind::Boolean, Value::String(text)) => match text.as_str() {
            "true" => true.into(),
            "false" => false.into(),
            _ => value.clone(),
        },
        (Kind::Integer | Kind::Long, Value::String(text)) => {
            let number = text.parse::<i64>().ok();
            number.map_or_else(|| value.clone(), Value::from)
        }
        (Kind::Integer | Kind::Long, Value::Number(number)) => whole(number, value),
        (Kind::String, Value::Number(_) | Value::Bool(_)) => value.to_string().into(),
        _ => value.clone(),
    })
}

/// `5.0` is 5.
fn whole(number: &serde_json::Number, value: &Value) -> Value {
    match number.as_f64() {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "only whole numbers of this size"
        )]
        Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => (float as i64).into(),
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model;

    #[test]
    fn names_and_scalars_become_those_of_the_api() {
        let properties = json!({
            "Name": "demo",
            "TimeoutInMinutes": "20",
            "Source": { "Type": "NO_SOURCE", "BuildSpec": "version: 0.2", "GitCloneDepth": 1 },
            "Environment": {
                "PrivilegedMode": "true",
                "EnvironmentVariables": [{ "Name": "N", "Value": 5 }],
            },
            "LogsConfig": { "S3Logs": { "Status": "DISABLED" } },
        });
        let members = of(&properties, model::CODEBUILD.input("CreateProject")).unwrap();
        let wanted = json!({
            "name": "demo",
            "timeoutInMinutes": 20,
            "source": { "type": "NO_SOURCE", "buildspec": "version: 0.2", "gitCloneDepth": 1 },
            "environment": {
                "privilegedMode": true,
                "environmentVariables": [{ "name": "N", "value": "5" }],
            },
            "logsConfig": { "s3Logs": { "status": "DISABLED" } },
        });
        assert_eq!(members, wanted);
        let unknown = json!({ "Source": { "Colour": "red" } });
        let failure = of(&unknown, model::CODEBUILD.input("CreateProject")).unwrap_err();
        assert!(failure.reason.contains("/Source/Colour"), "{failure:?}");
    }
}
