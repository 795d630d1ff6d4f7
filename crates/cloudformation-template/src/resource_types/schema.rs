//! What a value may be: the part of JSON Schema that AWS's schemas use.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use fancy_regex::Regex;
use serde::Deserialize;
use serde_json::Number;
use serde_json::Value;

/// What a value may be.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Schema {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "type")]
    pub(super) types: Types,
    #[serde(rename = "enum")]
    pub(super) one_of_values: Option<Vec<Value>>,
    #[serde(rename = "const")]
    pub(super) only_value: Option<Value>,
    pub(super) default: Option<Value>,
    pub(super) pattern: Option<Pattern>,
    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    pub(super) minimum: Option<Number>,
    pub(super) maximum: Option<Number>,
    pub(super) items: Option<Box<Schema>>,
    pub(super) min_items: Option<usize>,
    pub(super) max_items: Option<usize>,
    pub(super) unique_items: bool,
    pub(super) insertion_order: Option<bool>,
    pub(super) properties: BTreeMap<String, Schema>,
    pub(super) pattern_properties: PatternProperties,
    pub(super) additional_properties: Option<bool>,
    pub(super) min_properties: Option<usize>,
    pub(super) max_properties: Option<usize>,
    pub(super) required: Vec<String>,
    pub(super) any_of: Vec<Schema>,
    pub(super) one_of: Vec<Schema>,
    pub(super) all_of: Vec<Schema>,
}

/// The types that a value may have. None means any.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "OneOrMany")]
pub(super) struct Types(pub(super) Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// What properties may be whose names match.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "BTreeMap<String, Schema>")]
pub(super) struct PatternProperties(pub(super) Vec<(Pattern, Schema)>);

/// A regular expression, compiled when it is needed.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(super) struct Pattern {
    pub(super) text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Schema {
    /// The name of the definition that it refers to.
    pub(super) fn definition(&self) -> Option<&str> {
        self.reference.as_deref()?.strip_prefix("#/definitions/")
    }

    /// The schema of a property of an object.
    pub(super) fn property(&self, name: &str) -> Option<&Self> {
        let by_pattern = || {
            let mut patterns = self.pattern_properties.0.iter();
            patterns.find(|(pattern, _)| pattern.matches(name))
        };
        let named = self.properties.get(name);
        named.or_else(|| by_pattern().map(|(_, schema)| schema))
    }
}

impl Types {
    /// Whether a value may be of this type.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|known| known == name)
    }
}

impl From<OneOrMany> for Types {
    fn from(types: OneOrMany) -> Self {
        match types {
            OneOrMany::One(name) => Self(vec![name]),
            OneOrMany::Many(names) => Self(names),
        }
    }
}

impl Pattern {
    /// Whether it is found anywhere in the text.
    pub(super) fn matches(&self, text: &str) -> bool {
        match self.compiled() {
            Some(regex) => regex.is_match(text).unwrap_or(true),
            None => true,
        }
    }

    pub(super) fn compiled(&self) -> Option<&Regex> {
        let compile = || Regex::new(&self.text).ok();
        self.compiled.get_or_init(compile).as_ref()
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self {
            text,
            compiled: OnceLock::new(),
        }
    }
}

impl From<BTreeMap<String, Schema>> for PatternProperties {
    fn from(schemas: BTreeMap<String, Schema>) -> Self {
        let schemas = schemas.into_iter();
        Self(
            schemas
                .map(|(pattern, schema)| (pattern.into(), schema))
                .collect(),
        )
    }
}
