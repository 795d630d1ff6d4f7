//! From Markdown to a [`Script`]: directives give the prose between them its meaning.
//!
//! A mistake never ends the reading. What is broken is left out, in a way that what belongs to it is
//! not reported as well.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

use super::Command;
use super::ExpectedFailure;
use super::Item;
use super::ItemKind;
use super::Resource;
use super::Script;
use super::ScriptErrors;
use super::ShellLine;
use super::TargetKind;
use super::Template;
use super::details::Details;
use super::details::Summary;
use super::directive;
use super::error::Mistake;
use super::exercise::ExerciseDraft;
use super::markdown::Block;
use super::markdown::BlockKind;
use super::markdown::NestedKind;
use super::markdown::blocks;
use super::mention;
use super::mention::Mention;
use super::mention::Mentioned;
use super::mention::Role;
use super::quiz::QuizDraft;
use super::quiz::Taken;
use super::shell;
use super::sources::Sources;

/// A script as far as it could be read.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// What could be read.
    pub(crate) script: Script,
    /// The files.
    pub(crate) sources: Sources,
    /// What is wrong.
    pub(crate) mistakes: Vec<Mistake>,
    /// The commands and texts, in order.
    pub(crate) mentions: Vec<Mention>,
    /// The names of the declared variables, and where they stand.
    pub(crate) declared: Vec<(String, Range<usize>)>,
    /// The kinds of `demo:cleanup`, and where they stand.
    pub(crate) kinds: Vec<(String, Range<usize>)>,
    /// The files that were looked for, there or not.
    pub(crate) files: BTreeSet<PathBuf>,
}

/// Parses a script. All mistakes are found in one go.
#[cfg(test)]
pub(crate) fn parse(path: &Path, source: &str) -> Result<Script, ScriptErrors> {
    read(path, source).into_script()
}

/// Reads a script as far as that is possible.
pub(crate) fn read(path: &Path, source: &str) -> Parsed {
    let mut parser = Parser::new(path);
    parser.file(path, source);
    parser.finish()
}

impl Parsed {
    /// The script, if there is no mistake in it.
    pub(crate) fn into_script(self) -> Result<Script, ScriptErrors> {
        if self.mistakes.is_empty() {
            return Ok(self.script);
        }
        Err(ScriptErrors::new(self.sources, self.mistakes))
    }
}

/// A question or exercise that is not complete yet.
#[derive(Debug)]
pub(super) enum Draft {
    Quiz(QuizDraft),
    Exercise(ExerciseDraft),
}

/// The reader, and where it stands.
#[derive(Debug)]
pub(super) struct Parser {
    pub(super) sources: Sources,
    pub(super) script: Script,
    pub(super) mistakes: Vec<Mistake>,
    pub(super) mentions: Vec<Mention>,
    /// The files that are being read: the script, and those that include each other in it.
    pub(super) reading: Vec<PathBuf>,
    pub(super) version_seen: bool,
    /// The targets of the `demo:only` that is open, and where it begins.
    pub(super) only: Option<(Vec<TargetKind>, Range<usize>)>,
    /// A step whose heading is still to come.
    pub(super) heading_due: Option<Range<usize>>,
    /// Where the current step begins, while nothing stands in it.
    pub(super) empty_step: Option<Range<usize>>,
    pub(super) expect_failure: Option<(ExpectedFailure, Range<usize>)>,
    pub(super) creates: Option<(Resource, Range<usize>)>,
    pub(super) draft: Option<Draft>,
    pub(super) details: Option<Details>,
    /// A quiz or exercise with a mistake was given up: its `<details>` is not worth another one.
    pub(super) forgiven: bool,
    /// The predictions of the step that were not revealed yet.
    pub(super) predictions: Vec<Range<usize>>,
    /// An exercise that a check of the step has to decide.
    pub(super) check_due: Option<Range<usize>>,
    /// The names of the declared variables, and where they stand.
    pub(super) declared: Vec<(String, Range<usize>)>,
    /// The kinds of `demo:cleanup`, and where they stand.
    pub(super) kinds: Vec<(String, Range<usize>)>,
    /// The files that were looked for, there or not.
    pub(super) files: BTreeSet<PathBuf>,
    /// The ids of the questions.
    pub(super) quiz_ids: BTreeSet<String>,
}

impl Parser {
    fn new(path: &Path) -> Self {
        let id = path.parent().and_then(Path::file_name).map_or_else(
            || "demo".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        );
        Self {
            sources: Sources::default(),
            script: Script {
                id,
                path: path.to_owned(),
                title: String::new(),
                variables: Vec::new(),
                steps: Vec::new(),
                files: Vec::new(),
            },
            mistakes: Vec::new(),
            mentions: Vec::new(),
            reading: Vec::new(),
            version_seen: false,
            only: None,
            heading_due: None,
            empty_step: None,
            expect_failure: None,
            creates: None,
            draft: None,
            details: None,
            forgiven: false,
            predictions: Vec::new(),
            check_due: None,
            declared: Vec::new(),
            kinds: Vec::new(),
            files: BTreeSet::from([path.to_owned()]),
            quiz_ids: BTreeSet::new(),
        }
    }

    /// Reads a file: the script, or one that it includes.
    pub(super) fn file(&mut self, path: &Path, source: &str) {
        self.reading.push(path.to_owned());
        self.script.files.push(path.to_owned());
        let base = self.sources.add(path, source).start;
        let (blocks, nested) = blocks(source);
        let mut ends = Vec::new();
        let mut fences = Vec::new();
        for place in nested {
            let span = place.span.start + base..place.span.end + base;
            match place.kind {
                NestedKind::Directive => self.mistakes.push(
                    Mistake::new(span, "a directive inside of a paragraph, list or quote").help(
                        "Put it on a line of its own, with an empty line before and after it.",
                    ),
                ),
                NestedKind::Commands => fences.push(span),
                NestedKind::DetailsEnd => ends.push(span),
            }
        }
        for block in blocks {
            let block = block.shifted(base);
            let is_inside =
                |span: &Range<usize>| span.start >= block.span.start && span.end <= block.span.end;
            if let Some(fence) = fences.iter().find(|span| is_inside(span)) {
                self.nested_commands(fence.clone());
            }
            let end = ends.iter().find(|span| is_inside(span)).cloned();
            self.block(block);
            if let Some(end) = end {
                self.end_details_in_text(end);
            }
        }
        if let Some(details) = self.details.take() {
            self.mistakes.push(
                Mistake::new(details.span.clone(), "this `<details>` is not closed").help(
                    "Leave an empty line before `</details>`, and write it at the start of a line.",
                ),
            );
            self.close_details(details);
        }
        self.reading.pop();
    }

    /// A `console` fence in a list or quote. In a hint it is text like the rest of it.
    fn nested_commands(&mut self, span: Range<usize>) {
        let summary = self.details.as_ref().map(|details| details.summary);
        if matches!(
            summary,
            Some(Some(Summary::Hint | Summary::Aside(_)) | None)
        ) {
            return;
        }
        self.mistakes.push(
            Mistake::new(span, "a `console` fence inside of a list or quote: its commands do not run")
                .help("Begin its lines at the start of the line, behind the list. Use another word than `console` for what only a reader should see."),
        );
    }

    fn end_details_in_text(&mut self, span: Range<usize>) {
        let Some(details) = self.details.take() else {
            return;
        };
        self.mistakes.push(
            Mistake::new(span, "this `</details>` is part of the text before it")
                .help("Leave an empty line before `</details>`."),
        );
        self.close_details(details);
    }

    /// The text at a place.
    pub(super) fn text(&self, span: &Range<usize>) -> String {
        self.sources.text(span.clone()).to_owned()
    }

    fn block(&mut self, block: Block) {
        if block.kind == BlockKind::Html {
            self.html(block);
        } else if let Some(details) = &mut self.details {
            details.blocks.push(block);
        } else {
            self.content(&block);
        }
    }

    /// A block of Markdown outside of `<details>`.
    fn content(&mut self, block: &Block) {
        let text = self.text(&block.span);
        let taken = match &mut self.draft {
            Some(Draft::Quiz(quiz)) => quiz.take(block, &text),
            Some(Draft::Exercise(exercise)) => exercise.take(block, &text),
            None => Taken::No,
        };
        match taken {
            Taken::Yes => return,
            Taken::Wrong(mistake) => {
                self.mistakes.push(mistake);
                return;
            }
            Taken::No => self.give_up_draft(),
        }
        match &block.kind {
            BlockKind::Heading(1, _) if self.reading.len() > 1 && self.heading_due.is_none() => {
                self.mistakes.push(
                    Mistake::new(
                        block.span.clone(),
                        "an included file has no title of its own",
                    )
                    .help("Use `##`, or put `demo:step` before the heading."),
                );
            }
            BlockKind::Heading(1, title)
                if self.script.title.is_empty() && self.script.steps.is_empty() =>
            {
                self.script.title.clone_from(title);
            }
            BlockKind::Heading(_, title) if self.heading_due.take().is_some() => {
                if let Some(step) = self.script.steps.last_mut() {
                    step.title.clone_from(title);
                }
            }
            BlockKind::Fence(_, lines) if block.is_console() => {
                self.commands(lines, &block.span, false);
            }
            _ => {
                let prose = ItemKind::Prose(text.trim_end().to_owned());
                self.push(prose, block.span.clone());
            }
        }
    }

    /// Gives up a quiz or exercise that something else interrupts.
    pub(super) fn give_up_draft(&mut self) {
        let unfinished = match self.draft.take() {
            None => return,
            Some(Draft::Quiz(quiz)) => quiz.unfinished(),
            Some(Draft::Exercise(exercise)) => exercise.unfinished(),
        };
        self.forgiven = true;
        self.mistakes.extend(unfinished);
    }

    fn html(&mut self, block: Block) {
        let text = self.text(&block.span);
        let trimmed = text.trim();
        if trimmed.starts_with("<!--") {
            match &mut self.details {
                Some(details) => details.blocks.push(block),
                None => {
                    let indent = text.len() - text.trim_start().len();
                    self.comment(trimmed, block.span.start + indent);
                }
            }
            return;
        }
        if let Some(details) = self.details.take() {
            if let Some(rest) = trimmed.strip_prefix("</details>") {
                if !rest.trim().is_empty() {
                    self.mistakes.push(
                        Mistake::new(block.span, "there is text directly behind `</details>`")
                            .help("Leave an empty line after `</details>`."),
                    );
                }
                self.close_details(details);
                return;
            }
            if trimmed.starts_with("<details") {
                self.mistakes.push(
                    Mistake::new(
                        details.span.clone(),
                        "this `<details>` is not closed before the next one",
                    )
                    .help("Write `</details>` with an empty line before it."),
                );
                self.close_details(details);
            } else {
                self.details = Some(details);
            }
        }
        if trimmed.starts_with("<details") {
            self.open_details(&text, block.span);
        } else {
            self.mistakes.push(
                Mistake::new(block.span, "HTML that a terminal cannot show")
                    .help("Use Markdown. Only comments and `<details>` are understood."),
            );
        }
    }

    pub(super) fn comment(&mut self, comment: &str, offset: usize) {
        if !comment.ends_with("-->") {
            let mistake = match comment.contains("-->") {
                true => Mistake::new(offset..offset + 4, "there is text behind this comment"),
                false => Mistake::new(offset..offset + 4, "this comment is not closed"),
            };
            self.mistakes.push(mistake.help("End the line with `-->`."));
            return;
        }
        let Some(reading) = directive::read(comment, offset) else {
            return;
        };
        let is_whole = reading.mistakes.is_empty();
        self.mistakes.extend(reading.mistakes);
        match reading.directive {
            Some(directive) if is_whole => self.directive(&directive),
            Some(directive) => self.broken_directive(&directive),
            None => {}
        }
    }

    /// The commands of a `console` fence, with their places; what cannot be read is reported.
    pub(super) fn lines(
        &mut self,
        lines: &Range<usize>,
        fence: &Range<usize>,
    ) -> Vec<(ShellLine, Range<usize>)> {
        let source = self.text(lines);
        let places = shell::commands(&source);
        if places.is_empty() {
            self.mistakes.push(
                Mistake::new(fence.clone(), "a `console` fence without a command").help(
                    "A command begins with `$ `. Use another word than `console` for output.",
                ),
            );
        }
        let mut found = Vec::new();
        for place in places {
            let text = &source[place.clone()];
            let span = place.start + lines.start..place.end + lines.start;
            match ShellLine::parse(text, span.start) {
                Ok(line) => found.push((line, span)),
                Err(mistake) => {
                    self.mistakes.push(mistake);
                    // What is assigned counts as assigned, so that its uses are no mistakes.
                    if let Some(name) = shell::assigned_name(text) {
                        let line = ShellLine {
                            assign: Some(name.to_owned()),
                            words: Vec::new(),
                            redirect: None,
                        };
                        self.mention(span, Mentioned::Line(Role::Command, line));
                    }
                    // What was said of this command is not for the next one.
                    self.expect_failure = None;
                    self.creates = None;
                }
            }
        }
        found
    }

    /// Adds the commands of a `console` fence to the step.
    pub(super) fn commands(&mut self, lines: &Range<usize>, fence: &Range<usize>, solution: bool) {
        for (line, span) in self.lines(lines, fence) {
            self.mention(span.clone(), Mentioned::Line(Role::Command, line.clone()));
            let command = Command {
                text: self.text(&span),
                expect_failure: self.expect_failure.take().map(|(failure, _)| failure),
                creates: self.creates.take().map(|(resource, _)| resource),
                solution,
                span: span.clone(),
                line,
            };
            self.push(ItemKind::Command(command), span);
        }
    }

    /// Keeps a command or text for the linter.
    pub(super) fn mention(&mut self, span: Range<usize>, what: Mentioned) {
        self.mentions.push(Mention {
            span,
            targets: self.targets(),
            what,
        });
    }

    /// Keeps a text with variables for the linter.
    pub(super) fn mention_text(&mut self, span: Range<usize>, text: &Template) {
        self.mention(span, Mentioned::Text(text.clone()));
    }

    fn targets(&self) -> Vec<TargetKind> {
        self.only
            .as_ref()
            .map_or_else(Vec::new, |(targets, _)| targets.clone())
    }

    /// Adds an item to the current step.
    pub(super) fn push(&mut self, kind: ItemKind, span: Range<usize>) {
        let item = Item {
            targets: self.targets(),
            kind,
        };
        self.forgiven = false;
        if !matches!(item.kind, ItemKind::Note(_)) {
            self.empty_step = None;
        }
        match self.script.steps.last_mut() {
            Some(step) => step.items.push(item),
            // What stands before the first step is for readers on GitHub.
            None if matches!(item.kind, ItemKind::Prose(_)) => {}
            None => self.mistakes.push(
                Mistake::new(span, "this stands before the first step")
                    .help("Begin a step with `<!-- demo:step id=… minutes=… -->`."),
            ),
        }
    }

    /// What has to be complete before a new step or the end of the file.
    pub(super) fn close_step(&mut self) {
        self.give_up_draft();
        self.forgiven = false;
        if let Some(span) = self.heading_due.take() {
            self.empty_step = None;
            self.mistakes
                .push(Mistake::new(span, "the step has no heading"));
        }
        if let Some(span) = self.empty_step.take() {
            self.mistakes.push(Mistake::new(
                span,
                "nothing stands in this step but its heading",
            ));
        }
        if let Some((_, span)) = self.only.take() {
            self.mistakes.push(
                Mistake::new(span, "this `demo:only` is not ended")
                    .help("Add `<!-- demo:end -->`."),
            );
        }
        for span in [
            self.expect_failure.take().map(|(_, span)| span),
            self.creates.take().map(|(_, span)| span),
        ]
        .into_iter()
        .flatten()
        {
            self.mistakes
                .push(Mistake::new(span, "no command follows this"));
        }
        for span in std::mem::take(&mut self.predictions) {
            self.mistakes.push(
                Mistake::new(span, "this prediction is never revealed in its step")
                    .help("Write `<!-- demo:reveal -->` where the answer has been seen, or leave `reveal=later` out."),
            );
        }
        self.no_check_came();
    }

    /// What to say if an exercise is over and no check has come to decide it.
    pub(super) fn no_check_came(&mut self) {
        if let Some(span) = self.check_due.take() {
            self.mistakes.push(
                Mistake::new(span, "no check follows this exercise in its step").help(
                    "by=check: the `demo:check` behind the solution decides whether it is solved.",
                ),
            );
        }
    }

    fn finish(mut self) -> Parsed {
        self.close_step();
        if self.script.title.is_empty() {
            self.mistakes
                .push(Mistake::new(0..0, "the script has no title").help("Begin with `# Title`."));
        }
        if self.script.steps.is_empty() {
            self.mistakes.push(
                Mistake::new(0..0, "the script has no steps")
                    .help("Begin a step with `<!-- demo:step id=… minutes=… -->` and a heading."),
            );
        }
        self.mistakes.extend(mention::without_value(
            &self.script,
            &self.sources,
            &self.mentions,
        ));
        Parsed {
            script: self.script,
            sources: self.sources,
            mistakes: self.mistakes,
            mentions: self.mentions,
            declared: self.declared,
            kinds: self.kinds,
            files: self.files,
        }
    }
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
