//! The tables. Records are JSON; keys are chosen so that every list is one range read.

use redb::Database;
use redb::ReadableTable;
use redb::TableDefinition;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;

/// A table of JSON records by name.
pub(crate) type Records = TableDefinition<'static, &'static str, &'static [u8]>;

/// Facts about the state directory itself: see the `META_` constants.
pub(crate) const META: Records = TableDefinition::new("meta");
/// Project name → [`crate::codebuild::StoredProject`].
pub(crate) const PROJECTS: Records = TableDefinition::new("projects");
/// (creation in microseconds, project name).
pub(crate) const PROJECTS_BY_CREATION: TableDefinition<'static, (i64, &'static str), ()> =
    TableDefinition::new("projects_by_creation");
/// (last change in microseconds, project name).
pub(crate) const PROJECTS_BY_CHANGE: TableDefinition<'static, (i64, &'static str), ()> =
    TableDefinition::new("projects_by_change");
/// Badge token → project name.
pub(crate) const BADGES: TableDefinition<'static, &'static str, &'static str> =
    TableDefinition::new("badges");
/// Project name → the number of its last build. Kept when the project is deleted, as its builds are.
pub(crate) const BUILD_NUMBERS: TableDefinition<'static, &'static str, u64> =
    TableDefinition::new("build_numbers");
/// Build id → [`crate::codebuild::StoredBuild`].
pub(crate) const BUILDS: Records = TableDefinition::new("builds");
/// (start in microseconds, build id).
pub(crate) const BUILDS_BY_START: TableDefinition<'static, (i64, &'static str), ()> =
    TableDefinition::new("builds_by_start");
/// (project name, build number) → build id.
pub(crate) const BUILDS_BY_PROJECT: TableDefinition<'static, (&'static str, u64), &'static str> =
    TableDefinition::new("builds_by_project");
/// The builds that are not complete.
pub(crate) const ACTIVE_BUILDS: TableDefinition<'static, &'static str, ()> =
    TableDefinition::new("active_builds");
/// (project name, idempotency token) → [`crate::codebuild::IdempotentStart`].
pub(crate) const IDEMPOTENCY: TableDefinition<
    'static,
    (&'static str, &'static str),
    &'static [u8],
> = TableDefinition::new("idempotency");
/// Log group name → [`crate::logs::Group`].
pub(crate) const LOG_GROUPS: Records = TableDefinition::new("log_groups");
/// (log group name, stream name) → [`crate::logs::Stream`].
pub(crate) const LOG_STREAMS: TableDefinition<
    'static,
    (&'static str, &'static str),
    &'static [u8],
> = TableDefinition::new("log_streams");

/// In [`META`]: who the builds of this directory belong to on a Docker Engine.
pub(crate) const META_OWNER: &str = "owner";
/// In [`META`]: the key that page tokens are sealed with.
pub(crate) const META_TOKEN_KEY: &str = "token_key";
/// In [`META`]: there may be containers of builds that were cut off.
pub(crate) const META_LEFTOVERS: &str = "leftovers";

/// Makes every table, so that reading one never finds it missing. Writes only into a new file.
pub(super) fn create(database: &Database) -> Result<(), redb::Error> {
    use redb::ReadableDatabase;
    if database.begin_read()?.open_table(LOG_STREAMS).is_ok() {
        return Ok(());
    }
    let transaction = database.begin_write()?;
    transaction.open_table(META)?;
    transaction.open_table(PROJECTS)?;
    transaction.open_table(PROJECTS_BY_CREATION)?;
    transaction.open_table(PROJECTS_BY_CHANGE)?;
    transaction.open_table(BADGES)?;
    transaction.open_table(BUILD_NUMBERS)?;
    transaction.open_table(BUILDS)?;
    transaction.open_table(BUILDS_BY_START)?;
    transaction.open_table(BUILDS_BY_PROJECT)?;
    transaction.open_table(ACTIVE_BUILDS)?;
    transaction.open_table(IDEMPOTENCY)?;
    transaction.open_table(LOG_GROUPS)?;
    transaction.open_table(LOG_STREAMS)?;
    transaction.commit()?;
    Ok(())
}

/// Reads one record.
pub(crate) fn get<T: DeserializeOwned>(
    table: &impl ReadableTable<&'static str, &'static [u8]>,
    key: &str,
) -> Result<Option<T>, StoreError> {
    match table.get(key)? {
        Some(bytes) => Ok(Some(serde_json::from_slice(bytes.value())?)),
        None => Ok(None),
    }
}

/// Writes one record.
pub(crate) fn put<T: Serialize>(
    table: &mut redb::Table<'_, &'static str, &'static [u8]>,
    key: &str,
    value: &T,
) -> Result<(), StoreError> {
    table.insert(key, serde_json::to_vec(value)?.as_slice())?;
    Ok(())
}
