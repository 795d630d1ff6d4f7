//! Every CloudFormation operation of the local AWS through boto3 and the AWS CLI, with their waiters and
//! `aws cloudformation deploy`. The calls are in tests/clients/stacks.py.

use super::aws_cli;
use super::has_boto3;
use super::judged_by;
use crate::serving::Serving;

/// Operations of CloudFormation.
const ALL: usize = 31;

fn called(client: &str) -> usize {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let summary = judged_by("stacks.py", &[client], &serving);
    summary["operations"].as_array().unwrap().len()
}

#[test]
fn boto3_has_stacks() {
    if has_boto3() {
        assert_eq!(called("boto3"), ALL);
    }
}

#[test]
fn the_aws_cli_has_stacks() {
    for major in [1, 2] {
        if let Some(program) = aws_cli(major).filter(|_| has_boto3()) {
            assert_eq!(called(program.to_str().unwrap()), ALL, "AWS CLI {major}");
        }
    }
}
