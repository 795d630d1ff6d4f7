//! A text as a tree whose every node knows its position: what YAML and JSON have in common.

use serde_json::Map;
use serde_json::Number;

use crate::error::Position;
use crate::error::TemplateError;
use crate::json;
use crate::yaml;

/// How deep mappings and sequences may be in each other.
pub(crate) const DEEPEST: usize = 100;

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) value: Value,
    pub(crate) position: Position,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    Sequence(Vec<Node>),
    /// In the order of the text; no key twice.
    Mapping(Vec<Entry>),
}

/// One key of a mapping, with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) position: Position,
    pub(crate) value: Node,
}

impl Node {
    /// Reads a text: JSON if it begins with `{`, else YAML.
    pub(crate) fn parse(text: &str) -> Result<Self, TemplateError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match text.trim_start().starts_with('{') {
            true => json::parse(text),
            false => yaml::parse(text),
        }
    }

    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    pub(crate) fn items(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A scalar as text, as CloudFormation takes one for the other.
    pub(crate) fn scalar(&self) -> Option<String> {
        match &self.value {
            Value::Text(text) => Some(text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(value) => Some(value.to_string()),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let entry = self.entries()?.iter().find(|entry| entry.key == key)?;
        Some(&entry.value)
    }

    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => serde_json::Value::Bool(*value),
            Value::Number(value) => serde_json::Value::Number(value.clone()),
            Value::Text(value) => serde_json::Value::String(value.clone()),
            Value::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Value::Mapping(entries) => {
                let pairs = entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.value.to_json()));
                serde_json::Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }
}

/// The refusal of a key that stands in a mapping twice.
pub(crate) fn duplicate(key: &str, first: Position, again: Position) -> TemplateError {
    TemplateError::new(
        format!(
            "Template format error: duplicate key '{key}'. (line {}, column {})",
            again.line, again.column
        ),
        again,
    )
    .with_help(format!("it stands at {first} already: keep one of the two"))
}

/// The refusal of a text that is nested too deeply.
pub(crate) fn too_deep(position: Position) -> TemplateError {
    TemplateError::new(
        "Template format error: the template is nested too deeply.",
        position,
    )
    .with_help(format!(
        "objects and lists may be in each other {DEEPEST} levels deep"
    ))
}
