//! UPLOAD_ARTIFACTS: reports, the remote cache and the artifacts, copied out of the container and
//! handed to whoever keeps them.

use std::fs;

use bollard::query_parameters::ContainerArchiveInfoOptionsBuilder;
use buildspec::ArtifactFiles;
use buildspec::Buildspec;
use buildspec::ReportFiles;
use tokio::sync::mpsc;

use crate::artifacts;
use crate::artifacts::Selection;
use crate::collect::CollectError;
use crate::collect::Tree;
use crate::conversation::Conversation;
use crate::engine::Engine;
use crate::error;
use crate::evaluate;
use crate::event::Event;
use crate::event::PhaseContext;
use crate::log::LogSink;
use crate::remote_cache;
use crate::request::BuildRequest;
use crate::request::CacheRequest;
use crate::storage::ArtifactContent;
use crate::storage::ArtifactRequest;
use crate::storage::CollectedArtifact;
use crate::storage::CollectedReport;
use crate::storage::Packaging;
use crate::storage::Storage;
use crate::zip_file;

/// What the phase needs.
pub(crate) struct Upload<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) request: &'a BuildRequest,
    pub(crate) log: &'a LogSink,
    pub(crate) events: &'a mpsc::Sender<Event>,
    pub(crate) container: &'a str,
    pub(crate) spec: &'a Buildspec,
    /// `CODEBUILD_SRC_DIR`
    pub(crate) directory: &'a str,
    pub(crate) shell: &'static str,
    /// Whether no command phase has failed.
    pub(crate) succeeding: bool,
}

/// Files of the container on this host.
struct Collected {
    tree: Tree,
    selection: Selection,
}

impl Upload<'_> {
    pub(crate) async fn perform(
        &self,
        conversation: &mut Conversation,
    ) -> Result<(), PhaseContext> {
        let Some(storage) = self.request.storage.as_deref() else {
            return Ok(());
        };
        let reports = self.reports(storage, conversation).await;
        if self.succeeding
            && self.request.cache == CacheRequest::Remote
            && let Some(cache) = &self.spec.cache
        {
            remote_cache::save(self, cache, storage, conversation).await;
        }
        for wanted in &self.request.artifacts {
            let files = self.files_of(wanted)?;
            self.artifact(wanted, files, storage, conversation).await?;
        }
        reports
    }

    /// What the buildspec says of an artifact that the project wants.
    fn files_of(&self, wanted: &ArtifactRequest) -> Result<&ArtifactFiles, PhaseContext> {
        let Some(artifacts) = &self.spec.artifacts else {
            return Err(PhaseContext::client_error(
                "The project has artifacts, but the buildspec has no artifacts section",
            ));
        };
        let Some(identifier) = &wanted.identifier else {
            return Ok(&artifacts.primary);
        };
        let mut secondary = artifacts.secondary.iter();
        match secondary.find(|(name, _)| name == identifier) {
            Some((_, files)) => Ok(files),
            None => Err(PhaseContext::client_error(format!(
                "The project has the secondary artifact {identifier}, but the buildspec has none of this name below secondary-artifacts"
            ))),
        }
    }

    async fn artifact(
        &self,
        wanted: &ArtifactRequest,
        files: &ArtifactFiles,
        storage: &dyn Storage,
        conversation: &mut Conversation,
    ) -> Result<(), PhaseContext> {
        let is_zip = wanted.packaging == Packaging::Zip;
        let mut texts: Vec<String> = files.files.clone();
        texts.extend(files.exclude_paths.iter().cloned());
        texts.push(files.base_directory.clone().unwrap_or_default());
        texts.push(files.name.clone().unwrap_or_default());
        texts.push(files.s3_prefix.clone().unwrap_or_default());
        let mut texts = self.evaluated(&texts, conversation).await?;
        let s3_prefix = texts.pop().filter(|_| files.s3_prefix.is_some());
        let name = texts.pop().filter(|_| files.name.is_some());
        let base = texts.pop().filter(|_| files.base_directory.is_some());
        let exclude = texts.split_off(files.files.len());
        let selection = Selection::new(self.directory, base.as_deref(), &texts)
            .excluding(&exclude)
            .discarding_paths(files.discard_paths)
            .keeping_links(files.enable_symlinks && is_zip);
        let collected = self.collect(selection, base.as_deref(), &texts).await?;
        let directory = tempfile::tempdir().map_err(|error| not_kept(&error))?;
        let path = directory.path().to_owned();
        let packed = tokio::task::spawn_blocking(move || {
            let members = collected.selection.members(&collected.tree)?;
            let count = members.len();
            if count == 0 {
                return Ok((count, ArtifactContent::Files(Vec::new()), None));
            }
            let (content, sums) = if is_zip {
                let file = path.join("artifact.zip");
                zip_file::write(&collected.tree, &members, &file)?;
                let sums = zip_file::sums(&file)?;
                (ArtifactContent::Zip(file), Some(sums))
            } else {
                let files = artifacts::write_files(&collected.tree, &members, &path)?;
                (ArtifactContent::Files(files), None)
            };
            Ok::<_, CollectError>((count, content, sums))
        });
        let (count, content, sums) = packed
            .await
            .map_err(|error| not_kept(&error))?
            .map_err(|error| PhaseContext::client_error(error.to_string()))?;
        if count == 0 {
            return Err(PhaseContext::client_error(
                "no matching artifact paths found",
            ));
        }
        self.log.line(&format!("Found {count} file(s)")).await;
        let artifact = CollectedArtifact {
            identifier: wanted.identifier.clone(),
            name,
            s3_prefix,
            content,
        };
        let location = storage.put_artifact(&artifact, self.log).await?;
        let (sha256sum, md5sum) = sums.unzip();
        self.emit(Event::ArtifactUploaded {
            identifier: wanted.identifier.clone(),
            location,
            sha256sum,
            md5sum,
        })
        .await;
        drop(directory);
        Ok(())
    }

    /// Copies what a selection wants out of the container.
    async fn collect(
        &self,
        selection: Selection,
        base: Option<&str>,
        files: &[String],
    ) -> Result<Collected, PhaseContext> {
        let shown = base.unwrap_or(".");
        self.log
            .line(&format!("Expanding base directory path:  {shown}"))
            .await;
        self.log.line("Assembling file list").await;
        self.log.line(&format!("Expanding {shown}")).await;
        if base.is_some() && !self.has_directory(&selection.directory).await? {
            return Err(PhaseContext::client_error(format!(
                "no matching base directory path found for {shown}"
            )));
        }
        self.log
            .line(&format!("Expanding file paths for base directory {shown}"))
            .await;
        self.log.line("Assembling file list").await;
        for file in files {
            self.log.line(&format!("Expanding {file}")).await;
        }
        let tree = Tree::of(
            self.engine.docker(),
            self.container,
            &selection.directory,
            &selection.wanted(),
        )
        .await
        .map_err(|error| PhaseContext::client_error(error.to_string()))?;
        Ok(Collected { tree, selection })
    }

    async fn has_directory(&self, path: &str) -> Result<bool, PhaseContext> {
        let options = ContainerArchiveInfoOptionsBuilder::default()
            .path(path)
            .build();
        let docker = self.engine.docker();
        match docker
            .get_container_archive_info(self.container, Some(options))
            .await
        {
            Ok(_) => Ok(true),
            Err(error) if error::status(&error) == Some(404) => Ok(false),
            Err(error) => Err(PhaseContext::client_error(error::reason(&error))),
        }
    }

    /// All reports are tried, whether or not one of them fails.
    async fn reports(
        &self,
        storage: &dyn Storage,
        conversation: &mut Conversation,
    ) -> Result<(), PhaseContext> {
        let mut failures = Vec::new();
        for report in &self.spec.reports {
            if let Err(reason) = self.report(report, storage, conversation).await {
                self.log
                    .line(&format!(
                        "Error processing report {}: {reason}",
                        report.group
                    ))
                    .await;
                failures.push(format!("{}: [{reason}]", report.group));
            }
        }
        if failures.is_empty() {
            return Ok(());
        }
        Err(PhaseContext::client_error(format!(
            "Error in UPLOAD_ARTIFACTS phase: [{}]",
            failures.join(", ")
        )))
    }

    async fn report(
        &self,
        report: &ReportFiles,
        storage: &dyn Storage,
        conversation: &mut Conversation,
    ) -> Result<(), String> {
        let of = |context: PhaseContext| context.message;
        let mut texts = report.files.clone();
        texts.push(report.base_directory.clone().unwrap_or_default());
        let mut texts = self.evaluated(&texts, conversation).await.map_err(of)?;
        let base = texts.pop().filter(|_| report.base_directory.is_some());
        let selection = Selection::new(self.directory, base.as_deref(), &texts)
            .discarding_paths(report.discard_paths);
        let collected = self
            .collect(selection, base.as_deref(), &texts)
            .await
            .map_err(of)?;
        let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
        let path = directory.path().to_owned();
        let files = tokio::task::spawn_blocking(move || {
            let members = collected.selection.members(&collected.tree)?;
            fs::create_dir_all(&path)?;
            Ok::<_, CollectError>(artifacts::write_files(&collected.tree, &members, &path)?)
        })
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
        if files.is_empty() {
            return Err("report files not found in build".to_owned());
        }
        self.log
            .line(&format!("Found {} file(s)", files.len()))
            .await;
        let collected = CollectedReport {
            group: report.group.clone(),
            format: report.file_format,
            files,
        };
        let arn = storage.put_report(&collected, self.log).await.map_err(of)?;
        self.emit(Event::ReportAdded { arn }).await;
        Ok(())
    }

    /// What the build's shell makes of texts.
    pub(crate) async fn evaluated(
        &self,
        texts: &[String],
        conversation: &mut Conversation,
    ) -> Result<Vec<String>, PhaseContext> {
        let docker = self.engine.docker();
        evaluate::texts(docker, self.container, conversation, texts, self.shell)
            .await
            .map_err(PhaseContext::client_error)
    }

    async fn emit(&self, event: Event) {
        // Nobody reads any more: then the build is stopped for that reason.
        let _ = self.events.send(event).await;
    }
}

fn not_kept(error: &dyn std::fmt::Display) -> PhaseContext {
    PhaseContext::client_error(format!(
        "The artifacts cannot be kept on this host: {error}"
    ))
}
