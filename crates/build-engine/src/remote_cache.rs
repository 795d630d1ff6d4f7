//! The S3 cache: files that one build saves and the next restores.
//!
//! A cache that cannot be read or written is told in the log; it fails no build.

use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::path::Path;

use bollard::query_parameters::UploadToContainerOptionsBuilder;
use buildspec::Cache;
use buildspec::CacheAction;
use tar::Builder;
use tar::EntryType;
use tar::Header;

use crate::artifacts::Selection;
use crate::collect::CollectError;
use crate::collect::Content;
use crate::collect::Tree;
use crate::conversation::Conversation;
use crate::engine::Engine;
use crate::error;
use crate::log::LogSink;
use crate::storage::FoundCache;
use crate::storage::Storage;
use crate::tar_stream;
use crate::upload_artifacts::Upload;

/// Looks for a cache and unpacks it in the container. `keys`: the key, then the fallback keys, as
/// the shell evaluated them.
pub(crate) async fn restore(
    engine: &Engine,
    container: &str,
    keys: &[String],
    has_key: bool,
    storage: &dyn Storage,
    log: &LogSink,
) {
    let (key, fallbacks) = match keys.split_first() {
        Some((key, fallbacks)) if has_key => (Some(key.as_str()), fallbacks),
        _ => (None, [].as_slice()),
    };
    let found = match storage.find_cache(key, fallbacks, log).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            log.line("Unable to download cache: there is none yet")
                .await;
            return;
        }
        Err(context) => {
            log.line(&format!("Unable to download cache: {}", context.message))
                .await;
            return;
        }
    };
    let restored = unpack(engine, container, &found).await;
    if found.remove_archive {
        // It is in a temporary directory; one that stays does no harm.
        let _ = std::fs::remove_file(&found.archive);
    }
    let name = found.key.as_deref().unwrap_or("the project's cache");
    match restored {
        Ok(()) => log.line(&format!("Downloaded cache: {name}")).await,
        Err(reason) => {
            log.line(&format!("Unable to download cache: {reason}"))
                .await
        }
    }
}

async fn unpack(engine: &Engine, container: &str, found: &FoundCache) -> Result<(), String> {
    let path = found.archive.clone();
    let body = bollard::body_try_stream(tar_stream::stream_of(move |output| {
        io::copy(&mut File::open(path)?, output).map(|_| ())
    }));
    let options = UploadToContainerOptionsBuilder::default().path("/").build();
    let docker = engine.docker().clone();
    docker
        .upload_to_container(container, Some(options), body)
        .await
        .map_err(|error| error::reason(&error))
}

/// Saves what the buildspec's `cache` names.
pub(crate) async fn save(
    upload: &Upload<'_>,
    cache: &Cache,
    storage: &dyn Storage,
    conversation: &mut Conversation,
) {
    if cache.action == Some(CacheAction::Restore) || cache.paths.is_empty() {
        return;
    }
    if let Err(reason) = try_to_save(upload, cache, storage, conversation).await {
        upload
            .log
            .line(&format!("Unable to upload cache: {reason}"))
            .await;
    }
}

async fn try_to_save(
    upload: &Upload<'_>,
    cache: &Cache,
    storage: &dyn Storage,
    conversation: &mut Conversation,
) -> Result<(), String> {
    let mut texts = cache.paths.clone();
    texts.extend(cache.key.iter().cloned());
    let texts = upload
        .evaluated(&texts, conversation)
        .await
        .map_err(|context| context.message)?;
    let (paths, key) = texts.split_at(cache.paths.len().min(texts.len()));
    let key = key.first().map(String::as_str);
    if let Some(key) = key
        && storage
            .has_cache(key)
            .await
            .map_err(|context| context.message)?
    {
        upload
            .log
            .line(&format!("Skip cache upload: {key} is there already"))
            .await;
        return Ok(());
    }
    upload
        .log
        .line("Initiating cache upload: expanding paths")
        .await;
    let mut trees = Vec::new();
    for path in paths {
        upload.log.line(&format!("Expanding {path}")).await;
        let root = if path.starts_with('/') {
            ""
        } else {
            upload.directory
        };
        let selection = Selection::new(root, None, std::slice::from_ref(path)).keeping_links(true);
        let tree = Tree::of(
            upload.engine.docker(),
            upload.container,
            &selection.directory,
            &selection.wanted(),
        )
        .await
        .map_err(|error| error.to_string())?;
        trees.push((selection, tree));
    }
    let archive = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    let (archive, count) = tokio::task::spawn_blocking(move || {
        let count = write(&trees, archive.path())?;
        Ok::<_, CollectError>((archive, count))
    })
    .await
    .map_err(|error| error.to_string())?
    .map_err(|error| error.to_string())?;
    upload.log.line(&format!("Found {count} file(s)")).await;
    if count == 0 {
        return Err("no files match the paths".to_owned());
    }
    storage
        .put_cache(key, archive.path(), upload.log)
        .await
        .map_err(|context| context.message)?;
    upload.log.line("Cache upload complete").await;
    Ok(())
}

/// Writes what the selections want as a tar archive that unpacks at `/`.
fn write(trees: &[(Selection, Tree)], path: &Path) -> Result<usize, CollectError> {
    let mut builder = Builder::new(BufWriter::new(File::create(path)?));
    let mut count = 0;
    for (selection, tree) in trees {
        for member in selection.members(tree)? {
            let path = format!("{}/{}", selection.directory, member.path);
            let path = path.trim_start_matches('/');
            let mut header = Header::new_gnu();
            header.set_mode(member.entry.mode);
            header.set_mtime(member.entry.modified);
            header.set_uid(0);
            header.set_gid(0);
            match &member.entry.content {
                Content::Symlink(target) => {
                    header.set_entry_type(EntryType::Symlink);
                    header.set_size(0);
                    builder.append_link(&mut header, path, target)?;
                }
                content @ Content::File { size, .. } => {
                    header.set_entry_type(EntryType::Regular);
                    header.set_size(*size);
                    builder.append_data(&mut header, path, tree.open(content)?)?;
                }
                Content::Directory => continue,
            }
            count += 1;
        }
    }
    builder
        .into_inner()?
        .into_inner()
        .map_err(|e| e.into_error())?;
    Ok(count)
}
