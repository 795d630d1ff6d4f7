//! What is wrong with a template, and where.

use std::fmt;

/// A place in a template.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a text is not a template.
///
/// [`TemplateError::message`] is the message of CloudFormation's `ValidationError`; the position is
/// ours except where AWS's message has one, too.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{position}: {message}")]
pub struct TemplateError {
    message: String,
    help: Option<String>,
    position: Position,
}

impl TemplateError {
    pub(crate) fn new(message: impl Into<String>, position: Position) -> Self {
        Self {
            message: message.into(),
            help: None,
            position,
        }
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What is wrong in AWS's words, without our position.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, where something can be said.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Where it is.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }
}
