//! Rules and their targets, as they are stored.

use std::collections::BTreeMap;

use redb::ReadTransaction;
use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;

use super::pattern::Pattern;
use super::schedule::Schedule;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::timestamp::EpochSeconds;

/// A rule with its targets.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Rule {
    pub(super) name: String,
    pub(super) pattern: Option<String>,
    pub(super) schedule: Option<String>,
    /// `ENABLED`, `DISABLED`, or `ENABLED_WITH_…`.
    pub(super) state: String,
    pub(super) description: Option<String>,
    pub(super) role: Option<String>,
    pub(super) tags: Vec<(String, String)>,
    /// By id.
    pub(super) targets: BTreeMap<String, Target>,
    /// When its schedule begins to count.
    pub(super) begin: EpochSeconds,
}

/// A target, as PutTargets takes it and ListTargetsByRule shows it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input_transformer: Option<InputTransformer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) retry_policy: Option<RetryPolicy>,
    #[serde(default, skip_serializing)]
    pub(super) dead_letter_config: Option<serde_json::Value>,
}

/// What a target gets instead of the event.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InputTransformer {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) input_paths_map: BTreeMap<String, String>,
    pub(super) input_template: String,
}

/// How often a delivery that fails is tried again.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RetryPolicy {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) maximum_retry_attempts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) maximum_event_age_in_seconds: Option<i64>,
}

impl Target {
    /// A topic that gets what it is given.
    pub(super) fn topic(arn: String) -> Self {
        Self {
            id: arn.clone(),
            arn,
            role_arn: None,
            input: None,
            input_path: None,
            input_transformer: None,
            retry_policy: None,
            dead_letter_config: None,
        }
    }
}

impl Rule {
    pub(super) fn arn(&self, account: &Account) -> String {
        account.rule_arn(&self.name)
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.state != "DISABLED"
    }

    /// Its pattern, which was read when it was written.
    pub(super) fn pattern(&self) -> Option<Pattern> {
        Pattern::read(self.pattern.as_deref()?).ok()
    }

    pub(super) fn schedule(&self) -> Option<Schedule> {
        Schedule::read(self.schedule.as_deref()?)
    }
}

/// All rules, by name.
pub(super) fn rules(services: &Services) -> Result<Vec<Rule>, AwsError> {
    services.store.read(rules_in)
}

/// The same in a transaction.
pub(super) fn rules_in(transaction: &ReadTransaction) -> Result<Vec<Rule>, StoreError> {
    let mut rules = Vec::new();
    for entry in transaction.open_table(store::EVENT_RULES)?.iter()? {
        rules.push(serde_json::from_slice(entry?.1.value())?);
    }
    Ok(rules)
}

/// A rule.
///
/// # Errors
///
/// `ResourceNotFoundException`.
pub(super) fn find(services: &Services, name: &str) -> Result<Rule, AwsError> {
    services.store.read(|transaction| {
        let rules = transaction.open_table(store::EVENT_RULES)?;
        let found = store::get(&rules, name)?;
        found.ok_or_else(|| StoreError::from(not_found(name)))
    })
}

/// Changes a rule.
///
/// # Errors
///
/// `ResourceNotFoundException`, and what `change` refuses.
pub(super) async fn change<T: Send + 'static>(
    services: &Services,
    name: &str,
    change: impl FnOnce(&mut Rule) -> Result<T, AwsError> + Send + 'static,
) -> Result<T, AwsError> {
    let name = name.to_owned();
    services
        .store
        .write(move |transaction| {
            let mut rules = transaction.open_table(store::EVENT_RULES)?;
            let found: Option<Rule> = store::get(&*rules, &name)?;
            let mut rule = found.ok_or_else(|| not_found(&name))?;
            let output = change(&mut rule)?;
            store::put(&mut rules, &name, &rule)?;
            // A schedule may have changed.
            transaction.tell_followers();
            Ok(output)
        })
        .await
}

fn not_found(name: &str) -> AwsError {
    AwsError::not_found(format!("Rule {name} does not exist on EventBus default."))
}
