//! Notification rules of projects, and what they send.

use std::time::SystemTime;

use local_aws::Access;
use serde_json::Value;
use serde_json::json;

use crate::event_bridge::TOPIC;
use crate::event_bridge::query;
use crate::event_bridge::topic_with_mailbox;
use crate::event_bridge::wait_for_emails;
use crate::raw::Request;
use crate::raw::keys;
use crate::server::TestServer;
use crate::server::create_project;
use crate::server::run_build;

const PROJECT: &str = "arn:aws:codebuild:eu-central-1:123456789012:project/demo";

async fn call(access: &Access, path: &str, input: Value) -> (u16, Value) {
    let mut request = Request::new(access, "", &input.to_string());
    request.path = format!("/{path}");
    request.remove("x-amz-target");
    request.set("content-type", "application/json");
    let service = "codestar-notifications";
    request.sign(&keys(access), &access.region, service, SystemTime::now());
    let reply = request.send(access).await;
    (reply.status, serde_json::from_str(&reply.body).unwrap())
}

async fn ok(access: &Access, path: &str, input: Value) -> Value {
    let (status, output) = call(access, path, input).await;
    assert_eq!(status, 200, "{path}: {output}");
    output
}

fn failed_builds() -> Value {
    json!({
        "Name": "failed builds", "Resource": PROJECT, "DetailType": "FULL",
        "EventTypeIds": ["codebuild-project-build-state-failed"],
        "Targets": [{ "TargetType": "SNS", "TargetAddress": TOPIC }],
        "Tags": { "k": "v" },
    })
}

#[tokio::test]
async fn a_failed_build_reaches_the_mailbox_once_the_topic_lets_it() {
    let server = TestServer::start().await;
    let access = server.access();
    let mailbox = server.aws.mailbox();
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_FAIL", "BUILD")]).await;
    // A policy that names another service.
    topic_with_mailbox(access, &mailbox, "events.amazonaws.com").await;
    let before = mailbox.messages().unwrap().len();
    let arn = ok(access, "createNotificationRule", failed_builds()).await["Arn"].clone();
    let rule = ok(access, "describeNotificationRule", json!({ "Arn": arn })).await;
    assert_eq!(rule["Targets"][0]["TargetStatus"], "UNREACHABLE");
    run_build(&client, "demo").await;

    let policy = json!({ "Statement": [{
        "Effect": "Allow", "Principal": { "Service": "codestar-notifications.amazonaws.com" },
        "Action": "sns:Publish", "Resource": TOPIC,
    }]});
    let allow = [
        ("Action", "SetTopicAttributes"),
        ("TopicArn", TOPIC),
        ("AttributeName", "Policy"),
        ("AttributeValue", &policy.to_string()),
    ];
    query(access, "sns", &allow).await;
    let targets = ok(access, "listTargets", json!({})).await;
    assert_eq!(targets["Targets"][0]["TargetStatus"], "ACTIVE");
    let build = run_build(&client, "demo").await;
    let emails = wait_for_emails(&mailbox, before + 1).await;
    let text = &emails[before].text;
    let end = text.rfind('}').unwrap();
    let begin = text.find('{').unwrap();
    let message: Value = serde_json::from_str(&text[begin..=end]).unwrap();
    assert_eq!(message["notificationRuleArn"], arn);
    assert_eq!(message["detailType"], "CodeBuild Build State Change");
    assert_eq!(message["detail"]["build-status"], "FAILED");
    assert_eq!(message["resources"][0], build.arn().unwrap());
    assert_eq!(message["additionalAttributes"], json!({}));
}

#[tokio::test]
async fn a_notification_rule_from_its_creation_to_its_end() {
    let server = TestServer::start().await;
    let access = server.access();
    let (status, output) = call(access, "createNotificationRule", failed_builds()).await;
    let message = format!("Resource {PROJECT} is not found.");
    assert_eq!((status, &output["message"]), (400, &json!(message)));
    create_project(&server.codebuild(), "demo", &[]).await;
    let mut create = failed_builds();
    create["ClientRequestToken"] = json!("once");
    let arn = ok(access, "createNotificationRule", create.clone()).await["Arn"].clone();
    assert_eq!(
        ok(access, "createNotificationRule", create).await["Arn"],
        arn
    );
    let (status, output) = call(access, "createNotificationRule", failed_builds()).await;
    let code = json!("ResourceAlreadyExistsException");
    assert_eq!((status, &output["__type"]), (409, &code));

    let update = json!({
        "Arn": arn, "Status": "DISABLED",
        "EventTypeIds": ["codebuild-project-build-phase-failure"],
    });
    ok(access, "updateNotificationRule", update).await;
    let tagged = ok(
        access,
        "tagResource",
        json!({ "Arn": arn, "Tags": { "a": "b" } }),
    )
    .await;
    assert_eq!(tagged, json!({ "Tags": { "a": "b", "k": "v" } }));
    let untag = format!(
        "untagResource/{}?tagKeys=k",
        arn.as_str()
            .unwrap()
            .replace(':', "%3A")
            .replace('/', "%2F")
    );
    ok(access, &untag, json!({})).await;
    let unsubscribe = json!({ "Arn": arn, "TargetAddress": TOPIC });
    ok(access, "unsubscribe", unsubscribe).await;
    let mut rule = ok(access, "describeNotificationRule", json!({ "Arn": arn })).await;
    for time in ["CreatedTimestamp", "LastModifiedTimestamp"] {
        assert!(rule[time].take().as_f64().unwrap() > 1.7e9);
    }
    assert_eq!(
        rule,
        json!({
            "Arn": arn, "Name": "failed builds", "Resource": PROJECT, "Targets": [],
            "EventTypes": [{
                "EventTypeId": "codebuild-project-build-phase-failure", "ServiceName": "CodeBuild",
                "EventTypeName": "Build phase: Failure", "ResourceType": "Project",
            }],
            "DetailType": "FULL", "Status": "DISABLED", "Tags": { "a": "b" },
            "CreatedBy": "arn:aws:iam::123456789012:user/student",
            "CreatedTimestamp": null, "LastModifiedTimestamp": null,
        })
    );
    let subscribe =
        json!({ "Arn": arn, "Target": { "TargetType": "SNS", "TargetAddress": TOPIC } });
    ok(access, "subscribe", subscribe).await;
    let filter = json!({ "Filters": [{ "Name": "TARGET_ADDRESS", "Value": TOPIC }] });
    let rules = ok(access, "listNotificationRules", filter).await;
    assert_eq!(rules["NotificationRules"][0]["Arn"], arn);
    let target = json!({ "TargetAddress": TOPIC });
    let (status, output) = call(access, "deleteTarget", target).await;
    assert_eq!(
        (status, &output["__type"]),
        (400, &json!("ValidationException"))
    );
    let target = json!({ "TargetAddress": TOPIC, "ForceUnsubscribeAll": true });
    ok(access, "deleteTarget", target).await;
    let types = ok(access, "listEventTypes", json!({})).await;
    assert_eq!(types["EventTypes"].as_array().unwrap().len(), 6);

    assert_eq!(
        ok(access, "deleteNotificationRule", json!({ "Arn": arn })).await["Arn"],
        arn
    );
    let (status, output) = call(access, "describeNotificationRule", json!({ "Arn": arn })).await;
    let code = json!("ResourceNotFoundException");
    assert_eq!((status, &output["__type"]), (404, &code));
    let (status, output) = call(access, "makeTea", json!({})).await;
    let code = json!("UnknownOperationException");
    assert_eq!((status, &output["__type"]), (404, &code));
}

#[tokio::test]
async fn every_operation_that_the_page_names_is_there() {
    let server = TestServer::start().await;
    let services = local_aws::api_services();
    let service = services
        .iter()
        .find(|service| service.name == "CodeStar Notifications");
    for operation in &service.unwrap().operations {
        let mut path = operation.name.to_owned();
        path[..1].make_ascii_lowercase();
        let (status, output) = call(server.access(), &path, json!({})).await;
        assert!(matches!(status, 200 | 400 | 404), "{path}: {output}");
        assert_ne!(output["__type"], "UnknownOperationException", "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_notified_is_refused_with_a_reason() {
    let server = TestServer::start().await;
    let access = server.access();
    create_project(&server.codebuild(), "demo", &[]).await;
    for (member, value, message) in [
        (
            "EventTypeIds",
            json!(["codepipeline-pipeline-stage-execution-failed"]),
            "Event type codepipeline-pipeline-stage-execution-failed is not valid for a project of \
             CodeBuild. ListEventTypes names those that are.",
        ),
        (
            "Resource",
            json!("arn:aws:codecommit:eu-central-1:123456789012:app"),
            "The local AWS has notification rules for projects of CodeBuild: \
             arn:aws:codecommit:eu-central-1:123456789012:app is not the ARN of one.",
        ),
        (
            "Targets",
            json!([{ "TargetType": "AWSChatbotSlack", "TargetAddress": "arn:aws:chatbot::1:x" }]),
            "The local AWS cannot deliver to targets of type AWSChatbotSlack. Use SNS and the ARN of \
             a topic.",
        ),
        (
            "Targets",
            json!([{ "TargetType": "SNS", "TargetAddress": "me@example.org" }]),
            "Target address me@example.org is not the ARN of a topic in this region.",
        ),
    ] {
        let mut create = failed_builds();
        create[member] = value;
        let (status, output) = call(access, "createNotificationRule", create).await;
        assert_eq!((status, output["message"].as_str()), (400, Some(message)));
    }
}
