//! The arguments of `mirror`.

use clap::Args;

use super::TargetArgs;

/// What to mirror.
#[derive(Args, Clone, Debug)]
pub(crate) struct MirrorArgs {
    /// The remote whose pushes also go to CodeCommit
    #[arg(long, default_value = "origin", value_name = "NAME")]
    pub(crate) remote: String,

    /// The name of the CodeCommit repository; without it, that of the remote's
    #[arg(long, value_name = "NAME")]
    pub(crate) repository: Option<String>,

    /// Say about the repository what it is for
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "A mirror, made by guided-demo"
    )]
    pub(crate) description: String,

    /// Put the remote back as it was, and offer to delete the repository that was made for it
    #[arg(long)]
    pub(crate) undo: bool,

    /// Agree to everything; with --undo also to the end of the repository that was made
    #[arg(long, short)]
    pub(crate) yes: bool,

    /// Say what would be done, and do nothing
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,

    /// Never ask: without --yes nothing is done
    #[arg(long)]
    pub(crate) no_input: bool,

    #[command(flatten)]
    pub(crate) target: TargetArgs,
}
