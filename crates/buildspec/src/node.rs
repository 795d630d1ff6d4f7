//! YAML as a tree whose every node knows its position.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_saphyr::Error;
use serde_saphyr::Location;
use serde_saphyr::Spanned;
use serde_saphyr::UserMessageFormatter;

use crate::error::BuildspecError;

/// How deep mappings and sequences may be in each other. The parser calls itself for each level and
/// takes much of the stack; the language itself needs half of this.
const DEEPEST: usize = 16;
/// How many nodes there may be, those that aliases repeat among them.
const MOST_NODES: usize = 50_000;

/// A YAML node and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it holds.
    pub value: Value,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    pub(crate) span: (usize, usize),
}

/// What a [`Node`] holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, `~` or `null`.
    Null,
    /// A scalar, numbers and booleans as they were written: a buildspec knows only text.
    Text(String),
    /// A sequence.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the text.
    Mapping(Vec<Entry>),
}

/// One key of a mapping, with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The line of the key, from 1.
    pub line: usize,
    /// The column of the key in characters, from 1.
    pub column: usize,
    /// The value.
    pub value: Node,
    pub(crate) span: (usize, usize),
}

impl Node {
    /// Reads one YAML document.
    pub(crate) fn parse(text: &str) -> Result<Self, BuildspecError> {
        let budget = serde_saphyr::budget! { max_depth: DEEPEST, max_nodes: MOST_NODES };
        let options = serde_saphyr::options! { with_snippet: false, budget: budget };
        let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| syntax_error(&error, text))?;
        Ok(convert(raw, text))
    }

    pub(crate) fn error(&self, text: &str, message: impl Into<String>) -> BuildspecError {
        let position = (self.line, self.column);
        BuildspecError::new(message.into(), position, self.span, text)
    }

    /// A word for the kind of node, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Text(_) => "a text",
            Value::Sequence(_) => "a sequence",
            Value::Mapping(_) => "a mapping",
        }
    }
}

/// A node as serde sees it; a plain scalar that is not a text is looked up in the source, so that
/// `010` stays `010`.
enum Raw {
    Null,
    Scalar(String),
    Text(String),
    Sequence(Vec<Spanned<Raw>>),
    Mapping(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Raw, D::Error> {
        Raw::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Mapping(entries))
    }
}

fn convert(raw: Spanned<Raw>, text: &str) -> Node {
    let at = raw.defined;
    let span = byte_span(at, text);
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Text(value) => Value::Text(value),
        Raw::Scalar(value) => {
            let written = text
                .get(span.0..span.0.saturating_add(span.1))
                .map(str::trim);
            Value::Text(match written {
                Some(written) if !written.is_empty() => written.to_owned(),
                _ => value,
            })
        }
        Raw::Sequence(items) => {
            Value::Sequence(items.into_iter().map(|item| convert(item, text)).collect())
        }
        Raw::Mapping(entries) => Value::Mapping(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    line: position(key.defined.line()),
                    column: position(key.defined.column()),
                    span: byte_span(key.defined, text),
                    key: key.value,
                    value: convert(value, text),
                })
                .collect(),
        ),
    };
    Node {
        value,
        line: position(at.line()),
        column: position(at.column()),
        span,
    }
}

/// A line or column from 1; the parser gives 0 where it does not know.
fn position(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX).max(1)
}

/// Offset and length in bytes.
fn byte_span(at: Location, text: &str) -> (usize, usize) {
    let span = at.span();
    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    if let (Some(offset), Some(length)) = (span.byte_offset(), span.byte_len()) {
        return (number(offset).min(text.len()), number(length));
    }
    // The parser then counts in characters.
    let bytes = |text: &str, characters: u64| {
        text.char_indices()
            .nth(number(characters))
            .map_or(text.len(), |(index, _)| index)
    };
    let begin = bytes(text, span.offset());
    let rest = text.get(begin..).unwrap_or_default();
    (begin, bytes(rest, span.len()))
}

fn syntax_error(error: &Error, text: &str) -> BuildspecError {
    let error = error.without_snippet();
    let at = error.location();
    let (line, column, span) = at.map_or((1, 1, (0, 0)), |at| {
        (
            position(at.line()),
            position(at.column()),
            byte_span(at, text),
        )
    });
    let options = serde_saphyr::render_options! { formatter: &UserMessageFormatter };
    let rendered = error.render_with_options(options);
    let message = without_position(&rendered);
    if message.contains("limits breached") || message.contains("recursion limit") {
        let message = "the YAML is too large or nested too deeply".to_owned();
        return BuildspecError::new(message, (line, column), span, text).with_help(&format!(
            "a buildspec has at most {MOST_NODES} values, in at most {DEEPEST} levels"
        ));
    }
    BuildspecError::new(message.to_owned(), (line, column), span, text)
}

/// The parser's message without the position that it appends: the error has that of its own.
fn without_position(message: &str) -> &str {
    let first = message.lines().next().unwrap_or_default();
    match first.rfind(" at line ") {
        Some(end) => first.get(..end).unwrap_or(first),
        None => first,
    }
}
