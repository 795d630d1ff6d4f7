//! Compares the properties that a stack has given with those that are there.

use std::collections::BTreeSet;

use cloudformation_template::resource_types;
use cloudformation_template::resource_types::ResourceType;
use serde_json::Value;
use serde_json::json;

use crate::cloudformation::changes;
use crate::cloudformation::record::Physical;

/// What is shown of a comparison.
pub(super) struct Seen {
    pub(super) expected: Value,
    pub(super) actual: Value,
    /// As DescribeStackResourceDrifts shows them.
    pub(super) differences: Vec<Value>,
}

/// Compares. Secrets are not shown, and what nothing tells is left out.
pub(super) fn seen(resource_type: &str, now: &Physical, live: &Value) -> Seen {
    let schema = resource_types::of(resource_type);
    let mut expected = changes::normalized(resource_type, &now.shown);
    let secret = changes::normalized(resource_type, &now.properties);
    let mut actual = hidden(
        &expected,
        &secret,
        &changes::normalized(resource_type, live),
    );
    for path in schema.into_iter().flat_map(ResourceType::write_only) {
        for value in [&mut expected, &mut actual] {
            remove(value, path.trim_start_matches('/'));
        }
    }
    let mut differences = Vec::new();
    compare(schema, "", &expected, &actual, &mut differences);
    Seen {
        expected,
        actual,
        differences,
    }
}

/// The actual value without the secrets that the expected one does not show.
fn hidden(shown: &Value, secret: &Value, actual: &Value) -> Value {
    if shown == secret {
        return actual.clone();
    }
    match (shown, secret, actual) {
        (_, _, actual) if actual == secret => shown.clone(),
        (Value::Object(shown), Value::Object(secret), Value::Object(actual)) => {
            let members = actual.iter().map(|(name, value)| {
                let value = match (shown.get(name), secret.get(name)) {
                    (Some(shown), Some(secret)) => hidden(shown, secret, value),
                    _ => value.clone(),
                };
                (name.clone(), value)
            });
            Value::Object(members.collect())
        }
        (Value::Array(shown), Value::Array(secret), Value::Array(actual)) => {
            let elements = actual.iter().enumerate().map(|(place, value)| {
                match (shown.get(place), secret.get(place)) {
                    (Some(shown), Some(secret)) => hidden(shown, secret, value),
                    _ => value.clone(),
                }
            });
            elements.collect()
        }
        _ => "****".into(),
    }
}

/// Takes a property away; `*` stands for each element of a list.
fn remove(value: &mut Value, path: &str) {
    let (first, rest) = match path.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    match (value, rest) {
        (Value::Array(elements), Some(rest)) if first == "*" => {
            for element in elements {
                remove(element, rest);
            }
        }
        (Value::Object(members), Some(rest)) => {
            if let Some(member) = members.get_mut(first) {
                remove(member, rest);
            }
        }
        (Value::Object(members), None) => {
            members.remove(first);
        }
        _ => {}
    }
}

fn compare(
    schema: Option<&ResourceType>,
    path: &str,
    expected: &Value,
    actual: &Value,
    differences: &mut Vec<Value>,
) {
    match (expected, actual) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let path = format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"));
                match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => compare(schema, &path, a, b, differences),
                    (Some(a), None) => differences.push(one(&path, Some(a), None)),
                    (None, b) => differences.push(one(&path, None, b)),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            if schema.is_some_and(|schema| schema.is_unordered(path)) {
                compare_sets(path, a, b, differences);
                return;
            }
            for place in 0..a.len().max(b.len()) {
                let path = format!("{path}/{place}");
                match (a.get(place), b.get(place)) {
                    (Some(a), Some(b)) => compare(schema, &path, a, b, differences),
                    (a, b) => differences.push(one(&path, a, b)),
                }
            }
        }
        (a, b) if a == b => {}
        (a, b) => differences.push(one(path, Some(a), Some(b))),
    }
}

fn compare_sets(path: &str, a: &[Value], b: &[Value], differences: &mut Vec<Value>) {
    for (place, value) in a.iter().enumerate() {
        if !b.contains(value) {
            differences.push(one(&format!("{path}/{place}"), Some(value), None));
        }
    }
    for (place, value) in b.iter().enumerate() {
        if !a.contains(value) {
            differences.push(one(&format!("{path}/{place}"), None, Some(value)));
        }
    }
}

fn one(path: &str, expected: Option<&Value>, actual: Option<&Value>) -> Value {
    let text = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => "null".to_owned(),
    };
    let kind = match (expected, actual) {
        (None, _) => "ADD",
        (_, None) => "REMOVE",
        _ => "NOT_EQUAL",
    };
    json!({
        "PropertyPath": path,
        "ExpectedValue": text(expected),
        "ActualValue": text(actual),
        "DifferenceType": kind,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_has_its_place_and_its_kind() {
        let mut found = Vec::new();
        let expected = json!({ "a": 1, "b": { "c/d": "x" }, "e": [1, 2], "f": true });
        let actual = json!({ "a": 2, "b": { "c/d": "y", "z": 0 }, "e": [1], "f": true });
        compare(None, "", &expected, &actual, &mut found);
        let found: Vec<(&str, &str)> = found
            .iter()
            .map(|one| {
                let text = |member: &str| one[member].as_str().unwrap();
                (text("PropertyPath"), text("DifferenceType"))
            })
            .collect();
        assert_eq!(
            found,
            [
                ("/a", "NOT_EQUAL"),
                ("/b/c~1d", "NOT_EQUAL"),
                ("/b/z", "ADD"),
                ("/e/1", "REMOVE"),
            ]
        );
    }

    #[test]
    fn secrets_stay_hidden() {
        let (shown, secret) = (json!({ "v": "****", "w": 1 }), json!({ "v": "s", "w": 1 }));
        assert_eq!(hidden(&shown, &secret, &secret), shown);
        let other = json!({ "v": "t", "w": 2 });
        assert_eq!(
            hidden(&shown, &secret, &other),
            json!({ "v": "****", "w": 2 })
        );
    }
}
