//! Which AWS a walk happens on, and how to get there.

use std::fmt;
use std::path::Path;
use std::path::PathBuf;
use std::str::FromStr;

use codebuild_core::Keys;
use codebuild_core::Session;
use codebuild_core::Target;
use local_aws::Access;
use local_aws::Checkout;
use local_aws::LocalAws;

use crate::command_error::CommandError;
use crate::demos::Repository;
use crate::local_server;
use crate::script::Script;
use crate::script::TargetKind;
use crate::state::StateDirectory;

/// Where the compiled sample app appears in the source of a build.
const PREBUILT_IN_SOURCE: &str = "prebuilt/sample-app";

/// The target as the command line names it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum TargetChoice {
    /// The embedded local AWS.
    #[default]
    Local,
    /// The user's own account.
    Aws,
    /// The demo's recording.
    Replay,
    /// An AWS-compatible endpoint.
    Url(String),
}

impl FromStr for TargetChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "local" => Ok(Self::Local),
            "aws" => Ok(Self::Aws),
            "replay" => Ok(Self::Replay),
            url if url.starts_with("http://") || url.starts_with("https://") => {
                Ok(Self::Url(url.to_owned()))
            }
            _ => Err(
                "expected `local`, `aws`, `replay`, or a URL such as http://127.0.0.1:4566"
                    .to_owned(),
            ),
        }
    }
}

impl fmt::Display for TargetChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Aws => f.write_str("aws"),
            Self::Replay => f.write_str("replay"),
            Self::Url(url) => f.write_str(url),
        }
    }
}

impl TargetChoice {
    /// Which passages of a script are for it.
    pub(crate) const fn kind(&self) -> TargetKind {
        match self {
            Self::Local => TargetKind::Local,
            Self::Aws | Self::Url(_) => TargetKind::Aws,
            Self::Replay => TargetKind::Replay,
        }
    }
}

/// All that the command line says about the target.
#[derive(Clone, Debug)]
pub(crate) struct TargetOptions {
    pub(crate) choice: TargetChoice,
    pub(crate) profile: Option<String>,
    pub(crate) region: Option<String>,
    /// The account of the local AWS.
    pub(crate) account: Option<String>,
    pub(crate) engine_host: Option<String>,
    pub(crate) state: StateDirectory,
}

/// A target that can be called.
pub(crate) struct Opened {
    pub(crate) session: Session,
    /// The local AWS, if it runs in this process.
    local: Option<LocalAws>,
    /// Where the local AWS is, whoever runs it.
    endpoint: Option<String>,
}

impl Opened {
    /// The address of the local AWS, if that is the target.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// Ends what runs in this process; builds end as STOPPED.
    pub(crate) async fn close(self) {
        if let Some(local) = self.local {
            local.shutdown().await;
        }
    }
}

/// Opens the target of a walk.
///
/// # Errors
///
/// If the local AWS cannot start, or a recording cannot be read.
pub(crate) async fn open(
    options: &TargetOptions,
    checkouts: Vec<Checkout>,
    recording: Option<PathBuf>,
) -> Result<Opened, CommandError> {
    match &options.choice {
        TargetChoice::Local => open_local(options, checkouts).await,
        TargetChoice::Aws => {
            let target = Target::Aws {
                profile: options.profile.clone(),
                region: options.region.clone(),
            };
            connect(target).await
        }
        TargetChoice::Url(url) => {
            let target = Target::Endpoint {
                url: url.clone(),
                region: options.region.clone(),
                profile: options.profile.clone(),
                keys: None,
            };
            connect(target).await
        }
        TargetChoice::Replay => {
            let file = recording.ok_or_else(|| {
                CommandError::usage("the target `replay` needs a demo, and this command has none")
            })?;
            if !file.is_file() {
                return Err(CommandError::prerequisite(format!(
                    "there is no recording of this demo: {} is missing",
                    file.display()
                ))
                .hinted("Make one with `guided-demo record`; that needs a Docker Engine."));
            }
            connect(Target::Replay {
                file,
                pace: replay_pace(),
            })
            .await
        }
    }
}

/// How fast a recording answers: 1 is as recorded. Tests set it to 0.
fn replay_pace() -> f64 {
    std::env::var("GUIDED_DEMO_REPLAY_PACE")
        .ok()
        .and_then(|pace| pace.parse().ok())
        .filter(|pace: &f64| pace.is_finite() && *pace >= 0.0)
        .unwrap_or(4.0)
}

async fn connect(target: Target) -> Result<Opened, CommandError> {
    Ok(Opened {
        session: Session::connect(target).await?,
        local: None,
        endpoint: None,
    })
}

async fn open_local(
    options: &TargetOptions,
    checkouts: Vec<Checkout>,
) -> Result<Opened, CommandError> {
    let (access, local) = match LocalAws::running(&options.state.local_aws()) {
        Some(access) => {
            local_server::place(options)?;
            (access, None)
        }
        None => {
            let local = local_server::start(options, checkouts, None).await?;
            (local.access().clone(), Some(local))
        }
    };
    Ok(Opened {
        session: Session::connect(endpoint(&access)).await?,
        local,
        endpoint: Some(access.endpoint),
    })
}

/// The local AWS that runs, with its own keys.
///
/// # Errors
///
/// If it cannot be called.
pub(crate) async fn connect_to(access: &Access) -> Result<Session, CommandError> {
    Ok(Session::connect(endpoint(access)).await?)
}

/// A local AWS as a target.
fn endpoint(access: &Access) -> Target {
    Target::Endpoint {
        url: access.endpoint.clone(),
        region: Some(access.region.clone()),
        profile: None,
        keys: Some(Keys {
            access_key_id: access.credentials.access_key_id.clone(),
            secret_access_key: access.credentials.secret_access_key.clone(),
        }),
    }
}

/// The demo's repository, served from the working tree instead of from GitHub.
pub(crate) fn checkouts(
    script: &Script,
    repository: &Repository,
    state: &StateDirectory,
) -> Vec<Checkout> {
    let url = script
        .variable("REPOSITORY_URL")
        .and_then(|variable| variable.default_for(TargetKind::Local))
        .map(|(url, _)| url.to_owned());
    url.map(|url| checkout(url, repository.root(), state))
        .into_iter()
        .collect()
}

/// Serves a working tree as a repository, the compiled sample app included once it is there.
pub(crate) fn checkout(url: String, root: &Path, state: &StateDirectory) -> Checkout {
    Checkout {
        url,
        directory: root.to_owned(),
        extra_files: vec![(PREBUILT_IN_SOURCE.to_owned(), state.prebuilt_app())],
    }
}

/// Turns the errors of the crates below into ours, with what to do next.
mod from {
    use codebuild_core::CallError;

    use super::CommandError;
    use crate::command_error::ErrorKind;

    impl From<CallError> for CommandError {
        fn from(error: CallError) -> Self {
            let missing = matches!(
                error,
                CallError::NoCredentials { .. }
                    | CallError::CredentialsFailed { .. }
                    | CallError::CredentialsRefused { .. }
                    | CallError::ExpiredToken { .. }
                    | CallError::NoRegion
                    | CallError::Unreachable { .. }
            );
            let kind = if missing {
                ErrorKind::Prerequisite
            } else {
                ErrorKind::Step
            };
            let mut converted = Self::new(kind, error.to_string());
            converted.hints.extend(error.hint());
            converted
        }
    }
}
