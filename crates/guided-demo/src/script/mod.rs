//! Demo scripts: Markdown that GitHub shows as a lab guide and the walker executes.
//!
//! Prose is prose. `console` fences hold the commands. Everything else that the walker needs stands
//! in HTML comments that begin with `demo:`, one directive each (see [`directive`]). Anything that
//! the parser does not know is an error with file, line and column: a directive that is silently
//! ignored is a check that never runs.

mod directive;
mod error;
mod lint;
mod markdown;
mod parse;
mod quiz;
mod shell;
mod suggest;

use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use error::ScriptErrors;
pub(crate) use lint::lint;
pub(crate) use parse::parse;
pub(crate) use shell::ShellLine;
pub(crate) use shell::Template;
pub(crate) use shell::Variables;
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
    /// The variables that the script declares, in order.
    pub(crate) variables: Vec<Variable>,
    /// The steps in order; at least one.
    pub(crate) steps: Vec<Step>,
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
    /// Shown on demand: Markdown.
    Hint(String),
    /// For the speaker: Markdown.
    Note(String),
    /// Look whether everything that the demo needs is there.
    Doctor,
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

    /// Whether the value fits the pattern.
    pub(crate) fn accepts(&self, value: &str) -> bool {
        self.pattern
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(value))
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
}

/// Something that has to be true of the world.
#[derive(Debug)]
pub(crate) struct Check {
    /// One sentence for the student.
    pub(crate) title: String,
    /// The command that looks.
    pub(crate) command: ShellLine,
    /// The text that the command has to print, white space at the ends aside.
    pub(crate) expect: Template,
    /// How long to go on looking.
    pub(crate) timeout: Duration,
    /// How long to wait between two looks.
    pub(crate) delay: Duration,
    /// Where it stands in the script.
    pub(crate) span: Range<usize>,
}

/// A question with one right answer.
#[derive(Debug)]
pub(crate) struct Quiz {
    /// The question: Markdown.
    pub(crate) question: String,
    /// The answers to choose from: Markdown, two to nine.
    pub(crate) options: Vec<String>,
    /// The right one, counted from 0.
    pub(crate) answer: usize,
    /// Why: Markdown.
    pub(crate) explanation: String,
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
        parse(path, &source)
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
                names.extend(check.expect.variables());
                names
            }
            _ => Vec::new(),
        }
    }
}
