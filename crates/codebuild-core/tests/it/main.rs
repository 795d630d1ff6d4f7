//! The crate from the outside: over a real socket against a server that answers as told, against
//! the AWS CLI, and from recordings.

mod aws_cli;
mod canned_aws;
mod commands;
mod local_aws;
mod no_credentials;
mod properties;
mod recordings;
mod watching;
