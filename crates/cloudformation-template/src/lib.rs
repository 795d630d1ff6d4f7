//! The CloudFormation template language: parse, check, evaluate, with source positions.
