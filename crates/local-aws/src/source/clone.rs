//! A repository that is fetched with the user's own git.

use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;

use build_engine::DirectorySelection;
use build_engine::PhaseContext;
use tokio::process::Command;

use super::checkout;
use super::client_error;
use super::credentials::GitCredential;

/// What to fetch.
#[derive(Debug)]
pub(super) struct Clone<'a> {
    /// `primary source`, or which secondary source it is, for messages.
    pub(super) which: &'a str,
    /// What is shown and what the clone has as its `origin`.
    pub(super) location: &'a str,
    /// Where it is fetched from, if that is not `location`.
    pub(super) repository: Option<&'a str>,
    /// A branch, tag, commit or `pr/NUMBER`; the default branch if there is none.
    pub(super) version: Option<&'a str>,
    /// How many commits; 0 for all.
    pub(super) depth: i64,
    /// Whether submodules are fetched too.
    pub(super) submodules: bool,
    pub(super) insecure_ssl: bool,
    /// What git tells the server if it asks. Without it the user's own settings of git count.
    pub(super) credential: Option<GitCredential>,
    /// A bare repository that keeps what was fetched, for the next build (LOCAL_SOURCE_CACHE).
    pub(super) cache: Option<PathBuf>,
}

/// What git runs when a server asks who one is. The answer is in the environment: other users of
/// this machine see the arguments of its processes, but not their environment.
const CREDENTIAL_HELPER: &str = "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' \
     \"$LOCAL_AWS_GIT_USERNAME\" \"$LOCAL_AWS_GIT_PASSWORD\"; }; f";

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
            DirectorySelection::All,
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
        let upstream = self.repository.unwrap_or(self.location);
        match &self.cache {
            None => self.fetch_from(directory, upstream, &reference).await?,
            Some(cache) => {
                let (kept, commit) = self.refresh(cache, upstream, &reference).await?;
                let url = format!("file://{}", cache.display());
                let fetched = self.fetch_from(directory, &url, &kept).await;
                let _ = self.git(cache, &["update-ref", "-d", &kept]).await;
                fetched?;
                tracing::debug!(commit, "the source came from the cache");
            }
        }
        if self.submodules {
            let update = ["submodule", "--quiet", "update", "--init", "--recursive"];
            self.git(directory, &update).await?;
        }
        self.git(directory, &["rev-parse", "HEAD"]).await
    }

    /// Fetches a reference and checks it out.
    async fn fetch_from(
        &self,
        directory: &Path,
        from: &str,
        reference: &str,
    ) -> Result<(), PhaseContext> {
        let depth = format!("--depth={}", self.depth);
        let mut fetch = vec!["fetch", "--quiet", "--tags"];
        if self.depth > 0 {
            fetch = vec!["fetch", "--quiet", "--no-tags", &depth];
        }
        fetch.extend([from, reference]);
        match self.git(directory, &fetch).await {
            Ok(_) => {
                self.git(directory, &["checkout", "--quiet", "FETCH_HEAD"])
                    .await?;
            }
            // A commit that no branch ends with, or a part of its id, cannot be asked for: fetch
            // everything and look.
            Err(_) if is_commit(reference) => {
                let all = [
                    "fetch",
                    "--quiet",
                    from,
                    "+refs/heads/*:refs/remotes/origin/*",
                ];
                self.git(directory, &all).await?;
                self.git(directory, &["checkout", "--quiet", reference])
                    .await?;
            }
            Err(context) => return Err(context),
        }
        Ok(())
    }

    /// Brings the cache up to date. A name for the reference in it that no other build uses, and
    /// its commit.
    async fn refresh(
        &self,
        cache: &Path,
        upstream: &str,
        reference: &str,
    ) -> Result<(String, String), PhaseContext> {
        std::fs::create_dir_all(cache).map_err(|error| {
            client_error(format!("The source cache cannot be written: {error}"))
        })?;
        self.git(cache, &["init", "--quiet", "--bare"]).await?;
        let kept = format!("refs/kept/{}", uuid::Uuid::new_v4());
        let one = format!("+{reference}:{kept}");
        let tags = "+refs/tags/*:refs/tags/*";
        let fetched = self
            .git(cache, &["fetch", "--quiet", upstream, &one, tags])
            .await;
        match fetched {
            Ok(_) => {}
            Err(_) if is_commit(reference) => {
                let all = ["fetch", "--quiet", upstream, "+refs/heads/*:refs/heads/*"];
                self.git(cache, &all).await?;
                let commit = format!("{reference}^{{commit}}");
                self.git(cache, &["update-ref", &kept, &commit]).await?;
            }
            Err(context) => return Err(context),
        }
        let commit = self.git(cache, &["rev-parse", &kept]).await?;
        Ok((kept, commit))
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
            .args(["-c", "advice.detachedHead=false"]);
        if let Some(credential) = &self.credential {
            let server = &credential.server;
            // The empty helper takes the user's own away.
            let helper = format!("credential.{server}.helper={CREDENTIAL_HELPER}");
            command
                .args(["-c", "credential.helper=", "-c", &helper])
                .env("LOCAL_AWS_GIT_USERNAME", &credential.username)
                .env("LOCAL_AWS_GIT_PASSWORD", &credential.password);
        }
        command
            .args(arguments)
            // Nobody is there to answer.
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        if cfg!(test) {
            // Tests have no server: their submodules are directories.
            command.env("GIT_ALLOW_PROTOCOL", "file");
        }
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
        } else if stderr.contains("does not appear to be a git repository")
            || (stderr.contains("not found") && !stderr.contains("remote ref"))
        {
            "repository not found"
        } else if stderr.contains("couldn't find remote ref")
            || stderr.contains("did not match any")
        {
            "reference not found"
        } else {
            stderr.trim().lines().last().unwrap_or("git failed")
        };
        client_error(format!(
            "{reason} for {} and source version {}",
            self.which,
            self.version.unwrap_or_default()
        ))
    }
}

fn is_commit(reference: &str) -> bool {
    (7..=40).contains(&reference.len()) && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
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
        let cache = tempfile::tempdir().unwrap();
        for cache in [None, Some(cache.path().to_owned())] {
            let fetch = async |version: Option<&str>, depth| {
                let directory = tempfile::tempdir().unwrap();
                let clone = Clone {
                    version,
                    depth,
                    cache: cache.clone(),
                    ..plain(&location)
                };
                clone.fetch(directory.path()).await
            };
            assert_eq!(fetch(None, 1).await.as_ref(), Ok(&commits[1]));
            assert_eq!(fetch(Some("main"), 0).await.as_ref(), Ok(&commits[1]));
            assert_eq!(fetch(Some("v1"), 1).await.as_ref(), Ok(&commits[0]));
            for id in [&commits[0][..8], &commits[0]] {
                assert_eq!(fetch(Some(id), 0).await.as_ref(), Ok(&commits[0]));
            }
            let context = fetch(Some("absent"), 1).await.unwrap_err();
            assert_eq!(context.status_code, "CLIENT_ERROR");
            assert_eq!(
                context.message,
                "reference not found for primary source and source version absent"
            );
        }
        git(cache.path(), &["cat-file", "-e", &commits[1]]).await;
        let kept = git(cache.path(), &["for-each-ref", "refs/kept"]).await;
        assert_eq!(kept, "", "names in the cache are removed");

        let nowhere = format!("{location}/nowhere");
        let directory = tempfile::tempdir().unwrap();
        let context = plain(&nowhere).fetch(directory.path()).await.unwrap_err();
        assert_eq!(
            context.message,
            "repository not found for primary source and source version "
        );
    }

    fn plain(location: &str) -> Clone<'_> {
        Clone {
            which: "primary source",
            location,
            repository: None,
            version: None,
            depth: 0,
            submodules: false,
            insecure_ssl: false,
            credential: None,
            cache: None,
        }
    }

    #[tokio::test]
    async fn submodules_are_fetched_when_they_are_wanted() {
        let (inner, outer) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for repository in [&inner, &outer] {
            git(repository.path(), &["init", "--quiet"]).await;
        }
        std::fs::write(inner.path().join("file"), "text").unwrap();
        git(inner.path(), &["add", "."]).await;
        git(inner.path(), &["commit", "--quiet", "-m", "inner"]).await;
        let url = format!("file://{}", inner.path().display());
        let add = [
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            &url,
            "lib",
        ];
        git(outer.path(), &add).await;
        git(outer.path(), &["commit", "--quiet", "-m", "outer"]).await;
        let location = format!("file://{}", outer.path().display());
        for submodules in [false, true] {
            let directory = tempfile::tempdir().unwrap();
            let clone = Clone {
                submodules,
                ..plain(&location)
            };
            clone.fetch(directory.path()).await.unwrap();
            assert_eq!(directory.path().join("lib/file").exists(), submodules);
        }
    }
}
