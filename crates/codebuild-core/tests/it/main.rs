//! The crate from the outside: over a real socket against a server that answers as told, against
//! the AWS CLI, and from recordings.

#![expect(
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and says on stderr that it is skipped"
)]

mod aws_cli;
mod canned_aws;
mod commands;
mod deploy;
mod local_aws;
mod model_services;
mod no_credentials;
mod other_services;
mod properties;
mod quotas;
mod recordings;
mod tail;
mod watching;
