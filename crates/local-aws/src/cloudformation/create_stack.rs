//! CreateStack.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::definition::Given;
use super::definition::Owner;
use super::ledger;
use super::record::Definition;
use super::record::OnFailure;
use super::record::Operation;
use super::record::Stack;
use super::stack_policy;
use super::status::Status;
use super::tokens;
use super::validation;
use crate::access_keys::Caller;
use crate::error::AwsError;
use crate::services::Services;
use crate::timestamp::EpochSeconds;

/// The longest name of a stack.
const LONGEST_NAME: usize = 128;

const PATTERN: &str = "[a-zA-Z][-a-zA-Z0-9]*";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateStack {
    stack_name: String,
    #[serde(flatten)]
    given: Given,
    disable_rollback: Option<bool>,
    on_failure: Option<OnFailure>,
    timeout_in_minutes: Option<i64>,
    client_request_token: Option<String>,
    enable_termination_protection: Option<bool>,
    retain_except_on_create: Option<bool>,
    stack_policy_body: Option<String>,
    #[serde(rename = "StackPolicyURL")]
    stack_policy_url: Option<String>,
}

/// Writes a stack down and begins to make it.
pub(super) async fn run(
    services: &Arc<Services>,
    caller: &Caller,
    input: CreateStack,
) -> Result<Value, AwsError> {
    let name = input.stack_name.as_str();
    check_name(name)?;
    let token = input.client_request_token.as_deref();
    if let Some(known) = ledger::find(&services.store, name)? {
        return match tokens::used(&known, token, "CreateStack")? {
            Some(used) => Ok(json!({ "StackId": known.id, "OperationId": used.operation_id })),
            None => Err(ledger::already_exists(name)),
        };
    }
    let on_failure = match (input.disable_rollback, input.on_failure) {
        (Some(_), Some(_)) => {
            return Err(validation(
                "You cannot specify both DisableRollback and OnFailure parameters",
            ));
        }
        (Some(true), None) => OnFailure::DoNothing,
        (_, None) => OnFailure::Rollback,
        (None, Some(on_failure)) => on_failure,
    };
    let id = new_id(services, name);
    let owner = Owner {
        services,
        caller,
        stack_name: name,
        stack_id: &id,
    };
    let definition = input.given.checked(&owner, None).await?;
    let policy = stack_policy::given(
        services,
        input.stack_policy_body,
        input.stack_policy_url.as_deref(),
    )
    .await?;
    let mut stack = new(caller, name, id, "CREATE_STACK", Some(definition));
    stack.status = Status::CreateInProgress;
    stack.on_failure = on_failure;
    stack.policy = policy;
    stack.retain_except_on_create = input.retain_except_on_create.unwrap_or_default();
    stack.timeout_in_minutes = input.timeout_in_minutes;
    stack.termination_protection = input.enable_termination_protection.unwrap_or_default();
    stack.operation.token = input.client_request_token;
    tokens::remember(&mut stack, "CreateStack");
    let answer = json!({ "StackId": stack.id, "OperationId": stack.operation.id });
    let id = stack.id.clone();
    ledger::add(services, stack).await?;
    services.stacks.start(services, &id);
    Ok(answer)
}

/// An ARN for a new stack.
pub(super) fn new_id(services: &Services, name: &str) -> String {
    let uuid = Uuid::new_v4().to_string();
    services.account.cloudformation_arn("stack", name, &uuid)
}

/// A stack that nothing has been done with yet.
pub(super) fn new(
    caller: &Caller,
    name: &str,
    id: String,
    kind: &str,
    definition: Option<Definition>,
) -> Stack {
    Stack {
        id,
        name: name.to_owned(),
        created: EpochSeconds::now(),
        updated: None,
        deleted: None,
        status: Status::ReviewInProgress,
        reason: Some("User Initiated".to_owned()),
        definition,
        previous: None,
        caller: caller.clone(),
        operation: operation(kind, None),
        on_failure: OnFailure::Rollback,
        retain_except_on_create: false,
        timeout_in_minutes: None,
        termination_protection: false,
        policy: None,
        policy_during_update: None,
        is_cancelled: false,
        retained: Vec::new(),
        is_forced: false,
        skipped: Vec::new(),
        outputs: Vec::new(),
        imports: Vec::new(),
        change_set_id: None,
        drift: None,
        tokens: Vec::new(),
    }
}

/// An operation that begins now.
pub(super) fn operation(kind: &str, token: Option<String>) -> Operation {
    Operation {
        id: Uuid::new_v4().to_string(),
        kind: kind.to_owned(),
        token,
        started: EpochSeconds::now(),
    }
}

/// Whether a stack may have this name.
///
/// # Errors
///
/// `ValidationError`.
pub(super) fn check_name(name: &str) -> Result<(), AwsError> {
    let refused = |must: String| {
        validation(format!(
            "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy \
             constraint: Member must {must}"
        ))
    };
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let goes_on_well = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !begins_well || !goes_on_well {
        return Err(refused(format!(
            "satisfy regular expression pattern: {PATTERN}"
        )));
    }
    if name.len() > LONGEST_NAME {
        return Err(refused(format!(
            "have length less than or equal to {LONGEST_NAME}"
        )));
    }
    Ok(())
}
