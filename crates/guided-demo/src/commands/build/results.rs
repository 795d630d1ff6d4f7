//! Where artifacts and reports of a build without a service go: directories of this computer.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use build_engine::Answer;
use build_engine::ArtifactContent;
use build_engine::CollectedArtifact;
use build_engine::CollectedFile;
use build_engine::CollectedReport;
use build_engine::FoundCache;
use build_engine::LogSink;
use build_engine::PhaseContext;
use build_engine::Storage;

/// The directories of `--artifacts` and `--reports`.
#[derive(Debug)]
pub(super) struct Results {
    pub(super) artifacts: Option<PathBuf>,
    pub(super) reports: Option<PathBuf>,
}

impl Results {
    fn put_artifact(&self, artifact: &CollectedArtifact) -> io::Result<Option<PathBuf>> {
        let Some(directory) = &self.artifacts else {
            return Ok(None);
        };
        let name = artifact.name.as_deref();
        let name = name.or(artifact.identifier.as_deref());
        match &artifact.content {
            ArtifactContent::Zip(file) => {
                let name = name.unwrap_or("artifacts");
                let target = inside(directory, &format!("{}.zip", name.trim_end_matches(".zip")))?;
                copy(file, &target)?;
                Ok(Some(target))
            }
            ArtifactContent::Files(files) => {
                let target = match name {
                    Some(name) => inside(directory, name)?,
                    None => directory.clone(),
                };
                copy_all(files, &target)?;
                Ok(Some(target))
            }
        }
    }

    fn put_report(&self, report: &CollectedReport) -> io::Result<Option<PathBuf>> {
        let Some(directory) = &self.reports else {
            return Ok(None);
        };
        // A group may be an ARN: its last part is its name.
        let name = report.group.rsplit('/').next().unwrap_or(&report.group);
        let target = inside(directory, name)?;
        copy_all(&report.files, &target)?;
        Ok(Some(target))
    }
}

impl Storage for Results {
    fn put_artifact<'a>(
        &'a self,
        artifact: &'a CollectedArtifact,
        log: &'a LogSink,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            match Self::put_artifact(self, artifact) {
                Ok(Some(path)) => {
                    let path = path.display().to_string();
                    log.line(&format!("Artifacts are in {path}")).await;
                    Ok(path)
                }
                Ok(None) => Ok(String::new()),
                Err(error) => Err(PhaseContext::client_error(format!(
                    "The artifacts cannot be written: {error}"
                ))),
            }
        })
    }

    fn find_cache<'a>(
        &'a self,
        _key: Option<&'a str>,
        _fallbacks: &'a [String],
        _log: &'a LogSink,
    ) -> Answer<'a, Option<FoundCache>> {
        Box::pin(async { Ok(None) })
    }

    fn has_cache<'a>(&'a self, _key: &'a str) -> Answer<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    fn put_cache<'a>(
        &'a self,
        _key: Option<&'a str>,
        _archive: &'a Path,
        _log: &'a LogSink,
    ) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn put_report<'a>(
        &'a self,
        report: &'a CollectedReport,
        log: &'a LogSink,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            match Self::put_report(self, report) {
                Ok(Some(path)) => {
                    let path = path.display().to_string();
                    log.line(&format!("The report {} is in {path}", report.group))
                        .await;
                    Ok(path)
                }
                Ok(None) => Ok(report.group.clone()),
                Err(error) => Err(PhaseContext::client_error(format!(
                    "the report cannot be written: {error}"
                ))),
            }
        })
    }
}

/// A path below a directory: a name from a build cannot lead out of it.
fn inside(directory: &Path, name: &str) -> io::Result<PathBuf> {
    let parts: Vec<&str> = name
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    if parts.is_empty() || parts.contains(&"..") {
        return Err(io::Error::other(format!(
            "{name:?} does not name a place below {}",
            directory.display()
        )));
    }
    Ok(directory.join(parts.join("/")))
}

fn copy_all(files: &[CollectedFile], directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    for file in files {
        copy(&file.file, &inside(directory, &file.path)?)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::copy(from, to)
        .map(|_| ())
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", to.display())))
}
