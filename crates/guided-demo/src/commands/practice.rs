//! `guided-demo practice`: questions of all demos, with those that went wrong coming back.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;

use crate::cli::PracticeArgs;
use crate::command_error::CommandError;
use crate::demos::Repository;
use crate::drive::DriveEnd;
use crate::drive::Driver;
use crate::drive::Setting;
use crate::drive::Signals;
use crate::drive::WorkFolder;
use crate::exam_guide;
use crate::exam_guide::Domain;
use crate::exit_code::ExitCode;
use crate::invocation::invocation;
use crate::local_server;
use crate::practice::Bank;
use crate::practice::Choice;
use crate::practice::Question;
use crate::practice::choose;
use crate::practice::script_of;
use crate::script::Script;
use crate::script::Variables;
use crate::script::did_you_mean;
use crate::state::Ledger;
use crate::state::LedgerTarget;
use crate::state::Questions;
use crate::state::StateDirectory;
use crate::state::WalkKey;
use crate::target;
use crate::target::TargetChoice;
use crate::target::TargetOptions;
use crate::ui::Answer;
use crate::ui::TerminalGuard;
use crate::ui::Ui;
use crate::ui::read_key;
use crate::walk::Key;
use crate::walk::Mode;
use crate::walk::Outcome;
use crate::walk::Start;
use crate::walk::Walk;

/// Asks questions until none is left that went wrong, or the person has had enough.
pub(crate) async fn practice(
    ui: &Ui,
    args: PracticeArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let repository = Repository::find()?;
    let bank = bank(&repository)?;
    let choice = choice(&args, &repository)?;
    if args.list || args.json {
        return list(ui, &bank, &choice, &state, args.json);
    }
    if !ui.can_ask() {
        return Err(CommandError::usage(
            "practice asks questions, and there is no terminal to ask at",
        )
        .hinted("`guided-demo practice --list` shows the questions and when each is due."));
    }
    let questions = Questions::load(&state.questions())?;
    let mut round = choose(&bank, &questions.cards, &choice, Timestamp::now());
    if round.is_empty() {
        nothing_due(ui, &bank, &questions);
        return Ok(ExitCode::DONE);
    }
    let _guard = TerminalGuard::new(true);
    let mut title = "Exam practice";
    loop {
        let end = walk(ui, &round, title, &repository, &state).await?;
        let DriveEnd::Finished(Outcome::Completed) = end else {
            return Ok(match end {
                DriveEnd::Finished(outcome) => super::run::exit_code(outcome),
                DriveEnd::WatchRecording => ExitCode::DONE,
            });
        };
        let answered = Questions::load(&state.questions())?;
        round.retain(|question| {
            answered
                .cards
                .get(&question.name)
                .is_some_and(|card| !card.last_right)
        });
        super::status::show_score(ui, &bank, &answered);
        if round.is_empty() {
            ui.line(&format!("More questions: {}", state.invocation("practice")));
            return Ok(ExitCode::DONE);
        }
        title = "Exam practice, once more";
        if !once_more(ui, round.len()).await? {
            return Ok(ExitCode::DONE);
        }
    }
}

/// The questions of all demos. A demo with a mistake is an error: its questions would be missing.
pub(super) fn bank(repository: &Repository) -> Result<Bank, CommandError> {
    let mut bank = Bank::default();
    for demo in repository.demos() {
        bank.add(&Script::load(&repository.script(&demo)?)?);
    }
    Ok(bank)
}

fn choice(args: &PracticeArgs, repository: &Repository) -> Result<Choice, CommandError> {
    if let Some(task) = &args.task
        && Domain::of_task(task).is_none()
    {
        return Err(
            CommandError::usage(format!("the exam guide has no task `{task}`")).hinted(format!(
                "Its tasks are: {}.",
                exam_guide::tasks().join(", ")
            )),
        );
    }
    if let Some(demo) = &args.demo {
        let demos = repository.demos();
        if !demos.contains(demo) {
            let error = CommandError::usage(format!("there is no demo `{demo}`"));
            return Err(match did_you_mean(demo, demos.iter().map(String::as_str)) {
                Some(meant) => error.hinted(format!("Did you mean `{meant}`?")),
                None => error.hinted("`guided-demo list` shows the demos that are there."),
            });
        }
    }
    Ok(Choice {
        domain: args.domain,
        task: args.task.clone(),
        demo: args.demo.clone(),
        all: args.all,
        count: if args.list || args.json {
            usize::MAX
        } else {
            args.count
        },
    })
}

/// One round, walked like a demo.
async fn walk(
    ui: &Ui,
    round: &[&Question],
    title: &str,
    repository: &Repository,
    state: &StateDirectory,
) -> Result<DriveEnd, CommandError> {
    let folder = repository.root().join("demos");
    let script = Arc::new(script_of(round, title, &folder));
    let options = TargetOptions {
        choice: TargetChoice::Local,
        ..super::target_options(crate::cli::TargetArgs::default(), state.clone())
    };
    let place = local_server::place(&options)?;
    let key = WalkKey {
        demo: script.id.clone(),
        account: place.account,
        region: place.region,
    };
    let checkouts = target::checkouts(&script, repository, state);
    let opening = {
        let options = options.clone();
        tokio::spawn(async move { target::open(&options, checkouts, None).await })
    };
    let ledger_target = LedgerTarget {
        target: options.choice.to_string(),
        profile: None,
        account: key.account.clone(),
        region: key.region.clone(),
    };
    let setting = Setting {
        work: WorkFolder::empty(state.work(&script.id))?,
        ui: ui.clone(),
        script: script.clone(),
        repository: repository.clone(),
        mode: Mode::Guide,
        variables: Variables::new(),
        ledger: Ledger::open(state.ledger(&key), ledger_target)?,
        opening,
        engine: None,
        progress_file: None,
        spent: BTreeMap::new(),
        at_least: None,
        options,
        key,
    };
    let walk = Walk::new(
        script,
        Mode::Guide,
        TargetChoice::Local.kind(),
        Start::default(),
    );
    let mut driver = Driver::new(setting, walk, Signals::listen()?);
    let end = driver.drive().await;
    if let Some(opened) = driver.into_opened() {
        opened.close().await;
    }
    end
}

async fn once_more(ui: &Ui, count: usize) -> Result<bool, CommandError> {
    let what = match count {
        1 => "1 question is worth another look.".to_owned(),
        count => format!("{count} questions are worth another look."),
    };
    ui.line(&what);
    let keys = ["⏎ once more", "q leave; they come back later"].map(str::to_owned);
    ui.out(&ui.screen().key_line(&keys));
    loop {
        match tokio::task::spawn_blocking(read_key).await {
            Ok(Answer::Given(Key::Enter)) => return Ok(true),
            Ok(Answer::Given(Key::Char('q') | Key::Escape)) => return Ok(false),
            Ok(Answer::Given(_)) => {}
            Ok(Answer::Interrupted | Answer::Gone) | Err(_) => {
                return Err(CommandError::interrupted());
            }
        }
    }
}

fn nothing_due(ui: &Ui, bank: &Bank, questions: &Questions) {
    if bank.questions.is_empty() {
        ui.line("The demos have no questions for practice.");
        return;
    }
    let next = bank
        .questions
        .iter()
        .filter_map(|question| questions.cards.get(&question.name))
        .map(|card| card.due)
        .min();
    let when = next.map_or_else(String::new, |due| {
        let due = due.to_zoned(jiff::tz::TimeZone::system());
        format!(
            " The next one comes back on {}.",
            due.strftime("%Y-%m-%d at %H:%M")
        )
    });
    ui.line(&format!("No question of this choice is due.{when}"));
    ui.line(&format!("To ask anyway: {}", invocation("practice --all")));
}

/// The questions of the choice, in the order in which they would be asked.
fn list(
    ui: &Ui,
    bank: &Bank,
    choice: &Choice,
    state: &StateDirectory,
    as_json: bool,
) -> Result<ExitCode, CommandError> {
    let questions = Questions::load(&state.questions())?;
    let now = Timestamp::now();
    let all = Choice {
        all: true,
        ..choice.clone()
    };
    let chosen = choose(bank, &questions.cards, &all, now);
    if as_json {
        let rows: Vec<_> = chosen
            .iter()
            .map(|question| {
                let card = questions.cards.get(&question.name);
                json!({
                    "question": question.name,
                    "task": question.quiz.task,
                    "answered": card.map_or(0, |card| card.answered),
                    "right": card.map_or(0, |card| card.right),
                    "due": card.map(|card| card.due.to_string()),
                })
            })
            .collect();
        ui.line(&serde_json::Value::Array(rows).to_string());
        return Ok(ExitCode::DONE);
    }
    let width = chosen.iter().map(|question| question.name.len()).max();
    for question in chosen {
        let when = match questions.cards.get(&question.name) {
            None => "new".to_owned(),
            Some(card) if card.is_due(now) => "due".to_owned(),
            Some(card) => format!("due {}", card.due.strftime("%Y-%m-%d")),
        };
        ui.line(&format!(
            "{:<width$}  {:<4}  {when}",
            question.name,
            question.quiz.task.as_deref().unwrap_or("-"),
            width = width.unwrap_or(0),
        ));
    }
    Ok(ExitCode::DONE)
}
