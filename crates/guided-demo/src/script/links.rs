//! Links that lead nowhere: to a file that is not there, or to a heading that its file does not have.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

use pulldown_cmark::Event;
use pulldown_cmark::Parser;
use pulldown_cmark::Tag;

use super::error::Mistake;
use super::glossary::Anchors;
use super::glossary::is_glossary;
use super::markdown::BlockKind;
use super::markdown::blocks;
use super::markdown::options;
use super::sources::Sources;

/// Looks at all links and pictures of all files, and answers which files they lead to. What is
/// elsewhere (`https://…`) is not looked at.
pub(crate) fn missing(sources: &Sources) -> (Vec<Mistake>, Vec<PathBuf>) {
    let mut mistakes = Vec::new();
    // The anchors of each file that a link leads to; `None` if it is not there.
    let mut known: BTreeMap<PathBuf, Option<Vec<String>>> = BTreeMap::new();
    for file in sources.files() {
        let text = sources.text(file.span.clone());
        for (event, span) in Parser::new_ext(text, options()).into_offset_iter() {
            let (Event::Start(Tag::Link { dest_url, .. })
            | Event::Start(Tag::Image { dest_url, .. })) = event
            else {
                continue;
            };
            if dest_url.is_empty() || is_elsewhere(&dest_url) {
                continue;
            }
            let place = place_of(&dest_url, text, span);
            let place = place.start + file.span.start..place.end + file.span.start;
            let (path, anchor) = match dest_url.split_once('#') {
                Some((path, anchor)) => (path, Some(anchor)),
                None => (dest_url.as_ref(), None),
            };
            let target = match path {
                "" => file.path.clone(),
                path => file.path.parent().unwrap_or(Path::new("")).join(path),
            };
            let anchors = known
                .entry(target.clone())
                .or_insert_with(|| anchors_of(&target));
            mistakes.extend(mistake(path, &target, anchor, anchors.as_deref(), place));
        }
    }
    (mistakes, known.into_keys().collect())
}

fn mistake(
    path: &str,
    target: &Path,
    anchor: Option<&str>,
    anchors: Option<&[String]>,
    place: Range<usize>,
) -> Option<Mistake> {
    let Some(anchors) = anchors else {
        let message = format!("there is no file {}", target.display());
        return Some(
            Mistake::new(place, message).help("A link is relative to the file that it stands in."),
        );
    };
    let anchor = anchor?;
    // Lines of a source file and the like are the browser's affair.
    let is_markdown = target
        .extension()
        .is_some_and(|extension| extension == "md");
    if !is_markdown || anchors.iter().any(|known| known == anchor) {
        return None;
    }
    let message = match is_glossary(path) {
        true => format!("the glossary has no term `{anchor}`"),
        false => format!("{} has no heading `#{anchor}`", target.display()),
    };
    let mistake = Mistake::new(place, message);
    let meant = super::did_you_mean(anchor, anchors.iter().map(String::as_str));
    Some(match meant {
        Some(meant) => mistake.help(format!("Did you mean `{meant}`?")),
        None => {
            mistake.help("The anchor is the heading in small letters, with `-` for each space.")
        }
    })
}

/// The anchors of a Markdown file's headings. `None` if the file is not there.
fn anchors_of(path: &Path) -> Option<Vec<String>> {
    if path.extension().is_none_or(|extension| extension != "md") {
        return path.exists().then(Vec::new);
    }
    let text = std::fs::read_to_string(path).ok()?;
    let mut anchors = Anchors::default();
    Some(
        blocks(&text)
            .0
            .into_iter()
            .filter_map(|block| match block.kind {
                BlockKind::Heading(_, title) => Some(anchors.of(&title)),
                _ => None,
            })
            .collect(),
    )
}

/// Whether a link has a scheme, or leads to the root of a site.
fn is_elsewhere(link: &str) -> bool {
    let scheme = link.split([':', '/', '#']).next().unwrap_or_default();
    let has_scheme = link[scheme.len()..].starts_with(':')
        && !scheme.is_empty()
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ['+', '-', '.'].contains(&c));
    has_scheme || link.starts_with('/')
}

/// Where the address of a link stands in it.
fn place_of(link: &str, text: &str, span: Range<usize>) -> Range<usize> {
    match text[span.clone()].rfind(link) {
        Some(at) => span.start + at..span.start + at + link.len(),
        None => span,
    }
}
