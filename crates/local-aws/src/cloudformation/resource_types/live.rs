//! What a service has, in the form that a template has it.
//!
//! Drift is told of what a template says: a property that it leaves out is not compared, as on AWS.
//! Only lists may have gained something.

use serde_json::Map;
use serde_json::Value;

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

/// The same with the template's order for lists of objects that have a key of their own.
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
