//! What a student answers to a question.

use std::fmt;

use crate::script::Answers;
use crate::script::Quiz;

/// Options that are chosen, by their numbers from 0: a set that is small enough to be copied.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Choices(u16);

impl Choices {
    /// One option alone.
    pub(crate) fn one(option: usize) -> Self {
        let mut choices = Self::default();
        choices.toggle(option);
        choices
    }

    /// Chooses an option, or takes the choice back.
    pub(crate) fn toggle(&mut self, option: usize) {
        if option < 16 {
            self.0 ^= 1 << option;
        }
    }

    /// Whether the option is chosen.
    pub(crate) fn contains(self, option: usize) -> bool {
        option < 16 && self.0 & (1 << option) != 0
    }

    /// Whether none is chosen.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The chosen options in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        (0..16).filter(move |option| self.contains(*option))
    }
}

impl fmt::Display for Choices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.iter().map(|at| (at + 1).to_string()).collect();
        match numbers.split_last() {
            Some((last, [])) => f.write_str(last),
            Some((last, others)) => write!(f, "{} and {last}", others.join(", ")),
            None => f.write_str("none"),
        }
    }
}

/// An answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Given {
    /// Options.
    Choices(Choices),
    /// A free answer.
    Text(String),
}

impl Given {
    /// One option, counted from 0.
    pub(crate) fn one(option: usize) -> Self {
        Self::Choices(Choices::one(option))
    }

    /// Whether it is the right answer.
    pub(crate) fn is_right(&self, quiz: &Quiz) -> bool {
        match (self, &quiz.answers) {
            (Self::Choices(chosen), Answers::Choice { right, .. }) => {
                chosen.iter().eq(right.iter().copied())
            }
            (Self::Text(text), Answers::Text { accept, .. }) => accept.is_match(text.trim()),
            _ => false,
        }
    }

    /// For the file of progress: `1,3`, or the text.
    pub(crate) fn kept(&self) -> String {
        match self {
            Self::Choices(choices) => {
                let numbers: Vec<String> = choices.iter().map(|at| (at + 1).to_string()).collect();
                numbers.join(",")
            }
            Self::Text(text) => text.clone(),
        }
    }

    /// What [`Given::kept`] has written, if it fits the question.
    pub(crate) fn read(kept: &str, quiz: &Quiz) -> Option<Self> {
        let Answers::Choice { options, .. } = &quiz.answers else {
            return (!kept.is_empty()).then(|| Self::Text(kept.to_owned()));
        };
        let mut choices = Choices::default();
        for number in kept.split(',') {
            let number: usize = number.parse().ok()?;
            if !(1..=options.len()).contains(&number) {
                return None;
            }
            choices.toggle(number - 1);
        }
        Some(Self::Choices(choices))
    }
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choices(choices) => choices.fmt(f),
            Self::Text(text) => write!(f, "“{text}”"),
        }
    }
}
