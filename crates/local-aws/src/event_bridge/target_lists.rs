//! ListTargetsByRule.

use serde::Deserialize;
use serde_json::Value;

use super::buses;
use super::record;
use super::rule_lists::Page;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListTargetsByRule {
    rule: String,
    event_bus_name: Option<String>,
    #[serde(flatten)]
    page: Page,
}

/// ListTargetsByRule.
pub(super) fn by_rule(services: &Services, input: &ListTargetsByRule) -> Result<Value, AwsError> {
    buses::check(&services.account, input.event_bus_name.as_deref())?;
    let rule = record::find(services, &input.rule)?;
    let mut targets = Vec::new();
    for (id, target) in rule.targets {
        let shown = serde_json::to_value(target).map_err(AwsError::storage)?;
        targets.push((id, shown));
    }
    let list = format!("ListTargetsByRule/{}", input.rule);
    input.page.of(services, &list, "Targets", targets)
}
