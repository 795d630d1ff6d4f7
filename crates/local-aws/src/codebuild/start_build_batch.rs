//! StartBuildBatch and RetryBuildBatch.

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use super::build::WebhookTrigger;
use super::build_batch::BuildBatch;
use super::build_batch::ProjectBuildBatchConfig;
use super::build_batch::StoredBuildBatch;
use super::build_batches;
use super::fleet_rules;
use super::new_build_batch;
use super::project::StoredProject;
use super::project_rules;
use super::projects;
use super::service_roles;
use super::start_build;
use super::start_build::Delivery;
use super::start_build::StartBuildInput;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

/// How long an idempotency token is remembered.
const TOKEN_SECONDS: i64 = 5 * 60;

/// What StartBuildBatch has and StartBuild has not, or names otherwise.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartBuildBatchInput {
    project_name: String,
    idempotency_token: Option<String>,
    build_batch_config_override: Option<ProjectBuildBatchConfig>,
    #[serde(default)]
    debug_session_enabled: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetryBuildBatchInput {
    id: Option<String>,
    idempotency_token: Option<String>,
    retry_type: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BuildBatchOutput {
    pub(super) build_batch: BuildBatch,
}

/// What an idempotency token stands for.
#[derive(Debug, Deserialize, Serialize)]
struct IdempotentStart {
    build_batch_id: String,
    parameters: String,
    at: EpochSeconds,
}

/// A token and the parameters that it was given with.
struct Token {
    key: String,
    parameters: String,
    /// Counts longer than [`TOKEN_SECONDS`].
    is_forever: bool,
}

/// A batch, and whether it is to run now.
struct Accepted {
    stored: StoredBuildBatch,
    is_new: bool,
}

/// StartBuildBatch.
pub(super) async fn start(services: &Services, input: Value) -> Result<BuildBatchOutput, AwsError> {
    let mut own: StartBuildBatchInput = super::read(input.clone())?;
    let token = own.idempotency_token.take().map(|token| Token {
        key: format!("StartBuildBatch {token}"),
        parameters: input.to_string(),
        is_forever: false,
    });
    let accepted = accept(services, own, input, token, None).await?;
    Ok(run(services, accepted))
}

/// Starts the batch that a webhook's event asks for. Its id, and whether it was started now and not
/// when the same event came before.
pub(crate) async fn start_by_webhook(
    services: &Services,
    delivery: Delivery,
) -> Result<(String, bool), AwsError> {
    let input = delivery.input();
    let token = delivery.id.map(|id| Token {
        key: format!("Webhook batch {id}"),
        parameters: String::new(),
        is_forever: true,
    });
    let own = super::read(input.clone())?;
    let accepted = accept(services, own, input, token, Some(delivery.trigger)).await?;
    let is_new = accepted.is_new;
    Ok((run(services, accepted).build_batch.id, is_new))
}

async fn accept(
    services: &Services,
    own: StartBuildBatchInput,
    mut input: Value,
    token: Option<Token>,
    trigger: Option<WebhookTrigger>,
) -> Result<Accepted, AwsError> {
    if let Value::Object(members) = &mut input {
        for (here, there) in [
            ("buildTimeoutInMinutesOverride", "timeoutInMinutesOverride"),
            (
                "reportBuildBatchStatusOverride",
                "reportBuildStatusOverride",
            ),
        ] {
            if let Some(value) = members.remove(here) {
                members.insert(there.to_owned(), value);
            }
        }
    }
    let overrides: StartBuildInput = super::read(input)?;
    let account = services.account.clone();
    let name = account.project_name(&own.project_name).to_owned();
    services
        .store
        .write(move |transaction| {
            let found = {
                let projects = transaction.open_table(store::PROJECTS)?;
                store::get::<StoredProject>(&*projects, &name)?
            };
            let Some(mut project) = found.map(StoredProject::into_project) else {
                return Err(projects::not_found(&account, &name).into());
            };
            if let Some(before) = accepted_before(transaction, &name, token.as_ref())? {
                return Ok(before);
            }
            let names_role = overrides.service_role_override.is_some();
            start_build::override_project(&mut project, overrides)?;
            project_rules::check_project(&project, &account)?;
            fleet_rules::check_use(transaction, &project.environment, &account)?;
            if names_role {
                service_roles::check(transaction, &account, &mut project)?;
            }
            let config = config_of(project.build_batch_config.as_ref())?;
            if config.is_none() && own.build_batch_config_override.is_none() {
                return Err(AwsError::invalid_input(format!(
                    "Batch builds are not enabled for the project {name}: it has no \
                     buildBatchConfig. Add one with UpdateProject, or give \
                     buildBatchConfigOverride."
                ))
                .into());
            }
            let names_batch_role = own
                .build_batch_config_override
                .as_ref()
                .is_some_and(|config| config.service_role.is_some());
            let mut config = config
                .unwrap_or_default()
                .completed(own.build_batch_config_override);
            config.check()?;
            if let Some(role) = config.service_role.as_mut().filter(|_| names_batch_role) {
                service_roles::check_name(transaction, &account, role, &project.arn)?;
            }
            let last = {
                let numbers = transaction.open_table(store::BUILD_BATCH_NUMBERS)?;
                numbers.get(name.as_str())?.map_or(0, |last| last.value())
            };
            let mut stored = new_build_batch::from_project(
                project,
                config,
                own.debug_session_enabled,
                last + 1,
                &account,
            );
            if let Some(trigger) = &trigger {
                stored.batch.initiator.clone_from(&trigger.initiator);
            }
            stored.webhook = trigger;
            store_new(transaction, &stored)?;
            remember(transaction, &stored, token.as_ref())?;
            Ok(Accepted {
                stored,
                is_new: true,
            })
        })
        .await
}

/// RetryBuildBatch: the same batch again, all of it unless asked otherwise.
pub(super) async fn retry(
    services: &Services,
    input: RetryBuildBatchInput,
) -> Result<BuildBatchOutput, AwsError> {
    let Some(asked) = input.id else {
        return Err(AwsError::invalid_input("Build batch ID is required"));
    };
    let account = services.account.clone();
    let id = account.build_batch_id(&asked).to_owned();
    build_batches::check_id(&id)?;
    let only_failed = input.retry_type.as_deref() == Some("RETRY_FAILED_BUILDS");
    let token = input.idempotency_token.map(|token| Token {
        key: format!("RetryBuildBatch {token}"),
        parameters: format!("{id} {only_failed}"),
        is_forever: false,
    });
    let accepted = services
        .store
        .write(move |transaction| {
            let found = {
                let batches = transaction.open_table(store::BUILD_BATCHES)?;
                store::get::<StoredBuildBatch>(&*batches, &id)?
            };
            let Some(mut stored) = found else {
                return Err(build_batches::not_found(&account, &id).into());
            };
            let project = stored.batch.project_name.clone();
            if let Some(before) = accepted_before(transaction, &project, token.as_ref())? {
                return Ok(before);
            }
            let status = stored.batch.build_batch_status.as_str();
            if matches!(status, "IN_PROGRESS" | "SUCCEEDED") {
                return Err(AwsError::invalid_input(format!(
                    "Only batch builds that have failed can be retried, but the status of {} is \
                     {status}",
                    stored.batch.arn
                ))
                .into());
            }
            new_build_batch::again(&mut stored, only_failed);
            store::put(
                &mut transaction.open_table(store::BUILD_BATCHES)?,
                &id,
                &stored,
            )?;
            transaction
                .open_table(store::ACTIVE_BUILD_BATCHES)?
                .insert(id.as_str(), ())?;
            remember(transaction, &stored, token.as_ref())?;
            Ok(Accepted {
                stored,
                is_new: true,
            })
        })
        .await?;
    Ok(run(services, accepted))
}

fn run(services: &Services, accepted: Accepted) -> BuildBatchOutput {
    let batch = accepted.stored.batch;
    if accepted.is_new {
        services.batches.start(&batch.id);
    }
    BuildBatchOutput { build_batch: batch }
}

/// The project's batch configuration as a type.
pub(super) fn config_of(
    value: Option<&Value>,
) -> Result<Option<ProjectBuildBatchConfig>, AwsError> {
    value
        .map(|value| super::read::<ProjectBuildBatchConfig>(value.clone()))
        .transpose()
}

fn store_new(transaction: &Write<'_>, stored: &StoredBuildBatch) -> Result<(), StoreError> {
    let batch = &stored.batch;
    let (project, id) = (batch.project_name.as_str(), batch.id.as_str());
    store::put(
        &mut transaction.open_table(store::BUILD_BATCHES)?,
        id,
        stored,
    )?;
    transaction
        .open_table(store::BUILD_BATCH_NUMBERS)?
        .insert(project, batch.build_batch_number)?;
    transaction
        .open_table(store::BUILD_BATCHES_BY_START)?
        .insert((batch.start_time.millis(), id), ())?;
    transaction
        .open_table(store::BUILD_BATCHES_BY_PROJECT)?
        .insert((project, batch.build_batch_number), id)?;
    transaction
        .open_table(store::ACTIVE_BUILD_BATCHES)?
        .insert(id, ())?;
    Ok(())
}

/// The batch that an earlier request with the same token began.
fn accepted_before(
    transaction: &Write<'_>,
    project: &str,
    token: Option<&Token>,
) -> Result<Option<Accepted>, StoreError> {
    let Some(token) = token else { return Ok(None) };
    let table = transaction.open_table(store::IDEMPOTENCY)?;
    let Some(bytes) = table.get((project, token.key.as_str()))? else {
        return Ok(None);
    };
    let before: IdempotentStart = serde_json::from_slice(bytes.value())?;
    let is_old = EpochSeconds::now().seconds_since(before.at) >= TOKEN_SECONDS;
    if is_old && !token.is_forever {
        return Ok(None);
    }
    if before.parameters != token.parameters {
        return Err(AwsError::invalid_input(
            "The idempotency token was used with different parameters less than 5 minutes ago",
        )
        .into());
    }
    let batches = transaction.open_table(store::BUILD_BATCHES)?;
    let stored = store::get(&*batches, &before.build_batch_id)?;
    Ok(stored.map(|stored| Accepted {
        stored,
        is_new: false,
    }))
}

fn remember(
    transaction: &Write<'_>,
    stored: &StoredBuildBatch,
    token: Option<&Token>,
) -> Result<(), StoreError> {
    let Some(token) = token else { return Ok(()) };
    let start = IdempotentStart {
        build_batch_id: stored.batch.id.clone(),
        parameters: token.parameters.clone(),
        at: EpochSeconds::now(),
    };
    transaction.open_table(store::IDEMPOTENCY)?.insert(
        (stored.batch.project_name.as_str(), token.key.as_str()),
        serde_json::to_vec(&start)?.as_slice(),
    )?;
    Ok(())
}
