//! A quiz as it is put together from the blocks after `demo:quiz`: the question, a numbered list of
//! answers, and a `<details>` with the explanation.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Answers;
use super::Quiz;
use super::directive::Directive;
use super::error::Mistake;
use super::markdown::list_items;

/// A quiz of which some parts are still to come.
#[derive(Debug)]
pub(crate) struct QuizDraft {
    pub(crate) span: Range<usize>,
    answer: usize,
    answer_span: Range<usize>,
    question: Vec<String>,
    options: Vec<String>,
}

impl QuizDraft {
    /// Begins a quiz.
    pub(crate) fn begin(directive: &Directive) -> Result<Self, Mistake> {
        let span = directive.span.clone();
        let (text, answer_span) = directive.get("answer").map_or(("", span.clone()), |value| {
            (&value.text, value.span.clone())
        });
        let Some(answer) = text
            .parse::<usize>()
            .ok()
            .filter(|number| (1..=9).contains(number))
        else {
            let mistake = Mistake::new(answer_span, "`answer` is not a number from 1 to 9")
                .help("Give the number of the right answer in the list that follows: answer=2.");
            return Err(mistake);
        };
        Ok(Self {
            span,
            answer: answer - 1,
            answer_span,
            question: Vec::new(),
            options: Vec::new(),
        })
    }

    /// Whether the list of answers has been seen.
    pub(crate) fn has_options(&self) -> bool {
        !self.options.is_empty()
    }

    /// Adds a block of the question.
    pub(crate) fn ask(&mut self, text: &str) {
        self.question.push(text.trim().to_owned());
    }

    /// Adds the list of answers.
    pub(crate) fn offer(&mut self, list: &str, span: Range<usize>) -> Result<(), Mistake> {
        self.options = list_items(list);
        if !(2..=9).contains(&self.options.len()) {
            return Err(Mistake::new(
                span,
                format!(
                    "a quiz has two to nine answers, this one has {}",
                    self.options.len()
                ),
            ));
        }
        if self.answer >= self.options.len() {
            let message = format!(
                "the right answer is {}, but there are only {} answers",
                self.answer + 1,
                self.options.len()
            );
            return Err(Mistake::new(self.answer_span.clone(), message));
        }
        Ok(())
    }

    /// Ends the quiz with its explanation.
    pub(crate) fn explain(self, explanation: &str) -> Result<Quiz, Mistake> {
        if self.question.is_empty() {
            return Err(Mistake::new(self.span, "the quiz has no question")
                .help("Write the question between the directive and the list of answers."));
        }
        if self.options.is_empty() {
            return Err(self.unfinished());
        }
        Ok(Quiz {
            question: self.question.join("\n\n"),
            answers: Answers::Choice {
                options: self.options,
                right: BTreeSet::from([self.answer]),
            },
            id: None,
            task: None,
            proof: Vec::new(),
            reveal_later: false,
            explanation: explanation.trim().to_owned(),
        })
    }

    /// What to say when something else comes before the quiz is complete.
    pub(crate) fn unfinished(&self) -> Mistake {
        let missing = if self.options.is_empty() {
            "a numbered list of answers"
        } else {
            "its explanation"
        };
        Mistake::new(self.span.clone(), format!("the quiz lacks {missing}")).help(
            "A quiz is: the directive, the question, a numbered list, and a \
             `<details><summary>Answer</summary>` with the explanation.",
        )
    }
}
