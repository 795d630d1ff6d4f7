//! The buildspec language as its users see it.

mod batch;
mod parse;
mod sections;
