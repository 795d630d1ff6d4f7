//! Topics, subscriptions and what is delivered, through signed forms.

use local_aws::Access;
use local_aws::Mailbox;
use local_aws::ServiceNotification;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::raw::Reply;
use crate::raw::Request;
use crate::raw::form;
use crate::raw::keys;
use crate::server::PATIENCE;
use crate::server::TestServer;

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:alerts";

async fn call(access: &Access, parameters: &[(&str, &str)]) -> Reply {
    form(access, &keys(access), "sns", parameters).await
}

async fn ok(access: &Access, parameters: &[(&str, &str)]) -> Reply {
    let reply = call(access, parameters).await;
    assert_eq!(reply.status, 200, "{parameters:?}: {reply:?}");
    reply
}

async fn refused(
    access: &Access,
    parameters: &[(&str, &str)],
    status: u16,
    code: &str,
    text: &str,
) {
    let reply = call(access, parameters).await;
    let seen = (
        reply.status,
        reply.element("Code"),
        reply.element("Message"),
    );
    assert_eq!(seen, (status, code, text), "{parameters:?}");
}

async fn server_with_topic() -> TestServer {
    let server = TestServer::start().await;
    ok(
        server.access(),
        &[("Action", "CreateTopic"), ("Name", "alerts")],
    )
    .await;
    server
}

/// Follows a link as a person does.
pub(crate) async fn follow(access: &Access, url: &str) -> Reply {
    let mut request = Request::new(access, "", "");
    request.method = "GET";
    request.path = url.strip_prefix(&access.endpoint).unwrap().to_owned();
    request.remove("x-amz-target");
    request.remove("content-type");
    request.send(access).await
}

/// A web server that gives what it is sent to a test, and answers what it is told: head and body.
struct WebServer {
    url: String,
    received: mpsc::UnboundedReceiver<(String, String)>,
}

impl WebServer {
    async fn start(mut statuses: Vec<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, received) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let status = if statuses.is_empty() {
                    200
                } else {
                    statuses.remove(0)
                };
                let request = answer(connection, status).await;
                if sender.send(request).is_err() {
                    return;
                }
            }
        });
        Self { url, received }
    }

    async fn next(&mut self) -> (String, String) {
        let next = tokio::time::timeout(PATIENCE, self.received.recv());
        next.await.unwrap().unwrap()
    }
}

async fn answer(mut connection: TcpStream, status: u16) -> (String, String) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.split_once("content-length: ").unwrap().1;
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            if body.len() >= length {
                let reply = format!(
                    "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                connection.write_all(reply.as_bytes()).await.unwrap();
                return (head, body.to_owned());
            }
        }
        assert_ne!(connection.read_buf(&mut bytes).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_topic_from_its_creation_to_its_end() {
    let server = server_with_topic().await;
    let access = server.access();
    let create = [
        ("Action", "CreateTopic"),
        ("Name", "alerts"),
        ("Attributes.entry.1.key", "DisplayName"),
        ("Attributes.entry.1.value", "Alerts"),
    ];
    let different =
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes";
    refused(access, &create, 400, "InvalidParameter", different).await;
    let set = |name, value| {
        [
            ("Action", "SetTopicAttributes"),
            ("TopicArn", TOPIC),
            ("AttributeName", name),
            ("AttributeValue", value),
        ]
    };
    ok(access, &set("DisplayName", "Alerts")).await;
    assert_eq!(ok(access, &create).await.element("TopicArn"), TOPIC);
    let get = [("Action", "GetTopicAttributes"), ("TopicArn", TOPIC)];
    let attributes = ok(access, &get).await;
    for text in [
        "<key>DisplayName</key><value>Alerts</value>",
        "<key>Owner</key><value>123456789012</value>",
        "<key>SubscriptionsConfirmed</key><value>0</value>",
        "__default_policy_ID",
    ] {
        assert!(attributes.body.contains(text), "{text}: {attributes:?}");
    }
    for (name, value, message) in [
        ("Colour", "blue", "Invalid parameter: AttributeName"),
        (
            "Policy",
            "{",
            "Invalid parameter: Policy Error: This policy contains invalid Json",
        ),
        (
            "Policy",
            r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}}"#,
            "Invalid parameter: Policy statement action out of service scope!",
        ),
    ] {
        refused(access, &set(name, value), 400, "InvalidParameter", message).await;
    }
    for name in ["a b", "", "x.fifo"] {
        let reply = call(access, &[("Action", "CreateTopic"), ("Name", name)]).await;
        assert_eq!(reply.element("Code"), "InvalidParameter", "{reply:?}");
        assert!(
            reply
                .element("Message")
                .starts_with("Invalid parameter: Topic Name")
        );
    }
    ok(
        access,
        &[
            ("Action", "TagResource"),
            ("ResourceArn", TOPIC),
            ("Tags.member.1.Key", "k"),
            ("Tags.member.1.Value", "v"),
        ],
    )
    .await;
    let tags = ok(
        access,
        &[("Action", "ListTagsForResource"), ("ResourceArn", TOPIC)],
    )
    .await;
    assert_eq!(
        tags.element("Tags"),
        "<member><Key>k</Key><Value>v</Value></member>"
    );
    ok(
        access,
        &[
            ("Action", "UntagResource"),
            ("ResourceArn", TOPIC),
            ("TagKeys.member.1", "k"),
        ],
    )
    .await;
    let topics = ok(access, &[("Action", "ListTopics")]).await;
    assert_eq!(topics.element("TopicArn"), TOPIC);
    let delete = [("Action", "DeleteTopic"), ("TopicArn", TOPIC)];
    ok(access, &delete).await;
    ok(access, &delete).await;
    refused(access, &get, 404, "NotFound", "Topic does not exist").await;
    let short = [("Action", "GetTopicAttributes"), ("TopicArn", "alerts")];
    let message = "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1";
    refused(access, &short, 400, "InvalidParameter", message).await;
}

#[tokio::test]
async fn an_e_mail_subscription_is_confirmed_by_the_link_in_the_mailbox() {
    let server = server_with_topic().await;
    let access = server.access();
    let subscribe = [
        ("Action", "Subscribe"),
        ("TopicArn", TOPIC),
        ("Protocol", "email"),
        ("Endpoint", "ops@example.org"),
    ];
    let pending = ok(access, &subscribe).await;
    assert_eq!(pending.element("SubscriptionArn"), "pending confirmation");
    let list = [("Action", "ListSubscriptionsByTopic"), ("TopicArn", TOPIC)];
    let listed = ok(access, &list).await;
    assert_eq!(listed.element("SubscriptionArn"), "PendingConfirmation");
    let publish = [
        ("Action", "Publish"),
        ("TopicArn", TOPIC),
        ("Subject", "Build failed"),
        ("Message", "Look at the log."),
    ];
    ok(access, &publish).await;
    let mailbox = server.aws.mailbox();
    let messages = mailbox.messages().unwrap();
    assert_eq!(messages.len(), 1, "nothing goes to who has not confirmed");
    assert_eq!(messages[0].to, "ops@example.org");
    let link = messages[0].confirm_url.clone().unwrap();
    assert!(messages[0].text.contains(&link));
    let wrong = follow(access, &link.replace("Token=", "Token=0")).await;
    assert_eq!(wrong.element("Message"), "Invalid parameter: Token");
    let confirmed = follow(access, &link).await;
    let arn = confirmed.element("SubscriptionArn").to_owned();
    assert!(arn.starts_with(&format!("{TOPIC}:")), "{confirmed:?}");
    assert_eq!(ok(access, &subscribe).await.element("SubscriptionArn"), arn);

    ok(access, &publish).await;
    // As another process sees it.
    let messages = Mailbox::of(server.state.path()).messages().unwrap();
    let message = messages.last().unwrap();
    assert_eq!(message.subject, "Build failed");
    assert!(
        message.text.starts_with("Look at the log.\n"),
        "{message:?}"
    );
    assert_eq!(
        mailbox.message(&message.id).unwrap().as_ref(),
        Some(message)
    );
    let link = message.text.lines().last().unwrap();
    assert_eq!(follow(access, link).await.status, 200);
    assert_eq!(ok(access, &list).await.element("Subscriptions"), "");
    // Nothing else is done without a signature.
    let topics = format!("{}/?Action=ListTopics&Version=2010-03-31", access.endpoint);
    let unsigned = follow(access, &topics).await;
    assert_eq!(unsigned.element("Code"), "MissingAuthenticationToken");
}

#[tokio::test]
async fn a_web_server_gets_what_aws_sends_and_gets_it_again_after_an_error() {
    let server = server_with_topic().await;
    let access = server.access();
    let mut web = WebServer::start(vec![200, 500, 503]).await;
    let policy = r#"{"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":1,"numRetries":2,"numNoDelayRetries":2}}"#;
    let url = web.url.clone();
    ok(
        access,
        &[
            ("Action", "Subscribe"),
            ("TopicArn", TOPIC),
            ("Protocol", "http"),
            ("Endpoint", &url),
            ("Attributes.entry.1.key", "DeliveryPolicy"),
            ("Attributes.entry.1.value", policy),
        ],
    )
    .await;
    let (head, body) = web.next().await;
    assert!(
        head.contains("x-amz-sns-message-type: subscriptionconfirmation"),
        "{head}"
    );
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["Type"], "SubscriptionConfirmation");
    let token = body["Token"].as_str().unwrap();
    let confirmed = ok(
        access,
        &[
            ("Action", "ConfirmSubscription"),
            ("TopicArn", TOPIC),
            ("Token", token),
        ],
    )
    .await;
    let arn = confirmed.element("SubscriptionArn");

    let published = ok(
        access,
        &[
            ("Action", "Publish"),
            ("TopicArn", TOPIC),
            ("Message", "hello"),
            ("MessageAttributes.entry.1.Name", "status"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", "FAILED"),
        ],
    )
    .await;
    // Refused twice, taken at the third time.
    let mut bodies = Vec::new();
    for _ in 0..3 {
        bodies.push(web.next().await);
    }
    let (head, body) = bodies.pop().unwrap();
    assert!(bodies.iter().all(|(_, earlier)| *earlier == body));
    for line in [
        "x-amz-sns-message-type: notification",
        &format!("x-amz-sns-topic-arn: {TOPIC}"),
        &format!("x-amz-sns-subscription-arn: {arn}"),
        "content-type: text/plain; charset=utf-8",
        "user-agent: amazon simple notification service agent",
    ] {
        assert!(head.contains(line), "{line}: {head}");
    }
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["MessageId"], published.element("MessageId"));
    assert_eq!(body["Message"], "hello");
    assert_eq!(
        body["MessageAttributes"],
        json!({ "status": { "Type": "String", "Value": "FAILED" } })
    );

    // Raw, and filtered.
    for (name, value) in [
        ("RawMessageDelivery", "true"),
        ("FilterPolicy", r#"{"status":["FAILED"]}"#),
    ] {
        ok(
            access,
            &[
                ("Action", "SetSubscriptionAttributes"),
                ("SubscriptionArn", arn),
                ("AttributeName", name),
                ("AttributeValue", value),
            ],
        )
        .await;
    }
    for (status, message) in [
        ("SUCCEEDED", "unwanted"),
        ("FAILED", r#"{"default":"d","http":"for http"}"#),
    ] {
        ok(
            access,
            &[
                ("Action", "Publish"),
                ("TopicArn", TOPIC),
                ("Message", message),
                (
                    "MessageStructure",
                    if status == "FAILED" { "json" } else { "" },
                ),
                ("MessageAttributes.entry.1.Name", "status"),
                ("MessageAttributes.entry.1.Value.DataType", "String"),
                ("MessageAttributes.entry.1.Value.StringValue", status),
            ],
        )
        .await;
    }
    let (head, body) = web.next().await;
    assert_eq!(body, "for http");
    assert!(head.contains("x-amz-sns-rawdelivery: true"), "{head}");
    let attributes = ok(
        access,
        &[
            ("Action", "GetSubscriptionAttributes"),
            ("SubscriptionArn", arn),
        ],
    )
    .await;
    assert!(
        attributes
            .body
            .contains("<key>RawMessageDelivery</key><value>true</value>")
    );
}

#[tokio::test]
async fn what_cannot_be_subscribed_or_published_is_said() {
    let server = server_with_topic().await;
    let access = server.access();
    for (protocol, endpoint, message) in [
        (
            "carrier-pigeon",
            "x",
            "Amazon SNS does not support this protocol string: carrier-pigeon",
        ),
        ("email", "nobody", "Email address"),
        (
            "http",
            "https://localhost/",
            "Endpoint must match the specified protocol",
        ),
        (
            "https",
            "https://example.org/",
            "Endpoint Reason: the local AWS delivers to this machine only. Use https://127.0.0.1 or \
             https://localhost",
        ),
        (
            "sqs",
            "arn:aws:sqs:eu-central-1:123456789012:q",
            "Protocol Reason: the local AWS cannot deliver to sqs. Use email, which goes to its \
             mailbox, or http and a server on this machine",
        ),
    ] {
        let parameters = [
            ("Action", "Subscribe"),
            ("TopicArn", TOPIC),
            ("Protocol", protocol),
            ("Endpoint", endpoint),
        ];
        let message = format!("Invalid parameter: {message}");
        refused(access, &parameters, 400, "InvalidParameter", &message).await;
    }
    for (further, message) in [
        (&[("Message", "")][..], "Empty message"),
        (&[("Message", "x"), ("Subject", "two\nlines")], "Subject"),
        (
            &[("Message", "{}"), ("MessageStructure", "json")],
            "Message Structure - No default entry in JSON message body",
        ),
        (
            &[("Message", "x"), ("MessageStructure", "json")],
            "Message Structure - JSON message body failed to parse",
        ),
    ] {
        let parameters = [&[("Action", "Publish"), ("TopicArn", TOPIC)], further].concat();
        let message = format!("Invalid parameter: {message}");
        refused(access, &parameters, 400, "InvalidParameter", &message).await;
    }
    let elsewhere = [
        ("Action", "Publish"),
        ("TopicArn", "arn:aws:sns:eu-central-1:123456789012:x"),
        ("Message", "x"),
    ];
    refused(access, &elsewhere, 404, "NotFound", "Topic does not exist").await;
}

#[tokio::test]
async fn a_service_publishes_only_where_the_topics_policy_lets_it() {
    let server = server_with_topic().await;
    let access = server.access();
    let notify = async |topic: &str| {
        let notification = ServiceNotification {
            topic_arn: topic.to_owned(),
            service: "events.amazonaws.com".to_owned(),
            source_arn: "arn:aws:events:eu-central-1:123456789012:rule/builds".to_owned(),
            subject: None,
            message: "{}".to_owned(),
        };
        server.aws.notify(notification).await
    };
    let error = notify(TOPIC).await.unwrap_err();
    assert!(error.starts_with("AuthorizationError: "), "{error}");
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Service":"events.amazonaws.com"}},"Action":"sns:Publish","Resource":"{TOPIC}","Condition":{{"ArnLike":{{"aws:SourceArn":"arn:aws:events:*:*:rule/builds"}}}}}}}}"#
    );
    ok(
        access,
        &[
            ("Action", "SetTopicAttributes"),
            ("TopicArn", TOPIC),
            ("AttributeName", "Policy"),
            ("AttributeValue", &policy),
        ],
    )
    .await;
    notify(TOPIC).await.unwrap();
    let error = notify(&format!("{TOPIC}-x")).await.unwrap_err();
    assert_eq!(error, "NotFound: Topic does not exist");
    let denying = policy
        .replace("Allow", "Deny")
        .replace(r#"{"Service":"events.amazonaws.com"}"#, "\"*\"");
    let denying = denying.split(",\"Condition\"").next().unwrap().to_owned() + "}}";
    ok(
        access,
        &[
            ("Action", "SetTopicAttributes"),
            ("TopicArn", TOPIC),
            ("AttributeName", "Policy"),
            ("AttributeValue", &denying),
        ],
    )
    .await;
    let reply = call(
        access,
        &[("Action", "Publish"), ("TopicArn", TOPIC), ("Message", "x")],
    )
    .await;
    assert_eq!(
        (reply.status, reply.element("Code")),
        (403, "AuthorizationError")
    );
}
