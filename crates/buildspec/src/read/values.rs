//! Nodes as values of the kinds that keys have.

use super::Reader;
use crate::error::BuildspecError;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;

impl Reader<'_> {
    /// A mapping, or nothing for a key without a value.
    pub(super) fn section<'n>(
        &self,
        node: &'n Node,
        what: &str,
    ) -> Result<&'n [Entry], BuildspecError> {
        match node.value {
            Value::Null => Ok(&[]),
            _ => self.mapping(node, what),
        }
    }

    pub(super) fn mapping<'n>(
        &self,
        node: &'n Node,
        what: &str,
    ) -> Result<&'n [Entry], BuildspecError> {
        match &node.value {
            Value::Mapping(entries) => Ok(entries),
            _ => Err(node.error(
                self.text,
                format!(
                    "{what} is a mapping of keys and values, but {} was found",
                    node.kind()
                ),
            )),
        }
    }

    pub(super) fn sequence<'n>(
        &self,
        node: &'n Node,
        what: &str,
    ) -> Result<&'n [Node], BuildspecError> {
        match &node.value {
            Value::Sequence(items) => Ok(items),
            _ => Err(node
                .error(
                    self.text,
                    format!("{what} is a sequence, but {} was found", node.kind()),
                )
                .with_help("begin each item on its own line with `- `")),
        }
    }

    pub(super) fn text(&self, node: &Node, what: &str) -> Result<String, BuildspecError> {
        match &node.value {
            Value::Text(text) => Ok(text.clone()),
            _ => Err(node.error(
                self.text,
                format!("{what} is a text, but {} was found", node.kind()),
            )),
        }
    }

    /// A text that is not empty.
    pub(super) fn some_text(&self, node: &Node, what: &str) -> Result<String, BuildspecError> {
        let text = self.text(node, what)?;
        if text.trim().is_empty() {
            return Err(node.error(self.text, format!("{what} is empty")));
        }
        Ok(text)
    }

    /// A sequence of texts, or nothing for a key without a value.
    pub(super) fn texts(&self, node: &Node, what: &str) -> Result<Vec<String>, BuildspecError> {
        if matches!(node.value, Value::Null) {
            return Ok(Vec::new());
        }
        self.sequence(node, what)?
            .iter()
            .enumerate()
            .map(|(index, item)| self.some_text(item, &format!("{what}[{index}]")))
            .collect()
    }

    /// A sequence of texts with at least one.
    pub(super) fn some_texts(
        &self,
        entry: &Entry,
        what: &str,
    ) -> Result<Vec<String>, BuildspecError> {
        let texts = self.texts(&entry.value, what)?;
        if texts.is_empty() {
            return Err(self
                .key_error(entry, format!("{what} is empty"))
                .with_help("name at least one, each on its own line after `- `"));
        }
        Ok(texts)
    }

    pub(super) fn texts_by_name(
        &self,
        node: &Node,
        what: &str,
    ) -> Result<Vec<(String, String)>, BuildspecError> {
        self.section(node, what)?
            .iter()
            .map(|entry| {
                let value = match entry.value.value {
                    Value::Null => String::new(),
                    _ => self.text(&entry.value, &format!("{what}.{}", entry.key))?,
                };
                Ok((entry.key.clone(), value))
            })
            .collect()
    }

    pub(super) fn yes_or_no(&self, node: &Node, what: &str) -> Result<bool, BuildspecError> {
        match self.text(node, what)?.to_ascii_lowercase().as_str() {
            "yes" | "true" => Ok(true),
            "no" | "false" => Ok(false),
            other => Err(node.error(self.text, format!("{what} is {other:?}, not yes or no"))),
        }
    }

    pub(super) fn true_or_false(&self, node: &Node, what: &str) -> Result<bool, BuildspecError> {
        match self.text(node, what)?.to_ascii_lowercase().as_str() {
            "yes" | "true" => Ok(true),
            "no" | "false" => Ok(false),
            other => Err(node.error(self.text, format!("{what} is {other:?}, not true or false"))),
        }
    }

    /// An identifier: letters, digits and underscores, fewer than 128.
    pub(super) fn identifier(
        &self,
        text: &str,
        what: &str,
        error: impl FnOnce(String) -> BuildspecError,
    ) -> Result<String, BuildspecError> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if !text.is_empty() && text.len() < 128 && text.bytes().all(good) {
            return Ok(text.to_owned());
        }
        Err(error(format!("{text:?} is not {what}")).with_help(
            "an identifier has only letters, digits and underscores, and fewer than 128 of them",
        ))
    }

    /// An error at a key.
    pub(super) fn key_error(&self, entry: &Entry, message: impl Into<String>) -> BuildspecError {
        let position = (entry.line, entry.column);
        BuildspecError::new(message.into(), position, entry.span, self.text)
    }
}
