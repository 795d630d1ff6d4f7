//! A repository that is served from a working tree on this machine.

use std::path::Path;
use std::path::PathBuf;

use build_engine::DirectorySelection;
use build_engine::LogSink;
use build_engine::PhaseContext;
use build_engine::archive_directory;
use tokio::process::Command;

use super::client_error;
use crate::Checkout;

/// Archives the working tree as it is now and says so in the build log. Returns its commit, if it is
/// a git checkout.
pub(super) async fn archive(
    location: &str,
    checkout: &Checkout,
    archive: &Path,
    log: &LogSink,
) -> Result<Option<String>, PhaseContext> {
    let directory = &checkout.directory;
    let commit = git(directory, &["rev-parse", "HEAD"]).await;
    let state = match &commit {
        Some(commit) => {
            let changes = git(directory, &["status", "--porcelain"])
                .await
                .unwrap_or_default();
            let abbreviated = commit.get(..7).unwrap_or(commit);
            let with = if changes.is_empty() {
                ""
            } else {
                " with uncommitted changes"
            };
            format!("commit {abbreviated}{with}")
        }
        None => "no git commit".to_owned(),
    };
    log.line(&format!(
        "Source {location} is served from the local checkout {}, working tree as it is now, {state}",
        directory.display()
    ))
    .await;
    let mut extra_files = checkout.extra_files.clone();
    extra_files.retain(|(_, path)| path.exists());
    for (name, path) in &extra_files {
        log.line(&format!(
            "Added to the source: {name}, from {}",
            path.display()
        ))
        .await;
    }
    write(
        directory.clone(),
        DirectorySelection::WorkingTree,
        extra_files,
        archive,
    )
    .await?;
    Ok(commit)
}

/// Writes an archive without holding up other builds.
pub(super) async fn write(
    directory: PathBuf,
    selection: DirectorySelection,
    extra_files: Vec<(String, PathBuf)>,
    archive: &Path,
) -> Result<(), PhaseContext> {
    let archive = archive.to_owned();
    let shown = directory.display().to_string();
    let written = tokio::task::spawn_blocking(move || {
        archive_directory(&directory, selection, &extra_files, &archive)
            .inspect_err(|_| drop(std::fs::remove_file(&archive)))
    });
    match written.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(client_error(format!(
            "The source in {shown} cannot be read: {error}"
        ))),
        Err(error) => Err(client_error(format!(
            "The source in {shown} was not read: {error}"
        ))),
    }
}

/// What git prints; `None` if it fails or there is no git.
async fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(arguments)
        .kill_on_drop(true)
        .output()
        .await
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
