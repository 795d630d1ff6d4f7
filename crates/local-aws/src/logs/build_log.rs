//! The streams of builds: made when a build starts, complete when it ends or is settled.

use redb::ReadableTable;

use super::LogFiles;
use super::files::Place;
use super::record;
use super::record::Group;
use super::record::Span;
use super::record::Stream;
use super::segment;
use crate::error::AwsError;
use crate::store;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::Write;

/// Makes the group if it is not there, and the stream.
pub(crate) fn create_stream(
    transaction: &Write<'_>,
    group: &str,
    stream: &str,
    file: &str,
) -> Result<(), StoreError> {
    let mut groups = transaction.open_table(store::LOG_GROUPS)?;
    if groups.get(group)?.is_none() {
        store::put(&mut groups, group, &Group::new())?;
    }
    drop(groups);
    let streams = transaction.open_table(store::LOG_STREAMS)?;
    let before = record::stream(&*streams, group, stream)?;
    drop(streams);
    let new = Stream::new(file);
    record::replace_stream(transaction, group, stream, before.as_ref(), Some(&new))
}

/// A build has written its last line.
pub(crate) async fn finish(store: &Store, files: &LogFiles, place: Option<&Place>, file: &str) {
    if let (Some(place), Some(span)) = (place.cloned(), files.live_span(file)) {
        let name = file.to_owned();
        let written = store
            .write(move |transaction| set_built(transaction, &place, &name, span))
            .await;
        if let Err(error) = written {
            tracing::error!(%error, "the extent of a build's log could not be stored");
            // It can be read until this process ends.
            return;
        }
    }
    files.finish(file);
}

/// Removes a finished log that belongs to no stream: its stream was deleted while the build ran, or
/// it was only written to be uploaded.
pub(crate) async fn remove_unless_kept(
    store: &Store,
    files: &LogFiles,
    place: Option<&Place>,
    file: &str,
) -> Result<(), AwsError> {
    let is_kept = store.read(|transaction| {
        let Some(place) = place else { return Ok(false) };
        let streams = transaction.open_table(store::LOG_STREAMS)?;
        let stream = record::stream(&streams, &place.group, &place.stream)?;
        Ok(stream.is_some_and(|stream| stream.file == file))
    })?;
    if is_kept || files.is_live(file) {
        return Ok(());
    }
    super::remove(files, vec![files.built(file)]).await
}

/// Repairs the log of a build that a killed process left.
pub(crate) fn settle(
    transaction: &Write<'_>,
    files: &LogFiles,
    place: Option<&Place>,
    file: &str,
) -> Result<(), StoreError> {
    let left = files.repair(file).unwrap_or_else(|error| {
        tracing::warn!(file, %error, "the end of a build's log cannot be read");
        None
    });
    match (place, left) {
        (Some(place), Some(span)) => set_built(transaction, place, file, span),
        _ => Ok(()),
    }
}

/// Stores the extent of what a build has written, if its stream is still there.
fn set_built(
    transaction: &Write<'_>,
    place: &Place,
    file: &str,
    span: Span,
) -> Result<(), StoreError> {
    let streams = transaction.open_table(store::LOG_STREAMS)?;
    let before = record::stream(&*streams, &place.group, &place.stream)?;
    drop(streams);
    let Some(before) = before.filter(|before| before.file == file) else {
        return Ok(());
    };
    let after = Stream {
        built: Some(span),
        ..before.clone()
    };
    record::replace_stream(
        transaction,
        &place.group,
        &place.stream,
        Some(&before),
        Some(&after),
    )
}

/// Puts streams into the index that an earlier version wrote, which had none.
pub(crate) async fn index_old_streams(store: &Store, files: &LogFiles) -> Result<(), AwsError> {
    let old = store.read(|transaction| {
        let index = transaction.open_table(store::LOG_STREAMS_BY_LAST_EVENT)?;
        let mut old = Vec::new();
        if index.first()?.is_some() {
            return Ok(old);
        }
        for entry in transaction.open_table(store::LOG_STREAMS)?.iter()? {
            let (key, value) = entry?;
            let (group, stream) = key.value();
            let place = Place {
                group: group.to_owned(),
                stream: stream.to_owned(),
            };
            old.push((place, serde_json::from_slice::<Stream>(value.value())?));
        }
        Ok(old)
    })?;
    if old.is_empty() {
        return Ok(());
    }
    let files = files.clone();
    let write = store.write(move |transaction| {
        for (place, stream) in old {
            let span = segment::extent(&files.built(&stream.file), u64::MAX);
            let indexed = Stream {
                built: span.unwrap_or(None),
                ..stream
            };
            let Place { group, stream } = &place;
            record::replace_stream(transaction, group, stream, None, Some(&indexed))?;
        }
        Ok(())
    });
    write.await
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::state_dir::StateDir;

    #[tokio::test]
    async fn streams_of_earlier_versions_get_into_the_index() {
        let directory = tempfile::tempdir().unwrap();
        let held = Arc::new(StateDir::hold(directory.path()).unwrap());
        let path = directory.path().join("state.redb");
        let store = Store::open(&path, held, CancellationToken::new()).unwrap();
        let files = LogFiles::new(directory.path().join("logs")).unwrap();
        let mut writer = files.write("f", None).unwrap();
        writer.push(5, "one");
        writer.push(7, "two");
        writer.flush().unwrap();
        files.finish("f");
        let write = store.write(|transaction| {
            let group = br#"{"created":1.5}"#.as_slice();
            transaction
                .open_table(store::LOG_GROUPS)?
                .insert("g", group)?;
            let mut streams = transaction.open_table(store::LOG_STREAMS)?;
            let stream = br#"{"created":1.5,"file":"f"}"#.as_slice();
            streams.insert(("g", "s"), stream)?;
            let empty = br#"{"created":2.5,"file":"none"}"#.as_slice();
            streams.insert(("g", "t"), empty)?;
            Ok(())
        });
        write.await.unwrap();

        index_old_streams(&store, &files).await.unwrap();
        index_old_streams(&store, &files).await.unwrap();
        let read = store.read(|transaction| {
            let index = transaction.open_table(store::LOG_STREAMS_BY_LAST_EVENT)?;
            let mut entries = Vec::new();
            for entry in index.iter()? {
                let (key, first) = entry?;
                let (_, last, stream) = key.value();
                entries.push((last, stream.to_owned(), first.value()));
            }
            let streams = transaction.open_table(store::LOG_STREAMS)?;
            Ok((entries, record::stream(&streams, "g", "s")?))
        });
        let (entries, stream) = read.unwrap();
        let wanted = [
            (7, "s".to_owned(), 5),
            (2500, "t".to_owned(), record::NO_EVENTS),
        ];
        assert_eq!(entries, wanted);
        let mut cursor =
            super::super::cursor::StreamCursor::open(&files, &stream.unwrap(), None).unwrap();
        assert_eq!(cursor.next().unwrap().unwrap().message, "one\n");
    }
}
