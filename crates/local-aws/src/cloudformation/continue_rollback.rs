//! ContinueUpdateRollback and RollbackStack.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::create_stack::operation;
use super::ledger;
use super::status::Status;
use super::tokens;
use super::validation;
use crate::access_keys::Caller;
use crate::error::AwsError;
use crate::services::Services;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ContinueUpdateRollback {
    stack_name: String,
    #[serde(rename = "RoleARN")]
    role_arn: Option<String>,
    resources_to_skip: Option<Vec<String>>,
    client_request_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RollbackStack {
    stack_name: String,
    #[serde(rename = "RoleARN")]
    role_arn: Option<String>,
    client_request_token: Option<String>,
    retain_except_on_create: Option<bool>,
}

/// Tries again to undo an update.
pub(super) async fn run(
    services: &Arc<Services>,
    caller: &Caller,
    input: ContinueUpdateRollback,
) -> Result<Value, AwsError> {
    let stack = ledger::stack(&services.store, &input.stack_name)?;
    let token = input.client_request_token.as_deref();
    if tokens::used(&stack, token, "ContinueUpdateRollback")?.is_some() {
        return Ok(json!({}));
    }
    let skipped = input.resources_to_skip.unwrap_or_default();
    let resources = ledger::resources(&services.store, &stack.id)?;
    for id in &skipped {
        let resource = resources.get(id);
        if resource.is_none_or(|resource| resource.status != Status::UpdateFailed) {
            return Err(validation(format!(
                "ResourcesToSkip can only contain resources in the UPDATE_FAILED state: [{id}] is \
                 not one of stack [{}]",
                stack.name
            )));
        }
    }
    let (caller, id) = (caller.clone(), stack.id.clone());
    ledger::write(services, &id, move |entry| {
        let stack = entry.change();
        if stack.status != Status::UpdateRollbackFailed {
            return Err(validation(format!(
                "Stack:{} is in {} state and can not continue rolling back an update.",
                stack.id, stack.status
            ))
            .into());
        }
        stack.operation = operation("CONTINUE_ROLLBACK", input.client_request_token);
        stack.caller = caller;
        stack.skipped = skipped;
        if let (Some(role), Some(definition)) = (input.role_arn, &mut stack.definition) {
            definition.role_arn = Some(role);
        }
        tokens::remember(stack, "ContinueUpdateRollback");
        entry.enter(Status::UpdateRollbackInProgress, Some("User Initiated"))
    })
    .await?;
    services.stacks.start(services, &id);
    Ok(json!({}))
}

/// Undoes what failed and was left as it was.
pub(super) async fn roll_back(
    services: &Arc<Services>,
    caller: &Caller,
    input: RollbackStack,
) -> Result<Value, AwsError> {
    let stack = ledger::stack(&services.store, &input.stack_name)?;
    let token = input.client_request_token.as_deref();
    if let Some(used) = tokens::used(&stack, token, "RollbackStack")? {
        return Ok(json!({ "StackId": stack.id, "OperationId": used.operation_id }));
    }
    let (caller, id) = (caller.clone(), stack.id.clone());
    let operation_id = ledger::write(services, &id, move |entry| {
        let stack = entry.change();
        let next = match stack.status {
            Status::CreateFailed => Status::RollbackInProgress,
            Status::UpdateFailed => Status::UpdateRollbackInProgress,
            status => {
                return Err(validation(format!(
                    "Stack:{} is in {status} state and can not be rolled back.",
                    stack.id
                ))
                .into());
            }
        };
        stack.operation = operation("ROLLBACK", input.client_request_token);
        stack.caller = caller;
        stack.retain_except_on_create = input.retain_except_on_create.unwrap_or_default();
        if let (Some(role), Some(definition)) = (input.role_arn, &mut stack.definition) {
            definition.role_arn = Some(role);
        }
        tokens::remember(stack, "RollbackStack");
        let operation_id = stack.operation.id.clone();
        entry.enter(next, Some("User Initiated"))?;
        Ok(operation_id)
    })
    .await?;
    services.stacks.start(services, &id);
    Ok(json!({ "StackId": id, "OperationId": operation_id }))
}
