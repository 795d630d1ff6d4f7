//! Every operation of EventBridge and of notification rules through each client, with good and with
//! bad input. The calls are in tests/clients/event_services.json.

use super::aws_cli;
use super::has_boto3;
use super::judged_by;
use crate::serving::Serving;

/// 17 operations of EventBridge, 13 of CodeStar Notifications, and two that prepare them. Both services
/// have operations of one name for tags.
const ALL: u64 = 29;

fn operations(client: &str) -> u64 {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let local_aws = state.path().join("local-aws");
    let arguments = ["event_services.json", client, local_aws.to_str().unwrap()];
    let summary = judged_by("service_calls.py", &arguments, &serving);
    summary["operations"].as_u64().unwrap()
}

#[test]
fn boto3_calls_eventbridge_and_notification_rules() {
    if has_boto3() {
        assert_eq!(operations("boto3"), ALL);
    }
}

#[test]
fn aws_cli_1_calls_eventbridge_and_notification_rules() {
    if let Some(program) = aws_cli(1).filter(|_| has_boto3()) {
        assert_eq!(operations(program.to_str().unwrap()), ALL);
    }
}

#[test]
fn aws_cli_2_calls_eventbridge_and_notification_rules() {
    if let Some(program) = aws_cli(2).filter(|_| has_boto3()) {
        assert_eq!(operations(program.to_str().unwrap()), ALL);
    }
}
