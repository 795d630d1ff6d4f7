//! Stacks from their creation to their end, through signed forms.

use local_aws::Access;
use tokio::time::Instant;

use crate::raw::Reply;
use crate::raw::call_json;
use crate::raw::call_s3;
use crate::raw::form;
use crate::raw::keys;
use crate::s3::LOCATION;
use crate::server::PATIENCE;
use crate::server::TestServer;
use crate::server::create_role;
use crate::sns::follow;

/// Three resources: a role and an independent topic, and a log group named after the topic.
pub(crate) const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Description: A topic, a group named after it, and a role
Parameters:
  Days:
    Type: Number
    Default: 7
    AllowedValues: [7, 14]
  Secret:
    Type: String
    NoEcho: true
    Default: hush
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      Description: !Ref Secret
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Service: codebuild.amazonaws.com }
            Action: sts:AssumeRole
  Topic:
    Type: AWS::SNS::Topic
  Group:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub "/stack/${Topic.TopicName}"
      RetentionInDays: !Ref Days
Outputs:
  TopicArn:
    Description: Where messages go
    Value: !Ref Topic
    Export:
      Name: !Sub "${AWS::StackName}-topic"
  GroupArn:
    Value: !GetAtt Group.Arn
"#;

pub(crate) async fn call(access: &Access, action: &str, parameters: &[(&str, &str)]) -> Reply {
    let all = [&[("Action", action)], parameters].concat();
    form(access, &keys(access), "cloudformation", &all).await
}

pub(crate) async fn ok(access: &Access, action: &str, parameters: &[(&str, &str)]) -> Reply {
    let reply = call(access, action, parameters).await;
    assert_eq!(reply.status, 200, "{action} {parameters:?}: {}", reply.body);
    reply
}

/// Code and message.
pub(crate) async fn refused(
    access: &Access,
    action: &str,
    parameters: &[(&str, &str)],
) -> (String, String) {
    let reply = call(access, action, parameters).await;
    assert!(
        reply.status >= 400,
        "{action} {parameters:?}: {}",
        reply.body
    );
    let message = reply.element("Message").replace("&quot;", "\"");
    (reply.element("Code").to_owned(), message)
}

pub(crate) async fn create(access: &Access, name: &str, template: &str) -> String {
    let parameters = [
        ("StackName", name),
        ("TemplateBody", template),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
    ];
    let created = ok(access, "CreateStack", &parameters).await;
    assert_eq!(created.element("OperationId").len(), 36, "{created:?}");
    created.element("StackId").to_owned()
}

/// Waits until a stack's status does not end in `_IN_PROGRESS`; the stack.
pub(crate) async fn settled(access: &Access, name: &str) -> Reply {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let reply = ok(access, "DescribeStacks", &[("StackName", name)]).await;
        if !reply.element("StackStatus").ends_with("_IN_PROGRESS") {
            return reply;
        }
        assert!(Instant::now() < deadline, "still {reply:?}");
        tokio::task::yield_now().await;
    }
}

pub(crate) async fn created(access: &Access, name: &str, template: &str) -> String {
    let id = create(access, name, template).await;
    let stack = settled(access, &id).await;
    let status = stack.element("StackStatus");
    assert_eq!(
        status,
        "CREATE_COMPLETE",
        "{:#?}",
        events(access, &id).await
    );
    id
}

/// `LogicalId STATUS reason` of all pages, the oldest first.
pub(crate) async fn events(access: &Access, name: &str) -> Vec<String> {
    let mut events: Vec<String> = Vec::new();
    let mut token = String::new();
    loop {
        let mut parameters = vec![("StackName", name)];
        if !token.is_empty() {
            parameters.push(("NextToken", &token));
        }
        let reply = ok(access, "DescribeStackEvents", &parameters).await;
        events.extend(elements(&reply, "member").iter().map(|event| {
            let of = |name: &str| element(event, name);
            let reason = of("ResourceStatusReason");
            let event = format!(
                "{} {} {reason}",
                of("LogicalResourceId"),
                of("ResourceStatus")
            );
            event.trim_end().to_owned()
        }));
        token = reply.element("NextToken").to_owned();
        if token.is_empty() {
            events.reverse();
            return events;
        }
    }
}

fn elements(reply: &Reply, name: &str) -> Vec<String> {
    let open = format!("<{name}>");
    let parts = reply.body.split(&open).skip(1);
    parts.map(str::to_owned).collect()
}

fn element(text: &str, name: &str) -> String {
    let open = format!("<{name}>");
    let found = text
        .split_once(&open)
        .and_then(|(_, rest)| rest.split_once("</"));
    found.map_or("", |(text, _)| text).to_owned()
}

pub(crate) fn place(events: &[String], event: &str) -> usize {
    let place = events.iter().position(|known| known == event);
    place.unwrap_or_else(|| panic!("no {event} in {events:#?}"))
}

#[tokio::test]
async fn a_stack_from_its_creation_to_its_end() {
    let server = TestServer::start().await;
    let access = server.access();
    let id = created(access, "demo", TEMPLATE).await;
    assert!(
        id.starts_with("arn:aws:cloudformation:eu-central-1:123456789012:stack/demo/"),
        "{id}"
    );
    let stack = settled(access, "demo").await;
    let topic = element(&stack.body, "OutputValue");
    assert!(
        stack.body.contains("<OutputKey>TopicArn</OutputKey>"),
        "{stack:?}"
    );
    assert!(stack.body.contains("<ExportName>demo-topic</ExportName>"));
    assert!(stack.body.contains("<ParameterValue>****</ParameterValue>"));
    assert!(
        stack
            .body
            .contains("<Description>A topic, a group named after it, and a role<")
    );
    assert!(stack.body.contains(":demo-Topic-"), "{topic}");

    let events = events(access, "demo").await;
    assert_eq!(events[0], "demo CREATE_IN_PROGRESS User Initiated");
    assert_eq!(events.last().unwrap(), "demo CREATE_COMPLETE");
    let begun = place(&events, "Group CREATE_IN_PROGRESS");
    assert!(place(&events, "Topic CREATE_COMPLETE") < begun);
    let initiated = place(
        &events,
        "Group CREATE_IN_PROGRESS Resource creation Initiated",
    );
    assert!(begun < initiated && initiated < place(&events, "Group CREATE_COMPLETE"));
    // Independent resources begin together.
    assert!(place(&events, "Role CREATE_IN_PROGRESS") < place(&events, "Topic CREATE_COMPLETE"));
    let shown = ok(access, "DescribeStackEvents", &[("StackName", "demo")]).await;
    assert!(!shown.body.contains("hush"), "a NoEcho value is shown");

    let one = [("StackName", "demo"), ("LogicalResourceId", "Group")];
    let group = ok(access, "DescribeStackResource", &one).await;
    let name = group.element("PhysicalResourceId").to_owned();
    assert!(name.starts_with("/stack/demo-Topic-"), "{name}");
    let found = call_json(
        access,
        "Logs_20140328.DescribeLogGroups",
        serde_json::json!({ "logGroupNamePrefix": name }),
    )
    .await;
    assert_eq!(found["logGroups"][0]["retentionInDays"], 7);
    let several = ok(access, "DescribeStackResources", &one[..1]).await;
    assert_eq!(several.body.matches("<LogicalResourceId>").count(), 3);
    let by_id = [("PhysicalResourceId", name.as_str())];
    let several = ok(access, "DescribeStackResources", &by_id).await;
    assert_eq!(several.body.matches("<StackName>demo<").count(), 3);
    let list = ok(access, "ListStackResources", &one[..1]).await;
    assert_eq!(list.body.matches("CREATE_COMPLETE").count(), 3);
    let template = ok(access, "GetTemplate", &one[..1]).await;
    assert!(
        template
            .body
            .contains("AWSTemplateFormatVersion: &quot;2010-09-09&quot;")
    );

    ok(access, "DeleteStack", &one[..1]).await;
    let gone = settled(access, &id).await;
    assert_eq!(gone.element("StackStatus"), "DELETE_COMPLETE");
    let (code, message) = refused(access, "DescribeStacks", &one[..1]).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("ValidationError", "Stack with id demo does not exist")
    );
    let events = self::events(access, &id).await;
    let deleted = place(&events, "Group DELETE_COMPLETE");
    assert!(
        deleted < place(&events, "Topic DELETE_IN_PROGRESS"),
        "{events:#?}"
    );
    let found = call_json(
        access,
        "Logs_20140328.DescribeLogGroups",
        serde_json::json!({ "logGroupNamePrefix": name }),
    )
    .await;
    assert_eq!(found["logGroups"], serde_json::json!([]));
    let list = ok(
        access,
        "ListStacks",
        &[("StackStatusFilter.member.1", "DELETE_COMPLETE")],
    )
    .await;
    assert_eq!(list.element("StackId"), id);
    // The name is free again.
    created(access, "demo", TEMPLATE).await;
    let all = ok(access, "DescribeStacks", &[]).await;
    assert_eq!(all.body.matches("<StackId>").count(), 1);
}

const FAILS: &str = r#"
Resources:
  Topic: { Type: "AWS::SNS::Topic" }
  Taken:
    Type: AWS::Logs::LogGroup
    DependsOn: Topic
    Properties: { LogGroupName: taken }
  Later:
    Type: AWS::SNS::Topic
    DependsOn: Taken
"#;

async fn take_name(access: &Access) {
    let input = serde_json::json!({ "logGroupName": "taken" });
    let target = "Logs_20140328.CreateLogGroup";
    crate::raw::signed(access, target, &input.to_string())
        .send(access)
        .await;
}

#[tokio::test]
async fn a_creation_that_fails_is_rolled_back() {
    let server = TestServer::start().await;
    let access = server.access();
    take_name(access).await;
    let id = create(access, "s", FAILS).await;
    let stack = settled(access, "s").await;
    assert_eq!(stack.element("StackStatus"), "ROLLBACK_COMPLETE");
    let events = events(access, "s").await;
    let rollback = "s ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Taken]. \
                    Rollback requested by user.";
    let failed = events
        .iter()
        .position(|event| event.starts_with("Taken CREATE_FAILED "))
        .unwrap();
    assert!(
        events[failed].contains("already exists"),
        "{}",
        events[failed]
    );
    assert!(failed < place(&events, rollback));
    assert!(place(&events, rollback) < place(&events, "Topic DELETE_IN_PROGRESS"));
    place(&events, "Topic DELETE_COMPLETE");
    assert!(
        !events.iter().any(|event| event.starts_with("Later")),
        "{events:#?}"
    );
    // What was there before is still there.
    let found = call_json(
        access,
        "Logs_20140328.DescribeLogGroups",
        serde_json::json!({ "logGroupNamePrefix": "taken" }),
    )
    .await;
    assert_eq!(found["logGroups"][0]["logGroupName"], "taken");
    let update = [("StackName", "s"), ("TemplateBody", TEMPLATE)];
    let (_, message) = refused(access, "UpdateStack", &update).await;
    assert_eq!(
        message,
        format!("Stack:{id} is in ROLLBACK_COMPLETE state and can not be updated.")
    );
    ok(access, "DeleteStack", &[("StackName", "s")]).await;
    assert_eq!(
        settled(access, &id).await.element("StackStatus"),
        "DELETE_COMPLETE"
    );
}

#[tokio::test]
async fn what_a_failed_creation_leaves_is_as_asked_for() {
    let server = TestServer::start().await;
    let access = server.access();
    take_name(access).await;
    for (on_failure, status) in [
        ("DO_NOTHING", "CREATE_FAILED"),
        ("DELETE", "DELETE_COMPLETE"),
    ] {
        let parameters = [
            ("StackName", on_failure),
            ("TemplateBody", FAILS),
            ("OnFailure", on_failure),
        ];
        let name = on_failure.replace('_', "-");
        let mut parameters = parameters;
        parameters[0].1 = &name;
        let created = ok(access, "CreateStack", &parameters).await;
        let id = created.element("StackId");
        assert_eq!(settled(access, id).await.element("StackStatus"), status);
    }
    // Left as it was, it can be rolled back later.
    ok(access, "RollbackStack", &[("StackName", "DO-NOTHING")]).await;
    let stack = settled(access, "DO-NOTHING").await;
    assert_eq!(stack.element("StackStatus"), "ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn bad_requests_are_refused_in_awss_words() {
    let server = TestServer::start().await;
    let access = server.access();
    let with = |template: &'static str| [("StackName", "s"), ("TemplateBody", template)];
    let iam = TEMPLATE;
    for (parameters, code, message) in [
        (
            with(iam),
            "InsufficientCapabilitiesException",
            "Requires capabilities : [CAPABILITY_IAM]",
        ),
        (
            with("Resources: { A: { Type: \"AWS::Nothing::AtAll\" } }"),
            "ValidationError",
            "Template format error: Unrecognized resource types: [AWS::Nothing::AtAll]",
        ),
        (
            with("Resources: { A: { Type: \"AWS::CloudFormation::WaitConditionHandle\" } }"),
            "ValidationError",
            "Template error: the local AWS does not support the resource types \
             [AWS::CloudFormation::WaitConditionHandle]. Leave them out of the template, or create \
             the stack on an account of AWS.",
        ),
        (
            with("Resources: {}"),
            "ValidationError",
            "Template format error: At least one Resources member must be defined.",
        ),
        (
            [("StackName", "_"), ("TemplateBody", FAILS)],
            "ValidationError",
            "1 validation error detected: Value '_' at 'stackName' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*",
        ),
        (
            [("StackName", "s"), ("TemplateURL", "t.yaml")],
            "ValidationError",
            "TemplateURL must be a supported URL.",
        ),
    ] {
        let found = refused(access, "CreateStack", &parameters).await;
        assert_eq!((found.0.as_str(), found.1.as_str()), (code, message));
    }
    let parameter = |key: &'static str, value: &'static str| {
        [
            ("StackName", "s"),
            ("TemplateBody", TEMPLATE),
            ("Capabilities.member.1", "CAPABILITY_IAM"),
            ("Parameters.member.1.ParameterKey", key),
            ("Parameters.member.1.ParameterValue", value),
        ]
    };
    for (parameters, message) in [
        (
            parameter("Unknown", "x"),
            "Parameters: [Unknown] do not exist in the template",
        ),
        (
            parameter("Days", "8"),
            "Parameter 'Days' must be one of AllowedValues",
        ),
    ] {
        let (_, found) = refused(access, "CreateStack", &parameters).await;
        assert_eq!(found, message);
    }
    created(access, "s", TEMPLATE).await;
    let again = refused(access, "CreateStack", &with(FAILS)).await;
    assert_eq!(again.0, "AlreadyExistsException");
    assert_eq!(again.1, "Stack [s] already exists");
    let same = [
        ("StackName", "s"),
        ("UsePreviousTemplate", "true"),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
        ("Parameters.member.1.ParameterKey", "Days"),
        ("Parameters.member.1.UsePreviousValue", "true"),
    ];
    let nothing = refused(access, "UpdateStack", &same).await;
    assert_eq!(nothing.1, "No updates are to be performed.");
    let missing = refused(access, "UpdateStack", &[("StackName", "x")]).await;
    assert_eq!(missing.1, "Stack with id x does not exist");
    let cost = refused(access, "EstimateTemplateCost", &with(FAILS)[1..]).await;
    assert!(cost.1.contains("no prices"), "{}", cost.1);
    let on = [("StackName", "s"), ("EnableTerminationProtection", "true")];
    ok(access, "UpdateTerminationProtection", &on).await;
    let kept = refused(access, "DeleteStack", &on[..1]).await;
    assert_eq!(
        kept.1,
        "Stack [s] cannot be deleted while TerminationProtection is enabled"
    );
    // Of a stack that is not there, deletion is fine.
    ok(access, "DeleteStack", &[("StackName", "x")]).await;
}

#[tokio::test]
async fn a_template_comes_from_s3_and_is_validated() {
    let server = TestServer::start().await;
    let access = server.access();
    call_s3(access, "PUT", "/templates", &[], LOCATION).await;
    call_s3(
        access,
        "PUT",
        "/templates/a/t.yaml",
        &[],
        TEMPLATE.as_bytes(),
    )
    .await;
    let here = format!("{}/templates/a/t.yaml", access.endpoint);
    for url in [
        here.as_str(),
        "https://templates.s3.eu-central-1.amazonaws.com/a/t.yaml",
    ] {
        let valid = ok(access, "ValidateTemplate", &[("TemplateURL", url)]).await;
        assert_eq!(
            valid.element("Capabilities"),
            "<member>CAPABILITY_IAM</member>"
        );
        assert_eq!(
            valid.element("CapabilitiesReason"),
            "The following resource(s) require capabilities: [AWS::IAM::Role]"
        );
    }
    let summary = ok(access, "GetTemplateSummary", &[("TemplateURL", &here)]).await;
    assert!(summary.body.contains("<member>AWS::SNS::Topic</member>"));
    assert!(summary.body.contains("<AllowedValues><member>7</member>"));
    let missing = [("TemplateURL", "https://s3.amazonaws.com/templates/other")];
    let (_, message) = refused(access, "ValidateTemplate", &missing).await;
    assert!(
        message.starts_with("S3 error: The specified key does not exist."),
        "{message}"
    );
    let limits = ok(access, "DescribeAccountLimits", &[]).await;
    assert!(limits.body.contains("<Name>StackLimit</Name>"));
}

#[tokio::test]
async fn a_stack_works_in_its_role_and_tells_its_topics() {
    let server = TestServer::start().await;
    let access = server.access();
    let arn = "arn:aws:iam::123456789012:role/cfn";
    let topic = [("Action", "CreateTopic"), ("Name", "news")];
    let topic = form(access, &keys(access), "sns", &topic).await;
    let topic = topic.element("TopicArn").to_owned();
    let parameters = [
        ("StackName", "s"),
        (
            "TemplateBody",
            "Resources: { T: { Type: \"AWS::SNS::Topic\" } }",
        ),
        ("RoleARN", arn),
        ("NotificationARNs.member.1", &topic),
        ("Tags.member.1.Key", "course"),
        ("Tags.member.1.Value", "devops"),
        ("ClientRequestToken", "token-1"),
    ];
    let (_, message) = refused(access, "CreateStack", &parameters).await;
    assert_eq!(
        message,
        format!("Role {arn} is invalid or cannot be assumed")
    );
    create_role(access, "cfn", "cloudformation.amazonaws.com").await;
    form(
        access,
        &keys(access),
        "sns",
        &[
            ("Action", "Subscribe"),
            ("TopicArn", &topic),
            ("Protocol", "email"),
            ("Endpoint", "student@example.com"),
        ],
    )
    .await;
    let mailbox = server.aws.mailbox();
    let link = mailbox.messages().unwrap()[0].confirm_url.clone().unwrap();
    follow(access, &link).await;
    let first = ok(access, "CreateStack", &parameters).await;
    // The same token has the same effect once.
    let again = ok(access, "CreateStack", &parameters).await;
    assert_eq!(first.element("StackId"), again.element("StackId"));
    let stack = settled(access, "s").await;
    assert_eq!(stack.element("StackStatus"), "CREATE_COMPLETE");
    assert_eq!(stack.element("RoleARN"), arn);
    assert!(
        stack
            .body
            .contains("<Key>course</Key><Value>devops</Value>")
    );
    let events = events(access, "s").await;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mails = mailbox.messages().unwrap();
        let told: Vec<_> = mails
            .iter()
            .filter(|mail| mail.subject == "AWS CloudFormation Notification")
            .collect();
        if told.len() == events.len() {
            assert!(told.iter().any(|mail| {
                mail.text.contains("ResourceStatus='CREATE_COMPLETE'")
                    && mail
                        .text
                        .contains("ResourceType='AWS::CloudFormation::Stack'")
                    && mail.text.contains("ClientRequestToken='token-1'")
            }));
            break;
        }
        assert!(
            Instant::now() < deadline,
            "{} of {}",
            told.len(),
            events.len()
        );
        tokio::task::yield_now().await;
    }
}
