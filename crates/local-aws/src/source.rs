//! Where a build's source comes from: nowhere, a checkout on this machine, or GitHub.

mod archive;
mod checkout;
mod clone;
mod github_url;

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use build_engine::BuildspecLocation;
use build_engine::FetchedSource;
use build_engine::LogSink;
use build_engine::PhaseContext;
use build_engine::Source;

use crate::Checkout;
use crate::builds::BuildHost;
use crate::codebuild;
use crate::codebuild::Build;
use crate::codebuild::ProjectSource;
use github_url::GithubUrl;

/// Fetches one build's source.
#[derive(Debug)]
pub(crate) struct BuildSource {
    source: ProjectSource,
    version: Option<String>,
    checkouts: Arc<[Checkout]>,
    temporary: PathBuf,
    /// Why this build cannot have what it asks for.
    refusal: Option<String>,
}

impl BuildSource {
    pub(crate) fn of(build: &Build, host: &BuildHost) -> Self {
        Self {
            source: build.source.clone(),
            version: build.source_version.clone(),
            checkouts: Arc::clone(&host.checkouts),
            temporary: host.temporary.clone(),
            refusal: refusal(build),
        }
    }

    async fn fetch(&self, log: &LogSink) -> Result<FetchedSource, PhaseContext> {
        if let Some(refusal) = &self.refusal {
            return Err(client_error(refusal.clone()));
        }
        let buildspec = self.buildspec()?;
        match self.source.r#type.as_str() {
            "NO_SOURCE" => Ok(FetchedSource {
                archive: None,
                remove_archive: false,
                directory: String::new(),
                resolved_version: None,
                buildspec,
                secondary: Vec::new(),
            }),
            "GITHUB" => {
                let location = self.source.location.as_deref().unwrap_or_default();
                let Some(url) = GithubUrl::parse(location) else {
                    return Err(client_error(format!(
                        "{location} is not the URL of a GitHub repository"
                    )));
                };
                let served = self
                    .checkouts
                    .iter()
                    .find(|checkout| GithubUrl::parse(&checkout.url).as_ref() == Some(&url));
                let archive = self.temporary.join(format!("{}.tar", uuid::Uuid::new_v4()));
                let resolved_version = match served {
                    Some(checkout) => checkout::archive(location, checkout, &archive, log).await?,
                    None => {
                        let depth = self.source.git_clone_depth.unwrap_or(0);
                        let version = self.version.as_deref();
                        let clone = clone::Clone {
                            location,
                            version,
                            depth,
                            insecure_ssl: self.source.insecure_ssl == Some(true),
                        };
                        Some(clone.archive(&self.temporary, &archive).await?)
                    }
                };
                Ok(FetchedSource {
                    archive: Some(archive),
                    remove_archive: true,
                    directory: url.directory(),
                    resolved_version,
                    buildspec,
                    secondary: Vec::new(),
                })
            }
            other => Err(client_error(format!(
                "The local AWS cannot fetch source of type {other} yet. It has NO_SOURCE and GITHUB."
            ))),
        }
    }

    fn buildspec(&self) -> Result<BuildspecLocation, PhaseContext> {
        match self.source.buildspec.as_deref() {
            None | Some("") => Ok(BuildspecLocation::File("buildspec.yml".to_owned())),
            Some(text) if codebuild::is_inline_buildspec(text) => {
                Ok(BuildspecLocation::Inline(text.to_owned()))
            }
            Some(arn) if arn.starts_with("arn:aws:s3:") => Err(client_error(format!(
                "The buildspec is {arn}, and the local AWS has no S3 yet. Put the buildspec into the \
                 source or into the project."
            ))),
            Some(path) => Ok(BuildspecLocation::File(path.to_owned())),
        }
    }
}

impl Source for BuildSource {
    fn fetch<'a>(
        &'a self,
        log: &'a LogSink,
    ) -> Pin<Box<dyn Future<Output = Result<FetchedSource, PhaseContext>> + Send + 'a>> {
        Box::pin(Self::fetch(self, log))
    }
}

/// Running without something that the build was promised would be worse than not running.
fn refusal(build: &Build) -> Option<String> {
    build.secondary_sources.first().map(|source| {
        format!(
            "The local AWS does not fetch secondary sources yet ({}). Take them out of the project, \
             or run this build on AWS.",
            source.source_identifier.as_deref().unwrap_or_default()
        )
    })
}

fn client_error(message: impl Into<String>) -> PhaseContext {
    PhaseContext {
        status_code: "CLIENT_ERROR".to_owned(),
        message: message.into(),
    }
}
