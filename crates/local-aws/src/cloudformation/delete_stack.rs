//! DeleteStack and UpdateTerminationProtection.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::create_stack::operation;
use super::exports::Shared;
use super::ledger;
use super::record::Stack;
use super::status::Status;
use super::tokens;
use super::validation;
use crate::access_keys::Caller;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteStack {
    stack_name: String,
    retain_resources: Option<Vec<String>>,
    #[serde(rename = "RoleARN")]
    role_arn: Option<String>,
    client_request_token: Option<String>,
    deletion_mode: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateTerminationProtection {
    stack_name: String,
    enable_termination_protection: bool,
}

/// Begins to delete. It is fine if there is no such stack.
pub(super) async fn run(
    services: &Arc<Services>,
    caller: &Caller,
    input: DeleteStack,
) -> Result<Value, AwsError> {
    let Some(stack) = ledger::find(&services.store, &input.stack_name)? else {
        return Ok(json!({}));
    };
    let token = input.client_request_token.as_deref();
    let was_used = tokens::used(&stack, token, "DeleteStack")?.is_some();
    let is_over = matches!(
        stack.status,
        Status::DeleteInProgress | Status::DeleteComplete
    );
    if was_used || is_over {
        return Ok(json!({}));
    }
    let is_forced = input.deletion_mode.as_deref() == Some("FORCE_DELETE_STACK");
    let retained = input.retain_resources.unwrap_or_default();
    check(services, &stack, &retained, is_forced)?;
    let (caller, id) = (caller.clone(), stack.id.clone());
    let begins = ledger::write(services, &id, move |entry| {
        let shared = Shared::read(&*entry.write.open_table(store::STACKS)?)?;
        if let Some(objection) = shared.objection(entry.stack(), &BTreeMap::new()) {
            // The stack keeps its status, and an event says why.
            let status = entry.stack().status;
            entry.enter(status, Some(&objection))?;
            return Ok(false);
        }
        let stack = entry.change();
        stack.operation = operation("DELETE_STACK", input.client_request_token);
        stack.caller = caller;
        stack.retained = retained;
        stack.is_forced = is_forced;
        if let (Some(role), Some(definition)) = (input.role_arn, &mut stack.definition) {
            definition.role_arn = Some(role);
        }
        tokens::remember(stack, "DeleteStack");
        entry.enter(Status::DeleteInProgress, Some("User Initiated"))?;
        Ok(true)
    })
    .await?;
    if begins {
        services.stacks.start(services, &id);
    }
    Ok(json!({}))
}

fn check(
    services: &Services,
    stack: &Stack,
    retained: &[String],
    is_forced: bool,
) -> Result<(), AwsError> {
    if stack.termination_protection {
        return Err(validation(format!(
            "Stack [{}] cannot be deleted while TerminationProtection is enabled",
            stack.name
        )));
    }
    let can_be_overtaken = matches!(
        stack.status,
        Status::CreateInProgress | Status::RollbackInProgress
    );
    if stack.status.is_at_work() && !can_be_overtaken {
        return Err(validation(format!(
            "Stack [{}] cannot be deleted while in status {}",
            stack.name, stack.status
        )));
    }
    let has_failed = stack.status == Status::DeleteFailed;
    if is_forced && !has_failed {
        return Err(validation(format!(
            "Stack [{}] is in {} state. FORCE_DELETE_STACK is for stacks in DELETE_FAILED state.",
            stack.name, stack.status
        )));
    }
    if retained.is_empty() {
        return Ok(());
    }
    if !has_failed {
        return Err(validation(format!(
            "Invalid operation on stack [{}]. Resources can only be retained if the stack is in \
             the DELETE_FAILED state.",
            stack.id
        )));
    }
    let resources = ledger::resources(&services.store, &stack.id)?;
    for id in retained {
        let status = resources.get(id).map(|resource| resource.status);
        match status {
            None => {
                return Err(validation(format!(
                    "The specified resources to retain must exist in the stack: [{id}]"
                )));
            }
            Some(Status::DeleteComplete | Status::DeleteSkipped) => {
                return Err(validation(
                    "The specified resources to retain must be in a valid state. Do not specify \
                     resources that are in the DELETE_COMPLETE state.",
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// UpdateTerminationProtection.
pub(super) async fn protect(
    services: &Services,
    input: UpdateTerminationProtection,
) -> Result<Value, AwsError> {
    let stack = ledger::stack(&services.store, &input.stack_name)?;
    if stack.deleted.is_some() {
        return Err(ledger::no_stack(&input.stack_name));
    }
    ledger::write(services, &stack.id, move |entry| {
        entry.change().termination_protection = input.enable_termination_protection;
        Ok(json!({ "StackId": entry.stack().id }))
    })
    .await
}
