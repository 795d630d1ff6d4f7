//! When a question is asked again: the boxes of Leitner's card index. A right answer moves a card
//! one box up, where it rests longer; any other moves it back to the first.

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// How long a card rests in each box. The first is for questions that went wrong: they come again
/// in the same sitting.
const RESTS: [SignedDuration; 6] = [
    SignedDuration::from_mins(10),
    SignedDuration::from_hours(24),
    SignedDuration::from_hours(3 * 24),
    SignedDuration::from_hours(7 * 24),
    SignedDuration::from_hours(21 * 24),
    SignedDuration::from_hours(60 * 24),
];

/// What is known of one question.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Card {
    /// The box that it is in, from 0.
    pub(crate) rest: usize,
    /// When it is time to ask again.
    pub(crate) due: Timestamp,
    /// How many times it was answered.
    pub(crate) answered: u32,
    /// How many of these were right.
    pub(crate) right: u32,
    /// Whether the last answer was right.
    pub(crate) last_right: bool,
    /// When it was answered last.
    pub(crate) last: Timestamp,
}

impl Card {
    /// The card after an answer; `before` is `None` at the first.
    pub(crate) fn after(before: Option<&Self>, right: bool, now: Timestamp) -> Self {
        let rest = match (before, right) {
            (_, false) => 0,
            (None, true) => 2,
            (Some(card), true) => (card.rest + 1).min(RESTS.len() - 1),
        };
        Self {
            rest,
            due: now.saturating_add(RESTS[rest]).unwrap_or(Timestamp::MAX),
            answered: before.map_or(0, |card| card.answered).saturating_add(1),
            right: before
                .map_or(0, |card| card.right)
                .saturating_add(u32::from(right)),
            last_right: right,
            last: now,
        }
    }

    /// Whether it is time to ask again.
    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        self.due <= now
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::Timestamp;

    use super::Card;

    fn hours(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours)
    }

    #[test]
    fn a_wrong_answer_comes_again_in_the_same_sitting_and_right_ones_later_and_later() {
        let first = Card::after(None, false, hours(0));
        assert!(first.is_due(hours(1)) && !first.last_right);
        let mut card = first;
        let mut rests = Vec::new();
        for _ in 0..7 {
            let now = card.due;
            card = Card::after(Some(&card), true, now);
            rests.push(card.due.duration_since(now).as_hours() / 24);
        }
        assert_eq!(rests, [1, 3, 7, 21, 60, 60, 60]);
        assert_eq!((card.answered, card.right), (8, 7));
        assert_eq!(Card::after(Some(&card), false, card.due).rest, 0);
    }

    #[test]
    fn what_was_known_at_once_is_asked_again_after_three_days() {
        let card = Card::after(None, true, hours(0));
        assert!(!card.is_due(hours(71)) && card.is_due(hours(72)));
    }

    #[test]
    fn the_end_of_time_is_no_trouble() {
        assert_eq!(Card::after(None, true, Timestamp::MAX).due, Timestamp::MAX);
    }
}
