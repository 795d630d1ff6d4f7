//! An exercise as it is put together from the blocks after `demo:exercise`: the task, and a
//! `<details>` with the solution.

use std::ops::Range;

use super::Exercise;
use super::Judge;
use super::directive::Directive;
use super::error::Mistake;
use super::markdown::Block;
use super::markdown::BlockKind;
use super::quiz::Taken;
use super::quiz::one_of;

/// An exercise whose solution is still to come.
#[derive(Debug)]
pub(crate) struct ExerciseDraft {
    pub(crate) span: Range<usize>,
    title: String,
    pub(crate) judge: Judge,
    task: Vec<String>,
    /// It has mistakes that have been told, so that nothing comes of it.
    broken: bool,
}

impl ExerciseDraft {
    /// Begins an exercise; puts what is wrong with the directive into `mistakes`.
    pub(crate) fn begin(directive: &Directive, mistakes: &mut Vec<Mistake>) -> Self {
        let known = mistakes.len();
        let by = one_of(directive, "by", &["output", "check"], mistakes);
        Self {
            span: directive.span.clone(),
            title: directive
                .get("title")
                .map_or_else(String::new, |title| title.text.clone()),
            judge: match by.as_deref() {
                Some("check") => Judge::Check,
                _ => Judge::Output,
            },
            task: Vec::new(),
            broken: mistakes.len() > known,
        }
    }

    /// The same exercise, of which nothing comes but the commands of its solution.
    pub(crate) fn broken(mut self) -> Self {
        self.broken = true;
        self
    }

    /// Whether its mistakes have been told before.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Takes a block that stands before the solution.
    pub(crate) fn take(&mut self, block: &Block, text: &str) -> Taken {
        match block.kind {
            BlockKind::Text | BlockKind::OrderedList | BlockKind::Fence(..)
                if !block.is_console() =>
            {
                self.task.push(text.trim().to_owned());
                Taken::Yes
            }
            _ => Taken::No,
        }
    }

    /// Ends the exercise; the number of its commands is put in when they are known.
    pub(crate) fn solve(self, explanation: String) -> Result<Exercise, Mistake> {
        if self.task.is_empty() {
            return Err(Mistake::new(self.span, "the exercise has no task")
                .help("Write what to do after the directive, before the solution."));
        }
        Ok(Exercise {
            title: self.title,
            task: self.task.join("\n\n"),
            judge: self.judge,
            commands: 0,
            explanation,
        })
    }

    /// What to say when something else comes before the exercise is complete.
    pub(crate) fn unfinished(&self) -> Option<Mistake> {
        if self.broken {
            return None;
        }
        Some(
            Mistake::new(self.span.clone(), "the exercise lacks its solution").help(
                "An exercise is: the directive, the task, and a \
                 `<details><summary>Solution</summary>` with a `console` fence. Nothing else stands in between.",
            ),
        )
    }
}
