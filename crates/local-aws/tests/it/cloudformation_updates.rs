//! Updates: in place, by replacement, rolled back, cancelled; exports and drift.

use local_aws::Access;
use serde_json::json;

use crate::cloudformation::call;
use crate::cloudformation::created;
use crate::cloudformation::events;
use crate::cloudformation::ok;
use crate::cloudformation::place;
use crate::cloudformation::refused;
use crate::cloudformation::settled;
use crate::raw::call_json;
use crate::server::PATIENCE;
use crate::server::TestServer;

const FIRST: &str = r#"
Resources:
  Kept: { Type: "AWS::SNS::Topic" }
  Changed:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: changed, RetentionInDays: 7 }
  Replaced:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: before }
  User:
    Type: AWS::SSM::Parameter
    Properties: { Name: user, Type: String, Value: !Ref Replaced }
  Removed: { Type: "AWS::SNS::Topic" }
"#;

const SECOND: &str = r#"
Resources:
  Kept: { Type: "AWS::SNS::Topic" }
  Changed:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: changed, RetentionInDays: 14 }
  Replaced:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: after }
  User:
    Type: AWS::SSM::Parameter
    Properties: { Name: user, Type: String, Value: !Ref Replaced }
  Added: { Type: "AWS::SNS::Topic" }
"#;

async fn update(access: &Access, name: &str, template: &str) -> String {
    let parameters = [("StackName", name), ("TemplateBody", template)];
    ok(access, "UpdateStack", &parameters).await;
    let stack = settled(access, name).await;
    stack.element("StackStatus").to_owned()
}

/// Name and days of each group.
async fn groups(access: &Access) -> Vec<(String, i64)> {
    let found = call_json(access, "Logs_20140328.DescribeLogGroups", json!({})).await;
    let groups = found["logGroups"].as_array().unwrap().iter();
    groups
        .map(|group| {
            let name = group["logGroupName"].as_str().unwrap().to_owned();
            (name, group["retentionInDays"].as_i64().unwrap_or_default())
        })
        .collect()
}

async fn value(access: &Access) -> String {
    let found = call_json(access, "AmazonSSM.GetParameter", json!({ "Name": "user" })).await;
    found["Parameter"]["Value"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_update_changes_replaces_adds_and_removes() {
    let server = TestServer::start().await;
    let access = server.access();
    created(access, "s", FIRST).await;
    let begun = events(access, "s").await.len();
    assert_eq!(update(access, "s", SECOND).await, "UPDATE_COMPLETE");
    let events = events(access, "s").await[begun..].to_vec();
    assert_eq!(events[0], "s UPDATE_IN_PROGRESS User Initiated");
    let replaces = "Replaced UPDATE_IN_PROGRESS Requested update requires the creation of a new \
                    physical resource; hence creating one.";
    let replaced = place(&events, replaces);
    let made = place(&events, "Replaced UPDATE_COMPLETE");
    let user = place(&events, "User UPDATE_COMPLETE");
    let cleanup = place(&events, "s UPDATE_COMPLETE_CLEANUP_IN_PROGRESS");
    let deleted = place(&events, "Replaced DELETE_COMPLETE");
    assert!(replaced < made && made < user && user < cleanup && cleanup < deleted);
    assert!(cleanup < place(&events, "Removed DELETE_COMPLETE"));
    assert!(
        !events.iter().any(|event| event.starts_with("Kept")),
        "{events:#?}"
    );
    assert_eq!(events.last().unwrap(), "s UPDATE_COMPLETE");
    let expected = [("after".to_owned(), 0), ("changed".to_owned(), 14)];
    assert_eq!(groups(access).await, expected);
    assert_eq!(value(access).await, "after");
    let list = ok(access, "ListStackResources", &[("StackName", "s")]).await;
    assert!(!list.body.contains("Removed"), "{list:?}");
}

#[tokio::test]
async fn an_update_that_fails_is_undone() {
    let server = TestServer::start().await;
    let access = server.access();
    created(access, "s", FIRST).await;
    let input = json!({ "logGroupName": "taken" });
    call_json_empty(access, "Logs_20140328.CreateLogGroup", input).await;
    let begun = events(access, "s").await.len();
    let third = SECOND.to_owned()
        + "  Taken:\n    Type: AWS::Logs::LogGroup\n    DependsOn: [Changed, User, Added]\n    \
           Properties: { LogGroupName: taken }\n";
    assert_eq!(
        update(access, "s", &third).await,
        "UPDATE_ROLLBACK_COMPLETE"
    );
    let events = events(access, "s").await[begun..].to_vec();
    let reason =
        "s UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Taken].";
    let rollback = place(&events, reason);
    let cleanup = place(&events, "s UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS");
    let undone = events
        .iter()
        .rposition(|event| event == "Changed UPDATE_COMPLETE")
        .unwrap();
    assert!(rollback < undone && undone < cleanup, "{events:#?}");
    assert!(cleanup < place(&events, "Added DELETE_COMPLETE"));
    let expected = [
        ("before".to_owned(), 0),
        ("changed".to_owned(), 7),
        ("taken".to_owned(), 0),
    ];
    assert_eq!(groups(access).await, expected);
    assert_eq!(value(access).await, "before");
    // The stack can be updated again.
    assert_eq!(update(access, "s", SECOND).await, "UPDATE_COMPLETE");
}

#[tokio::test]
async fn a_failed_update_is_left_as_it_is_on_demand_and_rolled_back_later() {
    let server = TestServer::start().await;
    let access = server.access();
    created(access, "s", FIRST).await;
    let input = json!({ "logGroupName": "taken" });
    call_json_empty(access, "Logs_20140328.CreateLogGroup", input).await;
    let third = SECOND.replace("LogGroupName: after", "LogGroupName: taken");
    let parameters = [
        ("StackName", "s"),
        ("TemplateBody", third.as_str()),
        ("DisableRollback", "true"),
    ];
    ok(access, "UpdateStack", &parameters).await;
    let stack = settled(access, "s").await;
    assert_eq!(stack.element("StackStatus"), "UPDATE_FAILED");
    ok(access, "RollbackStack", &parameters[..1]).await;
    let stack = settled(access, "s").await;
    assert_eq!(stack.element("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(groups(access).await[0], ("before".to_owned(), 0));
    let (_, message) = refused(access, "ContinueUpdateRollback", &parameters[..1]).await;
    assert!(
        message.contains("UPDATE_ROLLBACK_COMPLETE state"),
        "{message}"
    );
}

#[tokio::test]
async fn a_resource_that_shall_stay_stays() {
    let server = TestServer::start().await;
    let access = server.access();
    let template = "Resources:\n  G:\n    Type: AWS::Logs::LogGroup\n    DeletionPolicy: Retain\n    \
                    Properties: { LogGroupName: stays }\n";
    let id = created(access, "s", template).await;
    ok(access, "DeleteStack", &[("StackName", "s")]).await;
    assert_eq!(
        settled(access, &id).await.element("StackStatus"),
        "DELETE_COMPLETE"
    );
    place(&events(access, &id).await, "G DELETE_SKIPPED");
    assert_eq!(groups(access).await, [("stays".to_owned(), 0)]);
}

#[tokio::test]
async fn a_stack_policy_protects_resources() {
    let server = TestServer::start().await;
    let access = server.access();
    created(access, "s", FIRST).await;
    let policy = r#"{"Statement":[
        {"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"},
        {"Effect":"Deny","Action":"Update:Replace","Principal":"*","Resource":"LogicalResourceId/Replaced"}]}"#;
    let set = [("StackName", "s"), ("StackPolicyBody", policy)];
    ok(access, "SetStackPolicy", &set).await;
    let shown = ok(access, "GetStackPolicy", &set[..1]).await;
    assert!(shown.element("StackPolicyBody").contains("Update:Replace"));
    assert_eq!(
        update(access, "s", SECOND).await,
        "UPDATE_ROLLBACK_COMPLETE"
    );
    let events = events(access, "s").await;
    let denied = events
        .iter()
        .find(|event| event.starts_with("Replaced UPDATE_FAILED"));
    assert!(
        denied.unwrap().contains("Action denied by stack policy"),
        "{denied:?}"
    );
    let anything =
        r#"{"Statement":{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}}"#;
    let during = [
        ("StackName", "s"),
        ("TemplateBody", SECOND),
        ("StackPolicyDuringUpdateBody", anything),
    ];
    ok(access, "UpdateStack", &during).await;
    assert_eq!(
        settled(access, "s").await.element("StackStatus"),
        "UPDATE_COMPLETE"
    );
}

#[tokio::test]
async fn exports_join_stacks() {
    let server = TestServer::start().await;
    let access = server.access();
    let exporter = "Resources: { T: { Type: \"AWS::SNS::Topic\" } }\nOutputs:\n  O:\n    Value: \
                    !Ref T\n    Export: { Name: shared }\n";
    let importer = "Resources:\n  P:\n    Type: AWS::SSM::Parameter\n    Properties: { Name: user, \
                    Type: String, Value: !ImportValue shared }\n";
    let parameters = [("StackName", "importer"), ("TemplateBody", importer)];
    ok(access, "CreateStack", &parameters).await;
    assert_eq!(
        settled(access, "importer").await.element("StackStatus"),
        "ROLLBACK_COMPLETE"
    );
    let reason =
        "importer ROLLBACK_IN_PROGRESS No export named shared found. Rollback requested by user.";
    place(&events(access, "importer").await, reason);
    ok(access, "DeleteStack", &parameters[..1]).await;
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while call(access, "DescribeStacks", &parameters[..1])
        .await
        .status
        == 200
    {
        assert!(tokio::time::Instant::now() < deadline);
        tokio::task::yield_now().await;
    }

    created(access, "exporter", exporter).await;
    created(access, "importer", importer).await;
    let list = ok(access, "ListExports", &[]).await;
    assert_eq!(list.element("Name"), "shared");
    assert_eq!(value(access).await, list.element("Value"));
    let list = ok(access, "ListImports", &[("ExportName", "shared")]).await;
    assert_eq!(list.element("Imports"), "<member>importer</member>");
    let in_use = "Export shared cannot be deleted as it is in use by importer";
    ok(access, "DeleteStack", &[("StackName", "exporter")]).await;
    let stack = settled(access, "exporter").await;
    assert_eq!(stack.element("StackStatus"), "CREATE_COMPLETE");
    assert_eq!(stack.element("StackStatusReason"), in_use);
    let without = "Resources: { T: { Type: \"AWS::SNS::Topic\" } }";
    assert_eq!(
        update(access, "exporter", without).await,
        "UPDATE_ROLLBACK_COMPLETE"
    );
    let reason = format!("exporter UPDATE_ROLLBACK_IN_PROGRESS {in_use}");
    place(&events(access, "exporter").await, &reason);
    let again = exporter.replace("  O:", "  Other:");
    let other = [("StackName", "other"), ("TemplateBody", again.as_str())];
    ok(access, "CreateStack", &other).await;
    settled(access, "other").await;
    let reason = "other ROLLBACK_IN_PROGRESS Export with name shared is already exported by stack \
                  exporter. Rollback requested by user.";
    place(&events(access, "other").await, reason);
    let (_, message) = refused(access, "ListImports", &[("ExportName", "x")]).await;
    assert_eq!(message, "Export 'x' is not imported by any stack.");
}

#[tokio::test]
async fn drift_is_found() {
    let server = TestServer::start().await;
    let access = server.access();
    created(access, "s", FIRST).await;
    let detect = async || {
        let begun = ok(access, "DetectStackDrift", &[("StackName", "s")]).await;
        let id = begun.element("StackDriftDetectionId").to_owned();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let parameters = [("StackDriftDetectionId", id.as_str())];
            let found = ok(access, "DescribeStackDriftDetectionStatus", &parameters).await;
            if found.element("DetectionStatus") != "DETECTION_IN_PROGRESS" {
                return found;
            }
            assert!(tokio::time::Instant::now() < deadline);
            tokio::task::yield_now().await;
        }
    };
    let clean = detect().await;
    let drifts = ok(access, "DescribeStackResourceDrifts", &[("StackName", "s")]).await;
    assert_eq!(clean.element("StackDriftStatus"), "IN_SYNC", "{drifts:?}");
    let input = json!({ "logGroupName": "changed", "retentionInDays": 30 });
    call_json_empty(access, "Logs_20140328.PutRetentionPolicy", input).await;
    let input = json!({ "logGroupName": "before" });
    call_json_empty(access, "Logs_20140328.DeleteLogGroup", input).await;
    let found = detect().await;
    assert_eq!(found.element("StackDriftStatus"), "DRIFTED");
    assert_eq!(found.element("DriftedStackResourceCount"), "2");
    let only = [
        ("StackName", "s"),
        ("StackResourceDriftStatusFilters.member.1", "MODIFIED"),
    ];
    let drifts = ok(access, "DescribeStackResourceDrifts", &only).await;
    assert_eq!(drifts.element("LogicalResourceId"), "Changed");
    assert_eq!(drifts.element("PropertyPath"), "/RetentionInDays");
    assert_eq!(drifts.element("ExpectedValue"), "7");
    assert_eq!(drifts.element("ActualValue"), "30");
    assert_eq!(drifts.element("DifferenceType"), "NOT_EQUAL");
    let one = [("StackName", "s"), ("LogicalResourceId", "Replaced")];
    let gone = ok(access, "DetectStackResourceDrift", &one).await;
    assert_eq!(gone.element("StackResourceDriftStatus"), "DELETED");
    let stack = settled(access, "s").await;
    assert_eq!(stack.element("StackDriftStatus"), "DRIFTED");
}

async fn call_json_empty(access: &Access, target: &str, input: serde_json::Value) {
    let reply = crate::raw::signed(access, target, &input.to_string())
        .send(access)
        .await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// So many groups in a row that there is time for something else.
fn chain(days: u32) -> String {
    let mut template = "Resources:\n".to_owned();
    for number in 0..60 {
        let before = if number == 0 { 0 } else { number - 1 };
        let depends = if number == 0 {
            String::new()
        } else {
            format!("    DependsOn: G{before}\n")
        };
        template += &format!(
            "  G{number}:\n    Type: AWS::Logs::LogGroup\n{depends}    Properties: {{ RetentionInDays: {days} }}\n"
        );
    }
    template
}

#[tokio::test]
async fn an_update_is_cancelled_and_a_creation_overtaken_by_a_deletion() {
    let server = TestServer::start().await;
    let access = server.access();
    created(access, "s", &chain(7)).await;
    let fourteen = chain(14);
    let update = [("StackName", "s"), ("TemplateBody", fourteen.as_str())];
    ok(access, "UpdateStack", &update).await;
    ok(access, "CancelUpdateStack", &update[..1]).await;
    let stack = settled(access, "s").await;
    assert_eq!(stack.element("StackStatus"), "UPDATE_ROLLBACK_COMPLETE");
    place(
        &events(access, "s").await,
        "s UPDATE_ROLLBACK_IN_PROGRESS User Initiated",
    );
    assert!(groups(access).await.iter().all(|(_, days)| *days == 7));
    let seven = chain(7);
    let other = [("StackName", "other"), ("TemplateBody", seven.as_str())];
    let begun = ok(access, "CreateStack", &other).await;
    ok(access, "DeleteStack", &other[..1]).await;
    let stack = settled(access, begun.element("StackId")).await;
    assert_eq!(stack.element("StackStatus"), "DELETE_COMPLETE");
    // Those of the first stack are still there, and no others.
    let left = groups(access).await;
    assert!(
        left.iter().all(|(name, _)| name.starts_with("s-G")),
        "{left:?}"
    );
}
