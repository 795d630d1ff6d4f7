//! The command line of `guided-demo stack`.

use std::path::PathBuf;

use clap::Args;
use clap::Subcommand;

use super::TargetArgs;

const DEPLOY_EXAMPLES: &str = "\
Examples:
  guided-demo stack deploy                                      the demo's stack, on the local AWS
  guided-demo stack deploy --parameter CreateEcrRepository=yes  with a repository for images
  guided-demo stack deploy --target aws --profile study         in your own account
  guided-demo stack deploy my.yaml --name my-stack              a template of your own";

/// What to do with a stack.
#[derive(Args, Clone, Debug)]
pub(crate) struct StackArgs {
    #[command(subcommand)]
    pub(crate) command: StackCommand,
}

/// The commands for stacks.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum StackCommand {
    /// Create or update a stack: shows the changes, asks, then follows the events
    #[command(after_help = DEPLOY_EXAMPLES)]
    Deploy(StackDeployArgs),
    /// Show a stack, its resources and what to try with it
    Status(StackStatusArgs),
    /// Show what a deployment would change, and change nothing
    Diff(StackDiffArgs),
    /// Delete a stack with what is in its buckets and repositories, and look that nothing is left
    Delete(StackDeleteArgs),
}

/// What to deploy.
#[derive(Args, Clone, Debug)]
pub(crate) struct StackPlanArgs {
    /// The template; without it, the one of the demo docker-in-docker
    pub(crate) template: Option<PathBuf>,

    /// The stack's name; for the demo's own template it is demo-docker-in-docker
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Give a parameter of the template its value (can be repeated)
    #[arg(long, short, value_name = "KEY=VALUE")]
    pub(crate) parameter: Vec<String>,

    /// Tag the stack and what it creates (can be repeated)
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) tag: Vec<String>,
}

/// How to deploy.
#[derive(Args, Clone, Debug)]
pub(crate) struct StackDeployArgs {
    #[command(flatten)]
    pub(crate) plan: StackPlanArgs,

    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Never ask; needs --yes
    #[arg(long)]
    pub(crate) no_input: bool,

    /// Print changes, events and outputs as one JSON document; needs --yes
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

/// What to show.
#[derive(Args, Clone, Debug)]
pub(crate) struct StackStatusArgs {
    /// The stack's name
    #[arg(default_value = crate::commands::DEFAULT_STACK)]
    pub(crate) name: String,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

/// What to compare.
#[derive(Args, Clone, Debug)]
pub(crate) struct StackDiffArgs {
    #[command(flatten)]
    pub(crate) plan: StackPlanArgs,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) target: TargetArgs,
}

/// What to delete.
#[derive(Args, Clone, Debug)]
pub(crate) struct StackDeleteArgs {
    /// The stack's name
    #[arg(default_value = crate::commands::DEFAULT_STACK)]
    pub(crate) name: String,

    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Never ask; needs --yes
    #[arg(long)]
    pub(crate) no_input: bool,

    /// Print events and what is left as one JSON document; needs --yes
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) target: TargetArgs,
}
