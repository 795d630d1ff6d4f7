//! Every operation of CodeCommit, and EC2's DescribeRegions, through each client, with good and with
//! bad input. The calls are in tests/clients/source_services.json.

use super::aws_cli;
use super::has_boto3;
use super::judged_by;
use crate::serving::Serving;

/// 24 operations of CodeCommit, DescribeRegions, and one that prepares a topic for triggers.
const ALL: u64 = 26;

fn operations(client: &str) -> u64 {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let local_aws = state.path().join("local-aws");
    let arguments = ["source_services.json", client, local_aws.to_str().unwrap()];
    let summary = judged_by("service_calls.py", &arguments, &serving);
    summary["operations"].as_u64().unwrap()
}

#[test]
fn boto3_calls_codecommit_and_asks_for_regions() {
    if has_boto3() {
        assert_eq!(operations("boto3"), ALL);
    }
}

#[test]
fn aws_cli_1_calls_codecommit_and_asks_for_regions() {
    if let Some(program) = aws_cli(1).filter(|_| has_boto3()) {
        assert_eq!(operations(program.to_str().unwrap()), ALL);
    }
}

#[test]
fn aws_cli_2_calls_codecommit_and_asks_for_regions() {
    if let Some(program) = aws_cli(2).filter(|_| has_boto3()) {
        assert_eq!(operations(program.to_str().unwrap()), ALL);
    }
}
