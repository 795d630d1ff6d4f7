//! Targets of notification rules: Subscribe, Unsubscribe, DeleteTarget.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::PRINCIPAL;
use super::invalid;
use super::record;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::sns;

/// How many targets a rule may have.
const TARGETS: usize = 10;

/// A target, as requests name it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Target {
    target_type: Option<String>,
    target_address: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Subscribe {
    arn: String,
    target: Target,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Unsubscribe {
    arn: String,
    target_address: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteTarget {
    target_address: String,
    #[serde(default)]
    force_unsubscribe_all: bool,
}

/// The topics that targets name.
///
/// # Errors
///
/// `ValidationException` for what is no topic of this account and region.
pub(super) fn checked(account: &Account, targets: &[Target]) -> Result<BTreeSet<String>, AwsError> {
    let topic = |target: &Target| {
        let kind = target.target_type.as_deref().unwrap_or("SNS");
        if kind != "SNS" {
            return Err(invalid(format!(
                "The local AWS cannot deliver to targets of type {kind}. Use SNS and the ARN of a topic."
            )));
        }
        let address = target.target_address.clone().unwrap_or_default();
        let name = address.strip_prefix(&account.topic_arn(""));
        match name.filter(|name| !name.is_empty() && !name.contains(':')) {
            Some(_) => Ok(address),
            None => Err(invalid(format!(
                "Target address {address} is not the ARN of a topic in this region."
            ))),
        }
    };
    targets.iter().map(topic).collect()
}

/// A target as answers show it: whether its topic is there and lets the service publish.
pub(super) fn shown(services: &Services, topic: &str, rule_arn: &str) -> Value {
    let is_open = sns::lets_service_publish(services, topic, PRINCIPAL, rule_arn);
    json!({
        "TargetAddress": topic,
        "TargetType": "SNS",
        "TargetStatus": if is_open { "ACTIVE" } else { "UNREACHABLE" },
    })
}

/// Subscribe.
pub(super) async fn subscribe(services: &Services, input: Subscribe) -> Result<Value, AwsError> {
    let new = checked(&services.account, &[input.target])?;
    record::change(services, &input.arn.clone(), move |rule| {
        let targets: BTreeSet<String> = rule.targets.union(&new).cloned().collect();
        if targets.len() > TARGETS {
            return Err(invalid(format!(
                "A notification rule has at most {TARGETS} targets."
            )));
        }
        rule.targets = targets;
        Ok(json!({ "Arn": input.arn }))
    })
    .await
}

/// Unsubscribe.
pub(super) async fn unsubscribe(
    services: &Services,
    input: Unsubscribe,
) -> Result<Value, AwsError> {
    let arn = input.arn.clone();
    let unsubscribed = record::change(services, &arn, move |rule| {
        rule.targets.remove(&input.target_address);
        Ok(json!({ "Arn": input.arn }))
    });
    // The operation has no error of its own for a rule that is not there.
    unsubscribed.await.map_err(|error| match error.code {
        "ResourceNotFoundException" => invalid(error.message.unwrap_or_default()),
        _ => error,
    })
}

/// DeleteTarget.
pub(super) async fn delete(services: &Services, input: DeleteTarget) -> Result<Value, AwsError> {
    let rules = record::rules(services)?;
    let with_it = rules
        .iter()
        .filter(|rule| rule.targets.contains(&input.target_address));
    let arns: Vec<String> = with_it.map(|rule| rule.arn(&services.account)).collect();
    if !arns.is_empty() && !input.force_unsubscribe_all {
        return Err(invalid(format!(
            "Target {} is subscribed to {} notification rules. Unsubscribe it, or set \
             ForceUnsubscribeAll.",
            input.target_address,
            arns.len()
        )));
    }
    for arn in arns {
        let address = input.target_address.clone();
        record::change(services, &arn, move |rule| {
            rule.targets.remove(&address);
            Ok(())
        })
        .await?;
    }
    Ok(json!({}))
}
