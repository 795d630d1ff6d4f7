//! Mistakes in a script, each with its position and the line it stands in.

use std::io;
use std::ops::Range;
use std::path::Path;

use miette::Diagnostic;
use miette::GraphicalReportHandler;
use miette::GraphicalTheme;
use miette::LabeledSpan;
use miette::NamedSource;

use super::sources::Sources;

/// One mistake.
#[derive(Clone, Debug)]
pub(crate) struct Mistake {
    /// Where, in bytes of [`Sources`].
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
    /// The files.
    sources: Sources,
    /// At least one, in the order of the files.
    pub(crate) mistakes: Vec<Mistake>,
}

impl ScriptErrors {
    /// What is wrong, once each, in the order of the files.
    pub(crate) fn new(sources: Sources, mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by_key(|mistake| mistake.span.start);
        mistakes.dedup_by(|a, b| a.span == b.span && a.message == b.message);
        Self { sources, mistakes }
    }

    /// The file could not be read at all.
    pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Self {
        let mut sources = Sources::default();
        sources.add(path, "");
        Self {
            sources,
            mistakes: vec![
                Mistake::new(0..0, format!("cannot read the demo script: {error}"))
                    .help("`guided-demo list` shows the demos that are there."),
            ],
        }
    }

    /// The files that were read.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// All mistakes with file, line, column and source line.
    pub(crate) fn report(&self) -> String {
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
            .with_links(false)
            .with_width(100);
        let mut text = String::new();
        for mistake in &self.mistakes {
            let (name, source, begin) = match self.sources.file_at(mistake.span.start) {
                Some(file) => (
                    file.path.display().to_string(),
                    self.sources.text(file.span.clone()),
                    file.span.start,
                ),
                None => (String::new(), "", 0),
            };
            let length = source.len();
            let mut mistake = mistake.clone();
            let local = |at: usize| at.saturating_sub(begin).min(length);
            mistake.span = local(mistake.span.start)..local(mistake.span.end);
            let report = Report {
                source: NamedSource::new(&name, source.to_owned()),
                has_source: !source.is_empty(),
                mistake,
            };
            let mut one = String::new();
            if handler.render_report(&mut one, &report).is_err() {
                one = format!("{name}: {}\n", report.mistake.message);
            }
            if source.is_empty() {
                text.push_str(&name);
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
