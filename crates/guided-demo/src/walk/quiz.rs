//! Questions: one answer, several, a free one, predictions, and proofs.

use super::Ask;
use super::Busy;
use super::Choices;
use super::Effect;
use super::Given;
use super::Place;
use super::Saying;
use super::Walk;
use crate::script::Answers;
use crate::script::ItemKind;
use crate::script::Quiz;
use crate::state::Answered;

impl Walk {
    pub(super) fn quiz_at(&self, item: usize) -> Option<&Quiz> {
        match &self.item_at(item)?.kind {
            ItemKind::Quiz(quiz) => Some(quiz),
            _ => None,
        }
    }

    /// How a question is asked.
    pub(super) fn ask_of(quiz: &Quiz) -> Ask {
        match &quiz.answers {
            Answers::Choice { options, right } if right.len() == 1 => Ask::Quiz {
                options: options.len(),
            },
            Answers::Choice { options, .. } => Ask::Several {
                options: options.len(),
                chosen: Choices::default(),
            },
            Answers::Text { .. } => Ask::Answer,
        }
    }

    /// Under which name an answer is kept: the question's own if it has one, so that it is found
    /// again when the script changes.
    fn answer_key(&self, item: usize) -> String {
        let id = self.quiz_at(item).and_then(|quiz| quiz.id.clone());
        id.unwrap_or_else(|| format!("{}/{item}", self.current().id))
    }

    /// A number was pressed at a question.
    pub(super) fn digit(&mut self, ask: Ask, option: usize) -> Vec<Effect> {
        match ask {
            Ask::Quiz { options } if option < options => self.answer(Given::one(option)),
            Ask::Several {
                options,
                mut chosen,
            } if option < options => {
                chosen.toggle(option);
                vec![self.ask(Ask::Several { options, chosen })]
            }
            Ask::Quiz { options } | Ask::Several { options, .. } => {
                self.say(Saying::NoSuchAnswer { options }, ask)
            }
            _ => self.say(Saying::UnknownKey, ask),
        }
    }

    /// Takes an answer. A prediction is noted, any other question explained.
    pub(super) fn answer(&mut self, given: Given) -> Vec<Effect> {
        let item = self.item;
        let key = self.answer_key(item);
        let mut later = false;
        if let Some(quiz) = self.quiz_at(item) {
            later = quiz.reveal_later;
            let answered = Answered {
                right: given.is_right(quiz),
                given: given.kept(),
            };
            // The first answer counts, also when the step is walked again.
            self.answers.entry(key).or_insert(answered);
        }
        self.said.insert(item, given.clone());
        self.item += 1;
        let mut effects = vec![Effect::Save];
        if later {
            effects.push(Effect::Say(Saying::Noted));
            effects.extend(self.advance());
            return effects;
        }
        effects.push(Effect::Explain {
            place: self.place(item),
            given: Some(given),
        });
        effects.extend(self.offer_proof(item));
        effects
    }

    /// Explains the predictions since the last time that predictions were explained.
    pub(super) fn reveal(&mut self) -> Vec<Effect> {
        let item = self.item;
        let mut effects: Vec<Effect> = self
            .predictions_before(item)
            .into_iter()
            .map(|at| Effect::Explain {
                place: self.place(at),
                given: self.said_at(at),
            })
            .collect();
        self.item += 1;
        effects.extend(self.offer_proof(item));
        effects
    }

    fn predictions_before(&self, reveal: usize) -> Vec<usize> {
        let mut items: Vec<usize> = (0..reveal)
            .rev()
            .take_while(|at| {
                !matches!(
                    self.item_at(*at).map(|item| &item.kind),
                    Some(ItemKind::Reveal)
                )
            })
            .filter(|at| {
                let is_here = self
                    .item_at(*at)
                    .is_some_and(|item| item.is_for(self.target));
                is_here && self.quiz_at(*at).is_some_and(|quiz| quiz.reveal_later)
            })
            .collect();
        items.reverse();
        items
    }

    /// What the student said; of an earlier process, what its progress tells.
    fn said_at(&self, item: usize) -> Option<Given> {
        self.said.get(&item).cloned().or_else(|| {
            let kept = self.answers.get(&self.answer_key(item))?;
            Given::read(&kept.given, self.quiz_at(item)?)
        })
    }

    /// The questions with a proof that were explained at an item.
    fn proofs_at(&self, item: usize) -> Vec<Place> {
        let explained = match self.item_at(item).map(|item| &item.kind) {
            Some(ItemKind::Reveal) => self.predictions_before(item),
            _ => vec![item],
        };
        explained
            .into_iter()
            .filter(|at| self.quiz_at(*at).is_some_and(|quiz| !quiz.proof.is_empty()))
            .map(|at| self.place(at))
            .collect()
    }

    /// Goes on; after an explanation that can be proved, once the student wants to.
    fn offer_proof(&mut self, item: usize) -> Vec<Effect> {
        if self.mode.asks() && !self.proofs_at(item).is_empty() {
            return vec![Effect::Save, self.ask(Ask::Proof { item })];
        }
        self.advance()
    }

    /// Runs the commands that show that an answer is right.
    pub(super) fn prove(&mut self, item: usize) -> Vec<Effect> {
        let places = self.proofs_at(item);
        self.busy(Busy::Proving { item });
        vec![Effect::Prove(places)]
    }
}
