//! Carries out what the walk decides: shows, asks, runs, watches, checks, and writes down.

mod answers;
mod build;
mod check;
mod command;
mod comparison;
mod exercise;
mod fallback;
mod glossary;
mod inspect;
mod keys;
mod list_in_words;
mod now;
mod pacing;
mod pattern;
mod quiz;
mod rehearsal;
mod shell;
mod show;
mod signals;
mod typed;
mod typing;
mod variable;
mod work_folder;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use build_engine::Engine;
use codebuild_core::Exchange;
use jiff::Timestamp;
use tokio::task::JoinHandle;

pub(crate) use build::explain_failure;
pub(crate) use signals::Signals;
pub(crate) use variable::bare as bare_pattern;
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
use crate::state::NowFile;
use crate::state::Progress;
use crate::state::WalkKey;
use crate::target::Opened;
use crate::target::TargetOptions;
use crate::ui::Answer;
use crate::ui::LineEditor;
use crate::ui::QuietInput;
use crate::ui::Ui;
use crate::walk::Ask;
use crate::walk::Effect;
use crate::walk::Event;
use crate::walk::Key;
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
    /// Where to write progress; a round of practice keeps none.
    pub(crate) progress_file: Option<PathBuf>,
    /// Where commands read and write files.
    pub(crate) work: WorkFolder,
    /// How long each step took before this walk goes on, in milliseconds.
    pub(crate) spent: BTreeMap<String, u64>,
    /// How long a step of an unattended walk lasts at least.
    pub(crate) at_least: Option<Duration>,
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
    progress_file: Option<PathBuf>,
    /// The questions whose answers are in the history already.
    noted: BTreeSet<String>,
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
    /// Whether something took its time since the last question: keys of that time were for nobody.
    was_busy: bool,
    /// Whether the speaker has hidden the line of keys.
    keys_hidden: bool,
    /// A key that is waited for although nobody asks for it yet.
    pending_key: Option<JoinHandle<Answer<Key>>>,
    /// While this is kept, nothing that is typed appears by itself.
    quiet: Option<QuietInput>,
    pacing: pacing::Pacing,
    fallback: Option<fallback::Fallback>,
    /// For those who follow the walk from another terminal.
    now_file: Option<NowFile>,
    /// The command that ran last, as it stands in the script.
    last_command: Option<String>,
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
        let noted = walk.answers().keys().cloned().collect();
        let pacing = pacing::Pacing::new(
            &setting.script,
            &setting.spent,
            setting.mode.is_stage(),
            setting.at_least,
        );
        let terms = Terms::of(&setting.script);
        Self {
            was_busy: false,
            keys_hidden: false,
            pending_key: None,
            quiet: (setting.mode.is_stage() && setting.ui.draws()).then(QuietInput::begin),
            pacing,
            fallback: None,
            now_file: NowFile::claim(&setting.options.state, &setting.key),
            last_command: None,
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
            noted,
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
                self.end_rehearsal(outcome)?;
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
        self.was_busy |= matches!(
            effect,
            Effect::Run(_) | Effect::Watch(_) | Effect::Check(_) | Effect::Doctor
        );
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
            Effect::TypeCommand(place) => {
                if self.type_command(place).await.is_none() {
                    return Ok(Some(Event::Interrupted));
                }
            }
            Effect::ToggleClock => self.pacing.shows_clock = !self.pacing.shows_clock,
            Effect::ToggleKeys => self.keys_hidden = !self.keys_hidden,
            Effect::Linger => {
                if self.linger().await.is_none() {
                    return Ok(Some(Event::Interrupted));
                }
            }
            Effect::BreakOut => return self.break_out().await.map(Some),
            Effect::FallBack => return Ok(Some(self.fall_back().await)),
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

    fn save(&mut self) -> Result<(), CommandError> {
        self.note_answers()?;
        let Some(file) = &self.progress_file else {
            return Ok(());
        };
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
            spent: self.pacing.spent(&self.script),
        };
        progress.save(file)?;
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
