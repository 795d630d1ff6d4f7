//! What can be wrong with a script beyond its form: commands that the AWS CLI would not take, files
//! and terms that are not there, variables that nobody uses.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Component;
use std::path::Path;

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
const KINDS: [&str; 10] = [
    "codebuild-project",
    "codebuild-build",
    "codebuild-build-batch",
    "codebuild-fleet",
    "codebuild-report-group",
    "codebuild-resource-policy",
    "codebuild-sandbox",
    "codebuild-source-credentials",
    "codebuild-webhook",
    "log-group",
];

/// Reads a script and looks for everything that can be wrong with it. Mistakes of its form do not
/// hide the others: what could be read is looked at.
///
/// # Errors
///
/// If the file cannot be read, or has mistakes: all of them, each with its position.
pub(crate) fn check(path: &Path) -> Result<Script, ScriptErrors> {
    let source =
        std::fs::read_to_string(path).map_err(|error| ScriptErrors::unreadable(path, &error))?;
    let mut parsed = parse::read(path, &source);
    let found = lint(&parsed);
    parsed.mistakes.extend(found);
    parsed.into_script()
}

fn lint(parsed: &Parsed) -> Vec<Mistake> {
    let mut linter = Linter {
        parsed,
        values: known_values(&parsed.script),
        written: BTreeSet::new(),
        mistakes: Vec::new(),
    };
    for mention in &parsed.mentions {
        if let Mentioned::Line(role, line) = &mention.what {
            linter.line(*role, line, &mention.span);
        }
    }
    linter.kinds();
    linter.unused_variables();
    linter.mistakes.extend(links::missing(&parsed.sources));
    linter.mistakes
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
            Err(error) => {
                let text = error.to_string();
                let mistake = match error.place() {
                    Some(place) => {
                        let column = format!("column {}: ", place.column);
                        Mistake::new(
                            places.word(place.word),
                            text.strip_prefix(&column).unwrap_or(&text),
                        )
                    }
                    None => Mistake::new(whole(), text),
                };
                self.mistakes.push(mistake);
            }
        }
    }

    fn kinds(&mut self) {
        for (kind, place) in &self.parsed.kinds {
            if !KINDS.contains(&kind.as_str()) {
                self.mistakes.push(
                    Mistake::new(
                        place.clone(),
                        format!("there is no kind `{kind}` of what to clean up"),
                    )
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
