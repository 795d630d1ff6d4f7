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
#[error("line {line}, column {column}: {message}")]
pub struct BuildspecError {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) aws: Option<String>,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) offset: usize,
    pub(crate) length: usize,
    pub(crate) source_text: String,
}

impl BuildspecError {
    /// What is wrong, without the position.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it, where something can be said.
    #[must_use]
    pub fn help_text(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// The message that CodeBuild itself gives where it is known; otherwise ours with its line.
    #[must_use]
    pub fn aws_message(&self) -> String {
        match &self.aws {
            Some(aws) => aws.clone(),
            None => format!("{} at line {}", self.message, self.line),
        }
    }

    /// The line of the error, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column of the error in characters, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }
}

impl Diagnostic for BuildspecError {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new("YAML_FILE_ERROR"))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let help = self.help.as_deref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source_text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new(Some("here".to_owned()), self.offset, self.length);
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
}
