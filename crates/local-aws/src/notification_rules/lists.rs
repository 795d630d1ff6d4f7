//! ListNotificationRules and ListTargets.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::record;
use super::targets;
use crate::error::AwsError;
use crate::services::Services;

const PAGE: usize = 50;

/// A condition of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    #[serde(default)]
    filters: Vec<Filter>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

/// ListNotificationRules.
pub(super) fn rules(services: &Services, input: &List) -> Result<Value, AwsError> {
    let account = &services.account;
    let rules = record::rules(services)?.into_iter();
    let rules = rules.filter(|rule| {
        input
            .filters
            .iter()
            .all(|filter| match filter.name.as_str() {
                "EVENT_TYPE_ID" => rule.event_types.contains(&filter.value),
                "RESOURCE" => rule.resource == filter.value,
                "TARGET_ADDRESS" => rule.targets.contains(&filter.value),
                _ => account.user_arn() == filter.value,
            })
    });
    let shown = |rule: record::NotificationRule| {
        let shown = json!({ "Id": rule.id, "Arn": rule.arn(account) });
        (rule.id, shown)
    };
    page(
        services,
        input,
        "NotificationRules",
        rules.map(shown).collect(),
    )
}

/// ListTargets.
pub(super) fn targets(services: &Services, input: &List) -> Result<Value, AwsError> {
    let mut all = BTreeMap::new();
    for rule in record::rules(services)? {
        let arn = rule.arn(&services.account);
        for topic in rule.targets {
            let shown = targets::shown(services, &topic, &arn);
            all.entry(topic).or_insert(shown);
        }
    }
    all.retain(|_, target| {
        input.filters.iter().all(|filter| {
            let member = match filter.name.as_str() {
                "TARGET_TYPE" => "TargetType",
                "TARGET_ADDRESS" => "TargetAddress",
                _ => "TargetStatus",
            };
            target[member] == filter.value
        })
    });
    page(services, input, "Targets", all.into_iter().collect())
}

/// One page of entries, which are sorted by key.
fn page(
    services: &Services,
    input: &List,
    member: &str,
    entries: Vec<(String, Value)>,
) -> Result<Value, AwsError> {
    let after = match &input.next_token {
        Some(token) => {
            let position = services.tokens.open(member, token);
            Some(position.ok_or_else(|| {
                AwsError::new("InvalidNextTokenException", "The next token is not valid.")
            })?)
        }
        None => None,
    };
    let mut rest = entries
        .into_iter()
        .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let limit = input.max_results.unwrap_or(PAGE);
    let page: Vec<(String, Value)> = rest.by_ref().take(limit).collect();
    let next = match (rest.next(), page.last()) {
        (Some(_), Some((last, _))) => Some(services.tokens.seal(member, last)),
        _ => None,
    };
    let page: Vec<Value> = page.into_iter().map(|(_, value)| value).collect();
    let mut output = json!({ member: page });
    if let Some(next) = next {
        output["NextToken"] = next.into();
    }
    Ok(output)
}
