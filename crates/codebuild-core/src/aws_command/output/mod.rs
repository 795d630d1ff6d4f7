//! What the AWS CLI would print.

mod answer;
mod query;
mod table;
mod text;

use serde_json::Value;
use serde_json::ser::PrettyFormatter;
use serde_json::ser::Serializer;

pub(crate) use answer::as_the_cli_reads_it;
pub(crate) use query::Query;

/// `--output`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum OutputFormat {
    #[default]
    Json,
    Text,
    Table,
}

impl OutputFormat {
    /// As `--output` has it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Text => "text",
            Self::Table => "table",
        }
    }

    pub(crate) fn parse(name: &str) -> Result<Self, String> {
        match name {
            "json" => Ok(Self::Json),
            "text" => Ok(Self::Text),
            "table" => Ok(Self::Table),
            "yaml" | "yaml-stream" | "off" => Err(format!(
                "the output format {name} of the AWS CLI is not supported here; use json, text or table"
            )),
            _ => Err(format!(
                "`{name}` is not an output format; use json, text or table"
            )),
        }
    }
}

/// The text of an answer. `title` heads a table: the AWS CLI takes the operation's name.
pub(crate) fn render(value: &Value, format: OutputFormat, title: &str) -> String {
    match format {
        OutputFormat::Json => json(value),
        OutputFormat::Text => text::render(value),
        OutputFormat::Table => table::render(value, title),
    }
}

/// JSON with four spaces; nothing for an empty object, which is the answer of operations that have
/// none.
fn json(value: &Value) -> String {
    if value.as_object().is_some_and(serde_json::Map::is_empty) {
        return String::new();
    }
    let mut text = pretty(value);
    text.push('\n');
    text
}

/// JSON with four spaces.
pub(crate) fn pretty(value: &Value) -> String {
    let mut bytes = Vec::new();
    let mut serializer =
        Serializer::with_formatter(&mut bytes, PrettyFormatter::with_indent(b"    "));
    // Writing a JSON value into memory cannot fail.
    let _ = serde::Serialize::serialize(value, &mut serializer);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A scalar in text and tables, as Python prints it: the AWS CLI does.
fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn is_scalar(value: &Value) -> bool {
    !value.is_array() && !value.is_object()
}
