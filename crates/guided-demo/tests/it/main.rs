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
mod cleaning_up;
mod command_line;
mod crash;
mod export;
mod failures;
mod first_screens;
mod foreign_clients;
mod house;
mod learning;
mod mail;
mod mirror;
mod notes;
mod plain_terminal;
mod practicing;
mod pty;
mod seed_scripts;
mod serving;
mod shell;
mod stacks;
mod stage;
mod terminal;
mod terminals;
mod unattended;
mod whole_walk;
