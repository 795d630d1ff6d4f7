//! StopSandbox, BatchGetSandboxes, StartSandboxConnection.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::sandbox::Sandbox;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

/// How long StopSandbox waits until the record shows that the sandbox is stopping.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// How many sandboxes can be asked for at once, as with builds.
const MOST_IDS: usize = 100;

#[derive(Debug, Deserialize)]
pub(super) struct Id {
    id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Ids {
    ids: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StartSandboxConnectionInput {
    sandbox_id: String,
}

/// StopSandbox: the reply usually shows STOPPING. A sandbox that has ended is returned as it is.
pub(super) async fn stop(services: &Services, input: &Id) -> Result<Value, AwsError> {
    let id = services.account.sandbox_id(&input.id);
    read(services, id)?;
    services.sandboxes.stop(id, STOP_PATIENCE).await;
    Ok(json!({ "sandbox": read(services, id)? }))
}

/// BatchGetSandboxes: by id or ARN, in the order asked for.
pub(super) fn batch_get(services: &Services, input: &Ids) -> Result<Value, AwsError> {
    let account = &services.account;
    if input.ids.len() > MOST_IDS {
        return Err(AwsError::invalid_input(format!(
            "Cannot get more than {MOST_IDS} sandboxes at once"
        )));
    }
    for id in &input.ids {
        check_id(account.sandbox_id(id))?;
    }
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    services.store.read(|transaction| {
        let sandboxes = transaction.open_table(store::SANDBOXES)?;
        for id in &input.ids {
            match store::get::<Sandbox>(&sandboxes, account.sandbox_id(id))? {
                Some(sandbox) => found.push(sandbox),
                None => missing.push(id.as_str()),
            }
        }
        Ok(())
    })?;
    Ok(json!({ "sandboxes": found, "sandboxesNotFound": missing }))
}

/// StartSandboxConnection: there is no Session Manager here, so no sandbox is connected to it.
pub(super) fn start_connection(
    services: &Services,
    input: &StartSandboxConnectionInput,
) -> Result<Value, AwsError> {
    let sandbox = read(services, services.account.sandbox_id(&input.sandbox_id))?;
    Err(AwsError::invalid_input(format!(
        "Failed to start SSM session for sandbox {}: codebuild:{} is not connected. The local AWS \
         has no Session Manager: run commands with start-command-execution instead",
        sandbox.arn,
        sandbox.uuid()
    )))
}

fn read(services: &Services, id: &str) -> Result<Sandbox, AwsError> {
    check_id(id)?;
    let found = services
        .store
        .read(|transaction| store::get(&transaction.open_table(store::SANDBOXES)?, id))?;
    found.ok_or_else(|| not_found(&services.account, id))
}

/// A sandbox id is `project:uuid`.
pub(super) fn check_id(id: &str) -> Result<(), AwsError> {
    super::builds::check_id(id).map_err(|_| AwsError::invalid_input("Invalid sandbox ID provided"))
}

pub(super) fn not_found(account: &Account, id: &str) -> AwsError {
    AwsError::not_found(format!(
        "Sandbox cannot be found: {}",
        account.sandbox_arn(id)
    ))
}
