//! ListProjects, ListBuilds, ListBuildsForProject: at most 100 names a page.
//!
//! Each reads one page's worth of an index, however many entries there are.

use std::ops::Bound;

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::projects;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;

/// CodeBuild's page size. It cannot be asked for otherwise.
const PAGE: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListProjectsInput {
    sort_by: Option<String>,
    sort_order: Option<String>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListBuildsInput {
    sort_order: Option<String>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListBuildsForProjectInput {
    project_name: String,
    sort_order: Option<String>,
    next_token: Option<String>,
}

/// ListProjects: by name, ascending, unless asked otherwise.
pub(super) fn projects(services: &Services, input: &ListProjectsInput) -> Result<Value, AwsError> {
    let sort_by = input.sort_by.as_deref().unwrap_or("NAME");
    let descending = input.sort_order.as_deref() == Some("DESCENDING");
    let list = format!("ListProjects/{sort_by}/{descending}");
    let after = position(services, &list, input.next_token.as_deref())?;
    let page = services.store.read(|transaction| {
        if sort_by == "NAME" {
            let table = transaction.open_table(store::PROJECTS)?;
            let range = bounds(after.as_deref(), descending, None, None);
            let entries = table
                .range::<&str>(range)?
                .map(|entry| Ok(entry?.0.value().to_owned()));
            return page(entries, descending, |name| (name.clone(), name));
        }
        let table = transaction.open_table(if sort_by == "CREATED_TIME" {
            store::PROJECTS_BY_CREATION
        } else {
            store::PROJECTS_BY_CHANGE
        })?;
        by_time(&table, after.as_deref(), descending)
    })?;
    Ok(reply(services, &list, "projects", page))
}

/// ListBuilds: newest first unless asked otherwise.
pub(super) fn builds(services: &Services, input: &ListBuildsInput) -> Result<Value, AwsError> {
    let descending = input.sort_order.as_deref() != Some("ASCENDING");
    let list = format!("ListBuilds/{descending}");
    let after = position(services, &list, input.next_token.as_deref())?;
    let page = services.store.read(|transaction| {
        let table = transaction.open_table(store::BUILDS_BY_START)?;
        by_time(&table, after.as_deref(), descending)
    })?;
    Ok(reply(services, &list, "ids", page))
}

/// ListBuildsForProject: highest build number first unless asked otherwise.
pub(super) fn builds_for_project(
    services: &Services,
    input: &ListBuildsForProjectInput,
) -> Result<Value, AwsError> {
    let descending = input.sort_order.as_deref() != Some("ASCENDING");
    let name = services.account.project_name(&input.project_name);
    let list = format!("ListBuildsForProject/{name}/{descending}");
    let after = position(services, &list, input.next_token.as_deref())?
        .map(|number| number.parse::<u64>().map_err(|_| invalid_token()))
        .transpose()?;
    let page = services.store.read(|transaction| {
        if transaction
            .open_table(store::PROJECTS)?
            .get(name)?
            .is_none()
        {
            return Err(projects::not_found(&services.account, name).into());
        }
        let table = transaction.open_table(store::BUILDS_BY_PROJECT)?;
        let range = bounds(
            after.map(|number| (name, number)),
            descending,
            Some((name, 0)),
            Some((name, u64::MAX)),
        );
        let entries = table.range::<(&str, u64)>(range)?.map(|entry| {
            let (key, id) = entry?;
            Ok((key.value().1, id.value().to_owned()))
        });
        page(entries, descending, |(number, id)| (number.to_string(), id))
    })?;
    Ok(reply(services, &list, "ids", page))
}

struct Page {
    names: Vec<String>,
    /// The position of the last name, if more follow.
    more_after: Option<String>,
}

/// Collects one page; `split` gives an entry's position and name.
fn page<E>(
    entries: impl DoubleEndedIterator<Item = Result<E, redb::StorageError>>,
    descending: bool,
    split: impl Fn(E) -> (String, String),
) -> Result<Page, StoreError> {
    let mut entries: Box<dyn Iterator<Item = _>> = if descending {
        Box::new(entries.rev())
    } else {
        Box::new(entries)
    };
    let mut names = Vec::new();
    let mut last = None;
    for entry in entries.by_ref().take(PAGE) {
        let (position, name) = split(entry?);
        names.push(name);
        last = Some(position);
    }
    let more_after = entries.next().and(last);
    Ok(Page { names, more_after })
}

fn by_time(
    table: &impl ReadableTable<(i64, &'static str), ()>,
    after: Option<&str>,
    descending: bool,
) -> Result<Page, StoreError> {
    let after = match after.map(|position| position.split_once(' ')) {
        None => None,
        Some(Some((time, name))) => Some((time.parse().map_err(|_| invalid_token())?, name)),
        Some(None) => return Err(invalid_token().into()),
    };
    let range = bounds(after, descending, None, None);
    let entries = table.range::<(i64, &str)>(range)?.map(|entry| {
        let key = entry?.0;
        let (time, name) = key.value();
        Ok((time, name.to_owned()))
    });
    page(entries, descending, |(time, name)| {
        (format!("{time} {name}"), name)
    })
}

/// From the position on in reading order, within the given ends.
fn bounds<K>(
    after: Option<K>,
    descending: bool,
    lowest: Option<K>,
    highest: Option<K>,
) -> (Bound<K>, Bound<K>) {
    let end = |key: Option<K>| key.map_or(Bound::Unbounded, Bound::Included);
    match (after, descending) {
        (None, _) => (end(lowest), end(highest)),
        (Some(after), false) => (Bound::Excluded(after), end(highest)),
        (Some(after), true) => (end(lowest), Bound::Excluded(after)),
    }
}

fn position(
    services: &Services,
    list: &str,
    token: Option<&str>,
) -> Result<Option<String>, AwsError> {
    token
        .filter(|token| !token.is_empty())
        .map(|token| services.tokens.open(list, token).ok_or_else(invalid_token))
        .transpose()
}

fn invalid_token() -> AwsError {
    AwsError::invalid_input("Invalid token provided")
}

fn reply(services: &Services, list: &str, member: &str, page: Page) -> Value {
    let mut reply = json!({ member: page.names });
    if let Some(position) = page.more_after {
        reply["nextToken"] = services.tokens.seal(list, &position).into();
    }
    reply
}
