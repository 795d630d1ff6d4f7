//! Properties of a resource, as handlers need them.

use serde_json::Map;
use serde_json::Value;

use super::Failure;

/// Refuses properties that the local AWS has no effect for. `unsupported` has their names and why.
pub(super) fn refuse(properties: &Value, unsupported: &[(&str, &str)]) -> Result<(), Failure> {
    let found = unsupported
        .iter()
        .find(|(name, _)| properties.get(name).is_some());
    match found {
        Some((name, why)) => Err(Failure::unsupported_property(name, why)),
        None => Ok(()),
    }
}

/// Puts a property into the input of an operation, if it is given.
pub(super) fn copy(properties: &Value, property: &str, input: &mut Value, member: &str) {
    if let Some(value) = properties.get(property) {
        input[member] = value.clone();
    }
}

/// A property that is a text; empty if it is not given.
pub(super) fn text<'a>(properties: &'a Value, name: &str) -> &'a str {
    properties
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The elements of a property that is a list.
pub(super) fn list<'a>(properties: &'a Value, name: &str) -> &'a [Value] {
    let elements = properties.get(name).and_then(Value::as_array);
    elements.map_or(&[], Vec::as_slice)
}

/// A policy document as the services take it: JSON text. Templates have it as text or as an object.
pub(super) fn document(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// The document of a service in the form that the template has: text stays text.
pub(super) fn document_like(document: &str, template: Option<&Value>) -> Value {
    if template.is_some_and(Value::is_string) {
        return document.into();
    }
    serde_json::from_str(document).unwrap_or_else(|_| document.into())
}

/// Takes out of the live properties what the template leaves to its default.
pub(super) fn drop_defaults(
    live: &mut Map<String, Value>,
    template: &Value,
    defaults: &[(&str, Value)],
) {
    for (name, default) in defaults {
        if template.get(name).is_none() && live.get(*name) == Some(default) {
            live.remove(*name);
        }
    }
}
