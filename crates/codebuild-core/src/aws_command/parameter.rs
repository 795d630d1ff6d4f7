//! An option's words made into a member of the input, as the AWS CLI does it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use super::service_model::Shape;
use super::shorthand;

/// Turns the values of an option into what its member holds. The reason of a failure says what was
/// expected.
pub(crate) fn parse(shape: &Shape, values: &[String]) -> Result<Value, String> {
    match (shape, values) {
        (Shape::List(_), [only]) if only.trim_start().starts_with('[') => json(only),
        // As in the AWS CLI, the first value decides for all whether they are JSON.
        (Shape::List(_), [first, ..]) if first.trim_start().starts_with('{') => values
            .iter()
            .map(|value| json(value))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        (Shape::List(element), values) => values
            .iter()
            .map(|value| parse_one(element, value))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        (shape, [only]) => parse_one(shape, only),
        (_, values) => Err(format!(
            "one value was expected, {} were given",
            values.len()
        )),
    }
}

fn parse_one(shape: &Shape, text: &str) -> Result<Value, String> {
    match shape {
        Shape::String | Shape::PolicyDocument | Shape::Template => {
            Ok(Value::String(text.to_owned()))
        }
        // As AWS CLI version 2 has it by default.
        Shape::Blob => match BASE64_STANDARD.decode(text.trim()) {
            Ok(_) => Ok(Value::String(text.trim().to_owned())),
            Err(_) => Err(format!(
                "Invalid base64: \"{text}\"; write fileb://PATH for the bytes of a file"
            )),
        },
        Shape::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(format!("`{text}` is not true or false")),
        },
        Shape::Integer => integer(text),
        Shape::Double => double(text),
        Shape::Timestamp => time(text),
        Shape::List(_) => json(text),
        Shape::Document if text.trim_start().starts_with(['{', '[']) => json(text),
        Shape::Document => Ok(Value::String(text.to_owned())),
        Shape::Structure(_) | Shape::Map(_) => {
            if text.trim_start().starts_with(['{', '[']) {
                return json(text);
            }
            let members = shorthand::parse(text).map_err(|error| {
                format!("{error} in `{text}`, which is read as shorthand (key=value,…) because it does not begin with {{")
            })?;
            fit(shape, Value::Object(members))
        }
    }
}

fn integer(text: &str) -> Result<Value, String> {
    text.trim()
        .parse::<i64>()
        .map(Value::from)
        .map_err(|_| format!("`{text}` is not a whole number"))
}

fn double(text: &str) -> Result<Value, String> {
    text.trim()
        .parse::<f64>()
        .ok()
        .and_then(Number::from_f64)
        .map(Value::Number)
        .ok_or_else(|| format!("`{text}` is not a number"))
}

/// Seconds since the epoch, or a time in ISO 8601, which is UTC if it does not say.
pub(super) fn time(text: &str) -> Result<Value, String> {
    let text = text.trim();
    if let Ok(number) = double(text) {
        return Ok(number);
    }
    let read = text.parse::<Timestamp>().or_else(|_| {
        let local = text.parse::<DateTime>()?;
        Ok::<_, jiff::Error>(local.to_zoned(TimeZone::UTC)?.timestamp())
    });
    match read {
        Ok(time) if time.subsec_nanosecond() == 0 => Ok(Value::from(time.as_second())),
        Ok(time) => double(&format!(
            "{}.{:03}",
            time.as_second(),
            time.subsec_millisecond()
        )),
        Err(_) => Err(format!(
            "Invalid timestamp \"{text}\": it is neither seconds since 1970 nor a time such as \
             2026-01-31T12:00:00Z"
        )),
    }
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("Invalid JSON: {error}"))
}

/// Shorthand knows only strings and lists: makes them what the model wants. What fits nothing stays
/// as it is, for [`super::validation`] to name.
fn fit(shape: &Shape, value: Value) -> Result<Value, String> {
    match (shape, value) {
        (Shape::Structure(structure), Value::Object(members)) => {
            let mut fitted = Map::new();
            for (name, member) in members {
                let member = match structure.member(&name) {
                    Some(known) => {
                        fit(&known.shape, member).map_err(|reason| format!("{name}: {reason}"))?
                    }
                    None => member,
                };
                fitted.insert(name, member);
            }
            Ok(Value::Object(fitted))
        }
        (Shape::Map(values), Value::Object(members)) => members
            .into_iter()
            .map(|(name, member)| Ok((name, fit(values, member)?)))
            .collect::<Result<Map<_, _>, String>>()
            .map(Value::Object),
        (Shape::List(element), Value::Array(elements)) => elements
            .into_iter()
            .map(|value| fit(element, value))
            .collect::<Result<_, _>>()
            .map(Value::Array),
        (Shape::List(element), only) => Ok(Value::Array(vec![fit(element, only)?])),
        (
            Shape::Boolean | Shape::Integer | Shape::Double | Shape::Timestamp,
            Value::String(text),
        ) => parse_one(shape, &text),
        (_, value) => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_codebuild::operation::create_project::CreateProjectInput;
    use serde_json::json;

    use super::parse;
    use crate::aws_command::service_model::Shape;
    use crate::aws_command::service_model::shape_of;

    fn member(name: &str) -> Shape {
        match shape_of(|reader| CreateProjectInput::deserialize(reader)) {
            Shape::Structure(input) => input.member(name).unwrap().shape.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn shorthand_becomes_what_the_model_wants() {
        assert_eq!(
            parse(
                &member("source"),
                &words(&["type=GITHUB,location=u,gitCloneDepth=1,reportBuildStatus=true"])
            ),
            Ok(
                json!({"type": "GITHUB", "location": "u", "gitCloneDepth": 1, "reportBuildStatus": true})
            )
        );
        assert_eq!(
            parse(
                &member("cache"),
                &words(&["type=LOCAL,modes=LOCAL_SOURCE_CACHE"])
            ),
            Ok(json!({"type": "LOCAL", "modes": ["LOCAL_SOURCE_CACHE"]}))
        );
        assert_eq!(
            parse(&member("tags"), &words(&["key=a,value=1", "key=b,value=2"])),
            Ok(json!([{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]))
        );
        assert_eq!(
            parse(
                &member("tags"),
                &words(&[r#"[{"key": "a", "value": "1"}]"#])
            ),
            Ok(json!([{"key": "a", "value": "1"}]))
        );
    }

    #[test]
    fn wrong_types_are_told_at_once() {
        assert_eq!(
            parse(&member("timeoutInMinutes"), &words(&["soon"])),
            Err("`soon` is not a whole number".to_owned())
        );
        assert_eq!(
            parse(
                &member("source"),
                &words(&["type=GITHUB,gitCloneDepth=all"])
            ),
            Err("gitCloneDepth: `all` is not a whole number".to_owned())
        );
    }
}
