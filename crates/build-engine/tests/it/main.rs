//! Builds as their owner sees them.

mod commands;
mod docker_in_docker;
mod failures;
mod interruptions;
mod output;
mod support;
