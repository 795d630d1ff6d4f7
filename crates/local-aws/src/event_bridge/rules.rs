//! PutRule, DescribeRule, EnableRule, DisableRule, DeleteRule.

use std::collections::BTreeMap;

use redb::ReadableTableMetadata;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::buses;
use super::invalid;
use super::pattern::Pattern;
use super::record;
use super::record::Rule;
use super::schedule::Schedule;
use super::tags;
use super::tags::Tag;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

/// How many rules a bus may have.
const RULES: u64 = 300;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutRule {
    name: String,
    event_pattern: Option<String>,
    schedule_expression: Option<String>,
    state: Option<String>,
    description: Option<String>,
    role_arn: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    event_bus_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NamedRule {
    name: String,
    event_bus_name: Option<String>,
}

/// PutRule. What it does not name is taken away from a rule that is there, but for its targets and
/// tags.
pub(super) async fn put(services: &Services, input: PutRule) -> Result<Value, AwsError> {
    buses::check(&services.account, input.event_bus_name.as_deref())?;
    let pattern = input.event_pattern.filter(|pattern| !pattern.is_empty());
    let schedule = input.schedule_expression.filter(|text| !text.is_empty());
    if pattern.is_none() && schedule.is_none() {
        return Err(invalid(
            "Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ));
    }
    if let Some(pattern) = &pattern {
        Pattern::read(pattern).map_err(|reason| invalid_pattern(&reason))?;
    }
    if schedule
        .as_ref()
        .is_some_and(|text| Schedule::read(text).is_none())
    {
        return Err(invalid("Parameter ScheduleExpression is not valid."));
    }
    let tags = tags::checked(input.tags)?;
    let mut rule = Rule {
        name: input.name,
        pattern,
        schedule,
        state: input.state.unwrap_or_else(|| "ENABLED".to_owned()),
        description: input.description,
        role: input.role_arn,
        tags,
        targets: BTreeMap::new(),
        begin: EpochSeconds::now(),
    };
    let arn = rule.arn(&services.account);
    services
        .store
        .write(move |transaction| {
            let mut rules = transaction.open_table(store::EVENT_RULES)?;
            let before: Option<Rule> = store::get(&*rules, &rule.name)?;
            match before {
                Some(before) => {
                    if before.schedule == rule.schedule && before.is_enabled() {
                        rule.begin = before.begin;
                    }
                    rule.targets = before.targets;
                    rule.tags = before.tags;
                }
                None if rules.len()? >= RULES => {
                    return Err(AwsError::new(
                        "LimitExceededException",
                        "The requested resource exceeds the maximum number allowed.",
                    )
                    .into());
                }
                None => {}
            }
            store::put(&mut rules, &rule.name, &rule)?;
            transaction.tell_followers();
            Ok(())
        })
        .await?;
    Ok(json!({ "RuleArn": arn }))
}

/// DescribeRule.
pub(super) fn describe(services: &Services, input: &NamedRule) -> Result<Value, AwsError> {
    buses::check(&services.account, input.event_bus_name.as_deref())?;
    let rule = record::find(services, &input.name)?;
    let mut shown = shown(&rule, &services.account);
    shown["CreatedBy"] = services.account.id.as_str().into();
    Ok(shown)
}

/// A rule as answers show it.
pub(super) fn shown(rule: &Rule, account: &Account) -> Value {
    let mut shown = json!({
        "Name": rule.name,
        "Arn": rule.arn(account),
        "State": rule.state,
        "EventBusName": buses::DEFAULT,
    });
    for (name, value) in [
        ("EventPattern", &rule.pattern),
        ("ScheduleExpression", &rule.schedule),
        ("Description", &rule.description),
        ("RoleArn", &rule.role),
    ] {
        if let Some(value) = value {
            shown[name] = value.as_str().into();
        }
    }
    shown
}

/// EnableRule and DisableRule.
pub(super) async fn enable(
    services: &Services,
    input: &NamedRule,
    enable: bool,
) -> Result<Value, AwsError> {
    buses::check(&services.account, input.event_bus_name.as_deref())?;
    record::change(services, &input.name, move |rule| {
        if enable && !rule.is_enabled() {
            rule.begin = EpochSeconds::now();
        }
        if enable != rule.is_enabled() {
            rule.state = if enable { "ENABLED" } else { "DISABLED" }.to_owned();
        }
        Ok(json!({}))
    })
    .await
}

/// DeleteRule. One that is not there is no error.
pub(super) async fn delete(services: &Services, input: NamedRule) -> Result<Value, AwsError> {
    buses::check(&services.account, input.event_bus_name.as_deref())?;
    services
        .store
        .write(move |transaction| {
            let mut rules = transaction.open_table(store::EVENT_RULES)?;
            let rule: Option<Rule> = store::get(&*rules, &input.name)?;
            if rule.is_some_and(|rule| !rule.targets.is_empty()) {
                return Err(invalid("Rule can't be deleted since it has targets.").into());
            }
            rules.remove(input.name.as_str())?;
            Ok(json!({}))
        })
        .await
}

pub(super) fn invalid_pattern(reason: &str) -> AwsError {
    AwsError::new(
        "InvalidEventPatternException",
        format!("Event pattern is not valid. Reason: {reason}"),
    )
}
