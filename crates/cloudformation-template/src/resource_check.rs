//! Holds the resources of a template against the facts of their types, and finds the place of what is
//! wrong.

use serde_json::Map;
use serde_json::Value as Json;

use crate::error::Position;
use crate::error::TemplateError;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;
use crate::resource_types;
use crate::resource_types::PropertyError;
use crate::values::KNOWN_AFTER_APPLY;

/// What is wrong with all resources, for a text that is a tree at least. What the reader of the
/// language tells is not told again.
pub(crate) fn check(root: &Node) -> Vec<TemplateError> {
    let resources = root.get("Resources").and_then(Node::entries);
    resources
        .unwrap_or_default()
        .iter()
        .flat_map(resource)
        .collect()
}

fn resource(entry: &Entry) -> Vec<TemplateError> {
    let Some(node) = entry.value.get("Type") else {
        return Vec::new();
    };
    let Some(name) = node.text().filter(|name| !name.ends_with("::MODULE")) else {
        return Vec::new();
    };
    if !resource_types::exists(name) {
        return vec![unrecognized(name, node.position)];
    }
    let Some(of_type) = resource_types::of(name) else {
        return Vec::new();
    };
    let keys = entry.value.entries().unwrap_or_default();
    let properties = keys.iter().find(|entry| entry.key == "Properties");
    let given = match properties.map(|entry| known(&entry.value)) {
        Some(Some(given)) if given.is_object() => given,
        // Without properties those that are required are missing.
        None => Json::Object(Map::new()),
        Some(_) => return Vec::new(),
    };
    let place = |error: &PropertyError| match properties {
        Some(properties) => position(properties, error),
        None => entry.position,
    };
    let tell = |error: PropertyError| {
        let place = place(&error);
        let help = error.help.clone();
        let message = resource_types::validation_failed(&entry.key, &[error]).replace('\n', " ");
        let told = TemplateError::new(message, place);
        match help {
            Some(help) => told.with_help(help),
            None => told,
        }
    };
    of_type.check(&given).into_iter().map(tell).collect()
}

fn unrecognized(name: &str, position: Position) -> TemplateError {
    let error = TemplateError::new(
        format!("Template format error: Unrecognized resource types: [{name}]"),
        position,
    );
    match resource_types::like(name).first() {
        Some(meant) => error.with_help(format!("did you mean {meant}?")),
        None => error.with_help("types have names such as AWS::S3::Bucket"),
    }
}

/// A value as far as the text tells it: what functions and dynamic references give is not known.
/// `None` is `AWS::NoValue`.
fn known(node: &Node) -> Option<Json> {
    let open = || Json::from(KNOWN_AFTER_APPLY);
    Some(match &node.value {
        Value::Mapping(entries) if is_function(entries) => {
            let is_ref = entries.iter().any(|entry| entry.key == "Ref");
            let is_nothing = entries
                .iter()
                .any(|entry| entry.value.text() == Some("AWS::NoValue"));
            match is_ref && is_nothing {
                true => return None,
                false => open(),
            }
        }
        Value::Mapping(entries) => {
            let members = entries
                .iter()
                .filter_map(|entry| Some((entry.key.clone(), known(&entry.value)?)));
            Json::Object(members.collect())
        }
        // Each element keeps its index.
        Value::Sequence(items) => items
            .iter()
            .map(|item| known(item).unwrap_or_else(open))
            .collect(),
        Value::Text(text) if text.contains("{{resolve:") => open(),
        // The reader refuses it.
        Value::Null => open(),
        Value::Text(_) | Value::Bool(_) | Value::Number(_) => node.to_json(),
    })
}

fn is_function(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.key.starts_with("Fn::"))
        || (entries.len() == 1 && entries[0].key == "Ref")
}

/// Where the property stands that an error is about.
fn position(properties: &Entry, error: &PropertyError) -> Position {
    let (mut node, mut place) = (&properties.value, properties.position);
    let tokens = error.pointer.split('/').skip(1);
    let tokens = tokens.map(|token| token.replace("~1", "/").replace("~0", "~"));
    for token in tokens.chain(error.key.clone()) {
        match &node.value {
            Value::Mapping(entries) => {
                let Some(entry) = entries.iter().find(|entry| entry.key == token) else {
                    break;
                };
                (node, place) = (&entry.value, entry.position);
            }
            Value::Sequence(items) => {
                let index: Option<usize> = token.parse().ok();
                let Some(item) = index.and_then(|index| items.get(index)) else {
                    break;
                };
                (node, place) = (item, item.position);
            }
            _ => break,
        }
    }
    place
}
