//! XML files: decoding, parsing, places.

use std::borrow::Cow;

use roxmltree::Document;
use roxmltree::Node;
use roxmltree::ParsingOptions;

use super::read_error::Misread;
use super::read_error::ReadError;

/// More elements and texts than any real report has; the tree of so many fits in memory.
const MOST_NODES: u32 = 4_000_000;

/// How far up an enclosing suite or class is looked for, at most.
const NEAREST: usize = 8;

/// Parses a file and takes out of it what `take` finds below the root element.
pub(super) fn read<T>(
    path: &str,
    content: &[u8],
    take: impl FnOnce(Node<'_, '_>) -> Result<T, Misread>,
) -> Result<T, ReadError> {
    let parsed = || {
        let text = decode(content)?;
        let options = ParsingOptions {
            // JaCoCo, Cobertura and TestNG name their DTD. Nothing is fetched.
            allow_dtd: true,
            nodes_limit: MOST_NODES,
            ..ParsingOptions::default()
        };
        let document = Document::parse_with_options(&text, options).map_err(|error| {
            let place = error.pos();
            Misread {
                line: place.row as usize,
                column: place.col as usize,
                reason: format!("this is not XML: {}", without_place(&error.to_string())),
            }
        })?;
        take(document.root_element())
    };
    parsed().map_err(|misread| misread.in_file(path))
}

/// The root element is not one that the format has.
pub(super) fn wrong_root(root: Node<'_, '_>, format: &str, wanted: &str) -> Misread {
    misread_at(
        root,
        format!(
            "the root element is <{}>, but a {format} file begins with {wanted}. Check file-format \
             in the buildspec",
            root.tag_name().name()
        ),
    )
}

/// Something is wrong with an element.
pub(super) fn misread_at(node: Node<'_, '_>, reason: impl Into<String>) -> Misread {
    let place = node.document().text_pos_at(node.range().start);
    Misread {
        line: place.row as usize,
        column: place.col as usize,
        reason: reason.into(),
    }
}

/// The child elements of this name.
pub(super) fn children<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(move |child| is(*child, name))
}

/// The first child element of this name.
pub(super) fn child<'a, 'input>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> Option<Node<'a, 'input>> {
    node.children().find(|child| is(*child, name))
}

/// All elements of this name, in the order of the file.
pub(super) fn all<'a, 'input: 'a>(
    node: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.descendants().filter(move |found| is(*found, name))
}

/// The attribute `name` of the nearest element of this name around `node`.
pub(super) fn enclosing<'a>(node: Node<'a, '_>, element: &str) -> Option<&'a str> {
    node.ancestors()
        .take(NEAREST)
        .find(|ancestor| is(*ancestor, element))
        .and_then(|ancestor| ancestor.attribute("name"))
}

/// Whether this is an element of this name, in whatever namespace.
pub(super) fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

/// All text directly in the element, CDATA sections included.
pub(super) fn text(node: Node<'_, '_>) -> String {
    node.children().filter_map(|child| child.text()).collect()
}

/// The text of a child element; empty if it is not there.
pub(super) fn child_text(node: Node<'_, '_>, name: &'static str) -> String {
    child(node, name).map(text).unwrap_or_default()
}

/// A number in an attribute that must be there.
pub(super) fn number(node: Node<'_, '_>, name: &str) -> Result<u32, Misread> {
    let value = node.attribute(name).unwrap_or_default();
    // Counts may be larger than any line number, and some tools write them as 1.0.
    let number: f64 = value.trim().parse().unwrap_or(f64::NAN);
    if number >= 0.0 {
        // A conversion of a float that is too large gives the largest integer.
        Ok(number as u32)
    } else {
        let element = node.tag_name().name();
        Err(misread_at(
            node,
            format!("the attribute {name} of <{element}> is '{value}', not a number"),
        ))
    }
}

/// The same, 0 if it is not there.
pub(super) fn number_or_zero(node: Node<'_, '_>, name: &str) -> Result<u32, Misread> {
    if node.has_attribute(name) {
        number(node, name)
    } else {
        Ok(0)
    }
}

/// The file's text: UTF-8, UTF-16 with a byte order mark, or Latin-1 if the file says so.
fn decode(content: &[u8]) -> Result<Cow<'_, str>, Misread> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .filter_map(|pair| pair.try_into().ok().map(unit))
            .collect();
        String::from_utf16(&units)
            .map(Cow::Owned)
            .map_err(|_| Misread::at_start("this is not UTF-16 text, as its first bytes say"))
    };
    match content {
        [0xff, 0xfe, rest @ ..] => return wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => return wide(rest, u16::from_be_bytes),
        _ => {}
    }
    match std::str::from_utf8(content) {
        Ok(text) => Ok(Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text))),
        Err(_) if declares_latin_1(content) => Ok(Cow::Owned(
            content.iter().copied().map(char::from).collect(),
        )),
        Err(error) => {
            let valid = content.get(..error.valid_up_to()).unwrap_or_default();
            let valid = String::from_utf8_lossy(valid);
            let last = valid.rsplit('\n').next().unwrap_or_default();
            Err(Misread {
                line: valid.matches('\n').count() + 1,
                column: last.chars().count() + 1,
                reason: "this is not UTF-8 text".to_owned(),
            })
        }
    }
}

fn declares_latin_1(content: &[u8]) -> bool {
    let head = content.get(..content.len().min(100)).unwrap_or_default();
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    head.starts_with("<?xml") && (head.contains("iso-8859-1") || head.contains("windows-1252"))
}

/// The parser ends its messages with the place, which is told apart here.
fn without_place(message: &str) -> &str {
    message.rsplit_once(" at ").map_or(
        message,
        |(text, place)| {
            if place.contains(':') { text } else { message }
        },
    )
}
