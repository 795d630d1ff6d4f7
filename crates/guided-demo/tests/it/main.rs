//! The built program, used as a person or another program uses it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "a test may panic")]

mod crash;
mod foreign_clients;
mod house;
mod serving;
