//! Answers as query services write them.

use std::fmt::Write;

use jiff::Timestamp;
use serde_json::Value;

use crate::model::Kind;
use crate::model::Model;
use crate::model::Typed;

/// The answer of an operation.
pub(super) fn answer(model: &Model, operation: &str, output: &Value, request_id: &str) -> String {
    let mut text = format!("<{operation}Response xmlns=\"{}\">\n", model.namespace());
    if let Some(wrapper) = model.wrapper(operation) {
        element(&mut text, wrapper, |text| {
            if let Some(shape) = model.output(operation) {
                write_value(text, output, shape);
            }
        });
    }
    let _ = write!(
        text,
        "<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>\n\
         </{operation}Response>\n"
    );
    text
}

/// An error that the sender can do something about.
pub(super) fn error(model: &Model, code: &str, message: &str, request_id: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"{}\">\n<Error><Type>Sender</Type><Code>{}</Code>\
         <Message>{}</Message></Error>\n<RequestId>{request_id}</RequestId>\n</ErrorResponse>\n",
        model.namespace(),
        escape(code),
        escape(message)
    )
}

/// Writing to a string does not fail.
fn element(text: &mut String, name: &str, content: impl FnOnce(&mut String)) {
    let _ = write!(text, "<{name}>");
    content(text);
    let _ = write!(text, "</{name}>");
}

fn write_value(text: &mut String, value: &Value, shape: Typed<'_>) {
    match (shape.kind(), value) {
        (Kind::Structure, Value::Object(members)) => {
            for (name, shape) in shape.members() {
                if let Some(value) = members.get(name).filter(|value| !value.is_null()) {
                    element(text, name, |text| write_value(text, value, shape));
                }
            }
        }
        (Kind::List, Value::Array(elements)) => {
            if let Some(shape_of_element) = shape.element() {
                for value in elements {
                    element(text, shape.element_name(), |text| {
                        write_value(text, value, shape_of_element);
                    });
                }
            }
        }
        (Kind::Map, Value::Object(entries)) => {
            let (key_name, value_name) = shape.entry_names();
            if let Some((_, shape)) = shape.entry() {
                for (key, value) in entries {
                    element(text, "entry", |text| {
                        element(text, key_name, |text| text.push_str(&escape(key)));
                        element(text, value_name, |text| write_value(text, value, shape));
                    });
                }
            }
        }
        (Kind::Timestamp, Value::Number(seconds)) => text.push_str(&iso(seconds.as_f64())),
        (_, Value::String(content)) => text.push_str(&escape(content)),
        (_, Value::Null) => {}
        (_, other) => text.push_str(&escape(&other.to_string())),
    }
}

/// Whole seconds look as in IAM's answers, others have milliseconds.
fn iso(seconds: Option<f64>) -> String {
    let millis = (seconds.unwrap_or_default() * 1000.0).round() as i64;
    let time = Timestamp::from_millisecond(millis).unwrap_or_default();
    if millis % 1000 == 0 {
        time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    } else {
        time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
    }
}

/// What XML has no characters for becomes the sign for unknown ones.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#xD;"),
            '\n' | '\t' => escaped.push(character),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::IAM;
    use crate::model::SNS;

    #[test]
    fn lists_maps_times_and_truth_values() {
        let output = json!({ "Roles": [{ "RoleName": "a<b", "CreateDate": 1_700_000_000.0 }],
            "IsTruncated": false, "Marker": null });
        assert_eq!(
            answer(&IAM, "ListRoles", &output, "ID"),
            "<ListRolesResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n\
             <ListRolesResult><Roles><member><RoleName>a&lt;b</RoleName>\
             <CreateDate>2023-11-14T22:13:20Z</CreateDate></member></Roles>\
             <IsTruncated>false</IsTruncated></ListRolesResult>\
             <ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata>\n</ListRolesResponse>\n"
        );
        let output = json!({ "Attributes": { "DisplayName": "x" } });
        let text = answer(&SNS, "GetTopicAttributes", &output, "ID");
        assert!(
            text.contains("<entry><key>DisplayName</key><value>x</value></entry>"),
            "{text}"
        );
    }

    #[test]
    fn an_operation_without_output_has_metadata_only() {
        assert_eq!(
            answer(&IAM, "DeleteRole", &json!({}), "ID"),
            "<DeleteRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n\
             <ResponseMetadata><RequestId>ID</RequestId></ResponseMetadata>\n\
             </DeleteRoleResponse>\n"
        );
    }

    proptest! {
        #[test]
        fn any_text_makes_xml_that_can_be_read(message in any::<String>()) {
            let text = error(&IAM, "NoSuchEntity", &message, "ID");
            prop_assert!(roxmltree::Document::parse(&text).is_ok(), "{}", text);
        }
    }
}
