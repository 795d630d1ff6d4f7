//! UpdateStack and CancelUpdateStack.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::change_sets;
use super::changes::Comparison;
use super::changes::Plan;
use super::create_stack::operation;
use super::definition::Given;
use super::definition::Owner;
use super::exports::Shared;
use super::ledger;
use super::ledger::Entry;
use super::record::Definition;
use super::record::OnFailure;
use super::record::Stack;
use super::stack_policy;
use super::status::Status;
use super::tokens;
use super::validation;
use crate::access_keys::Caller;
use crate::error::AwsError;
use crate::services::Services;
use crate::store::StoreError;
use crate::timestamp::EpochSeconds;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateStack {
    stack_name: String,
    #[serde(flatten)]
    given: Given,
    disable_rollback: Option<bool>,
    client_request_token: Option<String>,
    retain_except_on_create: Option<bool>,
    stack_policy_body: Option<String>,
    #[serde(rename = "StackPolicyURL")]
    stack_policy_url: Option<String>,
    stack_policy_during_update_body: Option<String>,
    #[serde(rename = "StackPolicyDuringUpdateURL")]
    stack_policy_during_update_url: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CancelUpdateStack {
    stack_name: String,
    client_request_token: Option<String>,
}

/// Writes the new definition down and begins to update.
pub(super) async fn run(
    services: &Arc<Services>,
    caller: &Caller,
    input: UpdateStack,
) -> Result<Value, AwsError> {
    let stack = ledger::stack(&services.store, &input.stack_name)?;
    let token = input.client_request_token.as_deref();
    if let Some(used) = tokens::used(&stack, token, "UpdateStack")? {
        return Ok(json!({ "StackId": stack.id, "OperationId": used.operation_id }));
    }
    check_updatable(&stack)?;
    let owner = Owner {
        services,
        caller,
        stack_name: &stack.name,
        stack_id: &stack.id,
    };
    let definition = input
        .given
        .checked(&owner, stack.definition.as_ref())
        .await?;
    let body = (input.stack_policy_body, input.stack_policy_url);
    let policy = stack_policy::given(services, body.0, body.1.as_deref()).await?;
    let during = (
        input.stack_policy_during_update_body,
        input.stack_policy_during_update_url,
    );
    let during = stack_policy::given(services, during.0, during.1.as_deref()).await?;
    let is_whole = !matches!(stack.status, Status::CreateFailed | Status::UpdateFailed);
    if is_whole && plan(services, &stack, &definition)?.is_empty() {
        return Err(validation("No updates are to be performed."));
    }
    let on_failure = match input.disable_rollback {
        Some(true) => OnFailure::DoNothing,
        _ => OnFailure::Rollback,
    };
    let update = Update {
        definition,
        caller: caller.clone(),
        on_failure,
        retain_except_on_create: input.retain_except_on_create.unwrap_or_default(),
        token: input.client_request_token,
        action: "UpdateStack",
    };
    let id = stack.id.clone();
    let operation_id = ledger::write(services, &stack.id, move |entry| {
        check_updatable(entry.stack())?;
        if policy.is_some() {
            entry.change().policy = policy;
        }
        entry.change().policy_during_update = during;
        update.begin(entry)
    })
    .await?;
    services.stacks.start(services, &id);
    Ok(json!({ "StackId": id, "OperationId": operation_id }))
}

/// An update that is about to begin.
pub(super) struct Update {
    pub(super) definition: Definition,
    pub(super) caller: Caller,
    pub(super) on_failure: OnFailure,
    pub(super) retain_except_on_create: bool,
    pub(super) token: Option<String>,
    /// The operation that its token belongs to.
    pub(super) action: &'static str,
}

impl Update {
    /// Gives the stack its new definition; the id of the operation.
    pub(super) fn begin(self, entry: &mut Entry<'_, '_>) -> Result<String, StoreError> {
        if entry.stack().status == Status::CreateFailed {
            // What is there counts from now on.
            for mut resource in entry.resources()?.into_values() {
                resource.is_new = false;
                entry.put(&resource)?;
            }
        }
        let stack = entry.change();
        stack.operation = operation("UPDATE_STACK", self.token);
        stack.caller = self.caller;
        let last = stack.definition.replace(self.definition);
        // After a failure without rollback the way back leads further.
        if stack.previous.is_none() {
            stack.previous = last;
        }
        stack.on_failure = self.on_failure;
        stack.retain_except_on_create = self.retain_except_on_create;
        stack.is_cancelled = false;
        stack.drift = None;
        stack.skipped.clear();
        stack.updated = Some(EpochSeconds::now());
        tokens::remember(stack, self.action);
        let id = stack.operation.id.clone();
        change_sets::outdate(entry)?;
        entry.enter(Status::UpdateInProgress, Some("User Initiated"))?;
        Ok(id)
    }
}

/// Whether an update may begin.
pub(super) fn check_updatable(stack: &Stack) -> Result<(), AwsError> {
    if stack.status == Status::ReviewInProgress || stack.deleted.is_some() {
        return Err(ledger::no_stack(&stack.name));
    }
    if stack.status.is_updatable() {
        return Ok(());
    }
    Err(validation(format!(
        "Stack:{} is in {} state and can not be updated.",
        stack.id, stack.status
    )))
}

/// What an update would do.
///
/// # Errors
///
/// `ValidationError` for what cannot be evaluated, and for a resource that gets another type.
pub(super) fn plan(
    services: &Services,
    stack: &Stack,
    definition: &Definition,
) -> Result<Plan, AwsError> {
    let bound = definition.bound(&services.account, &stack.name, &stack.id)?;
    let resources = ledger::resources(&services.store, &stack.id)?;
    let changed: Vec<&str> = bound
        .resources()
        .filter(|declared| {
            let known = resources.get(&declared.logical_id);
            let now = known.and_then(|known| known.now.as_ref());
            now.is_some_and(|now| now.resource_type != declared.resource_type)
        })
        .map(|declared| declared.logical_id.as_str())
        .collect();
    if !changed.is_empty() {
        return Err(validation(format!(
            "Update of resource type is not permitted. The new template modifies resource type of \
             the following resources: [{}]",
            changed.join(", ")
        )));
    }
    Comparison {
        resources: &resources,
        outputs: &stack.outputs,
        old: stack.definition.as_ref(),
        new: definition,
        bound: &bound,
        exports: Shared::of(&services.store)?.values(),
    }
    .plan()
    .map_err(|error| validation(error.to_string()))
}

/// CancelUpdateStack: what has begun is finished, the rest is rolled back.
pub(super) async fn cancel(
    services: &Services,
    input: CancelUpdateStack,
) -> Result<Value, AwsError> {
    let stack = ledger::stack(&services.store, &input.stack_name)?;
    let token = input.client_request_token;
    if tokens::used(&stack, token.as_deref(), "CancelUpdateStack")?.is_some() {
        return Ok(json!({}));
    }
    let id = stack.id;
    ledger::write(services, &id, move |entry| {
        if entry.stack().status != Status::UpdateInProgress {
            return Err(validation(format!(
                "CancelUpdateStack cannot be called from current stack status {}",
                entry.stack().status
            ))
            .into());
        }
        let stack = entry.change();
        stack.is_cancelled = true;
        if token.is_some() {
            stack.operation.token = token;
            tokens::remember(stack, "CancelUpdateStack");
        }
        Ok(())
    })
    .await?;
    services.stacks.tell(&id);
    Ok(json!({}))
}
