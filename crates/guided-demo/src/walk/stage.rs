//! What a speaker needs: commands that are typed out before they run, the clock, a way out to a
//! shell, and a way on when something fails in front of the room.

use super::Ask;
use super::Busy;
use super::Effect;
use super::Key;
use super::Mode;
use super::Outcome;
use super::Saying;
use super::Walk;
use crate::script::ItemKind;

impl Mode {
    /// Whether a person is asked before things happen.
    pub(crate) const fn asks(self) -> bool {
        !matches!(self, Self::Auto)
    }

    /// Whether the screen is for a room, not for the person at the keyboard.
    pub(crate) const fn is_stage(self) -> bool {
        matches!(self, Self::Stage | Self::Rehearse)
    }
}

impl Walk {
    /// Takes the keys that a speaker has; `None` if the key is not one of them.
    pub(super) fn stage_key(&mut self, ask: Ask, key: Key) -> Option<Vec<Effect>> {
        let effects = match (ask, key) {
            (_, Key::Char('t')) => self.toggle(Effect::ToggleClock, ask),
            (_, Key::Char('b')) => {
                self.busy(Busy::Away { beneath: ask });
                vec![Effect::BreakOut]
            }
            (Ask::Type, Key::Enter) => {
                let typed = Effect::TypeCommand(self.place(self.item));
                vec![typed, self.ask(Ask::Command)]
            }
            (Ask::Reveal, Key::Enter) => {
                let item = self.item;
                let later = self.quiz_at(item).is_some_and(|quiz| quiz.reveal_later);
                self.item += 1;
                if later {
                    return Some(self.advance());
                }
                let mut effects = vec![Effect::Explain {
                    place: self.place(item),
                    given: None,
                }];
                effects.extend(self.offer_proof(item));
                effects
            }
            (Ask::Failed, Key::Char('f')) if self.mode.is_stage() => {
                self.busy(Busy::FallingBack);
                vec![Effect::FallBack]
            }
            (_, Key::Char('f')) if self.mode.is_stage() => self.say(Saying::NothingFailed, ask),
            // At a proof the same key proves.
            (ask, Key::Char('p')) if self.mode.is_stage() && !matches!(ask, Ask::Proof { .. }) => {
                self.prose(ask)
            }
            (_, Key::Char('k')) if self.mode.is_stage() => self.toggle(Effect::ToggleKeys, ask),
            _ => return None,
        };
        Some(effects)
    }

    fn toggle(&mut self, effect: Effect, ask: Ask) -> Vec<Effect> {
        vec![effect, self.ask(ask)]
    }

    /// The text of the step, which is not shown on stage otherwise.
    fn prose(&mut self, ask: Ask) -> Vec<Effect> {
        let mut effects: Vec<Effect> = self
            .current()
            .items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.is_for(self.target) && matches!(item.kind, ItemKind::Prose(_)))
            .map(|(at, _)| Effect::Show(self.place(at)))
            .collect();
        if effects.is_empty() {
            return self.say(Saying::NoProse, ask);
        }
        effects.extend(self.ask_again(ask));
        effects
    }

    /// Shows the step again after the person was in a shell, and asks what was asked before.
    pub(super) fn came_back(&mut self, beneath: Ask) -> Vec<Effect> {
        let mut effects = self.shown_so_far();
        effects.extend(self.ask_again(beneath));
        effects
    }

    /// The head of the step and, but for a room, what stands in it before the current item; nothing
    /// runs.
    pub(super) fn shown_so_far(&self) -> Vec<Effect> {
        let mut effects = vec![Effect::ShowStep { step: self.step }];
        if self.mode.is_stage() {
            return effects;
        }
        let done = self.item.min(self.current().items.len());
        for item in 0..done {
            if self.current().items[item].is_for(self.target) {
                effects.extend(self.glance(self.step, item));
            }
        }
        effects
    }

    /// Does again, on the recording, what failed.
    pub(super) fn fell_back(&mut self, ready: bool) -> Vec<Effect> {
        if ready {
            self.retry()
        } else {
            self.settle(false, Outcome::StepFailed)
        }
    }
}
