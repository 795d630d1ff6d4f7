//! CreateChangeSet, ExecuteChangeSet, DeleteChangeSet.

use std::sync::Arc;

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::create_stack;
use super::definition::Given;
use super::definition::Owner;
use super::ledger;
use super::ledger::Entry;
use super::record::ChangeSet;
use super::record::OnFailure;
use super::record::Stack;
use super::status::Status;
use super::tokens;
use super::update_stack;
use super::update_stack::Update;
use super::validation;
use crate::access_keys::Caller;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::Store;
use crate::store::StoreError;
use crate::timestamp::EpochSeconds;

/// `aws cloudformation deploy` looks for this sentence.
const NO_CHANGES: &str = "The submitted information didn't contain changes. Submit different \
                          information to create a change set.";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateChangeSet {
    stack_name: String,
    #[serde(flatten)]
    given: Given,
    change_set_name: String,
    client_token: Option<String>,
    description: Option<String>,
    change_set_type: Option<String>,
    resources_to_import: Option<Vec<Value>>,
    include_nested_stacks: Option<bool>,
    on_stack_failure: Option<OnFailure>,
    import_existing_resources: Option<bool>,
    deployment_mode: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    change_set_name: String,
    stack_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ExecuteChangeSet {
    #[serde(flatten)]
    named: Named,
    client_request_token: Option<String>,
    disable_rollback: Option<bool>,
    retain_except_on_create: Option<bool>,
}

impl CreateChangeSet {
    fn refuse_unsupported(&self) -> Result<(), AwsError> {
        let is_import = self.change_set_type.as_deref() == Some("IMPORT")
            || self
                .resources_to_import
                .as_ref()
                .is_some_and(|list| !list.is_empty())
            || self.import_existing_resources == Some(true);
        let nested = self.include_nested_stacks == Some(true);
        for (is_asked, what) in [
            (is_import, "The import of resources"),
            (nested, "IncludeNestedStacks"),
            (self.deployment_mode.is_some(), "DeploymentMode"),
        ] {
            if is_asked {
                return Err(validation(format!(
                    "{what} is not supported by the local AWS. Leave it out, or use AWS."
                )));
            }
        }
        Ok(())
    }
}

/// Writes down what an update or a creation would do.
pub(super) async fn create(
    services: &Arc<Services>,
    caller: &Caller,
    input: CreateChangeSet,
) -> Result<Value, AwsError> {
    input.refuse_unsupported()?;
    let is_creation = input.change_set_type.as_deref() == Some("CREATE");
    let known = ledger::find(&services.store, &input.stack_name)?;
    let stack = match (known, is_creation) {
        (Some(stack), true) if stack.status != Status::ReviewInProgress => {
            return Err(validation(format!(
                "Stack [{}] already exists and cannot be created again with the changeSet [{}].",
                stack.name, input.change_set_name
            )));
        }
        (Some(stack), true) => stack,
        (Some(stack), false) => {
            update_stack::check_updatable(&stack)?;
            stack
        }
        (None, true) => {
            create_stack::check_name(&input.stack_name)?;
            let id = create_stack::new_id(services, &input.stack_name);
            create_stack::new(caller, &input.stack_name, id, "CREATE_CHANGESET", None)
        }
        (None, false) => {
            return Err(validation(format!(
                "Stack [{}] does not exist",
                input.stack_name
            )));
        }
    };
    let name = input.change_set_name.as_str();
    let existing = of_stack(&services.store, &stack.id)?;
    let existing = existing
        .into_iter()
        .find(|set| set.name == name && is_open(set));
    if let Some(existing) = existing {
        if input.client_token.is_some() && existing.token == input.client_token {
            return Ok(json!({ "Id": existing.id, "StackId": existing.stack_id }));
        }
        return Err(AwsError::new(
            "AlreadyExistsException",
            format!("ChangeSet {name} already exists"),
        ));
    }
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
    let plan = update_stack::plan(services, &stack, &definition)?;
    let has_changes = is_creation || !plan.is_empty();
    let uuid = Uuid::new_v4().to_string();
    let set = ChangeSet {
        id: services
            .account
            .cloudformation_arn("changeSet", name, &uuid),
        name: name.to_owned(),
        stack_id: stack.id.clone(),
        stack_name: stack.name.clone(),
        created: EpochSeconds::now(),
        description: input.description,
        status: if has_changes {
            "CREATE_COMPLETE"
        } else {
            "FAILED"
        }
        .to_owned(),
        reason: (!has_changes).then(|| NO_CHANGES.to_owned()),
        execution: if has_changes {
            "AVAILABLE"
        } else {
            "UNAVAILABLE"
        }
        .to_owned(),
        definition,
        on_failure: input.on_stack_failure,
        changes: plan.changes,
        token: input.client_token,
    };
    let answer = json!({ "Id": set.id, "StackId": set.stack_id });
    if ledger::find(&services.store, &stack.id)?.is_none() {
        ledger::add(services, stack).await?;
    }
    ledger::write(services, &set.stack_id.clone(), move |entry| {
        put(entry, &set)
    })
    .await?;
    Ok(answer)
}

/// Begins to do what a change set says. The stack's other change sets are of no use any more.
pub(super) async fn execute(
    services: &Arc<Services>,
    caller: &Caller,
    input: ExecuteChangeSet,
) -> Result<Value, AwsError> {
    let set = find(&services.store, &input.named)?;
    let stack = ledger::stack(&services.store, &set.stack_id)?;
    let token = input.client_request_token.as_deref();
    if tokens::used(&stack, token, "ExecuteChangeSet")?.is_some() {
        return Ok(json!({}));
    }
    if set.execution != "AVAILABLE" {
        let status = match set.execution.as_str() {
            "UNAVAILABLE" => &set.status,
            execution => execution,
        };
        return Err(AwsError::new(
            "InvalidChangeSetStatus",
            format!(
                "ChangeSet [{}] cannot be executed in its current status of [{status}]",
                set.id
            ),
        ));
    }
    if set.on_failure.is_some() && input.disable_rollback.is_some() {
        return Err(validation(
            "You cannot specify DisableRollback for a change set with OnStackFailure",
        ));
    }
    let on_failure = match input.disable_rollback {
        Some(true) => OnFailure::DoNothing,
        _ => set.on_failure.unwrap_or_default(),
    };
    let caller = caller.clone();
    let id = stack.id.clone();
    ledger::write(services, &id, move |entry| {
        let retain_except_on_create = input.retain_except_on_create.unwrap_or_default();
        if entry.stack().status == Status::ReviewInProgress {
            let stack = entry.change();
            stack.definition = Some(set.definition.clone());
            stack.caller = caller;
            stack.operation = create_stack::operation("CREATE_STACK", input.client_request_token);
            stack.on_failure = on_failure;
            stack.retain_except_on_create = retain_except_on_create;
            tokens::remember(stack, "ExecuteChangeSet");
            entry.enter(Status::CreateInProgress, Some("User Initiated"))?;
        } else {
            update_stack::check_updatable(entry.stack())?;
            Update {
                definition: set.definition.clone(),
                caller,
                on_failure,
                retain_except_on_create,
                token: input.client_request_token,
                action: "ExecuteChangeSet",
            }
            .begin(entry)?;
        }
        entry.change().change_set_id = Some(set.id.clone());
        forget_others(entry)?;
        let mut executed = set;
        executed.execution = "EXECUTE_COMPLETE".to_owned();
        put(entry, &executed)
    })
    .await?;
    services.stacks.start(services, &id);
    Ok(json!({}))
}

/// DeleteChangeSet. It is fine if there is no such change set.
pub(super) async fn delete(services: &Services, input: Named) -> Result<Value, AwsError> {
    let set = match find(&services.store, &input) {
        Err(error) if error.code == "ChangeSetNotFound" => return Ok(json!({})),
        other => other?,
    };
    ledger::write(services, &set.stack_id.clone(), move |entry| {
        let mut table = entry.write.open_table(store::CHANGE_SETS)?;
        table.remove((set.stack_id.as_str(), set.id.as_str()))?;
        Ok(())
    })
    .await?;
    Ok(json!({}))
}

/// The change sets of a stack, the newest first.
pub(super) fn of_stack(store: &Store, id: &str) -> Result<Vec<ChangeSet>, AwsError> {
    let mut sets: Vec<ChangeSet> = store.read(|transaction| {
        let table = transaction.open_table(store::CHANGE_SETS)?;
        let mut sets = Vec::new();
        for entry in table.range((id, "")..)? {
            let (key, value) = entry?;
            if key.value().0 != id {
                break;
            }
            sets.push(serde_json::from_slice(value.value())?);
        }
        Ok(sets)
    })?;
    sets.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
    Ok(sets)
}

/// Whether a change set was not executed.
pub(super) fn is_open(set: &ChangeSet) -> bool {
    set.execution != "EXECUTE_COMPLETE"
}

impl Named {
    pub(super) const fn new(change_set_name: String, stack_name: Option<String>) -> Self {
        Self {
            change_set_name,
            stack_name,
        }
    }
}

/// A change set by its id, or by its name and its stack.
///
/// # Errors
///
/// `ValidationError`, `ChangeSetNotFound`.
pub(super) fn find(store: &Store, named: &Named) -> Result<ChangeSet, AwsError> {
    let name = named.change_set_name.as_str();
    let not_found = || {
        AwsError::new(
            "ChangeSetNotFound",
            format!("ChangeSet [{name}] does not exist"),
        )
    };
    let is_id = name.starts_with("arn:");
    let stacks: Vec<Stack> = match (&named.stack_name, is_id) {
        (Some(stack), _) => {
            let found = ledger::find(store, stack)?;
            found.into_iter().collect()
        }
        (None, true) => ledger::stacks(store)?,
        (None, false) => {
            return Err(validation(
                "StackName must be specified if ChangeSetName is not specified as an ARN.",
            ));
        }
    };
    if let (Some(stack), true) = (&named.stack_name, stacks.is_empty())
        && !is_id
    {
        return Err(validation(format!("Stack [{stack}] does not exist")));
    }
    for stack in stacks {
        let sets = of_stack(store, &stack.id)?;
        let found = sets.into_iter().find(|set| {
            if is_id {
                set.id == name
            } else {
                set.name == name
            }
        });
        if let Some(found) = found {
            return Ok(found);
        }
    }
    Err(not_found())
}

fn put(entry: &Entry<'_, '_>, set: &ChangeSet) -> Result<(), StoreError> {
    let mut table = entry.write.open_table(store::CHANGE_SETS)?;
    let key = (set.stack_id.as_str(), set.id.as_str());
    table.insert(key, serde_json::to_vec(set)?.as_slice())?;
    Ok(())
}

/// Change sets that compare with what is not there any more.
pub(super) fn outdate(entry: &Entry<'_, '_>) -> Result<(), StoreError> {
    let id = entry.stack().id.as_str();
    let mut open = Vec::new();
    let table = entry.write.open_table(store::CHANGE_SETS)?;
    for set in table.range((id, "")..)? {
        let (key, value) = set?;
        if key.value().0 != id {
            break;
        }
        let set: ChangeSet = serde_json::from_slice(value.value())?;
        if set.execution == "AVAILABLE" {
            open.push(set);
        }
    }
    drop(table);
    for mut set in open {
        set.execution = "OBSOLETE".to_owned();
        put(entry, &set)?;
    }
    Ok(())
}

/// Removes the change sets of a stack.
pub(super) fn forget_others(entry: &Entry<'_, '_>) -> Result<(), StoreError> {
    let id = entry.stack().id.as_str();
    let mut table = entry.write.open_table(store::CHANGE_SETS)?;
    let mut sets = Vec::new();
    for set in table.range((id, "")..)? {
        let key = set?.0;
        let (stack, set) = key.value();
        if stack != id {
            break;
        }
        sets.push(set.to_owned());
    }
    for set in sets {
        table.remove((id, set.as_str()))?;
    }
    Ok(())
}
