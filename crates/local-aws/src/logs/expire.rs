//! Events that are older than their group's retention: readers never see them, and the files of
//! streams that have only such events are removed.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use redb::ReadableTable;
use tokio_util::sync::CancellationToken;

use super::LogFiles;
use super::record;
use super::record::Group;
use super::record::NO_EVENTS;
use super::record::Stream;
use crate::error::AwsError;
use crate::store;
use crate::store::Store;

/// How often expired files are looked for.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// How many streams one write changes.
const BATCH: usize = 500;

/// Removes files of expired events now and then, and once those that no stream has.
pub(crate) async fn keep_tidy(
    store: Store,
    files: LogFiles,
    found: Vec<PathBuf>,
    stop: CancellationToken,
) {
    let tidy = async {
        if let Err(error) = remove_strays(&store, &files, found).await {
            tracing::warn!(%error, "log files that no stream has are still there");
        }
        loop {
            if let Err(error) = all(&store, &files).await {
                tracing::warn!(%error, "log files with expired events are still there");
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    stop.run_until_cancelled(tidy).await;
}

/// Of all groups.
async fn all(store: &Store, files: &LogFiles) -> Result<(), AwsError> {
    let names = store.read(|transaction| {
        let mut names = Vec::new();
        for entry in transaction.open_table(store::LOG_GROUPS)?.iter()? {
            let (name, value) = entry?;
            let group: Group = serde_json::from_slice(value.value())?;
            if group.retention_in_days.is_some() {
                names.push(name.value().to_owned());
            }
        }
        Ok(names)
    })?;
    for name in names {
        group(store, files, &name).await?;
    }
    Ok(())
}

/// Removes the files of the streams of a group that have only expired events. The streams stay.
pub(super) async fn group(store: &Store, files: &LogFiles, name: &str) -> Result<(), AwsError> {
    loop {
        let (name, log_files) = (name.to_owned(), files.clone());
        let write = store.write(move |transaction| {
            let groups = transaction.open_table(store::LOG_GROUPS)?;
            let group: Option<Group> = store::get(&*groups, &name)?;
            drop(groups);
            let Some(group) = group.filter(|group| group.retention_in_days.is_some()) else {
                return Ok(Vec::new());
            };
            let name = name.as_str();
            let index = transaction.open_table(store::LOG_STREAMS_BY_LAST_EVENT)?;
            let range = (name, i64::MIN, "")..(name, group.expires_before(), "");
            let mut expired = Vec::new();
            for entry in index.range::<(&str, i64, &str)>(range)? {
                let (key, first) = entry?;
                if first.value() != NO_EVENTS && expired.len() < BATCH {
                    expired.push(key.value().2.to_owned());
                }
            }
            drop(index);
            let mut paths = Vec::new();
            for stream in expired {
                let streams = transaction.open_table(store::LOG_STREAMS)?;
                let Some(before) = record::stream(&*streams, name, &stream)? else {
                    continue;
                };
                drop(streams);
                let after = Stream {
                    built: None,
                    put: Vec::new(),
                    ..before.clone()
                };
                paths.extend(log_files.of(&before));
                record::replace_stream(transaction, name, &stream, Some(&before), Some(&after))?;
            }
            Ok(paths)
        });
        let paths = write.await?;
        if paths.is_empty() {
            return Ok(());
        }
        super::remove(files, paths).await?;
    }
}

/// Removes those of the files found at the start that belong to no stream: a process was killed
/// before it had removed them.
async fn remove_strays(
    store: &Store,
    files: &LogFiles,
    found: Vec<PathBuf>,
) -> Result<(), AwsError> {
    if found.is_empty() {
        return Ok(());
    }
    let (store, log_files) = (store.clone(), files.clone());
    let strays = tokio::task::spawn_blocking(move || {
        let kept = store.read(|transaction| {
            let mut kept = HashSet::new();
            for entry in transaction.open_table(store::LOG_STREAMS)?.iter()? {
                let stream: Stream = serde_json::from_slice(entry?.1.value())?;
                kept.extend(log_files.of(&stream));
                kept.insert(log_files.built(&stream.file));
            }
            Ok(kept)
        })?;
        let mut strays: Vec<PathBuf> = found;
        strays.retain(|path| !kept.contains(&path.with_extension("log")));
        Ok::<_, AwsError>(strays)
    });
    let strays = strays.await.map_err(AwsError::storage)??;
    super::remove(files, strays).await
}
