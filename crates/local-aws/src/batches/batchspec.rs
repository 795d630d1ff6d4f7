//! DOWNLOAD_BATCHSPEC: from the project's source to the builds of the batch.

use build_engine::LogSink;
use build_engine::PhaseContext;
use build_engine::Source;
use buildspec::Buildspec;
use tokio::sync::mpsc;

use super::builds_of;
use crate::builds::BuildHost;
use crate::codebuild;
use crate::codebuild::BatchRestrictions;
use crate::codebuild::BuildGroup;
use crate::codebuild::PlannedBuild;
use crate::codebuild::ProjectEnvironment;
use crate::codebuild::StoredBuildBatch;
use crate::source::BuildSource;
use crate::store;

/// What a batchspec asks for.
pub(super) struct Plan {
    pub(super) fast_fail: bool,
    pub(super) groups: Vec<BuildGroup>,
    /// One for each group.
    pub(super) builds: Vec<PlannedBuild>,
    /// Such as a commit id.
    pub(super) resolved_version: Option<String>,
}

/// Fetches the source and reads the batchspec in it, or the project's own.
///
/// # Errors
///
/// The context that DOWNLOAD_BATCHSPEC fails with.
pub(super) async fn plan(
    host: &BuildHost,
    stored: &StoredBuildBatch,
) -> Result<Plan, PhaseContext> {
    let (text, resolved_version) = fetch(host, stored).await?;
    let spec = Buildspec::parse_batchspec(&text)
        .map_err(|error| PhaseContext::yaml_file_error(error.aws_message()))?;
    let Some(batch) = spec.batch else {
        return Err(PhaseContext::yaml_file_error(
            "The buildspec has no section batch",
        ));
    };
    let fast_fail = batch.fast_fail;
    let project = &stored.project.environment;
    let (groups, builds): (Vec<BuildGroup>, Vec<PlannedBuild>) = builds_of::builds(batch)
        .into_iter()
        .map(|build| builds_of::plan(build, project))
        .unzip();
    let config = &stored.batch.build_batch_config;
    let restrictions = config.restrictions.clone().unwrap_or_default();
    check_number(groups.len(), &restrictions)?;
    for (group, build) in groups.iter().zip(&builds) {
        check(&build.environment, &restrictions)
            .and_then(|()| check_fleet(host, &build.environment))
            .map_err(|reason| {
                PhaseContext::client_error(format!("Build {}: {reason}", group.identifier))
            })?;
    }
    Ok(Plan {
        fast_fail,
        groups,
        builds,
        resolved_version,
    })
}

/// The batchspec's text and the source's resolved version.
async fn fetch(
    host: &BuildHost,
    stored: &StoredBuildBatch,
) -> Result<(String, Option<String>), PhaseContext> {
    let build = codebuild::build_for_batchspec(stored, &host.account);
    let source = BuildSource::of(&build.build, host);
    // A batch has no log of its own.
    let (sender, mut events) = mpsc::channel(64);
    let unread = tokio::spawn(async move { while events.recv().await.is_some() {} });
    let fetched = source.fetch(&LogSink::new(sender)).await;
    unread.abort();
    let fetched = fetched?;
    let text = fetched.buildspec_text(&fetched.directory).await;
    let mut archives = Vec::new();
    for source in &fetched.secondary {
        archives.extend(source.archive.clone().filter(|_| source.remove_archive));
    }
    archives.extend(fetched.archive.clone().filter(|_| fetched.remove_archive));
    for archive in archives {
        if let Err(error) = tokio::fs::remove_file(&archive).await {
            tracing::warn!(archive = %archive.display(), %error, "an archive is left behind");
        }
    }
    Ok((text?, fetched.resolved_version))
}

fn check_number(builds: usize, restrictions: &BatchRestrictions) -> Result<(), PhaseContext> {
    let most = restrictions.maximum_builds_allowed.unwrap_or(i64::MAX);
    if i64::try_from(builds).is_ok_and(|builds| builds <= most) {
        return Ok(());
    }
    Err(PhaseContext::client_error(format!(
        "The batch has {builds} builds, but the project's batch restrictions allow {most} \
         (maximumBuildsAllowed)"
    )))
}

/// Checks one build's environment, as a sentence if it is not allowed.
fn check(environment: &ProjectEnvironment, restrictions: &BatchRestrictions) -> Result<(), String> {
    let forbids = |allowed: Option<&Vec<String>>, value: &str| {
        allowed.is_some_and(|allowed| {
            !allowed.is_empty() && !allowed.iter().any(|other| other == value)
        })
    };
    let compute_type = environment.compute_type.as_str();
    if forbids(restrictions.compute_types_allowed.as_ref(), compute_type) {
        return Err(format!(
            "compute type {compute_type} is not one that the project's batch restrictions allow \
             (computeTypesAllowed)"
        ));
    }
    if let Some(fleet) = environment.fleet_arn()
        && forbids(restrictions.fleets_allowed.as_ref(), fleet)
    {
        return Err(format!(
            "fleet {fleet} is not one that the project's batch restrictions allow (fleetsAllowed)"
        ));
    }
    codebuild::check_environment(environment)
        .map_err(|error| error.message.unwrap_or_else(|| error.code.to_owned()))
}

/// Checks that the fleet of one build's environment is there and fits, as a sentence if not.
fn check_fleet(host: &BuildHost, environment: &ProjectEnvironment) -> Result<(), String> {
    let Some(arn) = environment.fleet_arn() else {
        return Ok(());
    };
    let checked = host.store.read(|transaction| {
        let fleets = transaction.open_table(store::FLEETS)?;
        codebuild::check_fleet_in(&fleets, arn, environment, &host.account)
    });
    checked.map_err(|error| error.message.unwrap_or_else(|| error.code.to_owned()))
}
