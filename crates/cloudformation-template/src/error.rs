//! What is wrong with a template, and where.

use std::fmt;

/// A place in a template.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
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
    /// A name that is not declared, and the section it stands in: AWS lists all of a section in one
    /// message.
    unresolved: Option<(String, &'static str)>,
}

impl TemplateError {
    pub(crate) fn new(message: impl Into<String>, position: Position) -> Self {
        Self {
            message: message.into(),
            help: None,
            position,
            unresolved: None,
        }
    }

    /// `Ref` or DependsOn of a name that is not declared.
    pub(crate) fn unresolved(name: &str, block: &'static str, position: Position) -> Self {
        Self {
            unresolved: Some((name.to_owned(), block)),
            ..Self::new(unresolved_message(&[name], block), position)
        }
    }

    /// The first of several mistakes as AWS tells it.
    pub(crate) fn first_of(errors: Vec<Self>) -> Option<Self> {
        let mut names: Vec<&str> = Vec::new();
        let first = errors.first()?;
        let block = first.unresolved.as_ref().map(|(_, block)| *block);
        for error in &errors {
            if let Some((name, of)) = &error.unresolved
                && Some(*of) == block
                && !names.contains(&name.as_str())
            {
                names.push(name);
            }
        }
        let message = block.map(|block| unresolved_message(&names, block));
        let mut first = first.clone();
        if let Some(message) = message {
            first.message = message;
        }
        Some(first)
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

/// AWS's message about names that are not declared.
pub(crate) fn unresolved_message(names: &[impl AsRef<str>], block: &str) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    format!(
        "Template format error: Unresolved resource dependencies [{}] in the {block} block of the template",
        names.join(", ")
    )
}
