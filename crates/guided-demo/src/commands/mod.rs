//! The commands, one file each.

mod account;
mod aws;
mod build;
mod check;
mod cleanup;
mod credential_helper;
mod doctor;
mod env;
mod export;
mod generate;
mod glossary;
mod list;
mod mail;
mod mirror;
mod new;
mod notes;
mod practice;
mod record;
mod reset;
mod run;
mod serve;
mod stack;
mod status;

pub(crate) use env::git_variables;
pub(crate) use stack::DEFAULT_STACK;

use tokio::runtime::Runtime;

use crate::cli::Cli;
use crate::cli::CliCommand;
use crate::cli::CliMode;
use crate::cli::RunArgs;
use crate::cli::TargetArgs;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::target::TargetOptions;
use crate::ui::Ui;

/// Does what the command line says.
pub(crate) fn dispatch(cli: Cli, ui: &Ui) -> ExitCode {
    match execute(cli, ui) {
        Ok(code) => code,
        Err(error) => {
            ui.error(&error);
            error.kind.exit_code()
        }
    }
}

fn execute(cli: Cli, ui: &Ui) -> Result<ExitCode, CommandError> {
    let state = || StateDirectory::new(cli.state_dir.clone());
    match cli.command.unwrap_or(CliCommand::Run(RunArgs::default())) {
        CliCommand::Run(args) if args.mode == Some(CliMode::Check) => {
            check::check_demo_by_walking(ui, args.demo.as_deref())
        }
        CliCommand::Run(args) => {
            let state = state()?;
            with_runtime(run::run(ui, args, state))
        }
        CliCommand::List(args) => list::list(ui, &args),
        CliCommand::Status(args) => status::status(ui, &args, &state()?),
        CliCommand::Reset(args) => reset::reset(ui, &args, &state()?),
        CliCommand::Cleanup(args) => {
            let state = state()?;
            with_runtime(cleanup::cleanup(ui, args, state))
        }
        CliCommand::Aws(args) => {
            let state = state()?;
            with_runtime(aws::aws(ui, args, state))
        }
        CliCommand::Build(args) => with_runtime(build::build(ui, args)),
        CliCommand::Serve(args) => {
            let state = state()?;
            with_runtime(serve::serve(ui, args, state))
        }
        CliCommand::Stack(args) => {
            let state = state()?;
            with_runtime(stack::stack(ui, args, state))
        }
        CliCommand::Env(args) => {
            let state = state()?;
            with_runtime(env::env(ui, args, state))
        }
        CliCommand::Mirror(args) => {
            let state = state()?;
            with_runtime(mirror::mirror(ui, args, state))
        }
        CliCommand::Mail(args) => {
            let state = state()?;
            with_runtime(mail::mail(ui, args, state))
        }
        CliCommand::CredentialHelper(args) => {
            let state = state()?;
            with_runtime(credential_helper::credential_helper(ui, args, state))
        }
        CliCommand::Check(args) => check::check(ui, &args),
        CliCommand::New(args) => new::new(ui, &args),
        CliCommand::Notes(args) => {
            let state = state()?;
            with_runtime(notes::notes(ui, args, state))
        }
        CliCommand::Record(args) => {
            let state = state()?;
            with_runtime(record::record(ui, args, state))
        }
        CliCommand::Practice(args) => {
            let state = state()?;
            with_runtime(practice::practice(ui, args, state))
        }
        CliCommand::Glossary(args) => glossary::glossary(ui, &args),
        CliCommand::Export(args) => {
            let state = state()?;
            with_runtime(export::export(ui, args, state))
        }
        CliCommand::Doctor(args) => {
            let state = state()?;
            with_runtime(doctor::doctor(ui, args, state))
        }
        CliCommand::Completions { shell } => Ok(generate::completions(ui, shell)),
        CliCommand::Man => generate::man(ui),
    }
}

/// Starts the runtime only for the commands that need it, and does not wait for a thread that still
/// reads the terminal when the command is over.
fn with_runtime(
    command: impl Future<Output = Result<ExitCode, CommandError>>,
) -> Result<ExitCode, CommandError> {
    let runtime = Runtime::new()
        .map_err(|error| CommandError::prerequisite(format!("cannot start threads: {error}")))?;
    let result = runtime.block_on(command);
    runtime.shutdown_background();
    result
}

/// What the command line says about the target.
fn target_options(args: TargetArgs, state: StateDirectory) -> TargetOptions {
    TargetOptions {
        choice: args.target,
        profile: args.profile,
        region: args.region,
        account: None,
        engine_host: args.engine_host,
        state,
    }
}
