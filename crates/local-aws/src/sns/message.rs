//! What subscribers get. Messages have no signature: see docs/fidelity.md.

use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::mailbox::Email;
use super::record::Subscription;
use super::record::Topic;
use crate::account::Account;
use crate::percent_encoding::encoded;

/// A message to a topic.
#[derive(Clone, Debug)]
pub(super) struct Notification {
    pub(super) id: String,
    pub(super) topic_arn: String,
    pub(super) subject: Option<String>,
    /// As the subscriber's protocol gets it.
    pub(super) message: String,
    /// In the form of the JSON message: type and value by name.
    pub(super) attributes: Map<String, Value>,
    pub(super) at: Timestamp,
}

/// A body, and the headers that say what it is.
#[derive(Clone, Debug)]
pub(super) struct HttpMessage {
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

/// The request to a web server to confirm its subscription.
pub(super) fn confirmation_request(account: &Account, subscription: &Subscription) -> HttpMessage {
    let topic_arn = account.topic_arn(&subscription.topic);
    let id = uuid::Uuid::new_v4().to_string();
    let body = json!({
        "Type": "SubscriptionConfirmation",
        "MessageId": id,
        "Token": subscription.token,
        "TopicArn": topic_arn,
        "Message": format!(
            "You have chosen to subscribe to the topic {topic_arn}.\n\
             To confirm the subscription, visit the SubscribeURL included in this message."
        ),
        "SubscribeURL": subscribe_url(account, subscription),
        "Timestamp": iso(Timestamp::now()),
    });
    HttpMessage {
        headers: vec![
            (
                "x-amz-sns-message-type",
                "SubscriptionConfirmation".to_owned(),
            ),
            ("x-amz-sns-message-id", id),
            ("x-amz-sns-topic-arn", topic_arn),
        ],
        body: pretty(&body),
    }
}

/// The same by e-mail.
pub(super) fn confirmation_email(
    account: &Account,
    topic: &Topic,
    subscription: &Subscription,
) -> Email {
    let topic_arn = account.topic_arn(&subscription.topic);
    let url = subscribe_url(account, subscription);
    let text = match subscription.protocol.as_str() {
        "email-json" => confirmation_request(account, subscription).body,
        _ => format!(
            "You have chosen to subscribe to the topic:\n{topic_arn}\n\n\
             To confirm this subscription, open this link:\n{url}\n\n\
             If it was not you who wanted this, do nothing.\n"
        ),
    };
    Email {
        id: uuid::Uuid::new_v4().to_string(),
        sent: Timestamp::now(),
        from: sender(topic),
        to: subscription.endpoint.clone(),
        subject: "AWS Notification - Subscription Confirmation".to_owned(),
        text,
        topic_arn,
        confirm_url: Some(url),
    }
}

impl Notification {
    /// For a web server.
    pub(super) fn request(&self, account: &Account, subscription: &Subscription) -> HttpMessage {
        let mut headers = vec![
            ("x-amz-sns-message-type", "Notification".to_owned()),
            ("x-amz-sns-message-id", self.id.clone()),
            ("x-amz-sns-topic-arn", self.topic_arn.clone()),
            ("x-amz-sns-subscription-arn", subscription.arn(account)),
        ];
        let body = if subscription.is_raw() {
            headers.push(("x-amz-sns-rawdelivery", "true".to_owned()));
            self.message.clone()
        } else {
            pretty(&self.json(account, subscription))
        };
        HttpMessage { headers, body }
    }

    /// For the mailbox.
    pub(super) fn email(
        &self,
        account: &Account,
        topic: &Topic,
        subscription: &Subscription,
    ) -> Email {
        let text = match subscription.protocol.as_str() {
            "email-json" => pretty(&self.json(account, subscription)),
            _ => format!(
                "{}\n\n--\nTo stop receiving notifications from this topic, open this link:\n{}\n",
                self.message,
                unsubscribe_url(account, subscription)
            ),
        };
        let subject = self.subject.clone();
        Email {
            id: uuid::Uuid::new_v4().to_string(),
            sent: self.at,
            from: sender(topic),
            to: subscription.endpoint.clone(),
            subject: subject.unwrap_or_else(|| "AWS Notification Message".to_owned()),
            text,
            topic_arn: self.topic_arn.clone(),
            confirm_url: None,
        }
    }

    fn json(&self, account: &Account, subscription: &Subscription) -> Value {
        let mut body = json!({
            "Type": "Notification",
            "MessageId": self.id,
            "TopicArn": self.topic_arn,
        });
        if let Some(subject) = &self.subject {
            body["Subject"] = subject.as_str().into();
        }
        body["Message"] = self.message.as_str().into();
        body["Timestamp"] = iso(self.at).into();
        body["UnsubscribeURL"] = unsubscribe_url(account, subscription).into();
        if !self.attributes.is_empty() {
            body["MessageAttributes"] = self.attributes.clone().into();
        }
        body
    }
}

fn sender(topic: &Topic) -> String {
    let name = topic.attributes.get("DisplayName");
    let name = name.map_or("AWS Notifications", String::as_str);
    format!("{name} <no-reply@sns.amazonaws.com>")
}

fn subscribe_url(account: &Account, subscription: &Subscription) -> String {
    format!(
        "{}/?Action=ConfirmSubscription&TopicArn={}&Token={}",
        account.endpoint,
        encoded(&account.topic_arn(&subscription.topic)),
        subscription.token
    )
}

fn unsubscribe_url(account: &Account, subscription: &Subscription) -> String {
    format!(
        "{}/?Action=Unsubscribe&SubscriptionArn={}",
        account.endpoint,
        encoded(&subscription.arn(account))
    )
}

fn iso(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}
