//! Policies of AWS's own that users of CodeBuild attach.
//!
//! `managed.json` has names, and statements that say the same in short.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::ids;
use super::record::Policy;
use super::record::PolicyVersion;
use crate::account::Account;
use crate::error::AwsError;
use crate::timestamp::EpochSeconds;

/// What the ARNs of AWS's policies begin with.
const PREFIX: &str = "arn:aws:iam::aws:policy";

/// Their age: 6 February 2015, when AWS gave out the first.
const CREATED: &str = "2015-02-06T18:40:00Z";

#[derive(Debug, Deserialize)]
struct Entry {
    name: String,
    path: String,
    description: String,
    statement: Value,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    // The file is part of the program; a test reads it.
    serde_json::from_str(include_str!("managed.json")).unwrap_or_default()
});

/// AWS's policy with this ARN.
pub(super) fn policy(arn: &str) -> Option<Policy> {
    let entries = ENTRIES.iter();
    let mut entries = entries.filter(|entry| self::arn(entry) == arn);
    entries.next().map(record)
}

/// All of them, by name, with their ARNs.
pub(super) fn all() -> Vec<(String, Policy)> {
    let mut all: Vec<_> = ENTRIES
        .iter()
        .map(|entry| (arn(entry), record(entry)))
        .collect();
    all.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
    all
}

/// `AccessDenied` if the policy is one of AWS's own: nobody changes those.
pub(super) fn refuse_change(account: &Account, arn: &str) -> Result<(), AwsError> {
    if !arn.starts_with(PREFIX) {
        return Ok(());
    }
    Err(AwsError::new(
        "AccessDenied",
        format!(
            "User: {} is not authorized to change the resource: policy {arn}. It is a policy of \
             AWS; make one of your own with CreatePolicy.",
            account.user_arn()
        ),
    ))
}

fn arn(entry: &Entry) -> String {
    format!("{PREFIX}{}{}", entry.path, entry.name)
}

fn record(entry: &Entry) -> Policy {
    let created: jiff::Timestamp = CREATED.parse().unwrap_or_default();
    let created = EpochSeconds::from(created);
    let document = json!({ "Version": "2012-10-17", "Statement": entry.statement });
    Policy {
        name: entry.name.clone(),
        path: entry.path.clone(),
        id: ids::of_arn("ANPA", &arn(entry)),
        description: Some(entry.description.clone()),
        created,
        updated: created,
        tags: Vec::new(),
        default_version: 1,
        last_version: 1,
        versions: vec![PolicyVersion {
            number: 1,
            document: document.to_string(),
            created,
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::check_identity_policy;

    #[test]
    fn each_is_a_policy() {
        assert!(ENTRIES.len() >= 15);
        for (arn, policy) in all() {
            assert!(check_identity_policy(policy.document()).is_ok(), "{arn}");
            assert_eq!(policy.id.len(), 21);
        }
        assert!(policy("arn:aws:iam::aws:policy/AdministratorAccess").is_some());
    }
}
