//! Markdown on a terminal: wrapped to its width, indented, coloured.

use pulldown_cmark::BlockQuoteKind;
use pulldown_cmark::CodeBlockKind;
use pulldown_cmark::Event;
use pulldown_cmark::Options;
use pulldown_cmark::Parser;
use pulldown_cmark::Tag;
use pulldown_cmark::TagEnd;

use super::Paint;

/// Renders Markdown without a newline at the end.
pub(crate) fn render(source: &str, width: usize, paint: Paint) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_GFM | Options::ENABLE_STRIKETHROUGH;
    let mut renderer = Renderer::new(width, paint);
    for event in Parser::new_ext(source, options) {
        renderer.event(event);
    }
    renderer.out.trim_end().to_owned()
}

/// How inline text is painted.
#[derive(Clone, Copy, Default)]
struct Inline {
    strong: usize,
    emphasis: usize,
}

struct Renderer {
    width: usize,
    paint: Paint,
    out: String,
    /// The text of the block that is being read, painted word by word.
    text: String,
    inline: Inline,
    /// What stands before each line: quote bars and list indents.
    prefixes: Vec<String>,
    /// What stands before the next line only: a list's bullet or number.
    marker: Option<String>,
    lists: Vec<Option<u64>>,
    link: Option<String>,
    code_block: bool,
    /// The cells of the table row that is being read.
    cells: Option<Vec<String>>,
    header: bool,
}

impl Renderer {
    fn new(width: usize, paint: Paint) -> Self {
        Self {
            width,
            paint,
            out: String::new(),
            text: String::new(),
            inline: Inline::default(),
            prefixes: Vec::new(),
            marker: None,
            lists: Vec::new(),
            link: None,
            code_block: false,
            cells: None,
            header: false,
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.code_block => self.text.push_str(&text),
            Event::Text(text) => self.words(&text),
            Event::Code(code) => {
                let painted = self.paint_words(&code, |paint, word| paint.code(word));
                self.text.push_str(&painted);
            }
            Event::SoftBreak => self.text.push(' '),
            Event::HardBreak => self.text.push('\n'),
            Event::Rule => {
                self.flush();
                let rule = "─".repeat(self.width.min(40));
                self.out.push_str(&self.paint.faint(&rule));
                self.out.push_str("\n\n");
            }
            _ => {}
        }
    }

    fn words(&mut self, text: &str) {
        let inline = self.inline;
        let painted = self.paint_words(text, |paint, word| {
            if inline.strong > 0 {
                paint.strong(word)
            } else if inline.emphasis > 0 {
                paint.emphasis(word)
            } else {
                word.to_owned()
            }
        });
        self.text.push_str(&painted);
    }

    /// Paints each word by itself, so that a line break never falls inside of a colour.
    fn paint_words(&self, text: &str, style: impl Fn(Paint, &str) -> String) -> String {
        let words: Vec<String> = text
            .split(' ')
            .map(|word| style(self.paint, word))
            .collect();
        words.join(" ")
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.inline.strong += 1,
            Tag::Emphasis => self.inline.emphasis += 1,
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.into_string()),
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                let marker = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}. ");
                        *number += 1;
                        marker
                    }
                    _ => "• ".to_owned(),
                };
                self.prefixes.push(" ".repeat(marker.chars().count()));
                self.marker = Some(marker);
            }
            Tag::BlockQuote(kind) => {
                self.flush();
                self.prefixes.push(format!("{} ", self.paint.faint("│")));
                if let Some(kind) = kind {
                    self.text = self.alert(kind);
                    self.flush();
                }
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                self.code_block = true;
                let language = matches!(kind, CodeBlockKind::Fenced(_));
                self.prefixes.push(if language {
                    "    ".to_owned()
                } else {
                    "  ".to_owned()
                });
            }
            Tag::TableHead => {
                self.flush();
                self.header = true;
                self.cells = Some(Vec::new());
            }
            Tag::TableRow => self.cells = Some(Vec::new()),
            _ => {}
        }
    }

    fn alert(&self, kind: BlockQuoteKind) -> String {
        match kind {
            BlockQuoteKind::Note => self.paint.accent("Note"),
            BlockQuoteKind::Tip => self.paint.good("Exam"),
            BlockQuoteKind::Important => self.paint.accent("Important"),
            BlockQuoteKind::Warning => self.paint.warn("Warning"),
            BlockQuoteKind::Caution => self.paint.bad("Caution"),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.inline.strong = self.inline.strong.saturating_sub(1),
            TagEnd::Emphasis => self.inline.emphasis = self.inline.emphasis.saturating_sub(1),
            TagEnd::Link => {
                if let Some(url) = self.link.take()
                    && url.contains("://")
                {
                    self.text
                        .push_str(&format!(" ({})", self.paint.faint(&url)));
                }
            }
            TagEnd::Heading(_) => {
                self.text = self.paint.strong(&self.text);
                self.flush();
                self.gap();
            }
            TagEnd::Paragraph => {
                self.flush();
                self.gap();
            }
            TagEnd::Item => {
                self.flush();
                self.prefixes.pop();
                self.marker = None;
            }
            TagEnd::List(_) => {
                self.lists.pop();
                if self.lists.is_empty() {
                    self.gap();
                }
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.trim_gap();
                self.prefixes.pop();
                self.gap();
            }
            TagEnd::CodeBlock => {
                self.code();
                self.code_block = false;
                self.prefixes.pop();
                self.gap();
            }
            TagEnd::TableCell => {
                let text = std::mem::take(&mut self.text);
                if let Some(cells) = &mut self.cells {
                    cells.push(text);
                }
            }
            // A table becomes a list of terms: it has to fit 60 columns too.
            TagEnd::TableHead => self.header = false,
            TagEnd::TableRow => self.row(),
            TagEnd::Table => self.gap(),
            _ => {}
        }
    }

    /// A table row: its first cell, and the others below it.
    fn row(&mut self) {
        let Some(cells) = self.cells.take() else {
            return;
        };
        let mut cells = cells.into_iter();
        self.text = cells.next().unwrap_or_default();
        self.flush();
        self.prefixes.push("    ".to_owned());
        for cell in cells {
            self.text = cell;
            self.flush();
        }
        self.prefixes.pop();
    }

    fn prefix(&self) -> String {
        self.prefixes.concat()
    }

    /// Writes the text of a code block line by line.
    fn code(&mut self) {
        let prefix = self.prefix();
        let text = std::mem::take(&mut self.text);
        for line in text.lines() {
            self.out.push_str(&prefix);
            self.out.push_str(&self.paint.code(line));
            self.out.push('\n');
        }
    }

    /// Writes the text that was read so far, wrapped.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.trim().is_empty() {
            return;
        }
        let rest = self.prefix();
        let first = match self.marker.take() {
            Some(marker) => {
                let outer = self.prefixes.len().saturating_sub(1);
                format!("{}{marker}", self.prefixes[..outer].concat())
            }
            None => rest.clone(),
        };
        self.out
            .push_str(&super::wrap(text.trim(), self.width, &first, &rest));
        self.out.push('\n');
    }

    /// Leaves an empty line, inside of a quote one with its bar.
    fn gap(&mut self) {
        if !self.lists.is_empty() || self.out.is_empty() {
            return;
        }
        let prefix = self.prefix();
        self.out.push_str(prefix.trim_end());
        self.out.push('\n');
    }

    /// Takes back the empty line at the end of a quote.
    fn trim_gap(&mut self) {
        let gap = format!("{}\n", self.prefix().trim_end());
        if let Some(rest) = self.out.strip_suffix(&gap) {
            self.out.truncate(rest.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Paint;
    use super::render;

    const SOURCE: &str = "A *privileged* container has **all** the rights of `root` on the host, and that is why it can start a Docker daemon of its own.

> [!TIP]
> Task 1.3: images. Remember the flag, because it is asked for often enough to be worth it.
>
> Twice.

1. First, with enough words that the line has to be broken at sixty columns or at eighty
2. Second [link](https://example.com/x)

- bullet
  - inner

| field | meaning |
|---|---|
| `image` | The build image, from Docker Hub, which is pulled when a build begins. |

```json
{ \"a\": 1 }
```
";

    #[test]
    fn fits_sixty_and_eighty_columns() {
        for width in [60, 80] {
            let text = render(SOURCE, width, Paint::new(false));
            assert!(
                text.lines().all(|line| line.chars().count() <= width),
                "{text}"
            );
            insta::assert_snapshot!(format!("markdown_{width}"), text);
        }
    }

    #[test]
    fn colour_changes_no_letter() {
        let plain = render(SOURCE, 60, Paint::new(false));
        let painted = render(SOURCE, 60, Paint::new(true));
        assert_ne!(plain, painted);
        assert_eq!(console::strip_ansi_codes(&painted), plain);
    }
}
