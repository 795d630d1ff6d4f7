//! `guided-demo status`: how far each walk has come, and what is still there.

use std::time::Duration;

use serde_json::json;

use crate::cli::JsonArgs;
use crate::command_error::CommandError;
use crate::demos::Repository;
use crate::exit_code::ExitCode;
use crate::invocation::invocation;
use crate::practice::Bank;
use crate::practice::Score;
use crate::script::Script;
use crate::state::Ledger;
use crate::state::Progress;
use crate::state::Questions;
use crate::state::Rehearsals;
use crate::state::StateDirectory;
use crate::ui::Ui;
use crate::ui::minutes;
use crate::ui::rehearsal_table;

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
    let repository = Repository::find();
    let bank = match &repository {
        // Progress can be shown without the demos, and with a demo that has a mistake.
        Ok(repository) => super::practice::bank(repository).unwrap_or_default(),
        Err(_) => Bank::default(),
    };
    let questions = Questions::load(&state.questions())?;
    let rehearsals = Rehearsals::load(&state.rehearsals())?;
    if args.json {
        let left: Vec<_> = ledgers
            .iter()
            .map(|ledger| json!({ "target": ledger.target(), "resources": ledger.entries() }))
            .collect();
        ui.line(
            &json!({
                "walks": walks,
                "left": left,
                "score": score_json(&bank, &questions),
                "rehearsals": rehearsals.demos,
            })
            .to_string(),
        );
        return Ok(ExitCode::DONE);
    }
    if walks.is_empty() {
        ui.line(&format!("No walk has begun. Start one: {}", invocation("")));
    }
    for walk in &walks {
        ui.line(&describe(walk));
    }
    show_score(ui, &bank, &questions);
    for (demo, rehearsals) in &rehearsals.demos {
        if let Some(last) = rehearsals.last() {
            let day = last.ended.strftime("%Y-%m-%d");
            let times: Vec<String> = rehearsals
                .iter()
                .map(|rehearsal| minutes(Duration::from_secs(rehearsal.total().1)))
                .collect();
            ui.line(&format!(
                "\n{demo}: rehearsed {}, last on {day}. The last one:",
                times.join(", ")
            ));
            ui.out(&rehearsal_table(last, &ui.screen()));
            ui.line("");
        }
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

/// The score by domain of the exam guide, once there is an answer to count.
pub(super) fn show_score(ui: &Ui, bank: &Bank, questions: &Questions) {
    let score = Score::new(bank, &questions.cards);
    let Some(weighted) = score.weighted() else {
        if !bank.questions.is_empty() {
            let count = bank.questions.len();
            ui.line(&format!(
                "{count} questions to practise for the exam: {}",
                invocation("practice")
            ));
        }
        return;
    };
    ui.line(&format!(
        "Exam practice: {} of {} questions answered, {weighted} % right, each domain counted as the exam does",
        score.answered(),
        bank.questions.len(),
    ));
    for domain in &score.domains {
        let share = match domain.per_cent() {
            Some(per_cent) => format!("{per_cent:>3} % right"),
            None => "not begun".to_owned(),
        };
        ui.line(&format!(
            "  {} {:<32} {:>2} of {:>2} answered  {share}",
            domain.domain.number, domain.domain.name, domain.answered, domain.questions
        ));
    }
}

fn score_json(bank: &Bank, questions: &Questions) -> serde_json::Value {
    let score = Score::new(bank, &questions.cards);
    let domains: Vec<_> = score
        .domains
        .iter()
        .map(|domain| {
            json!({
                "domain": domain.domain.number,
                "name": domain.domain.name,
                "weight": domain.domain.weight,
                "questions": domain.questions,
                "answered": domain.answered,
                "right": domain.right,
            })
        })
        .collect();
    json!({ "weighted": score.weighted(), "domains": domains })
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
