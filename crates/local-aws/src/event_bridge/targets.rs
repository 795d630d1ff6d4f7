//! PutTargets and RemoveTargets.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::buses;
use super::input_transformer;
use super::invalid;
use super::record;
use super::record::Target;
use super::target_kinds::Kind;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;

/// How many targets a rule may have.
const TARGETS: usize = 5;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutTargets {
    rule: String,
    event_bus_name: Option<String>,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RemoveTargets {
    rule: String,
    event_bus_name: Option<String>,
    ids: Vec<String>,
}

/// PutTargets.
pub(super) async fn put(services: &Services, input: PutTargets) -> Result<Value, AwsError> {
    buses::check(&services.account, input.event_bus_name.as_deref())?;
    record::find(services, &input.rule)?;
    for target in &input.targets {
        check(&services.account, target)?;
    }
    record::change(services, &input.rule, move |rule| {
        let mut targets = rule.targets.clone();
        targets.extend(input.targets.into_iter().map(|t| (t.id.clone(), t)));
        if targets.len() > TARGETS {
            return Err(AwsError::new(
                "LimitExceededException",
                "The requested resource exceeds the maximum number allowed.",
            ));
        }
        rule.targets = targets;
        Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
    })
    .await
}

fn check(account: &Account, target: &Target) -> Result<(), AwsError> {
    let Target { id, arn, .. } = target;
    let kind = Kind::of(account, arn)?;
    if matches!(kind, Kind::Project(_)) && target.role_arn.is_none() {
        return Err(invalid(format!("RoleArn is required for target {arn}.")));
    }
    if target.dead_letter_config.is_some() {
        return Err(invalid(format!(
            "Target {id} has a DeadLetterConfig: it names a queue of SQS, which the local AWS does \
             not have. Leave it out."
        )));
    }
    let inputs = [
        target.input.is_some(),
        target.input_path.is_some(),
        target.input_transformer.is_some(),
    ];
    if inputs.into_iter().filter(|given| *given).count() > 1 {
        return Err(invalid(format!(
            "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
        )));
    }
    input_transformer::check(target)
}

/// RemoveTargets.
pub(super) async fn remove(services: &Services, input: RemoveTargets) -> Result<Value, AwsError> {
    buses::check(&services.account, input.event_bus_name.as_deref())?;
    record::change(services, &input.rule, move |rule| {
        rule.targets.retain(|id, _| !input.ids.contains(id));
        Ok(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
    })
    .await
}
