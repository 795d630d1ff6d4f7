//! The `artifacts` and `cache` sections.

/// The `artifacts` section.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Artifacts {
    /// The primary artifact: the keys of the section itself.
    pub primary: ArtifactFiles,
    /// `secondary-artifacts`: identifiers, as in the project's `secondaryArtifacts`, in the order
    /// of the text.
    pub secondary: Vec<(String, ArtifactFiles)>,
}

/// Which files make an artifact.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ArtifactFiles {
    /// `files`: paths and patterns, relative to the source directory or to `base-directory`.
    pub files: Vec<String>,
    /// `name`, which the shell evaluates when the artifact is uploaded.
    pub name: Option<String>,
    /// `discard-paths`: whether all files land in one directory.
    pub discard_paths: bool,
    /// `base-directory`: a directory or a pattern for directories.
    pub base_directory: Option<String>,
    /// `exclude-paths`: patterns for what is left out, relative to the base directory.
    pub exclude_paths: Vec<String>,
    /// `enable-symlinks`: whether a ZIP file keeps symbolic links.
    pub enable_symlinks: bool,
    /// `s3-prefix`: what comes before the artifact's path in the bucket.
    pub s3_prefix: Option<String>,
}

/// The `cache` section.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cache {
    /// `paths`: paths and patterns, relative to the source directory or absolute.
    pub paths: Vec<String>,
    /// `key`: the name of the cache. Without one a project has one cache.
    pub key: Option<String>,
    /// `fallback-keys`: prefixes of keys, tried in order when there is no cache under `key`.
    pub fallback_keys: Vec<String>,
    /// `action`: what is done. Without one, both.
    pub action: Option<CacheAction>,
}

/// What `cache.action` can name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CacheAction {
    /// `restore`: the cache is read and never written.
    Restore,
    /// `save`: the cache is written and never read.
    Save,
}
