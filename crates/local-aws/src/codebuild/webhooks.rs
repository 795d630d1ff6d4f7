//! CreateWebhook, UpdateWebhook, DeleteWebhook.
//!
//! The local AWS registers nothing at a git server: it takes the events that are sent to the
//! payload URL, see [`crate::webhooks`].

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::project::Project;
use super::project::StoredProject;
use super::projects;
use super::webhook_rules;
use super::webhook_types;
use super::webhook_types::PullRequestBuildPolicy;
use super::webhook_types::ScopeConfiguration;
use super::webhook_types::StoredWebhook;
use super::webhook_types::Webhook;
use super::webhook_types::WebhookFilter;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateInput {
    project_name: String,
    branch_filter: Option<String>,
    filter_groups: Option<Vec<Vec<WebhookFilter>>>,
    build_type: Option<String>,
    manual_creation: Option<bool>,
    scope_configuration: Option<ScopeConfiguration>,
    pull_request_build_policy: Option<PullRequestBuildPolicy>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdateInput {
    project_name: String,
    branch_filter: Option<String>,
    rotate_secret: Option<bool>,
    filter_groups: Option<Vec<Vec<WebhookFilter>>>,
    build_type: Option<String>,
    pull_request_build_policy: Option<PullRequestBuildPolicy>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteInput {
    project_name: String,
}

#[derive(Debug, Serialize)]
pub(super) struct WebhookOutput {
    webhook: Webhook,
}

/// CreateWebhook. The reply has the secret if it is the user who registers the webhook.
pub(super) async fn create(
    services: &Services,
    input: CreateInput,
) -> Result<WebhookOutput, AwsError> {
    let account = services.account.clone();
    let name = account.project_name(&input.project_name).to_owned();
    services
        .store
        .write(move |transaction| {
            let mut stored = project(transaction, &account, &name)?;
            if stored.webhook.is_some() {
                return Err(StoreError::from(AwsError::new(
                    "ResourceAlreadyExistsException",
                    format!("Webhook already exists for project: {}", stored.project.arn),
                )));
            }
            let webhook = new_webhook(input, &stored.project)?;
            let is_users_own =
                webhook.manual_creation || webhook.source_type == "GITHUB_ENTERPRISE";
            if !is_users_own {
                check_access(transaction, &stored.project)?;
            }
            transaction
                .open_table(store::WEBHOOKS)?
                .insert(webhook.token.as_str(), name.as_str())?;
            let mut shown = webhook.show(&account);
            shown.secret = is_users_own.then(|| webhook.secret.clone());
            stored.webhook = Some(webhook);
            store::put(
                &mut transaction.open_table(store::PROJECTS)?,
                &name,
                &stored,
            )?;
            Ok(WebhookOutput { webhook: shown })
        })
        .await
}

/// UpdateWebhook: what the input does not name stays as it is. A new secret is in the reply.
pub(super) async fn update(
    services: &Services,
    input: UpdateInput,
) -> Result<WebhookOutput, AwsError> {
    let account = services.account.clone();
    let name = account.project_name(&input.project_name).to_owned();
    services
        .store
        .write(move |transaction| {
            let mut stored = project(transaction, &account, &name)?;
            let Some(webhook) = &mut stored.webhook else {
                return Err(not_found(&stored.project).into());
            };
            let rotates = input.rotate_secret == Some(true) && webhook.source_type != "BITBUCKET";
            apply(webhook, input)?;
            let mut shown = webhook.show(&account);
            if rotates {
                webhook.secret = webhook_types::new_secret();
                webhook.last_modified_secret = EpochSeconds::now();
                shown = webhook.show(&account);
                shown.secret = Some(webhook.secret.clone());
            }
            store::put(
                &mut transaction.open_table(store::PROJECTS)?,
                &name,
                &stored,
            )?;
            Ok(WebhookOutput { webhook: shown })
        })
        .await
}

/// DeleteWebhook.
pub(super) async fn delete(services: &Services, input: DeleteInput) -> Result<Value, AwsError> {
    let account = services.account.clone();
    let name = account.project_name(&input.project_name).to_owned();
    services
        .store
        .write(move |transaction| {
            let mut stored = project(transaction, &account, &name)?;
            let Some(webhook) = stored.webhook.take() else {
                return Err(StoreError::from(not_found(&stored.project)));
            };
            forget(transaction, &webhook)?;
            store::put(
                &mut transaction.open_table(store::PROJECTS)?,
                &name,
                &stored,
            )
        })
        .await?;
    Ok(json!({}))
}

/// Makes a webhook's payload URL one that nobody answers.
pub(super) fn forget(transaction: &Write<'_>, webhook: &StoredWebhook) -> Result<(), StoreError> {
    transaction
        .open_table(store::WEBHOOKS)?
        .remove(webhook.token.as_str())?;
    Ok(())
}

/// Checks that a project that has changed still has the source that its webhook is for.
pub(super) fn check_source(stored: &StoredProject) -> Result<(), AwsError> {
    let source_type = &stored.project.source.r#type;
    match &stored.webhook {
        Some(webhook) if webhook.source_type != *source_type => {
            Err(AwsError::invalid_input(format!(
                "The project has a webhook for source type {}. Delete the webhook before changing \
                 the source type to {source_type}.",
                webhook.source_type
            )))
        }
        _ => Ok(()),
    }
}

/// The project that a payload URL's token stands for, if there is one.
pub(crate) fn project_of_webhook(
    services: &Services,
    token: &str,
) -> Result<Option<(String, StoredWebhook)>, AwsError> {
    services.store.read(|transaction| {
        let webhooks = transaction.open_table(store::WEBHOOKS)?;
        let Some(name) = webhooks.get(token)? else {
            return Ok(None);
        };
        let projects = transaction.open_table(store::PROJECTS)?;
        let stored: Option<StoredProject> = store::get(&projects, name.value())?;
        let webhook = stored.and_then(|stored| stored.webhook);
        Ok(webhook.map(|webhook| (name.value().to_owned(), webhook)))
    })
}

fn project(
    transaction: &Write<'_>,
    account: &Account,
    name: &str,
) -> Result<StoredProject, StoreError> {
    let projects = transaction.open_table(store::PROJECTS)?;
    let found = store::get::<StoredProject>(&*projects, name)?;
    found.ok_or_else(|| projects::not_found(account, name).into())
}

fn not_found(project: &Project) -> AwsError {
    AwsError::not_found(format!("Webhook not found for project: {}", project.arn))
}

fn new_webhook(input: CreateInput, project: &Project) -> Result<StoredWebhook, AwsError> {
    let source_type = project.source.r#type.clone();
    let build_type = input.build_type.unwrap_or_else(|| "BUILD".to_owned());
    webhook_rules::check_build_type(&build_type)?;
    let server = webhook_rules::server_name(&source_type)?;
    let scope = input.scope_configuration;
    webhook_rules::check_scope(scope.as_ref(), &source_type)?;
    let manual_creation = input.manual_creation.unwrap_or(false);
    if manual_creation && source_type == "BITBUCKET" {
        return Err(AwsError::invalid_input(format!(
            "Manual creation is not supported for {server} webhook"
        )));
    }
    let mut webhook = StoredWebhook {
        token: uuid::Uuid::new_v4().simple().to_string(),
        secret: webhook_types::new_secret(),
        last_modified_secret: EpochSeconds::now(),
        pull_request_build_policy: webhook_rules::with_policy_defaults(None, &source_type),
        source_type,
        branch_filter: None,
        filter_groups: Vec::new(),
        build_type,
        manual_creation,
        scope_configuration: scope,
    };
    let rest = UpdateInput {
        project_name: input.project_name,
        branch_filter: input.branch_filter,
        rotate_secret: None,
        filter_groups: input.filter_groups,
        build_type: None,
        pull_request_build_policy: input.pull_request_build_policy,
    };
    apply(&mut webhook, rest)?;
    Ok(webhook)
}

fn apply(webhook: &mut StoredWebhook, input: UpdateInput) -> Result<(), AwsError> {
    // What is given and empty takes the filter away.
    if input.branch_filter.as_deref() == Some("") {
        webhook.branch_filter = None;
    }
    if input.filter_groups.as_ref().is_some_and(Vec::is_empty) {
        webhook.filter_groups = Vec::new();
    }
    let branch_filter = input.branch_filter.filter(|filter| !filter.is_empty());
    let groups = input.filter_groups.filter(|groups| !groups.is_empty());
    match (branch_filter, groups) {
        (Some(_), Some(_)) => {
            return Err(AwsError::invalid_input(
                "You cannot use branchFilter and filterGroups at the same time. Specify the branch \
                 filter using filterGroups.",
            ));
        }
        (Some(branch_filter), None) => {
            webhook_rules::check_pattern(&branch_filter)?;
            webhook.branch_filter = Some(branch_filter);
            webhook.filter_groups = Vec::new();
        }
        (None, Some(groups)) => {
            let scope = webhook.scope_configuration.as_ref();
            webhook_rules::check_filter_groups(&groups, &webhook.source_type, scope)?;
            webhook.branch_filter = None;
            webhook.filter_groups = groups;
        }
        (None, None) => {}
    }
    if let Some(build_type) = input.build_type {
        webhook_rules::check_build_type(&build_type)?;
        webhook.build_type = build_type;
    }
    if let Some(policy) = input.pull_request_build_policy {
        webhook_rules::check_policy(&policy, &webhook.source_type)?;
        webhook.pull_request_build_policy =
            webhook_rules::with_policy_defaults(Some(policy), &webhook.source_type);
    }
    Ok(())
}

/// AWS registers the webhook at the git server, and needs credentials for that.
fn check_access(transaction: &Write<'_>, project: &Project) -> Result<(), StoreError> {
    let source_type = project.source.r#type.as_str();
    let own = project.source.auth.as_ref();
    if own.is_some_and(|auth| auth.r#type == "SECRETS_MANAGER") {
        return Ok(());
    }
    let credentials = transaction.open_table(store::SOURCE_CREDENTIALS)?;
    if credentials.get(source_type)?.is_some() {
        return Ok(());
    }
    Err(AwsError::not_found(format!(
        "Access token not found in CodeBuild project for server type {}",
        source_type.to_ascii_lowercase()
    ))
    .into())
}
