//! git, as `mirror` needs it: what a repository's own settings say, and changes to them.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Output;
use std::process::Stdio;

use tokio::process::Command;

use crate::command_error::CommandError;

/// The git repository of the current directory.
pub(super) struct Checkout {
    /// The directory with its settings: names it, wherever one stands in it.
    pub(super) directory: PathBuf,
}

impl Checkout {
    /// Finds it.
    ///
    /// # Errors
    ///
    /// If there is no git, or no repository here.
    pub(super) async fn find() -> Result<Self, CommandError> {
        let output = run(["rev-parse", "--git-common-dir"]).await?;
        if !output.status.success() {
            return Err(CommandError::prerequisite(
                "this directory is not in a git repository, so there is no remote to mirror",
            )
            .hinted("Change into the repository, or make one with `git init`."));
        }
        let directory = PathBuf::from(line(&output));
        let directory = std::fs::canonicalize(&directory).unwrap_or(directory);
        Ok(Self { directory })
    }

    /// All values of a setting of the repository, in order.
    pub(super) async fn settings(&self, name: &str) -> Result<Vec<String>, CommandError> {
        let output = run(["config", "--local", "--get-all", name]).await?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// The URLs that a remote is fetched from.
    ///
    /// # Errors
    ///
    /// If there is no such remote.
    pub(super) async fn urls(&self, remote: &str) -> Result<Vec<String>, CommandError> {
        let urls = self.settings(&format!("remote.{remote}.url")).await?;
        if !urls.is_empty() {
            return Ok(urls);
        }
        let output = run(["remote"]).await?;
        let remotes = String::from_utf8_lossy(&output.stdout).into_owned();
        let remotes: Vec<&str> = remotes.lines().collect();
        let error = CommandError::usage(format!("this repository has no remote `{remote}`"));
        Err(match remotes.as_slice() {
            [] => error.hinted(format!("Add one with `git remote add {remote} URL`.")),
            known => error.hinted(format!(
                "It has: {}. Name one with --remote.",
                known.join(", ")
            )),
        })
    }

    /// The branch that is checked out, which has a commit.
    ///
    /// # Errors
    ///
    /// If no branch is checked out, or it has no commit.
    pub(super) async fn branch(&self) -> Result<String, CommandError> {
        let output = run(["symbolic-ref", "--quiet", "--short", "HEAD"]).await?;
        if !output.status.success() {
            return Err(CommandError::prerequisite(
                "no branch is checked out (detached HEAD), so there is none to push",
            )
            .hinted("Check one out with `git switch BRANCH`."));
        }
        let branch = line(&output);
        let commit = run(["rev-parse", "--verify", "--quiet", "HEAD"]).await?;
        if !commit.status.success() {
            return Err(CommandError::prerequisite(format!(
                "the branch `{branch}` has no commit, so there is nothing to push"
            ))
            .hinted("Commit something first: `git add .` and `git commit`."));
        }
        Ok(branch)
    }

    /// Changes the repository's settings.
    ///
    /// # Errors
    ///
    /// In git's words.
    pub(super) async fn change(&self, arguments: &[&str]) -> Result<(), CommandError> {
        let output = run(arguments).await?;
        if output.status.success() {
            return Ok(());
        }
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(
            CommandError::step(format!("`git {}` failed: {reason}", arguments.join(" ")))
                .hinted("Look at the remote with `git remote --verbose`."),
        )
    }

    /// Gives a setting these values, and no others.
    pub(super) async fn replace(&self, name: &str, values: &[String]) -> Result<(), CommandError> {
        if !self.settings(name).await?.is_empty() {
            self.change(&["config", "--local", "--unset-all", name])
                .await?;
        }
        for value in values {
            self.change(&["config", "--local", "--add", name, value])
                .await?;
        }
        Ok(())
    }

    /// Pushes a branch to all homes of a remote. git's own words go to the terminal.
    pub(super) async fn push(&self, remote: &str, branch: &str) -> Result<bool, CommandError> {
        let status = Command::new("git")
            .args(["push", "--set-upstream", remote, branch])
            .stdin(Stdio::inherit())
            .status();
        Ok(status.await.map_err(no_git)?.success())
    }
}

async fn run<I: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = I>,
) -> Result<Output, CommandError> {
    let output = Command::new("git")
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    output.await.map_err(no_git)
}

fn no_git(error: std::io::Error) -> CommandError {
    CommandError::prerequisite(format!("git could not be run: {error}"))
        .hinted("Install git, and see that it is on your PATH.")
}

fn line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
