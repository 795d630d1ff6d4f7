//! CreateLogGroup, DeleteLogGroup, and what a group is set to.

use std::collections::BTreeMap;
use std::path::PathBuf;

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::names;
use super::record::Group;
use super::record::Stream;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

/// The days that PutRetentionPolicy takes.
const DAYS: [u32; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateLogGroupInput {
    log_group_name: Option<String>,
    kms_key_id: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    log_group_class: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogGroupInput {
    log_group_name: Option<String>,
    /// Of PutRetentionPolicy.
    retention_in_days: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KmsKeyInput {
    log_group_name: Option<String>,
    resource_identifier: Option<String>,
    kms_key_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeletionProtectionInput {
    log_group_identifier: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

pub(super) async fn create(
    services: &Services,
    input: CreateLogGroupInput,
) -> Result<Value, AwsError> {
    let name = names::group_name(input.log_group_name.as_deref())?.to_owned();
    if name.to_ascii_lowercase().starts_with("aws/") {
        return Err(super::invalid_parameter(
            "Log groups starting with AWS/ are reserved for AWS.",
        ));
    }
    names::kms_key_id(input.kms_key_id.as_deref())?;
    names::class(input.log_group_class.as_deref())?;
    if let Some(tags) = &input.tags {
        names::tags(tags)?;
    }
    let group = Group {
        kms_key_id: input.kms_key_id,
        class: input.log_group_class,
        deletion_protection: input.deletion_protection_enabled.unwrap_or(false),
        tags: input.tags.unwrap_or_default(),
        ..Group::new()
    };
    let write = services.store.write(move |transaction| {
        let mut groups = transaction.open_table(store::LOG_GROUPS)?;
        if groups.get(name.as_str())?.is_some() {
            return Err(AwsError::new(
                "ResourceAlreadyExistsException",
                "The specified log group already exists",
            )
            .into());
        }
        store::put(&mut groups, &name, &group)
    });
    write.await?;
    Ok(json!({}))
}

/// Removes the group, its streams and their files. A build that still writes goes on; what it writes
/// is removed when it ends.
pub(super) async fn delete(services: &Services, input: LogGroupInput) -> Result<Value, AwsError> {
    let name = names::group_name(input.log_group_name.as_deref())?.to_owned();
    let files = services.log_files.clone();
    let write = services.store.write(move |transaction| {
        let mut groups = transaction.open_table(store::LOG_GROUPS)?;
        let group: Group = store::get(&*groups, &name)?.ok_or_else(super::no_group)?;
        if group.deletion_protection {
            return Err(AwsError::new(
                "ValidationException",
                "The specified log group has deletion protection enabled. Disable it to delete \
                 the log group.",
            )
            .into());
        }
        let name = name.as_str();
        let mut streams = transaction.open_table(store::LOG_STREAMS)?;
        let mut index = transaction.open_table(store::LOG_STREAMS_BY_LAST_EVENT)?;
        let (mut old, mut paths): (Vec<String>, Vec<PathBuf>) = (Vec::new(), Vec::new());
        for entry in streams.range::<(&str, &str)>((name, "")..=(name, super::LAST_NAME))? {
            let (key, value) = entry?;
            let stream: Stream = serde_json::from_slice(value.value())?;
            paths.extend(files.of(&stream));
            old.push(key.value().1.to_owned());
        }
        for stream in &old {
            streams.remove((name, stream.as_str()))?;
        }
        let entries = (name, i64::MIN, "")..=(name, i64::MAX, super::LAST_NAME);
        let entries = index.range::<(&str, i64, &str)>(entries)?;
        let entries = entries.map(|entry| {
            let key = entry?.0;
            let (_, last, stream) = key.value();
            Ok((last, stream.to_owned()))
        });
        let entries: Vec<(i64, String)> = entries.collect::<Result<_, redb::StorageError>>()?;
        for (last, stream) in &entries {
            index.remove((name, *last, stream.as_str()))?;
        }
        groups.remove(name)?;
        Ok(paths)
    });
    super::remove_files(services, write.await?).await
}

pub(super) async fn put_retention_policy(
    services: &Services,
    input: LogGroupInput,
) -> Result<Value, AwsError> {
    let name = names::group_name(input.log_group_name.as_deref())?;
    let days = names::required("retentionInDays", input.retention_in_days)?;
    let allowed = u32::try_from(days).ok().filter(|days| DAYS.contains(days));
    let Some(days) = allowed else {
        let all: Vec<String> = DAYS.iter().map(u32::to_string).collect();
        let constraint = format!("satisfy enum value set: [{}]", all.join(", "));
        return Err(names::violated(
            "retentionInDays",
            &days.to_string(),
            &constraint,
        ));
    };
    change(services, name, move |group| {
        group.retention_in_days = Some(days);
        Ok(())
    })
    .await?;
    super::expire::group(&services.store, &services.log_files, name).await?;
    Ok(json!({}))
}

pub(super) async fn delete_retention_policy(
    services: &Services,
    input: LogGroupInput,
) -> Result<Value, AwsError> {
    let name = names::group_name(input.log_group_name.as_deref())?;
    change(services, name, |group| {
        group.retention_in_days = None;
        Ok(())
    })
    .await
}

pub(super) async fn associate_kms_key(
    services: &Services,
    input: KmsKeyInput,
) -> Result<Value, AwsError> {
    let id = names::required("kmsKeyId", input.kms_key_id)?;
    names::kms_key_id(Some(&id))?;
    let name = kms_group(
        services,
        input.log_group_name.as_deref(),
        input.resource_identifier.as_deref(),
    )?;
    change(services, name, |group| {
        group.kms_key_id = Some(id);
        Ok(())
    })
    .await
}

pub(super) async fn disassociate_kms_key(
    services: &Services,
    input: KmsKeyInput,
) -> Result<Value, AwsError> {
    let name = kms_group(
        services,
        input.log_group_name.as_deref(),
        input.resource_identifier.as_deref(),
    )?;
    change(services, name, |group| {
        group.kms_key_id = None;
        Ok(())
    })
    .await
}

/// `resourceIdentifier` may also name the results of queries, of which there are none here.
fn kms_group<'a>(
    services: &Services,
    name: Option<&'a str>,
    resource: Option<&'a str>,
) -> Result<&'a str, AwsError> {
    match (name, resource) {
        (Some(_), Some(_)) => Err(super::invalid_parameter(
            "You must specify either logGroupName or resourceIdentifier, not both.",
        )),
        (_, Some(arn)) => names::group_in_arn(services, arn).ok_or_else(super::no_resource),
        (name, None) => names::group_name(name),
    }
}

pub(super) async fn put_deletion_protection(
    services: &Services,
    input: DeletionProtectionInput,
) -> Result<Value, AwsError> {
    let identifier = names::required("logGroupIdentifier", input.log_group_identifier)?;
    let enabled = names::required(
        "deletionProtectionEnabled",
        input.deletion_protection_enabled,
    )?;
    let name = names::group(services, None, Some(&identifier))?;
    change(services, &name, move |group| {
        group.deletion_protection = enabled;
        Ok(())
    })
    .await
}

/// Changes the record of a group.
pub(super) async fn change(
    services: &Services,
    name: &str,
    change: impl FnOnce(&mut Group) -> Result<(), AwsError> + Send + 'static,
) -> Result<Value, AwsError> {
    let name = name.to_owned();
    let write = services.store.write(move |transaction| {
        let mut groups = transaction.open_table(store::LOG_GROUPS)?;
        let mut group: Group = store::get(&*groups, &name)?.ok_or_else(super::no_group)?;
        change(&mut group)?;
        store::put(&mut groups, &name, &group)
    });
    write.await?;
    Ok(json!({}))
}
