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

    /// Which of the passages belongs to an item: the one behind it, unless something else that is
    /// done comes first; else the last one before it.
    fn nearest(&self, passages: &[usize], here: usize) -> usize {
        let is_done_here = |at: usize| match &self.current().items[at].kind {
            ItemKind::Command(command) => !command.solution,
            ItemKind::Quiz(_) | ItemKind::Exercise(_) => true,
            _ => false,
        };
        let behind = passages.iter().position(|at| *at > here);
        if let Some(behind) = behind
            && !(here + 1..passages[behind]).any(is_done_here)
        {
            return behind;
        }
        passages.iter().rposition(|at| *at < here).unwrap_or(0)
    }
}
