//! `<details>`: passages that GitHub folds and the walk shows on a key.

use std::ops::Range;

use super::Aside;
use super::error::Mistake;
use super::markdown::Block;

/// What a `<details>` is, by its summary.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Summary {
    Hint,
    Answer,
    Solution,
    Aside(Aside),
}

impl Summary {
    const ALL: [Self; 5] = [
        Self::Hint,
        Self::Answer,
        Self::Solution,
        Self::Aside(Aside::Console),
        Self::Aside(Aside::Cost),
    ];

    /// What stands in `<summary>`.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Hint => "Hint",
            Self::Answer => "Answer",
            Self::Solution => "Solution",
            Self::Aside(aside) => aside.title(),
        }
    }
}

/// A `<details>` that is not closed yet.
#[derive(Debug)]
pub(crate) struct Details {
    /// `None` if the summary is none that we know; that has been told.
    pub(crate) summary: Option<Summary>,
    /// Where it is opened.
    pub(crate) span: Range<usize>,
    /// Its content so far.
    pub(crate) blocks: Vec<Block>,
}

impl Details {
    /// Reads the HTML that opens it.
    pub(crate) fn open(html: &str, span: Range<usize>, mistakes: &mut Vec<Mistake>) -> Self {
        let mut details = Self {
            summary: None,
            span: span.clone(),
            blocks: Vec::new(),
        };
        let titles = || Summary::ALL.into_iter().map(Summary::title);
        let found = html.find("<summary>").and_then(|begin| {
            let begin = begin + "<summary>".len();
            let length = html[begin..].find("</summary>")?;
            Some(begin..begin + length)
        });
        let Some(inside) = found else {
            mistakes.push(
                Mistake::new(span, "this `<details>` has no `<summary>` beside it")
                    .help("Write `<details><summary>Hint</summary>` on one line."),
            );
            return details;
        };
        let title = html[inside.clone()].trim();
        details.summary = Summary::ALL
            .into_iter()
            .find(|summary| summary.title() == title);
        if details.summary.is_none() {
            let place = span.start + inside.start..span.start + inside.end;
            mistakes.push(
                Mistake::new(place, format!("there is no passage `{title}`"))
                    .meant(title, titles()),
            );
        }
        let rest = &html[inside.end + "</summary>".len()..];
        if !rest.trim().is_empty() {
            let at = span.start + html.len() - rest.trim_start().len();
            mistakes.push(
                Mistake::new(at..at + rest.trim().len(), "there is text directly behind `</summary>`")
                    .help("Leave an empty line after `</summary>`: without it the content is not Markdown."),
            );
        }
        details
    }

    /// Where the content stands.
    pub(crate) fn content(&self) -> Range<usize> {
        match (self.blocks.first(), self.blocks.last()) {
            (Some(first), Some(last)) => first.span.start..last.span.end,
            _ => self.span.end..self.span.end,
        }
    }
}
