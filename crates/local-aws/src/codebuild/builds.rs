//! StopBuild, BatchGetBuilds, BatchDeleteBuilds.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::build::Build;
use super::build::StoredBuild;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::store::Write;

/// How long StopBuild waits for the end, so that its reply shows it.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

#[derive(Debug, Serialize)]
pub(super) struct BuildOutput {
    pub(super) build: Build,
}

#[derive(Debug, Deserialize)]
pub(super) struct Id {
    id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Ids {
    ids: Vec<String>,
}

/// StopBuild. A build that is complete is returned as it is.
pub(super) async fn stop(services: &Services, input: Id) -> Result<BuildOutput, AwsError> {
    let id = services.account.build_id(&input.id);
    check_id(id)?;
    if read(services, id)?.is_none() {
        return Err(AwsError::not_found(format!(
            "Build cannot be found: {}",
            services.account.build_arn(id)
        )));
    }
    services.builds.stop(id, STOP_PATIENCE).await;
    match read(services, id)? {
        Some(stored) => Ok(BuildOutput {
            build: stored.build,
        }),
        None => Err(AwsError::not_found(format!("Build {id} was deleted"))),
    }
}

/// BatchGetBuilds: by id or ARN, in the order asked for.
pub(super) fn batch_get(services: &Services, input: &Ids) -> Result<Value, AwsError> {
    let account = &services.account;
    for id in &input.ids {
        check_id(account.build_id(id))?;
    }
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    services.store.read(|transaction| {
        let builds = transaction.open_table(store::BUILDS)?;
        for id in &input.ids {
            match store::get::<StoredBuild>(&builds, account.build_id(id))? {
                Some(stored) => found.push(stored.build),
                None => missing.push(id.as_str()),
            }
        }
        Ok(())
    })?;
    Ok(json!({ "builds": found, "buildsNotFound": missing }))
}

/// BatchDeleteBuilds: builds that run, or that do not exist, are named in the reply.
pub(super) async fn batch_delete(services: &Services, input: Ids) -> Result<Value, AwsError> {
    let account = services.account.clone();
    for id in &input.ids {
        check_id(account.build_id(id))?;
    }
    services
        .store
        .write(move |transaction| {
            let (mut deleted, mut kept) = (Vec::new(), Vec::new());
            for asked in &input.ids {
                let found = {
                    let builds = transaction.open_table(store::BUILDS)?;
                    store::get::<StoredBuild>(&*builds, account.build_id(asked))?
                };
                match found {
                    None => kept.push(json!({ "id": asked, "statusCode": "BUILD_NOT_FOUND" })),
                    Some(stored) if !stored.build.build_complete => {
                        kept.push(json!({ "id": asked, "statusCode": "BUILD_IN_PROGRESS" }));
                    }
                    Some(StoredBuild { build, .. }) => {
                        remove(transaction, &build)?;
                        deleted.push(build.arn);
                    }
                }
            }
            Ok(json!({ "buildsDeleted": deleted, "buildsNotDeleted": kept }))
        })
        .await
}

/// Removes a build's record.
pub(super) fn remove(transaction: &Write<'_>, build: &Build) -> Result<(), StoreError> {
    let id = build.id.as_str();
    transaction.open_table(store::BUILDS)?.remove(id)?;
    transaction
        .open_table(store::BUILDS_BY_START)?
        .remove((build.start_time.millis(), id))?;
    transaction
        .open_table(store::BUILDS_BY_PROJECT)?
        .remove((build.project_name.as_str(), build.build_number))?;
    Ok(())
}

/// One build.
pub(super) fn read(services: &Services, id: &str) -> Result<Option<StoredBuild>, AwsError> {
    services
        .store
        .read(|transaction| store::get(&transaction.open_table(store::BUILDS)?, id))
}

/// A build id is `project:uuid`.
pub(super) fn check_id(id: &str) -> Result<(), AwsError> {
    let valid = id
        .split_once(':')
        .is_some_and(|(project, uuid)| !project.is_empty() && uuid::Uuid::parse_str(uuid).is_ok());
    if valid {
        Ok(())
    } else {
        Err(AwsError::invalid_input("Invalid build ID provided"))
    }
}
