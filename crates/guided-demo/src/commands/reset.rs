//! `guided-demo reset`: forgets progress. What was created stays until `cleanup`.

use crate::cli::ResetArgs;
use crate::command_error::CommandError;
use crate::drive::remove_work_folder;
use crate::exit_code::ExitCode;
use crate::state::Progress;
use crate::state::Questions;
use crate::state::StateDirectory;
use crate::ui::Answer;
use crate::ui::TerminalGuard;
use crate::ui::Ui;
use crate::ui::confirm;

/// Forgets the progress of one demo, or of all.
pub(crate) fn reset(
    ui: &Ui,
    args: &ResetArgs,
    state: &StateDirectory,
) -> Result<ExitCode, CommandError> {
    if args.questions {
        return reset_questions(ui, args, state);
    }
    let mut files = Vec::new();
    for path in state.all_progress() {
        if let Some(progress) = Progress::load(&path)?
            && args.demo.as_ref().is_none_or(|demo| *demo == progress.demo)
        {
            files.push((path, progress));
        }
    }
    if files.is_empty() {
        ui.line("There is no progress to forget.");
        return Ok(ExitCode::DONE);
    }
    for (_, progress) in &files {
        let count = progress.done.len();
        ui.line(&format!(
            "{} on {}: {count} steps done",
            progress.demo, progress.target
        ));
    }
    if !args.yes && !agreed(ui)? {
        ui.line("Nothing was forgotten.");
        return Ok(ExitCode::DONE);
    }
    for (path, progress) in &files {
        Progress::forget(path)?;
        remove_work_folder(&state.work(&progress.demo))?;
    }
    ui.line("Forgotten. The next walk begins at the first step.");
    Ok(ExitCode::DONE)
}

/// Forgets the answers to questions.
fn reset_questions(
    ui: &Ui,
    args: &ResetArgs,
    state: &StateDirectory,
) -> Result<ExitCode, CommandError> {
    let file = state.questions();
    let answered = Questions::load(&file)?.cards.len();
    if answered == 0 {
        ui.line("No question was answered, so there is nothing to forget.");
        return Ok(ExitCode::DONE);
    }
    ui.line(&format!("{answered} questions answered"));
    if !args.yes && !agreed(ui)? {
        ui.line("Nothing was forgotten.");
        return Ok(ExitCode::DONE);
    }
    Questions::forget(&file)?;
    ui.line("Forgotten. Every question is new again.");
    Ok(ExitCode::DONE)
}

fn agreed(ui: &Ui) -> Result<bool, CommandError> {
    if !ui.can_ask() {
        return Err(CommandError::usage(
            "reset asks before it forgets, and there is no terminal to ask at",
        )
        .hinted("Add --yes to agree."));
    }
    let _guard = TerminalGuard::new(true);
    match confirm(ui, "Forget this?") {
        Answer::Given(yes) => Ok(yes),
        Answer::Interrupted | Answer::Gone => Err(CommandError::interrupted()),
    }
}
