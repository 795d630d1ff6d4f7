//! What CodeCommit tells EventBridge, and the topics of triggers, about branches and tags that change.
//!
//! git moves them, and the database has what was told of last. What differs is told in the transaction
//! that remembers it, so that nothing is lost if the process is killed in between: [`catch_up`] looks
//! at the next start.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use redb::ReadableTable;
use serde_json::Value;
use serde_json::json;
use tokio::sync::Mutex;

use super::git::Repository;
use super::repositories;
use super::repositories::Record;
use super::triggers;
use crate::account::Account;
use crate::error::AwsError;
use crate::event_bridge;
use crate::event_bridge::NewEvent;
use crate::services::Services;
use crate::store;

/// The right to look at references and to tell of them: one at a time, so that nobody tells of what
/// was before.
#[derive(Debug, Default)]
pub(crate) struct ReferenceTurn(Mutex<()>);

/// Tells of what has changed in a repository since this was called last, and lets HEAD name a branch.
pub(super) async fn tell(services: &Services, name: &str, caller: &str) -> Result<(), AwsError> {
    let _turn = services.references.0.lock().await;
    if repositories::find(&services.store, name).is_err() {
        return Ok(());
    }
    let repository = Repository::at(services.repositories.join(format!("{name}.git")));
    let now = repository.references().await?;
    name_default_branch(&repository, &now).await?;
    let (name, caller) = (name.to_owned(), caller.to_owned());
    let account = services.account.clone();
    services
        .store
        .write(move |transaction| {
            let mut repositories = transaction.open_table(store::REPOSITORIES)?;
            let Some(mut record) = store::get::<Record>(&*repositories, &name)? else {
                return Ok(());
            };
            let mut told = transaction.open_table(store::REFERENCES)?;
            let before: Option<BTreeMap<String, String>> = store::get(&*told, &name)?;
            if before.as_ref() == Some(&now) {
                return Ok(());
            }
            store::put(&mut told, &name, &now)?;
            // Of a repository that is older than this table nothing is known.
            let Some(before) = before else {
                return Ok(());
            };
            record.touch();
            store::put(&mut repositories, &name, &record)?;
            let details = changes(&before, &now);
            for (topic, message) in triggers::messages(&account, &name, &record, &details, &caller)
            {
                event_bridge::record_message(
                    transaction,
                    &account.repository_arn(&name),
                    topic,
                    message,
                )?;
            }
            let events = details.into_iter().map(|mut detail| {
                detail["repositoryName"] = name.as_str().into();
                detail["repositoryId"] = record.id().into();
                detail["callerUserArn"] = caller.as_str().into();
                event(&account, &name, detail)
            });
            event_bridge::record(transaction, events.collect())
        })
        .await
}

/// Tells of what was pushed before the process was killed.
pub(crate) fn catch_up(services: &Arc<Services>) {
    let services = Arc::clone(services);
    tokio::spawn(async move {
        let names = services.store.read(|transaction| {
            let mut names = Vec::new();
            for entry in transaction.open_table(store::REPOSITORIES)?.iter()? {
                names.push(entry?.0.value().to_owned());
            }
            Ok(names)
        });
        let caller = services.account.user_arn();
        for name in names.unwrap_or_default() {
            let told = tell(&services, &name, &caller);
            if let Some(Err(error)) = services.stop.run_until_cancelled(told).await {
                tracing::warn!(%error, name, "pushes to a repository were not looked at");
            }
        }
    });
}

/// The first branch of an empty repository is its default one.
async fn name_default_branch(
    repository: &Repository,
    references: &BTreeMap<String, String>,
) -> Result<(), AwsError> {
    let mut branches = references
        .keys()
        .filter(|name| name.starts_with("refs/heads/"));
    let Some(first) = branches.next() else {
        return Ok(());
    };
    let head = repository.text(&["symbolic-ref", "HEAD"]).await?;
    if head.is_none_or(|head| !references.contains_key(&head)) {
        repository.text(&["symbolic-ref", "HEAD", first]).await?;
    }
    Ok(())
}

/// The details of events, in the order of the names.
fn changes(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<Value> {
    let mut names: Vec<&String> = before.keys().chain(now.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter(|name| before.get(*name) != now.get(*name))
        .filter_map(|name| {
            let (old, new) = (before.get(name), now.get(name));
            let event = match (old, new) {
                (None, _) => "referenceCreated",
                (Some(_), Some(_)) => "referenceUpdated",
                (Some(_), None) => "referenceDeleted",
            };
            let (kind, short) = match name.strip_prefix("refs/heads/") {
                Some(short) => ("branch", short),
                None => ("tag", name.strip_prefix("refs/tags/")?),
            };
            let mut detail = json!({
                "event": event,
                "referenceType": kind,
                "referenceName": short,
                "referenceFullName": name,
            });
            if let Some(commit) = new {
                detail["commitId"] = commit.as_str().into();
            }
            if let Some(commit) = old {
                detail["oldCommitId"] = commit.as_str().into();
            }
            Some(detail)
        })
        .collect()
}

fn event(account: &Account, repository: &str, detail: Value) -> NewEvent {
    NewEvent {
        source: "aws.codecommit".to_owned(),
        detail_type: "CodeCommit Repository State Change".to_owned(),
        region: account.region.clone(),
        account: account.id.clone(),
        at: Timestamp::now(),
        resources: vec![account.repository_arn(repository)],
        detail,
    }
}
