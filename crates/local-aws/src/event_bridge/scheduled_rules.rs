//! Rules with a schedule: when the next one fires, and its event.

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use super::queue::NewEvent;
use super::record::Rule;
use crate::account::Account;

/// The rules that fire between two times, and when the next one does after that.
pub(super) fn due(
    rules: &[Rule],
    from: Timestamp,
    to: Timestamp,
) -> (Vec<&Rule>, Option<Timestamp>) {
    let mut due = Vec::new();
    let mut next = None;
    for rule in rules.iter().filter(|rule| rule.is_enabled()) {
        let Some(schedule) = rule.schedule() else {
            continue;
        };
        let Ok(begin) = Timestamp::from_millisecond(rule.begin.millis()) else {
            continue;
        };
        if schedule.next(begin, from).is_some_and(|time| time <= to) {
            due.push(rule);
        }
        let following = schedule.next(begin, to);
        next = [next, following].into_iter().flatten().min();
    }
    (due, next)
}

/// What the targets of a rule get when it fires.
pub(super) fn event(account: &Account, rule: &Rule, at: Timestamp) -> Value {
    NewEvent {
        source: "aws.events".to_owned(),
        detail_type: "Scheduled Event".to_owned(),
        region: account.region.clone(),
        account: account.id.clone(),
        at,
        resources: vec![rule.arn(account)],
        detail: json!({}),
    }
    .envelope()
}
