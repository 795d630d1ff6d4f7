//! ListRules and ListRuleNamesByTarget.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::buses;
use super::invalid;
use super::record;
use super::rules;
use crate::error::AwsError;
use crate::services::Services;

/// The longest page, and the usual one.
const PAGE: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListRules {
    name_prefix: Option<String>,
    event_bus_name: Option<String>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListRuleNamesByTarget {
    target_arn: String,
    event_bus_name: Option<String>,
    #[serde(flatten)]
    page: Page,
}

/// Which part of a list is asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Page {
    limit: Option<usize>,
    next_token: Option<String>,
}

impl Page {
    /// One page of entries, which are sorted by key, under a name, perhaps with `NextToken`.
    pub(super) fn of(
        &self,
        services: &Services,
        list: &str,
        member: &str,
        entries: Vec<(String, Value)>,
    ) -> Result<Value, AwsError> {
        let after = match &self.next_token {
            Some(token) => {
                let position = services.tokens.open(list, token);
                Some(position.ok_or_else(|| invalid("Parameter NextToken is not valid."))?)
            }
            None => None,
        };
        let mut rest = entries
            .into_iter()
            .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
        let limit = self.limit.unwrap_or(PAGE);
        let page: Vec<(String, Value)> = rest.by_ref().take(limit).collect();
        let next = match (rest.next(), page.last()) {
            (Some(_), Some((last, _))) => Some(services.tokens.seal(list, last)),
            _ => None,
        };
        let page: Vec<Value> = page.into_iter().map(|(_, value)| value).collect();
        let mut output = json!({ member: page });
        if let Some(next) = next {
            output["NextToken"] = next.into();
        }
        Ok(output)
    }
}

/// ListRules.
pub(super) fn rules(services: &Services, input: &ListRules) -> Result<Value, AwsError> {
    let account = &services.account;
    buses::check(account, input.event_bus_name.as_deref())?;
    let prefix = input.name_prefix.as_deref().unwrap_or_default();
    let rules = record::rules(services)?.into_iter();
    let rules = rules
        .filter(|rule| rule.name.starts_with(prefix))
        .map(|rule| (rule.name.clone(), rules::shown(&rule, account)))
        .collect();
    let list = format!("ListRules/{prefix}");
    input.page.of(services, &list, "Rules", rules)
}

/// ListRuleNamesByTarget.
pub(super) fn names_by_target(
    services: &Services,
    input: &ListRuleNamesByTarget,
) -> Result<Value, AwsError> {
    buses::check(&services.account, input.event_bus_name.as_deref())?;
    let rules = record::rules(services)?.into_iter();
    let names = rules
        .filter(|rule| rule.targets.values().any(|t| t.arn == input.target_arn))
        .map(|rule| (rule.name.clone(), rule.name.into()))
        .collect();
    let list = format!("ListRuleNamesByTarget/{}", input.target_arn);
    input.page.of(services, &list, "RuleNames", names)
}
