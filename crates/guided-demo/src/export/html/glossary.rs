//! The terms that a page links to, with their definitions.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

use pulldown_cmark::Event;
use pulldown_cmark::Parser;
use pulldown_cmark::Tag;
use pulldown_cmark::TagEnd;

/// A term of the glossary.
#[derive(Clone, Debug)]
pub(super) struct Term {
    /// As its heading has it.
    pub(super) name: String,
    /// Markdown.
    pub(super) definition: String,
}

/// The glossary beside the demos, and what of it the page uses.
#[derive(Debug, Default)]
pub(super) struct Glossary {
    terms: BTreeMap<String, Term>,
    used: BTreeSet<String>,
}

impl Glossary {
    /// Reads `glossary.md`; without one there are no terms.
    pub(super) fn load(path: &Path) -> Self {
        let source = std::fs::read_to_string(path).unwrap_or_default();
        Self {
            terms: terms(&source),
            used: BTreeSet::new(),
        }
    }

    /// The anchor of a link into the glossary, which is then used.
    pub(super) fn use_link(&mut self, destination: &str) -> Option<String> {
        let (file, anchor) = destination.split_once('#')?;
        if file.rsplit('/').next() != Some("glossary.md") || !self.terms.contains_key(anchor) {
            return None;
        }
        self.used.insert(anchor.to_owned());
        Some(anchor.to_owned())
    }

    /// The used terms with their anchors, by name.
    pub(super) fn used(&self) -> Vec<(String, Term)> {
        let used = self.used.iter();
        used.filter_map(|anchor| Some((anchor.clone(), self.terms.get(anchor)?.clone())))
            .collect()
    }
}

/// Each heading of level 2 and the text below it.
fn terms(source: &str) -> BTreeMap<String, Term> {
    let mut terms = BTreeMap::new();
    let mut name: Option<String> = None;
    let mut begin = 0;
    let mut heading = None;
    let mut title = String::new();
    let mut finish = |name: Option<String>, text: &str| {
        if let Some(name) = name {
            let definition = text.trim().to_owned();
            terms.insert(anchor(&name), Term { name, definition });
        }
    };
    for (event, span) in Parser::new(source).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                finish(name.take(), &source[begin..span.start]);
                heading = Some(level);
                title.clear();
            }
            Event::End(TagEnd::Heading(level)) => {
                heading = None;
                begin = span.end;
                if level == pulldown_cmark::HeadingLevel::H2 {
                    name = Some(title.clone());
                }
            }
            Event::Text(text) | Event::Code(text) if heading.is_some() => title.push_str(&text),
            _ => {}
        }
    }
    finish(name.take(), source.get(begin..).unwrap_or_default());
    terms
}

/// As GitHub makes anchors of headings.
fn anchor(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::terms;

    #[test]
    fn terms_have_the_anchors_that_github_gives_them() {
        let terms =
            terms("# Glossary\n\nIntro.\n\n## Build `phase` (one)\n\nA part.\n\n## B\n\nC *d*.\n");
        assert_eq!(terms.len(), 2);
        assert_eq!(terms["build-phase-one"].definition, "A part.");
        assert_eq!(terms["b"].definition, "C *d*.");
    }
}
