//! Looking at other steps, and the list of steps: nothing in here runs anything.

use super::Ask;
use super::Effect;
use super::Key;
use super::Outcome;
use super::Saying;
use super::State;
use super::Walk;
use crate::script::ItemKind;

impl Walk {
    /// Looks at the step before or after the current one.
    pub(super) fn look_from(&mut self, ask: Ask, direction: isize) -> Vec<Effect> {
        self.look_at(ask, self.step.checked_add_signed(direction))
    }

    fn look_at(&mut self, beneath: Ask, step: Option<usize>) -> Vec<Effect> {
        let Some(at) = step.filter(|at| *at < self.script.steps.len()) else {
            let edge = if step.is_none() {
                Saying::FirstStep
            } else {
                Saying::LastStep
            };
            let ask = match self.state {
                State::Looking { .. } => Effect::AskLooking,
                _ => self.ask(beneath),
            };
            return vec![Effect::Say(edge), ask];
        };
        if at == self.step {
            return self.come_back(beneath);
        }
        let mut effects = vec![Effect::ShowLook { step: at }];
        for item in 0..self.script.steps[at].items.len() {
            if self.script.steps[at].items[item].is_for(self.target) {
                effects.extend(self.glance(at, item));
            }
        }
        effects.push(Effect::AskLooking);
        self.state = State::Looking { at, beneath };
        effects
    }

    /// Shows an item without doing anything.
    pub(super) fn glance(&self, step: usize, item: usize) -> Option<Effect> {
        let place = super::Place { step, item };
        if self.is_hidden(step, item) {
            return None;
        }
        match self.script.steps[step].items[item].kind {
            ItemKind::Prose(_) | ItemKind::Show(_) => Some(Effect::Show(place)),
            ItemKind::Command(_) => Some(Effect::ShowCommandOnly(place)),
            ItemKind::Quiz(_) => Some(Effect::ShowQuiz(place)),
            ItemKind::Exercise(_) => Some(Effect::ShowExercise(place)),
            _ => None,
        }
    }

    fn come_back(&mut self, beneath: Ask) -> Vec<Effect> {
        let mut effects = vec![Effect::ShowBack { step: self.step }];
        effects.extend(self.ask_again(beneath));
        effects
    }

    pub(super) fn look_key(&mut self, at: usize, beneath: Ask, key: Key) -> Vec<Effect> {
        match key {
            Key::Left => self.look_at(beneath, at.checked_sub(1)),
            Key::Right => self.look_at(beneath, Some(at + 1)),
            Key::Enter | Key::Escape => self.come_back(beneath),
            Key::Char('l') => {
                self.state = State::Choosing { beneath };
                vec![Effect::List { here: self.step }]
            }
            Key::Char('q') => {
                self.state = State::Over;
                vec![Effect::Save, Effect::Finish(Outcome::Quit)]
            }
            _ => vec![Effect::Say(Saying::OnlyLooking), Effect::AskLooking],
        }
    }

    /// A step that is done is looked at; one that is not is gone to.
    pub(super) fn chosen(&mut self, beneath: Ask, choice: Option<usize>) -> Vec<Effect> {
        match choice.filter(|step| *step < self.script.steps.len()) {
            None => self.come_back(beneath),
            Some(step) if step == self.step => self.come_back(beneath),
            Some(step) if self.done.contains(&self.script.steps[step].id) => {
                self.look_at(beneath, Some(step))
            }
            Some(step) => self.go_to(step),
        }
    }
}
