//! The arguments that git gives a credential helper, and ours.

use clap::Args;
use clap::ValueEnum;

use crate::target::TargetChoice;

/// What git asks.
#[derive(Args, Clone, Debug)]
pub(crate) struct CredentialHelperArgs {
    /// What git wants
    #[arg(value_enum)]
    pub(crate) operation: CredentialOperation,

    /// local or aws
    #[arg(long, default_value_t, value_name = "TARGET")]
    pub(crate) target: TargetChoice,

    /// The profile of your AWS configuration to use
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

/// The operations of gitcredentials(7).
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum CredentialOperation {
    /// A user name and a password
    Get,
    /// Nothing is stored
    Store,
    /// Nothing is erased
    Erase,
}
