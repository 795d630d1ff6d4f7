//! `guided-demo run`: from the command line to a walk.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use build_engine::Engine;

use super::account;
use super::cleanup;
use crate::cli::CliMode;
use crate::cli::RunArgs;
use crate::command_error::CommandError;
use crate::demos::DEFAULT_DEMO;
use crate::demos::Repository;
use crate::drive::DriveEnd;
use crate::drive::Driver;
use crate::drive::Setting;
use crate::drive::Signals;
use crate::drive::WorkFolder;
use crate::exit_code::ExitCode;
use crate::local_server;
use crate::script::Script;
use crate::script::Variables;
use crate::script::did_you_mean;
use crate::state::Ledger;
use crate::state::LedgerTarget;
use crate::state::Progress;
use crate::state::StateDirectory;
use crate::state::WalkKey;
use crate::target;
use crate::target::TargetChoice;
use crate::target::TargetOptions;
use crate::ui::TerminalGuard;
use crate::ui::Ui;
use crate::walk::Mode;
use crate::walk::Outcome;
use crate::walk::Start;
use crate::walk::Walk;

/// How long closing may take after a walk: builds are stopped and their containers removed.
const CLOSING: Duration = Duration::from_secs(20);

/// Walks through a demo.
pub(crate) async fn run(
    ui: &Ui,
    args: RunArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    if let Some(why) = ui.why_not_drawn() {
        ui.warning(why);
    }
    let mode = mode(ui, &args)?;
    let mut options = super::target_options(args.target.clone(), state);
    if args.mode == Some(CliMode::Replay) {
        options.choice = TargetChoice::Replay;
    }
    check_auto(&args, mode, &options.choice)?;
    if mode.asks() {
        account::ask(ui, &mut options).await?;
    }
    loop {
        let plan = Plan {
            demo: args.demo.as_deref().unwrap_or(DEFAULT_DEMO),
            mode,
            from: args.from.as_deref(),
            set: &args.set,
            yes: args.yes,
            record: None,
            at_least: args.seconds_per_step.map(Duration::from_secs),
            redacts: args.redact || (mode.is_stage() && !args.no_redact),
        };
        match walk(ui, &plan, &options).await? {
            DriveEnd::Finished(Outcome::Completed) if args.again => {}
            DriveEnd::Finished(outcome) => return Ok(exit_code(outcome)),
            DriveEnd::WatchRecording => options.choice = TargetChoice::Replay,
        }
    }
}

/// What to walk and how.
pub(super) struct Plan<'a> {
    pub(super) demo: &'a str,
    pub(super) mode: Mode,
    pub(super) from: Option<&'a str>,
    pub(super) set: &'a [String],
    pub(super) yes: bool,
    /// Where to save a recording of a walk that comes to its end.
    pub(super) record: Option<&'a Path>,
    /// How long a step of an unattended walk lasts at least.
    pub(super) at_least: Option<Duration>,
    /// Whether what an audience should not see is hidden.
    pub(super) redacts: bool,
}

/// The mode that was asked for; auto where nobody can be asked.
fn mode(ui: &Ui, args: &RunArgs) -> Result<Mode, CommandError> {
    let (wanted, name) = match args.mode {
        None if args.no_input || !ui.can_ask() => return Ok(Mode::Auto),
        // Check is dispatched before it comes here.
        Some(CliMode::Auto | CliMode::Check) => return Ok(Mode::Auto),
        None => return Ok(Mode::Guide),
        Some(CliMode::Replay) if args.no_input || !ui.can_ask() => return Ok(Mode::Auto),
        Some(CliMode::Replay) => return Ok(Mode::Guide),
        Some(CliMode::Guide) => (Mode::Guide, "guide"),
        Some(CliMode::Learn) => (Mode::Learn, "learn"),
        Some(CliMode::Stage) => (Mode::Stage, "stage"),
        Some(CliMode::Rehearse) => (Mode::Rehearse, "rehearse"),
    };
    if args.no_input {
        return Err(CommandError::usage(format!(
            "--mode {name} asks at every command, and --no-input forbids that"
        ))
        .hinted("Use --mode auto, or leave --no-input out."));
    }
    if !ui.can_ask() {
        return Err(CommandError::usage(format!(
            "--mode {name} needs a terminal: it reads keys and draws on the screen"
        ))
        .hinted("Use --mode auto where there is none."));
    }
    Ok(wanted)
}

/// Whether the options for unattended walks fit together.
fn check_auto(args: &RunArgs, mode: Mode, target: &TargetChoice) -> Result<(), CommandError> {
    let option = match (args.again, args.seconds_per_step) {
        (true, _) => "--loop",
        (false, Some(_)) => "--seconds-per-step",
        (false, None) => return Ok(()),
    };
    if mode != Mode::Auto {
        return Err(
            CommandError::usage(format!("{option} is for walks that nobody attends"))
                .hinted("Add --mode auto."),
        );
    }
    if args.again && matches!(target, TargetChoice::Aws | TargetChoice::Url(_)) {
        return Err(CommandError::usage(
            "--loop would build on your account again and again, and each build costs money",
        )
        .hinted("Use --target local or --target replay."));
    }
    Ok(())
}

/// One walk, from opening the target to closing it.
pub(super) async fn walk(
    ui: &Ui,
    plan: &Plan<'_>,
    options: &TargetOptions,
) -> Result<DriveEnd, CommandError> {
    let remote = matches!(options.choice, TargetChoice::Aws | TargetChoice::Url(_));
    if remote && plan.mode == Mode::Auto && !plan.yes {
        return Err(CommandError::usage(
            "without questions, a walk on your own account creates and removes things there on its own",
        )
        .hinted("Add --yes to agree, or walk with --mode guide, which asks before each command."));
    }
    let repository = Repository::find()?;
    let script = Arc::new(Script::load(&repository.script(plan.demo)?)?);
    let _guard = TerminalGuard::new(plan.mode.asks());
    let signals = Signals::listen()?;
    let recording = repository.recording(&script.path);
    let label = (options.choice == TargetChoice::Replay).then(|| label(&recording));
    let ui = ui.labelled(label).redacting(plan.redacts);

    let checkouts = target::checkouts(&script, &repository, &options.state);
    let opening = {
        let (options, recording) = (options.clone(), recording.clone());
        tokio::spawn(async move { target::open(&options, checkouts, Some(recording)).await })
    };
    let engine = (options.choice == TargetChoice::Local).then(|| {
        let host = options.engine_host.clone();
        tokio::spawn(async move {
            Engine::connect(host.as_deref())
                .await
                .map_err(|error| error.to_string())
        })
    });
    let (key, opening) = key(&ui, &script, options, opening).await?;
    let set = set_variables(&script, plan.set)?;
    let progress_file = options.state.progress(&key);
    let ledger = Ledger::open(options.state.ledger(&key), ledger_target(options, &key))?;
    let demo = match script.directory() {
        here if here.as_os_str().is_empty() => PathBuf::from("."),
        folder => folder.to_owned(),
    };
    let work = |fresh| {
        let path = options.state.work(&script.id);
        WorkFolder::prepare(path, &demo, options.state.root(), fresh)
    };
    let mut setting = Setting {
        work: work(false)?,
        ui: ui.clone(),
        script: script.clone(),
        repository,
        options: options.clone(),
        mode: plan.mode,
        key,
        variables: Variables::new(),
        ledger,
        opening,
        engine,
        progress_file: Some(progress_file.clone()),
        spent: BTreeMap::new(),
        at_least: plan.at_least,
    };
    let start = match start(&ui, plan, &script, &progress_file, &mut setting, set).await? {
        Some(start) => start,
        None => return Ok(DriveEnd::Finished(Outcome::Quit)),
    };
    if plan.from.is_none() && (start.step, start.item) == (0, 0) {
        setting.work = work(true)?;
    }
    let walk = Walk::new(script, plan.mode, options.choice.kind(), start);
    let mut driver = Driver::new(setting, walk, signals);
    let mut end = driver.drive().await;
    if let (Some(file), Ok(DriveEnd::Finished(Outcome::Completed))) = (plan.record, &end)
        && let Err(error) = driver.save_recording(file)
    {
        end = Err(error);
    }
    if let Some(opened) = driver.into_opened()
        && tokio::time::timeout(CLOSING, opened.close()).await.is_err()
    {
        ui.warning("a build's container may be left behind; the next start removes it");
    }
    end
}

/// What tells this walk's files from another's. On AWS the account has to be asked for first.
async fn key(
    ui: &Ui,
    script: &Script,
    options: &TargetOptions,
    opening: tokio::task::JoinHandle<Result<target::Opened, CommandError>>,
) -> Result<
    (
        WalkKey,
        tokio::task::JoinHandle<Result<target::Opened, CommandError>>,
    ),
    CommandError,
> {
    let demo = script.id.clone();
    let (account, region) = match &options.choice {
        TargetChoice::Replay => ("recording".to_owned(), "recording".to_owned()),
        TargetChoice::Local => {
            let place = local_server::place(options)?;
            (place.account, place.region)
        }
        TargetChoice::Aws | TargetChoice::Url(_) => {
            ui.status("Asking AWS who you are …");
            let opened = opening.await.map_err(|error| {
                CommandError::step(format!("the target could not be opened: {error}"))
            })??;
            let identity = opened.session.identity().await?;
            let region = opened.session.region().ok_or_else(|| {
                CommandError::prerequisite(
                    "no region is configured, so AWS does not know where to make the project",
                )
                .hinted("Name one with --region or AWS_REGION, such as --region eu-central-1.")
            })?;
            let key = WalkKey {
                demo,
                account: identity.account,
                region,
            };
            return Ok((key, tokio::spawn(async move { Ok(opened) })));
        }
    };
    let key = WalkKey {
        demo,
        account,
        region,
    };
    Ok((key, opening))
}

fn ledger_target(options: &TargetOptions, key: &WalkKey) -> LedgerTarget {
    LedgerTarget {
        target: options.choice.to_string(),
        profile: options.profile.clone(),
        account: key.account.clone(),
        region: key.region.clone(),
    }
}

/// Where the walk begins: `--from`, earlier progress, or the first step. `None` if the person leaves.
async fn start(
    ui: &Ui,
    plan: &Plan<'_>,
    script: &Script,
    progress_file: &Path,
    setting: &mut Setting,
    set: Variables,
) -> Result<Option<Start>, CommandError> {
    let earlier = Progress::load(progress_file)?;
    if let Some(from) = plan.from {
        let step = step_named(script, from)?;
        let progress = earlier.unwrap_or_else(|| nothing_yet(script));
        setting.variables = progress.variables;
        setting.variables.extend(set);
        return Ok(Some(Start {
            step,
            item: 0,
            done: progress.done,
            known: BTreeSet::new(),
            answers: progress.answers,
        }));
    }
    if let Some(progress) = earlier.filter(|progress| plan.mode.asks() && !progress.completed)
        && let Some(step) = script
            .steps
            .iter()
            .position(|step| step.id == progress.step)
        && (step > 0 || progress.item > 0)
    {
        let title = &script.steps[step].title;
        ui.line(&format!(
            "You have been here: step {} of {}, {title}.",
            step + 1,
            script.steps.len()
        ));
        let keys = ["⏎ go on there", "n begin again", "q quit"].map(str::to_owned);
        ui.out(&ui.screen().key_line(&keys));
        match resume_key().await {
            Resume::GoOn => {
                let assigned: BTreeSet<String> = progress.variables.keys().cloned().collect();
                setting.variables = progress.variables;
                setting.variables.extend(set);
                setting.spent = progress.spent;
                return Ok(Some(Start {
                    step,
                    item: progress.item,
                    done: progress.done,
                    known: assigned,
                    answers: progress.answers,
                }));
            }
            Resume::Leave => return Ok(None),
            Resume::BeginAgain => {}
        }
    }
    Progress::forget(progress_file)?;
    setting.variables = set;
    leftovers(ui, setting).await?;
    Ok(Some(Start::default()))
}

enum Resume {
    GoOn,
    BeginAgain,
    Leave,
}

async fn resume_key() -> Resume {
    use crate::ui::Answer;
    use crate::walk::Key;

    loop {
        match tokio::task::spawn_blocking(crate::ui::read_key).await {
            Ok(Answer::Given(Key::Enter)) => return Resume::GoOn,
            Ok(Answer::Given(Key::Char('n'))) => return Resume::BeginAgain,
            Ok(Answer::Given(Key::Char('q') | Key::Escape)) => return Resume::Leave,
            Ok(Answer::Given(_)) => {}
            Ok(Answer::Interrupted | Answer::Gone) | Err(_) => return Resume::Leave,
        }
    }
}

/// Removes what an earlier walk has left, so that this one finds what it expects.
async fn leftovers(ui: &Ui, setting: &mut Setting) -> Result<(), CommandError> {
    if setting.ledger.entries().is_empty() {
        return Ok(());
    }
    ui.line("An earlier walk has left something behind. Removing it first:");
    let opened = (&mut setting.opening).await.map_err(|error| {
        CommandError::step(format!("the target could not be opened: {error}"))
    })??;
    cleanup::remove_all(ui, &mut setting.ledger, &opened.session).await?;
    drop(opened.session.take_exchanges());
    setting.opening = tokio::spawn(async move { Ok(opened) });
    Ok(())
}

fn nothing_yet(script: &Script) -> Progress {
    Progress {
        version: Progress::VERSION,
        demo: script.id.clone(),
        target: String::new(),
        account: String::new(),
        region: String::new(),
        step: String::new(),
        item: 0,
        done: BTreeSet::new(),
        variables: Variables::new(),
        answers: BTreeMap::new(),
        completed: false,
        updated: jiff::Timestamp::now(),
        spent: BTreeMap::new(),
    }
}

fn step_named(script: &Script, name: &str) -> Result<usize, CommandError> {
    if let Some(at) = script.steps.iter().position(|step| step.id == name) {
        return Ok(at);
    }
    let ids: Vec<&str> = script.steps.iter().map(|step| step.id.as_str()).collect();
    let error = CommandError::usage(format!("the demo `{}` has no step `{name}`", script.id));
    Err(match did_you_mean(name, ids.iter().copied()) {
        Some(meant) => error.hinted(format!("Did you mean `{meant}`?")),
        None => error.hinted(format!("Its steps are: {}.", ids.join(", "))),
    })
}

/// The values of `--set`, each known and fitting.
fn set_variables(script: &Script, set: &[String]) -> Result<Variables, CommandError> {
    let mut variables = Variables::new();
    for assignment in set {
        let Some((name, value)) = assignment.split_once('=') else {
            return Err(CommandError::usage(format!(
                "`{assignment}` is not NAME=VALUE"
            )));
        };
        let Some(variable) = script.variable(name) else {
            let names: Vec<&str> = script
                .variables
                .iter()
                .map(|known| known.name.as_str())
                .collect();
            return Err(
                CommandError::usage(format!("the demo has no variable `{name}`"))
                    .hinted(format!("Its variables are: {}.", names.join(", "))),
            );
        };
        if !variable.accepts(value) {
            return Err(CommandError::usage(format!(
                "`{value}` is not a value for {name}"
            )));
        }
        variables.insert(name.to_owned(), value.to_owned());
    }
    Ok(variables)
}

/// What a replay says on every screen.
fn label(recording: &Path) -> String {
    // A file that cannot be read is told of when it is opened.
    match codebuild_core::recorded_at(recording) {
        Ok(Some(time)) => format!(
            "RECORDING of {}: nothing runs on this computer",
            time.strftime("%Y-%m-%d")
        ),
        _ => "RECORDING: nothing runs on this computer".to_owned(),
    }
}

/// The exit code of a walk.
pub(super) fn exit_code(outcome: Outcome) -> ExitCode {
    match outcome {
        Outcome::Completed | Outcome::Quit => ExitCode::DONE,
        Outcome::Interrupted => ExitCode::INTERRUPTED,
        Outcome::StepFailed => ExitCode::STEP_FAILED,
        Outcome::CheckFailed => ExitCode::CHECK_FAILED,
        Outcome::PrerequisiteMissing => ExitCode::PREREQUISITE,
    }
}
