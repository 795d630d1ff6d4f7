//! `guided-demo record`: a walk without questions, saved for those who have no Docker Engine.

use crate::cli::RecordArgs;
use crate::command_error::CommandError;
use crate::demos::DEFAULT_DEMO;
use crate::drive::DriveEnd;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::target::TargetChoice;
use crate::ui::Ui;
use crate::walk::Mode;
use crate::walk::Outcome;

use super::run;

/// Walks and saves.
pub(crate) async fn record(
    ui: &Ui,
    args: RecordArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    if args.target.target != TargetChoice::Local {
        return Err(CommandError::usage(
            "a recording is made on the local AWS, so that it holds nothing of an account",
        ));
    }
    let options = super::target_options(args.target, state);
    let plan = run::Plan {
        demo: args.demo.as_deref().unwrap_or(DEFAULT_DEMO),
        mode: Mode::Auto,
        from: None,
        set: &args.set,
        yes: true,
        record: Some(&args.file),
        at_least: None,
        redacts: false,
    };
    let end = run::walk(ui, &plan, &options).await?;
    let DriveEnd::Finished(outcome) = end else {
        return Ok(ExitCode::PREREQUISITE);
    };
    if outcome == Outcome::Completed {
        ui.line(&format!("Recorded: {}", args.file.display()));
    } else {
        ui.warning("the walk did not come to its end, so no recording was saved");
    }
    Ok(run::exit_code(outcome))
}
