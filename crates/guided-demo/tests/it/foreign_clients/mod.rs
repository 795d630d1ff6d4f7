//! The AWS CLI, versions 1 and 2, and boto3, as students have them, against `guided-demo serve`.

mod authentication;
mod event_services;
mod operations;
mod query_services;
mod registry;
mod source_services;
mod stacks;
mod well_known_buildspec;

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::serving::Serving;
use crate::serving::has;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn has_boto3() -> bool {
    has(
        "boto3",
        Command::new("python3").args(["-c", "import boto3"]),
    )
}

/// The AWS CLI of a major version: the program that `AWS_CLI_V1` or `AWS_CLI_V2` names, or the first
/// on the PATH. On CI there must be at least one.
pub(crate) fn aws_cli(major: u8) -> Option<PathBuf> {
    let of = |major: u8| {
        let named = std::env::var_os(format!("AWS_CLI_V{major}")).map(PathBuf::from);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path: Vec<PathBuf> = std::env::split_paths(&path)
            .map(|directory| directory.join("aws"))
            .collect();
        let version = format!("aws-cli/{major}.");
        named.into_iter().chain(on_path).find(|program| {
            Command::new(program)
                .arg("--version")
                .output()
                .is_ok_and(|output| text(&output.stdout).starts_with(&version))
        })
    };
    let found = of(major);
    if found.is_none() {
        let other = if major == 1 { 2 } else { 1 };
        assert!(
            std::env::var_os("CI").is_none() || of(other).is_some(),
            "CI must have an AWS CLI"
        );
        eprintln!("skipped: AWS CLI {major} is not here");
    }
    found
}

/// Runs a script of tests/clients against a server and returns what it prints. `failures` in it must
/// be empty.
fn judged_by(script: &str, arguments: &[&str], serving: &Serving) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/clients")
        .join(script);
    let output = serving
        .client("python3")
        // No files beside the scripts.
        .args(["-B".as_ref(), script.as_os_str()])
        .args(arguments)
        .output()
        .unwrap();
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", text(&output.stdout), text(&output.stderr))
    });
    assert_eq!(summary["failures"], serde_json::json!([]), "{summary:#}");
    summary
}
