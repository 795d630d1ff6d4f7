//! The JSON Schema of the buildspec language, made from the table of keys.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::keys;
use crate::keys::Key;
use crate::keys::Kind;
use crate::keys::Section;

/// The [JSON Schema](https://json-schema.org/draft-07) of the buildspec language as text, for the
/// YAML plugins of editors: they then complete keys, show what they mean and mark mistakes.
///
/// It is stricter than [`Buildspec::parse`](crate::Buildspec::parse): an unknown key, which is a
/// warning there, is a mistake here.
#[must_use]
pub fn json_schema() -> String {
    let mut root = Map::new();
    root.insert(
        "$schema".to_owned(),
        json!("http://json-schema.org/draft-07/schema#"),
    );
    root.insert("title".to_owned(), json!("AWS CodeBuild buildspec"));
    root.insert(
        "description".to_owned(),
        json!(
            "Made from the table of keys in crates/buildspec: cargo run -p buildspec --example schema"
        ),
    );
    root.extend(section(&keys::BUILDSPEC));
    root.insert(
        "anyOf".to_owned(),
        json!([{ "required": ["phases"] }, { "required": ["batch"] }]),
    );
    let mut text = format!("{:#}", Value::Object(root));
    text.push('\n');
    text
}

fn section(section: &Section) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("additionalProperties".to_owned(), json!(false));
    let required: Vec<&str> = section
        .keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    if std::ptr::eq(section, &keys::BATCH) {
        let kinds: Vec<Value> = section
            .keys
            .iter()
            .filter(|key| key.name.starts_with("build-"))
            .map(|key| json!({ "required": [key.name] }))
            .collect();
        schema.insert("oneOf".to_owned(), json!(kinds));
    }
    let properties: Map<String, Value> = section
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), property(key)))
        .collect();
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema
}

fn property(key: &Key) -> Value {
    let mut schema = Map::new();
    schema.insert("description".to_owned(), json!(key.about));
    schema.extend(kind(key));
    Value::Object(schema)
}

/// What is a text in a buildspec: YAML's numbers and truth values are texts there, too.
fn text() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn kind(key: &Key) -> Map<String, Value> {
    let schema = match &key.kind {
        Kind::Text => text(),
        Kind::Choice(values) => json!({ "enum": values }),
        Kind::Known(values) => json!({ "anyOf": [{ "enum": values }, { "type": "string" }] }),
        Kind::Version => json!({ "enum": [0.2, "0.2", 0.1, "0.1"] }),
        Kind::OnFailure => json!({
            "anyOf": [
                { "enum": ["ABORT", "CONTINUE", "RETRY"] },
                { "type": "string", "pattern": "^RETRY-.+$" },
            ],
        }),
        Kind::ReportFormat => {
            let names: Vec<&str> = keys::report_formats().collect();
            let patterns: Vec<String> = names.iter().map(|name| any_case(name)).collect();
            json!({
                "anyOf": [
                    { "enum": names },
                    { "type": "string", "pattern": format!("^({})$", patterns.join("|")) },
                ],
            })
        }
        Kind::YesNo => json!({ "enum": ["yes", "no", true, false] }),
        Kind::TrueFalse => json!({ "enum": [true, false, "yes", "no"] }),
        Kind::Number(at_most) => json!({ "type": "integer", "minimum": 1, "maximum": at_most }),
        Kind::Texts { at_most } => texts(key.required, *at_most),
        Kind::Commands => json!({ "type": ["array", "null"], "items": text() }),
        Kind::TextByName => json!({
            "type": ["object", "null"],
            "additionalProperties": { "type": ["string", "number", "boolean", "null"] },
        }),
        Kind::TextsByName => json!({
            "type": ["object", "null"],
            "additionalProperties": texts(true, None),
        }),
        Kind::Section(of) => return section(of),
        Kind::SectionByName {
            section: of,
            at_most,
        } => {
            let mut schema = json!({
                "type": "object",
                "additionalProperties": section(of),
            });
            if let (Some(at_most), Some(schema)) = (at_most, schema.as_object_mut()) {
                schema.insert("maxProperties".to_owned(), json!(at_most));
            }
            schema
        }
        Kind::Sections(of) => json!({ "type": "array", "minItems": 1, "items": section(of) }),
    };
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

fn texts(required: bool, at_most: Option<usize>) -> Value {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("array"));
    if required {
        schema.insert("minItems".to_owned(), json!(1));
    }
    if let Some(at_most) = at_most {
        schema.insert("maxItems".to_owned(), json!(at_most));
    }
    schema.insert("items".to_owned(), text());
    Value::Object(schema)
}

/// A regular expression for a word in upper and lower case; JSON Schema has no flag for it.
fn any_case(word: &str) -> String {
    word.chars()
        .map(|c| match c.is_ascii_alphabetic() {
            true => format!("[{}{}]", c.to_ascii_uppercase(), c.to_ascii_lowercase()),
            false => c.to_string(),
        })
        .collect()
}
