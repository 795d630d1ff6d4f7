//! Properties of a resource, as handlers need them.

use cloudformation_template::resource_types;
use serde_json::Map;
use serde_json::Value;

use super::Failure;
use super::tags;
use crate::system_tags;

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
/// Other values become text too, as attributes of SNS are.
pub(super) fn document(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Takes a property for live that nothing tells.
pub(super) fn copy_live(properties: &Value, property: &str, live: &mut Map<String, Value>) {
    if let Some(value) = properties.get(property) {
        live.insert(property.to_owned(), value.clone());
    }
}

/// Refuses tags whose keys only AWS may put.
pub(super) fn refuse_reserved_tags(properties: &Value) -> Result<(), Failure> {
    let own = tags::own(properties);
    match own.iter().any(|(key, _)| system_tags::are_of_aws(key)) {
        true => Err(Failure::of_handler(
            "InvalidRequest",
            "aws: prefixed tag key names are not allowed for external use.",
        )),
        false => Ok(()),
    }
}

/// The live properties as the template has its own: only those that it names, policies as objects
/// where it has objects, lists whose order does not count in its order.
pub(super) fn as_in_template(
    resource_type: &str,
    mut live: Map<String, Value>,
    template: &Value,
) -> Value {
    let resource_type = resource_types::of(resource_type);
    live.retain(|name, _| template.get(name).is_some());
    for (name, value) in &mut live {
        let wanted = &template[name];
        value_as_in_template(value, wanted);
        let path = format!("/{name}");
        if resource_type.is_some_and(|resource_type| resource_type.is_unordered(&path)) {
            order_as_in_template(value, wanted);
        }
    }
    live.into()
}

fn value_as_in_template(live: &mut Value, template: &Value) {
    match (&mut *live, template) {
        (Value::String(text), Value::Object(_)) => {
            if let Ok(object) = serde_json::from_str(text) {
                *live = object;
            }
        }
        (Value::Object(members), Value::Object(wanted)) => {
            for (name, wanted) in wanted {
                if let Some(member) = members.get_mut(name) {
                    value_as_in_template(member, wanted);
                }
            }
        }
        (Value::Array(elements), Value::Array(wanted)) => {
            // Policies in a list: each is compared with the one of the same name.
            let name = |value: &Value| value.get("PolicyName").cloned();
            for element in elements {
                let same = wanted.iter().find(|wanted| name(wanted) == name(element));
                if let Some(wanted) = same {
                    value_as_in_template(element, wanted);
                }
            }
        }
        _ => {}
    }
}

fn order_as_in_template(live: &mut Value, template: &Value) {
    if let (Value::Array(elements), Value::Array(wanted)) = (live, template) {
        let place = |element: &Value| wanted.iter().position(|wanted| wanted == element);
        elements.sort_by_key(|element| place(element).unwrap_or(usize::MAX));
    }
}
