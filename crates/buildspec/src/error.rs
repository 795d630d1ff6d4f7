//! What is wrong with a buildspec, and where.

use miette::Diagnostic;
use miette::LabeledSpan;
use miette::SourceCode;

/// Why a text is not a buildspec.
///
/// As a [`miette::Diagnostic`] it shows the text around the error. [`BuildspecError::aws_message`]
/// is the message that CodeBuild puts into the context of DOWNLOAD_SOURCE, whose status code is
/// `YAML_FILE_ERROR`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("line {}, column {}: {}", .0.line, .0.column, .0.message)]
pub struct BuildspecError(Box<Details>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Details {
    message: String,
    help: Option<String>,
    aws: Option<String>,
    line: usize,
    column: usize,
    span: (usize, usize),
    source_text: String,
}

impl BuildspecError {
    /// An error at a place: line and column from 1, offset and length in bytes.
    pub(crate) fn new(
        message: String,
        (line, column): (usize, usize),
        span: (usize, usize),
        text: &str,
    ) -> Self {
        Self(Box::new(Details {
            message,
            help: None,
            aws: None,
            line,
            column,
            span,
            source_text: text.to_owned(),
        }))
    }

    pub(crate) fn with_help(mut self, help: &str) -> Self {
        self.0.help = Some(help.to_owned());
        self
    }

    pub(crate) fn with_aws_message(mut self, message: String) -> Self {
        self.0.aws = Some(message);
        self
    }

    /// What is wrong, without the position.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, where something can be said.
    #[must_use]
    pub fn help_text(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// The message that CodeBuild itself gives where it is known; otherwise ours with its line.
    #[must_use]
    pub fn aws_message(&self) -> String {
        match &self.0.aws {
            Some(aws) => aws.clone(),
            None => format!("{} at line {}", self.0.message, self.0.line),
        }
    }

    /// The line of the error, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.0.line
    }

    /// The column of the error in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.0.column
    }
}

impl Diagnostic for BuildspecError {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new("YAML_FILE_ERROR"))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let help = self.0.help.as_deref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.0.source_text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (offset, length) = self.0.span;
        let label = LabeledSpan::new(Some("here".to_owned()), offset, length);
        Some(Box::new(std::iter::once(label)))
    }
}

/// Something that is allowed but is probably not what the author meant.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Warning {
    /// A sentence for the author.
    pub message: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What to do about it, where something can be said.
    pub help: Option<String>,
    /// The name of the rule, such as `unknown-key`.
    pub code: &'static str,
}
