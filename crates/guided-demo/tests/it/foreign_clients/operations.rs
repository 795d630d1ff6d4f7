//! Every CodeBuild operation through each client, with good and with bad input. The calls are in
//! tests/clients/operations.json.

use std::process::Command;

use super::aws_cli;
use super::has_boto3;
use super::judged_by;
use crate::serving::Serving;
use crate::serving::has;
use crate::serving::has_docker;

/// Operations of CodeBuild.
const ALL: usize = 59;

/// Calls everything, and returns how many operations the client does not have.
fn probe(client: &str) -> usize {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let engine = has_docker();
    let further: &[&str] = if engine { &[] } else { &["--no-engine"] };
    let summary = judged_by("probe.py", &[&[client], further].concat(), &serving);
    let count = |name: &str| summary[name].as_array().unwrap().len();
    if engine {
        assert_eq!(
            summary["never called"],
            serde_json::json!([]),
            "{summary:#}"
        );
    }
    count("not in this client")
}

fn skeletons(client: &str) -> usize {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let summary = judged_by("skeletons.py", &[client], &serving);
    usize::try_from(summary["operations"].as_u64().unwrap()).unwrap()
}

#[test]
fn boto3_calls_every_operation_and_gets_what_its_model_says() {
    if has_boto3() {
        assert_eq!(probe("boto3"), 0);
    }
}

/// Newer botocore packages have the protocol in their model of CodeBuild.
#[test]
fn boto3_calls_every_operation_over_rpc_v2_cbor_too() {
    const HAS_CBOR: &str = "import botocore.session
model = botocore.session.get_session().get_service_model('codebuild')
assert 'smithy-rpc-v2-cbor' in model.metadata.get('protocols', [])
from botocore.model import PRIORITY_ORDERED_SUPPORTED_PROTOCOLS";
    if has_boto3()
        && has(
            "CBOR in boto3",
            Command::new("python3").args(["-c", HAS_CBOR]),
        )
    {
        assert_eq!(probe("boto3-cbor"), 0);
    }
}

/// The Rust SDK, through `guided-demo aws`.
#[cfg(unix)]
#[test]
fn our_own_command_line_calls_every_operation_and_pages_through_every_list() {
    use std::os::unix::fs::PermissionsExt;

    if !has_boto3() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("aws");
    let binary = env!("CARGO_BIN_EXE_guided-demo");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = --version ] && exec '{binary}' --version\n\
         exec '{binary}' --state-dir '{}' aws \"$@\"\n",
        directory.path().display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(probe(program.to_str().unwrap()), 0);
}

#[test]
fn aws_cli_1_calls_every_operation_and_pages_through_every_list() {
    if let Some(program) = aws_cli(1).filter(|_| has_boto3()) {
        assert_eq!(probe(program.to_str().unwrap()), 0);
    }
}

#[test]
fn aws_cli_2_calls_every_operation_that_it_has_and_pages_through_every_list() {
    if let Some(program) = aws_cli(2).filter(|_| has_boto3()) {
        // Debian 12 has a version from 2023, before fleets and sandboxes.
        assert!(probe(program.to_str().unwrap()) <= 14);
    }
}

#[test]
fn the_skeletons_of_aws_cli_1_are_answered() {
    if let Some(program) = aws_cli(1).filter(|_| has_boto3()) {
        assert_eq!(skeletons(program.to_str().unwrap()), ALL);
    }
}

#[test]
fn the_skeletons_of_aws_cli_2_are_answered() {
    if let Some(program) = aws_cli(2).filter(|_| has_boto3()) {
        assert!(skeletons(program.to_str().unwrap()) >= ALL - 14);
    }
}
