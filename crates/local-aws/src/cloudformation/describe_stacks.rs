//! DescribeStacks, ListStacks, DescribeStackEvents.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::ledger;
use super::paging;
use super::record::Definition;
use super::record::OnFailure;
use super::record::Stack;
use super::status::Status;
use super::templates;
use super::validation;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeStacks {
    pub(super) stack_name: Option<String>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListStacks {
    next_token: Option<String>,
    stack_status_filter: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeStackEvents {
    stack_name: String,
    next_token: Option<String>,
}

/// DescribeStacks. A stack that is deleted is found by its id only.
pub(super) fn describe(services: &Services, input: &DescribeStacks) -> Result<Value, AwsError> {
    if let Some(name) = input.stack_name.as_deref().filter(|name| !name.is_empty()) {
        let stack = ledger::stack(&services.store, name)?;
        return Ok(json!({ "Stacks": [shown(&stack)] }));
    }
    let stacks = ledger::stacks(&services.store)?.into_iter();
    let items = stacks
        .filter(|stack| stack.status != Status::DeleteComplete)
        .map(|stack| (stack.id.clone(), shown(&stack)));
    let token = input.next_token.as_deref();
    paging::page(
        services,
        "DescribeStacks",
        token,
        paging::ITEMS,
        "Stacks",
        items.collect(),
    )
}

/// ListStacks, with those that are deleted.
pub(super) fn list(services: &Services, input: &ListStacks) -> Result<Value, AwsError> {
    let filter = input.stack_status_filter.as_deref().unwrap_or_default();
    let is_asked_for = |stack: &Stack| {
        filter.is_empty() || filter.iter().any(|status| status == stack.status.as_str())
    };
    let stacks = ledger::stacks(&services.store)?.into_iter();
    let items = stacks.filter(is_asked_for).map(|stack| {
        let mut summary = common(&stack);
        if let Some(description) = description(&stack) {
            summary["TemplateDescription"] = description.into();
        }
        (stack.id, summary)
    });
    let list = format!("ListStacks {}", filter.join(","));
    let token = input.next_token.as_deref();
    paging::page(
        services,
        &list,
        token,
        paging::ITEMS,
        "StackSummaries",
        items.collect(),
    )
}

/// DescribeStackEvents, the newest first.
pub(super) fn events(services: &Services, input: &DescribeStackEvents) -> Result<Value, AwsError> {
    let missing = || validation(format!("Stack [{}] does not exist", input.stack_name));
    let stack = ledger::find(&services.store, &input.stack_name)?.ok_or_else(missing)?;
    let list = format!("DescribeStackEvents {}", stack.id);
    let before = match &input.next_token {
        Some(token) => paging::open(services, &list, token)?.parse().unwrap_or(0),
        None => u64::MAX,
    };
    let events = ledger::events(&services.store, &stack.id, before, paging::ITEMS + 1)?;
    let mut output = json!({});
    if events.len() > paging::ITEMS
        && let Some((number, _)) = events.get(paging::ITEMS - 1)
    {
        output["NextToken"] = services.tokens.seal(&list, &number.to_string()).into();
    }
    let shown = events.into_iter().take(paging::ITEMS);
    output["StackEvents"] = shown.map(|(_, event)| event).collect();
    Ok(output)
}

/// The members that a stack has in every list.
fn common(stack: &Stack) -> Value {
    let mut drift = json!({ "StackDriftStatus": "NOT_CHECKED" });
    if let Some((status, checked)) = &stack.drift {
        drift = json!({ "StackDriftStatus": status, "LastCheckTimestamp": checked });
    }
    let mut shown = json!({
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": stack.created,
        "StackStatus": stack.status,
        "DriftInformation": drift,
        "LastOperations": [{
            "OperationType": stack.operation.kind,
            "OperationId": stack.operation.id,
        }],
    });
    for (member, time) in [
        ("LastUpdatedTime", stack.updated),
        ("DeletionTime", stack.deleted),
    ] {
        if let Some(time) = time {
            shown[member] = json!(time);
        }
    }
    if let Some(reason) = &stack.reason {
        shown["StackStatusReason"] = reason.as_str().into();
    }
    shown
}

fn shown(stack: &Stack) -> Value {
    let mut shown = common(stack);
    shown["DisableRollback"] = (stack.on_failure == OnFailure::DoNothing).into();
    shown["EnableTerminationProtection"] = stack.termination_protection.into();
    shown["RollbackConfiguration"] = json!({});
    if let Some(minutes) = stack.timeout_in_minutes {
        shown["TimeoutInMinutes"] = minutes.into();
    }
    if let Some(id) = &stack.change_set_id {
        shown["ChangeSetId"] = id.as_str().into();
    }
    if stack.retain_except_on_create {
        shown["RetainExceptOnCreate"] = true.into();
    }
    if let Some(description) = description(stack) {
        shown["Description"] = description.into();
    }
    let Some(definition) = &stack.definition else {
        shown["Tags"] = json!([]);
        shown["NotificationARNs"] = json!([]);
        return shown;
    };
    shown["Tags"] = tags(definition);
    shown["NotificationARNs"] = json!(definition.notification_arns);
    if let Some(role) = &definition.role_arn {
        shown["RoleARN"] = role.as_str().into();
    }
    if !definition.parameters.is_empty() {
        shown["Parameters"] = parameters(definition);
    }
    if !definition.capabilities.is_empty() {
        shown["Capabilities"] = json!(definition.capabilities);
    }
    if !stack.outputs.is_empty() {
        let outputs = stack.outputs.iter().map(|output| {
            let mut shown = json!({ "OutputKey": output.name, "OutputValue": output.value });
            for (member, value) in [
                ("Description", &output.description),
                ("ExportName", &output.export_name),
            ] {
                if let Some(value) = value {
                    shown[member] = value.as_str().into();
                }
            }
            shown
        });
        shown["Outputs"] = outputs.collect();
    }
    shown
}

fn description(stack: &Stack) -> Option<String> {
    templates::description(&stack.definition.as_ref()?.template)
}

/// The parameters of a definition as answers show them.
pub(super) fn parameters(definition: &Definition) -> Value {
    let parameters = definition.parameters.iter().map(|parameter| {
        let value = if parameter.no_echo {
            "****"
        } else {
            &parameter.value
        };
        let mut shown = json!({ "ParameterKey": parameter.key, "ParameterValue": value });
        if let Some(resolved) = &parameter.resolved {
            shown["ResolvedValue"] = if parameter.no_echo { "****" } else { resolved }.into();
        }
        shown
    });
    parameters.collect()
}

/// The tags of a definition as answers show them.
pub(super) fn tags(definition: &Definition) -> Value {
    let tags = definition.tags.iter();
    tags.map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}
