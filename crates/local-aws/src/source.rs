//! Where a build's source comes from: nowhere, a bucket, CodeCommit, a checkout on this machine, or
//! a git server.

mod bucket;
mod checkout;
mod clone;
mod credentials;
mod git_url;
mod github_url;
mod private_file;

use std::path::PathBuf;
use std::pin::Pin;

use build_engine::BuildspecLocation;
use build_engine::FetchedSource;
use build_engine::LogSink;
use build_engine::PhaseContext;
use build_engine::SecondarySource;
use build_engine::Source;

use crate::builds::BuildHost;
use crate::codebuild;
use crate::codebuild::Build;
use crate::codebuild::ProjectSource;
use crate::codecommit;
use github_url::GithubUrl;

/// Fetches one build's sources.
#[derive(Debug)]
pub(crate) struct BuildSource {
    primary: Wanted,
    secondary: Vec<Wanted>,
    /// Where repositories are kept from build to build.
    cache: Option<PathBuf>,
    host: BuildHost,
}

/// A source and the version of it that is wanted.
#[derive(Debug)]
struct Wanted {
    source: ProjectSource,
    version: Option<String>,
    /// For messages.
    which: String,
}

/// A source that is on this machine.
#[derive(Debug)]
struct Fetched {
    archive: Option<PathBuf>,
    directory: String,
    resolved_version: Option<String>,
}

impl BuildSource {
    pub(crate) fn of(build: &Build, host: &BuildHost) -> Self {
        let version_of = |identifier: Option<&str>| {
            let versions = &build.secondary_source_versions;
            let found = versions
                .iter()
                .find(|version| Some(version.source_identifier.as_str()) == identifier);
            found.map(|found| found.source_version.clone())
        };
        let modes = build.cache.modes.as_deref().unwrap_or_default();
        let caches =
            build.cache.r#type == "LOCAL" && modes.iter().any(|mode| mode == "LOCAL_SOURCE_CACHE");
        Self {
            primary: Wanted {
                source: build.source.clone(),
                version: build.source_version.clone(),
                which: "primary source".to_owned(),
            },
            secondary: build
                .secondary_sources
                .iter()
                .map(|source| {
                    let identifier = source.source_identifier.as_deref();
                    Wanted {
                        source: source.clone(),
                        version: version_of(identifier),
                        which: format!("secondary source {}", identifier.unwrap_or_default()),
                    }
                })
                .collect(),
            cache: caches.then(|| host.source_caches.join(&build.project_name)),
            host: host.clone(),
        }
    }

    async fn fetch_all(&self, log: &LogSink) -> Result<FetchedSource, PhaseContext> {
        let buildspec = self.buildspec().await?;
        let primary = self.fetch_one(&self.primary, log).await?;
        let mut fetched = FetchedSource {
            remove_archive: primary.archive.is_some(),
            archive: primary.archive,
            directory: primary.directory,
            resolved_version: primary.resolved_version,
            buildspec,
            secondary: Vec::new(),
        };
        for wanted in &self.secondary {
            match self.fetch_one(wanted, log).await {
                Ok(one) => fetched.secondary.push(SecondarySource {
                    identifier: wanted.source.source_identifier.clone().unwrap_or_default(),
                    remove_archive: one.archive.is_some(),
                    archive: one.archive,
                    resolved_version: one.resolved_version,
                }),
                Err(context) => {
                    remove_archives(&fetched);
                    return Err(context);
                }
            }
        }
        Ok(fetched)
    }

    async fn fetch_one(&self, wanted: &Wanted, log: &LogSink) -> Result<Fetched, PhaseContext> {
        let source = &wanted.source;
        let location = source.location.as_deref().unwrap_or_default();
        let temporary = &self.host.temporary;
        let archive = temporary.join(format!("{}.tar", uuid::Uuid::new_v4()));
        let (directory, resolved_version) = match source.r#type.as_str() {
            "NO_SOURCE" => {
                return Ok(Fetched {
                    archive: None,
                    directory: String::new(),
                    resolved_version: None,
                });
            }
            "S3" => {
                let (buckets, which) = (&self.host.buckets, &wanted.which);
                let version = wanted.version.as_deref();
                bucket::fetch(buckets, location, which, version, &archive).await?;
                (String::new(), None)
            }
            "GITHUB" => {
                let Some(url) = GithubUrl::parse(location) else {
                    return Err(client_error(format!(
                        "{location} is not the URL of a GitHub repository"
                    )));
                };
                let checkouts = &self.host.checkouts;
                let served = checkouts
                    .iter()
                    .find(|checkout| GithubUrl::parse(&checkout.url).as_ref() == Some(&url));
                let commit = match served {
                    Some(checkout) => checkout::archive(location, checkout, &archive, log).await?,
                    None => Some(
                        self.clone(wanted, None)?
                            .archive(temporary, &archive)
                            .await?,
                    ),
                };
                (url.directory(), commit)
            }
            "CODECOMMIT" => {
                let repository = codecommit::repository_at(&self.host, location);
                let repository = repository.ok_or_else(|| {
                    client_error(format!(
                        "repository not found for {} and source version {}",
                        wanted.which,
                        wanted.version.as_deref().unwrap_or_default()
                    ))
                })?;
                let url = format!("file://{}", repository.display());
                let clone = self.clone(wanted, Some(&url))?;
                let commit = clone.archive(temporary, &archive).await?;
                let directory = git_url::directory(location).unwrap_or_default();
                (directory, Some(commit))
            }
            "GITHUB_ENTERPRISE" | "BITBUCKET" | "GITLAB" | "GITLAB_SELF_MANAGED" => {
                let Some(directory) = git_url::directory(location) else {
                    return Err(client_error(format!(
                        "{location} is not the URL of a git repository"
                    )));
                };
                let clone = self.clone(wanted, None)?;
                (directory, Some(clone.archive(temporary, &archive).await?))
            }
            other => {
                return Err(client_error(format!(
                    "The local AWS cannot fetch source of type {other}. It has NO_SOURCE, S3, \
                     CODECOMMIT, GITHUB, GITHUB_ENTERPRISE, BITBUCKET, GITLAB and \
                     GITLAB_SELF_MANAGED."
                )));
            }
        };
        Ok(Fetched {
            archive: Some(archive),
            directory,
            resolved_version,
        })
    }

    fn clone<'a>(
        &'a self,
        wanted: &'a Wanted,
        repository: Option<&'a str>,
    ) -> Result<clone::Clone<'a>, PhaseContext> {
        let source = &wanted.source;
        let submodules = source.git_submodules_config.as_ref();
        Ok(clone::Clone {
            credential: credentials::of(source, &self.host)?,
            which: &wanted.which,
            location: source.location.as_deref().unwrap_or_default(),
            repository,
            version: wanted.version.as_deref(),
            depth: source.git_clone_depth.unwrap_or(0),
            submodules: submodules.is_some_and(|config| config.fetch_submodules),
            insecure_ssl: source.insecure_ssl == Some(true),
            cache: self.cache.as_ref().map(|cache| {
                let location = source.location.as_deref().unwrap_or_default();
                cache.join(cache_name(location))
            }),
        })
    }

    async fn buildspec(&self) -> Result<BuildspecLocation, PhaseContext> {
        match self.primary.source.buildspec.as_deref() {
            None | Some("") => Ok(BuildspecLocation::File("buildspec.yml".to_owned())),
            Some(text) if codebuild::is_inline_buildspec(text) => {
                Ok(BuildspecLocation::Inline(text.to_owned()))
            }
            Some(arn) if arn.starts_with("arn:aws:s3:") => {
                let text = bucket::buildspec(&self.host.buckets, arn).await?;
                Ok(BuildspecLocation::Inline(text))
            }
            Some(path) => Ok(BuildspecLocation::File(path.to_owned())),
        }
    }
}

impl Source for BuildSource {
    fn fetch<'a>(
        &'a self,
        log: &'a LogSink,
    ) -> Pin<Box<dyn Future<Output = Result<FetchedSource, PhaseContext>> + Send + 'a>> {
        Box::pin(self.fetch_all(log))
    }
}

/// Each repository has a cache of its own.
fn cache_name(location: &str) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(location.as_bytes());
    let mut name: String = digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    name.push_str(".git");
    name
}

/// The build does not start: nobody else removes them.
fn remove_archives(fetched: &FetchedSource) {
    let secondary = fetched.secondary.iter().map(|source| &source.archive);
    for archive in secondary.chain([&fetched.archive]).flatten() {
        if let Err(error) = std::fs::remove_file(archive) {
            tracing::warn!(archive = %archive.display(), %error, "an archive is left behind");
        }
    }
}

fn client_error(message: impl Into<String>) -> PhaseContext {
    PhaseContext {
        status_code: "CLIENT_ERROR".to_owned(),
        message: message.into(),
    }
}
