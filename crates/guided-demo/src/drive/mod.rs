//! Carries out what the walk decides: shows, asks, runs, watches, checks, and writes down.

mod build;
mod check;
mod command;
mod comparison;
mod exercise;
mod glossary;
mod inspect;
mod pattern;
mod quiz;
mod show;
mod signals;
mod typed;
mod variable;
mod work_folder;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use build_engine::Engine;
use codebuild_core::Exchange;
use jiff::Timestamp;
use tokio::task::JoinHandle;

pub(crate) use build::explain_failure;
pub(crate) use signals::Signals;
pub(crate) use work_folder::WorkFolder;
pub(crate) use work_folder::remove as remove_work_folder;

use self::glossary::Terms;
use crate::command_error::CommandError;
use crate::compile_job::CompileJob;
use crate::demos::Repository;
use crate::script::Script;
use crate::script::TargetKind;
use crate::script::Variables;
use crate::state::Ledger;
use crate::state::Progress;
use crate::state::WalkKey;
use crate::target::Opened;
use crate::target::TargetOptions;
use crate::ui::LineEditor;
use crate::ui::Ui;
use crate::walk::Ask;
use crate::walk::Effect;
use crate::walk::Event;
use crate::walk::Mode;
use crate::walk::Outcome;
use crate::walk::Walk;

/// Everything that a walk needs from outside.
pub(crate) struct Setting {
    pub(crate) ui: Ui,
    pub(crate) script: Arc<Script>,
    pub(crate) repository: Repository,
    pub(crate) options: TargetOptions,
    pub(crate) mode: Mode,
    pub(crate) key: WalkKey,
    /// Values that are known from the start: from `--set`, or from earlier progress.
    pub(crate) variables: Variables,
    pub(crate) ledger: Ledger,
    /// The target, being opened in the background.
    pub(crate) opening: JoinHandle<Result<Opened, CommandError>>,
    /// The Docker Engine, being looked for in the background; the text says why there is none.
    pub(crate) engine: Option<JoinHandle<Result<Engine, String>>>,
    /// Where to write progress.
    pub(crate) progress_file: PathBuf,
    /// Where commands read and write files.
    pub(crate) work: WorkFolder,
}

/// How a drive ended.
#[derive(Debug)]
pub(crate) enum DriveEnd {
    /// The walk is over.
    Finished(Outcome),
    /// There is no Docker Engine and the student wants to see the recording.
    WatchRecording,
}

/// Drives one walk.
pub(crate) struct Driver {
    ui: Ui,
    script: Arc<Script>,
    repository: Repository,
    options: TargetOptions,
    mode: Mode,
    kind: TargetKind,
    key: WalkKey,
    walk: Walk,
    variables: Variables,
    ledger: Ledger,
    opening: Option<JoinHandle<Result<Opened, CommandError>>>,
    opened: Option<Opened>,
    engine_search: Option<JoinHandle<Result<Engine, String>>>,
    engine: Option<Result<Engine, String>>,
    /// The sample app, if it has to be compiled and no command has waited for it yet.
    compile_job: Option<CompileJob>,
    progress_file: PathBuf,
    work: WorkFolder,
    terms: Terms,
    /// Whether a step is only looked at.
    looking: bool,
    /// Remembers what was typed.
    editor: Option<LineEditor>,
    /// Where the words for typed lines were shown last.
    words_shown: Option<((usize, usize), Ask)>,
    signals: Signals,
    last: LastOutput,
    /// Set when the student asked for the recording instead.
    wants_recording: bool,
    /// How many lines were shown since the person last pressed a key.
    unread: usize,
    /// How many lines the keys take that are shown now, to take them away after a key.
    key_lines: usize,
}

/// What the last command printed, and what of it was not shown.
#[derive(Debug, Default)]
struct LastOutput {
    text: String,
    hidden: usize,
    exchanges: Vec<Exchange>,
    log: Vec<String>,
}

impl Driver {
    /// A driver for `walk`.
    pub(crate) fn new(setting: Setting, walk: Walk, signals: Signals) -> Self {
        let kind = setting.options.choice.kind();
        let terms = Terms::of(&setting.script);
        Self {
            ui: setting.ui,
            script: setting.script,
            repository: setting.repository,
            options: setting.options,
            mode: setting.mode,
            kind,
            key: setting.key,
            walk,
            variables: setting.variables,
            ledger: setting.ledger,
            opening: Some(setting.opening),
            opened: None,
            engine_search: setting.engine,
            engine: None,
            compile_job: None,
            progress_file: setting.progress_file,
            work: setting.work,
            terms,
            looking: false,
            editor: None,
            words_shown: None,
            signals,
            last: LastOutput::default(),
            wants_recording: false,
            unread: 0,
            key_lines: 0,
        }
    }

    /// Walks to the end, whichever it is. What was opened is closed afterwards.
    ///
    /// # Errors
    ///
    /// If something fails that no key can put right, such as a full disk.
    pub(crate) async fn drive(&mut self) -> Result<DriveEnd, CommandError> {
        let mut effects: VecDeque<Effect> = self.walk.handle(Event::Begin).into();
        loop {
            if self.ui.is_closed() {
                self.save()?;
                return Ok(DriveEnd::Finished(Outcome::Interrupted));
            }
            let Some(effect) = effects.pop_front() else {
                // The walk always ends its batches with a question or an end.
                return Ok(DriveEnd::Finished(Outcome::Interrupted));
            };
            if let Effect::Finish(outcome) = effect {
                self.show_end(outcome);
                return Ok(DriveEnd::Finished(outcome));
            }
            if let Some(event) = self.perform(effect).await? {
                effects = self.walk.handle(event).into();
            }
            if self.wants_recording {
                return Ok(DriveEnd::WatchRecording);
            }
        }
    }

    /// Gives back what was opened, to be closed.
    pub(crate) fn into_opened(self) -> Option<Opened> {
        self.opened
    }

    /// Saves everything that crossed the wire.
    ///
    /// # Errors
    ///
    /// If nothing was opened, or the file cannot be written.
    pub(crate) fn save_recording(&self, file: &std::path::Path) -> Result<(), CommandError> {
        let Some(opened) = &self.opened else {
            return Err(CommandError::step(
                "nothing was called, so there is nothing to record",
            ));
        };
        opened.session.save_recording(file)?;
        Ok(())
    }

    async fn perform(&mut self, effect: Effect) -> Result<Option<Event>, CommandError> {
        match effect {
            Effect::ShowStep { step } => self.show_step(step, false),
            Effect::ShowLook { step } => self.show_step(step, true),
            Effect::ShowBack { step } => self.show_back(step),
            Effect::Show(place) => return Ok(or_interrupted(self.show_item(place).await)),
            Effect::ShowCommand(place) | Effect::ShowCommandOnly(place) => self.show_command(place),
            Effect::ShowQuiz(place) => return Ok(or_interrupted(self.show_quiz(place).await)),
            Effect::Explain { place, given } => {
                return Ok(or_interrupted(self.explain(place, given.as_ref()).await));
            }
            Effect::ShowExercise(place) => {
                return Ok(or_interrupted(self.show_exercise(place).await));
            }
            Effect::ShowSolution(place) => {
                return Ok(or_interrupted(self.show_solution(place, false).await));
            }
            Effect::ShowSolved(place) => {
                return Ok(or_interrupted(self.show_solution(place, true).await));
            }
            Effect::ShowGlossary => return Ok(self.show_glossary().await),
            Effect::AskLine(ask) => return Ok(Some(self.ask_line(ask).await)),
            Effect::Judge { place, line } => return self.judge_line(place, &line).await.map(Some),
            Effect::Try { place, line } => return self.try_line(place, &line).await.map(Some),
            Effect::Prove(places) => return self.prove(&places).await.map(Some),
            Effect::ShowAll => self.show_all(),
            Effect::Say(saying) => self.ui.out(&self.ui.screen().saying(saying)),
            Effect::Save => self.save()?,
            Effect::AskKey(ask) => return Ok(Some(self.ask_key(ask).await)),
            Effect::AskLooking => return Ok(Some(self.ask_looking().await)),
            Effect::ConfirmAgain(place) => return Ok(Some(self.confirm_again(place).await)),
            Effect::List { here } => return Ok(Some(self.list(here).await)),
            Effect::Resolve(name) => return self.resolve(&name).await.map(Some),
            Effect::Run(place) => return self.run(place).await.map(Some),
            Effect::Watch(place) => return self.watch(place).await.map(Some),
            Effect::Check(place) => return self.check(place).await.map(Some),
            Effect::Doctor => return self.doctor().await.map(Some),
            // Taken care of by `drive`.
            Effect::Finish(_) => {}
        }
        Ok(None)
    }

    /// The target, once it is open. `None` if a signal came first.
    async fn opened(&mut self) -> Result<Option<&Opened>, CommandError> {
        if let Some(opening) = self.opening.take() {
            let Some(opened) = self.signals.or_interrupt(opening).await else {
                return Ok(None);
            };
            let opened = opened.map_err(|error| {
                CommandError::step(format!("the target could not be opened: {error}"))
            })??;
            self.opened = Some(opened);
        }
        self.opened.as_ref().map(Some).ok_or_else(|| {
            CommandError::step("the target could not be opened")
                .hinted("Run the same command again; if it stays, look at `guided-demo doctor`.")
        })
    }

    /// The Docker Engine, once it has answered. `None` if a signal came first.
    async fn engine(&mut self) -> Option<Option<&Result<Engine, String>>> {
        if let Some(search) = self.engine_search.take() {
            let found = self.signals.or_interrupt(search).await?;
            self.engine = Some(found.unwrap_or_else(|error| Err(error.to_string())));
        }
        Some(self.engine.as_ref())
    }

    fn save(&self) -> Result<(), CommandError> {
        let (step, item) = self.walk.position();
        let steps = &self.script.steps;
        let progress = Progress {
            version: Progress::VERSION,
            demo: self.script.id.clone(),
            target: self.options.choice.to_string(),
            account: self.key.account.clone(),
            region: self.key.region.clone(),
            step: steps
                .get(step)
                .map(|step| step.id.clone())
                .unwrap_or_default(),
            item,
            done: self.walk.done().clone(),
            variables: self.kept_variables(),
            answers: self.walk.answers().clone(),
            completed: steps.iter().all(|step| self.walk.done().contains(&step.id)),
            updated: Timestamp::now(),
        };
        progress.save(&self.progress_file)?;
        Ok(())
    }
}

/// What a passage that was shown ends in: nothing, unless the person interrupts.
fn or_interrupted(shown: Option<()>) -> Option<Event> {
    match shown {
        Some(()) => None,
        None => Some(Event::Interrupted),
    }
}
