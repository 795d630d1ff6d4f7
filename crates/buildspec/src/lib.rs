//! The buildspec language: parse, check, explain, with source positions. Does no I/O.
//!
//! The rules come from the [buildspec reference](https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html).
