//! The core API logic: each CodeBuild operation on any target through the AWS SDK, the `aws …`
//! command line that equals it, the build watched live, a failure diagnosed.
//!
//! Start with [`Session::connect`]. Everything goes through the session's clients, and a tap in each
//! keeps what crosses the wire ([`Exchange`]). [`AwsCommand`] runs command lines, [`watch`] follows a
//! build, [`diagnose`] explains a failed one. Nothing here prints, and nothing but connecting knows
//! which [`Target`] it is.

mod aws_command;
mod call_error;
mod codecommit;
mod credential_search;
mod diagnosis;
mod direct_call;
mod profiles;
mod recording;
mod redaction;
mod replay;
mod session;
mod subscription;
mod target;
mod watch;
mod wire_tap;

pub use aws_command::AwsCommand;
pub use aws_command::CommandError;
pub use aws_command::CommandOutput;
pub use aws_command::Place;
pub use aws_command::Suggestion;
pub use call_error::CallError;
pub use codecommit::GitLogin;
pub use codecommit::create_repository;
pub use codecommit::delete_repository;
pub use codecommit::has_repository;
pub use credential_search::CredentialSearch;
pub use diagnosis::Diagnosis;
pub use diagnosis::diagnose;
pub use profiles::profiles;
pub use recording::recorded_at;
pub use replay::NotInRecording;
pub use session::Identity;
pub use session::Session;
pub use subscription::confirm_subscription;
pub use target::Keys;
pub use target::Target;
pub use watch::WatchEvent;
pub use watch::watch;
pub use wire_tap::Exchange;
