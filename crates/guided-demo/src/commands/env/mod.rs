//! `guided-demo env`: what a terminal, a profile or Terraform needs for the local AWS that runs.

mod git_config;
pub(super) mod profile;
mod shell_lines;
mod terraform;

use local_aws::Access;
use local_aws::LocalAws;
use serde_json::json;

use crate::aws_cli::version_that_ignores_the_endpoint;
use crate::cli::EnvArgs;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::ui::Ui;
use shell_lines::ShellLines;

pub(crate) use git_config::variables as git_variables;

/// Set while the function `aws` is ours, so that it is known what there is to undo.
const FUNCTION_MARK: &str = "GUIDED_DEMO_AWS_FUNCTION";
/// What is set by one way or the other.
const VARIABLES: [&str; 8] = [
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_PROFILE",
];

/// Prints what was asked for.
pub(crate) async fn env(
    ui: &Ui,
    args: EnvArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let mut lines = ShellLines::new(args.shell);
    if args.unset {
        lines.unset(&VARIABLES);
        git_config::remove(&mut lines)?;
        if std::env::var_os(FUNCTION_MARK).is_some() {
            lines.forget_aws_function();
            lines.unset(&[FUNCTION_MARK]);
        }
        ui.out(&lines.finish());
        return Ok(ExitCode::DONE);
    }
    let access = LocalAws::running(&state.local_aws()).ok_or_else(|| {
        CommandError::prerequisite("no local AWS is running on this state directory").hinted(
            format!(
                "Start one in another terminal: {}",
                state.invocation("serve")
            ),
        )
    })?;
    if args.json {
        ui.line(&json(&access));
        return Ok(ExitCode::DONE);
    }
    if args.terraform {
        ui.out(&terraform::provider(&access));
        return Ok(ExitCode::DONE);
    }
    match &args.write_profile {
        Some(name) => by_profile(&mut lines, name, &access, &state)?,
        None => by_variables(&mut lines, &access)?,
    }
    git_config::add(&mut lines, &access, &state)?;
    if let Some(version) = version_that_ignores_the_endpoint().await {
        lines.comment(&format!(
            "AWS CLI {version} does not read the endpoint from the environment or a profile."
        ));
        lines.aws_function(&access.endpoint)?;
        lines.set(FUNCTION_MARK, "1")?;
    }
    ui.out(&lines.finish());
    Ok(ExitCode::DONE)
}

/// Endpoint, region and keys as variables.
fn by_variables(lines: &mut ShellLines, access: &Access) -> Result<(), CommandError> {
    let credentials = &access.credentials;
    lines.set("AWS_ENDPOINT_URL", &access.endpoint)?;
    lines.set("AWS_REGION", &access.region)?;
    lines.set("AWS_DEFAULT_REGION", &access.region)?;
    lines.set("AWS_ACCESS_KEY_ID", &credentials.access_key_id)?;
    lines.set("AWS_SECRET_ACCESS_KEY", &credentials.secret_access_key)?;
    // A profile of one's own would win over the keys in some clients.
    unset_what_would_win(lines, &["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]);
    Ok(())
}

/// A profile in files of our own, selected by variables.
fn by_profile(
    lines: &mut ShellLines,
    name: &str,
    access: &Access,
    state: &StateDirectory,
) -> Result<(), CommandError> {
    let files = profile::write(state, name, access)?;
    lines.set("AWS_CONFIG_FILE", &files.config.to_string_lossy())?;
    lines.set(
        "AWS_SHARED_CREDENTIALS_FILE",
        &files.credentials.to_string_lossy(),
    )?;
    lines.set("AWS_PROFILE", name)?;
    // Variables win over a profile.
    unset_what_would_win(lines, &VARIABLES[..5]);
    Ok(())
}

/// What would send calls elsewhere, or add a session to keys that have none.
fn unset_what_would_win(lines: &mut ShellLines, further: &[&str]) {
    let elsewhere: Vec<String> = std::env::vars_os()
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .filter(|name| {
            name.starts_with("AWS_ENDPOINT_URL_") || name == "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
        })
        .collect();
    let mut names = further.to_vec();
    names.extend(["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"]);
    names.extend(elsewhere.iter().map(String::as_str));
    lines.unset(&names);
}

/// How to reach a local AWS, keys included, in one line.
pub(super) fn json(access: &Access) -> String {
    json!({
        "endpoint": access.endpoint,
        "region": access.region,
        "account": access.account_id,
        "accessKeyId": access.credentials.access_key_id,
        "secretAccessKey": access.credentials.secret_access_key,
        "pid": access.pid,
        "since": access.since,
    })
    .to_string()
}
