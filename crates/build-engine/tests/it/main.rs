//! Builds as their owner sees them.

// clippy's exception for tests does not reach their helper functions.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod commands;
mod docker_in_docker;
mod failures;
mod interruptions;
mod output;
mod registry;
mod support;
