//! The buildspec language as its users see it.

mod parse;
