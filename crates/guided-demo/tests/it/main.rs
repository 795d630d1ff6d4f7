//! The binary from outside: its command line, its terminal, and the services that it runs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may panic"
)]

mod build_command;
mod check;
mod check_scripts;
mod command_line;
mod crash;
mod failures;
mod foreign_clients;
mod house;
mod learning;
mod pty;
mod serving;
mod terminal;
mod terminals;
mod whole_walk;
