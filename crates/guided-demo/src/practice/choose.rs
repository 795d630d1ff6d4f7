//! Which questions to ask now.

use std::collections::BTreeMap;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;

use jiff::Timestamp;

use super::bank::Bank;
use super::bank::Question;
use super::schedule::Card;

/// What the person wants to practise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// Of this domain of the exam guide only.
    pub(crate) domain: Option<u8>,
    /// Of this task only, such as `1.2`.
    pub(crate) task: Option<String>,
    /// Of this demo only.
    pub(crate) demo: Option<String>,
    /// Also those whose time has not come.
    pub(crate) all: bool,
    /// At most so many.
    pub(crate) count: usize,
}

impl Choice {
    fn wants(&self, question: &Question) -> bool {
        let domain = question.domain().map(|domain| domain.number);
        let demo = question.name.split('/').next();
        self.domain.is_none_or(|wanted| domain == Some(wanted))
            && self
                .task
                .as_ref()
                .is_none_or(|task| question.quiz.task.as_ref() == Some(task))
            && self
                .demo
                .as_deref()
                .is_none_or(|wanted| demo == Some(wanted))
    }
}

/// The questions to ask now: those that went wrong and are due, others that are due, new ones in an
/// order that differs from sitting to sitting, and the rest if it is wanted.
pub(crate) fn choose<'a>(
    bank: &'a Bank,
    cards: &BTreeMap<String, Card>,
    choice: &Choice,
    now: Timestamp,
) -> Vec<&'a Question> {
    let sitting: u32 = cards.values().map(|card| card.answered).sum();
    let mut ranked: Vec<((u8, Timestamp, u64), &Question)> = bank
        .questions
        .iter()
        .filter(|question| choice.wants(question))
        .filter_map(|question| {
            let rank = match cards.get(&question.name) {
                Some(card) if card.is_due(now) && !card.last_right => (0, card.due, 0),
                Some(card) if card.is_due(now) => (1, card.due, 0),
                None => (2, now, shuffled(&question.name, sitting)),
                Some(card) if choice.all => (3, card.due, 0),
                Some(_) => return None,
            };
            Some((rank, question))
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked
        .into_iter()
        .map(|(_, question)| question)
        .take(choice.count)
        .collect()
}

/// A place in an order that looks random and is the same for the same sitting.
fn shuffled(name: &str, sitting: u32) -> u64 {
    let mut hasher = DefaultHasher::new();
    (sitting, name).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use jiff::SignedDuration;
    use jiff::Timestamp;

    use super::Choice;
    use super::choose;
    use crate::practice::Card;
    use crate::practice::bank::Bank;
    use crate::script::Answers;
    use crate::script::Quiz;

    pub(crate) fn bank(questions: &[(&str, &str)]) -> Bank {
        let questions = questions
            .iter()
            .map(|(name, task)| crate::practice::bank::Question {
                name: (*name).to_owned(),
                quiz: Quiz {
                    id: Path::new(name)
                        .file_name()
                        .map(|id| id.to_string_lossy().into_owned()),
                    task: Some((*task).to_owned()),
                    question: String::new(),
                    answers: Answers::Choice {
                        options: vec!["a".to_owned(), "b".to_owned()],
                        right: [1].into(),
                    },
                    explanation: String::new(),
                    proof: Vec::new(),
                    reveal_later: false,
                },
            })
            .collect();
        Bank { questions }
    }

    fn names(
        bank: &Bank,
        cards: &BTreeMap<String, Card>,
        choice: &Choice,
        hours: i64,
    ) -> Vec<String> {
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        choose(bank, cards, choice, now)
            .into_iter()
            .map(|question| question.name.clone())
            .collect()
    }

    #[test]
    fn what_went_wrong_comes_first_then_what_is_due_then_what_is_new() {
        let bank = bank(&[
            ("d/known", "1.1"),
            ("d/new", "1.1"),
            ("d/wrong", "1.1"),
            ("d/due", "1.1"),
        ]);
        let begin = Timestamp::UNIX_EPOCH;
        let later = begin + SignedDuration::from_hours(90);
        let cards = BTreeMap::from([
            ("d/known".to_owned(), Card::after(None, true, later)),
            ("d/wrong".to_owned(), Card::after(None, false, later)),
            ("d/due".to_owned(), Card::after(None, true, begin)),
            ("gone/x".to_owned(), Card::after(None, false, begin)),
        ]);
        let mut choice = Choice {
            count: 10,
            ..Choice::default()
        };
        assert_eq!(
            names(&bank, &cards, &choice, 100),
            ["d/wrong", "d/due", "d/new"]
        );
        choice.all = true;
        assert_eq!(
            names(&bank, &cards, &choice, 100),
            ["d/wrong", "d/due", "d/new", "d/known"]
        );
        choice.count = 1;
        assert_eq!(names(&bank, &cards, &choice, 100), ["d/wrong"]);
    }

    #[test]
    fn a_domain_a_task_and_a_demo_narrow_the_choice() {
        let bank = bank(&[("a/x", "1.1"), ("a/y", "1.2"), ("b/z", "6.2")]);
        let cards = BTreeMap::new();
        let choice = |domain, task: Option<&str>, demo: Option<&str>| Choice {
            domain,
            task: task.map(str::to_owned),
            demo: demo.map(str::to_owned),
            count: 10,
            ..Choice::default()
        };
        assert_eq!(
            names(&bank, &cards, &choice(Some(6), None, None), 0),
            ["b/z"]
        );
        assert_eq!(
            names(&bank, &cards, &choice(None, Some("1.2"), None), 0),
            ["a/y"]
        );
        assert_eq!(
            names(&bank, &cards, &choice(Some(1), None, Some("a")), 0).len(),
            2
        );
    }

    #[test]
    fn new_questions_come_in_another_order_at_the_next_sitting() {
        let many: Vec<String> = (0..20).map(|n| format!("d/{n}")).collect();
        let pairs: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "1.1")).collect();
        let mut bank = bank(&pairs);
        let choice = Choice {
            count: 20,
            ..Choice::default()
        };
        let first = names(&bank, &BTreeMap::new(), &choice, 0);
        assert_eq!(first, names(&bank, &BTreeMap::new(), &choice, 5));
        let cards = BTreeMap::from([(
            "d/0".to_owned(),
            Card::after(None, true, Timestamp::UNIX_EPOCH),
        )]);
        bank.questions.remove(0);
        let second = names(&bank, &cards, &choice, 0);
        let first: Vec<String> = first.into_iter().filter(|name| name != "d/0").collect();
        assert_ne!(first, second);
    }
}
