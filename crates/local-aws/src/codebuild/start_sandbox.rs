//! StartSandbox: from a project to a sandbox that waits to run.

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::build::StoredBuild;
use super::new_build;
use super::project::Project;
use super::project::StoredProject;
use super::project_rules;
use super::projects;
use super::sandbox::Sandbox;
use crate::account::Account;
use crate::error::AwsError;
use crate::logs;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

/// How long an idempotency token is remembered.
const TOKEN_SECONDS: i64 = 5 * 60;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StartSandboxInput {
    project_name: Option<String>,
    idempotency_token: Option<String>,
}

/// What an idempotency token stands for. It belongs to the project, and there are no other
/// parameters that could differ.
#[derive(Debug, Deserialize, Serialize)]
struct IdempotentStart {
    sandbox_id: String,
    at: EpochSeconds,
}

/// What a write found.
enum Started {
    New(Box<Sandbox>, Box<StoredBuild>),
    Before(Box<Sandbox>),
}

/// StartSandbox.
pub(super) async fn start(
    services: &Services,
    input: StartSandboxInput,
) -> Result<Value, AwsError> {
    let Some(name) = input.project_name else {
        return Err(AwsError::invalid_input("Project name is required"));
    };
    let token = input.idempotency_token;
    let token = token.map(|token| format!("StartSandbox {token}"));
    let account = services.account.clone();
    // StartSandbox does not have the error that StartBuild has for this.
    let place = services.builds.reserve().map_err(|full| AwsError {
        code: "InvalidInputException",
        ..full
    })?;
    let name = account.project_name(&name).to_owned();
    let started = services
        .store
        .write(move |transaction| {
            let found = {
                let projects = transaction.open_table(store::PROJECTS)?;
                store::get::<StoredProject>(&*projects, &name)?
            };
            let Some(StoredProject { project, .. }) = found else {
                return Err(projects::not_found(&account, &name).into());
            };
            if let Some(sandbox) = started_before(transaction, &name, token.as_deref())? {
                return Ok(Started::Before(Box::new(sandbox)));
            }
            check(&project)?;
            project_rules::check_project(&project, &account)?;
            let build = build_for(project, &account);
            let sandbox = Sandbox::of(&build.build);
            store_new(transaction, &sandbox, token.as_deref())?;
            Ok(Started::New(Box::new(sandbox), Box::new(build)))
        })
        .await?;
    let sandbox = match started {
        Started::New(sandbox, build) => {
            services.sandboxes.start((*sandbox).clone(), build, place);
            sandbox
        }
        Started::Before(sandbox) => sandbox,
    };
    Ok(json!({ "sandbox": sandbox }))
}

/// What cannot have a sandbox.
fn check(project: &Project) -> Result<(), AwsError> {
    let kind = &project.environment.r#type;
    if kind.contains("LAMBDA") {
        return Err(AwsError::invalid_input(format!(
            "Sandbox is not supported for environment type {kind}"
        )));
    }
    if project.source.r#type == "CODEPIPELINE" {
        return Err(AwsError::invalid_input(
            "Sandbox is not supported for source type CODEPIPELINE: a pipeline provides the source \
             of its own builds only",
        ));
    }
    Ok(())
}

/// The build whose container the sandbox is. It has no number, no buildspec, and is stored nowhere.
fn build_for(project: Project, account: &Account) -> StoredBuild {
    let mut stored = new_build::from_project(project, 0, account);
    let build = &mut stored.build;
    build.arn = account.sandbox_arn(&build.id);
    stored
}

fn started_before(
    transaction: &Write<'_>,
    project: &str,
    token: Option<&str>,
) -> Result<Option<Sandbox>, StoreError> {
    let Some(token) = token else { return Ok(None) };
    let table = transaction.open_table(store::IDEMPOTENCY)?;
    let Some(bytes) = table.get((project, token))? else {
        return Ok(None);
    };
    let before: IdempotentStart = serde_json::from_slice(bytes.value())?;
    if EpochSeconds::now().seconds_since(before.at) >= TOKEN_SECONDS {
        return Ok(None);
    }
    let sandboxes = transaction.open_table(store::SANDBOXES)?;
    store::get(&*sandboxes, &before.sandbox_id)
}

fn store_new(
    transaction: &Write<'_>,
    sandbox: &Sandbox,
    token: Option<&str>,
) -> Result<(), StoreError> {
    let (project, id) = (sandbox.project_name.as_str(), sandbox.id.as_str());
    let time = sandbox.request_time.millis();
    store::put(&mut transaction.open_table(store::SANDBOXES)?, id, sandbox)?;
    transaction
        .open_table(store::SANDBOXES_BY_REQUEST)?
        .insert((time, id), ())?;
    transaction
        .open_table(store::SANDBOXES_BY_PROJECT)?
        .insert((project, time, id), ())?;
    transaction
        .open_table(store::ACTIVE_SANDBOXES)?
        .insert(id, ())?;
    let logs = &sandbox.current_session.logs;
    if let (Some(group), Some(stream)) = (&logs.group_name, &logs.stream_name) {
        logs::create_stream(transaction, group, stream, sandbox.uuid())?;
    }
    if let Some(token) = token {
        let start = IdempotentStart {
            sandbox_id: id.to_owned(),
            at: sandbox.request_time,
        };
        transaction
            .open_table(store::IDEMPOTENCY)?
            .insert((project, token), serde_json::to_vec(&start)?.as_slice())?;
    }
    Ok(())
}
