//! Rules, targets and events, and what builds tell of themselves.

use std::collections::HashSet;

use aws_sdk_codebuild::types::Build;
use local_aws::Access;
use local_aws::Email;
use local_aws::Mailbox;
use serde_json::Value;
use serde_json::json;

use crate::kill;
use crate::raw::form;
use crate::raw::keys;
use crate::raw::signed;
use crate::server::PATIENCE;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::create_project;
use crate::server::create_role;
use crate::server::run_build;
use crate::server::wait_for;

pub(crate) const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:builds";
const PROJECT: &str = "arn:aws:codebuild:eu-central-1:123456789012:project/demo";

async fn call(access: &Access, service: &str, operation: &str, input: Value) -> (u16, Value) {
    let target = match service {
        "events" => "AWSEvents",
        "codecommit" => "CodeCommit_20150413",
        _ => "Logs_20140328",
    };
    let request = signed(access, &format!("{target}.{operation}"), &input.to_string());
    let reply = request.send(access).await;
    (reply.status, serde_json::from_str(&reply.body).unwrap())
}

async fn ok(access: &Access, operation: &str, input: Value) -> Value {
    let (status, output) = call(access, "events", operation, input).await;
    assert_eq!(status, 200, "{operation}: {output}");
    output
}

async fn refused(access: &Access, operation: &str, input: Value, code: &str, message: &str) {
    let (status, output) = call(access, "events", operation, input).await;
    let seen = (
        status,
        output["__type"].as_str(),
        output["message"].as_str(),
    );
    assert_eq!(seen, (400, Some(code), Some(message)), "{operation}");
}

pub(crate) async fn query(access: &Access, service: &str, parameters: &[(&str, &str)]) -> String {
    let reply = form(access, &keys(access), service, parameters).await;
    assert_eq!(reply.status, 200, "{parameters:?}: {reply:?}");
    reply.body
}

/// Makes a topic that lets EventBridge publish, with a subscriber by e-mail.
pub(crate) async fn topic_with_mailbox(access: &Access, mailbox: &Mailbox, service: &str) {
    let policy = json!({ "Statement": [{
        "Effect": "Allow", "Principal": { "Service": service },
        "Action": "sns:Publish", "Resource": TOPIC,
    }]});
    let create = [
        ("Action", "CreateTopic"),
        ("Name", "builds"),
        ("Attributes.entry.1.key", "Policy"),
        ("Attributes.entry.1.value", &policy.to_string()),
    ];
    query(access, "sns", &create).await;
    let subscribe = [
        ("Action", "Subscribe"),
        ("TopicArn", TOPIC),
        ("Protocol", "email"),
        ("Endpoint", "student@example.org"),
    ];
    query(access, "sns", &subscribe).await;
    let emails = mailbox.messages().unwrap();
    let url = emails[0].confirm_url.clone().unwrap();
    let token = url.split("Token=").nth(1).unwrap();
    let confirm = [
        ("Action", "ConfirmSubscription"),
        ("TopicArn", TOPIC),
        ("Token", token.split('&').next().unwrap()),
    ];
    query(access, "sns", &confirm).await;
}

/// A rule that sends what matches a pattern to a target.
async fn rule(access: &Access, name: &str, pattern: Value, target: Value) {
    let rule = json!({ "Name": name, "EventPattern": pattern.to_string() });
    ok(access, "PutRule", rule).await;
    let mut target = target;
    target["Id"] = json!("1");
    let output = ok(
        access,
        "PutTargets",
        json!({ "Rule": name, "Targets": [target] }),
    )
    .await;
    assert_eq!(output["FailedEntryCount"], 0);
}

/// A log group as a target, and what is in it.
async fn log_group(access: &Access, name: &str) -> Value {
    let input = json!({ "logGroupName": name });
    let (status, output) = call(access, "logs", "CreateLogGroup", input).await;
    assert_eq!(status, 200, "{output}");
    json!({ "Arn": format!("arn:aws:logs:eu-central-1:123456789012:log-group:{name}") })
}

async fn messages(access: &Access, group: &str) -> Vec<String> {
    let input = json!({ "logGroupName": group });
    let (status, output) = call(access, "logs", "FilterLogEvents", input).await;
    assert_eq!(status, 200, "{output}");
    let events = output["events"].as_array().unwrap().iter();
    let messages = events.map(|event| event["message"].as_str().unwrap().to_owned());
    messages.collect()
}

/// Waits until a log group has so many events.
async fn wait_for_messages(access: &Access, group: &str, count: usize) -> Vec<String> {
    let wait = async {
        loop {
            let messages = messages(access, group).await;
            if messages.len() >= count {
                return messages;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap()
}

#[tokio::test]
async fn a_rule_from_its_creation_to_its_end() {
    let server = TestServer::start().await;
    let access = server.access();
    let pattern = r#"{"source":["aws.codebuild"]}"#;
    let put = json!({
        "Name": "builds", "EventPattern": pattern, "Description": "d",
        "Tags": [{ "Key": "k", "Value": "v" }],
    });
    let arn = "arn:aws:events:eu-central-1:123456789012:rule/builds";
    assert_eq!(ok(access, "PutRule", put).await["RuleArn"], arn);
    ok(access, "DisableRule", json!({ "Name": "builds" })).await;
    let shown = ok(access, "DescribeRule", json!({ "Name": "builds" })).await;
    assert_eq!(
        shown,
        json!({
            "Name": "builds", "Arn": arn, "State": "DISABLED", "EventBusName": "default",
            "EventPattern": pattern, "Description": "d", "CreatedBy": "123456789012",
        })
    );
    ok(
        access,
        "EnableRule",
        json!({ "Name": "builds", "EventBusName": "default" }),
    )
    .await;
    let tag = json!({ "ResourceARN": arn, "Tags": [{ "Key": "a", "Value": "b" }] });
    ok(access, "TagResource", tag).await;
    ok(
        access,
        "UntagResource",
        json!({ "ResourceARN": arn, "TagKeys": ["k"] }),
    )
    .await;
    let tags = ok(access, "ListTagsForResource", json!({ "ResourceARN": arn })).await;
    assert_eq!(tags, json!({ "Tags": [{ "Key": "a", "Value": "b" }] }));

    let target = json!({ "Id": "mail", "Arn": TOPIC, "InputPath": "$.detail" });
    ok(
        access,
        "PutTargets",
        json!({ "Rule": "builds", "Targets": [target] }),
    )
    .await;
    let targets = ok(access, "ListTargetsByRule", json!({ "Rule": "builds" })).await;
    assert_eq!(targets, json!({ "Targets": [target] }));
    let names = ok(
        access,
        "ListRuleNamesByTarget",
        json!({ "TargetArn": TOPIC }),
    )
    .await;
    assert_eq!(names, json!({ "RuleNames": ["builds"] }));
    ok(
        access,
        "PutRule",
        json!({ "Name": "hourly", "ScheduleExpression": "rate(1 hour)" }),
    )
    .await;
    let first = ok(access, "ListRules", json!({ "Limit": 1 })).await;
    assert_eq!(first["Rules"][0]["Name"], "builds");
    let rest = json!({ "Limit": 1, "NextToken": first["NextToken"] });
    let rest = ok(access, "ListRules", rest).await;
    assert_eq!(rest["Rules"][0]["ScheduleExpression"], "rate(1 hour)");
    assert_eq!(rest["NextToken"], Value::Null);

    let name = json!({ "Name": "builds" });
    let message = "Rule can't be deleted since it has targets.";
    refused(
        access,
        "DeleteRule",
        name.clone(),
        "ValidationException",
        message,
    )
    .await;
    ok(
        access,
        "RemoveTargets",
        json!({ "Rule": "builds", "Ids": ["mail"] }),
    )
    .await;
    ok(access, "DeleteRule", name.clone()).await;
    ok(access, "DeleteRule", name.clone()).await;
    let message = "Rule builds does not exist on EventBus default.";
    refused(
        access,
        "DescribeRule",
        name,
        "ResourceNotFoundException",
        message,
    )
    .await;
    let buses = ok(access, "ListEventBuses", json!({})).await;
    assert_eq!(
        buses["EventBuses"][0],
        ok(access, "DescribeEventBus", json!({})).await
    );
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_a_reason() {
    let server = TestServer::start().await;
    let access = server.access();
    let put = |pattern: &str| json!({ "Name": "r", "EventPattern": pattern });
    for (operation, input, code, message) in [
        (
            "PutRule",
            json!({ "Name": "r" }),
            "ValidationException",
            "Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ),
        (
            "PutRule",
            json!({ "Name": "r", "ScheduleExpression": "rate(1 minutes)" }),
            "ValidationException",
            "Parameter ScheduleExpression is not valid.",
        ),
        (
            "PutRule",
            put(r#"{"source": "aws.codebuild"}"#),
            "InvalidEventPatternException",
            "Event pattern is not valid. Reason: \"source\" must be an object or an array",
        ),
        (
            "PutRule",
            json!({ "Name": "r", "EventPattern": "{}", "EventBusName": "mine" }),
            "ResourceNotFoundException",
            "Event bus mine does not exist.",
        ),
        (
            "PutRule",
            json!({ "Name": "no spaces", "EventPattern": "{}" }),
            "ValidationException",
            "1 validation error detected: Value 'no spaces' at 'name' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+",
        ),
        (
            "TestEventPattern",
            json!({ "EventPattern": r#"{"a":["b"]}"#, "Event": "{}" }),
            "ValidationException",
            "Event is not valid. Reason: it has no id.",
        ),
    ] {
        refused(access, operation, input, code, message).await;
    }
    ok(access, "PutRule", put(r#"{"source": ["me"]}"#)).await;
    for (target, message) in [
        (
            json!({ "Arn": "arn:aws:sqs:eu-central-1:123456789012:q" }),
            "Parameter arn:aws:sqs:eu-central-1:123456789012:q is not valid. Reason: the local AWS \
             cannot deliver to sqs. Use a topic of SNS, a project of CodeBuild or a log group of \
             CloudWatch Logs.",
        ),
        (
            json!({ "Arn": PROJECT }),
            "RoleArn is required for target arn:aws:codebuild:eu-central-1:123456789012:project/demo.",
        ),
        (
            json!({ "Arn": TOPIC, "Input": "1", "InputPath": "$" }),
            "Only one of Input, InputPath, or InputTransformer must be provided for target 1.",
        ),
        (
            json!({ "Arn": TOPIC, "InputTransformer": { "InputTemplate": "\"<x>\"" } }),
            "InputTemplate for target 1 contains the placeholder <x>, which is not in InputPathsMap.",
        ),
        (
            json!({ "Arn": TOPIC, "InputTransformer": { "InputTemplate": "plain text" } }),
            "Invalid InputTemplate for target 1: it has to be a JSON object, or texts in quotation \
             marks.",
        ),
    ] {
        let mut target = target;
        target["Id"] = json!("1");
        let input = json!({ "Rule": "r", "Targets": [target] });
        refused(access, "PutTargets", input, "ValidationException", message).await;
    }
}

#[tokio::test]
async fn events_of_ones_own_reach_the_targets_of_the_rules_that_match() {
    let server = TestServer::start().await;
    let access = server.access();
    let mut target = log_group(access, "/aws/events/mine").await;
    target["InputTransformer"] = json!({
        "InputPathsMap": { "who": "$.detail.who" },
        "InputTemplate": "\"<who> by <aws.events.rule-name>\"",
    });
    rule(
        access,
        "mine",
        json!({ "source": ["me"], "detail": { "who": [{ "prefix": "A" }] } }),
        target,
    )
    .await;
    let entry = |source: &str, detail: &str| json!({ "Source": source, "DetailType": "t", "Detail": detail });
    let output = ok(
        access,
        "PutEvents",
        json!({ "Entries": [
            entry("me", r#"{"who":"Ann"}"#),
            entry("me", r#"{"who":"Bob"}"#),
            entry("aws.codebuild", r#"{"who":"Ann"}"#),
            entry("me", "{"),
            { "Source": "me", "DetailType": "t" },
            entry("me", r#"{"who":"Al"}"#),
        ]}),
    )
    .await;
    assert_eq!(output["FailedEntryCount"], 3);
    let codes: Vec<_> = output["Entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["ErrorCode"].as_str())
        .collect();
    let expected = [
        None,
        None,
        Some("NotAuthorizedForSourceException"),
        Some("MalformedDetail"),
        Some("InvalidArgument"),
        None,
    ];
    assert_eq!(codes, expected);
    let seen = wait_for_messages(access, "/aws/events/mine", 2).await;
    assert_eq!(seen, ["\"Ann by mine\"", "\"Al by mine\""]);
}

#[tokio::test]
async fn a_build_tells_of_each_transition_once() {
    let server = TestServer::start().await;
    let access = server.access();
    let target = log_group(access, "all").await;
    rule(
        access,
        "all",
        json!({ "source": ["aws.codebuild"] }),
        target,
    )
    .await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_FAIL", "BUILD")]).await;
    let build = run_build(&client, "demo").await;
    let seen = wait_for_messages(access, "all", 1 + build.phases().len() + 1).await;
    let events: Vec<Value> = seen
        .iter()
        .map(|text| serde_json::from_str(text).unwrap())
        .collect();
    let told: Vec<String> = events
        .iter()
        .map(|event| {
            let detail = &event["detail"];
            let text = |name: &str| detail[name].as_str().unwrap_or_default().to_owned();
            assert_eq!(detail["build-id"], build.arn().unwrap());
            assert_eq!(event["resources"][0], build.arn().unwrap());
            match event["detail-type"].as_str().unwrap() {
                "CodeBuild Build State Change" => text("build-status"),
                _ => format!(
                    "{} {}",
                    text("completed-phase"),
                    text("completed-phase-status")
                ),
            }
        })
        .collect();
    let mut sorted = told.clone();
    sorted.sort_unstable();
    let mut expected: Vec<String> = build
        .phases()
        .iter()
        .map(|phase| {
            let status = phase
                .phase_status()
                .map_or("SUCCEEDED", |status| status.as_str());
            format!("{} {status}", phase.phase_type().unwrap().as_str())
        })
        .collect();
    expected.extend(["IN_PROGRESS".to_owned(), "FAILED".to_owned()]);
    expected.sort_unstable();
    assert_eq!(sorted, expected);
    assert_eq!(
        (told[0].as_str(), told.last().unwrap().as_str()),
        ("IN_PROGRESS", "FAILED")
    );

    let last = &events.last().unwrap()["detail"];
    assert_eq!(last["current-phase"], "COMPLETED");
    assert_eq!(last["version"], "1");
    let information = &last["additional-information"];
    assert_eq!(information["build-complete"], true);
    assert_eq!(information["initiator"], "student");
    assert_eq!(information["logs"]["group-name"], "/aws/codebuild/demo");
    assert_eq!(information["phases"][0]["phase-type"], "SUBMITTED");
    assert_eq!(
        information["environment"]["environment-variables"][0]["name"],
        "FAKE_FAIL"
    );
}

#[tokio::test]
async fn a_failed_build_sends_an_email_if_the_topic_lets_eventbridge_publish() {
    let server = TestServer::start().await;
    let access = server.access();
    let mailbox = server.aws.mailbox();
    topic_with_mailbox(access, &mailbox, "events.amazonaws.com").await;
    let before = mailbox.messages().unwrap().len();
    let pattern = json!({
        "source": ["aws.codebuild"],
        "detail-type": ["CodeBuild Build State Change"],
        "detail": { "build-status": ["FAILED"] },
    });
    // The user guide's transformer.
    let target = json!({ "Arn": TOPIC, "InputTransformer": {
        "InputPathsMap": {
            "project-name": "$.detail.project-name", "build-status": "$.detail.build-status",
        },
        "InputTemplate":
            "\"Build for build project '<project-name>' has reached the build status of '<build-status>'.\"",
    }});
    rule(access, "failed", pattern, target).await;
    let client = server.codebuild();
    create_project(&client, "good", &[]).await;
    run_build(&client, "good").await;
    create_project(&client, "demo", &[("FAKE_FAIL", "BUILD")]).await;
    run_build(&client, "demo").await;
    let emails = wait_for_emails(&mailbox, before + 1).await;
    let text = "\"Build for build project 'demo' has reached the build status of 'FAILED'.\"";
    assert!(emails[before].text.contains(text), "{:?}", emails[before]);

    // Without the right, nothing comes; the second rule's event came after that.
    let deny = [
        ("Action", "SetTopicAttributes"),
        ("TopicArn", TOPIC),
        ("AttributeName", "Policy"),
        ("AttributeValue", ""),
    ];
    query(access, "sns", &deny).await;
    let target = log_group(access, "failed").await;
    rule(
        access,
        "later",
        json!({ "detail": { "build-status": ["FAILED"] } }),
        target,
    )
    .await;
    run_build(&client, "demo").await;
    wait_for_messages(access, "failed", 1).await;
    assert_eq!(mailbox.messages().unwrap().len(), before + 1);
}

pub(crate) async fn wait_for_emails(mailbox: &Mailbox, count: usize) -> Vec<Email> {
    let wait = async {
        loop {
            let emails = mailbox.messages().unwrap();
            if emails.len() >= count {
                return emails;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap()
}

#[tokio::test]
async fn an_event_starts_a_build_in_a_role_that_may() {
    let server = TestServer::start().await;
    let access = server.access();
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    create_role(access, "starter", "events.amazonaws.com").await;
    let target = json!({
        "Arn": PROJECT, "RoleArn": "arn:aws:iam::123456789012:role/starter",
        "Input": json!({ "environmentVariablesOverride": [{ "name": "BY", "value": "rule" }] }).to_string(),
    });
    let pattern = json!({
        "source": ["aws.codecommit"],
        "detail": { "event": ["referenceCreated"], "referenceName": ["main"] },
    });
    rule(access, "on-push", pattern, target).await;
    let log = log_group(access, "pushes").await;
    rule(
        access,
        "pushes",
        json!({ "source": ["aws.codecommit"] }),
        log,
    )
    .await;
    let repository = json!({ "repositoryName": "app" });
    call(access, "codecommit", "CreateRepository", repository).await;
    let file = |branch: &str| {
        json!({
            "repositoryName": "app", "branchName": branch, "filePath": "a", "fileContent": "YQ==",
        })
    };
    // The role may not yet start builds.
    let (status, output) = call(access, "codecommit", "PutFile", file("main")).await;
    assert_eq!(status, 200, "{output}");
    let seen = wait_for_messages(access, "pushes", 1).await;
    let event: Value = serde_json::from_str(&seen[0]).unwrap();
    assert_eq!(event["detail"]["event"], "referenceCreated");
    assert_eq!(event["detail"]["commitId"], output["commitId"]);
    assert_eq!(client.list_builds().send().await.unwrap().ids().len(), 0);

    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "codebuild:StartBuild", "Resource": PROJECT,
    }]});
    let put = [
        ("Action", "PutRolePolicy"),
        ("RoleName", "starter"),
        ("PolicyName", "start"),
        ("PolicyDocument", &policy.to_string()),
    ];
    query(access, "iam", &put).await;
    let (status, deleted) = call(
        access,
        "codecommit",
        "CreateBranch",
        json!({ "repositoryName": "app", "branchName": "other", "commitId": output["commitId"] }),
    )
    .await;
    assert_eq!(status, 200, "{deleted}");
    let default = json!({ "repositoryName": "app", "defaultBranchName": "other" });
    call(access, "codecommit", "UpdateDefaultBranch", default).await;
    let branch = json!({ "repositoryName": "app", "branchName": "main" });
    call(access, "codecommit", "DeleteBranch", branch).await;
    let again = json!({
        "repositoryName": "app", "branchName": "main", "commitId": output["commitId"],
    });
    call(access, "codecommit", "CreateBranch", again).await;
    let build = tokio::time::timeout(PATIENCE, async {
        loop {
            let builds = client.list_builds().send().await.unwrap();
            if let Some(id) = builds.ids().first() {
                return wait_for(&client, id, Build::build_complete).await;
            }
            tokio::task::yield_now().await;
        }
    });
    let build = build.await.unwrap();
    assert_eq!(build.initiator(), Some("rule/on-push"));
    let variables = build.environment().unwrap().environment_variables();
    assert_eq!((variables[0].name(), variables[0].value()), ("BY", "rule"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_event_of_a_recorded_state_is_lost_when_the_process_is_killed() {
    let state = tempfile::tempdir().unwrap();
    let (mut child, access) = kill::serve(state.path());
    let target = log_group(&access, "states").await;
    let pattern = json!({ "detail-type": ["CodeBuild Build State Change"] });
    rule(&access, "states", pattern, target).await;
    let client = codebuild(&access);
    create_project(&client, "held", &[("FAKE_HOLD", "1")]).await;
    let mut started = Vec::new();
    for _ in 0..8 {
        let build = client
            .start_build()
            .project_name("held")
            .send()
            .await
            .unwrap();
        started.push(build.build_value().unwrap().arn().unwrap().to_owned());
    }
    child.kill();
    let (mut child, access) = kill::serve(state.path());
    // IN_PROGRESS and FAILED of each build: at least once.
    let wait = async {
        loop {
            let seen = messages(&access, "states").await;
            let seen: HashSet<String> = seen
                .iter()
                .map(|text| {
                    let event: Value = serde_json::from_str(text).unwrap();
                    let detail = &event["detail"];
                    format!("{} {}", detail["build-id"], detail["build-status"])
                })
                .collect();
            if seen.len() == 2 * started.len() {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap();
    child.kill();
}
