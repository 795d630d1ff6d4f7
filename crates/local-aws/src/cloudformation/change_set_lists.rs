//! DescribeChangeSet and ListChangeSets.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::change_sets;
use super::change_sets::Named;
use super::describe_stacks;
use super::ledger;
use super::paging;
use super::record::ChangeSet;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeChangeSet {
    #[serde(flatten)]
    named: Named,
    next_token: Option<String>,
    include_property_values: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListChangeSets {
    stack_name: String,
    next_token: Option<String>,
}

/// DescribeChangeSet.
pub(super) fn describe(services: &Services, input: &DescribeChangeSet) -> Result<Value, AwsError> {
    let set = change_sets::find(&services.store, &input.named)?;
    let with_values = input.include_property_values.unwrap_or_default();
    let items = set.changes.iter().enumerate().map(|(number, change)| {
        let mut change = change.clone();
        if !with_values {
            without_values(&mut change);
        }
        (number.to_string(), change)
    });
    let list = format!("DescribeChangeSet {}", set.id);
    let token = input.next_token.as_deref();
    let mut output = paging::page(
        services,
        &list,
        token,
        paging::ITEMS,
        "Changes",
        items.collect(),
    )?;
    output["Capabilities"] = json!(set.definition.capabilities);
    output["Parameters"] = describe_stacks::parameters(&set.definition);
    output["Tags"] = describe_stacks::tags(&set.definition);
    output["NotificationARNs"] = json!(set.definition.notification_arns);
    output["RollbackConfiguration"] = json!({});
    output["IncludeNestedStacks"] = false.into();
    if let Some(on_failure) = set.on_failure {
        output["OnStackFailure"] = serde_json::to_value(on_failure).map_err(AwsError::storage)?;
    }
    if let (Some(to), Some(from)) = (output.as_object_mut(), summary(&set).as_object()) {
        to.extend(from.clone());
    }
    Ok(output)
}

/// What is shown only on demand.
fn without_values(change: &mut Value) {
    let Some(change) = change["ResourceChange"].as_object_mut() else {
        return;
    };
    change.remove("BeforeContext");
    change.remove("AfterContext");
    let details = change.get_mut("Details").and_then(Value::as_array_mut);
    for detail in details.into_iter().flatten() {
        if let Some(target) = detail["Target"].as_object_mut() {
            for member in ["Path", "BeforeValue", "AfterValue", "AttributeChangeType"] {
                target.remove(member);
            }
        }
    }
}

/// ListChangeSets.
pub(super) fn list(services: &Services, input: &ListChangeSets) -> Result<Value, AwsError> {
    let stack = ledger::stack(&services.store, &input.stack_name)?;
    let sets = change_sets::of_stack(&services.store, &stack.id)?;
    let items = sets.into_iter().filter(change_sets::is_open).map(|set| {
        let mut shown = summary(&set);
        shown["IncludeNestedStacks"] = false.into();
        (set.id, shown)
    });
    let list = format!("ListChangeSets {}", stack.id);
    let token = input.next_token.as_deref();
    paging::page(
        services,
        &list,
        token,
        paging::ITEMS,
        "Summaries",
        items.collect(),
    )
}

fn summary(set: &ChangeSet) -> Value {
    let mut shown = json!({
        "ChangeSetId": set.id,
        "ChangeSetName": set.name,
        "StackId": set.stack_id,
        "StackName": set.stack_name,
        "CreationTime": set.created,
        "Status": set.status,
        "ExecutionStatus": set.execution,
    });
    for (member, value) in [
        ("Description", &set.description),
        ("StatusReason", &set.reason),
    ] {
        if let Some(value) = value {
            shown[member] = value.as_str().into();
        }
    }
    shown
}
