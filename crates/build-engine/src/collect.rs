//! Files of the build container that match the patterns of a buildspec, copied to this host.
//!
//! The engine gives a directory as a tar archive. It is kept in a temporary file with an index;
//! only what the patterns can match is asked for.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Component;
use std::path::Path;

use bollard::Docker;
use bollard::query_parameters::DownloadFromContainerOptionsBuilder;
use futures_util::TryStreamExt;
use globset::GlobBuilder;
use globset::GlobSet;
use globset::GlobSetBuilder;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

use crate::error;

/// Characters that make a path a pattern.
const PATTERN: [char; 5] = ['*', '?', '[', '{', '\\'];

/// How many symbolic links are followed one after the other.
const MOST_LINKS: usize = 20;

/// Files of the container, by their paths relative to a directory of it, with `/`.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    archives: Vec<NamedTempFile>,
    entries: BTreeMap<String, Entry>,
}

/// A file or a link of a [`Tree`].
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) content: Content,
    /// The permission bits.
    pub(crate) mode: u32,
    /// Seconds since 1970.
    pub(crate) modified: u64,
}

/// What an [`Entry`] holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Bytes of one of the archives.
    File {
        archive: usize,
        offset: u64,
        size: u64,
    },
    /// A symbolic link to this target.
    Symlink(String),
    /// A directory.
    Directory,
}

/// Why nothing could be collected.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CollectError {
    #[error("the pattern {pattern:?} cannot be used: {reason}")]
    Pattern { pattern: String, reason: String },
    #[error("the files cannot be copied out of the build container: {0}")]
    Engine(String),
    #[error("the files cannot be kept on this host: {0}")]
    Io(#[from] io::Error),
}

/// Patterns of a buildspec: `*` stays in one directory, `**` does not.
pub(crate) fn patterns<'a>(
    patterns: impl IntoIterator<Item = &'a str>,
) -> Result<GlobSet, CollectError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let refused = |error: globset::Error| CollectError::Pattern {
            pattern: pattern.to_owned(),
            reason: error.kind().to_string(),
        };
        let glob = GlobBuilder::new(&plain(pattern))
            .literal_separator(true)
            .build()
            .map_err(refused)?;
        set.add(glob);
    }
    set.build().map_err(|error| CollectError::Pattern {
        pattern: error.glob().unwrap_or_default().to_owned(),
        reason: error.kind().to_string(),
    })
}

/// Whether a path is a pattern.
pub(crate) fn is_pattern(path: &str) -> bool {
    path.contains(PATTERN)
}

/// The directory or file below which everything lies that a pattern can match. Empty: everywhere.
pub(crate) fn literal_prefix(pattern: &str) -> String {
    let plain = plain(pattern);
    if !is_pattern(&plain) {
        return plain;
    }
    let parts: Vec<&str> = plain
        .split('/')
        .take_while(|part| !is_pattern(part))
        .collect();
    parts.join("/")
}

/// A path without `.`, `..` and a slash at either end.
pub(crate) fn plain(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .filter(|part| !matches!(*part, "" | "." | ".."))
        .collect();
    parts.join("/")
}

impl Tree {
    /// Copies what is below `directory` of the container and can match one of the patterns.
    pub(crate) async fn of(
        docker: &Docker,
        container: &str,
        directory: &str,
        patterns: &[String],
    ) -> Result<Self, CollectError> {
        let mut prefixes: Vec<String> = patterns.iter().map(|p| literal_prefix(p)).collect();
        prefixes.sort();
        // After sorting, what lies below a prefix follows it.
        let mut wanted: Vec<String> = Vec::new();
        for prefix in prefixes {
            let is_covered = wanted.iter().any(|above| {
                above.is_empty() || prefix == *above || prefix.starts_with(&format!("{above}/"))
            });
            if !is_covered {
                wanted.push(prefix);
            }
        }
        let mut tree = Self::default();
        for prefix in wanted {
            tree.add(docker, container, directory, &prefix).await?;
        }
        Ok(tree)
    }

    async fn add(
        &mut self,
        docker: &Docker,
        container: &str,
        directory: &str,
        prefix: &str,
    ) -> Result<(), CollectError> {
        let directory = directory.trim_end_matches('/');
        // With `/.` the engine follows a link that the directory itself is.
        let path = if prefix.is_empty() {
            format!("{directory}/.")
        } else {
            format!("{directory}/{prefix}")
        };
        let Some(archive) = download(docker, container, &path).await? else {
            return Ok(());
        };
        let index = self.archives.len();
        let prefix = prefix.to_owned();
        let (archive, entries) = tokio::task::spawn_blocking(move || {
            let entries = read_index(archive.path(), index, &prefix)?;
            Ok::<_, io::Error>((archive, entries))
        })
        .await
        .map_err(io::Error::other)??;
        self.archives.push(archive);
        self.entries.extend(entries);
        Ok(())
    }

    /// All entries, sorted by path.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries
            .iter()
            .map(|(path, entry)| (path.as_str(), entry))
    }

    /// Where a path leads after its symbolic links, as far as that is in the tree.
    pub(crate) fn follow(&self, path: &str) -> Option<(&str, &Entry)> {
        let mut path = path.to_owned();
        for _ in 0..MOST_LINKS {
            let (found, entry) = self.entries.get_key_value(path.as_str())?;
            match &entry.content {
                Content::Symlink(target) => path = resolve(&path, target)?,
                _ => return Some((found.as_str(), entry)),
            }
        }
        None
    }

    /// The bytes of a file.
    pub(crate) fn open(&self, content: &Content) -> io::Result<impl Read + use<>> {
        let Content::File {
            archive,
            offset,
            size,
        } = content
        else {
            return Err(io::Error::other("it is not a file"));
        };
        let archive = self
            .archives
            .get(*archive)
            .ok_or_else(|| io::Error::other("the archive is gone"))?;
        let mut file = File::open(archive.path())?;
        file.seek(SeekFrom::Start(*offset))?;
        Ok(file.take(*size))
    }
}

/// The target of a link, relative to the tree; `None` if it leads out of it.
fn resolve(link: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = link.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A path of the container as an uncompressed tar archive; `None` if there is no such path.
async fn download(
    docker: &Docker,
    container: &str,
    path: &str,
) -> Result<Option<NamedTempFile>, CollectError> {
    let options = DownloadFromContainerOptionsBuilder::default()
        .path(path)
        .build();
    let archive = NamedTempFile::new()?;
    let mut file = tokio::fs::File::from_std(archive.reopen()?);
    let mut chunks = docker.download_from_container(container, Some(options));
    loop {
        match chunks.try_next().await {
            Ok(Some(chunk)) => file.write_all(&chunk).await?,
            Ok(None) => break,
            Err(error) if error::status(&error) == Some(404) => return Ok(None),
            Err(error) => {
                let reason = error::reason(&error);
                // `a/.` where `a` is a file.
                if reason.contains("not a directory") {
                    return Ok(None);
                }
                return Err(CollectError::Engine(reason));
            }
        }
    }
    file.flush().await?;
    Ok(Some(archive))
}

/// The entries of an archive. Their first component is the name of what was asked for: `prefix`
/// takes its place.
fn read_index(archive: &Path, index: usize, prefix: &str) -> io::Result<Vec<(String, Entry)>> {
    let mut entries = Vec::new();
    let mut files: HashMap<String, Content> = HashMap::new();
    let mut archive = tar::Archive::new(BufReader::new(File::open(archive)?));
    for entry in archive.entries_with_seek()? {
        let entry = entry?;
        let header = entry.header();
        let kind = header.entry_type();
        let raw = components(&entry.path()?).join("/");
        let path = placed(&raw, prefix);
        let content = if kind.is_dir() {
            Content::Directory
        } else if kind.is_symlink() {
            let target = entry.link_name()?.unwrap_or_default();
            Content::Symlink(target.to_string_lossy().into_owned())
        } else if kind.is_hard_link() {
            let target = entry.link_name()?.unwrap_or_default();
            match files.get(&components(&target).join("/")) {
                Some(content) => content.clone(),
                None => continue,
            }
        } else if kind.is_file() {
            Content::File {
                archive: index,
                offset: entry.raw_file_position(),
                size: entry.size(),
            }
        } else {
            // Devices and the like are no artifacts.
            continue;
        };
        files.insert(raw, content.clone());
        if path.is_empty() {
            continue;
        }
        entries.push((
            path,
            Entry {
                content,
                mode: header.mode().unwrap_or(0o644) & 0o7777,
                modified: header.mtime().unwrap_or(0),
            },
        ));
    }
    Ok(entries)
}

fn components(path: &Path) -> Vec<String> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy().into_owned()),
            _ => None,
        })
        .collect()
}

fn placed(raw: &str, prefix: &str) -> String {
    // Asked for as `directory/.`, the engine names entries from there; otherwise from the last
    // part of the path that was asked for.
    if prefix.is_empty() {
        return raw.to_owned();
    }
    match raw.split_once('/') {
        Some((_, rest)) => format!("{prefix}/{rest}"),
        None => prefix.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_in_its_directory_and_two_do_not() {
        let set = patterns(["*.jar", "dist/**/*", "docs/*"]).unwrap();
        for path in ["a.jar", "dist/a", "dist/a/b/.c", "docs/a"] {
            assert!(set.is_match(path), "{path}");
        }
        for path in ["target/a.jar", "dist", "docs/a/b"] {
            assert!(!set.is_match(path), "{path}");
        }
        assert!(patterns(["**/*"]).unwrap().is_match(".hidden/a"));
        assert!(patterns(["a/[b"]).is_err());
    }

    #[test]
    fn only_what_can_match_is_asked_for() {
        assert_eq!(literal_prefix("**/*"), "");
        assert_eq!(literal_prefix("./dist/js/*.js"), "dist/js");
        assert_eq!(literal_prefix("target/app.jar"), "target/app.jar");
        assert_eq!(literal_prefix("/root/.m2/**/*"), "root/.m2");
    }

    #[test]
    fn links_are_followed_inside_the_tree_only() {
        assert_eq!(resolve("a/b", "../c").as_deref(), Some("c"));
        assert_eq!(resolve("a/b", "c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(resolve("a", "../../etc/passwd"), None);
        assert_eq!(resolve("a", "/etc/passwd"), None);
    }
}
