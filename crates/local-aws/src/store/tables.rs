//! The tables. Records are JSON; keys are chosen so that every list is one range read.

use redb::Database;
use redb::Key;
use redb::ReadableDatabase;
use redb::ReadableTable;
use redb::TableDefinition;
use redb::TableHandle;
use redb::Value;
use redb::WriteTransaction;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::journal::Change;
use super::write::Table;

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
/// Fleet name → [`crate::codebuild::Fleet`].
pub(crate) const FLEETS: Records = TableDefinition::new("fleets");
/// (creation in milliseconds, fleet name).
pub(crate) const FLEETS_BY_CREATION: TableDefinition<'static, (i64, &'static str), ()> =
    TableDefinition::new("fleets_by_creation");
/// (last change in milliseconds, fleet name).
pub(crate) const FLEETS_BY_CHANGE: TableDefinition<'static, (i64, &'static str), ()> =
    TableDefinition::new("fleets_by_change");
/// ARN of a project or report group → its resource policy.
pub(crate) const RESOURCE_POLICIES: TableDefinition<'static, &'static str, &'static str> =
    TableDefinition::new("resource_policies");
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
/// Project name → the number of its last batch build.
pub(crate) const BUILD_BATCH_NUMBERS: TableDefinition<'static, &'static str, u64> =
    TableDefinition::new("build_batch_numbers");
/// Batch build id → [`crate::codebuild::StoredBuildBatch`].
pub(crate) const BUILD_BATCHES: Records = TableDefinition::new("build_batches");
/// (start in milliseconds, batch build id).
pub(crate) const BUILD_BATCHES_BY_START: TableDefinition<'static, (i64, &'static str), ()> =
    TableDefinition::new("build_batches_by_start");
/// (project name, batch build number) → batch build id.
pub(crate) const BUILD_BATCHES_BY_PROJECT: TableDefinition<
    'static,
    (&'static str, u64),
    &'static str,
> = TableDefinition::new("build_batches_by_project");
/// The batch builds that are not complete.
pub(crate) const ACTIVE_BUILD_BATCHES: TableDefinition<'static, &'static str, ()> =
    TableDefinition::new("active_build_batches");
/// Sandbox id → [`crate::codebuild::Sandbox`].
pub(crate) const SANDBOXES: Records = TableDefinition::new("sandboxes");
/// (request in milliseconds, sandbox id).
pub(crate) const SANDBOXES_BY_REQUEST: TableDefinition<'static, (i64, &'static str), ()> =
    TableDefinition::new("sandboxes_by_request");
/// (project name, request in milliseconds, sandbox id).
pub(crate) const SANDBOXES_BY_PROJECT: TableDefinition<
    'static,
    (&'static str, i64, &'static str),
    (),
> = TableDefinition::new("sandboxes_by_project");
/// The sandboxes that have not ended.
pub(crate) const ACTIVE_SANDBOXES: TableDefinition<'static, &'static str, ()> =
    TableDefinition::new("active_sandboxes");
/// (sandbox id, number from 1 in the order of submission) → [`crate::codebuild::CommandExecution`].
pub(crate) const COMMAND_EXECUTIONS: TableDefinition<'static, (&'static str, u64), &'static [u8]> =
    TableDefinition::new("command_executions");
/// (sandbox id, command execution id) → its number.
pub(crate) const COMMAND_EXECUTION_NUMBERS: TableDefinition<
    'static,
    (&'static str, &'static str),
    u64,
> = TableDefinition::new("command_execution_numbers");
/// (project name, idempotency token) → [`crate::codebuild::IdempotentStart`].
pub(crate) const IDEMPOTENCY: TableDefinition<
    'static,
    (&'static str, &'static str),
    &'static [u8],
> = TableDefinition::new("idempotency");
/// Log group name → [`crate::logs`]'s record.
pub(crate) const LOG_GROUPS: Records = TableDefinition::new("log_groups");
/// (log group name, stream name) → [`crate::logs`]'s record.
pub(crate) const LOG_STREAMS: TableDefinition<
    'static,
    (&'static str, &'static str),
    &'static [u8],
> = TableDefinition::new("log_streams");
/// (log group name, time of the last event in milliseconds, stream name) → the time of the first
/// event. Without events: the time of the stream's creation → the largest number.
pub(crate) const LOG_STREAMS_BY_LAST_EVENT: TableDefinition<
    'static,
    (&'static str, i64, &'static str),
    i64,
> = TableDefinition::new("log_streams_by_last_event");

/// Report group name → [`crate::codebuild::ReportGroup`].
pub(crate) const REPORT_GROUPS: Records = TableDefinition::new("report_groups");
/// Report id, `group:uuid` → [`crate::codebuild::Report`].
pub(crate) const REPORTS: Records = TableDefinition::new("reports");
/// Report id → [`crate::codebuild::ReportContents`].
pub(crate) const REPORT_CONTENTS: Records = TableDefinition::new("report_contents");
/// (creation in milliseconds, report id).
pub(crate) const REPORTS_BY_CREATION: TableDefinition<'static, (i64, &'static str), ()> =
    TableDefinition::new("reports_by_creation");
/// (report group name, creation in milliseconds, report id).
pub(crate) const REPORTS_BY_GROUP: TableDefinition<'static, (&'static str, i64, &'static str), ()> =
    TableDefinition::new("reports_by_group");
/// Bucket name → [`crate::s3::records::Bucket`].
pub(crate) const S3_BUCKETS: Records = TableDefinition::new("s3_buckets");
/// (bucket, key) → [`crate::s3::records::Object`].
pub(crate) const S3_OBJECTS: TableDefinition<'static, (&'static str, &'static str), &'static [u8]> =
    TableDefinition::new("s3_objects");
/// (bucket, key, upload id) → [`crate::s3::records::Upload`].
pub(crate) const S3_UPLOADS: TableDefinition<
    'static,
    (&'static str, &'static str, &'static str),
    &'static [u8],
> = TableDefinition::new("s3_uploads");
/// (upload id, part number) → [`crate::s3::records::Part`].
pub(crate) const S3_PARTS: TableDefinition<'static, (&'static str, u32), &'static [u8]> =
    TableDefinition::new("s3_parts");

/// Role name in lower case → [`crate::iam`]'s record.
pub(crate) const IAM_ROLES: Records = TableDefinition::new("iam_roles");
/// Policy name in lower case → [`crate::iam`]'s record.
pub(crate) const IAM_POLICIES: Records = TableDefinition::new("iam_policies");
/// Topic name → [`crate::sns`]'s record.
pub(crate) const SNS_TOPICS: Records = TableDefinition::new("sns_topics");
/// (topic name, subscription id) → [`crate::sns`]'s record.
pub(crate) const SNS_SUBSCRIPTIONS: TableDefinition<
    'static,
    (&'static str, &'static str),
    &'static [u8],
> = TableDefinition::new("sns_subscriptions");
/// Rule name → [`crate::event_bridge`]'s record.
pub(crate) const EVENT_RULES: Records = TableDefinition::new("event_rules");
/// Number in order of time → an event that has not been held against the rules yet.
pub(crate) const EVENTS: TableDefinition<'static, u64, &'static [u8]> =
    TableDefinition::new("events");
/// Number in order of time → [`crate::event_bridge`]'s delivery that has not succeeded yet.
pub(crate) const EVENT_DELIVERIES: TableDefinition<'static, u64, &'static [u8]> =
    TableDefinition::new("event_deliveries");
/// Id → [`crate::notification_rules`]'s record.
pub(crate) const NOTIFICATION_RULES: Records = TableDefinition::new("notification_rules");
/// Parameter name → [`crate::parameter_store`]'s record.
pub(crate) const PARAMETERS: Records = TableDefinition::new("parameters");
/// Name of a repository of CodeCommit → [`crate::codecommit`]'s record.
pub(crate) const REPOSITORIES: Records = TableDefinition::new("repositories");
/// Name of a repository of CodeCommit → its branches and tags that events have told of.
pub(crate) const REFERENCES: Records = TableDefinition::new("references");
/// ECR repository → [`crate::ecr`]'s record.
pub(crate) const ECR_REPOSITORIES: Records = TableDefinition::new("ecr_repositories");
/// (ECR repository, digest) → [`crate::ecr`]'s record of an image.
pub(crate) const ECR_IMAGES: TableDefinition<'static, (&'static str, &'static str), &'static [u8]> =
    TableDefinition::new("ecr_images");
/// (ECR repository, digest) → an image's manifest as it was pushed.
pub(crate) const ECR_MANIFESTS: TableDefinition<
    'static,
    (&'static str, &'static str),
    &'static [u8],
> = TableDefinition::new("ecr_manifests");
/// (digest, ECR repository that has this blob) → [`crate::ecr`]'s record.
pub(crate) const ECR_LAYERS: TableDefinition<'static, (&'static str, &'static str), &'static [u8]> =
    TableDefinition::new("ecr_layers");
/// Secret name → [`crate::secrets_manager`]'s record.
pub(crate) const SECRETS: Records = TableDefinition::new("secrets");
/// Stack id → [`crate::cloudformation`]'s record.
pub(crate) const STACKS: Records = TableDefinition::new("stacks");
/// Name of a stack that is not deleted → its id.
pub(crate) const STACK_NAMES: TableDefinition<'static, &'static str, &'static str> =
    TableDefinition::new("stack_names");
/// (stack id, logical id) → [`crate::cloudformation`]'s record of a resource.
pub(crate) const STACK_RESOURCES: TableDefinition<
    'static,
    (&'static str, &'static str),
    &'static [u8],
> = TableDefinition::new("stack_resources");
/// (stack id, number from 1 in order of time) → [`crate::cloudformation`]'s record of an event.
pub(crate) const STACK_EVENTS: TableDefinition<'static, (&'static str, u64), &'static [u8]> =
    TableDefinition::new("stack_events");
/// (stack id, number of the event) of those that topics have not been told of yet.
pub(crate) const STACK_NOTICES: TableDefinition<'static, (&'static str, u64), ()> =
    TableDefinition::new("stack_notices");
/// (stack id, change set id) → [`crate::cloudformation`]'s record.
pub(crate) const CHANGE_SETS: TableDefinition<
    'static,
    (&'static str, &'static str),
    &'static [u8],
> = TableDefinition::new("change_sets");
/// Detection id → [`crate::cloudformation`]'s record.
pub(crate) const DRIFT_DETECTIONS: Records = TableDefinition::new("drift_detections");
/// Type of git server → [`crate::codebuild::SourceCredentials`].
pub(crate) const SOURCE_CREDENTIALS: Records = TableDefinition::new("source_credentials");
/// The token in a webhook's payload URL → project name.
pub(crate) const WEBHOOKS: TableDefinition<'static, &'static str, &'static str> =
    TableDefinition::new("webhooks");

/// In [`META`]: who the builds of this directory belong to on a Docker Engine.
pub(crate) const META_OWNER: &str = "owner";
/// In [`META`]: the key that page tokens are sealed with.
pub(crate) const META_TOKEN_KEY: &str = "token_key";
/// In [`META`]: there may be containers of builds that were cut off.
pub(crate) const META_LEFTOVERS: &str = "leftovers";

/// Does the same with every table.
macro_rules! for_each_table {
    ($each:ident!($($before:tt)*)) => {
        $each!($($before)*; META, PROJECTS, PROJECTS_BY_CREATION, PROJECTS_BY_CHANGE, BADGES,
            BUILD_NUMBERS, BUILDS, BUILDS_BY_START, BUILDS_BY_PROJECT, ACTIVE_BUILDS, IDEMPOTENCY,
            LOG_GROUPS, LOG_STREAMS, LOG_STREAMS_BY_LAST_EVENT, REPORT_GROUPS, REPORTS, REPORT_CONTENTS, REPORTS_BY_CREATION,
            REPORTS_BY_GROUP, BUILD_BATCH_NUMBERS, BUILD_BATCHES, BUILD_BATCHES_BY_START,
            BUILD_BATCHES_BY_PROJECT, ACTIVE_BUILD_BATCHES, S3_BUCKETS, S3_OBJECTS, S3_UPLOADS,
            S3_PARTS, PARAMETERS, SECRETS, REPOSITORIES, REFERENCES, ECR_REPOSITORIES, ECR_IMAGES, ECR_MANIFESTS, ECR_LAYERS, SOURCE_CREDENTIALS, WEBHOOKS, SANDBOXES, SANDBOXES_BY_REQUEST, SANDBOXES_BY_PROJECT, ACTIVE_SANDBOXES, COMMAND_EXECUTIONS, COMMAND_EXECUTION_NUMBERS, FLEETS, FLEETS_BY_CREATION, FLEETS_BY_CHANGE, RESOURCE_POLICIES,
            IAM_ROLES, IAM_POLICIES, SNS_TOPICS, SNS_SUBSCRIPTIONS, EVENT_RULES, EVENTS, EVENT_DELIVERIES,
            NOTIFICATION_RULES, STACKS, STACK_NAMES, STACK_RESOURCES, STACK_EVENTS, STACK_NOTICES,
            CHANGE_SETS, DRIFT_DETECTIONS)
    };
}

/// Makes every table, so that reading one never finds it missing. Writes only if one is missing.
pub(super) fn create(database: &Database) -> Result<(), redb::Error> {
    macro_rules! open {
        ($transaction:ident; $($table:ident),+) => { $( $transaction.open_table($table)?; )+ };
    }
    macro_rules! all_there {
        ($read:ident; $($table:ident),+) => { true $( && $read.open_table($table).is_ok() )+ };
    }
    let read = database.begin_read()?;
    if for_each_table!(all_there!(read)) {
        return Ok(());
    }
    drop(read);
    let transaction = database.begin_write()?;
    for_each_table!(open!(transaction));
    transaction.commit()?;
    Ok(())
}

/// Makes a change of the journal again.
pub(super) fn play_back(
    transaction: &WriteTransaction,
    change: Change<'_>,
) -> Result<(), redb::Error> {
    fn play<K: Key + 'static, V: Value + 'static>(
        transaction: &WriteTransaction,
        definition: TableDefinition<'static, K, V>,
        change: Change<'_>,
    ) -> Result<(), redb::Error> {
        let mut table = transaction.open_table(definition)?;
        let key = K::from_bytes(change.key);
        match change.value {
            Some(value) => drop(table.insert(key, V::from_bytes(value))?),
            None => drop(table.remove(key)?),
        }
        Ok(())
    }
    macro_rules! find {
        ($transaction:ident, $change:ident; $($table:ident),+) => {
            $( if $change.table == $table.name() {
                return play($transaction, $table, $change);
            } )+
        };
    }
    for_each_table!(find!(transaction, change));
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
    table: &mut Table<'_, &'static str, &'static [u8]>,
    key: &str,
    value: &T,
) -> Result<(), StoreError> {
    table.insert(key, serde_json::to_vec(value)?.as_slice())?;
    Ok(())
}
