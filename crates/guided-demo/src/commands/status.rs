//! `guided-demo status`: how far each walk has come, and what is still there.

use serde_json::json;

use crate::cli::JsonArgs;
use crate::command_error::CommandError;
use crate::demos::Repository;
use crate::exit_code::ExitCode;
use crate::invocation::invocation;
use crate::script::Script;
use crate::state::Ledger;
use crate::state::Progress;
use crate::state::StateDirectory;
use crate::ui::Ui;

/// Shows progress and ledgers.
pub(crate) fn status(
    ui: &Ui,
    args: &JsonArgs,
    state: &StateDirectory,
) -> Result<ExitCode, CommandError> {
    let mut walks = Vec::new();
    for path in state.all_progress() {
        walks.extend(Progress::load(&path)?);
    }
    let mut ledgers = Vec::new();
    for path in state.all_ledgers() {
        ledgers.extend(Ledger::load(&path)?);
    }
    if args.json {
        let left: Vec<_> = ledgers
            .iter()
            .map(|ledger| json!({ "target": ledger.target(), "resources": ledger.entries() }))
            .collect();
        ui.line(&json!({ "walks": walks, "left": left }).to_string());
        return Ok(ExitCode::DONE);
    }
    if walks.is_empty() {
        ui.line(&format!("No walk has begun. Start one: {}", invocation("")));
    }
    for walk in &walks {
        ui.line(&describe(walk));
    }
    for ledger in &ledgers {
        for entry in ledger.entries() {
            let target = &ledger.target().target;
            ui.line(&format!(
                "Still there on {target}: {} {}",
                entry.kind, entry.name
            ));
        }
    }
    if ledgers.iter().any(|ledger| !ledger.entries().is_empty()) {
        ui.line(&format!("To remove it: {}", invocation("cleanup")));
    }
    Ok(ExitCode::DONE)
}

fn describe(walk: &Progress) -> String {
    let place = format!(
        "{} on {} ({}, {})",
        walk.demo, walk.target, walk.account, walk.region
    );
    let script = Repository::find()
        .and_then(|repository| repository.script(&walk.demo))
        .ok()
        .and_then(|path| Script::load(&path).ok());
    let total = script
        .as_ref()
        .map_or(walk.done.len(), |script| script.steps.len());
    let title = script
        .as_ref()
        .and_then(|script| script.steps.iter().find(|step| step.id == walk.step))
        .map_or_else(|| walk.step.clone(), |step| step.title.clone());
    let right = walk.answers.values().filter(|answer| answer.right).count();
    let score = if walk.answers.is_empty() {
        String::new()
    } else {
        format!(", {right} of {} questions right", walk.answers.len())
    };
    if walk.completed {
        return format!("{place}: finished{score}");
    }
    format!(
        "{place}: {} of {total} steps done, next: {title}{score}",
        walk.done.len()
    )
}
