//! ListProjects, ListBuilds, ListBuildsForProject: at most 100 names a page.
//!
//! Each reads one page's worth of an index, however many entries there are.

use std::ops::Bound;

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::projects;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;

/// CodeBuild's page size. ListProjects and the lists of builds know no other.
pub(super) const PAGE: usize = 100;

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
            return by_name(&table, after.as_deref(), descending, PAGE);
        }
        let table = transaction.open_table(if sort_by == "CREATED_TIME" {
            store::PROJECTS_BY_CREATION
        } else {
            store::PROJECTS_BY_CHANGE
        })?;
        by_time(&table, after.as_deref(), descending, PAGE)
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
        by_time(&table, after.as_deref(), descending, PAGE)
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
        page(entries, descending, PAGE, |(number, id)| {
            (number.to_string(), id)
        })
    })?;
    Ok(reply(services, &list, "ids", page))
}

/// One page of a list.
pub(super) struct Page<T = String> {
    items: Vec<T>,
    /// The position of the last item, if more follow.
    more_after: Option<String>,
}

impl<T> Page<T> {
    /// The first `limit` of what is left of a list: positions and items.
    pub(super) fn of(
        mut entries: impl Iterator<Item = Result<(String, T), StoreError>>,
        limit: usize,
    ) -> Result<Self, StoreError> {
        let mut items = Vec::new();
        let mut last = None;
        for entry in entries.by_ref().take(limit) {
            let (position, item) = entry?;
            items.push(item);
            last = Some(position);
        }
        let more_after = entries.next().transpose()?.and(last);
        Ok(Self { items, more_after })
    }

    /// The same page of something else.
    pub(super) fn map<U>(
        self,
        change: impl FnMut(T) -> Result<U, StoreError>,
    ) -> Result<Page<U>, StoreError> {
        Ok(Page {
            items: self
                .items
                .into_iter()
                .map(change)
                .collect::<Result<_, _>>()?,
            more_after: self.more_after,
        })
    }
}

/// Collects one page; `split` gives an entry's position and name.
fn page<E>(
    entries: impl DoubleEndedIterator<Item = Result<E, redb::StorageError>>,
    descending: bool,
    limit: usize,
    split: impl Fn(E) -> (String, String),
) -> Result<Page, StoreError> {
    let entry = |entry: Result<E, redb::StorageError>| Ok(split(entry?));
    if descending {
        Page::of(entries.rev().map(entry), limit)
    } else {
        Page::of(entries.map(entry), limit)
    }
}

/// One page of the names in a table of records.
pub(super) fn by_name(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    after: Option<&str>,
    descending: bool,
    limit: usize,
) -> Result<Page, StoreError> {
    let range = bounds(after, descending, None, None);
    let entries = table
        .range::<&str>(range)?
        .map(|entry| Ok(entry?.0.value().to_owned()));
    page(entries, descending, limit, |name| (name.clone(), name))
}

/// One page of the names in an index of times.
pub(super) fn by_time(
    table: &impl ReadableTable<(i64, &'static str), ()>,
    after: Option<&str>,
    descending: bool,
    limit: usize,
) -> Result<Page, StoreError> {
    let after = after.map(time_and_name).transpose()?;
    let range = bounds(after, descending, None, None);
    let entries = table.range::<(i64, &str)>(range)?.map(|entry| {
        let key = entry?.0;
        let (time, name) = key.value();
        Ok((time, name.to_owned()))
    });
    page(entries, descending, limit, |(time, name)| {
        (format!("{time} {name}"), name)
    })
}

/// The position in a list that is sorted by time.
pub(super) fn time_and_name(position: &str) -> Result<(i64, &str), AwsError> {
    let (time, name) = position.split_once(' ').ok_or_else(invalid_token)?;
    Ok((time.parse().map_err(|_| invalid_token())?, name))
}

/// From the position on in reading order, within the given ends.
pub(super) fn bounds<K>(
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

/// The position in a page token of this list.
pub(super) fn position(
    services: &Services,
    list: &str,
    token: Option<&str>,
) -> Result<Option<String>, AwsError> {
    token
        .filter(|token| !token.is_empty())
        .map(|token| services.tokens.open(list, token).ok_or_else(invalid_token))
        .transpose()
}

/// The answer to a token that was not made for the list.
pub(super) fn invalid_token() -> AwsError {
    AwsError::invalid_input("Invalid token provided")
}

/// A page as its operation answers it.
pub(super) fn reply<T: Serialize>(
    services: &Services,
    list: &str,
    member: &str,
    page: Page<T>,
) -> Value {
    let mut reply = json!({ member: page.items });
    if let Some(position) = page.more_after {
        reply["nextToken"] = services.tokens.seal(list, &position).into();
    }
    reply
}
