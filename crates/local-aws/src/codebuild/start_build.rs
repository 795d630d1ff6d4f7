//! StartBuild and RetryBuild: from a project and its overrides to a build that waits to run.

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::artifacts_types::LogsConfig;
use super::artifacts_types::ProjectArtifacts;
use super::build::AutoRetryConfig;
use super::build::Build;
use super::build::DebugSession;
use super::build::StoredBuild;
use super::build::WebhookTrigger;
use super::build_events;
use super::builds::BuildOutput;
use super::environment_types::EnvironmentVariable;
use super::environment_types::ProjectCache;
use super::fleet_rules;
use super::new_build;
use super::project::Project;
use super::project::StoredProject;
use super::project_rules;
use super::projects;
use super::service_roles;
use super::source_types::BuildStatusConfig;
use super::source_types::GitSubmodulesConfig;
use super::source_types::ProjectSource;
use super::source_types::ProjectSourceVersion;
use super::source_types::SourceAuth;
use crate::account::Account;
use crate::builds::Place;
use crate::error::AwsError;
use crate::logs;
use crate::model;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

/// How long an idempotency token is remembered.
const TOKEN_MINUTES: i64 = 5;

/// StartBuild's input.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StartBuildInput {
    project_name: String,
    secondary_sources_override: Option<Vec<ProjectSource>>,
    secondary_sources_version_override: Option<Vec<ProjectSourceVersion>>,
    source_version: Option<String>,
    artifacts_override: Option<ProjectArtifacts>,
    secondary_artifacts_override: Option<Vec<ProjectArtifacts>>,
    environment_variables_override: Option<Vec<EnvironmentVariable>>,
    source_type_override: Option<String>,
    source_location_override: Option<String>,
    source_auth_override: Option<SourceAuth>,
    git_clone_depth_override: Option<i64>,
    git_submodules_config_override: Option<GitSubmodulesConfig>,
    buildspec_override: Option<String>,
    insecure_ssl_override: Option<bool>,
    report_build_status_override: Option<bool>,
    build_status_config_override: Option<BuildStatusConfig>,
    environment_type_override: Option<String>,
    image_override: Option<String>,
    compute_type_override: Option<String>,
    certificate_override: Option<String>,
    cache_override: Option<ProjectCache>,
    pub(super) service_role_override: Option<String>,
    privileged_mode_override: Option<bool>,
    timeout_in_minutes_override: Option<i64>,
    queued_timeout_in_minutes_override: Option<i64>,
    encryption_key_override: Option<String>,
    idempotency_token: Option<String>,
    logs_config_override: Option<LogsConfig>,
    registry_credential_override: Option<Value>,
    image_pull_credentials_type_override: Option<String>,
    debug_session_enabled: Option<bool>,
    fleet_override: Option<Value>,
    auto_retry_limit_override: Option<i64>,
    host_kernel_override: Option<String>,
}

/// RetryBuild's input.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RetryBuildInput {
    id: Option<String>,
    idempotency_token: Option<String>,
}

/// What an idempotency token stands for.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct IdempotentStart {
    build_id: String,
    /// The request's parameters: the same token with others is an error.
    parameters: String,
    at: EpochSeconds,
}

/// A token and the parameters that it was given with.
pub(super) struct Token {
    token: String,
    parameters: String,
    /// Counts longer than [`TOKEN_MINUTES`].
    is_forever: bool,
}

/// An event that a git server sent to a project's webhook, as a build begins with it.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) project: String,
    /// What the server calls this event. It starts one build, however often it is sent.
    pub(crate) id: Option<String>,
    pub(crate) source_version: String,
    /// The repository, if it is not the project's own.
    pub(crate) source_location: Option<String>,
    pub(crate) trigger: WebhookTrigger,
}

impl Delivery {
    /// The input of StartBuild and StartBuildBatch.
    pub(super) fn input(&self) -> Value {
        let mut input = json!({
            "projectName": self.project,
            "sourceVersion": self.source_version,
        });
        if let Some(location) = &self.source_location {
            input["sourceLocationOverride"] = json!(location);
        }
        input
    }
}

/// What a write found: a build to run, or one that an earlier request with the same token started.
enum Started {
    New(Box<StoredBuild>),
    Before(Box<StoredBuild>),
}

/// StartBuild.
pub(super) async fn start(
    services: &Services,
    mut input: StartBuildInput,
    parameters: &Value,
) -> Result<BuildOutput, AwsError> {
    let token = input.idempotency_token.take().map(|token| Token {
        token,
        parameters: parameters.to_string(),
        is_forever: false,
    });
    let (started, place) = accept(services, input, token, None).await?;
    Ok(run(services, started, place).await)
}

/// Starts the build that a webhook's event asks for. Its id, and whether it was started now and not
/// when the same event came before.
pub(crate) async fn start_by_webhook(
    services: &Services,
    delivery: Delivery,
) -> Result<(String, bool), AwsError> {
    let input = super::read(delivery.input())?;
    let token = delivery.id.map(|id| Token {
        token: format!("Webhook {id}"),
        parameters: String::new(),
        is_forever: true,
    });
    let (started, place) = accept(services, input, token, Some(delivery.trigger)).await?;
    let is_new = matches!(started, Started::New(_));
    let output = run(services, started, place).await;
    Ok((output.build.id, is_new))
}

/// Starts the build that a rule of EventBridge asks for. The same delivery starts it once. Its id.
pub(crate) async fn start_by_rule(
    services: &Services,
    project: &str,
    rule: &str,
    delivery: &str,
    mut parameters: Value,
) -> Result<String, AwsError> {
    parameters["projectName"] = project.into();
    model::CODEBUILD.check("StartBuild", &parameters)?;
    model::CODEBUILD.prune("StartBuild", &mut parameters);
    let token = Token {
        token: format!("Event {delivery}"),
        parameters: String::new(),
        is_forever: false,
    };
    let trigger = WebhookTrigger {
        initiator: format!("rule/{rule}"),
        variables: Vec::new(),
    };
    let input = super::read(parameters)?;
    let (started, place) = accept(services, input, Some(token), Some(trigger)).await?;
    Ok(run(services, started, place).await.build.id)
}

async fn accept(
    services: &Services,
    input: StartBuildInput,
    token: Option<Token>,
    trigger: Option<WebhookTrigger>,
) -> Result<(Started, Place), AwsError> {
    let account = services.account.clone();
    let place = services.builds.reserve()?;
    let name = account.project_name(&input.project_name).to_owned();
    let started = services
        .store
        .write(move |transaction| {
            let projects = transaction.open_table(store::PROJECTS)?;
            let Some(stored) = store::get::<StoredProject>(&*projects, &name)? else {
                return Err(projects::not_found(&account, &name).into());
            };
            if let Some(build) = started_before(transaction, &name, token.as_ref())? {
                return Ok(Started::Before(build));
            }
            let limit = stored.project.concurrent_build_limit;
            check_concurrency(transaction, &name, limit)?;
            let mut project = stored.into_project();
            let debug = input.debug_session_enabled;
            let names_role = input.service_role_override.is_some();
            override_project(&mut project, input)?;
            project_rules::check_project(&project, &account)?;
            fleet_rules::check_use(transaction, &project.environment, &account)?;
            if names_role {
                service_roles::check(transaction, &account, &mut project)?;
            }
            let number = next_number(transaction, &name)?;
            let mut build = new_build::from_project(project, number, &account);
            build.build.debug_session =
                debug.map(|session_enabled| DebugSession { session_enabled });
            if let Some(trigger) = &trigger {
                build.build.initiator.clone_from(&trigger.initiator);
            }
            build.webhook = trigger;
            store_new(transaction, &build, token.as_ref())?;
            Ok(Started::New(Box::new(build)))
        })
        .await?;
    Ok((started, place))
}

/// RetryBuild: the same build again, with a number of its own.
pub(super) async fn retry(
    services: &Services,
    input: RetryBuildInput,
) -> Result<BuildOutput, AwsError> {
    let Some(id) = input.id else {
        return Err(AwsError::invalid_input("Build ID is required"));
    };
    let token = input.idempotency_token.map(|token| Token {
        token,
        parameters: format!("RetryBuild {id}"),
        is_forever: false,
    });
    let account = services.account.clone();
    let place = services.builds.reserve()?;
    let started = services
        .store
        .write(move |transaction| {
            let id = account.build_id(&id);
            let found = store::get::<StoredBuild>(&*transaction.open_table(store::BUILDS)?, id)?;
            let Some(original) = found else {
                return Err(AwsError::not_found(format!(
                    "Build cannot be found: {}",
                    account.build_arn(id)
                ))
                .into());
            };
            let name = original.build.project_name.clone();
            let projects = transaction.open_table(store::PROJECTS)?;
            let Some(stored) = store::get::<StoredProject>(&*projects, &name)? else {
                return Err(projects::not_found(&account, &name).into());
            };
            if let Some(build) = started_before(transaction, &name, token.as_ref())? {
                return Ok(Started::Before(build));
            }
            check_concurrency(transaction, &name, stored.project.concurrent_build_limit)?;
            fleet_rules::check_use(transaction, &original.build.environment, &account)?;
            let number = next_number(transaction, &name)?;
            let build = new_build::again(original, number, &stored.into_project(), &account);
            store_new(transaction, &build, token.as_ref())?;
            Ok(Started::New(Box::new(build)))
        })
        .await?;
    Ok(run(services, started, place).await)
}

/// The build that follows one that failed, if its project retries builds by itself and has not
/// done so often enough. It is stored and waits to run.
pub(crate) fn retry_automatically(
    transaction: &Write<'_>,
    account: &Account,
    id: &str,
) -> Result<Option<Box<StoredBuild>>, StoreError> {
    let mut builds = transaction.open_table(store::BUILDS)?;
    let Some(mut original) = store::get::<StoredBuild>(&*builds, id)? else {
        return Ok(None);
    };
    let Some(config) = &original.build.auto_retry_config else {
        return Ok(None);
    };
    let is_done = config.auto_retry_number >= config.auto_retry_limit;
    let has_failed = matches!(
        original.build.build_status.as_str(),
        "FAILED" | "FAULT" | "TIMED_OUT"
    );
    if is_done || !has_failed || original.build.build_batch_arn.is_some() {
        return Ok(None);
    }
    let name = original.build.project_name.clone();
    let projects = transaction.open_table(store::PROJECTS)?;
    let Some(stored) = store::get::<StoredProject>(&*projects, &name)? else {
        return Ok(None);
    };
    let number = next_number(transaction, &name)?;
    let mut next = new_build::again(original.clone(), number, &stored.into_project(), account);
    if let Some(config) = &mut next.build.auto_retry_config {
        config.auto_retry_number += 1;
        config.previous_auto_retry = Some(original.build.arn.clone());
    }
    if let Some(config) = &mut original.build.auto_retry_config {
        config.next_auto_retry = Some(next.build.arn.clone());
    }
    store::put(&mut builds, id, &original)?;
    drop(builds);
    store_new(transaction, &next, None)?;
    Ok(Some(Box::new(next)))
}

async fn run(services: &Services, started: Started, place: Place) -> BuildOutput {
    let build = match started {
        Started::New(stored) => {
            let build = stored.build.clone();
            services.builds.start(*stored, place);
            build
        }
        Started::Before(stored) => stored.build,
    };
    BuildOutput { build }
}

fn started_before(
    transaction: &Write<'_>,
    project: &str,
    token: Option<&Token>,
) -> Result<Option<Box<StoredBuild>>, StoreError> {
    let Some(token) = token else { return Ok(None) };
    let table = transaction.open_table(store::IDEMPOTENCY)?;
    let Some(bytes) = table.get((project, token.token.as_str()))? else {
        return Ok(None);
    };
    let before: IdempotentStart = serde_json::from_slice(bytes.value())?;
    let is_old = EpochSeconds::now().seconds_since(before.at) >= TOKEN_MINUTES * 60;
    if is_old && !token.is_forever {
        return Ok(None);
    }
    if before.parameters != token.parameters {
        return Err(AwsError::invalid_input(
            "The idempotency token was used with different parameters less than 5 minutes ago",
        )
        .into());
    }
    let builds = transaction.open_table(store::BUILDS)?;
    Ok(store::get(&*builds, &before.build_id)?.map(Box::new))
}

fn check_concurrency(
    transaction: &Write<'_>,
    project: &str,
    limit: Option<i64>,
) -> Result<(), StoreError> {
    let Some(limit) = limit.and_then(|limit| usize::try_from(limit).ok()) else {
        return Ok(());
    };
    // Build ids begin with the project's name and a colon; `;` is the next character.
    let active = transaction.open_table(store::ACTIVE_BUILDS)?;
    let (from, to) = (format!("{project}:"), format!("{project};"));
    if active.range(from.as_str()..to.as_str())?.count() < limit {
        return Ok(());
    }
    Err(AwsError::new(
        "AccountLimitExceededException",
        format!("Cannot have more than {limit} active builds for the project"),
    )
    .into())
}

/// The number of the project's next build.
pub(super) fn next_number(transaction: &Write<'_>, project: &str) -> Result<u64, StoreError> {
    let numbers = transaction.open_table(store::BUILD_NUMBERS)?;
    Ok(numbers.get(project)?.map_or(0, |last| last.value()) + 1)
}

/// Stores a build that waits to run.
pub(super) fn store_new(
    transaction: &Write<'_>,
    stored: &StoredBuild,
    token: Option<&Token>,
) -> Result<(), StoreError> {
    let build: &Build = &stored.build;
    let (project, id) = (build.project_name.as_str(), build.id.as_str());
    store::put(&mut transaction.open_table(store::BUILDS)?, id, stored)?;
    transaction
        .open_table(store::BUILD_NUMBERS)?
        .insert(project, build.build_number)?;
    transaction
        .open_table(store::BUILDS_BY_START)?
        .insert((build.start_time.millis(), id), ())?;
    transaction
        .open_table(store::BUILDS_BY_PROJECT)?
        .insert((project, build.build_number), id)?;
    transaction
        .open_table(store::ACTIVE_BUILDS)?
        .insert(id, ())?;
    if let (Some(group), Some(stream)) = (&build.logs.group_name, &build.logs.stream_name) {
        logs::create_stream(transaction, group, stream, build.log_file())?;
    }
    build_events::record(transaction, || Ok(None), build)?;
    if let Some(token) = token {
        let start = IdempotentStart {
            build_id: id.to_owned(),
            parameters: token.parameters.clone(),
            at: build.start_time,
        };
        transaction.open_table(store::IDEMPOTENCY)?.insert(
            (project, token.token.as_str()),
            serde_json::to_vec(&start)?.as_slice(),
        )?;
    }
    Ok(())
}

/// What the build has instead of what the project has.
pub(super) fn override_project(
    project: &mut Project,
    input: StartBuildInput,
) -> Result<(), AwsError> {
    if project.artifacts.r#type == "CODEPIPELINE" && input.artifacts_override.is_none() {
        return Err(AwsError::invalid_input(
            "ArtifactsOverride must be set when using artifacts type CodePipelines",
        ));
    }
    fn set<T>(target: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *target = value;
        }
    }
    fn set_some<T>(target: &mut Option<T>, value: Option<T>) {
        if value.is_some() {
            *target = value;
        }
    }
    let source = &mut project.source;
    if let Some(kind) = input.source_type_override {
        if kind == "NO_SOURCE" && input.source_location_override.is_none() {
            source.location = None;
        }
        if matches!(
            kind.as_str(),
            "S3" | "NO_SOURCE" | "CODEPIPELINE" | "CODECOMMIT"
        ) {
            source.report_build_status = None;
        }
        source.r#type = kind;
        // A badge belongs to the project, not to a build from another source.
        project.badge.badge_enabled = false;
    }
    set_some(&mut source.location, input.source_location_override);
    set_some(&mut source.auth, input.source_auth_override);
    set_some(&mut source.git_clone_depth, input.git_clone_depth_override);
    set_some(
        &mut source.git_submodules_config,
        input.git_submodules_config_override,
    );
    set_some(&mut source.buildspec, input.buildspec_override);
    set_some(&mut source.insecure_ssl, input.insecure_ssl_override);
    set_some(
        &mut source.report_build_status,
        input.report_build_status_override,
    );
    set_some(
        &mut source.build_status_config,
        input.build_status_config_override,
    );
    set_some(&mut project.source_version, input.source_version);
    set(
        &mut project.secondary_sources,
        input.secondary_sources_override,
    );
    set(
        &mut project.secondary_source_versions,
        input.secondary_sources_version_override,
    );

    let artifacts = input
        .artifacts_override
        .map(|artifacts| projects::with_artifact_defaults(artifacts, &project.name));
    set(&mut project.artifacts, artifacts);
    set(
        &mut project.secondary_artifacts,
        input.secondary_artifacts_override,
    );
    set(&mut project.cache, input.cache_override);

    let environment = &mut project.environment;
    set(&mut environment.r#type, input.environment_type_override);
    set(&mut environment.image, input.image_override);
    set(&mut environment.compute_type, input.compute_type_override);
    set_some(&mut environment.certificate, input.certificate_override);
    set(
        &mut environment.privileged_mode,
        input.privileged_mode_override,
    );
    set_some(
        &mut environment.registry_credential,
        input.registry_credential_override,
    );
    set_some(
        &mut environment.image_pull_credentials_type,
        input.image_pull_credentials_type_override,
    );
    set_some(&mut environment.fleet, input.fleet_override);
    if environment.fleet_arn().is_none() {
        environment.fleet = None;
    }
    set_some(&mut environment.host_kernel, input.host_kernel_override);
    let variables = input.environment_variables_override.unwrap_or_default();
    project_rules::check_variables(&variables)?;
    for variable in variables {
        let own = &mut environment.environment_variables;
        match own.iter_mut().find(|own| own.name == variable.name) {
            Some(own) => *own = variable,
            None => own.push(variable),
        }
    }

    set(&mut project.service_role, input.service_role_override);
    set(
        &mut project.timeout_in_minutes,
        input.timeout_in_minutes_override,
    );
    set(
        &mut project.queued_timeout_in_minutes,
        input.queued_timeout_in_minutes_override,
    );
    set(&mut project.encryption_key, input.encryption_key_override);
    set_some(&mut project.logs_config, input.logs_config_override);
    set_some(
        &mut project.auto_retry_limit,
        input.auto_retry_limit_override,
    );
    Ok(())
}

/// What [`Build`] says about automatic retries.
pub(super) fn auto_retry(project: &Project) -> Option<AutoRetryConfig> {
    project
        .auto_retry_limit
        .map(|auto_retry_limit| AutoRetryConfig {
            auto_retry_limit,
            auto_retry_number: 0,
            next_auto_retry: None,
            previous_auto_retry: None,
        })
}
