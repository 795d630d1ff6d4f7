//! Artifacts: which files of the build container belong to one, and how they are packed.
//!
//! See `artifacts` in the [buildspec reference](https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.artifacts).

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use globset::GlobSet;

use crate::collect;
use crate::collect::CollectError;
use crate::collect::Content;
use crate::collect::Tree;
use crate::storage::CollectedFile;
use crate::zip_file::Member;

/// Where to look for files, and which of them are wanted.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// The directory in the container that patterns are relative to.
    pub(crate) directory: String,
    /// A pattern for directories below `directory`: the files' patterns are relative to these.
    base: Option<String>,
    files: Vec<String>,
    exclude: Vec<String>,
    discard_paths: bool,
    keep_links: bool,
}

impl Selection {
    /// `files` below `base`, a path or pattern relative to `source` or absolute.
    pub(crate) fn new(source: &str, base: Option<&str>, files: &[String]) -> Self {
        let base = base.unwrap_or_default().trim_end_matches('/');
        let literal = collect::literal_prefix(base);
        let root = if base.starts_with('/') { "" } else { source };
        let directory = if literal.is_empty() {
            root.to_owned()
        } else {
            format!("{root}/{literal}")
        };
        let pattern = collect::plain(base);
        let pattern = pattern
            .strip_prefix(literal.as_str())
            .unwrap_or_default()
            .trim_start_matches('/');
        // Such as `$CODEBUILD_SRC_DIR/file`.
        let inside = |file: &String| {
            let rest = file.strip_prefix(&directory)?.strip_prefix('/')?;
            Some(rest.to_owned())
        };
        let files = files
            .iter()
            .map(|file| inside(file).unwrap_or_else(|| file.clone()))
            .collect();
        Self {
            directory,
            base: (!pattern.is_empty()).then(|| pattern.to_owned()),
            files,
            exclude: Vec::new(),
            discard_paths: false,
            keep_links: false,
        }
    }

    /// Leaves out what matches one of these.
    pub(crate) fn excluding(mut self, patterns: &[String]) -> Self {
        self.exclude = patterns.to_vec();
        self
    }

    /// Whether all files land in one directory.
    pub(crate) const fn discarding_paths(mut self, discard: bool) -> Self {
        self.discard_paths = discard;
        self
    }

    /// Whether symbolic links stay what they are; otherwise what they lead to is taken.
    pub(crate) const fn keeping_links(mut self, keep: bool) -> Self {
        self.keep_links = keep;
        self
    }

    /// What has to be copied out of the container, relative to the directory.
    pub(crate) fn wanted(&self) -> Vec<String> {
        let files = self.files.iter().map(|file| collect::plain(file));
        match &self.base {
            Some(base) => files.map(|file| format!("{base}/{file}")).collect(),
            None => files.collect(),
        }
    }

    /// The members of the artifact, by their paths in it.
    pub(crate) fn members<'t>(&self, tree: &'t Tree) -> Result<Vec<Member<'t>>, CollectError> {
        let base = self.base.as_deref();
        let sieve = Sieve {
            base: base.map(|base| collect::patterns([base])).transpose()?,
            depth: base.map_or(0, |base| base.split('/').count()),
            files: collect::patterns(self.files.iter().map(String::as_str))?,
            exclude: collect::patterns(self.exclude.iter().map(String::as_str))?,
        };
        let mut members = BTreeMap::new();
        for (path, entry) in tree.entries() {
            match &entry.content {
                Content::Symlink(_) if !self.keep_links => {
                    // What a link leads to out of the tree is not there.
                    let Some((target, found)) = tree.follow(path) else {
                        continue;
                    };
                    if let Content::Directory = found.content {
                        let below = format!("{target}/");
                        for (inside, entry) in tree.entries() {
                            if let Some(rest) = inside.strip_prefix(&below)
                                && let Content::File { .. } = entry.content
                            {
                                sieve.take(&format!("{path}/{rest}"), entry, &mut members);
                            }
                        }
                    } else {
                        sieve.take(path, found, &mut members);
                    }
                }
                Content::File { .. } | Content::Symlink(_) => {
                    sieve.take(path, entry, &mut members);
                }
                Content::Directory => {}
            }
        }
        Ok(members
            .into_iter()
            .map(|(path, entry)| Member {
                path: self.path_in_artifact(path),
                entry,
            })
            .collect())
    }

    fn path_in_artifact(&self, path: String) -> String {
        if !self.discard_paths {
            return path;
        }
        match path.rsplit_once('/') {
            Some((_, name)) => name.to_owned(),
            None => path,
        }
    }
}

struct Sieve {
    base: Option<GlobSet>,
    /// How many components of a path the base directory has.
    depth: usize,
    files: GlobSet,
    exclude: GlobSet,
}

impl Sieve {
    fn take<'t>(
        &self,
        path: &str,
        entry: &'t collect::Entry,
        members: &mut BTreeMap<String, &'t collect::Entry>,
    ) {
        let inside = match &self.base {
            None => path,
            Some(base) => {
                let Some((at, _)) = path.match_indices('/').nth(self.depth.saturating_sub(1))
                else {
                    return;
                };
                let (directory, inside) = path.split_at(at);
                if !base.is_match(directory) {
                    return;
                }
                inside.trim_start_matches('/')
            }
        };
        if self.files.is_match(inside) && !self.exclude.is_match(inside) {
            members.insert(inside.to_owned(), entry);
        }
    }
}

/// Writes the members as files below a directory of this host.
pub(crate) fn write_files(
    tree: &Tree,
    members: &[Member<'_>],
    directory: &Path,
) -> io::Result<Vec<CollectedFile>> {
    let mut files = Vec::with_capacity(members.len());
    for (index, member) in members.iter().enumerate() {
        // Not under its own name: that may be one which this host does not allow.
        let file = directory.join(index.to_string());
        let mut content = tree.open(&member.entry.content)?;
        io::copy(&mut content, &mut fs::File::create(&file)?)?;
        files.push(CollectedFile {
            path: member.path.clone(),
            file,
        });
    }
    Ok(files)
}
