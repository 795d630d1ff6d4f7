//! The glossary of the demos: `demos/glossary.md`, a heading of level 2 for each term with its
//! definition below. Scripts link to its terms.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::path::Path;

use pulldown_cmark::Event;
use pulldown_cmark::Parser;
use pulldown_cmark::Tag;

use super::ScriptErrors;
use super::error::Mistake;
use super::markdown::BlockKind;
use super::markdown::blocks;
use super::markdown::options;
use super::sources::Sources;

/// The file's name. It stands beside the folders of the demos.
pub(crate) const GLOSSARY: &str = "glossary.md";

/// A term and what it means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Term {
    /// What a link to it ends with, such as `build-specification`.
    pub(crate) anchor: String,
    /// The heading.
    pub(crate) name: String,
    /// One to three sentences: Markdown.
    pub(crate) definition: String,
    /// Where the heading stands.
    span: Range<usize>,
}

/// All terms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Glossary {
    terms: Vec<Term>,
}

impl Glossary {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(crate) fn load(path: &Path) -> io::Result<Self> {
        Ok(Self::parse(&std::fs::read_to_string(path)?))
    }

    fn parse(source: &str) -> Self {
        let mut glossary = Self::default();
        let mut anchors = Anchors::default();
        for block in blocks(source).0 {
            let text = source[block.span.clone()].trim();
            match block.kind {
                BlockKind::Heading(level, name) => {
                    let anchor = anchors.of(&name);
                    if level == 2 {
                        glossary.terms.push(Term {
                            anchor,
                            name,
                            definition: String::new(),
                            span: block.span,
                        });
                    }
                }
                BlockKind::Html => {}
                _ => {
                    if let Some(term) = glossary.terms.last_mut() {
                        if !term.definition.is_empty() {
                            term.definition.push_str("\n\n");
                        }
                        term.definition.push_str(text);
                    }
                }
            }
        }
        glossary
    }

    /// The terms in the order of the file.
    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// What a term means, by the anchor of its heading.
    pub(crate) fn definition(&self, anchor: &str) -> Option<&str> {
        self.terms
            .iter()
            .find(|term| term.anchor == anchor)
            .map(|term| term.definition.as_str())
    }
}

/// Reads a glossary and looks for everything that can be wrong with it.
///
/// # Errors
///
/// If the file cannot be read, or has mistakes: all of them, each with its position.
pub(crate) fn check_glossary(path: &Path) -> Result<Glossary, ScriptErrors> {
    let source =
        std::fs::read_to_string(path).map_err(|error| ScriptErrors::unreadable(path, &error))?;
    let glossary = Glossary::parse(&source);
    let mut sources = Sources::default();
    sources.add(path, &source);
    let mut mistakes = super::links::missing(&sources).0;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for term in &glossary.terms {
        if term.definition.is_empty() {
            mistakes.push(
                Mistake::new(term.span.clone(), "this term has no definition")
                    .help("Write one to three sentences below the heading."),
            );
        }
        if seen.insert(slug(&term.name), term.span.start).is_some() {
            mistakes.push(Mistake::new(
                term.span.clone(),
                "another term has this name",
            ));
        }
    }
    if mistakes.is_empty() {
        return Ok(glossary);
    }
    Err(ScriptErrors::new(sources, mistakes))
}

/// The anchors of the terms that a passage links to, once each, in the order of the links.
pub(crate) fn linked_terms(markdown: &str) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for event in Parser::new_ext(markdown, options()) {
        let Event::Start(Tag::Link { dest_url, .. }) = event else {
            continue;
        };
        if let Some((path, anchor)) = dest_url.split_once('#')
            && is_glossary(path)
            && !anchors.iter().any(|known| known == anchor)
        {
            anchors.push(anchor.to_owned());
        }
    }
    anchors
}

/// Whether a link's path leads to the glossary.
pub(crate) fn is_glossary(path: &str) -> bool {
    path == GLOSSARY || path.ends_with("/glossary.md")
}

/// The anchors of a file's headings, as GitHub makes them: one that was there gets a number.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    counts: BTreeMap<String, usize>,
}

impl Anchors {
    /// The anchor of the next heading.
    pub(crate) fn of(&mut self, heading: &str) -> String {
        let slug = slug(heading);
        let count = self.counts.entry(slug.clone()).or_default();
        *count += 1;
        match *count {
            1 => slug,
            more => format!("{slug}-{}", more - 1),
        }
    }
}

/// Small letters, `-` for a space, and nothing but letters, digits, `-` and `_`.
fn slug(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Glossary;
    use super::linked_terms;

    const TEXT: &str = "# Glossary

For all demos.

## Build specification

A file with the commands
of a build.

Named `buildspec.yml`.

## `dockerd`, the daemon

It runs containers.
";

    #[test]
    fn a_term_is_found_by_the_anchor_that_github_makes() {
        let glossary = Glossary::parse(TEXT);
        let names: Vec<&str> = glossary
            .terms()
            .iter()
            .map(|term| term.name.as_str())
            .collect();
        assert_eq!(names, ["Build specification", "dockerd, the daemon"]);
        assert_eq!(
            glossary.definition("build-specification"),
            Some("A file with the commands\nof a build.\n\nNamed `buildspec.yml`.")
        );
        assert!(glossary.definition("dockerd-the-daemon").is_some());
        assert_eq!(glossary.definition("glossary"), None);
    }

    #[test]
    fn links_to_terms_are_found_once_each() {
        let text = "A [b](../glossary.md#b), [a](../glossary.md#a), [b](../glossary.md#b), \
                    [x](https://example.com/#x), [y](other.md#y).";
        assert_eq!(linked_terms(text), ["b", "a"]);
    }
}
