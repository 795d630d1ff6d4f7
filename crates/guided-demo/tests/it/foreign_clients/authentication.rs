//! What a student sees whose keys, region or clock are wrong: AWS's own words.

use super::aws_cli;
use super::has_boto3;
use super::judged_by;
use crate::serving::Serving;
use crate::serving::has_docker;

fn wrong_settings(client: &str, further: &[&str]) -> u64 {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let arguments = [&[client], further].concat();
    let summary = judged_by("authentication.py", &arguments, &serving);
    summary["cases"].as_u64().unwrap()
}

#[test]
fn boto3_with_wrong_settings_or_a_wrong_clock_is_told_what_aws_says() {
    if !has_boto3() {
        return;
    }
    let further: &[&str] = if has_docker() { &[] } else { &["--no-engine"] };
    assert!(wrong_settings("boto3", further) >= 12);
}

#[test]
fn aws_cli_1_with_wrong_settings_is_told_what_aws_says() {
    if let Some(program) = aws_cli(1) {
        assert_eq!(wrong_settings(program.to_str().unwrap(), &[]), 7);
    }
}

#[test]
fn aws_cli_2_with_wrong_settings_is_told_what_aws_says() {
    if let Some(program) = aws_cli(2) {
        assert_eq!(wrong_settings(program.to_str().unwrap(), &[]), 7);
    }
}
