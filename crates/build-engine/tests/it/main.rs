//! Builds as their owner sees them.

// clippy's exception for tests does not reach their helper functions.
#![allow(clippy::panic, clippy::print_stdout, clippy::unwrap_used)]

mod artifacts;
mod buildspec_rules;
mod caches;
mod commands;
mod docker_in_docker;
mod failures;
mod interruptions;
mod kept;
mod output;
mod registry;
mod sandboxes;
mod support;
