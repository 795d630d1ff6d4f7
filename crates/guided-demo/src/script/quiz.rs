//! A quiz as it is put together from the blocks after `demo:quiz`: the question, a numbered list of
//! answers unless the answer is free, and a `<details>` with the explanation.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Answers;
use super::Quiz;
use super::ShellLine;
use super::directive::Directive;
use super::directive::Spanned;
use super::error::Mistake;
use super::markdown::Block;
use super::markdown::BlockKind;
use super::markdown::list_items;

/// The tasks of the exam guide DOP-C02.
pub(crate) const EXAM_TASKS: [&str; 19] = [
    "1.1", "1.2", "1.3", "1.4", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3",
    "5.1", "5.2", "5.3", "6.1", "6.2", "6.3",
];

/// How many answers there can be to choose from: each has a digit.
const OPTIONS: std::ops::RangeInclusive<usize> = 2..=9;

/// A quiz of which some parts are still to come.
#[derive(Debug)]
pub(crate) struct QuizDraft {
    pub(crate) span: Range<usize>,
    id: Option<String>,
    task: Option<String>,
    pub(crate) reveal_later: bool,
    answer: Answer,
    question: Vec<String>,
    options: Vec<String>,
    /// It has mistakes that have been told, so that nothing comes of it.
    broken: bool,
}

/// What is right, as the directive says it.
#[derive(Debug)]
enum Answer {
    /// The numbers in the list, from 1, and where they stand.
    Numbers(BTreeSet<usize>, Range<usize>),
    /// A free answer.
    Text {
        answer: String,
        accept: regex::Regex,
    },
    /// It could not be read.
    Unknown,
}

/// What a draft makes of a block.
#[derive(Debug)]
pub(crate) enum Taken {
    /// It belongs to the quiz or exercise.
    Yes,
    /// It belongs to it and is wrong.
    Wrong(Mistake),
    /// It does not belong to it, which is therefore not complete.
    No,
}

impl QuizDraft {
    /// Begins a quiz; puts what is wrong with the directive into `mistakes`.
    pub(crate) fn begin(directive: &Directive, mistakes: &mut Vec<Mistake>) -> Self {
        let known = mistakes.len();
        let is_text = one_of(directive, "kind", &["text"], mistakes).is_some();
        let answer = match (directive.get("answer"), is_text) {
            (Some(answer), true) => free_answer(answer, directive.get("accept"), mistakes),
            (Some(answer), false) => {
                if let Some(accept) = directive.get("accept") {
                    mistakes.push(
                        Mistake::new(accept.span.clone(), "`accept` is for free answers alone")
                            .help("Add kind=text."),
                    );
                }
                numbers(answer, mistakes)
            }
            (None, _) => Answer::Unknown,
        };
        let task = exam_task(directive, mistakes);
        let reveal_later = one_of(directive, "reveal", &["later"], mistakes).is_some();
        Self {
            span: directive.span.clone(),
            id: directive.get("id").map(|id| id.text.clone()),
            task,
            reveal_later,
            broken: mistakes.len() > known,
            answer,
            question: Vec::new(),
            options: Vec::new(),
        }
    }

    /// The same quiz, of which nothing comes, so that what belongs to it is no mistake.
    pub(crate) fn broken(mut self) -> Self {
        self.broken = true;
        self
    }

    /// Takes a block that stands before the explanation.
    pub(crate) fn take(&mut self, block: &Block, text: &str) -> Taken {
        match block.kind {
            BlockKind::Text | BlockKind::Fence(..)
                if self.options.is_empty() && !block.is_console() =>
            {
                self.question.push(text.trim().to_owned());
                Taken::Yes
            }
            BlockKind::OrderedList if self.options.is_empty() => {
                self.options = list_items(text);
                match self.options_mistake(&block.span) {
                    Some(mistake) if !self.broken => {
                        self.broken = true;
                        Taken::Wrong(mistake)
                    }
                    _ => Taken::Yes,
                }
            }
            _ => Taken::No,
        }
    }

    fn options_mistake(&self, list: &Range<usize>) -> Option<Mistake> {
        let count = self.options.len();
        let (right, span) = match &self.answer {
            Answer::Numbers(right, span) => (right, span),
            Answer::Unknown => return None,
            Answer::Text { .. } => {
                return Some(
                    Mistake::new(list.clone(), "a free answer has no list to choose from")
                        .help("Leave the list or `kind=text` out."),
                );
            }
        };
        if !OPTIONS.contains(&count) {
            return Some(Mistake::new(
                list.clone(),
                format!("a quiz has two to nine answers, this one has {count}"),
            ));
        }
        let beyond = right.iter().find(|number| **number > count)?;
        Some(Mistake::new(
            span.clone(),
            format!("the right answer is {beyond}, but there are only {count} answers"),
        ))
    }

    /// Whether the explanation may come now.
    fn is_ready(&self) -> bool {
        match self.answer {
            Answer::Numbers(..) => !self.options.is_empty(),
            Answer::Text { .. } | Answer::Unknown => true,
        }
    }

    /// Ends the quiz with its explanation. `None` if its mistakes have been told before.
    pub(crate) fn explain(
        self,
        explanation: &str,
        proof: Vec<ShellLine>,
    ) -> Option<Result<Quiz, Mistake>> {
        if self.broken {
            return None;
        }
        if self.question.is_empty() {
            return Some(Err(Mistake::new(self.span, "the quiz has no question")
                .help(
                    "Write the question after the directive, before the answers.",
                )));
        }
        if !self.is_ready() {
            return self.unfinished().map(Err);
        }
        let answers = match self.answer {
            Answer::Numbers(right, _) => Answers::Choice {
                options: self.options,
                right: right.into_iter().map(|number| number - 1).collect(),
            },
            Answer::Text { answer, accept } => Answers::Text { answer, accept },
            Answer::Unknown => return None,
        };
        Some(Ok(Quiz {
            id: self.id,
            task: self.task,
            question: self.question.join("\n\n"),
            answers,
            explanation: explanation.to_owned(),
            proof,
            reveal_later: self.reveal_later,
        }))
    }

    /// What to say when something else comes before the quiz is complete.
    pub(crate) fn unfinished(&self) -> Option<Mistake> {
        if self.broken {
            return None;
        }
        let missing = match self.is_ready() {
            false => "a numbered list of answers",
            true => "its explanation",
        };
        Some(
            Mistake::new(self.span.clone(), format!("the quiz lacks {missing}")).help(
                "A quiz is: the directive, the question, a numbered list unless kind=text, and a \
                 `<details><summary>Answer</summary>` with the explanation. Nothing else stands in between.",
            ),
        )
    }
}

/// The value of a key that has to be one of these words.
pub(crate) fn one_of(
    directive: &Directive,
    key: &str,
    words: &[&str],
    mistakes: &mut Vec<Mistake>,
) -> Option<String> {
    let value = directive.get(key)?;
    if words.contains(&value.text.as_str()) {
        return Some(value.text.clone());
    }
    mistakes.push(
        Mistake::new(
            value.span.clone(),
            format!("`{key}` cannot be `{}`", value.text),
        )
        .meant(&value.text, words.iter().copied()),
    );
    None
}

fn exam_task(directive: &Directive, mistakes: &mut Vec<Mistake>) -> Option<String> {
    let task = directive.get("task")?;
    if EXAM_TASKS.contains(&task.text.as_str()) {
        return Some(task.text.clone());
    }
    mistakes.push(
        Mistake::new(
            task.span.clone(),
            format!("the exam guide has no task `{}`", task.text),
        )
        .help(format!("DOP-C02 has these: {}.", EXAM_TASKS.join(", "))),
    );
    None
}

fn numbers(answer: &Spanned, mistakes: &mut Vec<Mistake>) -> Answer {
    let mut right = BTreeSet::new();
    for word in answer.text.split(',') {
        let number = word.trim().parse().ok().filter(|n| (1..=9).contains(n));
        let Some(number) = number else {
            mistakes.push(
                Mistake::new(
                    answer.span.clone(),
                    "`answer` is not a number from 1 to 9",
                )
                .help("Give the number of the right answer in the list that follows, answer=2, or several, answer=1,3. A free answer has kind=text."),
            );
            return Answer::Unknown;
        };
        if !right.insert(number) {
            mistakes.push(Mistake::new(
                answer.span.clone(),
                format!("the answer {number} is given twice"),
            ));
            return Answer::Unknown;
        }
    }
    Answer::Numbers(right, answer.span.clone())
}

fn free_answer(answer: &Spanned, accept: Option<&Spanned>, mistakes: &mut Vec<Mistake>) -> Answer {
    let text = answer.text.trim();
    if text.is_empty() {
        mistakes.push(Mistake::new(answer.span.clone(), "the answer is empty"));
        return Answer::Unknown;
    }
    let others = accept.map_or("", |accept| accept.text.as_str());
    let span = accept.map_or(&answer.span, |accept| &accept.span);
    // By itself first, so that it cannot close the group that it is put into.
    let accept = regex::Regex::new(others).and_then(|_| {
        let own = regex::escape(text);
        let pattern = match others {
            "" => format!(r"(?i)^\s*(?:{own})\s*$"),
            others => format!(r"(?i)^\s*(?:{own}|{others})\s*$"),
        };
        regex::Regex::new(&pattern)
    });
    match accept {
        Ok(accept) => Answer::Text {
            answer: text.to_owned(),
            accept,
        },
        Err(error) => {
            mistakes.push(not_a_pattern(span.clone(), &error));
            Answer::Unknown
        }
    }
}

/// A regular expression that cannot be read, without the pattern itself, which stands there anyway.
pub(crate) fn not_a_pattern(span: Range<usize>, error: &regex::Error) -> Mistake {
    let text = error.to_string();
    let reason = text.lines().last().unwrap_or_default();
    let reason = reason.strip_prefix("error: ").unwrap_or(reason);
    Mistake::new(span, format!("not a regular expression: {reason}"))
}
