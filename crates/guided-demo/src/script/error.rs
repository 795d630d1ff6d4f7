//! Mistakes in a script, each with its position and the line it stands in.

use std::io;
use std::ops::Range;
use std::path::Path;

use miette::Diagnostic;
use miette::GraphicalReportHandler;
use miette::GraphicalTheme;
use miette::LabeledSpan;
use miette::NamedSource;

/// One mistake.
#[derive(Clone, Debug)]
pub(crate) struct Mistake {
    /// Where, in bytes from the start of the file.
    pub(crate) span: Range<usize>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
}

impl Mistake {
    /// A mistake without help.
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds a "did you mean", if there is one.
    #[must_use]
    pub(crate) fn meant<'a>(
        self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Self {
        let help = match super::did_you_mean(word, candidates.clone()) {
            Some(meant) => format!("Did you mean `{meant}`?"),
            None => {
                let known: Vec<String> = candidates
                    .into_iter()
                    .map(|word| format!("`{word}`"))
                    .collect();
                if known.is_empty() {
                    return self;
                }
                format!("Known here: {}.", known.join(", "))
            }
        };
        self.help(help)
    }
}

/// All mistakes of a script, ready to be shown.
#[derive(Debug)]
pub(crate) struct ScriptErrors {
    /// The file's name as given.
    pub(crate) file: String,
    /// Its text.
    pub(crate) source: String,
    /// At least one.
    pub(crate) mistakes: Vec<Mistake>,
}

impl ScriptErrors {
    /// The file could not be read at all.
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        Self {
            file: path.display().to_string(),
            source: String::new(),
            mistakes: vec![
                Mistake::new(0..0, format!("cannot read the demo script: {error}"))
                    .help("`guided-demo list` shows the demos that are there."),
            ],
        }
    }

    /// All mistakes with file, line, column and source line, in the order of the file.
    pub(crate) fn report(&self) -> String {
        let mut mistakes: Vec<&Mistake> = self.mistakes.iter().collect();
        mistakes.sort_by_key(|mistake| mistake.span.start);
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_links(false)
            .with_width(100);
        let mut text = String::new();
        for mistake in mistakes {
            let report = Report {
                source: NamedSource::new(&self.file, self.source.clone()),
                mistake: mistake.clone(),
                has_source: !self.source.is_empty(),
            };
            let mut one = String::new();
            if handler.render_report(&mut one, &report).is_err() {
                one = format!("{}: {}\n", self.file, mistake.message);
            }
            if self.source.is_empty() {
                text.push_str(&self.file);
                text.push_str(":\n");
            }
            text.push_str(&one);
        }
        text
    }
}

/// One mistake as miette wants it.
#[derive(Debug)]
struct Report {
    source: NamedSource<String>,
    mistake: Mistake,
    has_source: bool,
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.mistake.message)
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        let help = self.mistake.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.has_source.then_some(&self.source as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if !self.has_source {
            return None;
        }
        let span = self.mistake.span.clone();
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(
            Some("here".to_owned()),
            span,
        ))))
    }
}
