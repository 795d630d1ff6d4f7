//! The record of a batch build that has just been accepted, and of each of its builds.

use super::build::BuildPhase;
use super::build::DebugSession;
use super::build::StoredBuild;
use super::build_batch::BuildBatch;
use super::build_batch::ProjectBuildBatchConfig;
use super::build_batch::StoredBuildBatch;
use super::build_batch::refresh_build_summary;
use super::new_build;
use super::project::Project;
use super::start_build;
use crate::account::Account;
use crate::error::AwsError;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

/// A batch of a project with all overrides in it.
pub(super) fn from_project(
    project: Project,
    config: ProjectBuildBatchConfig,
    debug_session_enabled: bool,
    number: u64,
    account: &Account,
) -> StoredBuildBatch {
    let id = format!("{}:{}", project.name, uuid::Uuid::new_v4());
    let now = EpochSeconds::now();
    let build = new_build::from_project(project.clone(), 0, account).build;
    let batch = BuildBatch {
        arn: account.build_batch_arn(&id),
        id,
        build_batch_number: number,
        start_time: now,
        end_time: None,
        current_phase: "SUBMITTED".to_owned(),
        build_batch_status: "IN_PROGRESS".to_owned(),
        source_version: build.source_version,
        resolved_source_version: None,
        project_name: build.project_name,
        phases: vec![submitted(now)],
        source: build.source,
        secondary_sources: build.secondary_sources,
        secondary_source_versions: build.secondary_source_versions,
        artifacts: build.artifacts,
        secondary_artifacts: build.secondary_artifacts,
        cache: build.cache,
        environment: build.environment,
        service_role: build.service_role,
        log_config: project.logs_config.clone(),
        build_timeout_in_minutes: build.timeout_in_minutes,
        queued_timeout_in_minutes: build.queued_timeout_in_minutes,
        complete: false,
        initiator: build.initiator,
        vpc_config: build.vpc_config,
        encryption_key: build.encryption_key,
        file_system_locations: build.file_system_locations,
        build_batch_config: config,
        build_groups: Vec::new(),
        debug_session_enabled,
        report_arns: Vec::new(),
    };
    StoredBuildBatch {
        batch,
        project,
        plan: Vec::new(),
        fast_fail: false,
        webhook: None,
    }
}

/// The batch once more. The groups that begin anew remember their builds.
pub(super) fn again(stored: &mut StoredBuildBatch, only_failed: bool) {
    let batch = &mut stored.batch;
    for group in &mut batch.build_groups {
        let succeeded = group
            .current_build_summary
            .as_ref()
            .is_some_and(|build| build.build_status == "SUCCEEDED");
        if !(only_failed && succeeded) {
            let before = group.current_build_summary.take();
            group.prior_build_summary_list.extend(before);
        }
    }
    batch.end_time = None;
    batch.complete = false;
    batch.build_batch_status = "IN_PROGRESS".to_owned();
    batch.current_phase = "SUBMITTED".to_owned();
    batch.phases = vec![submitted(EpochSeconds::now())];
}

/// A build that is not stored: for fetching the source of the batch.
pub(crate) fn build_for_batchspec(stored: &StoredBuildBatch, account: &Account) -> StoredBuild {
    new_build::from_project(stored.project.clone(), 0, account)
}

/// Stores the build of one of the batch's groups, and in the batch that it has begun.
pub(crate) fn start_build_of(
    transaction: &Write<'_>,
    stored: &mut StoredBuildBatch,
    group: usize,
    account: &Account,
) -> Result<StoredBuild, StoreError> {
    let batch = &mut stored.batch;
    let (Some(planned), Some(group)) = (stored.plan.get(group), batch.build_groups.get_mut(group))
    else {
        return Err(AwsError::storage("a batch build has fewer builds than it began with").into());
    };
    let mut project = stored.project.clone();
    project.environment = planned.environment.clone();
    if planned.buildspec.is_some() {
        project.source.buildspec.clone_from(&planned.buildspec);
    }
    // All builds of a batch build the same source.
    if batch.resolved_source_version.is_some() {
        project
            .source_version
            .clone_from(&batch.resolved_source_version);
    }
    let number = start_build::next_number(transaction, &project.name)?;
    let mut build = new_build::from_project(project, number, account);
    build.build.initiator.clone_from(&batch.initiator);
    build.webhook.clone_from(&stored.webhook);
    build.build.build_batch_arn = Some(batch.arn.clone());
    build.build.batch_build_identifier = Some(group.identifier.clone());
    if planned.debug_session || batch.debug_session_enabled {
        build.build.debug_session = Some(DebugSession {
            session_enabled: true,
        });
    }
    start_build::store_new(transaction, &build, None)?;
    refresh_build_summary(group, &build);
    Ok(build)
}

fn submitted(now: EpochSeconds) -> BuildPhase {
    BuildPhase {
        phase_type: "SUBMITTED".to_owned(),
        phase_status: None,
        start_time: now,
        end_time: None,
        duration_in_seconds: None,
        contexts: None,
    }
}
