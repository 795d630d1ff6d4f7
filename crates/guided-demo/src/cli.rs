//! The command line.

mod credential_helper;
mod mail;
mod mirror;
mod stack;

use std::path::PathBuf;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;

pub(crate) use self::stack::StackArgs;
pub(crate) use self::stack::StackCommand;
pub(crate) use self::stack::StackDeleteArgs;
pub(crate) use self::stack::StackDeployArgs;
pub(crate) use self::stack::StackDiffArgs;
pub(crate) use self::stack::StackPlanArgs;
pub(crate) use self::stack::StackStatusArgs;

use crate::exit_code::ExitCode;
use crate::target::TargetChoice;
use crate::ui::ColorChoice;

pub(crate) use credential_helper::CredentialHelperArgs;
pub(crate) use credential_helper::CredentialOperation;
pub(crate) use mail::MailArgs;
pub(crate) use mail::MailCommand;
pub(crate) use mirror::MirrorArgs;

const EXAMPLES: &str = "\
Examples:
  guided-demo                                    start or resume the demo
  guided-demo run --mode auto                    run it without questions
  guided-demo run --from break-it                begin at a step
  guided-demo run --target aws --profile study   the same walk in your own account
  guided-demo aws codebuild list-projects        one AWS call on the local AWS
  guided-demo build                              run ./buildspec.yml here and now
  eval \"$(guided-demo env)\"                      the local AWS for your own AWS CLI";

const AWS_SERVICES: &str = "\
Services:
  cloudformation, codebuild, codecommit, codestar-notifications, ec2, ecr, events, iam, logs, s3,
  s3api, secretsmanager, sns, ssm, sts

`guided-demo aws SERVICE` names the operations of a service.";

const ENV_EXAMPLES: &str = "\
Examples:
  eval \"$(guided-demo env)\"                                      bash, zsh
  guided-demo env --shell fish | source                           fish
  guided-demo env --shell powershell | Out-String | Invoke-Expression
  eval \"$(guided-demo env --write-profile)\"                      as a profile in files of its own
  guided-demo env --terraform > provider.tf                       Terraform
  eval \"$(guided-demo env --unset)\"                              back to your own AWS

These work for AWS CLI 1 and 2, boto3 and the other SDKs. An AWS CLI before 1.29 or 2.13 does not
read AWS_ENDPOINT_URL: where `aws` is such a one, a function `aws` is printed that adds
--endpoint-url. docs/reference/clients.md has more, CDK too.";

/// Walks you through an AWS CodeBuild project that builds a container image with Docker in Docker.
///
/// By default everything happens on this computer: a local AWS, and builds that really run in a
/// Docker container. With `--target aws` the same commands go to your own account.
#[derive(Debug, Parser)]
#[command(
    name = "guided-demo",
    version,
    disable_help_subcommand = true,
    before_long_help = EXAMPLES,
    after_help = "`guided-demo --help` shows examples and exit codes.",
    after_long_help = ExitCode::HELP,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<CliCommand>,

    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: ColorChoice,

    /// For screen readers: words instead of signs, and nothing is drawn, moved or taken away
    #[arg(long, global = true, env = "GUIDED_DEMO_PLAIN", value_parser = clap::builder::FalseyValueParser::new())]
    pub(crate) plain: bool,

    /// Keep state in this directory instead of the XDG state directory
    #[arg(long, global = true, env = "GUIDED_DEMO_STATE_DIR", value_name = "DIR")]
    pub(crate) state_dir: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum CliCommand {
    /// Walk through a demo
    Run(RunArgs),
    /// List the demos
    List(JsonArgs),
    /// Show how far you have come and what is still there
    Status(JsonArgs),
    /// Forget progress, so that the next walk begins at the first step
    Reset(ResetArgs),
    /// Remove what walks have created and not removed
    Cleanup(CleanupArgs),
    /// Make one AWS call, with the AWS CLI's words
    #[command(after_help = AWS_SERVICES)]
    Aws(AwsArgs),
    /// Run a buildspec here and now, without a project
    Build(BuildArgs),
    /// Deploy a CloudFormation template, look at its stack, delete it
    Stack(StackArgs),
    /// Run the local AWS for your own AWS CLI, until Ctrl-C
    Serve(ServeArgs),
    /// Print what a terminal needs for a local AWS that runs: eval "$(guided-demo env)"
    #[command(after_help = ENV_EXAMPLES)]
    Env(EnvArgs),
    /// Mirror a git repository: one push goes to its own remote and to CodeCommit
    Mirror(MirrorArgs),
    /// Read the e-mails that the local AWS would have sent
    Mail(MailArgs),
    /// Answer git's question who one is, for CodeCommit; git runs this
    #[command(hide = true)]
    CredentialHelper(CredentialHelperArgs),
    /// Check buildspecs, templates and demo scripts, or explain what a build does
    Check(CheckArgs),
    /// Begin a demo script of your own
    New(NewArgs),
    /// Follow a walk from a second terminal: the speaker's notes, what comes next, and the clock
    Notes(NotesArgs),
    /// Walk through a demo without questions and keep it: to replay, and to play with asciinema
    Record(RecordArgs),
    /// Make a bash script, a web page or a terminal recording of a demo
    Export(ExportArgs),
    /// Answer questions in the style of the exam; what went wrong comes back
    Practice(PracticeArgs),
    /// Explain a term, or all of them
    Glossary(GlossaryArgs),
    /// Look whether everything that the demos need is there
    Doctor(TargetArgs),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Where to call.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TargetArgs {
    /// local, aws, replay, or the URL of an AWS-compatible endpoint
    #[arg(long, default_value_t, value_name = "TARGET")]
    pub(crate) target: TargetChoice,

    /// The profile of your AWS configuration to use
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// The region to use
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// The Docker Engine for local builds, such as unix:///run/user/1000/docker.sock
    #[arg(long, value_name = "URL")]
    pub(crate) engine_host: Option<String>,
}

/// How to walk.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RunArgs {
    /// A demo of `guided-demo list`, or a path to a demo script
    pub(crate) demo: Option<String>,

    /// How to walk; without a terminal it is auto
    #[arg(long, value_enum)]
    pub(crate) mode: Option<CliMode>,

    /// Begin at this step
    #[arg(long, value_name = "STEP")]
    pub(crate) from: Option<String>,

    /// Give a variable of the demo its value (can be repeated)
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,

    /// Agree to everything that creates or removes something
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Never ask; the same as --mode auto
    #[arg(long)]
    pub(crate) no_input: bool,

    /// With --mode auto: stay at each step for at least so many seconds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) seconds_per_step: Option<u64>,

    /// With --mode auto: begin again at the end, until Ctrl-C
    #[arg(long = "loop")]
    pub(crate) again: bool,

    /// Hide account ids, keys and addresses on the screen; on by itself in stage and rehearse
    #[arg(long)]
    pub(crate) redact: bool,

    /// Hide nothing, on stage too
    #[arg(long, conflicts_with = "redact")]
    pub(crate) no_redact: bool,

    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

/// The modes of a walk.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum CliMode {
    /// Explain, show, ask, run, check
    Guide,
    /// As guide, but you type the commands
    Learn,
    /// No questions, plain lines
    Auto,
    /// For a projector: commands are typed out, a key each to type and to run; no text, notes elsewhere
    Stage,
    /// As stage, and measure each step against its plan
    Rehearse,
    /// As guide, from the recording
    Replay,
    /// Look for mistakes, then walk without questions on a local AWS of its own
    Check,
}

/// How to print a list.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct JsonArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to forget.
#[derive(Args, Clone, Debug)]
pub(crate) struct ResetArgs {
    /// The demo; without it, all of them
    pub(crate) demo: Option<String>,

    /// Forget what was answered to the questions of all demos instead, and with it the score
    #[arg(long, conflicts_with = "demo")]
    pub(crate) questions: bool,

    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// What to remove.
#[derive(Args, Clone, Debug)]
pub(crate) struct CleanupArgs {
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Say what would be removed, and remove nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,
}

/// One call.
#[derive(Args, Clone, Debug)]
pub(crate) struct AwsArgs {
    /// local, aws, or the URL of an AWS-compatible endpoint; give it before the service
    #[arg(long, default_value_t, value_name = "TARGET")]
    pub(crate) target: TargetChoice,

    /// The words of the AWS CLI, such as: codebuild list-projects --sort-by NAME
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "SERVICE OPERATION"
    )]
    pub(crate) words: Vec<String>,
}

/// What to build and how.
#[derive(Args, Clone, Debug)]
pub(crate) struct BuildArgs {
    /// The directory with the source
    #[arg(default_value = ".", value_name = "DIR")]
    pub(crate) directory: PathBuf,

    /// The buildspec, in the source or elsewhere; without it, buildspec.yml of the source
    #[arg(long, short, value_name = "FILE")]
    pub(crate) buildspec: Option<PathBuf>,

    /// The build image
    #[arg(long, short, default_value = "docker:dind", value_name = "IMAGE")]
    pub(crate) image: String,

    /// Give the build the rights to run its own Docker daemon; without a word about it, images
    /// whose tag ends in dind get them
    #[arg(long, short = 'd', value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub(crate) privileged: Option<bool>,

    /// Put artifacts into this directory
    #[arg(long, short, value_name = "DIR")]
    pub(crate) artifacts: Option<PathBuf>,

    /// Pack each artifact into one ZIP file
    #[arg(long, requires = "artifacts")]
    pub(crate) zip: bool,

    /// Put the raw data of reports into this directory
    #[arg(long, short, value_name = "DIR")]
    pub(crate) reports: Option<PathBuf>,

    /// A secondary source: its identifier and its directory (can be repeated)
    #[arg(long, short, value_name = "NAME=DIR")]
    pub(crate) source: Vec<String>,

    /// Set an environment variable; it wins over the buildspec's (can be repeated)
    #[arg(long, short, value_name = "NAME=VALUE")]
    pub(crate) env: Vec<String>,

    /// Read environment variables from a file, one NAME=VALUE a line (can be repeated)
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,

    /// Give the build the credentials and region of this profile of your AWS configuration
    #[arg(long, short, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// Take all files of the directories, .git and ignored files too
    #[arg(long)]
    pub(crate) all_files: bool,

    /// Keep the buildspec's cache and the inner Docker's layers for the next build
    #[arg(long)]
    pub(crate) cache: bool,

    /// Ask before each command: run, skip, or a shell first
    #[arg(long)]
    pub(crate) step: bool,

    /// Ask what to do when a command fails: a shell in the container, again, or go on
    #[arg(long)]
    pub(crate) shell_on_failure: bool,

    /// Let `codebuild-breakpoint` stop the build
    #[arg(long)]
    pub(crate) breakpoints: bool,

    /// How many minutes the build may take
    #[arg(long, default_value_t = 60, value_name = "MINUTES", value_parser = clap::value_parser!(u64).range(1..=2160))]
    pub(crate) timeout: u64,

    /// The Docker Engine, such as unix:///run/user/1000/docker.sock
    #[arg(long, value_name = "URL")]
    pub(crate) engine_host: Option<String>,
}

/// How to serve.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServeArgs {
    /// The port; without it the last one, or a free one; 0 is any free one
    #[arg(long)]
    pub(crate) port: Option<u16>,

    /// The account id, twelve digits; 000000000000 unless the state directory has another one
    #[arg(long, value_name = "ID")]
    pub(crate) account_id: Option<String>,

    /// The region that the local AWS is in; eu-central-1 unless the state directory has another one
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// The Docker Engine for builds, such as unix:///run/user/1000/docker.sock
    #[arg(long, value_name = "URL")]
    pub(crate) engine_host: Option<String>,

    /// Serve a Git repository's URL from a directory instead of cloning it (can be repeated)
    #[arg(long, value_name = "URL=DIR")]
    pub(crate) checkout: Vec<String>,

    /// Print where it listens as one line of JSON, keys included
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to print.
#[derive(Args, Clone, Debug)]
pub(crate) struct EnvArgs {
    /// The shell to write for
    #[arg(long, value_enum, default_value_t, value_name = "SHELL")]
    pub(crate) shell: Shell,

    /// Print endpoint, region and keys as one line of JSON
    #[arg(long, conflicts_with_all = ["terraform", "write_profile", "unset"])]
    pub(crate) json: bool,

    /// Print a provider block for Terraform
    #[arg(long, conflicts_with_all = ["write_profile", "unset"])]
    pub(crate) terraform: bool,

    /// Write an AWS profile into files in the state directory and print the lines that select it;
    /// ~/.aws is not touched
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "guided-demo", conflicts_with = "unset")]
    pub(crate) write_profile: Option<String>,

    /// Print the lines that undo all of this
    #[arg(long)]
    pub(crate) unset: bool,
}

/// The shells that differ in how variables are set.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Shell {
    /// bash, zsh and other POSIX shells
    #[default]
    #[value(alias = "zsh", alias = "sh")]
    Bash,
    /// fish
    Fish,
    /// PowerShell
    #[value(alias = "pwsh")]
    Powershell,
}

/// What to check.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct CheckArgs {
    /// Buildspecs and templates (.yml, .yaml, .json), demo scripts, or their folders; without any,
    /// ./buildspec.yml, ./template.yaml and all demos of the repository
    pub(crate) paths: Vec<PathBuf>,

    /// Explain step by step what a build of the buildspec does
    #[arg(long)]
    pub(crate) explain: bool,

    /// Whether the project of the buildspec has privileged mode, as a Docker daemon needs
    #[arg(
        long,
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub(crate) privileged: Option<bool>,

    /// The image of the project, such as docker:dind
    #[arg(long, value_name = "IMAGE")]
    pub(crate) image: Option<String>,

    /// Also walk through each demo without questions, on a local AWS of its own
    #[arg(long, conflicts_with_all = ["explain", "watch", "json"])]
    pub(crate) run: bool,

    /// Check again whenever a file changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["explain", "json"])]
    pub(crate) watch: bool,

    /// Print what is wrong as JSON, for editors
    #[arg(long, conflicts_with = "explain")]
    pub(crate) json: bool,
}

/// What to begin.
#[derive(Args, Clone, Debug)]
pub(crate) struct NewArgs {
    /// The demo's name, which becomes a folder of demos/; or a path to a folder
    pub(crate) name: String,
}

/// What to explain.
#[derive(Args, Clone, Debug)]
pub(crate) struct GlossaryArgs {
    /// A term, or a part of one; without it, all terms
    pub(crate) term: Vec<String>,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What to practise.
#[derive(Args, Clone, Debug)]
pub(crate) struct PracticeArgs {
    /// How many questions to ask
    #[arg(long, short = 'n', default_value_t = 10, value_name = "N", value_parser = positive)]
    pub(crate) count: usize,

    /// Only questions of this domain of the exam guide
    #[arg(long, value_name = "1-6", value_parser = clap::value_parser!(u8).range(1..=6))]
    pub(crate) domain: Option<u8>,

    /// Only questions of this task of the exam guide, such as 1.2
    #[arg(long, value_name = "TASK")]
    pub(crate) task: Option<String>,

    /// Only questions of this demo
    #[arg(long, value_name = "DEMO")]
    pub(crate) demo: Option<String>,

    /// Also questions that are not due yet
    #[arg(long)]
    pub(crate) all: bool,

    /// Do not ask; list the questions and when each is due
    #[arg(long)]
    pub(crate) list: bool,

    /// List as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("not a number from 1 on".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// Which walk to follow.
#[derive(Args, Clone, Debug)]
pub(crate) struct NotesArgs {
    /// The demo; without it, the walk that has moved last
    pub(crate) demo: Option<String>,
}

/// What to record.
#[derive(Args, Clone, Debug)]
pub(crate) struct RecordArgs {
    /// A demo of `guided-demo list`, or a path to a demo script; without it, the default one
    pub(crate) demo: Option<String>,

    /// Where to save what --target replay plays; without it, recording.json in the demo's folder
    #[arg(long, value_name = "FILE")]
    pub(crate) recording: Option<PathBuf>,

    /// Where to save what asciinema plays; without it, walk.cast in the demo's folder
    #[arg(long, value_name = "FILE")]
    pub(crate) cast: Option<PathBuf>,

    /// Save only one of the two
    #[arg(long, value_enum, value_name = "WHICH")]
    pub(crate) only: Option<Recorded>,

    /// Give a variable of the demo its value (can be repeated)
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,

    /// Agree to everything that creates or removes something on your own account
    #[arg(long, short)]
    pub(crate) yes: bool,

    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

/// What `record` saves.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Recorded {
    /// What crossed the wire, for --target replay
    Recording,
    /// What the terminal showed, for asciinema
    Cast,
}

/// What to make.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExportArgs {
    #[command(subcommand)]
    pub(crate) format: ExportFormat,
}

/// The formats.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ExportFormat {
    /// A bash script that walks through the demo with the AWS CLI
    Bash(ExportBashArgs),
    /// A terminal recording for asciinema, made of the demo's recording
    Cast(ExportCastArgs),
    /// A web page in one file, with what the demo's recording holds
    Html(ExportHtmlArgs),
}

/// Which demo, and where to.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExportedArgs {
    /// A demo of `guided-demo list`, or a path to a demo script; without it, the default one
    pub(crate) demo: Option<String>,

    /// Where to write it; without it, to standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// How to write the bash script.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExportBashArgs {
    #[command(flatten)]
    pub(crate) exported: ExportedArgs,

    /// Whose passages of the demo go into the script
    #[arg(long = "for", value_enum, default_value_t, value_name = "TARGET")]
    pub(crate) target: ExportTarget,
}

/// The targets that a script can be for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum ExportTarget {
    /// Your own account
    #[default]
    Aws,
    /// The local AWS of `guided-demo serve`
    Local,
}

/// How to write the terminal recording.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExportCastArgs {
    #[command(flatten)]
    pub(crate) exported: ExportedArgs,

    /// The width of the terminal
    #[arg(long, default_value_t = 80, value_name = "N", value_parser = clap::value_parser!(u16).range(40..=200))]
    pub(crate) columns: u16,

    /// The height of the terminal
    #[arg(long, default_value_t = 24, value_name = "N", value_parser = clap::value_parser!(u16).range(10..=200))]
    pub(crate) rows: u16,
}

/// How to write the page.
#[derive(Args, Clone, Debug)]
pub(crate) struct ExportHtmlArgs {
    #[command(flatten)]
    pub(crate) exported: ExportedArgs,

    /// Put the speaker's notes in
    #[arg(long)]
    pub(crate) notes: bool,
}
