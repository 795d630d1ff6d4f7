//! ListBuildBatches and ListBuildBatchesForProject.

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;

use super::build_batch::StoredBuildBatch;
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
pub(super) struct ListBuildBatchesInput {
    #[serde(default)]
    filter: BuildBatchFilter,
    max_results: Option<usize>,
    sort_order: Option<String>,
    next_token: Option<String>,
    /// Of ListBuildBatchesForProject only.
    project_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct BuildBatchFilter {
    status: Option<String>,
}

impl ListBuildBatchesInput {
    /// Newest first unless asked otherwise.
    fn is_descending(&self) -> bool {
        self.sort_order.as_deref() != Some("ASCENDING")
    }

    /// Those of these batches that the caller wants, up to a page.
    fn choose(
        &self,
        ids: impl DoubleEndedIterator<Item = Result<(String, String), StoreError>>,
        batches: &impl ReadableTable<&'static str, &'static [u8]>,
    ) -> Result<Page, StoreError> {
        let wanted = self.filter.status.as_deref();
        let chosen = |entry: Result<(String, String), StoreError>| {
            let (Some(wanted), Ok((_, id))) = (wanted, &entry) else {
                return Some(entry);
            };
            match store::get::<StoredBuildBatch>(batches, id) {
                Ok(stored) => stored
                    .filter(|stored| stored.batch.build_batch_status == wanted)
                    .map(|_| entry),
                Err(error) => Some(Err(error)),
            }
        };
        let limit = self.max_results.unwrap_or(PAGE);
        if self.is_descending() {
            Page::of(ids.rev().filter_map(chosen), limit)
        } else {
            Page::of(ids.filter_map(chosen), limit)
        }
    }
}

/// ListBuildBatches: by start.
pub(super) fn build_batches(
    services: &Services,
    input: &ListBuildBatchesInput,
) -> Result<Value, AwsError> {
    let descending = input.is_descending();
    let status = input.filter.status.as_deref().unwrap_or_default();
    let list = format!("ListBuildBatches/{status}/{descending}");
    let after = lists::position(services, &list, input.next_token.as_deref())?;
    let after = after.as_deref().map(lists::time_and_name).transpose()?;
    let page = services.store.read(|transaction| {
        let batches = transaction.open_table(store::BUILD_BATCHES)?;
        let by_start = transaction.open_table(store::BUILD_BATCHES_BY_START)?;
        let range = lists::bounds(after, descending, None, None);
        let ids = by_start.range::<(i64, &str)>(range)?.map(|entry| {
            let key = entry?.0;
            let (time, id) = key.value();
            Ok((format!("{time} {id}"), id.to_owned()))
        });
        input.choose(ids, &batches)
    })?;
    Ok(lists::reply(services, &list, "ids", page))
}

/// ListBuildBatchesForProject: by number.
pub(super) fn build_batches_for_project(
    services: &Services,
    input: &ListBuildBatchesInput,
) -> Result<Value, AwsError> {
    let Some(name) = input.project_name.as_deref() else {
        return Err(AwsError::invalid_input("Project name is required"));
    };
    let name = services.account.project_name(name);
    let descending = input.is_descending();
    let status = input.filter.status.as_deref().unwrap_or_default();
    let list = format!("ListBuildBatchesForProject/{name}/{status}/{descending}");
    let after = lists::position(services, &list, input.next_token.as_deref())?
        .map(|number| number.parse::<u64>().map_err(|_| lists::invalid_token()))
        .transpose()?;
    let page = services.store.read(|transaction| {
        if transaction
            .open_table(store::PROJECTS)?
            .get(name)?
            .is_none()
        {
            return Err(projects::not_found(&services.account, name).into());
        }
        let batches = transaction.open_table(store::BUILD_BATCHES)?;
        let by_project = transaction.open_table(store::BUILD_BATCHES_BY_PROJECT)?;
        let range = lists::bounds(
            after.map(|number| (name, number)),
            descending,
            Some((name, 0)),
            Some((name, u64::MAX)),
        );
        let ids = by_project.range::<(&str, u64)>(range)?.map(|entry| {
            let (key, id) = entry?;
            Ok((key.value().1.to_string(), id.value().to_owned()))
        });
        input.choose(ids, &batches)
    })?;
    Ok(lists::reply(services, &list, "ids", page))
}
