//! The arguments of `mail`.

use clap::Args;
use clap::Subcommand;

/// What to do with the mailbox.
#[derive(Args, Clone, Debug)]
pub(crate) struct MailArgs {
    #[command(subcommand)]
    pub(crate) command: Option<MailCommand>,

    /// Show each message that comes, until Ctrl-C
    #[arg(long, short)]
    pub(crate) follow: bool,

    /// Print JSON
    #[arg(long, conflicts_with = "follow")]
    pub(crate) json: bool,
}

/// What to do with a message.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum MailCommand {
    /// Show a message
    Read {
        /// Its number in the list
        number: usize,
    },
    /// Follow the link that confirms a subscription
    Confirm {
        /// The message's number in the list
        number: usize,
    },
}
