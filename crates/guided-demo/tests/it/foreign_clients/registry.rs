//! Every ECR operation of the local AWS through boto3 and the AWS CLI. The calls are in
//! tests/clients/registry.py.

use super::aws_cli;
use super::has_boto3;
use super::judged_by;
use crate::serving::Serving;

/// Operations of ECR.
const ALL: usize = 33;

fn called(client: &str) -> usize {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let summary = judged_by("registry.py", &[client], &serving);
    summary["operations"].as_array().unwrap().len()
}

#[test]
fn boto3_has_images_in_ecr() {
    if has_boto3() {
        assert_eq!(called("boto3"), ALL);
    }
}

#[test]
fn the_aws_cli_has_images_in_ecr() {
    for major in [1, 2] {
        if let Some(program) = aws_cli(major).filter(|_| has_boto3()) {
            assert_eq!(called(program.to_str().unwrap()), ALL, "AWS CLI {major}");
        }
    }
}
