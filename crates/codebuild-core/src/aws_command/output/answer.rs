//! An answer as the AWS CLI reads it from the wire: members in the service model's order, unknown
//! ones left out, times in ISO 8601.

use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;

use crate::aws_command::service_model::Shape;

/// Puts an answer into the CLI's form.
pub(crate) fn as_the_cli_reads_it(shape: &Shape, value: &Value) -> Value {
    match (shape, value) {
        (Shape::Structure(structure), Value::Object(members)) => {
            let mut ordered = Map::new();
            for member in &structure.members {
                match members.get(&member.name) {
                    None | Some(Value::Null) => {}
                    Some(value) => {
                        ordered.insert(
                            member.name.clone(),
                            as_the_cli_reads_it(&member.shape, value),
                        );
                    }
                }
            }
            Value::Object(ordered)
        }
        (Shape::List(element), Value::Array(elements)) => elements
            .iter()
            .map(|value| as_the_cli_reads_it(element, value))
            .collect(),
        (Shape::Map(values), Value::Object(members)) => members
            .iter()
            .map(|(name, value)| (name.clone(), as_the_cli_reads_it(values, value)))
            .collect(),
        (Shape::Timestamp, Value::Number(seconds)) => match seconds.as_f64().and_then(iso_8601) {
            Some(time) => Value::String(time),
            None => value.clone(),
        },
        // The AWS CLI shows a template in JSON as what it is, and one in YAML as text.
        (Shape::Template, Value::String(text)) => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        (Shape::PolicyDocument, Value::String(text)) => policy_document(text),
        _ => value.clone(),
    }
}

/// IAM's answers have policies percent-encoded; the AWS CLI shows their JSON.
fn policy_document(text: &str) -> Value {
    // Only what is percent-encoded is decoded, as Python's unquote does.
    let form = text
        .replace('+', "%2B")
        .replace('&', "%26")
        .replace('=', "%3D");
    let decoded = form_urlencoded::parse(form.as_bytes()).next();
    decoded
        .and_then(|(text, _)| serde_json::from_str(&text).ok())
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Seconds since the epoch as AWS CLI version 2 prints them, in UTC: microseconds only if there are
/// any.
fn iso_8601(seconds: f64) -> Option<String> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "microseconds of any year that jiff knows fit, and it refuses others"
    )]
    let micros = (seconds * 1e6).round() as i64;
    let time = Timestamp::from_microsecond(micros).ok()?;
    let text = if time.subsec_microsecond() == 0 && time.subsec_millisecond() == 0 {
        time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
    } else {
        time.strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string()
    };
    Some(text)
}

#[cfg(test)]
mod tests {
    use aws_sdk_codebuild::operation::batch_get_builds::BatchGetBuildsOutput;
    use serde_json::json;

    use super::as_the_cli_reads_it;
    use crate::aws_command::service_model::shape_of;

    #[test]
    fn members_are_in_the_models_order_and_times_in_iso_8601() {
        let shape = shape_of(|reader| BatchGetBuildsOutput::deserialize(reader));
        let answer = json!({"buildsNotFound": [], "builds": [
            {"startTime": 1_760_000_000.123, "endTime": 1_760_000_060, "id": "demo:1", "hidden": 1, "arn": null},
        ]});
        assert_eq!(
            as_the_cli_reads_it(&shape, &answer).to_string(),
            r#"{"builds":[{"id":"demo:1","startTime":"2025-10-09T08:53:20.123000+00:00","endTime":"2025-10-09T08:54:20+00:00"}],"buildsNotFound":[]}"#
        );
    }
}
