//! The score by domain of the exam guide.

use std::collections::BTreeMap;

use super::bank::Bank;
use super::schedule::Card;
use crate::exam_guide::DOMAINS;
use crate::exam_guide::Domain;

/// How a domain stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct DomainScore {
    pub(crate) domain: &'static Domain,
    /// How many questions there are.
    pub(crate) questions: usize,
    /// How many of them were answered.
    pub(crate) answered: usize,
    /// How many of these were right the last time.
    pub(crate) right: usize,
}

/// How a person stands.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Score {
    /// In the order of the exam guide.
    pub(crate) domains: Vec<DomainScore>,
}

impl Score {
    /// Counts the last answer to each question.
    pub(crate) fn new(bank: &Bank, cards: &BTreeMap<String, Card>) -> Self {
        let mut domains: Vec<DomainScore> = DOMAINS
            .iter()
            .map(|domain| DomainScore {
                domain,
                questions: 0,
                answered: 0,
                right: 0,
            })
            .collect();
        for question in &bank.questions {
            let Some(score) = domains
                .iter_mut()
                .find(|score| question.domain() == Some(score.domain))
            else {
                continue;
            };
            score.questions += 1;
            if let Some(card) = cards.get(&question.name) {
                score.answered += 1;
                score.right += usize::from(card.last_right);
            }
        }
        Self { domains }
    }

    /// How many questions were answered.
    pub(crate) fn answered(&self) -> usize {
        self.domains.iter().map(|score| score.answered).sum()
    }

    /// The share of right answers in per cent, each domain counted as the exam counts it; domains
    /// without an answer are left out. `None` before the first answer.
    pub(crate) fn weighted(&self) -> Option<u32> {
        let mut sum = 0.0;
        let mut weights = 0.0;
        for score in &self.domains {
            if score.answered > 0 {
                let weight = f64::from(score.domain.weight);
                weights += weight;
                sum += weight * ratio(score.right, score.answered);
            }
        }
        (weights > 0.0).then(|| per_cent(sum / weights))
    }
}

impl DomainScore {
    /// The share of right answers in per cent; `None` before the first answer.
    pub(crate) fn per_cent(&self) -> Option<u32> {
        (self.answered > 0).then(|| per_cent(ratio(self.right, self.answered)))
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    let part = u32::try_from(part).unwrap_or(u32::MAX);
    let whole = u32::try_from(whole).unwrap_or(u32::MAX);
    f64::from(part) / f64::from(whole)
}

fn per_cent(ratio: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a ratio between 0 and 1"
    )]
    let rounded = (ratio * 100.0).round() as u32;
    rounded
}
