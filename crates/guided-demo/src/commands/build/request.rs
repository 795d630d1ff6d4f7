//! From the command line to what the build engine is asked.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use build_engine::ArtifactRequest;
use build_engine::BuildRequest;
use build_engine::BuildspecLocation;
use build_engine::CacheRequest;
use build_engine::DirectorySelection;
use build_engine::Packaging;
use build_engine::Variable;
use buildspec::Buildspec;
use codebuild_core::Session;
use codebuild_core::Target;

use super::super::check;
use super::results::Results;
use super::source::Directories;
use super::steps::Asker;
use super::steps::steps;
use crate::cli::BuildArgs;
use crate::command_error::CommandError;
use crate::ui::Ui;

/// Owns the containers and caches of builds without a service.
pub(super) const OWNER: &str = "guided-demo-build";

/// The request, and who asks the person at the terminal, if there are questions.
pub(super) async fn of(
    ui: &Ui,
    args: &BuildArgs,
) -> Result<(BuildRequest, Option<Asker>), CommandError> {
    let directory = directory(&args.directory)?;
    let (path, text) = buildspec(args, &directory)?;
    // A mistake is told with its place before anything starts.
    let spec = Buildspec::parse(&text)
        .map_err(|error| check::buildspec_error(&path.display().to_string(), &text, &error))?;
    let asks = args.step || args.shell_on_failure;
    if asks && !ui.can_ask() {
        return Err(CommandError::usage(
            "--step and --shell-on-failure ask questions, and there is no terminal to ask on",
        ));
    }
    let secondary = args
        .source
        .iter()
        .map(|text| {
            let (name, path) = split(text, "--source", "NAME=DIR")?;
            Ok((name, self::directory(Path::new(&path))?))
        })
        .collect::<Result<_, CommandError>>()?;
    let temporary = tempfile::tempdir()
        .map_err(|error| CommandError::prerequisite(format!("no temporary directory: {error}")))?;
    let source = Directories {
        primary: directory.clone(),
        secondary,
        buildspec: BuildspecLocation::Inline(text),
        selection: if args.all_files {
            DirectorySelection::All
        } else {
            DirectorySelection::WorkingTree
        },
        temporary,
    };
    let id = format!("local:{}", uuid::Uuid::new_v4());
    let mut request = BuildRequest::new(
        id.clone(),
        OWNER.to_owned(),
        args.image.clone(),
        Arc::new(source),
    );
    request.privileged = args.privileged.unwrap_or_else(|| is_dind(&args.image));
    request.environment = environment(args, &id, &directory)?;
    if let Some(profile) = &args.profile {
        for (name, value) in credentials(profile).await? {
            if !name.ends_with("REGION") {
                request.secrets.push(value.clone());
            }
            request.environment.push(Variable::plain(name, value));
        }
    }
    if args.artifacts.is_some() {
        request.artifacts = artifacts(args, &spec);
    }
    if args.cache {
        request.cache = CacheRequest::Local {
            project: directory.display().to_string(),
            custom: true,
            docker_layer: true,
        };
    }
    request.storage = Some(Arc::new(Results {
        artifacts: args.artifacts.clone(),
        reports: args.reports.clone(),
    }));
    request.debug_session = args.breakpoints;
    request.timeout = Duration::from_secs(args.timeout * 60);
    if !asks {
        return Ok((request, None));
    }
    let (steps, asker) = steps(ui, args.step, args.engine_host.clone());
    request.stepper = Some(Arc::new(steps));
    Ok((request, Some(asker)))
}

fn directory(path: &Path) -> Result<PathBuf, CommandError> {
    let found = path.canonicalize().map_err(|error| {
        CommandError::usage(format!("the directory {}: {error}", path.display()))
    })?;
    if found.is_dir() {
        return Ok(found);
    }
    Err(CommandError::usage(format!(
        "{} is not a directory",
        path.display()
    )))
}

/// The buildspec's path and text.
fn buildspec(args: &BuildArgs, directory: &Path) -> Result<(PathBuf, String), CommandError> {
    let path = match &args.buildspec {
        Some(path) if directory.join(path).is_file() => directory.join(path),
        Some(path) => path.clone(),
        None => directory.join("buildspec.yml"),
    };
    let text = std::fs::read_to_string(&path).map_err(|error| {
        CommandError::usage(format!("the buildspec {}: {error}", path.display())).hinted(
            "Name another one with --buildspec FILE, or the directory that has it: guided-demo build DIR",
        )
    })?;
    Ok((path, text))
}

/// The same variables as CodeBuild's, then those of the command line.
fn environment(
    args: &BuildArgs,
    id: &str,
    directory: &Path,
) -> Result<Vec<Variable>, CommandError> {
    let mut variables = vec![
        Variable::plain("CODEBUILD_BUILD_ID", id),
        Variable::plain(
            "CODEBUILD_BUILD_ARN",
            format!("arn:aws:codebuild:local:000000000000:build/{id}"),
        ),
        Variable::plain("CODEBUILD_BUILD_IMAGE", &args.image),
        Variable::plain("CODEBUILD_BUILD_NUMBER", "1"),
        Variable::plain("CODEBUILD_CI", "true"),
        Variable::plain("CODEBUILD_INITIATOR", "guided-demo"),
        Variable::plain(
            "CODEBUILD_SOURCE_REPO_URL",
            format!("file://{}", directory.display()),
        ),
        Variable::plain(
            "CODEBUILD_START_TIME",
            jiff::Timestamp::now().as_millisecond().to_string(),
        ),
    ];
    for file in &args.env_file {
        variables.extend(read_env_file(file)?);
    }
    for text in &args.env {
        let (name, value) = split(text, "--env", "NAME=VALUE")?;
        variables.push(Variable::plain(name, value));
    }
    Ok(variables)
}

/// Lines of the form NAME=VALUE, as for `docker run --env-file`: values are taken as they are, and
/// a name alone takes its value from our environment.
fn read_env_file(path: &Path) -> Result<Vec<Variable>, CommandError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        CommandError::usage(format!("the environment file {}: {error}", path.display()))
    })?;
    let mut variables = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (line.trim_end(), std::env::var(line.trim_end()).ok()),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(CommandError::usage(format!(
                "{}, line {}: {line:?} is not of the form NAME=VALUE",
                path.display(),
                number + 1
            )));
        }
        variables.extend(value.map(|value| Variable::plain(name, value)));
    }
    Ok(variables)
}

/// `--artifacts` wants what the buildspec has.
fn artifacts(args: &BuildArgs, spec: &Buildspec) -> Vec<ArtifactRequest> {
    let packaging = if args.zip {
        Packaging::Zip
    } else {
        Packaging::None
    };
    let Some(artifacts) = &spec.artifacts else {
        return vec![ArtifactRequest {
            identifier: None,
            packaging,
        }];
    };
    let primary = (!artifacts.primary.files.is_empty()).then_some(None);
    let secondary = artifacts
        .secondary
        .iter()
        .map(|(name, _)| Some(name.clone()));
    primary
        .into_iter()
        .chain(secondary)
        .map(|identifier| ArtifactRequest {
            identifier,
            packaging,
        })
        .collect()
}

async fn credentials(profile: &str) -> Result<Vec<(&'static str, String)>, CommandError> {
    let target = Target::Aws {
        profile: Some(profile.to_owned()),
        region: None,
    };
    let session = Session::connect(target).await?;
    session.environment().await.map_err(|error| {
        let mut error = CommandError::from(error);
        error.hints = vec![format!(
            "Look whether the profile {profile} is in your AWS configuration, with a region: aws configure list-profiles"
        )];
        error
    })
}

fn split(text: &str, option: &str, form: &str) -> Result<(String, String), CommandError> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(CommandError::usage(format!(
            "{option} {text:?} is not of the form {form}"
        ))),
    }
}

/// Whether an image is there to run Docker in Docker.
fn is_dind(image: &str) -> bool {
    image.ends_with(":dind") || image.ends_with("-dind")
}
