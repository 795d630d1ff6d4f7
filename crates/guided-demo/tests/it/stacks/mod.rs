//! `guided-demo stack`: on a server that is not ours, and on one that fails on purpose.

mod account;
mod aws_cli;
mod elsewhere;
mod inventory;
mod killed;
mod local;
mod moto;
mod passing_failure;
mod scripted;
mod seed_template;
mod template;
mod whole_life;

use std::path::Path;
use std::path::PathBuf;
use std::process::Output;

use serde_json::Value;

use crate::command_line::guided_demo;

/// `guided-demo stack …` on an endpoint.
fn stack(state: &Path, endpoint: &str, words: &[&str]) -> Output {
    guided_demo(state)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "eu-central-1")
        .arg("stack")
        .args(words)
        .args(["--target", endpoint])
        .output()
        .unwrap()
}

/// The same, which must succeed; what it prints.
fn must(state: &Path, endpoint: &str, words: &[&str]) -> String {
    let output = stack(state, endpoint, words);
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn json(state: &Path, endpoint: &str, words: &[&str]) -> Value {
    serde_json::from_str(&must(state, endpoint, words)).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A file with this text.
fn file(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}
