//! Notification rules as they are stored.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use redb::ReadTransaction;
use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;

use super::not_found;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::timestamp::EpochSeconds;

/// A notification rule.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct NotificationRule {
    /// 40 hexadecimal digits.
    pub(super) id: String,
    pub(super) name: String,
    pub(super) event_types: Vec<String>,
    /// The ARN of a project.
    pub(super) resource: String,
    /// `BASIC` or `FULL`.
    pub(super) detail_type: String,
    pub(super) is_enabled: bool,
    /// ARNs of topics.
    pub(super) targets: BTreeSet<String>,
    pub(super) tags: BTreeMap<String, String>,
    /// What its client called the request.
    pub(super) token: Option<String>,
    pub(super) created: EpochSeconds,
    pub(super) modified: EpochSeconds,
}

impl NotificationRule {
    pub(super) fn arn(&self, account: &Account) -> String {
        account.notification_rule_arn(&self.id)
    }
}

/// All rules, by id.
pub(super) fn rules(services: &Services) -> Result<Vec<NotificationRule>, AwsError> {
    services.store.read(rules_in)
}

/// The same in a transaction.
pub(crate) fn rules_in(transaction: &ReadTransaction) -> Result<Vec<NotificationRule>, StoreError> {
    let mut rules = Vec::new();
    for entry in transaction.open_table(store::NOTIFICATION_RULES)?.iter()? {
        rules.push(serde_json::from_slice(entry?.1.value())?);
    }
    Ok(rules)
}

/// A rule by its ARN.
///
/// # Errors
///
/// `ResourceNotFoundException`.
pub(super) fn find(services: &Services, arn: &str) -> Result<NotificationRule, AwsError> {
    let id = id(&services.account, arn)?;
    services.store.read(|transaction| {
        let rules = transaction.open_table(store::NOTIFICATION_RULES)?;
        let found = store::get(&rules, id)?;
        found.ok_or_else(|| StoreError::from(not_found(arn)))
    })
}

/// Changes a rule.
///
/// # Errors
///
/// `ResourceNotFoundException`, and what `change` refuses.
pub(super) async fn change<T: Send + 'static>(
    services: &Services,
    arn: &str,
    change: impl FnOnce(&mut NotificationRule) -> Result<T, AwsError> + Send + 'static,
) -> Result<T, AwsError> {
    let id = id(&services.account, arn)?.to_owned();
    let arn = arn.to_owned();
    services
        .store
        .write(move |transaction| {
            let mut rules = transaction.open_table(store::NOTIFICATION_RULES)?;
            let found: Option<NotificationRule> = store::get(&*rules, &id)?;
            let mut rule = found.ok_or_else(|| not_found(&arn))?;
            let output = change(&mut rule)?;
            store::put(&mut rules, &id, &rule)?;
            Ok(output)
        })
        .await
}

/// The id in an ARN.
pub(super) fn id<'a>(account: &Account, arn: &'a str) -> Result<&'a str, AwsError> {
    let id = arn.strip_prefix(&account.notification_rule_arn(""));
    id.ok_or_else(|| not_found(arn))
}
