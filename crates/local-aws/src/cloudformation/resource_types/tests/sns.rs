//! Topics, their policies and subscriptions.

use serde_json::Value;
use serde_json::json;

use super::Started;

fn policy(topic: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "s",
            "Effect": "Allow",
            "Principal": { "Service": "events.amazonaws.com" },
            "Action": "sns:Publish",
            "Resource": topic,
        }],
    })
}

async fn topic(aws: &Started, name: &str) -> String {
    let made = aws
        .call("sns", "CreateTopic", json!({ "Name": name }))
        .await;
    made["TopicArn"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_topic_from_its_creation_to_its_end() {
    const TYPE: &str = "AWS::SNS::Topic";
    let aws = Started::new().await;
    let old = json!({
        "DisplayName": "Builds",
        "Subscription": [
            { "Protocol": "email", "Endpoint": "a@example.com" },
            { "Protocol": "email", "Endpoint": "b@example.com" },
        ],
        "Tags": [{ "Key": "k", "Value": "v" }],
        "FifoTopic": "false",
    });
    let made = aws.made(TYPE, &old).await;
    let arn = made.physical_id.as_str();
    let name = made.attributes["TopicName"].as_str().unwrap_or_default();
    assert!(name.starts_with("web-Thing-"), "{name}");
    assert_eq!(made.attributes["TopicArn"], arn);
    assert_eq!(aws.find(TYPE, &old).await.as_ref(), Some(&made));
    let mut expected = old.clone();
    expected["FifoTopic"] = json!(false);
    assert_eq!(aws.read(TYPE, arn, &old).await, Some(expected));
    let tags = aws
        .call("sns", "ListTagsForResource", json!({ "ResourceArn": arn }))
        .await;
    assert_eq!(tags["Tags"].as_array().map(Vec::len), Some(5), "{tags}");

    let new = json!({
        "DisplayName": "Other",
        "Subscription": [{ "Protocol": "email", "Endpoint": "c@example.com" }],
        "FifoTopic": false,
    });
    aws.update(TYPE, arn, &old, &new).await;
    assert_eq!(aws.read(TYPE, arn, &new).await, Some(new.clone()));
    let attributes =
        json!({ "TopicArn": arn, "AttributeName": "DisplayName", "AttributeValue": "By hand" });
    aws.call("sns", "SetTopicAttributes", attributes).await;
    let live = aws.read(TYPE, arn, &new).await.expect("the topic is there");
    assert_eq!(live["DisplayName"], "By hand");
    aws.delete(TYPE, arn, &new).await;
    aws.is_gone(TYPE, arn, &new).await;
}

#[tokio::test]
async fn a_topic_that_was_there_is_not_touched() {
    const TYPE: &str = "AWS::SNS::Topic";
    let aws = Started::new().await;
    topic(&aws, "there").await;
    let failure = aws.refused(TYPE, &json!({ "TopicName": "there" })).await;
    assert_eq!(failure.handler_error_code, "AlreadyExists");
    assert!(
        failure
            .reason
            .contains("Resource of type 'AWS::SNS::Topic' with identifier 'there' already exists."),
        "{failure:?}"
    );
    let fifo = aws.refused(TYPE, &json!({ "FifoTopic": "true" })).await;
    assert!(fifo.reason.contains("the property FifoTopic"), "{fifo:?}");
    // A topic whose subscription is refused does not stay.
    let queue = json!({
        "TopicName": "half",
        "Subscription": [{ "Protocol": "sqs", "Endpoint": "arn:aws:sqs:eu-central-1:123456789012:q" }],
    });
    let failure = aws.refused(TYPE, &queue).await;
    assert!(
        failure.reason.contains("(Service: Sns, Status Code: 400, "),
        "{failure:?}"
    );
    let arn = "arn:aws:sns:eu-central-1:123456789012:half";
    aws.is_gone(TYPE, arn, &queue).await;
}

#[tokio::test]
async fn policies_of_topics_from_their_creation_to_their_end() {
    const TYPE: &str = "AWS::SNS::TopicPolicy";
    const INLINE: &str = "AWS::SNS::TopicInlinePolicy";
    let aws = Started::new().await;
    let (one, two) = (topic(&aws, "one").await, topic(&aws, "two").await);
    let any = json!({ "PolicyDocument": "" });
    let default = aws.read(INLINE, &one, &any).await;
    let old = json!({ "Topics": [one], "PolicyDocument": policy(&one) });
    let made = aws.made(TYPE, &old).await;
    let id = made.physical_id.as_str();
    assert_eq!(aws.read(TYPE, id, &old).await, Some(old.clone()));
    let new = json!({ "Topics": [two], "PolicyDocument": policy(&two) });
    aws.update(TYPE, id, &old, &new).await;
    assert_eq!(aws.read(TYPE, id, &new).await, Some(new.clone()));
    assert_eq!(aws.read(INLINE, &one, &any).await, default);
    aws.delete(TYPE, id, &new).await;

    let inline = json!({ "TopicArn": one, "PolicyDocument": policy(&one) });
    let made = aws.made(INLINE, &inline).await;
    assert_eq!(made.physical_id, one);
    let live = aws.read(INLINE, &one, &inline).await;
    assert_eq!(live.as_ref(), Some(&inline));
    aws.delete(INLINE, &one, &inline).await;
}

#[tokio::test]
async fn a_subscription_from_its_creation_to_its_end() {
    const TYPE: &str = "AWS::SNS::Subscription";
    let aws = Started::new().await;
    let topic = topic(&aws, "builds").await;
    let old = json!({
        "TopicArn": topic,
        "Protocol": "email",
        "Endpoint": "a@example.com",
        "FilterPolicy": { "status": ["FAILED"] },
    });
    let made = aws.made(TYPE, &old).await;
    let arn = made.physical_id.as_str();
    assert_eq!(made.attributes["Arn"], arn);
    // As an interrupted creation that is begun again.
    assert_eq!(aws.made(TYPE, &old).await, made);
    assert_eq!(aws.read(TYPE, arn, &old).await, Some(old.clone()));
    let mut new = old.clone();
    new["FilterPolicy"] = json!({ "status": ["SUCCEEDED"] });
    new["FilterPolicyScope"] = json!("MessageBody");
    aws.update(TYPE, arn, &old, &new).await;
    assert_eq!(aws.read(TYPE, arn, &new).await, Some(new.clone()));
    aws.delete(TYPE, arn, &new).await;
    aws.is_gone(TYPE, arn, &new).await;
    let mut elsewhere = old;
    elsewhere["Region"] = json!("us-east-1");
    let failure = aws.refused(TYPE, &elsewhere).await;
    assert!(
        failure.reason.contains("the property Region"),
        "{failure:?}"
    );
}
