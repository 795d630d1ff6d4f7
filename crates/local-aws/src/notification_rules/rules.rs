//! CreateNotificationRule, DescribeNotificationRule, UpdateNotificationRule, DeleteNotificationRule.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use http::StatusCode;
use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use sha2::Digest as _;
use sha2::Sha256;

use super::event_types;
use super::invalid;
use super::record;
use super::record::NotificationRule;
use super::targets;
use super::targets::Target;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::timestamp::EpochSeconds;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    name: String,
    event_type_ids: Vec<String>,
    resource: String,
    targets: Vec<Target>,
    detail_type: String,
    client_request_token: Option<String>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    arn: String,
    name: Option<String>,
    event_type_ids: Option<Vec<String>>,
    targets: Option<Vec<Target>>,
    detail_type: Option<String>,
    status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    arn: String,
}

/// CreateNotificationRule.
pub(super) async fn create(services: &Services, input: Create) -> Result<Value, AwsError> {
    let account = services.account.clone();
    event_types::check(&input.event_type_ids)?;
    let project = input.resource.strip_prefix(&account.project_arn(""));
    let Some(project) = project.map(str::to_owned) else {
        return Err(invalid(format!(
            "The local AWS has notification rules for projects of CodeBuild: {} is not the ARN of one.",
            input.resource
        )));
    };
    let targets = targets::checked(&account, &input.targets)?;
    let now = EpochSeconds::now();
    let digest = Sha256::digest(uuid::Uuid::new_v4().as_bytes());
    let mut id: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    id.truncate(40);
    let rule = NotificationRule {
        id,
        name: input.name,
        event_types: input.event_type_ids,
        resource: input.resource,
        detail_type: input.detail_type,
        is_enabled: input.status.as_deref() != Some("DISABLED"),
        targets,
        tags: input.tags,
        token: input.client_request_token,
        created: now,
        modified: now,
    };
    services
        .store
        .write(move |transaction| {
            let projects = transaction.open_table(store::PROJECTS)?;
            if projects.get(project.as_str())?.is_none() {
                return Err(invalid(format!("Resource {} is not found.", rule.resource)).into());
            }
            let mut rules = transaction.open_table(store::NOTIFICATION_RULES)?;
            let mut same = None;
            for entry in rules.iter()? {
                let other: NotificationRule = serde_json::from_slice(entry?.1.value())?;
                if other.name == rule.name {
                    same = Some(other);
                }
            }
            if let Some(other) = same {
                // The same request again.
                if other.token.is_some() && other.token == rule.token {
                    return Ok(json!({ "Arn": other.arn(&account) }));
                }
                let error = AwsError::new(
                    "ResourceAlreadyExistsException",
                    format!("Notification rule {} already exists.", rule.name),
                );
                return Err(error.with_status(StatusCode::CONFLICT).into());
            }
            store::put(&mut rules, &rule.id, &rule)?;
            Ok(json!({ "Arn": rule.arn(&account) }))
        })
        .await
}

/// DescribeNotificationRule.
pub(super) fn describe(services: &Services, input: &Named) -> Result<Value, AwsError> {
    let account = &services.account;
    let rule = record::find(services, &input.arn)?;
    let types = rule.event_types.iter();
    let types: Vec<Value> = types.map(|id| event_types::shown(id)).collect();
    let arn = rule.arn(account);
    let targets = rule.targets.iter();
    let targets: Vec<Value> = targets
        .map(|topic| targets::shown(services, topic, &arn))
        .collect();
    Ok(json!({
        "Arn": arn,
        "Name": rule.name,
        "EventTypes": types,
        "Resource": rule.resource,
        "Targets": targets,
        "DetailType": rule.detail_type,
        "CreatedBy": account.user_arn(),
        "Status": if rule.is_enabled { "ENABLED" } else { "DISABLED" },
        "CreatedTimestamp": rule.created,
        "LastModifiedTimestamp": rule.modified,
        "Tags": rule.tags,
    }))
}

/// UpdateNotificationRule.
pub(super) async fn update(services: &Services, input: Update) -> Result<Value, AwsError> {
    if let Some(ids) = &input.event_type_ids {
        event_types::check(ids)?;
    }
    let targets: Option<BTreeSet<String>> = match &input.targets {
        Some(targets) => Some(targets::checked(&services.account, targets)?),
        None => None,
    };
    let arn = input.arn.clone();
    record::change(services, &arn, move |rule| {
        fn set<T>(target: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *target = value;
            }
        }
        set(&mut rule.name, input.name);
        set(&mut rule.event_types, input.event_type_ids);
        set(&mut rule.targets, targets);
        set(&mut rule.detail_type, input.detail_type);
        set(
            &mut rule.is_enabled,
            input.status.map(|status| status == "ENABLED"),
        );
        rule.modified = EpochSeconds::now();
        Ok(json!({}))
    })
    .await
}

/// DeleteNotificationRule. One that is not there is no error.
pub(super) async fn delete(services: &Services, input: Named) -> Result<Value, AwsError> {
    let id = record::id(&services.account, &input.arn);
    let id = id.map(str::to_owned).unwrap_or_default();
    services
        .store
        .write(move |transaction| {
            let mut rules = transaction.open_table(store::NOTIFICATION_RULES)?;
            rules.remove(id.as_str())?;
            Ok(json!({ "Arn": input.arn }))
        })
        .await
}
