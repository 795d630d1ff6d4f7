//! YAML 1.1 as CloudFormation reads it: with the short forms of functions, without aliases.

use std::collections::HashMap;

use granit_parser::Event;
use granit_parser::Marker;
use granit_parser::Parser;
use granit_parser::ScalarStyle;
use granit_parser::Span;
use granit_parser::Tag;

use crate::error::Position;
use crate::error::TemplateError;
use crate::functions;
use crate::node::DEEPEST;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;
use crate::node::duplicate;
use crate::node::too_deep;

/// Reads one document.
pub(crate) fn parse(text: &str) -> Result<Node, TemplateError> {
    let options = granit_parser::options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        flow_nesting_limit: DEEPEST + 1,
        block_nesting_limit: DEEPEST + 1
    };
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) =
            event.map_err(|error| not_well_formed(position(error.marker()), &error.info()))?;
        builder.take(event, &span)?;
    }
    builder.root.ok_or_else(|| {
        TemplateError::new(
            "Template format error: unsupported structure.",
            Position { line: 1, column: 1 },
        )
        .with_help("the text is empty: a template has at least the section Resources")
    })
}

/// A mapping or sequence that is not complete yet.
struct Open {
    content: Content,
    tag: Option<String>,
    position: Position,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping {
        entries: Vec<Entry>,
        /// Where each key is, to find those that come again.
        keys: HashMap<String, Position>,
        key: Option<(String, Position)>,
    },
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), TemplateError> {
        let at = position(&span.tag_start().unwrap_or(span.start));
        match event {
            Event::Scalar(text, style, _, tag) => {
                let value = match tag.as_deref() {
                    Some(tag) => tagged(&text, style, tag, at)?,
                    // Names stay as they are written: a resource may be called On.
                    None if style == ScalarStyle::Plain && !self.expects_key() => plain(&text),
                    None => Value::Text(text.into_owned()),
                };
                self.add(Node {
                    value,
                    position: at,
                })
            }
            Event::SequenceStart(_, _, tag) => {
                self.begin(Content::Sequence(Vec::new()), tag.as_deref(), at)
            }
            Event::MappingStart(_, _, tag) => {
                let content = Content::Mapping {
                    entries: Vec::new(),
                    keys: HashMap::new(),
                    key: None,
                };
                self.begin(content, tag.as_deref(), at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(_) | Event::UnresolvedAlias(_) => Err(TemplateError::new(
                "Template error: YAML aliases are not allowed in CloudFormation templates",
                at,
            )
            .with_help(
                "write the value out; aws cloudformation package does so with local templates",
            )),
            Event::DocumentStart(..) if self.root.is_some() => Err(not_well_formed(
                at,
                "a template is one document: a second one begins here",
            )),
            _ => Ok(()),
        }
    }

    fn begin(
        &mut self,
        content: Content,
        tag: Option<&Tag>,
        at: Position,
    ) -> Result<(), TemplateError> {
        if self.open.len() >= DEEPEST {
            return Err(too_deep(at));
        }
        if self.expects_key() {
            return Err(not_well_formed(at, "a key has to be a text"));
        }
        let tag = match tag {
            Some(tag) if matches!(tag.core_suffix(), Some("map" | "seq")) => None,
            Some(tag) => Some(function_of(tag, at)?),
            None => None,
        };
        self.open.push(Open {
            content,
            tag,
            position: at,
        });
        Ok(())
    }

    /// Whether the next node is the key of a mapping.
    fn expects_key(&self) -> bool {
        let content = self.open.last().map(|open| &open.content);
        matches!(content, Some(Content::Mapping { key: None, .. }))
    }

    fn end(&mut self) -> Result<(), TemplateError> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let value = match open.content {
            Content::Sequence(items) => Value::Sequence(items),
            Content::Mapping { entries, .. } => Value::Mapping(entries),
        };
        let value = match open.tag {
            Some(function) => long_form(function, value, open.position),
            None => value,
        };
        self.add(Node {
            value,
            position: open.position,
        })
    }

    /// Puts a complete node where it belongs.
    fn add(&mut self, node: Node) -> Result<(), TemplateError> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.content {
            Content::Sequence(items) => items.push(node),
            Content::Mapping { entries, keys, key } => match key.take() {
                Some((key, position)) => entries.push(Entry {
                    key,
                    position,
                    value: node,
                }),
                None => {
                    let Some(text) = node.scalar() else {
                        return Err(not_well_formed(node.position, "a key has to be a text"));
                    };
                    if let Some(first) = keys.insert(text.clone(), node.position) {
                        return Err(duplicate(&text, first, node.position));
                    }
                    *key = Some((text, node.position));
                }
            },
        }
        Ok(())
    }
}

/// A scalar with a tag.
fn tagged(text: &str, style: ScalarStyle, tag: &Tag, at: Position) -> Result<Value, TemplateError> {
    match tag.core_suffix() {
        Some("str") => return Ok(Value::Text(text.to_owned())),
        Some("bool" | "float" | "int" | "null") => return Ok(plain(text)),
        _ => {}
    }
    // A lone `!` says that the scalar is a text.
    if tag.handle().is_empty() && tag.suffix() == "!" || tag.original() == "!" {
        return Ok(Value::Text(text.to_owned()));
    }
    let function = function_of(tag, at)?;
    let value = match (function.as_str(), style) {
        // Names stay as they are written: `!Ref 0123`.
        ("Ref" | "Condition" | "Fn::GetAtt" | "Fn::Sub", _) => Value::Text(text.to_owned()),
        (_, ScalarStyle::Plain) => plain(text),
        _ => Value::Text(text.to_owned()),
    };
    Ok(long_form(function, value, at))
}

/// `!GetAtt x` as `{"Fn::GetAtt": x}`.
fn long_form(function: String, value: Value, position: Position) -> Value {
    Value::Mapping(vec![Entry {
        key: function,
        position,
        value: Node { value, position },
    }])
}

/// The function that a tag is the short form of.
fn function_of(tag: &Tag, at: Position) -> Result<String, TemplateError> {
    let written = tag.original();
    let Some(name) = written.strip_prefix('!') else {
        return Err(not_well_formed(
            at,
            &format!("the tag {written} is not known"),
        ));
    };
    if let Some(function) = functions::of_short_form(name) {
        return Ok(function.to_owned());
    }
    let meant = functions::closest_short_form(name);
    let why = match meant {
        Some(meant) => format!("the tag !{name} is not known: did you mean !{meant}?"),
        None => format!("the tag !{name} is not known: it is no function of CloudFormation"),
    };
    Err(not_well_formed(at, &why))
}

/// What a scalar without quotes is in YAML 1.1, as far as CloudFormation's users see it: octal
/// numbers, dates and numbers to the base 60 stay texts, so that account ids keep their zeros.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let begins_with_digit = digits.starts_with(|c: char| c.is_ascii_digit());
    let is_octal = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let is_number = begins_with_digit
        && !is_octal
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && !digits.ends_with('.');
    if !is_number {
        return Value::Text(text.to_owned());
    }
    let number = text.strip_prefix('+').unwrap_or(text);
    match serde_json::from_str(number) {
        Ok(serde_json::Value::Number(number)) if digits.len() <= 17 => Value::Number(number),
        _ => Value::Text(text.to_owned()),
    }
}

fn not_well_formed(at: Position, why: &str) -> TemplateError {
    let message = format!(
        "Template format error: YAML not well-formed. (line {}, column {})",
        at.line, at.column
    );
    TemplateError::new(message, at).with_help(why)
}

/// The parser counts columns from 0.
fn position(marker: &Marker) -> Position {
    Position {
        line: marker.line().max(1),
        column: marker.col().saturating_add(1),
    }
}
