//! `guided-demo serve` and `env`: the local AWS for the student's own AWS CLI.

use local_aws::Access;
use local_aws::Checkout;
use local_aws::LocalAws;
use serde_json::json;

use super::aws::default_checkouts;
use crate::cli::ServeArgs;
use crate::command_error::CommandError;
use crate::drive::Signals;
use crate::exit_code::ExitCode;
use crate::invocation::invocation;
use crate::state::StateDirectory;
use crate::target;
use crate::target::TargetChoice;
use crate::target::TargetOptions;
use crate::ui::Ui;

/// Serves until a signal comes.
pub(crate) async fn serve(
    ui: &Ui,
    args: ServeArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let options = TargetOptions {
        choice: TargetChoice::Local,
        profile: None,
        region: args.region,
        engine_host: args.engine_host,
        state,
    };
    let mut signals = Signals::listen()?;
    let mut checkouts = Vec::new();
    for mapping in &args.checkout {
        checkouts.push(checkout(mapping)?);
    }
    checkouts.extend(default_checkouts(&options).into_iter().filter(|default| {
        !args
            .checkout
            .iter()
            .any(|mapping| mapping.starts_with(&default.url))
    }));
    let config = target::local_config(&options, checkouts, args.port.unwrap_or(0));
    let local = LocalAws::start(config).await?;
    let access = local.access();
    if args.json {
        let printed = json!({
            "endpoint": access.endpoint,
            "region": access.region,
            "account": access.account_id,
            "accessKeyId": access.credentials.access_key_id,
            "secretAccessKey": access.credentials.secret_access_key,
            "pid": access.pid,
        });
        ui.line(&printed.to_string());
    } else {
        ui.line(&format!(
            "The local AWS listens at {} ({}).",
            access.endpoint, access.region
        ));
        ui.line("In another terminal, so that your own AWS CLI talks to it:\n");
        ui.line(&format!("    eval \"$({})\"", invocation("env")));
        ui.line("    aws codebuild list-projects\n");
        ui.line(
            "An AWS CLI before 1.29 or 2.13 does not read AWS_ENDPOINT_URL: add --endpoint-url to its commands.\n",
        );
        ui.line("Ctrl-C stops it; what it has stored is kept.");
    }
    signals.next().await;
    ui.status("\nStopping: running builds are stopped. Ctrl-C again leaves at once.");
    if signals.or_interrupt(local.shutdown()).await.is_none() {
        ui.warning("builds may still have containers; the next start removes them");
    }
    // Ctrl-C is how serving ends.
    Ok(ExitCode::DONE)
}

/// `URL=DIR`, split at the last `=`: a URL may hold one.
fn checkout(mapping: &str) -> Result<Checkout, CommandError> {
    let wrong = |why: &str| {
        CommandError::usage(format!("--checkout {mapping}: {why}"))
            .hinted("Write the repository's URL and its directory: --checkout https://github.com/owner/repo.git=../repo")
    };
    let (url, directory) = mapping
        .rsplit_once('=')
        .ok_or_else(|| wrong("there is no `=`"))?;
    let directory = std::path::absolute(directory).map_err(|error| wrong(&error.to_string()))?;
    if !directory.is_dir() {
        return Err(wrong("there is no such directory"));
    }
    Ok(Checkout {
        url: url.to_owned(),
        directory,
        extra_files: Vec::new(),
    })
}

/// Prints the environment of the local AWS that runs.
pub(crate) fn env(ui: &Ui, state: &StateDirectory) -> Result<ExitCode, CommandError> {
    let access = LocalAws::running(&state.local_aws()).ok_or_else(|| {
        CommandError::prerequisite("no local AWS is running on this state directory").hinted(
            format!("Start one in another terminal: {}", invocation("serve")),
        )
    })?;
    for (name, value) in environment(&access) {
        let value = shlex::try_quote(&value).map_err(|error| {
            CommandError::step(format!("{name} cannot be written for a shell: {error}"))
        })?;
        ui.line(&format!("export {name}={value}"));
    }
    // Another profile would win over the keys.
    ui.line("unset AWS_PROFILE AWS_SESSION_TOKEN");
    Ok(ExitCode::DONE)
}

/// What the AWS CLI and SDKs read.
fn environment(access: &Access) -> [(&'static str, String); 5] {
    [
        ("AWS_ENDPOINT_URL", access.endpoint.clone()),
        ("AWS_REGION", access.region.clone()),
        ("AWS_DEFAULT_REGION", access.region.clone()),
        (
            "AWS_ACCESS_KEY_ID",
            access.credentials.access_key_id.clone(),
        ),
        (
            "AWS_SECRET_ACCESS_KEY",
            access.credentials.secret_access_key.clone(),
        ),
    ]
}
