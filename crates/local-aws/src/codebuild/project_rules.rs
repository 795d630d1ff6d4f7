//! What CodeBuild refuses in a project beyond the model's constraints.
//!
//! The sentences are CodeBuild's own, as published replies show them.

use serde_json::Value;

use super::artifacts_types::LogsConfig;
use super::artifacts_types::ProjectArtifacts;
use super::environment_types::EnvironmentVariable;
use super::environment_types::ProjectCache;
use super::environment_types::ProjectEnvironment;
use super::fleet_rules;
use super::project::Project;
use super::source_types::ProjectSource;
use super::start_build_batch;
use crate::account::Account;
use crate::error::AwsError;

type Checked = Result<(), AwsError>;

/// Checks a project as it would be stored.
pub(super) fn check_project(project: &Project, account: &Account) -> Checked {
    check_source(&project.source)?;
    check_secondary_sources(project)?;
    check_code_pipeline(&project.source, &project.artifacts)?;
    check_artifacts(&project.artifacts)?;
    project
        .secondary_artifacts
        .iter()
        .try_for_each(check_artifacts)?;
    check_environment(&project.environment)?;
    check_variables(&project.environment.environment_variables)?;
    check_cache(&project.cache, &project.source)?;
    project.logs_config.as_ref().map_or(Ok(()), check_logs)?;
    check_service_role(&project.service_role, account)?;
    check_encryption_key(&project.encryption_key, account)?;
    if project.badge.badge_enabled {
        check_badge(&project.source)?;
    }
    if let Some(config) = start_build_batch::config_of(project.build_batch_config.as_ref())? {
        config.check()?;
    }
    if let Some(vpc) = &project.vpc_config {
        fleet_rules::check_vpc(&super::read(vpc.clone())?)?;
    }
    check_file_systems(project)?;
    if project
        .concurrent_build_limit
        .is_some_and(|limit| limit < 1)
    {
        return refuse("Project level concurrent builds limit should be greater than 0");
    }
    Ok(())
}

fn check_file_systems(project: &Project) -> Checked {
    let locations = project.file_system_locations.as_deref().unwrap_or_default();
    let is_valid = |location: &Value| {
        let location = location.get("location").and_then(Value::as_str);
        location
            .and_then(|location| location.split_once(':'))
            .is_some_and(|(system, directory)| !system.is_empty() && !directory.is_empty())
    };
    if !locations.iter().all(is_valid) {
        return refuse(
            "Invalid Input: File System Location is invalid, should be in the form \
             'FileSystemDNS':'FileSystemDirectory'",
        );
    }
    if !locations.is_empty() && !project.environment.privileged_mode {
        return refuse("Privileged Mode has to be set for projects with File System Locations");
    }
    if !locations.is_empty() && project.vpc_config.is_none() {
        return refuse("VPC has to be configured for projects with File System Locations");
    }
    Ok(())
}

/// Checks a source.
pub(super) fn check_source(source: &ProjectSource) -> Checked {
    let location = source.location.as_deref().unwrap_or_default();
    match source.r#type.as_str() {
        "NO_SOURCE" if !location.is_empty() => {
            return refuse(
                "Invalid input: source location must be empty for source type NO_SOURCE",
            );
        }
        "NO_SOURCE" => {
            let given = source.buildspec.as_deref().is_some_and(|buildspec| {
                is_inline_buildspec(buildspec) || buildspec.starts_with("arn:aws:s3:")
            });
            if !given {
                return refuse("Invalid input: buildspec must be a valid YAML file");
            }
        }
        "CODEPIPELINE" => {}
        _ if location.is_empty() => return refuse("Project source location is required"),
        "GITHUB" if !is_github_url(location) => {
            return refuse(
                "Invalid project source: source location must be a valid GitHub repository URL",
            );
        }
        _ => {}
    }
    let kind = source.r#type.as_str();
    if source.report_build_status.is_some()
        && matches!(kind, "S3" | "NO_SOURCE" | "CODEPIPELINE" | "CODECOMMIT")
    {
        return refuse(format!(
            "Source type {kind} does not support ReportBuildStatus"
        ));
    }
    if source.git_submodules_config.is_some() && kind == "S3" {
        return refuse("Git submodules config is not supported for S3 source");
    }
    Ok(())
}

/// Whether a buildspec value is the text itself and not the path of a file.
pub(crate) fn is_inline_buildspec(buildspec: &str) -> bool {
    buildspec.contains('\n')
        || buildspec.trim_start().starts_with('{')
        || buildspec.contains("version:")
}

/// `CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION` stands for all repositories of an organization.
fn is_github_url(location: &str) -> bool {
    let path = [
        "https://github.com/",
        "http://github.com/",
        "git@github.com:",
        "ssh://git@github.com/",
    ]
    .iter()
    .find_map(|prefix| {
        let head = location.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix)
            .then(|| &location[prefix.len()..])
    })
    .or_else(|| {
        // https://user@github.com/owner/repo
        let rest = location.strip_prefix("https://")?;
        let (_, rest) = rest.split_once('@')?;
        rest.strip_prefix("github.com/")
    });
    match path {
        Some(path) => {
            let mut segments = path.trim_end_matches('/').split('/');
            let complete = |segment: Option<&str>| segment.is_some_and(|name| !name.is_empty());
            complete(segments.next()) && complete(segments.next()) && segments.next().is_none()
        }
        None => location == "CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION",
    }
}

fn check_secondary_sources(project: &Project) -> Checked {
    let mut seen = Vec::new();
    for source in &project.secondary_sources {
        let Some(identifier) = source.source_identifier.as_deref() else {
            return refuse("Invalid input: sourceIdentifier is required for secondary sources");
        };
        check_identifier(identifier)?;
        if seen.contains(&identifier) {
            return refuse("Invalid input: sourceIdentifier cannot be duplicated");
        }
        seen.push(identifier);
        check_source(source)?;
    }
    for version in &project.secondary_source_versions {
        if !seen.contains(&version.source_identifier.as_str()) {
            return refuse("Invalid input: secondary source identifier does not exist");
        }
    }
    Ok(())
}

fn check_identifier(identifier: &str) -> Checked {
    let allowed = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if identifier.len() < 128 && !identifier.is_empty() && identifier.chars().all(allowed) {
        Ok(())
    } else {
        refuse(
            "Invalid input: identifier must contain only alphanumeric characters and underscores \
             and be less than 128 characters in length",
        )
    }
}

fn check_code_pipeline(source: &ProjectSource, artifacts: &ProjectArtifacts) -> Checked {
    if (source.r#type == "CODEPIPELINE") == (artifacts.r#type == "CODEPIPELINE") {
        Ok(())
    } else {
        refuse(
            "Invalid input: when using CodePipeline both sourceType, and artifactType must be set \
             to: CODEPIPELINE",
        )
    }
}

/// Checks where artifacts go.
pub(super) fn check_artifacts(artifacts: &ProjectArtifacts) -> Checked {
    let has_location = artifacts
        .location
        .as_deref()
        .is_some_and(|location| !location.is_empty());
    match artifacts.r#type.as_str() {
        "S3" if !has_location => refuse("Invalid artifacts: location is required"),
        "NO_ARTIFACTS" if has_location => {
            refuse("Invalid artifacts: artifact type NO_ARTIFACTS should have null location")
        }
        "NO_ARTIFACTS" if artifacts.encryption_disabled == Some(true) => refuse(
            "Invalid artifacts: artifact type NO_ARTIFACTS should have null encryptionDisabled",
        ),
        _ => Ok(()),
    }
}

/// Checks what a build runs in.
pub(crate) fn check_environment(environment: &ProjectEnvironment) -> Checked {
    let kind = environment.r#type.as_str();
    let lambda = kind.contains("LAMBDA");
    if lambda != environment.compute_type.starts_with("BUILD_LAMBDA")
        && !environment.compute_type.is_empty()
    {
        return refuse(format!(
            "Compute type {} is not supported for {kind}",
            environment.compute_type
        ));
    }
    if environment.privileged_mode && lambda {
        return refuse("Cannot specify privilegedMode for lambda compute");
    }
    if environment.privileged_mode && kind.starts_with("WINDOWS") {
        return refuse(format!(
            "PrivilegedMode is not supported for {kind} projects"
        ));
    }
    if environment.image.starts_with("aws/codebuild/")
        && environment.image_pull_credentials_type.as_deref() == Some("SERVICE_ROLE")
    {
        return refuse(
            "Invalid input: cannot use a CodeBuild curated image with imagePullCredentialsType \
             SERVICE_ROLE",
        );
    }
    Ok(())
}

/// Checks the variables that a project or a build sets.
pub(super) fn check_variables(variables: &[EnvironmentVariable]) -> Checked {
    let mut seen = std::collections::HashSet::new();
    for variable in variables {
        if variable.name.starts_with("CODEBUILD_") {
            return refuse("No user environment variables can start with CODEBUILD_");
        }
        if !seen.insert(variable.name.as_str()) {
            return refuse("EnvironmentVariable name cannot be duplicated");
        }
    }
    Ok(())
}

/// Checks a cache against the source that it goes with.
pub(super) fn check_cache(cache: &ProjectCache, source: &ProjectSource) -> Checked {
    match cache.r#type.as_str() {
        "LOCAL" => {
            let modes = cache.modes.as_deref().unwrap_or_default();
            if modes.is_empty() {
                return refuse("At least one mode must be provided for cache type: LOCAL");
            }
            if source.r#type == "NO_SOURCE" && modes.iter().any(|mode| mode == "LOCAL_SOURCE_CACHE")
            {
                return refuse(
                    "Cache mode LOCAL_SOURCE_CACHE is not available for source type NO_SOURCE",
                );
            }
            Ok(())
        }
        "S3" if cache.location.as_deref().unwrap_or_default().is_empty() => refuse(
            "Invalid cache: location must be a valid S3 bucket, followed by slash and the prefix",
        ),
        _ => Ok(()),
    }
}

/// Checks where logs go.
pub(super) fn check_logs(logs: &LogsConfig) -> Checked {
    let s3 = logs.s3_logs.as_ref();
    if s3.is_some_and(|s3| {
        s3.status == "ENABLED" && s3.location.as_deref().unwrap_or_default().is_empty()
    }) {
        return refuse(
            "Invalid logsConfig: s3Logs location must be provided if status is 'ENABLED'",
        );
    }
    Ok(())
}

/// Checks that a role could be a role of this account.
pub(super) fn check_service_role(role: &str, account: &Account) -> Checked {
    let Some(rest) = role.strip_prefix("arn:") else {
        return Ok(());
    };
    let parts: Vec<&str> = rest.splitn(5, ':').collect();
    match parts[..] {
        [_, "iam", "", owner, resource] if resource.starts_with("role/") => {
            if owner == account.id {
                Ok(())
            } else {
                refuse(
                    "Invalid service role: Service role account ID does not match caller's account",
                )
            }
        }
        _ => refuse("Invalid service role"),
    }
}

fn check_encryption_key(key: &str, account: &Account) -> Checked {
    let region = key
        .strip_prefix("arn:aws:kms:")
        .and_then(|rest| rest.split(':').next());
    if region.is_some_and(|region| region != account.region) {
        return refuse("Invalid encryption key: region does not match current region");
    }
    Ok(())
}

fn check_badge(source: &ProjectSource) -> Checked {
    match source.r#type.as_str() {
        "S3" => refuse("Build badges are not supported for S3 source"),
        "NO_SOURCE" => refuse("Build badges are not supported for projects with no source"),
        "CODEPIPELINE" => refuse("Build badges are not supported for CodePipeline source"),
        _ => Ok(()),
    }
}

fn refuse(message: impl Into<String>) -> Checked {
    Err(AwsError::invalid_input(message))
}
