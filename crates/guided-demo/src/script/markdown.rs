//! Cuts Markdown into its top-level blocks, with their places in the file.

use std::ops::Range;

use pulldown_cmark::CodeBlockKind;
use pulldown_cmark::Event;
use pulldown_cmark::HeadingLevel;
use pulldown_cmark::Options;
use pulldown_cmark::Parser;
use pulldown_cmark::Tag;

/// The word of the fences that hold commands.
pub(crate) const CONSOLE: &str = "console";

/// A top-level block.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    pub(crate) span: Range<usize>,
}

impl Block {
    /// The same block, `by` bytes further on.
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.span = shift(&self.span, by);
        if let BlockKind::Fence(_, lines) = &mut self.kind {
            *lines = shift(lines, by);
        }
        self
    }

    /// Whether it holds commands.
    pub(crate) fn is_console(&self) -> bool {
        matches!(&self.kind, BlockKind::Fence(word, _) if word == CONSOLE)
    }
}

fn shift(range: &Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// What a block is, as far as scripts care.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum BlockKind {
    /// A heading: its level and its text.
    Heading(u8, String),
    /// A fence with the first word of its info string, and where its lines are.
    Fence(String, Range<usize>),
    /// An ordered list.
    OrderedList,
    /// Raw HTML.
    Html,
    /// Everything else.
    Text,
}

/// Something inside of another block that works only on its own.
#[derive(Debug)]
pub(crate) struct Nested {
    pub(crate) kind: NestedKind,
    pub(crate) span: Range<usize>,
}

/// What it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NestedKind {
    /// A directive.
    Directive,
    /// A `console` fence.
    Commands,
    /// `</details>`.
    DetailsEnd,
}

/// The Markdown that GitHub understands.
pub(crate) fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_GFM | Options::ENABLE_STRIKETHROUGH
}

/// All top-level blocks in order, and what stands where it cannot work.
pub(crate) fn blocks(source: &str) -> (Vec<Block>, Vec<Nested>) {
    let mut blocks = Vec::new();
    let mut nested = Vec::new();
    let mut depth = 0_usize;
    let mut open: Option<(BlockKind, Range<usize>)> = None;
    for (event, span) in Parser::new_ext(source, options()).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    open = Some((kind_of(&tag), span));
                } else if matches!(kind_of(&tag), BlockKind::Fence(word, _) if word == CONSOLE) {
                    nested.push(Nested {
                        kind: NestedKind::Commands,
                        span,
                    });
                }
                depth += 1;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if depth == 0
                    && let Some((kind, span)) = open.take()
                {
                    blocks.push(Block { kind, span });
                }
            }
            Event::Rule if depth == 0 => blocks.push(Block {
                kind: BlockKind::Text,
                span,
            }),
            Event::InlineHtml(html) => {
                nested.extend(nested_html(&html).map(|kind| Nested { kind, span }));
            }
            Event::Html(html) if depth > 1 => {
                nested.extend(nested_html(&html).map(|kind| Nested { kind, span }));
            }
            Event::Text(text) | Event::Code(text) => match &mut open {
                Some((BlockKind::Heading(_, title), _)) => title.push_str(&text),
                Some((BlockKind::Fence(_, lines), _)) => {
                    if lines.start == lines.end {
                        lines.start = span.start;
                    }
                    lines.end = span.end;
                }
                _ => {}
            },
            _ => {}
        }
    }
    (blocks, nested)
}

fn nested_html(html: &str) -> Option<NestedKind> {
    let html = html.trim();
    if html == "</details>" {
        return Some(NestedKind::DetailsEnd);
    }
    let inner = html.strip_prefix("<!--")?;
    inner
        .trim_start()
        .starts_with("demo:")
        .then_some(NestedKind::Directive)
}

fn kind_of(tag: &Tag<'_>) -> BlockKind {
    match tag {
        Tag::Heading { level, .. } => BlockKind::Heading(depth_of(*level), String::new()),
        Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
            let word = info.split_whitespace().next().unwrap_or("");
            BlockKind::Fence(word.to_owned(), 0..0)
        }
        Tag::List(Some(_)) => BlockKind::OrderedList,
        Tag::HtmlBlock => BlockKind::Html,
        _ => BlockKind::Text,
    }
}

fn depth_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// The items of the first list in `source`, without their numbers.
pub(crate) fn list_items(source: &str) -> Vec<String> {
    let mut items = Vec::new();
    let mut depth = 0_usize;
    for (event, span) in Parser::new_ext(source, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::List(_)) => depth += 1,
            Event::Start(Tag::Item) if depth == 1 => {
                let text = &source[span];
                let number = text
                    .find(|c: char| !c.is_ascii_digit())
                    .map_or(text, |at| &text[at..]);
                let text = number.trim_start_matches(['.', ')']).trim();
                let lines: Vec<&str> = text.lines().map(str::trim).collect();
                items.push(lines.join("\n"));
            }
            Event::End(pulldown_cmark::TagEnd::List(_)) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    items
}
