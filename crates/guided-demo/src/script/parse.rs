//! From Markdown to a [`Script`]: directives give the prose between them its meaning.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use super::Check;
use super::Command;
use super::Detector;
use super::Expectation;
use super::ExpectedFailure;
use super::FORMAT_VERSION;
use super::Item;
use super::ItemKind;
use super::Resource;
use super::Script;
use super::ScriptErrors;
use super::ShellLine;
use super::Step;
use super::TargetKind;
use super::Template;
use super::Variable;
use super::Watch;
use super::directive;
use super::directive::Directive;
use super::directive::Spanned;
use super::error::Mistake;
use super::markdown::Block;
use super::markdown::BlockKind;
use super::markdown::blocks;
use super::quiz::QuizDraft;
use super::shell;
use super::shell::is_variable_name;

/// Parses a script. All mistakes are found in one go.
pub(crate) fn parse(path: &Path, source: &str) -> Result<Script, ScriptErrors> {
    let mut parser = Parser::new(path, source);
    let (blocks, nested) = blocks(source);
    for place in nested {
        parser.mistakes.push(
            Mistake::new(
                place.span,
                "a directive inside of a paragraph, list or quote",
            )
            .help("Put it on a line of its own, with an empty line before and after it."),
        );
    }
    for block in blocks {
        parser.block(&block);
    }
    parser.finish()
}

struct Parser<'a> {
    source: &'a str,
    script: Script,
    mistakes: Vec<Mistake>,
    version_seen: bool,
    /// The targets of the `demo:only` that is open, and where it begins.
    only: Option<(Vec<TargetKind>, Range<usize>)>,
    /// A step whose heading is still to come.
    heading_due: Option<Range<usize>>,
    expect_failure: Option<(ExpectedFailure, Range<usize>)>,
    creates: Option<(Resource, Range<usize>)>,
    quiz: Option<QuizDraft>,
    /// An open `<details>`: whether it explains a quiz, and where its content begins.
    details: Option<(bool, Range<usize>)>,
    /// Variables that commands before this place have assigned.
    assigned: BTreeSet<String>,
}

impl<'a> Parser<'a> {
    fn new(path: &Path, source: &'a str) -> Self {
        let id = path.parent().and_then(Path::file_name).map_or_else(
            || "demo".to_owned(),
            |name| name.to_string_lossy().into_owned(),
        );
        Self {
            source,
            script: Script {
                id,
                path: path.to_owned(),
                title: String::new(),
                variables: Vec::new(),
                steps: Vec::new(),
            },
            mistakes: Vec::new(),
            version_seen: false,
            only: None,
            heading_due: None,
            expect_failure: None,
            creates: None,
            quiz: None,
            details: None,
            assigned: BTreeSet::new(),
        }
    }

    fn block(&mut self, block: &Block) {
        let text = &self.source[block.span.clone()];
        if block.kind == BlockKind::Html {
            self.html(text, block.span.clone());
            return;
        }
        if self.details.is_some() {
            return;
        }
        if let Some(quiz) = &mut self.quiz {
            match block.kind {
                BlockKind::OrderedList if !quiz.has_options() => {
                    if let Err(mistake) = quiz.offer(text, block.span.clone()) {
                        self.mistakes.push(mistake);
                    }
                    return;
                }
                BlockKind::Text if !quiz.has_options() => {
                    quiz.ask(text);
                    return;
                }
                _ => {
                    self.mistakes.push(quiz.unfinished());
                    self.quiz = None;
                }
            }
        }
        match &block.kind {
            BlockKind::Heading(1, title) if self.script.title.is_empty() => {
                self.script.title.clone_from(title);
            }
            BlockKind::Heading(_, title) if self.heading_due.take().is_some() => {
                if let Some(step) = self.script.steps.last_mut() {
                    step.title.clone_from(title);
                }
            }
            BlockKind::Fence(word, lines) if word == "console" => self.commands(lines.clone()),
            _ => self.push(ItemKind::Prose(text.trim_end().to_owned())),
        }
    }

    fn html(&mut self, text: &str, span: Range<usize>) {
        let trimmed = text.trim();
        if let Some((explains, content)) = &self.details {
            if trimmed.contains("</details>") {
                let body = self.source[content.start..span.start].trim().to_owned();
                let explains = *explains;
                self.details = None;
                self.end_details(explains, body);
            }
            return;
        }
        if trimmed.starts_with("<!--") {
            self.comment(trimmed, span.start + (text.len() - text.trim_start().len()));
        } else if trimmed.starts_with("<details") {
            let explains = self.quiz.as_ref().is_some_and(QuizDraft::has_options);
            if trimmed.contains("</details>") {
                self.mistakes.push(
                    Mistake::new(span, "this `<details>` is closed in the block that opens it")
                        .help("Leave an empty line after `</summary>` and before `</details>`: without them the content is not Markdown."),
                );
            } else {
                self.details = Some((explains, span.end..span.end));
            }
        } else {
            self.mistakes.push(
                Mistake::new(span, "HTML that a terminal cannot show")
                    .help("Use Markdown. Only comments and `<details>` are understood."),
            );
        }
    }

    fn end_details(&mut self, explains: bool, body: String) {
        if !explains {
            self.push(ItemKind::Hint(body));
            return;
        }
        match self.quiz.take().map(|quiz| quiz.explain(&body)) {
            Some(Ok(quiz)) => self.push(ItemKind::Quiz(quiz)),
            Some(Err(mistake)) => self.mistakes.push(mistake),
            None => {}
        }
    }

    fn comment(&mut self, comment: &str, offset: usize) {
        if !comment.ends_with("-->") {
            let mistake = match comment.contains("-->") {
                true => Mistake::new(offset..offset + 4, "there is text behind this comment"),
                false => Mistake::new(offset..offset + 4, "this comment is not closed"),
            };
            self.mistakes.push(mistake.help("End the line with `-->`."));
            return;
        }
        match directive::read(comment, offset) {
            None => {}
            Some(Err(mistakes)) => self.mistakes.extend(mistakes),
            Some(Ok(directive)) => {
                if let Err(mistake) = self.directive(&directive) {
                    self.mistakes.push(mistake);
                }
            }
        }
    }

    fn directive(&mut self, directive: &Directive) -> Result<(), Mistake> {
        let span = directive.span.clone();
        if !self.version_seen && directive.name != "format" {
            self.version_seen = true;
            self.mistakes.push(
                Mistake::new(span.clone(), "the first directive is not `demo:format`")
                    .help("Begin the file with `<!-- demo:format version=1 -->`."),
            );
        }
        match directive.name {
            "format" => self.format(directive)?,
            "variable" => self.variable(directive)?,
            "step" => self.step(directive)?,
            "note" => self.push(ItemKind::Note(directive.text.clone())),
            "doctor" => self.push(ItemKind::Doctor),
            "show" => {
                let file = self.script.directory().join(&directive.words[0].text);
                if !file.is_file() {
                    let place = directive.words[0].span.clone();
                    return Err(Mistake::new(
                        place,
                        format!("there is no file {}", file.display()),
                    )
                    .help("The path is relative to the folder of the script."));
                }
                self.push(ItemKind::Show(file));
            }
            "only" => {
                let targets = targets(value(directive, "target"))?;
                if self.only.replace((targets, span.clone())).is_some() {
                    return Err(Mistake::new(span, "a `demo:only` inside of a `demo:only`")
                        .help("End the first with `<!-- demo:end -->`."));
                }
            }
            "end" if self.only.take().is_none() => {
                return Err(Mistake::new(span, "there is nothing to end here"));
            }
            "cleanup" => {
                let with = value(directive, "with");
                let remove = ShellLine::parse(&with.text, with.span.start)?;
                let resource = Resource {
                    kind: directive.words[0].text.clone(),
                    name: Template::parse(&directive.words[1].text),
                    remove,
                };
                self.creates = Some((resource, span));
            }
            "expect-failure" => {
                let code = directive.get("code").map(|code| code.text.clone());
                self.expect_failure = Some((ExpectedFailure { code }, span));
            }
            "watch" => self.push(ItemKind::Watch(Watch {
                build: Template::parse(&directive.words[0].text),
                expect: value(directive, "expect").text.clone(),
                phase: directive.get("phase").map(|phase| phase.text.clone()),
                code: directive.get("code").map(|code| code.text.clone()),
            })),
            "check" => self.check(directive)?,
            "quiz" => self.quiz = Some(QuizDraft::begin(directive)?),
            _ => {}
        }
        Ok(())
    }

    fn format(&mut self, directive: &Directive) -> Result<(), Mistake> {
        self.version_seen = true;
        let version = value(directive, "version");
        if version.text == FORMAT_VERSION.to_string() {
            return Ok(());
        }
        Err(Mistake::new(
            version.span.clone(),
            format!(
                "script format {} is not known to this version of guided-demo",
                version.text
            ),
        )
        .help(format!("It reads format {FORMAT_VERSION}.")))
    }

    fn variable(&mut self, directive: &Directive) -> Result<(), Mistake> {
        let name = &directive.words[0];
        if !is_variable_name(&name.text) {
            return Err(
                Mistake::new(name.span.clone(), "not a name of a shell variable")
                    .help("Letters, digits and `_`, not beginning with a digit."),
            );
        }
        if self.script.variable(&name.text).is_some() {
            return Err(Mistake::new(
                name.span.clone(),
                "this variable is declared twice",
            ));
        }
        let pattern = match directive.get("pattern") {
            None => None,
            Some(pattern) => Some(
                regex::Regex::new(&format!("^(?:{})$", pattern.text)).map_err(|error| {
                    Mistake::new(pattern.span.clone(), format!("not a pattern: {error}"))
                })?,
            ),
        };
        let detect = match directive.get("detect") {
            None => None,
            Some(detector) if detector.text == "dockerfile" => Some(Detector::Dockerfile),
            Some(detector) => {
                return Err(Mistake::new(
                    detector.span.clone(),
                    format!("there is no detector `{}`", detector.text),
                )
                .meant(&detector.text, ["dockerfile"]));
            }
        };
        let target_defaults = TargetKind::ALL
            .into_iter()
            .filter_map(|kind| {
                let value = directive.get(&format!("default-{}", kind.as_str()))?;
                Some((kind, value.text.clone()))
            })
            .collect();
        let variable = Variable {
            name: name.text.clone(),
            default: directive.get("default").map(|value| value.text.clone()),
            target_defaults,
            pattern,
            choices: Vec::new(),
            prompt: directive.get("prompt").map(|value| value.text.clone()),
            detect,
        };
        for default in ["default", "default-local", "default-aws", "default-replay"] {
            if let Some(value) = directive.get(default)
                && !variable.accepts(&value.text)
            {
                return Err(Mistake::new(
                    value.span.clone(),
                    format!("`{default}` does not match the variable's own pattern"),
                ));
            }
        }
        self.script.variables.push(variable);
        Ok(())
    }

    fn step(&mut self, directive: &Directive) -> Result<(), Mistake> {
        self.close_step(directive.span.clone());
        let id = value(directive, "id");
        let minutes = value(directive, "minutes");
        let known = self.script.steps.iter().any(|step| step.id == id.text);
        let count = minutes.text.parse();
        self.script.steps.push(Step {
            id: id.text.clone(),
            title: String::new(),
            minutes: count.clone().unwrap_or(0),
            items: Vec::new(),
        });
        self.heading_due = Some(directive.span.clone());
        if known {
            return Err(Mistake::new(id.span.clone(), "another step has this id"));
        }
        if count.is_err() {
            return Err(Mistake::new(
                minutes.span.clone(),
                "not a whole number of minutes",
            ));
        }
        Ok(())
    }

    fn check(&mut self, directive: &Directive) -> Result<(), Mistake> {
        let command = value(directive, "command");
        let line = ShellLine::parse(&command.text, command.span.start)?;
        let seconds = |key: &str, default: u64| match directive.get(key) {
            None => Ok(Duration::from_secs(default)),
            Some(value) => value
                .text
                .parse()
                .map(Duration::from_secs)
                .map_err(|_| Mistake::new(value.span.clone(), "not a whole number of seconds")),
        };
        let kind = ItemKind::Check(Check {
            title: value(directive, "title").text.clone(),
            command: line,
            expect: Expectation::Text(Template::parse(&value(directive, "expect").text)),
            retries: None,
            timeout: seconds("timeout", 15)?,
            delay: seconds("delay", 1)?,
            span: command.span.clone(),
        });
        self.push(kind);
        Ok(())
    }

    /// The commands of a `console` fence.
    fn commands(&mut self, lines: Range<usize>) {
        let source = self.source;
        let mut at = lines.start;
        let mut seen = false;
        while at < lines.end {
            let mut end = source[at..lines.end]
                .find('\n')
                .map_or(lines.end, |n| at + n);
            if source[at..end].starts_with("$ ") {
                while end < lines.end
                    && shell::goes_on(&source[at + 2..end])
                    && !source[end + 1..].starts_with("$ ")
                {
                    end = source[end + 1..lines.end]
                        .find('\n')
                        .map_or(lines.end, |n| end + 1 + n);
                }
                seen = true;
                self.command(at + 2, end);
            }
            at = end + 1;
        }
        if !seen {
            self.mistakes.push(
                Mistake::new(lines, "a `console` fence without a command").help(
                    "A command begins with `$ `. Use another word than `console` for output.",
                ),
            );
        }
    }

    fn command(&mut self, begin: usize, end: usize) {
        let text = self.source[begin..end].trim_end();
        let span = begin..begin + text.len();
        let line = match ShellLine::parse(text, begin) {
            Ok(line) => line,
            Err(mistake) => {
                self.mistakes.push(mistake);
                return;
            }
        };
        let command = Command {
            text: text.to_owned(),
            expect_failure: self.expect_failure.take().map(|(failure, _)| failure),
            creates: self.creates.take().map(|(resource, _)| resource),
            solution: false,
            span,
            line,
        };
        let assign = command.line.assign.clone();
        self.push(ItemKind::Command(command));
        self.assigned.extend(assign);
    }

    fn push(&mut self, kind: ItemKind) {
        let targets = self
            .only
            .as_ref()
            .map_or_else(Vec::new, |(targets, _)| targets.clone());
        let item = Item { targets, kind };
        let span = match &item.kind {
            ItemKind::Command(command) => command.span.clone(),
            ItemKind::Check(check) => check.span.clone(),
            _ => 0..0,
        };
        let unknown: Vec<String> = item
            .variables()
            .into_iter()
            .filter(|name| self.script.variable(name).is_none() && !self.assigned.contains(*name))
            .map(str::to_owned)
            .collect();
        for name in unknown {
            let known: Vec<&str> = self
                .script
                .variables
                .iter()
                .map(|variable| variable.name.as_str())
                .chain(self.assigned.iter().map(String::as_str))
                .collect();
            let place = self.source[span.clone()]
                .find(&format!("${name}"))
                .map_or(span.clone(), |at| {
                    span.start + at..span.start + at + name.len() + 1
                });
            self.mistakes.push(
                Mistake::new(place, format!("${name} has no value here")).meant(&name, known),
            );
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
    fn close_step(&mut self, here: Range<usize>) {
        if let Some(span) = self.heading_due.take() {
            self.mistakes
                .push(Mistake::new(span, "the step has no heading"));
        }
        if let Some((_, span)) = self.only.take() {
            self.mistakes.push(
                Mistake::new(span, "this `demo:only` is not ended")
                    .help("Add `<!-- demo:end -->`."),
            );
        }
        if let Some((_, span)) = self.expect_failure.take() {
            self.mistakes
                .push(Mistake::new(span, "no command follows this"));
        }
        if let Some((_, span)) = self.creates.take() {
            self.mistakes
                .push(Mistake::new(span, "no command follows this"));
        }
        if let Some(quiz) = self.quiz.take() {
            self.mistakes.push(quiz.unfinished());
        }
        if self.details.take().is_some() {
            self.mistakes.push(Mistake::new(
                here,
                "a `<details>` before this is not closed",
            ));
        }
    }

    fn finish(mut self) -> Result<Script, ScriptErrors> {
        let end = self.source.len();
        self.close_step(end.saturating_sub(1)..end);
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
        if self.mistakes.is_empty() {
            return Ok(self.script);
        }
        Err(ScriptErrors {
            file: self.script.path.display().to_string(),
            source: self.source.to_owned(),
            mistakes: self.mistakes,
        })
    }
}

/// The value of a key that [`directive::read`] has seen to be there.
fn value<'a>(directive: &'a Directive, key: &str) -> &'a Spanned {
    static NONE: Spanned = Spanned {
        text: String::new(),
        span: 0..0,
    };
    directive.get(key).unwrap_or(&NONE)
}

fn targets(value: &Spanned) -> Result<Vec<TargetKind>, Mistake> {
    value
        .text
        .split(',')
        .map(|word| {
            TargetKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == word.trim())
                .ok_or_else(|| {
                    Mistake::new(value.span.clone(), format!("there is no target `{word}`"))
                        .meant(word, TargetKind::ALL.map(TargetKind::as_str))
                })
        })
        .collect()
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
