//! StartCommandExecution, BatchGetCommandExecutions, ListCommandExecutionsForSandbox.

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::command_execution::CommandExecution;
use super::lists;
use super::lists::PAGE;
use super::lists::Page;
use super::sandbox::Sandbox;
use super::sandboxes;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StartCommandExecutionInput {
    sandbox_id: String,
    command: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BatchGetCommandExecutionsInput {
    sandbox_id: String,
    command_execution_ids: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListCommandExecutionsInput {
    sandbox_id: String,
    max_results: Option<usize>,
    sort_order: Option<String>,
    next_token: Option<String>,
}

/// StartCommandExecution: the command waits for those before it, and for RUN_SANDBOX.
pub(super) async fn start(
    services: &Services,
    input: StartCommandExecutionInput,
) -> Result<Value, AwsError> {
    let account = services.account.clone();
    let id = account.sandbox_id(&input.sandbox_id).to_owned();
    sandboxes::check_id(&id)?;
    let sandbox = id.clone();
    let execution = services
        .store
        .write(move |transaction| {
            let found = {
                let table = transaction.open_table(store::SANDBOXES)?;
                store::get::<Sandbox>(&*table, &id)?
            };
            let Some(sandbox) = found else {
                return Err(sandboxes::not_found(&account, &id).into());
            };
            let is_active = {
                let active = transaction.open_table(store::ACTIVE_SANDBOXES)?;
                active.get(id.as_str())?.is_some()
            };
            if !is_active {
                return Err(AwsError::invalid_input(format!(
                    "The sandbox {} runs no commands any more: its status is {}. Start another one",
                    sandbox.arn, sandbox.status
                ))
                .into());
            }
            let execution = CommandExecution::submitted(&sandbox, input.command);
            let mut executions = transaction.open_table(store::COMMAND_EXECUTIONS)?;
            let last = executions.range(of_sandbox(&id))?.next_back().transpose()?;
            let number = last.map_or(0, |(key, _)| key.value().1) + 1;
            let record = serde_json::to_vec(&execution)?;
            executions.insert((id.as_str(), number), record.as_slice())?;
            transaction
                .open_table(store::COMMAND_EXECUTION_NUMBERS)?
                .insert((id.as_str(), execution.id.as_str()), number)?;
            Ok(execution)
        })
        .await?;
    services.sandboxes.look_for_commands(&sandbox);
    Ok(json!({ "commandExecution": execution }))
}

/// BatchGetCommandExecutions: in the order asked for. A sandbox that is not there has none.
pub(super) fn batch_get(
    services: &Services,
    input: &BatchGetCommandExecutionsInput,
) -> Result<Value, AwsError> {
    let sandbox = services.account.sandbox_id(&input.sandbox_id);
    sandboxes::check_id(sandbox)?;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    services.store.read(|transaction| {
        let numbers = transaction.open_table(store::COMMAND_EXECUTION_NUMBERS)?;
        let executions = transaction.open_table(store::COMMAND_EXECUTIONS)?;
        for id in &input.command_execution_ids {
            let number = numbers.get((sandbox, id.as_str()))?;
            let record = match number.map(|number| number.value()) {
                Some(number) => executions.get((sandbox, number))?,
                None => None,
            };
            match record {
                Some(bytes) => found.push(serde_json::from_slice::<Value>(bytes.value())?),
                None => missing.push(id.as_str()),
            }
        }
        Ok(())
    })?;
    Ok(json!({ "commandExecutions": found, "commandExecutionsNotFound": missing }))
}

/// ListCommandExecutionsForSandbox: latest first unless asked otherwise.
pub(super) fn list(
    services: &Services,
    input: &ListCommandExecutionsInput,
) -> Result<Value, AwsError> {
    let sandbox = services.account.sandbox_id(&input.sandbox_id);
    sandboxes::check_id(sandbox)?;
    let descending = input.sort_order.as_deref() != Some("ASCENDING");
    let list = format!("ListCommandExecutionsForSandbox/{sandbox}/{descending}");
    let after = lists::position(services, &list, input.next_token.as_deref())?
        .map(|number| number.parse::<u64>().map_err(|_| lists::invalid_token()))
        .transpose()?;
    let page = services.store.read(|transaction| {
        let sandboxes_table = transaction.open_table(store::SANDBOXES)?;
        if sandboxes_table.get(sandbox)?.is_none() {
            return Err(sandboxes::not_found(&services.account, sandbox).into());
        }
        let executions = transaction.open_table(store::COMMAND_EXECUTIONS)?;
        let (lowest, highest) = of_sandbox(sandbox).into_inner();
        let range = lists::bounds(
            after.map(|number| (sandbox, number)),
            descending,
            Some(lowest),
            Some(highest),
        );
        let entries = executions.range::<(&str, u64)>(range)?;
        let entry = |entry: Result<(redb::AccessGuard<'_, (&str, u64)>, _), _>| {
            let (key, record): (_, redb::AccessGuard<'_, &[u8]>) = entry?;
            let record: Value = serde_json::from_slice(record.value())?;
            Ok((key.value().1.to_string(), record))
        };
        let limit = input.max_results.unwrap_or(PAGE);
        if descending {
            Page::of(entries.rev().map(entry), limit)
        } else {
            Page::of(entries.map(entry), limit)
        }
    })?;
    Ok(lists::reply(services, &list, "commandExecutions", page))
}

/// The first command of a sandbox after this number, with its own.
pub(crate) fn next(
    store: &Store,
    sandbox: &str,
    after: u64,
) -> Result<Option<(u64, CommandExecution)>, AwsError> {
    store.read(|transaction| {
        let executions = transaction.open_table(store::COMMAND_EXECUTIONS)?;
        let rest = (sandbox, after.saturating_add(1))..=(sandbox, u64::MAX);
        match executions.range(rest)?.next().transpose()? {
            Some((key, record)) => Ok(Some((
                key.value().1,
                serde_json::from_slice(record.value())?,
            ))),
            None => Ok(None),
        }
    })
}

/// Stores a command as it is now.
pub(crate) fn save(
    transaction: &Write<'_>,
    sandbox: &str,
    number: u64,
    execution: &CommandExecution,
) -> Result<(), StoreError> {
    let record = serde_json::to_vec(execution)?;
    transaction
        .open_table(store::COMMAND_EXECUTIONS)?
        .insert((sandbox, number), record.as_slice())?;
    Ok(())
}

/// Ends what waits or runs in a sandbox that is over.
pub(crate) fn end_unfinished(
    transaction: &Write<'_>,
    sandbox: &str,
    status: &str,
    at: EpochSeconds,
) -> Result<(), StoreError> {
    let mut unfinished = Vec::new();
    {
        let executions = transaction.open_table(store::COMMAND_EXECUTIONS)?;
        // They run in their order: before one that has ended, all have.
        for entry in executions.range(of_sandbox(sandbox))?.rev() {
            let (key, record) = entry?;
            let execution: CommandExecution = serde_json::from_slice(record.value())?;
            if !execution.is_unfinished() {
                break;
            }
            unfinished.push((key.value().1, execution));
        }
    }
    for (number, mut execution) in unfinished {
        execution.status = status.to_owned();
        execution.end_time = Some(at);
        save(transaction, sandbox, number, &execution)?;
    }
    Ok(())
}

fn of_sandbox(sandbox: &str) -> std::ops::RangeInclusive<(&str, u64)> {
    (sandbox, 0)..=(sandbox, u64::MAX)
}
