//! CodeBuild over JSON 1.1.

mod artifacts_types;
mod badge;
mod build;
mod build_batch;
mod build_batch_lists;
mod build_batches;
mod build_events;
mod builds;
mod command_execution;
mod command_executions;
mod curated_images;
mod environment_types;
mod fleet;
mod fleet_rules;
mod fleets;
mod lists;
mod new_build;
mod new_build_batch;
mod project;
mod project_rules;
mod project_visibility;
mod projects;
mod report_contents;
mod report_group_trend;
mod report_groups;
mod report_lists;
mod report_types;
mod reports;
mod resource_policies;
mod sandbox;
mod sandbox_lists;
mod sandboxes;
mod service_roles;
mod shared_resources;
mod source_credentials;
mod source_types;
mod start_build;
mod start_build_batch;
mod start_sandbox;
mod tags;
mod webhook_rules;
mod webhook_types;
mod webhooks;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::AwsError;
use crate::model;
use crate::services::Services;

pub(crate) use artifacts_types::ProjectArtifacts;
pub(crate) use badge::badge;
pub(crate) use build::Build;
pub(crate) use build::BuildPhase;
pub(crate) use build::Context;
pub(crate) use build::ExportedEnvironmentVariable;
pub(crate) use build::StoredBuild;
pub(crate) use build::WebhookTrigger;
pub(crate) use build_batch::BatchRestrictions;
pub(crate) use build_batch::BuildBatch;
pub(crate) use build_batch::BuildGroup;
pub(crate) use build_batch::PlannedBuild;
pub(crate) use build_batch::StoredBuildBatch;
pub(crate) use build_batch::refresh_build_summary;
pub(crate) use build_batches::not_found as build_batch_not_found;
pub(crate) use build_events::record as record_build_events;
pub(crate) use command_execution::CommandExecution;
pub(crate) use command_executions::end_unfinished as end_unfinished_commands;
pub(crate) use command_executions::next as next_command;
pub(crate) use command_executions::save as save_command;
pub(crate) use environment_types::EnvironmentVariable;
pub(crate) use environment_types::ProjectCache;
pub(crate) use environment_types::ProjectEnvironment;
pub(crate) use fleet::Fleet;
pub(crate) use fleet_rules::check_use_in as check_fleet_in;
pub(crate) use fleets::find as find_fleet;
pub(crate) use new_build_batch::build_for_batchspec;
pub(crate) use new_build_batch::start_build_of;
pub(crate) use project_rules::check_environment;
pub(crate) use project_rules::is_inline_buildspec;
pub(crate) use report_groups::check_limit as check_report_group_limit;
pub(crate) use report_groups::check_name as check_report_group_name;
pub(crate) use report_groups::not_found as report_group_not_found;
pub(crate) use report_types::CodeCoverage;
pub(crate) use report_types::CodeCoverageReportSummary;
pub(crate) use report_types::Report;
pub(crate) use report_types::ReportContents;
pub(crate) use report_types::ReportExportConfig;
pub(crate) use report_types::ReportGroup;
#[cfg(test)]
pub(crate) use report_types::S3ReportExportConfig;
pub(crate) use report_types::TestCase;
pub(crate) use report_types::TestReportSummary;
pub(crate) use reports::remove as remove_report;
pub(crate) use sandbox::Sandbox;
pub(crate) use source_credentials::SourceCredentials;
pub(crate) use source_credentials::no_connections;
pub(crate) use source_types::ProjectSource;
pub(crate) use start_build::Delivery;
pub(crate) use start_build::retry_automatically;
pub(crate) use start_build::start_by_rule;
pub(crate) use start_build::start_by_webhook;
pub(crate) use start_build_batch::start_by_webhook as start_batch_by_webhook;
pub(crate) use webhook_types::PullRequestBuildPolicy;
pub(crate) use webhook_types::StoredWebhook;
pub(crate) use webhook_types::WebhookFilter;
pub(crate) use webhooks::project_of_webhook;

/// Runs one operation.
///
/// # Errors
///
/// As CodeBuild does; `UnknownOperationException` for an operation that is not here.
pub(crate) async fn call(
    services: &Services,
    operation: &str,
    mut input: Value,
) -> Result<Value, AwsError> {
    model::CODEBUILD.check(operation, &input)?;
    model::CODEBUILD.prune(operation, &mut input);
    match operation {
        "CreateProject" => reply(projects::create(services, read(input)?).await?),
        "UpdateProject" => reply(projects::update(services, read(input)?).await?),
        "DeleteProject" => projects::delete(services, read(input)?).await,
        "InvalidateProjectCache" => projects::invalidate_cache(services, read(input)?).await,
        "BatchGetProjects" => projects::batch_get(services, &read(input)?),
        "ListProjects" => lists::projects(services, &read(input)?),
        "StartBuild" => {
            let parameters = input.clone();
            reply(start_build::start(services, read(input)?, &parameters).await?)
        }
        "RetryBuild" => reply(start_build::retry(services, read(input)?).await?),
        "StopBuild" => reply(builds::stop(services, read(input)?).await?),
        "BatchGetBuilds" => builds::batch_get(services, &read(input)?),
        "BatchDeleteBuilds" => builds::batch_delete(services, read(input)?).await,
        "ListBuilds" => lists::builds(services, &read(input)?),
        "ListBuildsForProject" => lists::builds_for_project(services, &read(input)?),
        "StartBuildBatch" => reply(start_build_batch::start(services, input).await?),
        "RetryBuildBatch" => reply(start_build_batch::retry(services, read(input)?).await?),
        "StopBuildBatch" => reply(build_batches::stop(services, read(input)?).await?),
        "BatchGetBuildBatches" => build_batches::batch_get(services, &read(input)?),
        "DeleteBuildBatch" => build_batches::delete(services, read(input)?).await,
        "ListBuildBatches" => build_batch_lists::build_batches(services, &read(input)?),
        "ListBuildBatchesForProject" => {
            build_batch_lists::build_batches_for_project(services, &read(input)?)
        }
        "CreateReportGroup" => reply(report_groups::create(services, read(input)?).await?),
        "UpdateReportGroup" => reply(report_groups::update(services, read(input)?).await?),
        "DeleteReportGroup" => report_groups::delete(services, read(input)?).await,
        "BatchGetReportGroups" => report_groups::batch_get(services, &read(input)?),
        "ListReportGroups" => report_lists::report_groups(services, &read(input)?),
        "GetReportGroupTrend" => report_group_trend::trend(services, &read(input)?),
        "BatchGetReports" => reports::batch_get(services, &read(input)?),
        "DeleteReport" => reports::delete(services, read(input)?).await,
        "ListReports" => report_lists::reports(services, &read(input)?),
        "ListReportsForReportGroup" => {
            report_lists::reports_for_report_group(services, &read(input)?)
        }
        "DescribeTestCases" => report_contents::test_cases(services, &read(input)?),
        "ImportSourceCredentials" => source_credentials::import(services, read(input)?).await,
        "DeleteSourceCredentials" => source_credentials::delete(services, read(input)?).await,
        "ListSourceCredentials" => source_credentials::list(services),
        "CreateWebhook" => reply(webhooks::create(services, read(input)?).await?),
        "UpdateWebhook" => reply(webhooks::update(services, read(input)?).await?),
        "DeleteWebhook" => webhooks::delete(services, read(input)?).await,
        "DescribeCodeCoverages" => report_contents::code_coverages(services, &read(input)?),
        "StartSandbox" => start_sandbox::start(services, read(input)?).await,
        "StopSandbox" => sandboxes::stop(services, &read(input)?).await,
        "BatchGetSandboxes" => sandboxes::batch_get(services, &read(input)?),
        "StartSandboxConnection" => sandboxes::start_connection(services, &read(input)?),
        "ListSandboxes" => sandbox_lists::sandboxes(services, &read(input)?),
        "ListSandboxesForProject" => sandbox_lists::sandboxes_for_project(services, &read(input)?),
        "StartCommandExecution" => command_executions::start(services, read(input)?).await,
        "BatchGetCommandExecutions" => command_executions::batch_get(services, &read(input)?),
        "ListCommandExecutionsForSandbox" => command_executions::list(services, &read(input)?),
        "CreateFleet" => reply(fleets::create(services, read(input)?).await?),
        "UpdateFleet" => reply(fleets::update(services, read(input)?).await?),
        "DeleteFleet" => fleets::delete(services, read(input)?).await,
        "BatchGetFleets" => fleets::batch_get(services, &read(input)?),
        "ListFleets" => fleets::list(services, &read(input)?),
        "PutResourcePolicy" => resource_policies::put(services, read(input)?).await,
        "GetResourcePolicy" => resource_policies::get(services, &read(input)?),
        "DeleteResourcePolicy" => resource_policies::delete(services, read(input)?).await,
        "ListSharedProjects" => shared_resources::projects(services, &read(input)?),
        "ListSharedReportGroups" => shared_resources::report_groups(services, &read(input)?),
        "ListCuratedEnvironmentImages" => curated_images::list(),
        "UpdateProjectVisibility" => project_visibility::update(services, read(input)?).await,
        _ => Err(AwsError::new(
            "UnknownOperationException",
            format!(
                "{operation} is a CodeBuild operation that the local AWS does not have yet. \
                 Run it on AWS, or leave it out."
            ),
        )),
    }
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}

fn reply<T: Serialize>(output: T) -> Result<Value, AwsError> {
    serde_json::to_value(output).map_err(AwsError::storage)
}
