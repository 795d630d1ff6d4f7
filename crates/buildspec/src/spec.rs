//! A buildspec as data.

mod artifacts;
mod batch;
mod reports;

pub use artifacts::ArtifactFiles;
pub use artifacts::Artifacts;
pub use artifacts::Cache;
pub use artifacts::CacheAction;
pub use batch::Batch;
pub use batch::BatchBuild;
pub use batch::BatchEnvironment;
pub use batch::BatchFanout;
pub use batch::BatchKind;
pub use batch::BatchMatrix;
pub use reports::ReportFiles;
pub use reports::ReportFormat;

use crate::error::BuildspecError;
use crate::error::Warning;
use crate::on_failure::OnFailure;
use crate::places::Places;
use crate::read;
use crate::read::Needs;

/// A buildspec that was read without an error.
///
/// See the [buildspec reference](https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html).
#[derive(Clone, Debug, PartialEq)]
pub struct Buildspec {
    /// The version of the buildspec language.
    pub version: Version,
    /// The Linux user that runs the commands of all phases that name no other.
    pub run_as: Option<String>,
    /// `env`: the shell and the variables.
    pub env: Environment,
    /// `phases`: the commands.
    pub phases: Phases,
    /// `proxy`: what an explicit proxy server is used for.
    pub proxy: Option<Proxy>,
    /// `batch`: the builds of a batch build.
    pub batch: Option<Batch>,
    /// `reports`: the report groups, in the order of the text.
    pub reports: Vec<ReportFiles>,
    /// `artifacts`: which files are uploaded.
    pub artifacts: Option<Artifacts>,
    /// `cache`: which files are kept for the next build.
    pub cache: Option<Cache>,
    /// What is allowed but is probably not what was meant, unknown keys among it.
    pub warnings: Vec<Warning>,
    pub(crate) places: Places,
}

impl Buildspec {
    /// Reads the buildspec of a build from YAML (or JSON, which is YAML).
    ///
    /// # Errors
    ///
    /// If the text is not YAML, or is not a buildspec with phases. The error knows line and column.
    pub fn parse(text: &str) -> Result<Self, BuildspecError> {
        read::buildspec(text, Needs::Phases)
    }

    /// Reads the buildspec of a batch build, which may leave the phases to the buildspecs that it
    /// names: [`Phases::is_empty`] is then true, and [`Buildspec::batch`] is always there.
    ///
    /// # Errors
    ///
    /// As [`Buildspec::parse`], and if there is no `batch`.
    pub fn parse_batchspec(text: &str) -> Result<Self, BuildspecError> {
        read::buildspec(text, Needs::Batch)
    }

    /// Reads a buildspec of either kind, such as to check it: it has phases or a batch.
    ///
    /// # Errors
    ///
    /// As [`Buildspec::parse`], except that phases are not needed where there is a `batch`.
    pub fn parse_any(text: &str) -> Result<Self, BuildspecError> {
        read::buildspec(text, Needs::PhasesOrBatch)
    }
}

/// The `proxy` section.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Proxy {
    /// `upload-artifacts`: whether artifacts are uploaded through the proxy.
    pub upload_artifacts: bool,
    /// `logs`: whether logs are sent through the proxy.
    pub logs: bool,
}

/// The version of the buildspec language.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Version {
    /// Each command runs in a shell of its own: neither directory nor variables carry over.
    V0_1,
    /// Directory and variables carry over from command to command and phase to phase.
    V0_2,
}

/// The `env` section.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// The shell that runs the commands. Without one CodeBuild uses `sh`.
    pub shell: Option<Shell>,
    /// `variables`: names and literal values, in the order of the text.
    pub variables: Vec<(String, String)>,
    /// `parameter-store`: names and the Systems Manager parameters that hold the values.
    pub parameter_store: Vec<(String, String)>,
    /// `secrets-manager`: names and `secret-id:json-key:version-stage:version-id`.
    pub secrets_manager: Vec<(String, String)>,
    /// `exported-variables`: names.
    pub exported_variables: Vec<String>,
    /// `git-credential-helper`: whether git gets CodeBuild's credentials.
    pub git_credential_helper: bool,
}

/// A shell that `env.shell` can name for Linux.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shell {
    /// `bash`
    Bash,
    /// `/bin/sh`
    Sh,
}

/// The `phases` section. At least one phase is there, except where a `batch` makes up for it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Phases {
    /// `install`
    pub install: Option<PhaseSpec>,
    /// `pre_build`
    pub pre_build: Option<PhaseSpec>,
    /// `build`
    pub build: Option<PhaseSpec>,
    /// `post_build`
    pub post_build: Option<PhaseSpec>,
}

impl Phases {
    /// Whether there is no phase at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// The phases that are there, in the order in which they run, with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &PhaseSpec)> {
        [
            ("install", &self.install),
            ("pre_build", &self.pre_build),
            ("build", &self.build),
            ("post_build", &self.post_build),
        ]
        .into_iter()
        .filter_map(|(name, phase)| phase.as_ref().map(|phase| (name, phase)))
    }
}

/// One phase.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhaseSpec {
    /// The line of the phase's name, from 1.
    pub line: usize,
    /// The Linux user that runs this phase's commands.
    pub run_as: Option<String>,
    /// What happens when the phase fails. Without it the rules of the phase transitions hold.
    pub on_failure: Option<OnFailure>,
    /// `runtime-versions` of the install phase: languages and versions.
    pub runtime_versions: Vec<(String, String)>,
    /// The commands, in order.
    pub commands: Vec<Command>,
    /// The commands that run after `commands`, also when one of those failed.
    pub finally: Vec<Command>,
}

/// One command. A block of several lines is one command.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Command {
    /// The text that the shell gets.
    pub text: String,
    /// The line where it begins, from 1.
    pub line: usize,
    /// The column where it begins in characters, from 1.
    pub column: usize,
    /// Whether each line of the text is a line of the buildspec.
    pub(crate) is_literal: bool,
}

impl Command {
    /// Line and column, from 1, of a line of the text, counted from 0. Where YAML has joined lines
    /// it is the place where the command begins.
    #[must_use]
    pub fn place_of_line(&self, line: usize) -> (usize, usize) {
        if !self.is_literal {
            return (self.line, self.column);
        }
        // A block begins at its first line that is not blank.
        let blank = self
            .text
            .lines()
            .take_while(|line| line.trim().is_empty())
            .count();
        let line = self.line.saturating_add(line).saturating_sub(blank);
        (line, self.column)
    }
}
