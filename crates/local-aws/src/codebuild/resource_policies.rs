//! PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: for projects and report groups.
//!
//! A policy is kept and shown. It allows nothing here: there is one account.

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::projects;
use super::report_groups;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutResourcePolicyInput {
    policy: String,
    resource_arn: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceArn {
    resource_arn: String,
}

/// What a policy may belong to, by its name.
enum Resource<'a> {
    Project(&'a str),
    ReportGroup(&'a str),
}

/// PutResourcePolicy.
pub(super) async fn put(
    services: &Services,
    input: PutResourcePolicyInput,
) -> Result<Value, AwsError> {
    resource(&input.resource_arn, &services.account)?;
    check_policy(&input.policy, &input.resource_arn)?;
    let account = services.account.clone();
    let arn = services
        .store
        .write(move |transaction| {
            let arn = input.resource_arn;
            check_is_there(transaction, &arn, &account)?;
            transaction
                .open_table(store::RESOURCE_POLICIES)?
                .insert(arn.as_str(), input.policy.as_str())?;
            Ok(arn)
        })
        .await?;
    Ok(json!({ "resourceArn": arn }))
}

/// GetResourcePolicy.
pub(super) fn get(services: &Services, input: &ResourceArn) -> Result<Value, AwsError> {
    let arn = input.resource_arn.as_str();
    resource(arn, &services.account)?;
    let policy = services.store.read(|transaction| {
        let policies = transaction.open_table(store::RESOURCE_POLICIES)?;
        Ok(policies.get(arn)?.map(|policy| policy.value().to_owned()))
    })?;
    match policy {
        Some(policy) => Ok(json!({ "policy": policy })),
        None => Err(AwsError::not_found(format!(
            "Resource policy cannot be found: {arn}"
        ))),
    }
}

/// DeleteResourcePolicy. A policy that does not exist is no error.
pub(super) async fn delete(services: &Services, input: ResourceArn) -> Result<Value, AwsError> {
    resource(&input.resource_arn, &services.account)?;
    services
        .store
        .write(move |transaction| {
            transaction
                .open_table(store::RESOURCE_POLICIES)?
                .remove(input.resource_arn.as_str())?;
            Ok(())
        })
        .await?;
    Ok(json!({}))
}

/// The resource that an ARN names. One of another account has no name here.
fn resource<'a>(arn: &'a str, account: &Account) -> Result<Resource<'a>, AwsError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    if let ["arn", _, "codebuild", region, owner, rest] = parts[..] {
        let is_own = region == account.region && owner == account.id;
        let own = |name| if is_own { name } else { "" };
        if let Some(name) = rest.strip_prefix("project/") {
            return Ok(Resource::Project(own(name)));
        }
        if let Some(name) = rest.strip_prefix("report-group/") {
            return Ok(Resource::ReportGroup(own(name)));
        }
    }
    Err(AwsError::invalid_input(
        "Invalid resource ARN: it must be the ARN of a project or of a report group",
    ))
}

fn check_is_there(transaction: &Write<'_>, arn: &str, account: &Account) -> Result<(), StoreError> {
    let (table, name) = match resource(arn, account)? {
        Resource::Project(name) => (store::PROJECTS, name),
        Resource::ReportGroup(name) => (store::REPORT_GROUPS, name),
    };
    if transaction.open_table(table)?.get(name)?.is_some() {
        return Ok(());
    }
    Err(match resource(arn, account)? {
        Resource::Project(_) => projects::not_found_arn(arn),
        Resource::ReportGroup(_) => report_groups::not_found(arn),
    }
    .into())
}

/// Checks the policy's language: what it allows to whom is not looked at.
fn check_policy(policy: &str, arn: &str) -> Result<(), AwsError> {
    let invalid =
        |reason: &str| AwsError::invalid_input(format!("Invalid resource policy: {reason}"));
    let Ok(Value::Object(policy)) = serde_json::from_str(policy) else {
        return Err(invalid("it must be a JSON object"));
    };
    let version = policy.get("Version");
    if version.is_some_and(|version| *version != "2012-10-17" && *version != "2008-10-17") {
        return Err(invalid("Version must be 2012-10-17 or 2008-10-17"));
    }
    let statements: &[Value] = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements,
        Some(statement @ Value::Object(_)) => std::slice::from_ref(statement),
        _ => &[],
    };
    if statements.is_empty() {
        return Err(invalid("it must have a Statement"));
    }
    for statement in statements {
        let effect = statement.get("Effect").and_then(Value::as_str);
        if !matches!(effect, Some("Allow" | "Deny")) {
            return Err(invalid("the Effect of a statement must be Allow or Deny"));
        }
        let has_principal = statement.get("Principal").is_some_and(|principal| {
            *principal == "*" || principal.as_object().is_some_and(|them| !them.is_empty())
        });
        if !has_principal {
            return Err(invalid("each statement must have a Principal"));
        }
        let actions = texts(statement.get("Action"));
        let is_action = |action: &&str| *action == "*" || action.starts_with("codebuild:");
        if actions.is_empty() || !actions.iter().all(is_action) {
            return Err(invalid(
                "the Action of each statement must name actions of codebuild",
            ));
        }
        let resources = texts(statement.get("Resource"));
        if resources.is_empty() || !resources.iter().all(|named| *named == arn || *named == "*") {
            return Err(invalid(
                "the Resource of each statement must be the resource's ARN",
            ));
        }
    }
    Ok(())
}

/// A text or a list of texts. Empty if there is anything else in it.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(elements)) => {
            let all: Option<Vec<&str>> = elements.iter().map(Value::as_str).collect();
            all.unwrap_or_default()
        }
        _ => Vec::new(),
    }
}
