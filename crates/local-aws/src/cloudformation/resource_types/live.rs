//! What a service has, in the form that a template has it.
//!
//! Drift is told of what a template says: a property that it leaves out is not compared, as on AWS.
//! Only lists may have gained something.

use serde_json::Map;
use serde_json::Value;

use super::Request;
use super::tags;
use super::tags::Tags;

/// What `live` has of the properties in `template`. Names may differ in capital and small letters.
pub(super) fn like(template: &Value, live: &Value) -> Value {
    match (template, live) {
        (Value::Object(properties), Value::Object(members)) => {
            let mut shown = Map::new();
            for (name, property) in properties {
                let member = members
                    .iter()
                    .find(|(member, _)| member.eq_ignore_ascii_case(name));
                if let Some((_, member)) = member.filter(|(_, value)| !value.is_null()) {
                    shown.insert(name.clone(), like(property, member));
                }
            }
            shown.into()
        }
        (Value::Array(properties), Value::Array(members)) => {
            let members = members.iter().enumerate();
            members
                .map(|(index, member)| match properties.get(index) {
                    Some(property) => like(property, member),
                    None => capitalized(member),
                })
                .collect()
        }
        // Numbers and truth values may be text in templates, and the other way round.
        (_, Value::Object(_) | Value::Array(_)) => live.clone(),
        _ if text(template) == text(live) => template.clone(),
        _ => live.clone(),
    }
}

/// A document of a service in the form that the template has it: text stays text.
pub(super) fn document(document: &str, template: Option<&Value>) -> Value {
    if template.is_some_and(Value::is_string) {
        return document.into();
    }
    serde_json::from_str(document).unwrap_or_else(|_| document.into())
}

/// Puts the tags that are there among the live properties, if the template has tags: in its order
/// and form, without the stack's and those that name it.
pub(super) fn put_tags(
    request: &Request<'_>,
    there: &[(String, String)],
    template: &Value,
    live: &mut Map<String, Value>,
) {
    live.remove("Tags");
    if template.get("Tags").is_none() {
        return;
    }
    let own = tags::own(template);
    let place = |key: &str| own.iter().position(|(known, _)| known == key);
    let is_of_stack = |tag| request.stack_tags.contains(tag) || tag.0.starts_with("aws:");
    let shown = there.iter();
    let mut shown: Tags = shown
        .filter(|tag| place(&tag.0).is_some() || !is_of_stack(tag))
        .cloned()
        .collect();
    shown.sort_by_key(|(key, _)| place(key).unwrap_or(usize::MAX));
    let shown = match template["Tags"] {
        Value::Object(_) => tags::to_map(&shown),
        _ => tags::to_list(&shown),
    };
    live.insert("Tags".to_owned(), shown);
}

/// Sorts objects that have a key of their own as the template does.
pub(super) fn in_order_of(template: &[Value], live: &mut [Value], key: &str) {
    live.sort_by_key(|member| {
        let own = &member[key];
        let place = template.iter().position(|element| element[key] == *own);
        place.unwrap_or(usize::MAX)
    });
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What a template would call it: `buildspec` has a capital more than other names.
fn capitalized(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| {
                let mut letters = name.chars();
                let name = match (name.as_str(), letters.next()) {
                    ("buildspec", _) => "BuildSpec".to_owned(),
                    (_, Some(first)) => format!("{}{}", first.to_uppercase(), letters.as_str()),
                    (_, None) => String::new(),
                };
                (name, capitalized(value))
            })
            .collect::<Map<String, Value>>()
            .into(),
        Value::Array(elements) => elements.iter().map(capitalized).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_the_template_says_is_shown() {
        let template = json!({
            "TimeoutInMinutes": "20",
            "Source": { "BuildSpec": "a" },
            "Description": "d",
            "List": [{ "Name": "a" }],
        });
        let live = json!({
            "timeoutInMinutes": 20,
            "source": { "buildspec": "b", "type": "NO_SOURCE" },
            "list": [{ "name": "a", "type": "PLAINTEXT" }, { "name": "b" }],
        });
        let shown = json!({
            "TimeoutInMinutes": "20",
            "Source": { "BuildSpec": "b" },
            "List": [{ "Name": "a" }, { "Name": "b" }],
        });
        assert_eq!(like(&template, &live), shown);
    }
}
