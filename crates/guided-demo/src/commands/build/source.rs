//! The directories that a build takes its source from.

use std::path::PathBuf;

use build_engine::Answer;
use build_engine::BuildspecLocation;
use build_engine::DirectorySelection;
use build_engine::FetchedSource;
use build_engine::LogSink;
use build_engine::PhaseContext;
use build_engine::SecondarySource;
use build_engine::Source;
use build_engine::archive_directory;
use tempfile::TempDir;

/// Directories of this computer.
#[derive(Debug)]
pub(super) struct Directories {
    pub(super) primary: PathBuf,
    /// Names and directories of `--source`.
    pub(super) secondary: Vec<(String, PathBuf)>,
    pub(super) buildspec: BuildspecLocation,
    pub(super) selection: DirectorySelection,
    /// For the archives, removed when the build is over.
    pub(super) temporary: TempDir,
}

impl Directories {
    async fn archive(&self, directory: PathBuf, name: &str) -> Result<PathBuf, PhaseContext> {
        let archive = self.temporary.path().join(format!("{name}.tar"));
        let (target, selection) = (archive.clone(), self.selection);
        let shown = directory.display().to_string();
        tokio::task::spawn_blocking(move || archive_directory(&directory, selection, &[], &target))
            .await
            .map_err(std::io::Error::other)
            .and_then(|written| written)
            .map_err(|error| {
                PhaseContext::client_error(format!("The source in {shown} cannot be read: {error}"))
            })?;
        Ok(archive)
    }

    async fn fetch(&self, log: &LogSink) -> Result<FetchedSource, PhaseContext> {
        let which = match self.selection {
            DirectorySelection::All => "all files",
            DirectorySelection::WorkingTree => "without .git and what .gitignore names",
        };
        let shown = self.primary.display();
        log.line(&format!("Source is the directory {shown}, {which}"))
            .await;
        let archive = self.archive(self.primary.clone(), "primary").await?;
        let mut secondary = Vec::new();
        for (identifier, directory) in &self.secondary {
            let shown = directory.display();
            log.line(&format!(
                "Source {identifier} is the directory {shown}, {which}"
            ))
            .await;
            let archive = self.archive(directory.clone(), identifier).await?;
            secondary.push(SecondarySource {
                identifier: identifier.clone(),
                archive: Some(archive),
                remove_archive: true,
                resolved_version: None,
            });
        }
        Ok(FetchedSource {
            archive: Some(archive),
            remove_archive: true,
            directory: String::new(),
            resolved_version: None,
            buildspec: self.buildspec.clone(),
            secondary,
        })
    }
}

impl Source for Directories {
    fn fetch<'a>(&'a self, log: &'a LogSink) -> Answer<'a, FetchedSource> {
        Box::pin(Self::fetch(self, log))
    }
}
