//! What stands in `<details>`: hints, passages of their own, answers and solutions.

use std::ops::Range;

use super::Item;
use super::ItemKind;
use super::Judge;
use super::details::Details;
use super::details::Summary;
use super::directive;
use super::error::Mistake;
use super::exercise::ExerciseDraft;
use super::markdown::Block;
use super::markdown::BlockKind;
use super::mention::Mentioned;
use super::mention::Role;
use super::parse::Draft;
use super::parse::Parser;

impl Parser {
    /// Begins a `<details>`.
    pub(super) fn open_details(&mut self, text: &str, span: Range<usize>) {
        let details = Details::open(text.trim_end(), span.clone(), &mut self.mistakes);
        if matches!(
            (&self.draft, details.summary),
            (Some(Draft::Quiz(_)), Some(Summary::Solution))
                | (Some(Draft::Exercise(_)), Some(Summary::Answer))
        ) {
            self.give_up_draft();
        }
        if text.contains("</details>") {
            self.mistakes
                .retain(|mistake| mistake.span.start < span.start);
            self.mistakes.push(
                Mistake::new(span, "this `<details>` is closed in the block that opens it")
                    .help("Leave an empty line after `</summary>` and before `</details>`: without them the content is not Markdown."),
            );
            self.draft = None;
            self.forgiven = true;
        } else {
            self.details = Some(details);
        }
    }

    /// Ends a `<details>`: what stands in it goes to where its summary says.
    pub(super) fn close_details(&mut self, details: Details) {
        let body = self.sources.text(details.content()).trim().to_owned();
        if body.is_empty() {
            self.mistakes.push(Mistake::new(
                details.span.clone(),
                "nothing stands in this `<details>`",
            ));
        }
        if details.summary != Some(Summary::Solution) {
            self.no_directives_in(&details);
        }
        match details.summary {
            Some(Summary::Hint) => self.push(ItemKind::Hint(body), details.span),
            Some(Summary::Aside(aside)) => self.push(ItemKind::Aside(aside, body), details.span),
            Some(Summary::Answer) => self.answer(&details, &body),
            Some(Summary::Solution) => self.solution(details),
            // That has been told. What was due may have been meant.
            None => {
                self.forgiven = self.draft.take().is_some();
            }
        }
    }

    fn no_directives_in(&mut self, details: &Details) {
        for block in &details.blocks {
            let text = self.text(&block.span);
            if block.kind != BlockKind::Html || directive::read(text.trim(), 0).is_none() {
                continue;
            }
            self.mistakes.push(
                Mistake::new(block.span.clone(), "a directive inside of `<details>`")
                    .help("Put it behind `</details>`."),
            );
        }
    }

    fn answer(&mut self, details: &Details, body: &str) {
        let Some(Draft::Quiz(quiz)) = self.draft.take() else {
            if !std::mem::take(&mut self.forgiven) {
                self.mistakes.push(
                    Mistake::new(details.span.clone(), "an answer without a question")
                        .help("Write `<!-- demo:quiz answer=N -->`, the question and a numbered list before it."),
                );
            }
            return;
        };
        let mut proof = Vec::new();
        for block in &details.blocks {
            let BlockKind::Fence(_, lines) = &block.kind else {
                continue;
            };
            if !block.is_console() {
                continue;
            }
            for (line, span) in self.lines(lines, &block.span) {
                self.mention(span, Mentioned::Line(Role::Proof, line.clone()));
                proof.push(line);
            }
        }
        let (span, reveal_later) = (quiz.span.clone(), quiz.reveal_later);
        match quiz.explain(body, proof) {
            None => {}
            Some(Err(mistake)) => self.mistakes.push(mistake),
            Some(Ok(quiz)) => {
                if reveal_later {
                    self.predictions.push(span.clone());
                }
                self.push(ItemKind::Quiz(quiz), span);
            }
        }
    }

    fn solution(&mut self, details: Details) {
        let draft = match self.draft.take() {
            Some(Draft::Exercise(exercise)) => Some(exercise),
            _ => None,
        };
        let is_told = std::mem::take(&mut self.forgiven)
            || draft.as_ref().is_some_and(ExerciseDraft::is_broken);
        if draft.is_none() && !is_told {
            self.mistakes.push(
                Mistake::new(details.span.clone(), "a solution without an exercise")
                    .help("Write `<!-- demo:exercise title=\"…\" -->` and the task before it."),
            );
        }
        let judge = draft.as_ref().map(|draft| draft.judge);
        let mut explanation = Vec::new();
        for block in &details.blocks {
            if !block.is_console() && block.kind != BlockKind::Html {
                explanation.push(self.text(&block.span).trim().to_owned());
            }
        }
        if let Some(draft) = draft {
            let span = draft.span.clone();
            match draft.solve(explanation.join("\n\n")) {
                Ok(exercise) => self.push(ItemKind::Exercise(exercise), span.clone()),
                Err(mistake) => self.mistakes.push(mistake),
            }
            self.check_due = (judge == Some(Judge::Check)).then_some(span);
        }
        let before = self.item_count();
        let mut has_commands = false;
        for block in &details.blocks {
            match &block.kind {
                BlockKind::Fence(_, lines) if block.is_console() => {
                    has_commands = true;
                    self.commands(lines, &block.span, true);
                }
                BlockKind::Html => self.comment_in_solution(block),
                _ => {}
            }
        }
        if !has_commands && !is_told {
            self.mistakes.push(
                Mistake::new(details.span.clone(), "a solution without a command")
                    .help("Put the commands into a `console` fence."),
            );
        }
        self.end_solution(before, judge == Some(Judge::Output) && !is_told);
    }

    /// A comment in a solution: of the directives, those about the next command may stand there.
    fn comment_in_solution(&mut self, block: &Block) {
        let text = self.text(&block.span);
        let trimmed = text.trim();
        let reading = directive::read(trimmed, block.span.start);
        let name = reading.and_then(|reading| Some(reading.directive?.name));
        match name {
            Some("cleanup" | "expect-failure") => self.comment(trimmed, block.span.start),
            Some(name) => self.mistakes.push(
                Mistake::new(
                    block.span.clone(),
                    format!("`demo:{name}` inside of a solution"),
                )
                .help("Only `demo:cleanup` and `demo:expect-failure` stand there. Put it behind `</details>`."),
            ),
            None => self.comment(trimmed, block.span.start),
        }
    }

    /// Tells the exercise how many commands its solution has; looks at the last of them.
    fn end_solution(&mut self, before: usize, prints: bool) {
        let Some(step) = self.script.steps.last_mut() else {
            return;
        };
        let count = step.items.len().saturating_sub(before);
        if let Some(Item {
            kind: ItemKind::Exercise(exercise),
            ..
        }) = before.checked_sub(1).and_then(|at| step.items.get_mut(at))
        {
            exercise.commands = count;
        }
        if let Some(Item {
            kind: ItemKind::Command(last),
            ..
        }) = step.items.last()
            && prints
            && count > 0
            && (last.line.assign.is_some()
                || last.line.redirect.is_some()
                || last.expect_failure.is_some())
        {
            self.mistakes.push(
                Mistake::new(last.span.clone(), "the solution's last command prints nothing to compare with")
                    .help("The student's output is compared with it. End with a command that prints, or let a check decide: by=check."),
            );
        }
    }

    fn item_count(&self) -> usize {
        self.script.steps.last().map_or(0, |step| step.items.len())
    }
}
