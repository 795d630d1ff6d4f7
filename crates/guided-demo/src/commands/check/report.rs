//! What is wrong with a buildspec or a template, as a report with the lines around it.

use buildspec::BuildspecError;
use buildspec::Warning;
use cloudformation_template::Resource;
use cloudformation_template::TemplateError;
use miette::Diagnostic;
use miette::GraphicalReportHandler;
use miette::GraphicalTheme;
use miette::LabeledSpan;
use miette::NamedSource;
use miette::Severity;

use super::finding::UNMADE_HELP;
use super::finding::unmade_message;

/// One finding as miette wants it.
#[derive(Debug)]
struct Report {
    message: String,
    help: Option<String>,
    code: &'static str,
    severity: Severity,
    source: NamedSource<String>,
    /// In bytes.
    span: (usize, usize),
}

/// An error of a buildspec, with AWS's own words where they are known.
pub(super) fn error(file: &str, text: &str, error: &BuildspecError) -> String {
    let message = error.message();
    let aws = error.aws_message();
    let aws = (!aws.starts_with(message)).then(|| format!("AWS says: {aws}"));
    let help: Vec<&str> = error
        .help_text()
        .into_iter()
        .chain(aws.as_deref())
        .collect();
    let offset = offset(text, error.line(), error.column());
    let length = error
        .labels()
        .and_then(|mut labels| labels.next())
        .map(|label| label.len())
        .filter(|length| *length > 0)
        .unwrap_or(usize::MAX);
    Report {
        message: message.to_owned(),
        help: (!help.is_empty()).then(|| help.join("\n")),
        code: "YAML_FILE_ERROR",
        severity: Severity::Error,
        source: NamedSource::new(file, text.to_owned()),
        span: (offset, length.min(rest_of_line(text, offset))),
    }
    .render()
}

/// A mistake in a template, in AWS's words.
pub(super) fn template_error(file: &str, text: &str, error: &TemplateError) -> String {
    let offset = offset(text, error.position().line, error.position().column);
    Report {
        message: error.message().to_owned(),
        help: error.help().map(str::to_owned),
        code: "ValidationError",
        severity: Severity::Error,
        source: NamedSource::new(file, text.to_owned()),
        span: (offset, rest_of_line(text, offset)),
    }
    .render()
}

/// A resource of a template that the local AWS does not make.
pub(super) fn unmade(file: &str, text: &str, resource: &Resource) -> String {
    let place = resource.type_position;
    let offset = offset(text, place.line, place.column);
    Report {
        message: unmade_message(resource),
        help: Some(UNMADE_HELP.to_owned()),
        code: "not_on_the_local_aws",
        severity: Severity::Warning,
        source: NamedSource::new(file, text.to_owned()),
        span: (offset, rest_of_line(text, offset)),
    }
    .render()
}

/// A warning about a buildspec.
pub(super) fn warning(file: &str, text: &str, warning: &Warning) -> String {
    let offset = offset(text, warning.line, warning.column);
    Report {
        message: warning.message.clone(),
        help: warning.help.clone(),
        code: warning.code,
        severity: Severity::Warning,
        source: NamedSource::new(file, text.to_owned()),
        span: (offset, rest_of_line(text, offset)),
    }
    .render()
}

/// Where a line and column, from 1, are in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let rest = text.get(before..).unwrap_or_default();
    let within = rest
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(rest.len(), |(index, _)| index);
    before + within
}

/// The bytes from an offset to the end of its line.
fn rest_of_line(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    rest.lines().next().map_or(0, |line| line.trim_end().len())
}

impl Report {
    fn render(&self) -> String {
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_links(false)
            .with_width(100);
        let mut text = String::new();
        match handler.render_report(&mut text, self) {
            Ok(()) => text,
            Err(_) => format!("{}: {}\n", self.source.name(), self.message),
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (offset, length) = self.span;
        let label = LabeledSpan::new(Some("here".to_owned()), offset, length);
        Some(Box::new(std::iter::once(label)))
    }
}
