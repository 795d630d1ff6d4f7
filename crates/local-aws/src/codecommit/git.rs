//! A bare repository, worked on with the user's git.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::error::AwsError;

/// What git and its programs need of the environment. Everything else stays out: the user's settings
/// and identity are not the repository's.
const KEPT: [&str; 6] = ["PATH", "SystemRoot", "TMPDIR", "TEMP", "TMP", "TZ"];

/// git, without the settings of the user and the system, and without hooks.
pub(super) fn command() -> Command {
    let mut command = Command::new("git");
    command
        .env_clear()
        .envs(
            KEPT.iter()
                .filter_map(|name| Some((name, std::env::var_os(name)?))),
        )
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .args(["-c", "core.hooksPath=/dev/null"]);
    command
}

/// The answer when git cannot be started.
pub(super) fn no_git(error: std::io::Error) -> AwsError {
    AwsError::new(
        "LocalGitException",
        format!(
            "git could not be run ({error}). Install git: the local AWS keeps repositories with it."
        ),
    )
}

/// A bare repository.
#[derive(Clone, Debug)]
pub(super) struct Repository {
    directory: PathBuf,
}

/// What git needs beside its arguments.
#[derive(Debug, Default)]
pub(super) struct Surroundings<'a> {
    pub(super) input: &'a [u8],
    pub(super) variables: &'a [(&'a str, &'a str)],
}

/// An entry of a directory.
#[derive(Debug)]
pub(super) struct Entry {
    /// Such as `100644`.
    pub(super) mode: String,
    /// Its object's id.
    pub(super) id: String,
    /// From the root.
    pub(super) path: String,
}

impl Repository {
    pub(super) const fn at(directory: PathBuf) -> Self {
        Self { directory }
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Runs git; `None` if it says that it failed.
    ///
    /// # Errors
    ///
    /// If git cannot be started.
    pub(super) async fn run(
        &self,
        arguments: &[&str],
        surroundings: &Surroundings<'_>,
    ) -> Result<Option<Vec<u8>>, AwsError> {
        let mut child = command()
            .arg("--git-dir")
            .arg(&self.directory)
            .args(arguments)
            .envs(surroundings.variables.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(no_git)?;
        if let Some(mut stdin) = child.stdin.take() {
            // git may end without reading everything.
            let _ = stdin.write_all(surroundings.input).await;
        }
        let output = child.wait_with_output().await.map_err(no_git)?;
        if output.status.success() {
            return Ok(Some(output.stdout));
        }
        let reason = String::from_utf8_lossy(&output.stderr);
        tracing::debug!(?arguments, %reason, "git refused");
        Ok(None)
    }

    /// What git prints, without the line's end; `None` if it failed.
    pub(super) async fn text(&self, arguments: &[&str]) -> Result<Option<String>, AwsError> {
        let output = self.run(arguments, &Surroundings::default()).await?;
        Ok(output.map(|output| String::from_utf8_lossy(&output).trim_end().to_owned()))
    }

    /// The commit of a branch.
    pub(super) async fn branch(&self, name: &str) -> Result<Option<String>, AwsError> {
        self.commit(&format!("refs/heads/{name}")).await
    }

    /// The id of a commit that is named by an id, a branch, a tag or a whole reference.
    pub(super) async fn commit(&self, specifier: &str) -> Result<Option<String>, AwsError> {
        let commit = format!("{specifier}^{{commit}}");
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ];
        self.text(&arguments).await
    }

    /// The branch that is checked out by default, if it has a commit.
    pub(super) async fn default_branch(&self) -> Result<Option<String>, AwsError> {
        let Some(name) = self.text(&["symbolic-ref", "--short", "HEAD"]).await? else {
            return Ok(None);
        };
        Ok(self.branch(&name).await?.map(|_| name))
    }

    /// The names of all branches, in order.
    pub(super) async fn branches(&self) -> Result<Vec<String>, AwsError> {
        let arguments = ["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"];
        let output = self.text(&arguments).await?.unwrap_or_default();
        Ok(output.lines().map(str::to_owned).collect())
    }

    /// All branches and tags by their whole names, with the commits that they name.
    pub(super) async fn references(&self) -> Result<BTreeMap<String, String>, AwsError> {
        let format = "--format=%(refname) %(objectname) %(*objectname)";
        let arguments = ["for-each-ref", format, "refs/heads", "refs/tags"];
        let output = self.text(&arguments).await?;
        let output = output.ok_or_else(|| AwsError::storage("git could not read a repository"))?;
        let references = output.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            let name = words.next()?.to_owned();
            // Of an annotated tag the second id is the commit's.
            Some((name, words.next_back()?.to_owned()))
        });
        Ok(references.collect())
    }

    /// The object at a path of a commit; `None` if there is nothing.
    pub(super) async fn entry(&self, commit: &str, path: &str) -> Result<Option<Entry>, AwsError> {
        let path = format!(":(literal){path}");
        let entries = self.entries(&[commit, "--", &path]).await?;
        Ok(entries.into_iter().next())
    }

    /// `git ls-tree` with whole names.
    pub(super) async fn entries(&self, arguments: &[&str]) -> Result<Vec<Entry>, AwsError> {
        let mut all = vec!["ls-tree", "-z", "--full-tree"];
        all.extend(arguments);
        let output = self.text(&all).await?.unwrap_or_default();
        let entries = output.split('\0').filter_map(|line| {
            let (facts, path) = line.split_once('\t')?;
            let mut facts = facts.split(' ');
            let mode = facts.next()?.to_owned();
            let id = facts.nth(1)?.to_owned();
            let path = path.to_owned();
            Some(Entry { mode, id, path })
        });
        Ok(entries.collect())
    }

    /// Writes bytes as a blob; its id.
    pub(super) async fn write_blob(&self, bytes: &[u8]) -> Result<String, AwsError> {
        let surroundings = Surroundings {
            input: bytes,
            variables: &[],
        };
        let output = self
            .run(&["hash-object", "-w", "--stdin"], &surroundings)
            .await?;
        output
            .map(|output| String::from_utf8_lossy(&output).trim().to_owned())
            .ok_or_else(|| AwsError::storage("git could not write a file"))
    }
}
