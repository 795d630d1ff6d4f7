//! Log groups and streams.

use serde_json::json;

use super::Started;
use crate::access_keys::Caller;

#[tokio::test]
async fn a_log_group_from_its_creation_to_its_end() {
    const TYPE: &str = "AWS::Logs::LogGroup";
    let aws = Started::new().await;
    let old = json!({
        "LogGroupName": "/aws/codebuild/web",
        "RetentionInDays": "14",
        "KmsKeyId": "key",
        "Tags": [{ "Key": "k", "Value": "v" }],
    });
    let made = aws.made(TYPE, &old).await;
    let name = made.physical_id.as_str();
    let arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/codebuild/web";
    assert_eq!(made.attributes["Arn"], format!("{arn}:*"));
    assert_eq!(aws.find(TYPE, &old).await.as_ref(), Some(&made));
    let mut expected = old.clone();
    expected["RetentionInDays"] = json!(14);
    assert_eq!(aws.read(TYPE, name, &old).await, Some(expected));
    let tags = json!({ "resourceArn": arn });
    let tags = aws.call("logs", "ListTagsForResource", tags).await;
    assert_eq!(
        tags["tags"],
        json!({
            "aws:cloudformation:logical-id": "Thing",
            "aws:cloudformation:stack-id":
                "arn:aws:cloudformation:eu-central-1:123456789012:stack/web/1",
            "aws:cloudformation:stack-name": "web",
            "k": "v",
            "team": "blue",
        })
    );
    // Only CloudFormation puts such tags.
    let by_hand = json!({
        "resourceArn": arn,
        "tags": { "aws:cloudformation:stack-name": "other" },
    });
    let by_hand = aws
        .services()
        .call(&Caller::User, "logs", "TagResource", by_hand);
    assert!(by_hand.await.is_err());

    let new = json!({
        "LogGroupName": "/aws/codebuild/web",
        "Tags": [{ "Key": "k", "Value": "w" }, { "Key": "l", "Value": "v" }],
        "DeletionProtectionEnabled": true,
    });
    aws.update(TYPE, name, &old, &new).await;
    assert_eq!(aws.read(TYPE, name, &new).await, Some(new.clone()));
    let groups = json!({ "logGroupNamePrefix": name });
    let groups = aws.call("logs", "DescribeLogGroups", groups).await;
    assert_eq!(groups["logGroups"][0].get("retentionInDays"), None);
    assert_eq!(groups["logGroups"][0].get("kmsKeyId"), None);

    let mut unprotected = new.clone();
    unprotected["DeletionProtectionEnabled"] = json!("false");
    aws.update(TYPE, name, &new, &unprotected).await;
    aws.delete(TYPE, name, &unprotected).await;
    aws.is_gone(TYPE, name, &unprotected).await;
}

#[tokio::test]
async fn a_log_group_that_was_there_is_not_touched() {
    const TYPE: &str = "AWS::Logs::LogGroup";
    let aws = Started::new().await;
    let group = json!({ "logGroupName": "there" });
    aws.call("logs", "CreateLogGroup", group).await;
    let properties = json!({ "LogGroupName": "there", "RetentionInDays": 1 });
    let failure = aws.refused(TYPE, &properties).await;
    assert!(
        failure.reason.starts_with(
            "Resource handler returned message: \"Resource of type 'AWS::Logs::LogGroup' with identifier '{\"/properties/LogGroupName\":\"there\"}' already exists.\" (RequestToken: "
        ),
        "{failure:?}"
    );
    assert_eq!(aws.find(TYPE, &properties).await, None);
    let policy = json!({ "DataProtectionPolicy": {} });
    let failure = aws.refused(TYPE, &policy).await;
    assert!(
        failure.reason.contains("the property DataProtectionPolicy"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn a_log_stream_from_its_creation_to_its_end() {
    const TYPE: &str = "AWS::Logs::LogStream";
    let aws = Started::new().await;
    let group = json!({ "logGroupName": "group" });
    aws.call("logs", "CreateLogGroup", group).await;
    let properties = json!({ "LogGroupName": "group", "LogStreamName": "stream" });
    let made = aws.made(TYPE, &properties).await;
    assert_eq!(made.physical_id, "stream");
    assert_eq!(aws.find(TYPE, &properties).await, Some(made));
    let again = aws.refused(TYPE, &properties).await;
    assert_eq!(again.handler_error_code, "AlreadyExists");
    let live = aws.read(TYPE, "stream", &properties).await;
    assert_eq!(live.as_ref(), Some(&properties));
    aws.delete(TYPE, "stream", &properties).await;
    aws.is_gone(TYPE, "stream", &properties).await;
    let nowhere = aws.refused(TYPE, &json!({ "LogGroupName": "none" })).await;
    assert_eq!(nowhere.handler_error_code, "NotFound");
}
