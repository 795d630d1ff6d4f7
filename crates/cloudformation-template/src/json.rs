//! JSON with positions.

use std::collections::HashMap;

use serde::de::IgnoredAny;

use crate::error::Position;
use crate::error::TemplateError;
use crate::node::DEEPEST;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;
use crate::node::duplicate;
use crate::node::too_deep;

/// Reads one value.
pub(crate) fn parse(text: &str) -> Result<Node, TemplateError> {
    let checked: Result<IgnoredAny, _> = serde_json::from_str(text);
    if let Err(error) = checked {
        let position = Position {
            line: error.line().max(1),
            column: error.column().max(1),
        };
        let why = error.to_string();
        if why.starts_with("recursion limit") {
            return Err(too_deep(position));
        }
        let why = why.split(" at line ").next().unwrap_or_default();
        return Err(not_well_formed(position, why));
    }
    let mut reader = Reader {
        rest: text,
        position: Position { line: 1, column: 1 },
    };
    reader.value(0)
}

/// Reads a text that is known to be JSON.
struct Reader<'a> {
    rest: &'a str,
    position: Position,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Node, TemplateError> {
        self.skip_space();
        let position = self.position;
        if depth > DEEPEST {
            return Err(too_deep(position));
        }
        let value = match self.rest.chars().next() {
            Some('{') => self.mapping(depth)?,
            Some('[') => self.sequence(depth)?,
            Some('"') => Value::Text(self.string()?),
            _ => self.literal()?,
        };
        Ok(Node { value, position })
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, TemplateError> {
        let mut entries = Vec::new();
        let mut keys = HashMap::new();
        self.take(1);
        loop {
            self.skip_separators();
            if self.rest.is_empty() || self.rest.starts_with('}') {
                self.take(1);
                return Ok(Value::Mapping(entries));
            }
            let position = self.position;
            let key = self.string()?;
            if let Some(first) = keys.insert(key.clone(), position) {
                return Err(duplicate(&key, first, position));
            }
            self.skip_separators();
            let value = self.value(depth + 1)?;
            entries.push(Entry {
                key,
                position,
                value,
            });
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, TemplateError> {
        let mut items = Vec::new();
        self.take(1);
        loop {
            self.skip_separators();
            if self.rest.is_empty() || self.rest.starts_with(']') {
                self.take(1);
                return Ok(Value::Sequence(items));
            }
            items.push(self.value(depth + 1)?);
        }
    }

    fn string(&mut self) -> Result<String, TemplateError> {
        let mut is_escaped = false;
        let mut end = self.rest.len();
        for (index, c) in self.rest.char_indices().skip(1) {
            match c {
                '"' if !is_escaped => {
                    end = index + 1;
                    break;
                }
                '\\' => is_escaped = !is_escaped,
                _ => is_escaped = false,
            }
        }
        let position = self.position;
        let written = self.take(end);
        serde_json::from_str(written).map_err(|error| not_well_formed(position, &error.to_string()))
    }

    fn literal(&mut self) -> Result<Value, TemplateError> {
        let end = self
            .rest
            .find(|c: char| c.is_ascii_whitespace() || ",]}:".contains(c))
            .unwrap_or(self.rest.len());
        let position = self.position;
        let written = self.take(end);
        match serde_json::from_str(written) {
            Ok(serde_json::Value::Bool(value)) => Ok(Value::Bool(value)),
            Ok(serde_json::Value::Number(value)) => Ok(Value::Number(value)),
            Ok(serde_json::Value::Null) => Ok(Value::Null),
            _ => Err(not_well_formed(position, "a value is expected here")),
        }
    }

    fn skip_separators(&mut self) {
        self.skip(|c| c.is_ascii_whitespace() || c == ',' || c == ':');
    }

    fn skip_space(&mut self) {
        self.skip(|c| c.is_ascii_whitespace());
    }

    fn skip(&mut self, is_skipped: impl Fn(char) -> bool) {
        let end = self
            .rest
            .find(|c| !is_skipped(c))
            .unwrap_or(self.rest.len());
        self.take(end);
    }

    /// Goes on by some bytes, which have to end between characters.
    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        for c in taken.chars() {
            match c {
                '\n' => {
                    self.position.line += 1;
                    self.position.column = 1;
                }
                _ => self.position.column += 1,
            }
        }
        self.rest = rest;
        taken
    }
}

fn not_well_formed(at: Position, why: &str) -> TemplateError {
    // AWS's parser has read the character at fault and tells the column behind it.
    let column = at.column.saturating_add(1);
    let message = format!(
        "Template format error: JSON not well-formed. (line {}, column {column})",
        at.line
    );
    TemplateError::new(message, at).with_help(why)
}
