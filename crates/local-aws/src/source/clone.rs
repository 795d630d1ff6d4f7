//! A repository that is fetched with the user's own git.

use std::path::Path;
use std::process::Stdio;

use build_engine::PhaseContext;
use tokio::process::Command;

use super::archive::Selection;
use super::checkout;
use super::client_error;

/// What to fetch.
#[derive(Debug)]
pub(super) struct Clone<'a> {
    pub(super) location: &'a str,
    /// A branch, tag, commit or `pr/NUMBER`; the default branch if there is none.
    pub(super) version: Option<&'a str>,
    /// How many commits; 0 for all.
    pub(super) depth: i64,
    pub(super) insecure_ssl: bool,
}

impl Clone<'_> {
    /// Fetches into a directory of its own below `temporary`, writes it with its `.git` to `archive`
    /// and returns the commit.
    pub(super) async fn archive(
        &self,
        temporary: &Path,
        archive: &Path,
    ) -> Result<String, PhaseContext> {
        let directory = tempfile::Builder::new()
            .prefix("clone-")
            .tempdir_in(temporary)
            .map_err(|error| client_error(format!("There is no room for the source: {error}")))?;
        let commit = self.fetch(directory.path()).await?;
        checkout::write(
            directory.path().to_owned(),
            Selection::All,
            Vec::new(),
            archive,
        )
        .await?;
        Ok(commit)
    }

    async fn fetch(&self, directory: &Path) -> Result<String, PhaseContext> {
        self.git(directory, &["init", "--quiet"]).await?;
        self.git(directory, &["remote", "add", "origin", self.location])
            .await?;
        let reference = self.reference();
        let depth = format!("--depth={}", self.depth);
        let mut fetch = vec!["fetch", "--quiet", "--tags"];
        if self.depth > 0 {
            fetch = vec!["fetch", "--quiet", "--no-tags", &depth];
        }
        fetch.extend(["origin", reference.as_str()]);
        match self.git(directory, &fetch).await {
            Ok(_) => {
                self.git(directory, &["checkout", "--quiet", "FETCH_HEAD"])
                    .await?;
            }
            // A shortened commit id cannot be asked for: fetch everything and look.
            Err(_) if is_shortened_commit(&reference) => {
                let all = [
                    "fetch",
                    "--quiet",
                    "origin",
                    "+refs/heads/*:refs/remotes/origin/*",
                ];
                self.git(directory, &all).await?;
                self.git(directory, &["checkout", "--quiet", &reference])
                    .await?;
            }
            Err(context) => return Err(context),
        }
        self.git(directory, &["rev-parse", "HEAD"]).await
    }

    fn reference(&self) -> String {
        match self.version {
            None | Some("") => "HEAD".to_owned(),
            Some(version) => match version.strip_prefix("pr/") {
                Some(number) => format!("refs/pull/{number}/head"),
                // A leading dash would be an option.
                None => version.trim_start_matches('-').to_owned(),
            },
        }
    }

    async fn git(&self, directory: &Path, arguments: &[&str]) -> Result<String, PhaseContext> {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(directory)
            .args(["-c", "advice.detachedHead=false"])
            .args(arguments)
            // Nobody is there to answer.
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        if self.insecure_ssl {
            command.env("GIT_SSL_NO_VERIFY", "1");
        }
        let output = command.output().await.map_err(|error| {
            client_error(format!(
                "git could not be started ({error}). Install git to clone {}.",
                self.location
            ))
        })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
        }
        Err(self.context(&String::from_utf8_lossy(&output.stderr)))
    }

    /// What git says, in CodeBuild's words where they are known.
    fn context(&self, stderr: &str) -> PhaseContext {
        let reason = if stderr.contains("could not read Username")
            || stderr.contains("Authentication failed")
            || stderr.contains("Permission denied")
        {
            "authentication required"
        } else if stderr.contains("not found") && !stderr.contains("remote ref") {
            "repository not found"
        } else if stderr.contains("couldn't find remote ref")
            || stderr.contains("did not match any")
        {
            "reference not found"
        } else {
            stderr.trim().lines().last().unwrap_or("git failed")
        };
        client_error(format!(
            "{reason} for primary source and source version {}",
            self.version.unwrap_or_default()
        ))
    }
}

fn is_shortened_commit(reference: &str) -> bool {
    (7..40).contains(&reference.len()) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn git(directory: &Path, arguments: &[&str]) -> String {
        let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
        let output = Command::new("git")
            .arg("-C")
            .arg(directory)
            .args(identity)
            .args(arguments)
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    #[tokio::test]
    async fn a_version_is_fetched_and_a_missing_one_is_named() {
        let repository = tempfile::tempdir().unwrap();
        git(
            repository.path(),
            &["init", "--quiet", "--initial-branch=main"],
        )
        .await;
        let mut commits = Vec::new();
        for message in ["first", "second"] {
            git(
                repository.path(),
                &["commit", "--quiet", "--allow-empty", "-m", message],
            )
            .await;
            commits.push(git(repository.path(), &["rev-parse", "HEAD"]).await);
        }
        git(repository.path(), &["tag", "v1", &commits[0]]).await;
        let location = format!("file://{}", repository.path().display());
        let fetch = async |version: Option<&str>, depth| {
            let directory = tempfile::tempdir().unwrap();
            let clone = Clone {
                location: &location,
                version,
                depth,
                insecure_ssl: false,
            };
            clone.fetch(directory.path()).await
        };
        assert_eq!(fetch(None, 1).await.as_ref(), Ok(&commits[1]));
        assert_eq!(fetch(Some("main"), 0).await.as_ref(), Ok(&commits[1]));
        assert_eq!(fetch(Some("v1"), 1).await.as_ref(), Ok(&commits[0]));
        assert_eq!(
            fetch(Some(&commits[0][..8]), 0).await.as_ref(),
            Ok(&commits[0])
        );
        let context = fetch(Some("absent"), 1).await.unwrap_err();
        assert_eq!(context.status_code, "CLIENT_ERROR");
        assert_eq!(
            context.message,
            "reference not found for primary source and source version absent"
        );
    }
}
