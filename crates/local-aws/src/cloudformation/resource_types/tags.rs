//! Tags of resources: those of the template, the stack's, and those that name the stack.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Request;

/// Keys and values.
pub(super) type Tags = Vec<(String, String)>;

/// What has to be done so that a resource has other tags.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Change {
    /// Keys.
    pub(super) removed: Vec<String>,
    pub(super) put: Tags,
}

/// The property `Tags` of the template: a list of `Key` and `Value`, or a map.
pub(super) fn own(properties: &Value) -> Tags {
    let tags = &properties["Tags"];
    match tags {
        Value::Object(_) => of_map(tags),
        _ => of_list(tags),
    }
}

/// Out of a list of objects with `Key` and `Value`.
pub(super) fn of_list(list: &Value) -> Tags {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tags = list.as_array().into_iter().flatten();
    tags.map(|tag| (text(&tag["Key"]), text(&tag["Value"])))
        .collect()
}

/// Out of an object.
pub(super) fn of_map(map: &Value) -> Tags {
    let tags = map.as_object().into_iter().flatten();
    tags.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}

/// As a list of objects with `Key` and `Value`.
pub(super) fn to_list(tags: &[(String, String)]) -> Value {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

/// As an object.
pub(super) fn to_map(tags: &[(String, String)]) -> Value {
    let tags = tags.iter();
    tags.map(|(key, value)| (key.clone(), value.as_str().into()))
        .collect::<Map<String, Value>>()
        .into()
}

/// What makes the tags that are there into those that are wanted.
pub(super) fn change(there: &[(String, String)], wanted: &[(String, String)]) -> Change {
    let has = |tags: &[(String, String)], key: &str| tags.iter().any(|(known, _)| known == key);
    Change {
        removed: there
            .iter()
            .filter(|(key, _)| !has(wanted, key))
            .map(|(key, _)| key.clone())
            .collect(),
        put: wanted
            .iter()
            .filter(|tag| !there.contains(tag))
            .cloned()
            .collect(),
    }
}

/// Whether the tags name the stack and the resource: then an earlier try has made it.
pub(super) fn are_of(request: &Request<'_>, tags: &[(String, String)]) -> bool {
    request.system_tags().iter().all(|tag| tags.contains(tag))
}

/// The live tags as the property `Tags` has them, without the stack's and those that name it: unless
/// the template has them too.
pub(super) fn live(request: &Request<'_>, tags: &[(String, String)], template: &Value) -> Value {
    let own = own(template);
    let is_own = |key: &str| own.iter().any(|(known, _)| known == key);
    let shown: Tags = tags
        .iter()
        .filter(|tag| {
            let is_of_stack = tag.0.starts_with("aws:") || request.stack_tags.contains(tag);
            is_own(&tag.0) || !is_of_stack
        })
        .cloned()
        .collect();
    match template["Tags"] {
        Value::Object(_) => to_map(&shown),
        _ => to_list(&shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_changed() {
        let tags = |pairs: &[(&str, &str)]| -> Tags {
            let pairs = pairs.iter();
            pairs
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        let change = change(
            &tags(&[("same", "1"), ("other", "1"), ("old", "1")]),
            &tags(&[("same", "1"), ("other", "2"), ("new", "1")]),
        );
        assert_eq!(change.removed, ["old"]);
        assert_eq!(change.put, tags(&[("other", "2"), ("new", "1")]));
    }
}
