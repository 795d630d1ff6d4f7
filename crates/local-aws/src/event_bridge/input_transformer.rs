//! What a target gets of an event: all of it, a part, a constant, or a text made of its parts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::invalid;
use super::record::InputTransformer;
use super::record::Rule;
use super::record::Target;
use crate::account::Account;
use crate::error::AwsError;

/// Checks what a target names.
///
/// # Errors
///
/// `ValidationException`.
pub(super) fn check(target: &Target) -> Result<(), AwsError> {
    let id = &target.id;
    if let Some(input) = &target.input
        && serde_json::from_str::<Value>(input).is_err()
    {
        return Err(invalid(format!("Input for target {id} is not JSON text.")));
    }
    let paths = target.input_transformer.iter();
    let paths = paths.flat_map(|transformer| transformer.input_paths_map.values());
    for path in target.input_path.iter().chain(paths) {
        if steps(path).is_none() {
            return Err(invalid(format!(
                "Invalid JSON path {path} for target {id}."
            )));
        }
    }
    let Some(transformer) = &target.input_transformer else {
        return Ok(());
    };
    for name in transformer.input_paths_map.keys() {
        if name.starts_with("AWS.") || name.starts_with("aws.") {
            return Err(invalid(format!(
                "InputPathsMap for target {id} has the key {name}: AWS. begins reserved names."
            )));
        }
    }
    for name in placeholders(&transformer.input_template) {
        if !transformer.input_paths_map.contains_key(name) && !RESERVED.contains(&name) {
            return Err(invalid(format!(
                "InputTemplate for target {id} contains the placeholder <{name}>, which is not in \
                 InputPathsMap."
            )));
        }
    }
    // With any value in each place it has to be JSON.
    let sample = fill(&transformer.input_template, |_| Some(Value::from(1)));
    let values = serde_json::Deserializer::from_str(&sample).into_iter::<Value>();
    let values: Vec<_> = values.collect();
    if values.is_empty() || values.iter().any(Result::is_err) {
        return Err(invalid(format!(
            "Invalid InputTemplate for target {id}: it has to be a JSON object, or texts in quotation \
             marks."
        )));
    }
    Ok(())
}

const RESERVED: [&str; 5] = [
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
];

/// What goes to a target.
pub(super) fn payload(account: &Account, rule: &Rule, target: &Target, event: &Value) -> String {
    if let Some(input) = &target.input {
        return input.clone();
    }
    if let Some(path) = &target.input_path {
        return at(event, path).unwrap_or(&Value::Null).to_string();
    }
    match &target.input_transformer {
        Some(transformer) => transformed(account, rule, transformer, event),
        None => event.to_string(),
    }
}

fn transformed(
    account: &Account,
    rule: &Rule,
    transformer: &InputTransformer,
    event: &Value,
) -> String {
    let paths: &BTreeMap<String, String> = &transformer.input_paths_map;
    fill(&transformer.input_template, |name| match name {
        "aws.events.rule-arn" => Some(rule.arn(account).into()),
        "aws.events.rule-name" => Some(rule.name.as_str().into()),
        "aws.events.event.ingestion-time" => Some(event["time"].clone()),
        "aws.events.event.json" => Some(event.clone()),
        "aws.events.event" => {
            let mut event = event.clone();
            if let Some(event) = event.as_object_mut() {
                event.remove("detail");
            }
            Some(event)
        }
        name => at(event, paths.get(name)?).cloned(),
    })
}

/// The names between angle brackets.
fn placeholders(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
        .map(|(name, _)| name)
        .filter(|name| is_name(name))
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !name.is_empty() && name.bytes().all(allowed)
}

/// Puts values in the places of their names: within quotation marks as text, elsewhere as JSON. A
/// name without a value leaves nothing within quotation marks, and an empty text elsewhere.
fn fill(template: &str, value: impl Fn(&str) -> Option<Value>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    let mut in_text = false;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        match character {
            '\\' => {
                let escaped = after.chars().next();
                filled.push('\\');
                filled.extend(escaped);
                rest = &after[escaped.map_or(0, char::len_utf8)..];
                continue;
            }
            '<' => {
                if let Some((name, after)) = after.split_once('>')
                    && is_name(name)
                {
                    filled.push_str(&shown(value(name), in_text));
                    rest = after;
                    continue;
                }
            }
            '"' => in_text = !in_text,
            _ => {}
        }
        filled.push(character);
        rest = after;
    }
    filled
}

fn shown(value: Option<Value>, in_text: bool) -> String {
    if !in_text {
        return value.unwrap_or_else(|| "".into()).to_string();
    }
    let text = match value {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    };
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The value at a path such as `$.detail.phases[0]`.
fn at<'v>(event: &'v Value, path: &str) -> Option<&'v Value> {
    let mut value = event;
    for step in steps(path)? {
        value = match step {
            Step::Member(name) => value.get(name)?,
            Step::Element(index) => value.get(index)?,
        };
    }
    Some(value)
}

enum Step<'p> {
    Member(&'p str),
    Element(usize),
}

/// The steps of a path; `None` if it is none.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let rest = path.strip_prefix('$')?;
    if rest.is_empty() {
        return Some(Vec::new());
    }
    let mut steps = Vec::new();
    for part in rest.strip_prefix('.')?.split('.') {
        let (name, elements) = match part.find('[') {
            Some(at) => part.split_at(at),
            None => (part, ""),
        };
        if name.is_empty() {
            return None;
        }
        steps.push(Step::Member(name));
        let mut elements = elements;
        while !elements.is_empty() {
            let (index, after) = elements.strip_prefix('[')?.split_once(']')?;
            steps.push(Step::Element(index.parse().ok()?));
            elements = after;
        }
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(template: &str) -> String {
        let event = json!({ "detail": { "status": "FAILED \"x\"", "list": [1, { "a": true }] } });
        let paths = [
            ("status", "$.detail.status"),
            ("list", "$.detail.list"),
            ("a", "$.detail.list[1].a"),
            ("absent", "$.detail.absent"),
        ];
        fill(template, |name| {
            let path = paths.iter().find(|(known, _)| *known == name)?;
            at(&event, path.1).cloned()
        })
    }

    #[test]
    fn names_become_values() {
        for (template, expected) in [
            (r#""Build <status>.""#, r#""Build FAILED \"x\".""#),
            (r#"{"s": <status>}"#, r#"{"s": "FAILED \"x\""}"#),
            (
                r#"{"s": "<status>", "a": <a>}"#,
                r#"{"s": "FAILED \"x\"", "a": true}"#,
            ),
            (r#"{"l": <list>}"#, r#"{"l": [1,{"a":true}]}"#),
            (r#""<list> \"<a>\"""#, r#""[1,{\"a\":true}] \"true\"""#),
            (r#""<absent>|""#, r#""|""#),
            (
                r#"{"x": <absent>, "y": "a < b > c"}"#,
                r#"{"x": "", "y": "a < b > c"}"#,
            ),
        ] {
            assert_eq!(made(template), expected, "{template}");
        }
    }

    #[test]
    fn paths_begin_with_a_dollar_sign() {
        for path in [
            "detail", "$detail", "$.", "$.a..b", "$.a[x]", "$.a[0", "$[0]",
        ] {
            assert!(steps(path).is_none(), "{path}");
        }
        assert!(steps("$").is_some_and(|steps| steps.is_empty()));
    }
}
