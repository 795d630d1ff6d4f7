//! What topics get.

use serde_json::Value;
use serde_json::json;

use super::event_types;
use super::record::NotificationRule;
use crate::account::Account;

/// A message on its way to a topic.
#[derive(Clone, Debug)]
pub(crate) struct Notification {
    pub(crate) rule_arn: String,
    pub(crate) topic_arn: String,
    pub(crate) message: String,
}

/// What the rules send of an event.
pub(crate) fn notifications(
    account: &Account,
    rules: &[NotificationRule],
    event: &Value,
) -> Vec<Notification> {
    let Some(event_type) = event_types::of_event(event) else {
        return Vec::new();
    };
    let project = event["detail"]["project-name"].as_str().unwrap_or_default();
    let resource = account.project_arn(project);
    let mut notifications = Vec::new();
    for rule in rules {
        let is_wanted = rule.event_types.iter().any(|wanted| wanted == event_type);
        if !rule.is_enabled || !is_wanted || rule.resource != resource {
            continue;
        }
        let rule_arn = rule.arn(account);
        let message = message(&rule_arn, event).to_string();
        notifications.extend(rule.targets.iter().map(|topic| Notification {
            rule_arn: rule_arn.clone(),
            topic_arn: topic.clone(),
            message: message.clone(),
        }));
    }
    notifications
}

/// BASIC and FULL differ in what a service adds; CodeBuild adds nothing here.
fn message(rule_arn: &str, event: &Value) -> Value {
    json!({
        "account": event["account"],
        "detailType": event["detail-type"],
        "region": event["region"],
        "source": event["source"],
        "time": event["time"],
        "notificationRuleArn": rule_arn,
        "detail": event["detail"],
        "resources": event["resources"],
        "additionalAttributes": {},
    })
}
