//! The query protocol: forms go out, XML comes back. EC2 has a form of its own for lists.

use aws_smithy_types::error::metadata::ErrorMetadata;
use form_urlencoded::Serializer;
use jiff::Timestamp;
use roxmltree::Document;
use roxmltree::Node;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

use super::model_facts::Model;
use super::model_facts::Protocol;
use super::model_operation::ModelOperation;
use super::parameter;
use crate::call_error::CallError;
use crate::direct_call::DirectAnswer;
use crate::direct_call::DirectRequest;
use crate::session::Session;

/// Calls an operation and gives the answer as JSON.
pub(super) async fn call(
    session: &Session,
    operation: ModelOperation,
    input: &Value,
) -> Result<Value, CallError> {
    let ModelOperation { model, facts, .. } = operation;
    let mut form = vec![
        ("Action".to_owned(), operation.name.to_owned()),
        ("Version".to_owned(), model.metadata.api_version.to_owned()),
    ];
    if let Some(shape) = facts.input {
        write(model, shape, input, String::new(), &mut form);
    }
    let body = Serializer::new(String::new()).extend_pairs(form).finish();
    let request = DirectRequest {
        method: "POST",
        uri: "/".to_owned(),
        headers: vec![(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
        )],
        body: body.into_bytes(),
    };
    let answer = session
        .call_directly(operation.service, operation.name, request)
        .await?;
    let text = String::from_utf8_lossy(&answer.body);
    let Some(shape) = facts.output else {
        return Ok(Value::Object(Map::new()));
    };
    let document = Document::parse(&text).map_err(|error| CallError::Request {
        operation: operation.name.to_owned(),
        reason: format!("the answer is not XML: {error}"),
    })?;
    let root = document.root_element();
    let output = match facts.wrapper {
        Some(wrapper) => child(root, wrapper),
        None => Some(root),
    };
    Ok(match output {
        Some(node) => read(model, shape, node, 0),
        None => Value::Object(Map::new()),
    })
}

/// The code and the message of a refusal.
pub(super) fn error(answer: &DirectAnswer) -> ErrorMetadata {
    let text = String::from_utf8_lossy(&answer.body);
    let mut error = ErrorMetadata::builder();
    if let Ok(document) = Document::parse(&text) {
        let found = document
            .descendants()
            .find(|node| node.tag_name().name() == "Error");
        let member = |name: &str| Some(child(found?, name)?.text()?.to_owned());
        if let Some(code) = member("Code") {
            error = error.code(code);
        }
        if let Some(message) = member("Message") {
            error = error.message(message.trim());
        }
    }
    error.build()
}

/// Writes a value's parameters, as the AWS CLI does: lists are `Name.member.1`, maps
/// `Name.entry.1.key`.
fn write(
    model: &Model<'_>,
    shape: &str,
    value: &Value,
    prefix: String,
    form: &mut Vec<(String, String)>,
) {
    let Some(facts) = model.shape(shape) else {
        return;
    };
    let is_ec2 = model.protocol() == Protocol::Ec2;
    match (facts.kind(), value) {
        (_, Value::Null) => {}
        ("structure", Value::Object(members)) => {
            for (name, shape) in &facts.members.0 {
                let Some(value) = members.get(*name) else {
                    continue;
                };
                let name = match facts.name_of(name) {
                    name if is_ec2 => capitalized(name),
                    name => name.to_owned(),
                };
                write(model, shape, value, at(&prefix, &name), form);
            }
        }
        ("list", Value::Array(elements)) => {
            // As an empty list is not the same as none.
            if elements.is_empty() && !is_ec2 {
                form.push((prefix, String::new()));
                return;
            }
            let prefix = match facts.member_name {
                _ if is_ec2 => prefix,
                name => at(&prefix, name.unwrap_or("member")),
            };
            for (index, element) in elements.iter().enumerate() {
                let prefix = format!("{prefix}.{}", index + 1);
                write(
                    model,
                    facts.member.unwrap_or_default(),
                    element,
                    prefix,
                    form,
                );
            }
        }
        ("map", Value::Object(entries)) => {
            for (index, (key, value)) in entries.iter().enumerate() {
                let prefix = format!("{prefix}.entry.{}", index + 1);
                let key_name = facts.key_name.unwrap_or("key");
                form.push((at(&prefix, key_name), key.clone()));
                let prefix = at(&prefix, facts.value_name.unwrap_or("value"));
                write(model, facts.value.unwrap_or_default(), value, prefix, form);
            }
        }
        ("timestamp", time) => {
            let seconds = match time {
                Value::String(text) => parameter::time(text).ok(),
                number => Some(number.clone()),
            };
            let time = seconds
                .and_then(|seconds| seconds.as_f64())
                .and_then(|seconds| Timestamp::from_millisecond((seconds * 1e3) as i64).ok());
            form.push((prefix, time.unwrap_or_default().to_string()));
        }
        (_, Value::String(text)) => form.push((prefix, text.clone())),
        (_, other) => form.push((prefix, other.to_string())),
    }
}

fn at(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

fn capitalized(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Reads a value of this shape; what the model does not know is passed over.
fn read(model: &Model<'_>, shape: &str, node: Node<'_, '_>, depth: usize) -> Value {
    /// No output of a service is nested as deep.
    const DEEPEST: usize = 32;
    let Some(facts) = model.shape(shape).filter(|_| depth < DEEPEST) else {
        return Value::Null;
    };
    let text = || node.text().unwrap_or_default();
    match facts.kind() {
        "structure" => {
            let mut members = Map::new();
            for (name, shape) in &facts.members.0 {
                if let Some(node) = child(node, facts.name_of(name)) {
                    members.insert((*name).to_owned(), read(model, shape, node, depth + 1));
                }
            }
            Value::Object(members)
        }
        "list" => {
            let element = facts.member.unwrap_or_default();
            node.children()
                .filter(Node::is_element)
                .map(|node| read(model, element, node, depth + 1))
                .collect()
        }
        "map" => {
            let mut entries = Map::new();
            for entry in node.children().filter(Node::is_element) {
                let key = child(entry, facts.key_name.unwrap_or("key"));
                let value = child(entry, facts.value_name.unwrap_or("value"));
                if let (Some(key), Some(value)) = (key, value) {
                    let key = key.text().unwrap_or_default().to_owned();
                    let value = read(model, facts.value.unwrap_or_default(), value, depth + 1);
                    entries.insert(key, value);
                }
            }
            Value::Object(entries)
        }
        "integer" | "long" => text()
            .trim()
            .parse::<i64>()
            .map_or(Value::Null, Value::from),
        "double" | "float" => number(text().trim().parse().ok()),
        "boolean" => Value::Bool(text().trim() == "true"),
        // As in JSON: seconds since the epoch.
        "timestamp" => match text().trim().parse::<Timestamp>() {
            Ok(time) if time.subsec_nanosecond() == 0 => Value::from(time.as_second()),
            Ok(time) => number(Some(time.as_microsecond() as f64 / 1e6)),
            Err(_) => Value::Null,
        },
        _ => Value::String(text().to_owned()),
    }
}

fn number(number: Option<f64>) -> Value {
    number
        .and_then(Number::from_f64)
        .map_or(Value::Null, Value::Number)
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children()
        .find(|child| child.is_element() && child.tag_name().name() == name)
}
