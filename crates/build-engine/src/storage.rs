//! Where a build's artifacts, remote caches and reports go: the owner of the build says.

use std::path::Path;
use std::path::PathBuf;

use buildspec::ReportFormat;

use crate::log::LogSink;
use crate::request::Answer;

/// An artifact that the project wants.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ArtifactRequest {
    /// `artifactIdentifier` of a secondary artifact; `None` for the primary one.
    pub identifier: Option<String>,
    /// `packaging`: one ZIP file, or the files as they are.
    pub packaging: Packaging,
}

/// `ArtifactPackaging` in the CodeBuild API.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Packaging {
    /// `ZIP`
    Zip,
    /// `NONE`
    None,
}

/// An artifact on this host. The files are removed after [`Storage::put_artifact`].
#[derive(Debug)]
pub struct CollectedArtifact {
    /// As in [`ArtifactRequest`].
    pub identifier: Option<String>,
    /// `name` of the buildspec, evaluated by the build's shell.
    pub name: Option<String>,
    /// `s3-prefix` of the buildspec.
    pub s3_prefix: Option<String>,
    /// What is in it.
    pub content: ArtifactContent,
}

/// What is in an artifact.
#[derive(Debug)]
pub enum ArtifactContent {
    /// One ZIP file.
    Zip(PathBuf),
    /// Files.
    Files(Vec<CollectedFile>),
}

/// A file of an artifact or a report.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CollectedFile {
    /// Its path in the artifact, with `/`.
    pub path: String,
    /// Where it is on this host now.
    pub file: PathBuf,
}

/// The raw data of a report on this host. The files are removed after [`Storage::put_report`].
#[derive(Debug)]
pub struct CollectedReport {
    /// The group: an ARN, or a name without the project's.
    pub group: String,
    /// What the files hold.
    pub format: ReportFormat,
    /// The files.
    pub files: Vec<CollectedFile>,
}

/// A remote cache that was found.
#[derive(Debug)]
pub struct FoundCache {
    /// The key that it was found under; `None` for the project's one cache.
    pub key: Option<String>,
    /// An uncompressed tar archive that unpacks at `/`.
    pub archive: PathBuf,
    /// Whether the engine removes the archive after use.
    pub remove_archive: bool,
}

/// Where a build's artifacts, remote caches and reports go.
pub trait Storage: Send + Sync {
    /// Takes an artifact. Gives its location, as `location` of the build's `artifacts` has it.
    fn put_artifact<'a>(
        &'a self,
        artifact: &'a CollectedArtifact,
        log: &'a LogSink,
    ) -> Answer<'a, String>;

    /// The cache under `key`, or else the newest under a key that begins with one of `fallbacks`,
    /// in their order. Without a key: the project's one cache.
    fn find_cache<'a>(
        &'a self,
        key: Option<&'a str>,
        fallbacks: &'a [String],
        log: &'a LogSink,
    ) -> Answer<'a, Option<FoundCache>>;

    /// Whether there is a cache under exactly this key.
    fn has_cache<'a>(&'a self, key: &'a str) -> Answer<'a, bool>;

    /// Keeps an archive as the cache under `key`.
    fn put_cache<'a>(
        &'a self,
        key: Option<&'a str>,
        archive: &'a Path,
        log: &'a LogSink,
    ) -> Answer<'a, ()>;

    /// Takes a report. Gives its ARN.
    fn put_report<'a>(
        &'a self,
        report: &'a CollectedReport,
        log: &'a LogSink,
    ) -> Answer<'a, String>;
}
