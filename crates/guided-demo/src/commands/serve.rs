//! `guided-demo serve`: the local AWS for the student's own AWS CLI.

use local_aws::Access;
use local_aws::Checkout;
use local_aws::LocalAws;

use super::aws::default_checkouts;
use super::env::profile;
use crate::cli::ServeArgs;
use crate::command_error::CommandError;
use crate::drive::Signals;
use crate::exit_code::ExitCode;
use crate::invocation::invocation;
use crate::local_server;
use crate::state::StateDirectory;
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
        account: args.account_id,
        engine_host: args.engine_host,
        state,
    };
    if let Some(access) = LocalAws::running(&options.state.local_aws()) {
        return Err(local_server::already_served(&access, &options.state));
    }
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
    let local = local_server::start(&options, checkouts, args.port).await?;
    let access = local.access();
    profile::refresh(&options.state, access)?;
    if args.json {
        ui.line(&super::env::json(access));
    } else {
        welcome(ui, access, &options.state);
    }
    signals.next().await;
    ui.status("\nStopping: running builds are stopped. Ctrl-C again leaves at once.");
    if signals.or_interrupt(local.shutdown()).await.is_none() {
        ui.warning("builds may still have containers; the next start removes them");
    }
    // Ctrl-C is how serving ends.
    Ok(ExitCode::DONE)
}

fn welcome(ui: &Ui, access: &Access, state: &StateDirectory) {
    ui.line(&format!(
        "The local AWS listens at {} (account {}, {}).",
        access.endpoint, access.account_id, access.region
    ));
    ui.line("In another terminal, so that your own AWS CLI talks to it:\n");
    ui.line(&format!("    eval \"$({})\"", state.invocation("env")));
    ui.line("    aws codebuild list-projects\n");
    ui.line("In fish and in PowerShell:\n");
    ui.line(&format!(
        "    {} | source",
        state.invocation("env --shell fish")
    ));
    ui.line(&format!(
        "    {} | Out-String | Invoke-Expression\n",
        state.invocation("env --shell powershell")
    ));
    ui.line(&format!(
        "AWS CLI 1 and 2, boto3 and CDK are served by that. For Terraform and profiles see\n\
         {} and docs/reference/clients.md.\n",
        invocation("env --help")
    ));
    ui.line("Ctrl-C stops it; what it has stored is kept.");
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
