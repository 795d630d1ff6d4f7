//! The record of a build that has just been accepted.

use super::artifacts_types::BuildArtifacts;
use super::artifacts_types::CloudWatchLogsConfig;
use super::artifacts_types::LogsConfig;
use super::artifacts_types::ProjectArtifacts;
use super::artifacts_types::S3LogsConfig;
use super::build::Build;
use super::build::BuildPhase;
use super::build::LogsLocation;
use super::build::StoredBuild;
use super::project::Project;
use super::start_build;
use crate::account::Account;
use crate::timestamp::EpochSeconds;

/// A build of a project with all overrides in it.
pub(super) fn from_project(project: Project, number: u64, account: &Account) -> StoredBuild {
    let uuid = uuid::Uuid::new_v4().to_string();
    let id = format!("{}:{uuid}", project.name);
    let now = EpochSeconds::now();
    let build = Build {
        arn: account.build_arn(&id),
        id,
        build_number: number,
        start_time: now,
        end_time: None,
        current_phase: "QUEUED".to_owned(),
        build_status: "IN_PROGRESS".to_owned(),
        source_version: project.source_version.clone(),
        resolved_source_version: None,
        phases: first_phases(now),
        artifacts: to_be_uploaded(&project.artifacts),
        secondary_artifacts: project
            .secondary_artifacts
            .iter()
            .map(to_be_uploaded)
            .collect(),
        logs: logs(&project.name, project.logs_config.as_ref(), &uuid, account),
        auto_retry_config: start_build::auto_retry(&project),
        project_name: project.name,
        source: project.source,
        secondary_sources: project.secondary_sources,
        secondary_source_versions: project.secondary_source_versions,
        cache: project.cache,
        environment: project.environment,
        service_role: project.service_role,
        timeout_in_minutes: project.timeout_in_minutes,
        queued_timeout_in_minutes: project.queued_timeout_in_minutes,
        build_complete: false,
        initiator: Account::USER.to_owned(),
        vpc_config: project.vpc_config,
        encryption_key: project.encryption_key,
        exported_environment_variables: Vec::new(),
        report_arns: Vec::new(),
        file_system_locations: project.file_system_locations,
        debug_session: None,
        build_batch_arn: None,
        batch_build_identifier: None,
        public_project_alias: project.public_project_alias,
    };
    StoredBuild {
        build,
        artifacts: project.artifacts,
        secondary_artifacts: project.secondary_artifacts,
        webhook: None,
    }
}

/// The same build again: what the first one had, not what the project has become.
pub(super) fn again(
    original: StoredBuild,
    number: u64,
    project: &Project,
    account: &Account,
) -> StoredBuild {
    let uuid = uuid::Uuid::new_v4().to_string();
    let id = format!("{}:{uuid}", original.build.project_name);
    let now = EpochSeconds::now();
    let logs_config = LogsConfig {
        cloud_watch_logs: original.build.logs.cloud_watch_logs.clone(),
        s3_logs: original.build.logs.s3_logs.clone(),
    };
    StoredBuild {
        build: Build {
            arn: account.build_arn(&id),
            id,
            build_number: number,
            start_time: now,
            end_time: None,
            current_phase: "QUEUED".to_owned(),
            build_status: "IN_PROGRESS".to_owned(),
            resolved_source_version: None,
            phases: first_phases(now),
            artifacts: to_be_uploaded(&original.artifacts),
            secondary_artifacts: original
                .secondary_artifacts
                .iter()
                .map(to_be_uploaded)
                .collect(),
            logs: logs(&project.name, Some(&logs_config), &uuid, account),
            build_complete: false,
            initiator: Account::USER.to_owned(),
            exported_environment_variables: Vec::new(),
            report_arns: Vec::new(),
            build_batch_arn: None,
            public_project_alias: project.public_project_alias.clone(),
            ..original.build
        },
        artifacts: original.artifacts,
        secondary_artifacts: original.secondary_artifacts,
        webhook: original.webhook,
    }
}

/// SUBMITTED is over when the reply is written, QUEUED has begun.
fn first_phases(now: EpochSeconds) -> Vec<BuildPhase> {
    let phase = |name: &str| BuildPhase {
        phase_type: name.to_owned(),
        phase_status: None,
        start_time: now,
        end_time: None,
        duration_in_seconds: None,
        contexts: None,
    };
    vec![
        BuildPhase {
            phase_status: Some("SUCCEEDED".to_owned()),
            end_time: Some(now),
            duration_in_seconds: Some(0),
            ..phase("SUBMITTED")
        },
        phase("QUEUED"),
    ]
}

/// Where the artifacts would go. Checksums come with the upload.
fn to_be_uploaded(artifacts: &ProjectArtifacts) -> BuildArtifacts {
    let location = match (artifacts.r#type.as_str(), artifacts.location.as_deref()) {
        ("S3", Some(bucket)) => {
            let path = artifacts
                .path
                .as_deref()
                .unwrap_or_default()
                .trim_matches('/');
            let name = artifacts.name.as_deref().unwrap_or_default();
            let key: Vec<&str> = [path, name]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect();
            format!("arn:aws:s3:::{bucket}/{}", key.join("/"))
        }
        _ => String::new(),
    };
    BuildArtifacts {
        location,
        override_artifact_name: artifacts.override_artifact_name,
        encryption_disabled: artifacts.encryption_disabled,
        artifact_identifier: artifacts.artifact_identifier.clone(),
        bucket_owner_access: artifacts.bucket_owner_access.clone(),
        ..BuildArtifacts::default()
    }
}

/// Group `/aws/codebuild/<project>` and stream `<uuid>` unless configured; a configured stream name
/// is a prefix.
fn logs(project: &str, config: Option<&LogsConfig>, uuid: &str, account: &Account) -> LogsLocation {
    let cloud_watch = config.and_then(|config| config.cloud_watch_logs.clone());
    let s3 = config
        .and_then(|config| config.s3_logs.clone())
        .unwrap_or(S3LogsConfig {
            status: "DISABLED".to_owned(),
            location: None,
            encryption_disabled: Some(false),
            bucket_owner_access: None,
        });
    let cloud_watch = cloud_watch.unwrap_or(CloudWatchLogsConfig {
        status: "ENABLED".to_owned(),
        group_name: None,
        stream_name: None,
    });
    let object = s3.object(uuid);
    let mut location = LogsLocation {
        s3_logs_arn: object
            .as_ref()
            .map(|(bucket, key)| format!("arn:aws:s3:::{bucket}/{key}")),
        s3_deep_link: object
            .as_ref()
            .map(|(bucket, key)| account.s3_deep_link(bucket, key)),
        s3_logs: Some(s3),
        ..LogsLocation::default()
    };
    if cloud_watch.status == "ENABLED" {
        let named = |name: &Option<String>| name.clone().filter(|name| !name.is_empty());
        let group =
            named(&cloud_watch.group_name).unwrap_or_else(|| format!("/aws/codebuild/{project}"));
        let stream = match named(&cloud_watch.stream_name) {
            Some(prefix) => format!("{prefix}/{uuid}"),
            None => uuid.to_owned(),
        };
        location.deep_link = Some(account.log_deep_link(&group, &stream));
        location.cloud_watch_logs_arn = Some(account.log_stream_arn(&group, &stream));
        location.group_name = Some(group);
        location.stream_name = Some(stream);
    }
    location.cloud_watch_logs = Some(cloud_watch);
    location
}
