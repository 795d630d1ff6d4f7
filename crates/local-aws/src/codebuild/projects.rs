//! CreateProject, UpdateProject, DeleteProject, BatchGetProjects.

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::artifacts_types::LogsConfig;
use super::artifacts_types::ProjectArtifacts;
use super::environment_types::ProjectCache;
use super::environment_types::ProjectEnvironment;
use super::fleet_rules;
use super::project::Project;
use super::project::ProjectBadge;
use super::project::StoredProject;
use super::project::Tag;
use super::project_rules;
use super::service_roles;
use super::source_types::ProjectSource;
use super::source_types::ProjectSourceVersion;
use super::tags;
use super::webhooks;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::timestamp::EpochSeconds;

/// The input of CreateProject and of UpdateProject: the same members, required or not.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectInput {
    name: String,
    description: Option<String>,
    source: Option<ProjectSource>,
    secondary_sources: Option<Vec<ProjectSource>>,
    source_version: Option<String>,
    secondary_source_versions: Option<Vec<ProjectSourceVersion>>,
    artifacts: Option<ProjectArtifacts>,
    secondary_artifacts: Option<Vec<ProjectArtifacts>>,
    cache: Option<ProjectCache>,
    environment: Option<ProjectEnvironment>,
    service_role: Option<String>,
    timeout_in_minutes: Option<i64>,
    queued_timeout_in_minutes: Option<i64>,
    encryption_key: Option<String>,
    tags: Option<Vec<Tag>>,
    vpc_config: Option<Value>,
    badge_enabled: Option<bool>,
    logs_config: Option<LogsConfig>,
    build_batch_config: Option<Value>,
    file_system_locations: Option<Vec<Value>>,
    concurrent_build_limit: Option<i64>,
    auto_retry_limit: Option<i64>,
}

#[derive(Debug, Serialize)]
pub(super) struct ProjectOutput {
    project: Project,
}

#[derive(Debug, Deserialize)]
pub(super) struct Name {
    name: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Names {
    names: Vec<String>,
}

/// CreateProject.
pub(super) async fn create(
    services: &Services,
    input: ProjectInput,
) -> Result<ProjectOutput, AwsError> {
    tags::check(input.tags.as_deref().unwrap_or_default())?;
    let now = EpochSeconds::now();
    let account = &services.account;
    let mut project = Project {
        arn: account.project_arn(&input.name),
        name: input.name.clone(),
        description: None,
        source: ProjectSource::default(),
        secondary_sources: Vec::new(),
        source_version: None,
        secondary_source_versions: Vec::new(),
        artifacts: ProjectArtifacts::default(),
        secondary_artifacts: Vec::new(),
        cache: ProjectCache::none(),
        environment: ProjectEnvironment::default(),
        service_role: String::new(),
        timeout_in_minutes: 60,
        queued_timeout_in_minutes: 480,
        encryption_key: account.default_encryption_key(),
        tags: Vec::new(),
        created: now,
        last_modified: now,
        webhook: None,
        vpc_config: None,
        badge: ProjectBadge::default(),
        logs_config: None,
        file_system_locations: None,
        build_batch_config: None,
        concurrent_build_limit: None,
        project_visibility: "PRIVATE".to_owned(),
        public_project_alias: None,
        resource_access_role: None,
        auto_retry_limit: None,
    };
    apply(&mut project, input);
    project_rules::check_project(&project, account)?;

    let mut stored = StoredProject {
        project,
        badge_token: uuid::Uuid::new_v4().simple().to_string(),
        webhook: None,
        public_alias: None,
    };
    let creator = account.clone();
    let stored = services
        .store
        .write(move |transaction| {
            let mut projects = transaction.open_table(store::PROJECTS)?;
            let project = &mut stored.project;
            let name = project.name.clone();
            let name = name.as_str();
            if projects.get(name)?.is_some() {
                return Err(StoreError::from(AwsError::new(
                    "ResourceAlreadyExistsException",
                    format!("Project already exists: {}", project.arn),
                )));
            }
            fleet_rules::check_use(transaction, &project.environment, &creator)?;
            service_roles::check(transaction, &creator, project)?;
            let batches = project.build_batch_config.as_mut();
            service_roles::check_batch(transaction, &creator, batches, &project.arn)?;
            store::put(&mut projects, name, &stored)?;
            let created = stored.project.created.millis();
            transaction
                .open_table(store::PROJECTS_BY_CREATION)?
                .insert((created, name), ())?;
            transaction
                .open_table(store::PROJECTS_BY_CHANGE)?
                .insert((created, name), ())?;
            transaction
                .open_table(store::BADGES)?
                .insert(stored.badge_token.as_str(), name)?;
            drop(projects);
            Ok(stored)
        })
        .await?;
    Ok(ProjectOutput {
        project: show(stored, account),
    })
}

/// UpdateProject: what the input does not name stays as it is.
pub(super) async fn update(
    services: &Services,
    input: ProjectInput,
) -> Result<ProjectOutput, AwsError> {
    tags::check(input.tags.as_deref().unwrap_or_default())?;
    let account = services.account.clone();
    let (stored, left_local_cache) = services
        .store
        .write(move |transaction| {
            let mut projects = transaction.open_table(store::PROJECTS)?;
            let Some(mut stored) = store::get::<StoredProject>(&*projects, &input.name)? else {
                return Err(not_found(&account, &input.name).into());
            };
            let had_local_cache = stored.project.cache.r#type == "LOCAL";
            let before = stored.project.last_modified.millis();
            let names_environment = input.environment.is_some();
            // A project that is older than its account's IAM goes on with the role that it has.
            let names_role = input.service_role.is_some();
            let names_batches = input.build_batch_config.is_some();
            apply(&mut stored.project, input);
            project_rules::check_project(&stored.project, &account)?;
            webhooks::check_source(&stored)?;
            if names_environment {
                fleet_rules::check_use(transaction, &stored.project.environment, &account)?;
            }
            let project = &mut stored.project;
            if names_role {
                service_roles::check(transaction, &account, project)?;
            }
            if names_batches {
                let batches = project.build_batch_config.as_mut();
                service_roles::check_batch(transaction, &account, batches, &project.arn)?;
            }
            stored.project.last_modified = EpochSeconds::now();
            let name = stored.project.name.as_str();
            store::put(&mut projects, name, &stored)?;
            let mut by_change = transaction.open_table(store::PROJECTS_BY_CHANGE)?;
            by_change.remove((before, name))?;
            by_change.insert((stored.project.last_modified.millis(), name), ())?;
            drop(projects);
            drop(by_change);
            let has_local_cache = stored.project.cache.r#type == "LOCAL";
            Ok((stored, had_local_cache && !has_local_cache))
        })
        .await?;
    if left_local_cache {
        remove_local_caches(services, &stored.project.name).await;
    }
    Ok(ProjectOutput {
        project: show(stored, &services.account),
    })
}

/// InvalidateProjectCache's input.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvalidateProjectCacheInput {
    project_name: String,
}

/// InvalidateProjectCache: local caches are removed; an S3 cache loses its objects.
pub(super) async fn invalidate_cache(
    services: &Services,
    input: InvalidateProjectCacheInput,
) -> Result<Value, AwsError> {
    let account = &services.account;
    let name = account.project_name(&input.project_name).to_owned();
    let wanted = name.clone();
    let stored = services.store.read(move |transaction| {
        store::get::<StoredProject>(&transaction.open_table(store::PROJECTS)?, &wanted)
    })?;
    let Some(stored) = stored else {
        return Err(not_found(account, &name));
    };
    let cache = &stored.project.cache;
    match cache.r#type.as_str() {
        "LOCAL" => remove_local_caches(services, &name).await,
        "S3" => remove_remote_caches(services, cache, &name).await?,
        _ => {}
    }
    Ok(json!({}))
}

/// A cache that stays costs disk space and nothing else.
async fn remove_local_caches(services: &Services, project: &str) {
    if let Err(reason) = services.builds.remove_caches(project).await {
        tracing::warn!(
            project,
            reason,
            "the project's local caches were not removed"
        );
    }
}

async fn remove_remote_caches(
    services: &Services,
    cache: &ProjectCache,
    project: &str,
) -> Result<(), AwsError> {
    let (bucket, prefix) = cache.objects(project);
    if !services.buckets.has_bucket(bucket)? {
        return Ok(());
    }
    for object in services.buckets.list(bucket, &format!("{prefix}/"))? {
        services.buckets.delete(bucket, &object.key).await?;
    }
    Ok(())
}

/// DeleteProject. Its builds stay. A name that does not exist is no error.
pub(super) async fn delete(services: &Services, input: Name) -> Result<Value, AwsError> {
    let name = input.name.clone();
    let had_local_cache = services
        .store
        .write(move |transaction| {
            let mut projects = transaction.open_table(store::PROJECTS)?;
            let Some(stored) = store::get::<StoredProject>(&*projects, &input.name)? else {
                return Ok(false);
            };
            let project = &stored.project;
            let name = project.name.as_str();
            projects.remove(name)?;
            transaction
                .open_table(store::PROJECTS_BY_CREATION)?
                .remove((project.created.millis(), name))?;
            transaction
                .open_table(store::PROJECTS_BY_CHANGE)?
                .remove((project.last_modified.millis(), name))?;
            transaction
                .open_table(store::BADGES)?
                .remove(stored.badge_token.as_str())?;
            if let Some(webhook) = &stored.webhook {
                webhooks::forget(transaction, webhook)?;
            }
            transaction
                .open_table(store::RESOURCE_POLICIES)?
                .remove(project.arn.as_str())?;
            Ok(project.cache.r#type == "LOCAL")
        })
        .await?;
    if had_local_cache {
        remove_local_caches(services, &name).await;
    }
    Ok(json!({}))
}

/// BatchGetProjects: by name or ARN, in the order asked for.
pub(super) fn batch_get(services: &Services, input: &Names) -> Result<Value, AwsError> {
    let account = &services.account;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    services.store.read(|transaction| {
        let projects = transaction.open_table(store::PROJECTS)?;
        for name in &input.names {
            match store::get::<StoredProject>(&projects, account.project_name(name))? {
                Some(stored) => found.push(show(stored, account)),
                None => missing.push(name.as_str()),
            }
        }
        Ok(())
    })?;
    Ok(json!({ "projects": found, "projectsNotFound": missing }))
}

/// The error for a project that does not exist.
pub(super) fn not_found(account: &Account, name: &str) -> AwsError {
    not_found_arn(&account.project_arn(account.project_name(name)))
}

/// The same for an ARN.
pub(super) fn not_found_arn(arn: &str) -> AwsError {
    AwsError::not_found(format!("Project cannot be found: {arn}"))
}

fn show(stored: StoredProject, account: &Account) -> Project {
    let badge_token = stored.badge_token.clone();
    let webhook = stored.webhook.clone();
    let mut project = stored.into_project();
    project.webhook = webhook.map(|webhook| webhook.show(account));
    if project.badge.badge_enabled {
        let branch = project.source_version.as_deref().unwrap_or("main");
        project.badge.badge_request_url = Some(format!(
            "{}/badges?uuid={}&branch={branch}",
            account.endpoint, badge_token
        ));
    }
    project
}

fn apply(project: &mut Project, input: ProjectInput) {
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
    // A text without any character takes away what was there.
    fn set_text(target: &mut Option<String>, value: Option<String>) {
        if let Some(value) = value {
            *target = Some(value).filter(|value| !value.is_empty());
        }
    }
    // A structure without any member takes away what was there.
    fn set_unless_empty(target: &mut Option<Value>, value: Option<Value>) {
        if let Some(value) = value {
            let is_empty = value.as_object().is_some_and(serde_json::Map::is_empty);
            *target = (!is_empty).then_some(value);
        }
    }
    set_text(&mut project.description, input.description);
    set(&mut project.source, input.source.map(with_source_defaults));
    set(&mut project.secondary_sources, input.secondary_sources);
    set_text(&mut project.source_version, input.source_version);
    set(
        &mut project.secondary_source_versions,
        input.secondary_source_versions,
    );
    set(
        &mut project.artifacts,
        input
            .artifacts
            .map(|artifacts| with_artifact_defaults(artifacts, &project.name)),
    );
    set(&mut project.secondary_artifacts, input.secondary_artifacts);
    set(&mut project.cache, input.cache);
    set(
        &mut project.environment,
        input.environment.map(with_environment_defaults),
    );
    set(&mut project.service_role, input.service_role);
    set(&mut project.timeout_in_minutes, input.timeout_in_minutes);
    set(
        &mut project.queued_timeout_in_minutes,
        input.queued_timeout_in_minutes,
    );
    set(&mut project.encryption_key, input.encryption_key);
    if let Some(new) = input.tags {
        tags::replace(&mut project.tags, new);
    }
    set_unless_empty(&mut project.vpc_config, input.vpc_config);
    set(&mut project.badge.badge_enabled, input.badge_enabled);
    set_some(&mut project.logs_config, input.logs_config);
    set_unless_empty(&mut project.build_batch_config, input.build_batch_config);
    set_some(
        &mut project.file_system_locations,
        input.file_system_locations,
    );
    set_some(&mut project.auto_retry_limit, input.auto_retry_limit);
    // -1 takes the limit away.
    match input.concurrent_build_limit {
        Some(-1) => project.concurrent_build_limit = None,
        limit => set_some(&mut project.concurrent_build_limit, limit),
    }
}

/// What CodeBuild fills in when a source leaves it open.
pub(super) fn with_source_defaults(mut source: ProjectSource) -> ProjectSource {
    source.insecure_ssl.get_or_insert(false);
    source
}

/// The same for artifacts in S3: the name is the project's, packed as single files.
pub(super) fn with_artifact_defaults(
    mut artifacts: ProjectArtifacts,
    project: &str,
) -> ProjectArtifacts {
    if artifacts.r#type == "S3" {
        artifacts.name.get_or_insert_with(|| project.to_owned());
        artifacts
            .namespace_type
            .get_or_insert_with(|| "NONE".to_owned());
        artifacts.packaging.get_or_insert_with(|| "NONE".to_owned());
        artifacts.encryption_disabled.get_or_insert(false);
    }
    artifacts
}

fn with_environment_defaults(mut environment: ProjectEnvironment) -> ProjectEnvironment {
    if environment.fleet_arn().is_none() {
        environment.fleet = None;
    }
    // The status is for answers only.
    if let Some(Value::Object(docker_server)) = &mut environment.docker_server {
        docker_server.remove("status");
    }
    environment
        .image_pull_credentials_type
        .get_or_insert_with(|| "CODEBUILD".to_owned());
    environment
}
