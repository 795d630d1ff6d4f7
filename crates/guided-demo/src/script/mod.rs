//! Demo scripts: Markdown that GitHub shows as a lab guide and the walker executes.
//!
//! Prose is prose. `console` fences hold the commands. Everything else that the walker needs stands
//! in HTML comments that begin with `demo:`, one directive each (see [`directive`]). Anything that
//! the parser does not know is an error with file, line and column: a directive that is silently
//! ignored is a check that never runs.

mod details;
mod directive;
mod directives;
mod error;
mod exercise;
mod glossary;
mod links;
mod lint;
mod markdown;
mod mention;
mod parse;
mod passages;
mod quiz;
mod shell;
mod sources;
mod suggest;
mod variable;

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use error::ScriptErrors;
pub(crate) use glossary::GLOSSARY;
pub(crate) use glossary::Glossary;
pub(crate) use glossary::Term;
pub(crate) use glossary::check_glossary;
pub(crate) use glossary::is_glossary;
pub(crate) use glossary::linked_terms;
pub(crate) use lint::check;
#[cfg(test)]
pub(crate) use parse::parse;
pub(crate) use shell::ShellLine;
pub(crate) use shell::Template;
pub(crate) use shell::Variables;
pub(crate) use shell::bash_literal;
pub(crate) use shell::goes_on;
pub(crate) use shell::is_plain_file_name;
pub(crate) use suggest::did_you_mean;

/// The newest script format that this binary reads.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// A demo script.
#[derive(Debug)]
pub(crate) struct Script {
    /// The name of its folder, such as `docker-in-docker`.
    pub(crate) id: String,
    /// The file.
    pub(crate) path: PathBuf,
    /// The first heading.
    pub(crate) title: String,
    /// Where it stands among the demos; those without a number come last.
    pub(crate) order: Option<u32>,
    /// The variables that the script declares, in order.
    pub(crate) variables: Vec<Variable>,
    /// The steps in order; at least one.
    pub(crate) steps: Vec<Step>,
    /// The Markdown files that it was read from: the script, and what it includes.
    pub(crate) files: Vec<PathBuf>,
}

/// One step of a demo: a heading and what belongs to it.
#[derive(Debug)]
pub(crate) struct Step {
    /// Unique in the script, such as `create`. Progress and `--from` name it.
    pub(crate) id: String,
    /// The heading.
    pub(crate) title: String,
    /// How long it is planned to take.
    pub(crate) minutes: u32,
    /// What happens in it, in order.
    pub(crate) items: Vec<Item>,
}

/// One thing in a step.
#[derive(Debug)]
pub(crate) struct Item {
    /// The targets it is for; empty means all.
    pub(crate) targets: Vec<TargetKind>,
    /// What it is.
    pub(crate) kind: ItemKind,
}

/// What an item of a step is.
#[derive(Debug)]
pub(crate) enum ItemKind {
    /// Text to read: Markdown.
    Prose(String),
    /// A file of the demo's folder to show.
    Show(PathBuf),
    /// A command to run.
    Command(Command),
    /// A build to watch until it is over.
    Watch(Watch),
    /// Something that has to be true of the world now.
    Check(Check),
    /// A question.
    Quiz(Quiz),
    /// Explain the predictions of the step that were not explained yet.
    Reveal,
    /// Something to find out by typing commands. The commands of its solution are the items that
    /// follow it, each with [`Command::solution`].
    Exercise(Exercise),
    /// Shown on demand: Markdown.
    Hint(String),
    /// Shown on demand, under a title of its own: Markdown.
    Aside(Aside, String),
    /// For the speaker: Markdown.
    Note(String),
    /// Look whether everything that the demo needs is there.
    Doctor,
}

/// A passage that a key opens.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Aside {
    /// What to click in the AWS console.
    Console,
    /// What it costs on AWS.
    Cost,
}

impl Aside {
    /// The summary of the `<details>` in a script, and the title on the screen.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Console => "In the console",
            Self::Cost => "What it costs",
        }
    }
}

/// Something to find out by typing commands.
#[derive(Debug)]
pub(crate) struct Exercise {
    /// What it is called.
    pub(crate) title: String,
    /// What to find out or to bring about: Markdown.
    pub(crate) task: String,
    /// How it is decided whether it is solved.
    pub(crate) judge: Judge,
    /// How many items after this one are its solution.
    pub(crate) commands: usize,
    /// What to say with the solution: Markdown, perhaps empty.
    pub(crate) explanation: String,
}

/// What decides whether an exercise is solved.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Judge {
    /// A command printed what the solution's last command prints.
    Output,
    /// The check that follows the solution.
    Check,
}

/// Which sort of target a passage is for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum TargetKind {
    /// The embedded local AWS.
    Local,
    /// An AWS account, or another endpoint.
    Aws,
    /// A recording.
    Replay,
}

impl TargetKind {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Local, Self::Aws, Self::Replay];

    /// The name in scripts and on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Aws => "aws",
            Self::Replay => "replay",
        }
    }
}

/// A variable that the script declares.
#[derive(Debug)]
pub(crate) struct Variable {
    /// A shell variable's name.
    pub(crate) name: String,
    /// The value for every target that has none of its own.
    pub(crate) default: Option<String>,
    /// Values for one target. There the variable is not asked for.
    pub(crate) target_defaults: Vec<(TargetKind, String)>,
    /// What a value has to match, as a whole.
    pub(crate) pattern: Option<regex::Regex>,
    /// The values to choose from; empty: any that fits the pattern.
    pub(crate) choices: Vec<String>,
    /// How to ask for it; without a prompt it is never asked for.
    pub(crate) prompt: Option<String>,
    /// Found out by the walker instead of asked for.
    pub(crate) detect: Option<Detector>,
}

/// What the walker can find out by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Detector {
    /// `Dockerfile` if the base images of the build are within reach, else `Dockerfile.prebuilt`.
    Dockerfile,
}

impl Variable {
    /// The value for a target, and whether it is meant for this target alone.
    pub(crate) fn default_for(&self, target: TargetKind) -> Option<(&str, bool)> {
        let own = self
            .target_defaults
            .iter()
            .find(|(kind, _)| *kind == target);
        match own {
            Some((_, value)) => Some((value, true)),
            None => self.default.as_deref().map(|value| (value, false)),
        }
    }

    /// Whether the value fits the pattern and the choices.
    pub(crate) fn accepts(&self, value: &str) -> bool {
        let fits = self
            .pattern
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(value));
        let is_choice =
            self.choices.is_empty() || self.choices.iter().any(|choice| choice == value);
        fits && is_choice
    }
}

/// A command of a `console` fence.
#[derive(Debug)]
pub(crate) struct Command {
    /// As it stands in the script, without the prompt.
    pub(crate) text: String,
    /// What to run.
    pub(crate) line: ShellLine,
    /// The command has to fail: with this error code, if one is given.
    pub(crate) expect_failure: Option<ExpectedFailure>,
    /// What the command creates, to be written into the ledger first.
    pub(crate) creates: Option<Resource>,
    /// Whether it is part of the solution of an exercise.
    pub(crate) solution: bool,
    /// Where the command begins in the script.
    pub(crate) span: Range<usize>,
}

/// How a command has to fail.
#[derive(Debug)]
pub(crate) struct ExpectedFailure {
    /// Such as `ResourceAlreadyExistsException`; `None`: any failure will do.
    pub(crate) code: Option<String>,
}

/// Something that a command creates and that has to be removed one day.
#[derive(Debug)]
pub(crate) struct Resource {
    /// Such as `codebuild-project`.
    pub(crate) kind: String,
    /// Its name.
    pub(crate) name: Template,
    /// The command that removes it.
    pub(crate) remove: ShellLine,
}

/// A build to watch.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The build id.
    pub(crate) build: Template,
    /// How it has to end, such as `SUCCEEDED`.
    pub(crate) expect: String,
    /// In which phase it has to fail, if that matters.
    pub(crate) phase: Option<String>,
    /// The status code of that phase's context, if that matters.
    pub(crate) code: Option<String>,
}

/// Something that has to be true of the world.
#[derive(Debug)]
pub(crate) struct Check {
    /// One sentence for the student.
    pub(crate) title: String,
    /// The command that looks.
    pub(crate) command: ShellLine,
    /// What the command has to print.
    pub(crate) expect: Expectation,
    /// How long to go on looking.
    pub(crate) timeout: Duration,
    /// How long to wait between two looks.
    pub(crate) delay: Duration,
    /// How many times to look again at most; `None`: until the time is over.
    pub(crate) retries: Option<u32>,
}

/// What a check expects.
#[derive(Debug)]
pub(crate) enum Expectation {
    /// This text, white space at the ends aside.
    Text(Template),
    /// Text that this pattern matches as a whole.
    Pattern(regex::Regex),
}

impl Expectation {
    /// Whether what a command printed is as expected.
    pub(crate) fn accepts(&self, seen: &str, variables: &Variables) -> bool {
        match self {
            Self::Text(text) => text.expand(variables).trim() == seen.trim(),
            Self::Pattern(pattern) => pattern.is_match(seen.trim()),
        }
    }

    /// For a person: the text, or the pattern.
    pub(crate) fn expand(&self, variables: &Variables) -> String {
        match self {
            Self::Text(text) => text.expand(variables),
            Self::Pattern(pattern) => format!("something that matches {pattern}"),
        }
    }
}

/// A question.
#[derive(Clone, Debug)]
pub(crate) struct Quiz {
    /// Unique in the demo, if it has one.
    pub(crate) id: Option<String>,
    /// The task of the exam guide that it belongs to, such as `1.2`.
    pub(crate) task: Option<String>,
    /// The question: Markdown.
    pub(crate) question: String,
    /// What may be answered, and what is right.
    pub(crate) answers: Answers,
    /// Why: Markdown.
    pub(crate) explanation: String,
    /// Commands that show that the answer is right, as they stand in the explanation.
    pub(crate) proof: Vec<ShellLine>,
    /// Whether it is a prediction, which is explained at the next [`ItemKind::Reveal`].
    pub(crate) reveal_later: bool,
}

/// What may be answered, and what is right.
#[derive(Clone, Debug)]
pub(crate) enum Answers {
    /// Options to choose from.
    Choice {
        /// Markdown, two to nine.
        options: Vec<String>,
        /// The right ones, counted from 0; at least one.
        right: BTreeSet<usize>,
    },
    /// A free answer.
    Text {
        /// The right answer as it is shown.
        answer: String,
        /// What is taken as right, the answer itself included.
        accept: regex::Regex,
    },
}

impl Quiz {
    /// The options to choose from; none for a free answer.
    pub(crate) fn options(&self) -> &[String] {
        match &self.answers {
            Answers::Choice { options, .. } => options,
            Answers::Text { .. } => &[],
        }
    }

    /// The right answer in short, such as `2`, `1 and 3`, or the text.
    pub(crate) fn right(&self) -> String {
        match &self.answers {
            Answers::Choice { right, .. } => {
                let numbers: Vec<String> = right.iter().map(|at| (at + 1).to_string()).collect();
                numbers.join(" and ")
            }
            Answers::Text { answer, .. } => answer.clone(),
        }
    }
}

impl Script {
    /// Reads and parses a script.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or has mistakes: all of them, each with its position.
    pub(crate) fn load(path: &Path) -> Result<Self, ScriptErrors> {
        let source = std::fs::read_to_string(path)
            .map_err(|error| ScriptErrors::unreadable(path, &error))?;
        parse::read(path, &source).into_script()
    }

    /// The folder of the script: `file://` paths are relative to it.
    pub(crate) fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }

    /// The declaration of a variable.
    pub(crate) fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// How long the whole demo is planned to take.
    pub(crate) fn minutes(&self) -> u32 {
        self.steps.iter().map(|step| step.minutes).sum()
    }
}

impl Item {
    /// Whether the item is for this target.
    pub(crate) fn is_for(&self, target: TargetKind) -> bool {
        self.targets.is_empty() || self.targets.contains(&target)
    }

    /// The variables that have to have a value before the item can be carried out.
    pub(crate) fn variables(&self) -> Vec<&str> {
        match &self.kind {
            ItemKind::Command(command) => {
                let mut names = command.line.variables();
                if let Some(resource) = &command.creates {
                    names.extend(resource.name.variables());
                    names.extend(resource.remove.variables());
                }
                names
            }
            ItemKind::Watch(watch) => watch.build.variables().collect(),
            ItemKind::Check(check) => {
                let mut names = check.command.variables();
                if let Expectation::Text(text) = &check.expect {
                    names.extend(text.variables());
                }
                names
            }
            _ => Vec::new(),
        }
    }
}
