//! What can be wrong with a script beyond its form: commands that the AWS CLI would not take, files
//! and terms that are not there, variables that nobody uses.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use codebuild_core::AwsCommand;
use codebuild_core::CommandError as AwsCommandError;

use super::Script;
use super::ScriptErrors;
use super::ShellLine;
use super::Variables;
use super::error::Mistake;
use super::links;
use super::mention::Mentioned;
use super::mention::Role;
use super::parse;
use super::parse::Parsed;
use super::shell::word_places;

/// What a command can create that has to be removed: the kinds of `demo:cleanup`.
const KINDS: [&str; 25] = [
    "cloudformation-change-set",
    "cloudformation-stack",
    "codebuild-project",
    "codebuild-build",
    "codebuild-build-batch",
    "codebuild-fleet",
    "codebuild-report-group",
    "codebuild-resource-policy",
    "codebuild-sandbox",
    "codebuild-source-credentials",
    "codebuild-webhook",
    "codecommit-repository",
    "codestar-notification-rule",
    "ecr-repository",
    "events-rule",
    "events-target",
    "iam-policy",
    "iam-role",
    "iam-role-policy",
    "log-group",
    "s3-bucket",
    "secretsmanager-secret",
    "sns-subscription",
    "sns-topic",
    "ssm-parameter",
];

/// A script that was looked at.
#[derive(Debug)]
pub(crate) struct Checked {
    /// The script, or all its mistakes.
    pub(crate) script: Result<Script, ScriptErrors>,
    /// The files that it is made of or speaks of, there or not.
    pub(crate) files: BTreeSet<PathBuf>,
}

/// Reads a script and looks for everything that can be wrong with it. Mistakes of its form do not
/// hide the others: what could be read is looked at.
pub(crate) fn check(path: &Path) -> Checked {
    let source = match std::fs::read_to_string(path) {
        Ok(source) => source,
        Err(error) => {
            return Checked {
                script: Err(ScriptErrors::unreadable(path, &error)),
                files: BTreeSet::from([path.to_owned()]),
            };
        }
    };
    let mut parsed = parse::read(path, &source);
    let (mistakes, files) = lint(&parsed);
    parsed.mistakes.extend(mistakes);
    parsed.files.extend(files);
    Checked {
        files: std::mem::take(&mut parsed.files),
        script: parsed.into_script(),
    }
}

/// What is wrong, and the files that were looked for.
fn lint(parsed: &Parsed) -> (Vec<Mistake>, Vec<PathBuf>) {
    let (links, mut files) = links::missing(&parsed.sources);
    let mut linter = Linter {
        parsed,
        values: known_values(&parsed.script),
        written: BTreeSet::new(),
        files: Vec::new(),
        mistakes: links,
    };
    for mention in &parsed.mentions {
        if let Mentioned::Line(role, line) = &mention.what {
            linter.line(*role, line, &mention.span);
        }
    }
    linter.kinds();
    linter.unused_variables();
    files.extend(linter.files);
    (linter.mistakes, files)
}

/// The values that are known before the walk: the variables' defaults.
fn known_values(script: &Script) -> Variables {
    script
        .variables
        .iter()
        .filter_map(|variable| {
            let value = variable
                .default
                .as_ref()
                .or_else(|| variable.target_defaults.first().map(|(_, value)| value))
                .or_else(|| variable.choices.first())?;
            Some((variable.name.clone(), value.clone()))
        })
        .collect()
}

struct Linter<'a> {
    parsed: &'a Parsed,
    values: Variables,
    /// The files of the work folder that commands before this place have written.
    written: BTreeSet<String>,
    /// The files that commands read.
    files: Vec<PathBuf>,
    mistakes: Vec<Mistake>,
}

impl Linter<'_> {
    fn line(&mut self, role: Role, line: &ShellLine, span: &Range<usize>) {
        if line.words.is_empty() {
            return;
        }
        self.side_effects(role, line, span);
        // A value that is not known yet stands for itself.
        let mut values = self.values.clone();
        let mut guessed = false;
        for name in line.variables() {
            if !values.contains_key(name) {
                values.insert(name.to_owned(), "value".to_owned());
                guessed = true;
            }
        }
        let words = line.expand(&values);
        match words.split_first() {
            Some((first, rest)) if first == "aws" => {
                let places = word_places(self.parsed.sources.text(span.clone()), span.start);
                let places = Places {
                    line: span,
                    words: &places,
                };
                if self.files(rest, &places) {
                    self.aws(role, rest, guessed, &places);
                }
            }
            _ => self.mistakes.push(
                Mistake::new(span.clone(), "only `aws` commands can be run").help(
                    "Put what only a reader should see into a fence with another word than `console`.",
                ),
            ),
        }
        if let Some(file) = &line.redirect {
            self.written.insert(file.expand(&values));
        }
    }

    /// A check, a cleanup and a proof run at any time and any number of times.
    fn side_effects(&mut self, role: Role, line: &ShellLine, span: &Range<usize>) {
        let who = match role {
            Role::Command => return,
            Role::Check => "a check",
            Role::Cleanup => "the command that cleans up",
            Role::Proof => "a proof",
        };
        if let Some(name) = &line.assign {
            self.mistakes.push(
                Mistake::new(
                    span.start..span.start + name.len(),
                    format!("{who} cannot assign ${name}"),
                )
                .help("Assign it with a command of the step that stands before."),
            );
        }
        if line.redirect.is_some() {
            self.mistakes.push(
                Mistake::new(span.clone(), format!("{who} cannot write a file"))
                    .help("Write it with a command of the step."),
            );
        }
    }

    /// Whether every `file://` of a command names a file that is or will be there.
    fn files(&mut self, words: &[String], places: &Places<'_>) -> bool {
        let mut good = true;
        for (at, word) in words.iter().enumerate() {
            let value = match word
                .strip_prefix("--")
                .and_then(|word| word.split_once('='))
            {
                Some((_, value)) => value,
                None => word,
            };
            let Some(name) = value.strip_prefix("file://") else {
                continue;
            };
            let path = Path::new(name);
            let is_inside = path
                .components()
                .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
            let directory = self.parsed.script.directory();
            self.files.push(directory.join(path));
            if is_inside && (directory.join(path).is_file() || self.written.contains(name)) {
                continue;
            }
            good = false;
            let mistake = match is_inside {
                false => Mistake::new(
                    places.word(at),
                    format!("{name} is not in the folder of the demo"),
                )
                .help("A walk reads files from a copy of the demo's folder, so only those are there."),
                true => Mistake::new(
                    places.word(at),
                    format!("there is no file {}", directory.join(path).display()),
                )
                .help("Put it into the folder of the demo, or write it with an earlier command: aws … > FILE."),
            };
            self.mistakes.push(mistake);
        }
        good
    }

    /// Checks a command against the AWS CLI's grammar.
    fn aws(&mut self, role: Role, words: &[String], guessed: bool, places: &Places<'_>) {
        let whole = || places.line.clone();
        match AwsCommand::parse(words, self.parsed.script.directory()) {
            Ok(command) if command.is_endless() => self.mistakes.push(
                Mistake::new(whole(), "this command never ends")
                    .help("Leave `--follow` out: a step ends when its command has."),
            ),
            Ok(command) if role == Role::Check && command.changes_something() => {
                self.mistakes.push(
                    Mistake::new(whole(), "a check that changes something").help(
                        "A check looks: get, list, describe or batch-get. It may run many times.",
                    ),
                );
            }
            Ok(command) if role == Role::Cleanup && !command.changes_something() => {
                self.mistakes.push(
                    Mistake::new(whole(), "a cleanup that removes nothing")
                        .help("Give the command that removes what the next one creates."),
                );
            }
            Ok(_) => {}
            // Its content is known only when it has been written; the rest of the command cannot
            // be told from here either.
            Err(AwsCommandError::File { .. }) => {}
            // The real value may fit.
            Err(AwsCommandError::BadValue { .. } | AwsCommandError::Validation { .. })
                if guessed => {}
            Err(error) => self.mistakes.push(refused(&error, places)),
        }
    }

    fn kinds(&mut self) {
        for (kind, place) in &self.parsed.kinds {
            if !KINDS.contains(&kind.as_str()) {
                self.mistakes.push(
                    Mistake::new(place.clone(), format!("`{kind}` is no kind of resource"))
                        .meant(kind, KINDS),
                );
            }
        }
    }

    fn unused_variables(&mut self) {
        let used: BTreeSet<&str> = self
            .parsed
            .mentions
            .iter()
            .flat_map(super::mention::Mention::variables)
            .collect();
        for (name, place) in &self.parsed.declared {
            if !used.contains(name.as_str()) {
                self.mistakes.push(
                    Mistake::new(place.clone(), format!("no command uses ${name}"))
                        .help("Use it in a command, or remove the declaration."),
                );
            }
        }
    }
}

/// What the AWS CLI would not take, at the word that it is about.
fn refused(error: &AwsCommandError, places: &Places<'_>) -> Mistake {
    let place = error
        .place()
        .map_or_else(|| places.line.clone(), |place| places.word(place.word));
    let (message, suggestion, known) = match error {
        AwsCommandError::UnknownService {
            name,
            suggestion,
            known,
            ..
        } => (
            format!("there is no service `{name}` here"),
            suggestion,
            known,
        ),
        AwsCommandError::UnknownOperation {
            service,
            name,
            suggestion,
            known,
            ..
        } => (
            format!("{service} has no operation `{name}` here"),
            suggestion,
            known,
        ),
        AwsCommandError::UnknownOption {
            command,
            name,
            suggestion,
            known,
            ..
        } => (
            format!("`{command}` has no option `{name}`"),
            suggestion,
            known,
        ),
        error => {
            // The column is that of the line without its quotes.
            let text = error.to_string();
            let column = error
                .place()
                .map(|place| format!("column {}: ", place.column));
            let bare = column.and_then(|column| text.strip_prefix(&column).map(str::to_owned));
            return Mistake::new(place, bare.unwrap_or(text));
        }
    };
    Mistake::new(place, message).help(match &suggestion.0 {
        Some(meant) => format!("Did you mean `{meant}`?"),
        None => format!("Known here: {known}."),
    })
}

/// Where a command and its words stand.
struct Places<'a> {
    line: &'a Range<usize>,
    words: &'a [Range<usize>],
}

impl Places<'_> {
    /// Where a word behind `aws` stands, counted from 0.
    fn word(&self, at: usize) -> Range<usize> {
        self.words.get(at + 1).unwrap_or(self.line).clone()
    }
}
