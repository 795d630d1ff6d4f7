//! Passages that a key opens: hints, the way through the console, costs.

use super::Ask;
use super::Effect;
use super::Key;
use super::Saying;
use super::Walk;
use crate::script::Aside;
use crate::script::ItemKind;

/// Which passages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Passage {
    /// Nudges.
    Hint,
    /// One of the others.
    Aside(Aside),
}

/// What was opened last: the passages, from where, and how often.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Opened {
    passage: Passage,
    here: usize,
    times: usize,
}

impl Passage {
    /// What the key opens.
    pub(super) fn of(key: Key) -> Option<Self> {
        match key {
            Key::Char('h') => Some(Self::Hint),
            Key::Char('c') => Some(Self::Aside(Aside::Console)),
            Key::Char('$') => Some(Self::Aside(Aside::Cost)),
            _ => None,
        }
    }

    fn is(self, kind: &ItemKind) -> bool {
        match (self, kind) {
            (Self::Hint, ItemKind::Hint(_)) => true,
            (Self::Aside(wanted), ItemKind::Aside(found, _)) => wanted == *found,
            _ => false,
        }
    }
}

impl Walk {
    /// Whether the current step has such a passage.
    pub(crate) fn has_passage(&self, passage: Passage) -> bool {
        !self.passages(passage).is_empty()
    }

    fn passages(&self, passage: Passage) -> Vec<usize> {
        let items = self.current().items.iter().enumerate();
        items
            .filter(|(_, item)| item.is_for(self.target) && passage.is(&item.kind))
            .map(|(at, _)| at)
            .collect()
    }

    /// Shows the passage that belongs to where the student is; pressed again, the next one.
    pub(super) fn open_passage(&mut self, ask: Ask, passage: Passage) -> Vec<Effect> {
        let passages = self.passages(passage);
        if passages.is_empty() {
            return self.say(Saying::NoPassage(passage), ask);
        }
        let here = match ask {
            Ask::Proof { item } => item,
            _ => self.item,
        };
        let times = match self.opened {
            Some(opened) if opened.passage == passage && opened.here == here => opened.times + 1,
            _ => 0,
        };
        self.opened = Some(Opened {
            passage,
            here,
            times,
        });
        let first = self.nearest(&passages, here);
        let place = self.place(passages[(first + times) % passages.len()]);
        let effect = self.ask(ask);
        vec![Effect::Show(place), effect]
    }

    /// Which of the passages belongs to where the student is; else the last one before.
    fn nearest(&self, passages: &[usize], here: usize) -> usize {
        let doing = self.doing(here);
        passages
            .iter()
            .position(|at| doing.is_some() && self.owner(*at) == doing)
            .or_else(|| passages.iter().rposition(|at| *at < here))
            .unwrap_or(0)
    }

    /// What is done at an item: itself, or what was done last before it, or what comes first.
    fn doing(&self, here: usize) -> Option<usize> {
        let end = (here + 1).min(self.current().items.len());
        let before = (0..end).rev().find(|at| self.is_doing(*at));
        before.or_else(|| (end..self.current().items.len()).find(|at| self.is_doing(*at)))
    }

    /// What a passage belongs to: the question or exercise that it stands in, else what comes before
    /// it. The parser puts the passages of a question directly before it.
    fn owner(&self, passage: usize) -> Option<usize> {
        let items = &self.current().items;
        let next = (passage + 1..items.len()).find(|at| {
            !matches!(
                items[*at].kind,
                ItemKind::Hint(_) | ItemKind::Aside(..) | ItemKind::Note(_)
            )
        });
        let asks =
            |at: &usize| matches!(items[*at].kind, ItemKind::Quiz(_) | ItemKind::Exercise(_));
        next.filter(asks).or_else(|| self.doing(passage))
    }

    fn is_doing(&self, at: usize) -> bool {
        match &self.current().items[at].kind {
            ItemKind::Command(command) => !command.solution,
            ItemKind::Quiz(_) | ItemKind::Exercise(_) => true,
            _ => false,
        }
    }
}
