//! ListSandboxes and ListSandboxesForProject.

use serde::Deserialize;
use serde_json::Value;

use super::lists;
use super::lists::PAGE;
use super::lists::Page;
use super::projects;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListSandboxesInput {
    max_results: Option<usize>,
    sort_order: Option<String>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListSandboxesForProjectInput {
    project_name: String,
    #[serde(flatten)]
    list: ListSandboxesInput,
}

/// ListSandboxes: newest first unless asked otherwise.
pub(super) fn sandboxes(
    services: &Services,
    input: &ListSandboxesInput,
) -> Result<Value, AwsError> {
    let descending = input.is_descending();
    let list = format!("ListSandboxes/{descending}");
    let after = lists::position(services, &list, input.next_token.as_deref())?;
    let after = after.as_deref().map(lists::time_and_name).transpose()?;
    let page = services.store.read(|transaction| {
        let by_request = transaction.open_table(store::SANDBOXES_BY_REQUEST)?;
        let range = lists::bounds(after, descending, None, None);
        let keys = by_request.range::<(i64, &str)>(range)?.map(|entry| {
            let key = entry?.0;
            let (time, id) = key.value();
            Ok((format!("{time} {id}"), id.to_owned()))
        });
        input.page(keys)
    })?;
    Ok(lists::reply(services, &list, "ids", page))
}

/// ListSandboxesForProject: newest first unless asked otherwise.
pub(super) fn sandboxes_for_project(
    services: &Services,
    input: &ListSandboxesForProjectInput,
) -> Result<Value, AwsError> {
    let name = services.account.project_name(&input.project_name);
    let input = &input.list;
    let descending = input.is_descending();
    let list = format!("ListSandboxesForProject/{name}/{descending}");
    let after = lists::position(services, &list, input.next_token.as_deref())?;
    let after = after.as_deref().map(lists::time_and_name).transpose()?;
    let page = services.store.read(|transaction| {
        let projects_table = transaction.open_table(store::PROJECTS)?;
        if projects_table.get(name)?.is_none() {
            return Err(projects::not_found(&services.account, name).into());
        }
        let by_project = transaction.open_table(store::SANDBOXES_BY_PROJECT)?;
        // No id is empty, and none begins with a character above `~`.
        let range = lists::bounds(
            after.map(|(time, id)| (name, time, id)),
            descending,
            Some((name, i64::MIN, "")),
            Some((name, i64::MAX, "\u{7f}")),
        );
        let keys = by_project.range::<(&str, i64, &str)>(range)?.map(|entry| {
            let key = entry?.0;
            let (_, time, id) = key.value();
            Ok((format!("{time} {id}"), id.to_owned()))
        });
        input.page(keys)
    })?;
    Ok(lists::reply(services, &list, "ids", page))
}

impl ListSandboxesInput {
    fn is_descending(&self) -> bool {
        self.sort_order.as_deref() != Some("ASCENDING")
    }

    fn page(
        &self,
        keys: impl DoubleEndedIterator<Item = Result<(String, String), StoreError>>,
    ) -> Result<Page, StoreError> {
        let limit = self.max_results.unwrap_or(PAGE);
        if self.is_descending() {
            Page::of(keys.rev(), limit)
        } else {
            Page::of(keys, limit)
        }
    }
}
