//! The buildspec language as its users see it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod batch;
mod lint;
mod parse;
mod properties;
mod samples;
mod schema;
mod sections;
