//! What each directive means for the script.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use super::Check;
use super::Expectation;
use super::ExpectedFailure;
use super::FORMAT_VERSION;
use super::ItemKind;
use super::Resource;
use super::ShellLine;
use super::Step;
use super::TargetKind;
use super::Template;
use super::Watch;
use super::directive::Directive;
use super::directive::Spanned;
use super::error::Mistake;
use super::exercise::ExerciseDraft;
use super::mention::Mentioned;
use super::mention::Role;
use super::parse::Draft;
use super::parse::Parser;
use super::quiz::QuizDraft;
use super::quiz::not_a_pattern;
use super::quiz::one_of;
use super::shell::is_variable_name;
use super::variable;

/// How a build can end.
const BUILD_STATUSES: [&str; 5] = ["SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT", "STOPPED"];

/// The phases of a build.
const PHASES: [&str; 11] = [
    "SUBMITTED",
    "QUEUED",
    "PROVISIONING",
    "DOWNLOAD_SOURCE",
    "INSTALL",
    "PRE_BUILD",
    "BUILD",
    "POST_BUILD",
    "UPLOAD_ARTIFACTS",
    "FINALIZING",
    "COMPLETED",
];

/// The longest step that makes sense.
const MOST_MINUTES: u32 = 600;
/// The longest time to look again, in seconds.
const LONGEST_CHECK: u64 = 3600;
/// How deep files may include each other.
const DEEPEST_INCLUDE: usize = 16;

impl Parser {
    /// Does what a directive says.
    pub(super) fn directive(&mut self, directive: &Directive) {
        self.begins_with_format(directive);
        // Nothing but prose belongs between the parts of a question or an exercise.
        self.give_up_draft();
        let span = directive.span.clone();
        let result = match directive.name {
            "format" => self.format(directive),
            "include" => self.include(&directive.words[0]),
            "variable" => self.variable(directive),
            "step" => self.step(directive),
            "show" => self.show(&directive.words[0]),
            "only" => self.only(directive),
            "cleanup" => self.cleanup(directive),
            "expect-failure" => self.expect_failure(directive),
            "check" => self.check(directive),
            "end" if self.only.take().is_none() => {
                Err(Mistake::new(span.clone(), "there is nothing to end here")
                    .help("`demo:end` ends a `demo:only`."))
            }
            "reveal" if self.predictions.is_empty() => {
                Err(Mistake::new(span.clone(), "there is no prediction to reveal here")
                    .help("A prediction is a `demo:quiz` with reveal=later that stands before this in the same step."))
            }
            _ => Ok(()),
        };
        if let Err(mistake) = result {
            self.mistakes.push(mistake);
            return;
        }
        match directive.name {
            "note" => self.note(directive),
            "doctor" => self.push(ItemKind::Doctor, span),
            "reveal" => {
                self.predictions.clear();
                self.push(ItemKind::Reveal, span);
            }
            "watch" => self.watch(directive),
            "quiz" => self.quiz(directive),
            "exercise" => {
                self.no_check_came();
                let draft = ExerciseDraft::begin(directive, &mut self.mistakes);
                self.draft = Some(Draft::Exercise(draft));
            }
            _ => {}
        }
    }

    /// Does as much of a directive with mistakes as keeps the rest from looking wrong.
    pub(super) fn broken_directive(&mut self, directive: &Directive) {
        self.begins_with_format(directive);
        self.give_up_draft();
        let mut untold = Vec::new();
        match directive.name {
            "format" => self.version_seen = true,
            "variable" => {
                if let Some(name) = directive.words.first()
                    && self.script.variable(&name.text).is_none()
                {
                    let variable = variable::read(directive, &name.text, &mut untold);
                    self.script.variables.push(variable);
                }
            }
            "step" => {
                self.close_step();
                self.begin_step(directive, 0);
            }
            "only" => self.only = Some((TargetKind::ALL.to_vec(), directive.span.clone())),
            "end" => self.only = None,
            "reveal" => self.predictions.clear(),
            "check" => self.check_due = None,
            "quiz" => {
                let draft = QuizDraft::begin(directive, &mut untold).broken();
                self.draft = Some(Draft::Quiz(draft));
            }
            "exercise" => {
                self.no_check_came();
                let draft = ExerciseDraft::begin(directive, &mut untold).broken();
                self.draft = Some(Draft::Exercise(draft));
            }
            _ => {}
        }
        if !matches!(directive.name, "format" | "variable" | "step") {
            self.empty_step = None;
        }
    }

    fn begins_with_format(&mut self, directive: &Directive) {
        if self.version_seen || directive.name == "format" {
            return;
        }
        self.version_seen = true;
        self.mistakes.push(
            Mistake::new(
                directive.span.clone(),
                "the first directive is not `demo:format`",
            )
            .help("Begin the file with `<!-- demo:format version=1 -->`."),
        );
    }

    fn format(&mut self, directive: &Directive) -> Result<(), Mistake> {
        if self.reading.len() > 1 {
            return Err(Mistake::new(
                directive.span.clone(),
                "an included file has no `demo:format`",
            )
            .help("The file that includes it has one."));
        }
        if std::mem::replace(&mut self.version_seen, true) {
            return Err(Mistake::new(
                directive.span.clone(),
                "`demo:format` is given twice",
            ));
        }
        if let Some(order) = directive.get("order") {
            match order.text.parse() {
                Ok(number) => self.script.order = Some(number),
                Err(_) => {
                    return Err(
                        Mistake::new(order.span.clone(), "`order` is not a whole number")
                            .help("Demos are listed from the lowest order to the highest."),
                    );
                }
            }
        }
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

    fn include(&mut self, file: &Spanned) -> Result<(), Mistake> {
        let wrong = |message: String| Mistake::new(file.span.clone(), message);
        let folder = self
            .reading
            .last()
            .and_then(|path| path.parent())
            .unwrap_or(Path::new("."));
        let path = folder.join(&file.text);
        self.files.insert(path.clone());
        let source = std::fs::read_to_string(&path).map_err(|error| {
            wrong(format!("cannot read {}: {error}", path.display()))
                .help("The path is relative to the file that this stands in.")
        })?;
        let same = |a: &Path| resolved(a) == resolved(&path);
        if let Some(at) = self.reading.iter().position(|open| same(open)) {
            let circle: Vec<String> = self.reading[at..]
                .iter()
                .chain(std::iter::once(&path))
                .map(|path| path.display().to_string())
                .collect();
            return Err(wrong("this file includes itself".to_owned())
                .help(format!("The circle: {}.", circle.join(" includes "))));
        }
        if self.reading.len() >= DEEPEST_INCLUDE {
            return Err(wrong(format!(
                "more than {DEEPEST_INCLUDE} files include each other"
            )));
        }
        self.file(&path, &source);
        Ok(())
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
        let variable = variable::read(directive, &name.text, &mut self.mistakes);
        self.script.variables.push(variable);
        self.declared.push((name.text.clone(), name.span.clone()));
        Ok(())
    }

    fn step(&mut self, directive: &Directive) -> Result<(), Mistake> {
        self.close_step();
        let id = value(directive, "id");
        let minutes = value(directive, "minutes");
        let known = self.script.steps.iter().any(|step| step.id == id.text);
        let count = minutes.text.parse().ok().filter(|n| *n <= MOST_MINUTES);
        self.begin_step(directive, count.unwrap_or(0));
        if known {
            self.mistakes
                .push(Mistake::new(id.span.clone(), "another step has this id"));
        }
        if count.is_none() {
            self.mistakes.push(Mistake::new(
                minutes.span.clone(),
                format!("not a whole number of minutes up to {MOST_MINUTES}"),
            ));
        }
        is_id(id)
    }

    fn begin_step(&mut self, directive: &Directive, minutes: u32) {
        self.script.steps.push(Step {
            id: value(directive, "id").text.clone(),
            title: String::new(),
            minutes,
            items: Vec::new(),
        });
        self.heading_due = Some(directive.span.clone());
        self.empty_step = Some(directive.span.clone());
    }

    fn note(&mut self, directive: &Directive) {
        if directive.text.is_empty() {
            self.mistakes.push(
                Mistake::new(directive.span.clone(), "this note is empty")
                    .help("Write what the speaker should know: `<!-- demo:note Ask who … -->`."),
            );
            return;
        }
        self.push(
            ItemKind::Note(directive.text.clone()),
            directive.span.clone(),
        );
    }

    fn show(&mut self, name: &Spanned) -> Result<(), Mistake> {
        let file = self.script.directory().join(&name.text);
        self.files.insert(file.clone());
        if !file.is_file() {
            self.empty_step = None;
            return Err(Mistake::new(
                name.span.clone(),
                format!("there is no file {}", file.display()),
            )
            .help("The path is relative to the folder of the demo."));
        }
        self.push(ItemKind::Show(file), name.span.clone());
        Ok(())
    }

    fn only(&mut self, directive: &Directive) -> Result<(), Mistake> {
        let span = directive.span.clone();
        let target = value(directive, "target");
        let mut targets = Vec::new();
        let mut wrong = None;
        for word in target.text.split(',').map(str::trim) {
            match TargetKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == word)
            {
                Some(kind) => targets.push(kind),
                None => {
                    wrong = Some(
                        Mistake::new(target.span.clone(), format!("there is no target `{word}`"))
                            .meant(word, TargetKind::ALL.map(TargetKind::as_str)),
                    );
                    targets = TargetKind::ALL.to_vec();
                    break;
                }
            }
        }
        if self.only.replace((targets, span.clone())).is_some() {
            self.mistakes.push(
                Mistake::new(span, "a `demo:only` inside of a `demo:only`")
                    .help("End the first with `<!-- demo:end -->`."),
            );
        }
        wrong.map_or(Ok(()), Err)
    }

    fn cleanup(&mut self, directive: &Directive) -> Result<(), Mistake> {
        let kind = &directive.words[0];
        self.kinds.push((kind.text.clone(), kind.span.clone()));
        let with = value(directive, "with");
        let remove = ShellLine::of_value(with)?;
        self.mention(
            with.span.clone(),
            Mentioned::Line(Role::Cleanup, remove.clone()),
        );
        let name = Template::parse(&directive.words[1].text);
        self.mention_text(directive.words[1].span.clone(), &name);
        let resource = Resource {
            kind: kind.text.clone(),
            name,
            remove,
        };
        let before = self.creates.replace((resource, directive.span.clone()));
        before.map_or(Ok(()), |(_, span)| Err(nothing_between(span)))
    }

    fn expect_failure(&mut self, directive: &Directive) -> Result<(), Mistake> {
        let code = directive.get("code").map(|code| code.text.clone());
        let before = self
            .expect_failure
            .replace((ExpectedFailure { code }, directive.span.clone()));
        before.map_or(Ok(()), |(_, span)| Err(nothing_between(span)))
    }

    fn watch(&mut self, directive: &Directive) {
        let build = Template::parse(&directive.words[0].text);
        self.mention_text(directive.words[0].span.clone(), &build);
        let expect = one_of(directive, "expect", &BUILD_STATUSES, &mut self.mistakes);
        let phase = one_of(directive, "phase", &PHASES, &mut self.mistakes);
        let watch = Watch {
            build,
            expect: expect.unwrap_or_default(),
            phase,
            code: directive.get("code").map(|code| code.text.clone()),
        };
        self.push(ItemKind::Watch(watch), directive.span.clone());
    }

    fn check(&mut self, directive: &Directive) -> Result<(), Mistake> {
        self.check_due = None;
        self.empty_step = None;
        let command = value(directive, "command");
        let line = ShellLine::of_value(command)?;
        self.mention(
            command.span.clone(),
            Mentioned::Line(Role::Check, line.clone()),
        );
        let expect = match (directive.get("expect"), directive.get("matches")) {
            (Some(text), None) => {
                let template = Template::parse(&text.text);
                self.mention_text(text.span.clone(), &template);
                Expectation::Text(template)
            }
            (None, Some(pattern)) => Expectation::Pattern(
                regex::Regex::new(&pattern.text)
                    .and_then(|_| regex::Regex::new(&format!("^(?:{})$", pattern.text)))
                    .map_err(|error| not_a_pattern(pattern.span.clone(), &error))?,
            ),
            (Some(_), Some(pattern)) => {
                return Err(Mistake::new(
                    pattern.span.clone(),
                    "a check has `expect` or `matches`, not both",
                ));
            }
            (None, None) => {
                return Err(Mistake::new(
                    directive.span.clone(),
                    "`demo:check` needs `expect=…` or `matches=…`",
                ));
            }
        };
        let timeout = number(directive, "timeout", LONGEST_CHECK, "seconds")?.unwrap_or(15);
        let delay = number(directive, "delay", LONGEST_CHECK, "seconds")?.unwrap_or(1);
        let retries = number(directive, "retries", 1_000_000, "looks")?;
        let check = Check {
            title: value(directive, "title").text.clone(),
            command: line,
            expect,
            timeout: Duration::from_secs(timeout),
            delay: Duration::from_secs(delay),
            retries: retries.and_then(|count| u32::try_from(count).ok()),
        };
        self.push(ItemKind::Check(check), directive.span.clone());
        Ok(())
    }

    fn quiz(&mut self, directive: &Directive) {
        if let Some(id) = directive.get("id") {
            if let Err(mistake) = is_id(id) {
                self.mistakes.push(mistake);
            } else if !self.quiz_ids.insert(id.text.clone()) {
                self.mistakes.push(Mistake::new(
                    id.span.clone(),
                    "another question has this id",
                ));
            }
        }
        let draft = QuizDraft::begin(directive, &mut self.mistakes);
        self.draft = Some(Draft::Quiz(draft));
    }
}

/// The value of a key that reading the directive has seen to be there.
fn value<'a>(directive: &'a Directive, key: &str) -> &'a Spanned {
    static NONE: Spanned = Spanned {
        text: String::new(),
        span: 0..0,
    };
    directive.get(key).unwrap_or(&NONE)
}

fn number(directive: &Directive, key: &str, most: u64, what: &str) -> Result<Option<u64>, Mistake> {
    let Some(value) = directive.get(key) else {
        return Ok(None);
    };
    match value.text.parse().ok().filter(|number| *number <= most) {
        Some(number) => Ok(Some(number)),
        None => Err(Mistake::new(
            value.span.clone(),
            format!("not a whole number of {what} up to {most}"),
        )),
    }
}

/// Ids stand on command lines and in file names.
fn is_id(id: &Spanned) -> Result<(), Mistake> {
    let fits = |c: char| c.is_ascii_alphanumeric() || ['-', '_', '.'].contains(&c);
    if !id.text.is_empty() && id.text.chars().all(fits) {
        return Ok(());
    }
    Err(Mistake::new(id.span.clone(), "not an id")
        .help("Letters, digits, `-`, `_` and `.`, such as id=break-it."))
}

fn nothing_between(first: std::ops::Range<usize>) -> Mistake {
    Mistake::new(first, "no command follows this")
        .help("Another of the same kind comes first. A command takes one of each.")
}

fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
