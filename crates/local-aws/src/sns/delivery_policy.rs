//! How often, and after which time, a delivery to a web server is tried again.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use super::invalid;
use super::record::Subscription;
use super::record::Topic;
use crate::error::AwsError;

/// The longest time between two tries, and the most tries, that may be asked for.
const LONGEST_DELAY: u64 = 3600;
const MOST_RETRIES: u64 = 100;

/// When a delivery is tried again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Retries {
    pub(super) delays: Vec<Duration>,
}

/// The members that count, with what AWS puts in for those that are not there.
const MEMBERS: [(&str, u64); 6] = [
    ("minDelayTarget", 20),
    ("maxDelayTarget", 20),
    ("numRetries", 3),
    ("numMaxDelayRetries", 0),
    ("numNoDelayRetries", 0),
    ("numMinDelayRetries", 0),
];

/// Checks the policy of a topic.
pub(super) fn check_of_topic(text: &str) -> Result<(), AwsError> {
    let value = parse(text)?;
    let http = value.get("http").unwrap_or(&Value::Null);
    check(
        http.get("defaultHealthyRetryPolicy")
            .unwrap_or(&Value::Null),
    )
}

/// Checks the policy of a subscription.
pub(super) fn check_of_subscription(text: &str) -> Result<(), AwsError> {
    let value = parse(text)?;
    check(value.get("healthyRetryPolicy").unwrap_or(&Value::Null))
}

/// The policy that counts for a topic, as AWS shows it.
pub(super) fn effective_of_topic(topic: &Topic) -> String {
    let given = policy_of_topic(topic);
    json!({ "http": {
        "defaultHealthyRetryPolicy": completed(&given),
        "disableSubscriptionOverrides": false,
        "defaultRequestPolicy": { "headerContentType": "text/plain; charset=UTF-8" },
    } })
    .to_string()
}

/// The policy that counts for a subscription, as AWS shows it.
pub(super) fn effective_of_subscription(topic: &Topic, subscription: &Subscription) -> String {
    json!({
        "healthyRetryPolicy": completed(&policy(topic, subscription)),
        "sicklyRetryPolicy": null,
        "throttlePolicy": null,
        "requestPolicy": { "headerContentType": "text/plain; charset=UTF-8" },
        "guaranteed": false,
    })
    .to_string()
}

/// When deliveries to a subscription are tried again.
pub(super) fn retries(topic: &Topic, subscription: &Subscription) -> Retries {
    let policy = policy(topic, subscription);
    let number = |member: &str| {
        let standard = MEMBERS.iter().find(|(name, _)| *name == member);
        let given = policy.get(member).and_then(Value::as_u64);
        given.unwrap_or(standard.map_or(0, |(_, standard)| *standard))
    };
    let (least, most) = (number("minDelayTarget"), number("maxDelayTarget"));
    let total = number("numRetries");
    let at_once = number("numNoDelayRetries").min(total);
    let short = number("numMinDelayRetries").min(total - at_once);
    let long = number("numMaxDelayRetries").min(total - at_once - short);
    let between = total - at_once - short - long;
    let mut seconds = vec![0; at_once as usize];
    seconds.extend(vec![least; short as usize]);
    // The backoff function: in equal steps from the shortest to the longest.
    seconds.extend((0..between).map(|step| {
        let steps = between.saturating_sub(1).max(1);
        least + most.saturating_sub(least) * step / steps
    }));
    seconds.extend(vec![most; long as usize]);
    Retries {
        delays: seconds.into_iter().map(Duration::from_secs).collect(),
    }
}

fn policy(topic: &Topic, subscription: &Subscription) -> Value {
    let own = subscription.attributes.get("DeliveryPolicy");
    let own = own.and_then(|text| serde_json::from_str::<Value>(text).ok());
    match own.and_then(|own| own.get("healthyRetryPolicy").cloned()) {
        Some(own) if !own.is_null() => own,
        _ => policy_of_topic(topic),
    }
}

fn policy_of_topic(topic: &Topic) -> Value {
    let text = topic.attributes.get("DeliveryPolicy");
    let value: Value = text
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    value["http"]["defaultHealthyRetryPolicy"].clone()
}

fn completed(given: &Value) -> Value {
    let mut policy = json!({});
    for (member, standard) in MEMBERS {
        policy[member] = match given.get(member) {
            Some(value) => value.clone(),
            None => standard.into(),
        };
    }
    policy["backoffFunction"] = match given.get("backoffFunction") {
        Some(function) => function.clone(),
        None => "linear".into(),
    };
    policy
}

fn parse(text: &str) -> Result<Value, AwsError> {
    let value = serde_json::from_str(text).ok();
    value
        .filter(Value::is_object)
        .ok_or_else(|| invalid("DeliveryPolicy: failed to parse JSON."))
}

fn check(policy: &Value) -> Result<(), AwsError> {
    let mut numbers = Vec::new();
    for (member, standard) in MEMBERS {
        let number = match policy.get(member) {
            None | Some(Value::Null) => standard,
            Some(value) => value.as_u64().ok_or_else(|| {
                invalid(format!("DeliveryPolicy: {member} is not a whole number"))
            })?,
        };
        numbers.push(number);
    }
    let (least, most, retries) = (numbers[0], numbers[1], numbers[2]);
    if least < 1 || least > most || most > LONGEST_DELAY {
        return Err(invalid(format!(
            "DeliveryPolicy: 1 <= minDelayTarget <= maxDelayTarget <= {LONGEST_DELAY} does not hold"
        )));
    }
    if retries > MOST_RETRIES || numbers[3] + numbers[4] + numbers[5] > retries {
        return Err(invalid(format!(
            "DeliveryPolicy: numRetries must be at most {MOST_RETRIES}, and at least as large as \
             numMinDelayRetries, numMaxDelayRetries and numNoDelayRetries together"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::timestamp::EpochSeconds;

    fn seconds(policy: Option<&str>) -> Vec<u64> {
        let topic = Topic {
            name: "t".to_owned(),
            created: EpochSeconds::now(),
            attributes: BTreeMap::new(),
            tags: Vec::new(),
            unsubscribed: 0,
        };
        let policy = policy.map(|text| ("DeliveryPolicy".to_owned(), text.to_owned()));
        let subscription = Subscription {
            topic: "t".to_owned(),
            id: "i".to_owned(),
            protocol: "http".to_owned(),
            endpoint: String::new(),
            token: String::new(),
            is_confirmed: true,
            is_protected: false,
            attributes: policy.into_iter().collect(),
        };
        let retries = retries(&topic, &subscription);
        retries.delays.iter().map(Duration::as_secs).collect()
    }

    #[test]
    fn three_times_every_twenty_seconds_unless_the_policy_says_otherwise() {
        assert_eq!(seconds(None), [20, 20, 20]);
        let policy = r#"{"healthyRetryPolicy":{"minDelayTarget":1,"maxDelayTarget":9,"numRetries":6,
            "numNoDelayRetries":1,"numMinDelayRetries":1,"numMaxDelayRetries":1}}"#;
        assert_eq!(check_of_subscription(policy), Ok(()));
        assert_eq!(seconds(Some(policy)), [0, 1, 1, 5, 9, 9]);
        let wrong = r#"{"healthyRetryPolicy":{"minDelayTarget":9,"maxDelayTarget":1}}"#;
        assert!(check_of_subscription(wrong).is_err());
    }
}
