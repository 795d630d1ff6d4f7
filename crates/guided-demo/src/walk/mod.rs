//! The walk through a demo as a pure state machine: events in, effects out, no I/O, no clock.
//!
//! The machine decides what comes next; the driver carries it out and reports back. After every
//! batch of effects the machine either waits for exactly one event (a key, or the end of what it
//! asked for) or has finished. Looking back never runs anything.

mod clock;
mod effect;
mod event;
mod exercise;
mod given;
mod look;
mod passage;
mod quiz;
mod stage;
mod typed;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(crate) use clock::Clock;
pub(crate) use clock::Reading;
pub(crate) use clock::Span;
pub(crate) use effect::Ask;
pub(crate) use effect::Effect;
pub(crate) use effect::Outcome;
pub(crate) use effect::Place;
pub(crate) use effect::Saying;
pub(crate) use event::Event;
pub(crate) use event::Key;
pub(crate) use given::Choices;
pub(crate) use given::Given;
pub(crate) use passage::Passage;
pub(crate) use typed::WORDS;

use crate::script::Item;
use crate::script::ItemKind;
use crate::script::Judge;
use crate::script::Script;
use crate::script::Step;
use crate::script::TargetKind;
use crate::state::Answered;

/// How a person walks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mode {
    /// Explain, show, ask, run, check.
    Guide,
    /// As guide, but the student types the commands.
    Learn,
    /// No questions; also what happens without a terminal.
    Auto,
    /// For a projector: no prose, and each command is typed out by one key and run by another.
    Stage,
    /// As on stage, to measure each step.
    Rehearse,
}

/// Where a walk begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Start {
    /// The step, counted from 0.
    pub(crate) step: usize,
    /// The item in the step; what comes before it has been done.
    pub(crate) item: usize,
    /// The ids of the steps that are done.
    pub(crate) done: BTreeSet<String>,
    /// The variables that have a value.
    pub(crate) known: BTreeSet<String>,
    /// The first answer to each quiz, by its id or `step/item`.
    pub(crate) answers: BTreeMap<String, Answered>,
}

/// A walk in progress.
#[derive(Debug)]
pub(crate) struct Walk {
    script: Arc<Script>,
    mode: Mode,
    target: TargetKind,
    step: usize,
    item: usize,
    done: BTreeSet<String>,
    known: BTreeSet<String>,
    /// The passage that was opened last in the current step.
    opened: Option<passage::Opened>,
    /// The last command of the current step that was run.
    last_run: Option<usize>,
    /// See [`Start::answers`].
    answers: BTreeMap<String, Answered>,
    /// What was answered in the current step, by item.
    said: BTreeMap<usize, Given>,
    /// The exercise of the current step that the student has called done.
    unsolved: Option<usize>,
    state: State,
}

/// What the machine waits for.
#[derive(Clone, Debug, Eq, PartialEq)]
enum State {
    /// For [`Event::Begin`].
    Fresh,
    /// For a key or a line.
    Asking(Ask),
    /// For the driver to hold a line against the script's command.
    Judging { ask: Ask },
    /// For a key, while an older question waits beneath.
    Looking { at: usize, beneath: Ask },
    /// For the list's choice, while an older question waits beneath.
    Choosing { beneath: Ask },
    /// For `y` or something else, before a changing command runs again.
    Confirming { beneath: Ask, item: usize },
    /// For the driver to finish what was asked of it.
    Busy(Busy),
    /// For nothing more.
    Over,
}

/// What the driver is busy with.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Busy {
    Resolving,
    Running {
        item: usize,
        again: Option<Ask>,
    },
    Watching {
        again: Option<Ask>,
    },
    Checking,
    Doctoring,
    Trying,
    Proving {
        item: usize,
    },
    /// In a shell of the person.
    Away {
        beneath: Ask,
    },
    /// Opening the recording for what failed.
    FallingBack,
}

impl Walk {
    /// A walk that begins at `start` once it gets [`Event::Begin`].
    pub(crate) fn new(script: Arc<Script>, mode: Mode, target: TargetKind, start: Start) -> Self {
        Self {
            step: start.step.min(script.steps.len().saturating_sub(1)),
            item: start.item,
            script,
            mode,
            target,
            done: start.done,
            known: start.known,
            opened: None,
            last_run: None,
            answers: start.answers,
            said: BTreeMap::new(),
            unsolved: None,
            state: State::Fresh,
        }
    }

    /// Takes an event; says what to do about it.
    pub(crate) fn handle(&mut self, event: Event) -> Vec<Effect> {
        if event == Event::Interrupted {
            self.state = State::Over;
            return vec![Effect::Save, Effect::Finish(Outcome::Interrupted)];
        }
        match (self.state.clone(), event) {
            (State::Fresh, Event::Begin) => self.begin(),
            (State::Asking(ask), Event::Key(key)) => self.key(ask, key),
            (State::Asking(ask), Event::Line(text)) => self.line(ask, &text),
            (State::Judging { ask }, Event::Judged { same }) => self.judged(ask, same),
            (State::Busy(Busy::Trying), Event::Tried { solved, assigned }) => {
                self.tried(solved, assigned)
            }
            (State::Busy(Busy::Proving { item }), Event::Proved) => {
                vec![self.ask(Ask::Proof { item })]
            }
            (State::Looking { at, beneath }, Event::Key(key)) => self.look_key(at, beneath, key),
            (State::Choosing { beneath }, Event::Chosen(choice)) => self.chosen(beneath, choice),
            (State::Confirming { beneath, item }, Event::Key(key)) => {
                if matches!(key, Key::Char('y' | 'Y')) {
                    return self.run(item, Some(beneath));
                }
                self.ask_again(beneath)
            }
            (State::Busy(Busy::Resolving), Event::Resolved(name)) => {
                self.known.insert(name);
                self.advance()
            }
            (State::Busy(Busy::Resolving), Event::Unresolved) => {
                self.settle(false, Outcome::PrerequisiteMissing)
            }
            (State::Busy(Busy::Running { item, again }), Event::Ran { ok }) => {
                self.ran(item, again, ok)
            }
            (State::Busy(Busy::Watching { again }), Event::Watched { as_expected }) => {
                match again {
                    Some(ask) => self.ask_again(ask),
                    None => self.settle(as_expected, Outcome::StepFailed),
                }
            }
            (State::Busy(Busy::Checking), Event::Checked { passed }) => {
                self.settle(passed, Outcome::CheckFailed)
            }
            (State::Busy(Busy::Doctoring), Event::Doctored { ready }) => {
                self.settle(ready, Outcome::PrerequisiteMissing)
            }
            (State::Busy(Busy::Away { beneath }), Event::CameBack { was_away }) => {
                if was_away {
                    self.came_back(beneath)
                } else {
                    self.ask_again(beneath)
                }
            }
            (State::Busy(Busy::FallingBack), Event::FellBack { ready }) => self.fell_back(ready),
            // An event that nobody waits for, such as a key while a command runs.
            _ => Vec::new(),
        }
    }

    /// Where the walk stands: the step, and the item in it that comes next.
    pub(crate) fn position(&self) -> (usize, usize) {
        (self.step, self.item)
    }

    /// The ids of the steps that are done.
    pub(crate) fn done(&self) -> &BTreeSet<String> {
        &self.done
    }

    /// The first answer to each quiz, by its id or `step/item`.
    pub(crate) fn answers(&self) -> &BTreeMap<String, Answered> {
        &self.answers
    }

    /// How many quizzes were answered, and how many of them right.
    pub(crate) fn score(&self) -> (usize, usize) {
        let right = self.answers.values().filter(|answer| answer.right).count();
        (self.answers.len(), right)
    }

    fn begin(&mut self) -> Vec<Effect> {
        let mut effects = self.shown_so_far();
        effects.extend(self.advance());
        effects
    }

    fn current(&self) -> &Step {
        &self.script.steps[self.step]
    }

    fn item_at(&self, item: usize) -> Option<&Item> {
        self.current().items.get(item)
    }

    fn place(&self, item: usize) -> Place {
        Place {
            step: self.step,
            item,
        }
    }

    fn ask(&mut self, ask: Ask) -> Effect {
        self.state = State::Asking(ask);
        if self.is_typed(ask) {
            Effect::AskLine(ask)
        } else {
            Effect::AskKey(ask)
        }
    }

    fn busy(&mut self, busy: Busy) {
        self.state = State::Busy(busy);
    }

    /// Goes on from the current item up to where an event is needed.
    fn advance(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        loop {
            let place = self.place(self.item);
            let Some(item) = self.item_at(self.item) else {
                if self.end_step(&mut effects) {
                    return effects;
                }
                continue;
            };
            if !item.is_for(self.target) {
                self.item += 1;
                continue;
            }
            let unknown = item
                .variables()
                .into_iter()
                .find(|name| !self.known.contains(*name))
                .or_else(|| self.unknown_in_exercise(self.item));
            if let Some(name) = unknown {
                effects.push(Effect::Resolve(name.to_owned()));
                self.busy(Busy::Resolving);
                return effects;
            }
            match &item.kind {
                ItemKind::Prose(_) if self.mode.is_stage() => self.item += 1,
                ItemKind::Prose(_) | ItemKind::Show(_) => {
                    effects.push(Effect::Show(place));
                    self.item += 1;
                }
                ItemKind::Hint(_) | ItemKind::Note(_) | ItemKind::Aside(..) => self.item += 1,
                ItemKind::Reveal => {
                    effects.extend(self.reveal());
                    return effects;
                }
                ItemKind::Exercise(exercise) => {
                    let judge = exercise.judge;
                    effects.extend(self.exercise(judge));
                    return effects;
                }
                ItemKind::Command(_) if self.mode.is_stage() => {
                    effects.push(self.ask(Ask::Type));
                    return effects;
                }
                ItemKind::Command(_) => {
                    effects.push(Effect::ShowCommand(place));
                    if self.mode.asks() {
                        effects.push(self.ask(Ask::Command));
                    } else {
                        effects.extend(self.run(self.item, None));
                    }
                    return effects;
                }
                ItemKind::Quiz(quiz) => {
                    let (ask, later) = (Self::ask_of(quiz), quiz.reveal_later);
                    effects.push(Effect::ShowQuiz(place));
                    if self.mode.is_stage() {
                        effects.push(self.ask(Ask::Reveal));
                        return effects;
                    }
                    if self.mode.asks() {
                        effects.push(self.ask(ask));
                        return effects;
                    }
                    if !later {
                        effects.push(Effect::Explain { place, given: None });
                    }
                    self.item += 1;
                }
                ItemKind::Watch(_) => {
                    effects.push(Effect::Watch(place));
                    self.busy(Busy::Watching { again: None });
                    return effects;
                }
                ItemKind::Check(_) => {
                    effects.push(Effect::Check(place));
                    self.busy(Busy::Checking);
                    return effects;
                }
                ItemKind::Doctor => {
                    effects.push(Effect::Doctor);
                    self.busy(Busy::Doctoring);
                    return effects;
                }
            }
        }
    }

    /// Ends the current step. True if the walk stops here for now.
    fn end_step(&mut self, effects: &mut Vec<Effect>) -> bool {
        let id = self.current().id.clone();
        self.done.insert(id);
        if self.mode == Mode::Auto {
            effects.push(Effect::Linger);
        }
        let last = self.step + 1 >= self.script.steps.len();
        if last {
            effects.push(Effect::Save);
            effects.push(Effect::Finish(Outcome::Completed));
            self.state = State::Over;
            return true;
        }
        if self.mode.asks() {
            effects.push(Effect::Save);
            effects.push(self.ask(Ask::StepEnd));
            return true;
        }
        self.enter(self.step + 1);
        effects.push(Effect::Save);
        effects.push(Effect::ShowStep { step: self.step });
        false
    }

    fn enter(&mut self, step: usize) {
        self.step = step;
        self.item = 0;
        self.opened = None;
        self.last_run = None;
        self.said.clear();
        self.unsolved = None;
    }

    fn go_to(&mut self, step: usize) -> Vec<Effect> {
        self.enter(step);
        let mut effects = vec![Effect::Save, Effect::ShowStep { step }];
        effects.extend(self.advance());
        effects
    }

    fn key(&mut self, ask: Ask, key: Key) -> Vec<Effect> {
        if let Some(effects) = self.stage_key(ask, key) {
            return effects;
        }
        match (ask, key) {
            (_, Key::Char('q') | Key::Escape) => {
                self.state = State::Over;
                vec![Effect::Save, Effect::Finish(Outcome::Quit)]
            }
            (_, Key::Char('?')) if self.is_typed(ask) => self.say(Saying::Words, ask),
            (_, Key::Char('?')) => self.say(Saying::Keys, ask),
            (_, Key::Left) => self.look_from(ask, -1),
            (_, Key::Right) => self.look_from(ask, 1),
            (_, Key::Char('l')) => {
                self.state = State::Choosing { beneath: ask };
                vec![Effect::List { here: self.step }]
            }
            (_, Key::Char('g')) => {
                let effect = self.ask(ask);
                vec![Effect::ShowGlossary, effect]
            }
            (_, Key::Char('n')) => self.note(ask),
            (_, Key::Char('v')) => {
                let effect = self.ask(ask);
                vec![Effect::ShowAll, effect]
            }
            (Ask::Failed, Key::Char('r') | Key::Enter) => self.retry(),
            (Ask::Proof { item }, Key::Char('p')) => self.prove(item),
            (Ask::Proof { .. }, Key::Enter | Key::Char('s')) => self.advance(),
            (Ask::Exercise { .. }, Key::Enter | Key::Char('x')) => self.solution(self.item),
            (Ask::Exercise { judge }, Key::Char('s')) => self.skip_exercise(judge),
            (
                Ask::Exercise {
                    judge: Judge::Check,
                },
                Key::Char('d'),
            ) => self.exercise_done(),
            (Ask::Unsolved, key @ (Key::Enter | Key::Char('r' | 'x'))) => {
                match (self.failed_exercise(), key) {
                    (Some(item), Key::Char('x')) => self.solution(item),
                    (Some(item), _) => self.exercise_again(item),
                    (None, _) => self.retry(),
                }
            }
            (Ask::Command, Key::Char('x')) if self.is_typed(ask) => self.ask_again(ask),
            (_, key) if Passage::of(key).is_some() => match Passage::of(key) {
                Some(passage) => self.open_passage(ask, passage),
                None => self.say(Saying::UnknownKey, ask),
            },
            (_, Key::Char('r')) => self.run_again(ask),
            (Ask::StepEnd, Key::Enter | Key::Char('s')) => self.go_to(self.step + 1),
            (Ask::Command, Key::Enter) => self.run(self.item, None),
            (
                Ask::Command
                | Ask::Failed
                | Ask::Unsolved
                | Ask::Answer
                | Ask::Quiz { .. }
                | Ask::Several { .. }
                | Ask::Type
                | Ask::Reveal,
                Key::Char('s'),
            ) => {
                self.item += 1;
                let mut effects = vec![Effect::Say(Saying::Skipped)];
                effects.extend(self.advance());
                effects
            }
            (Ask::Quiz { .. } | Ask::Several { .. }, Key::Char(digit @ '1'..='9')) => {
                self.digit(ask, usize::from(digit as u8 - b'1'))
            }
            (Ask::Quiz { options }, Key::Enter) => self.say(Saying::NoSuchAnswer { options }, ask),
            (Ask::Several { chosen, .. }, Key::Enter) if chosen.is_empty() => {
                self.say(Saying::NothingChosen, ask)
            }
            (Ask::Several { chosen, .. }, Key::Enter) => self.answer(Given::Choices(chosen)),
            _ => self.say(Saying::UnknownKey, ask),
        }
    }

    fn say(&mut self, saying: Saying, ask: Ask) -> Vec<Effect> {
        let effect = self.ask(ask);
        vec![Effect::Say(saying), effect]
    }

    /// The speaker's notes of the step.
    fn note(&mut self, ask: Ask) -> Vec<Effect> {
        let mut effects: Vec<Effect> = (0..self.current().items.len())
            .filter(|at| {
                self.item_at(*at).is_some_and(|item| {
                    item.is_for(self.target) && matches!(item.kind, ItemKind::Note(_))
                })
            })
            .map(|at| Effect::Show(self.place(at)))
            .collect();
        if effects.is_empty() {
            effects.push(Effect::Say(Saying::NoNote));
        }
        effects.push(self.ask(ask));
        effects
    }

    fn run(&mut self, item: usize, again: Option<Ask>) -> Vec<Effect> {
        let place = self.place(item);
        self.busy(Busy::Running { item, again });
        vec![Effect::Run(place)]
    }

    fn run_again(&mut self, ask: Ask) -> Vec<Effect> {
        let Some(item) = self.last_run else {
            return self.say(Saying::NothingRun, ask);
        };
        if self.changes_things(item) {
            self.state = State::Confirming { beneath: ask, item };
            return vec![Effect::ConfirmAgain(self.place(item))];
        }
        let place = self.place(item);
        let mut effects = vec![Effect::ShowCommand(place)];
        effects.extend(self.run(item, Some(ask)));
        effects
    }

    /// Whether a command does more than look, by the verb of its operation.
    fn changes_things(&self, item: usize) -> bool {
        let Some(ItemKind::Command(command)) = self.item_at(item).map(|item| &item.kind) else {
            return false;
        };
        let operation = command
            .line
            .words
            .get(2)
            .map(|word| word.expand(&BTreeMap::new()))
            .unwrap_or_default();
        !["batch-get-", "describe-", "filter-", "get-", "list-"]
            .iter()
            .any(|verb| operation.starts_with(verb))
    }

    fn ran(&mut self, item: usize, again: Option<Ask>, ok: bool) -> Vec<Effect> {
        self.last_run = Some(item);
        if ok
            && let Some(ItemKind::Command(command)) = self.item_at(item).map(|item| &item.kind)
            && let Some(name) = command.line.assign.clone()
        {
            self.known.insert(name);
        }
        match again {
            None => self.settle(ok, Outcome::StepFailed),
            Some(ask) => match self.watch_after(item).filter(|_| ok) {
                Some(watch) => {
                    self.busy(Busy::Watching { again: Some(ask) });
                    vec![Effect::Watch(self.place(watch))]
                }
                None => self.ask_again(ask),
            },
        }
    }

    /// What watches the build that this command starts: the watch before the next command.
    fn watch_after(&self, command: usize) -> Option<usize> {
        (command + 1..self.current().items.len())
            .map_while(|at| match self.item_at(at).map(|item| &item.kind) {
                None | Some(ItemKind::Command(_)) => None,
                Some(ItemKind::Watch(_)) => Some((at, true)),
                Some(_) => Some((at, false)),
            })
            .find_map(|(at, is_watch)| is_watch.then_some(at))
    }

    /// Goes on after something went well, or asks what to do about a failure.
    fn settle(&mut self, ok: bool, failure: Outcome) -> Vec<Effect> {
        if ok {
            self.item += 1;
            let mut effects = vec![Effect::Save];
            effects.extend(self.advance());
            return effects;
        }
        if self.mode.asks() {
            let ask = match self.failed_exercise() {
                Some(_) => Ask::Unsolved,
                None => Ask::Failed,
            };
            return vec![self.ask(ask)];
        }
        self.state = State::Over;
        vec![Effect::Save, Effect::Finish(failure)]
    }

    /// Does again what failed. A build that ended otherwise than expected is started again.
    fn retry(&mut self) -> Vec<Effect> {
        let failed_watch = matches!(
            self.item_at(self.item).map(|item| &item.kind),
            Some(ItemKind::Watch(_))
        );
        if failed_watch {
            let command = (0..self.item).rev().find(|at| {
                matches!(
                    self.item_at(*at).map(|item| &item.kind),
                    Some(ItemKind::Command(_))
                )
            });
            self.item = command.unwrap_or(self.item);
        }
        // After a walk was resumed, what an earlier process found out is not known.
        let is_ready = self.item_at(self.item).is_some_and(|item| {
            matches!(item.kind, ItemKind::Command(_))
                && item
                    .variables()
                    .iter()
                    .all(|name| self.known.contains(*name))
        });
        if is_ready {
            let place = self.place(self.item);
            let mut effects = vec![Effect::ShowCommand(place)];
            effects.extend(self.run(self.item, None));
            return effects;
        }
        self.advance()
    }

    /// Comes back to a question: shows what it is about and asks it again.
    fn ask_again(&mut self, ask: Ask) -> Vec<Effect> {
        let place = self.place(self.item);
        let mut effects = match ask {
            Ask::Command => vec![Effect::ShowCommand(place)],
            Ask::Quiz { .. } | Ask::Several { .. } | Ask::Answer | Ask::Reveal => {
                vec![Effect::ShowQuiz(place)]
            }
            Ask::Exercise { .. } => vec![Effect::ShowExercise(place)],
            Ask::StepEnd | Ask::Failed | Ask::Unsolved | Ask::Proof { .. } | Ask::Type => {
                Vec::new()
            }
        };
        effects.push(self.ask(ask));
        effects
    }
}

#[cfg(test)]
mod learn_tests;
#[cfg(test)]
mod tests;
