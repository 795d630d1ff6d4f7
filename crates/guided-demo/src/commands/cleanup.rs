//! `guided-demo cleanup`: removes what the ledgers know, on any target, and goes on past errors.

use std::path::Path;

use codebuild_core::AwsCommand;
use codebuild_core::CallError;
use codebuild_core::Session;

use super::build::BuildCaches;
use super::stack;
use crate::cli::CleanupArgs;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::state::Ledger;
use crate::state::LedgerEntry;
use crate::state::Progress;
use crate::state::StateDirectory;
use crate::target;
use crate::target::TargetOptions;
use crate::ui::Answer;
use crate::ui::TerminalGuard;
use crate::ui::Ui;
use crate::ui::confirm;

/// The codes of services for what is not there.
const MISSING: [&str; 9] = [
    "ChangeSetNotFound",
    "NoSuchBucket",
    "NoSuchEntity",
    "NotFound",
    "NotFoundException",
    "ParameterNotFound",
    "RepositoryDoesNotExistException",
    "RepositoryNotFoundException",
    "ResourceNotFoundException",
];

/// Removes what walks have left.
pub(crate) async fn cleanup(
    ui: &Ui,
    args: CleanupArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let mut ledgers = Vec::new();
    for path in state.all_ledgers() {
        let ledger = Ledger::load(&path)?.filter(|ledger| !ledger.entries().is_empty());
        ledgers.extend(ledger.map(|ledger| (state.progress_beside(&path), ledger)));
    }
    let caches = BuildCaches::find().await;
    if ledgers.is_empty() && caches.is_none() {
        ui.line("Nothing is left: no walk has created anything that it did not remove.");
        return Ok(ExitCode::DONE);
    }
    for (_, ledger) in &ledgers {
        let target = ledger.target();
        ui.line(&format!(
            "On {} (account {}, {}):",
            target.target, target.account, target.region
        ));
        for entry in ledger.entries() {
            ui.line(&format!("  {}", describe(entry)));
        }
    }
    if let Some(caches) = &caches {
        ui.line("On the Docker Engine, caches of `guided-demo build --cache`:");
        for directory in &caches.directories {
            ui.line(&format!("  {directory}"));
        }
    }
    if args.dry_run {
        return Ok(ExitCode::DONE);
    }
    if !args.yes && !agreed(ui)? {
        ui.line("Nothing was removed.");
        return Ok(ExitCode::DONE);
    }
    let mut complete = true;
    if let Some(caches) = &caches {
        match caches.remove().await {
            Ok(count) => ui.line(&format!("Removed {count} volumes of the Docker Engine.")),
            Err(error) => {
                ui.error(&error);
                complete = false;
            }
        }
    }
    for (progress, mut ledger) in ledgers {
        match remove_from(ui, &mut ledger, &state).await {
            Ok(true) => {
                // What the next steps would work on is gone.
                if progress.exists() {
                    Progress::forget(&progress)?;
                    ui.line("  The next walk begins at the first step.");
                }
            }
            Ok(false) => complete = false,
            Err(error) => {
                ui.error(&error);
                complete = false;
            }
        }
    }
    Ok(if complete {
        ExitCode::DONE
    } else {
        ExitCode::STEP_FAILED
    })
}

fn agreed(ui: &Ui) -> Result<bool, CommandError> {
    if !ui.can_ask() {
        return Err(CommandError::usage(
            "cleanup asks before it removes, and there is no terminal to ask at",
        )
        .hinted("Add --yes to agree, or --dry-run to only look."));
    }
    let _guard = TerminalGuard::new(true);
    match confirm(ui, "Remove all of this?") {
        Answer::Given(yes) => Ok(yes),
        Answer::Interrupted | Answer::Gone => Err(CommandError::interrupted()),
    }
}

async fn remove_from(
    ui: &Ui,
    ledger: &mut Ledger,
    state: &StateDirectory,
) -> Result<bool, CommandError> {
    let target = ledger.target().clone();
    let options = TargetOptions {
        choice: target.target.parse().map_err(CommandError::usage)?,
        profile: target.profile,
        region: Some(target.region),
        account: Some(target.account.clone()),
        engine_host: None,
        state: state.clone(),
    };
    let opened = target::open(&options, Vec::new(), None).await?;
    let identity = opened.session.identity().await?;
    let result = if identity.account == target.account {
        remove_all(ui, ledger, &opened.session).await
    } else {
        Err(CommandError::prerequisite(format!(
            "these resources are in account {}, but your credentials are for {}",
            target.account, identity.account
        ))
        .hinted("Sign in with the account that the walk used."))
    };
    opened.close().await;
    result
}

/// Removes everything in a ledger that can be removed; false if something is left.
///
/// # Errors
///
/// If the ledger cannot be written.
pub(super) async fn remove_all(
    ui: &Ui,
    ledger: &mut Ledger,
    session: &Session,
) -> Result<bool, CommandError> {
    let mut complete = true;
    // The newest first: it may depend on older ones.
    for entry in ledger.entries().to_vec().into_iter().rev() {
        let removed = match stack::names_stack(&entry) {
            Some(name) => stack::remove(ui, session, name).await,
            None => remove(session, &entry).await,
        };
        match removed {
            Ok(()) => {
                ui.line(&format!("  removed {}", describe(&entry)));
                ledger.removed(&entry.remove)?;
            }
            Err(error) => {
                ui.error(&CommandError {
                    message: format!("{} is still there: {}", describe(&entry), error.message),
                    ..error
                });
                complete = false;
            }
        }
    }
    Ok(complete)
}

async fn remove(session: &Session, entry: &LedgerEntry) -> Result<(), CommandError> {
    let words = entry.remove.get(1..).unwrap_or_default();
    let command = AwsCommand::parse(words, Path::new("."))
        .map_err(|error| CommandError::step(error.to_string()))?;
    match command.run(session).await {
        Ok(_) => stack_is_gone(&command, session).await,
        // It was never created, or somebody else has removed it: either way it is not there.
        Err(error) if is_missing(&error) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whether a service says that what was to be removed is not there.
fn is_missing(error: &CallError) -> bool {
    match error.code() {
        Some("ValidationError") => error.to_string().contains("does not exist"),
        Some(code) => MISSING.contains(&code),
        None => false,
    }
}

/// CloudFormation answers before a stack is gone, and what is in it may be in the way of the rest.
async fn stack_is_gone(removed: &AwsCommand, session: &Session) -> Result<(), CommandError> {
    if removed.operation() != "DeleteStack" {
        return Ok(());
    }
    let stack = removed.input()["StackName"].as_str().unwrap_or_default();
    let wait = ["cloudformation", "wait", "stack-delete-complete"];
    let mut words: Vec<String> = wait.map(str::to_owned).into();
    words.push(format!("--stack-name={stack}"));
    let wait = AwsCommand::parse(&words, Path::new("."))
        .map_err(|error| CommandError::step(error.to_string()))?;
    wait.run(session).await?;
    Ok(())
}

fn describe(entry: &LedgerEntry) -> String {
    format!("{} {}", entry.kind, entry.name)
}
