//! Directives: HTML comments that begin with `demo:`.
//!
//! ```text
//! <!-- demo:NAME WORD key=value key="a value" -->
//! ```
//!
//! A value with white space stands in double quotes; `\"` and `\\` are the only escapes.

use std::ops::Range;

use super::error::Mistake;

/// What a directive may say.
pub(crate) struct Definition {
    /// The name after `demo:`.
    pub(crate) name: &'static str,
    /// What the words without a key mean, in order; all of them are required.
    pub(crate) words: &'static [&'static str],
    /// The keys that may be given.
    pub(crate) keys: &'static [&'static str],
    /// The keys that have to be given.
    pub(crate) required: &'static [&'static str],
}

/// Every directive of format 1. `demo:note` is followed by free text and not listed by keys.
pub(crate) const DEFINITIONS: &[Definition] = &[
    Definition {
        name: "format",
        words: &[],
        keys: &["version"],
        required: &["version"],
    },
    Definition {
        name: "include",
        words: &["file"],
        keys: &[],
        required: &[],
    },
    Definition {
        name: "variable",
        words: &["name"],
        keys: &[
            "default",
            "default-local",
            "default-aws",
            "default-replay",
            "pattern",
            "choices",
            "prompt",
            "detect",
        ],
        required: &[],
    },
    Definition {
        name: "step",
        words: &[],
        keys: &["id", "minutes"],
        required: &["id", "minutes"],
    },
    Definition {
        name: "note",
        words: &[],
        keys: &[],
        required: &[],
    },
    Definition {
        name: "doctor",
        words: &[],
        keys: &[],
        required: &[],
    },
    Definition {
        name: "show",
        words: &["file"],
        keys: &[],
        required: &[],
    },
    Definition {
        name: "only",
        words: &[],
        keys: &["target"],
        required: &["target"],
    },
    Definition {
        name: "end",
        words: &[],
        keys: &[],
        required: &[],
    },
    Definition {
        name: "cleanup",
        words: &["kind", "name"],
        keys: &["with"],
        required: &["with"],
    },
    Definition {
        name: "expect-failure",
        words: &[],
        keys: &["code"],
        required: &[],
    },
    Definition {
        name: "watch",
        words: &["build"],
        keys: &["expect", "phase", "code"],
        required: &["expect"],
    },
    Definition {
        name: "check",
        words: &[],
        keys: &[
            "title", "command", "expect", "matches", "timeout", "delay", "retries",
        ],
        required: &["title", "command"],
    },
    Definition {
        name: "quiz",
        words: &[],
        keys: &["answer", "kind", "accept", "id", "task", "reveal"],
        required: &["answer"],
    },
    Definition {
        name: "reveal",
        words: &[],
        keys: &[],
        required: &[],
    },
    Definition {
        name: "exercise",
        words: &[],
        keys: &["title", "by"],
        required: &["title"],
    },
];

/// A text and where it stands in the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Spanned {
    /// The text, quotes and escapes resolved.
    pub(crate) text: String,
    /// Where it stands, quotes left out.
    pub(crate) span: Range<usize>,
}

/// A directive as written, its words and keys known to be allowed.
#[derive(Debug)]
pub(crate) struct Directive {
    /// The name after `demo:`.
    pub(crate) name: &'static str,
    /// Where it stands.
    pub(crate) span: Range<usize>,
    /// The words without a key.
    pub(crate) words: Vec<Spanned>,
    /// The keys and their values.
    attributes: Vec<(String, Spanned)>,
    /// What follows the name, as it stands (for `demo:note`).
    pub(crate) text: String,
}

impl Directive {
    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Spanned> {
        self.attributes
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }
}

/// A directive as far as it could be read.
#[derive(Debug)]
pub(crate) struct Reading {
    /// The directive; with mistakes, the one that was probably meant, perhaps without all it needs.
    pub(crate) directive: Option<Directive>,
    /// What is wrong with it.
    pub(crate) mistakes: Vec<Mistake>,
}

/// Reads a comment, given with its `<!--` and `-->`, that begins at `offset` in the file.
/// `None` if it is not for us.
pub(crate) fn read(comment: &str, offset: usize) -> Option<Reading> {
    let inner = comment.strip_prefix("<!--")?;
    let inner = inner.trim_end().strip_suffix("-->").unwrap_or(inner);
    let start = offset + 4 + (inner.len() - inner.trim_start().len());
    let body = inner.trim();
    let after = body.strip_prefix("demo")?;
    let Some(rest) = after.strip_prefix(':') else {
        if after.starts_with([' ', '-', '.']) {
            let mistake = Mistake::new(
                start..start + 4,
                "a comment that begins with `demo` but not with `demo:`",
            )
            .help("Write `demo:` directly before the directive's name, or begin the comment with another word.");
            return Some(Reading {
                directive: None,
                mistakes: vec![mistake],
            });
        }
        return None;
    };
    let name: &str = rest.split(char::is_whitespace).next().unwrap_or("");
    let name_span = start + 5..start + 5 + name.len();
    let mut mistakes = Vec::new();
    let mut definition = DEFINITIONS.iter().find(|known| known.name == name);
    if definition.is_none() {
        let names = || DEFINITIONS.iter().map(|known| known.name);
        mistakes.push(
            Mistake::new(
                name_span.clone(),
                format!("there is no directive `demo:{name}`"),
            )
            .meant(name, names()),
        );
        let meant = super::did_you_mean(name, names());
        definition = DEFINITIONS.iter().find(|known| Some(known.name) == meant);
    }
    let directive = definition.map(|definition| {
        let text = &rest[name.len()..];
        let mut directive = Directive {
            name: definition.name,
            span: start..start + body.len(),
            words: Vec::new(),
            attributes: Vec::new(),
            text: text.trim().to_owned(),
        };
        if definition.name != "note" {
            let inside = fill(&mut directive, definition, text, name_span.end);
            // What a directive of another name would need is not worth a second message.
            if mistakes.is_empty() {
                mistakes = inside;
            }
        }
        directive
    });
    Some(Reading {
        directive,
        mistakes,
    })
}

/// Puts the words and attributes of `text`, which begins at `offset`, into the directive; answers
/// what is wrong with them.
fn fill(
    directive: &mut Directive,
    definition: &Definition,
    text: &str,
    offset: usize,
) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let parts = match split(text, offset) {
        Ok(parts) => parts,
        Err(mistake) => return vec![mistake],
    };
    for part in parts {
        let Some((key, key_span)) = part.key else {
            if directive.words.len() == definition.words.len() {
                mistakes.push(
                    Mistake::new(
                        part.value.span.clone(),
                        format!(
                            "`demo:{}` does not take `{}`",
                            definition.name, part.value.text
                        ),
                    )
                    .meant(&part.value.text, definition.keys.iter().copied()),
                );
            } else {
                directive.words.push(part.value);
            }
            continue;
        };
        if !definition.keys.contains(&key.as_str()) {
            mistakes.push(
                Mistake::new(
                    key_span,
                    format!("`demo:{}` has no `{key}`", definition.name),
                )
                .meant(&key, definition.keys.iter().copied()),
            );
        } else if directive.get(&key).is_some() {
            mistakes.push(Mistake::new(key_span, format!("`{key}` is given twice")));
        } else {
            directive.attributes.push((key, part.value));
        }
    }
    if let Some(missing) = definition.words.get(directive.words.len()) {
        mistakes.push(Mistake::new(
            directive.span.clone(),
            format!("`demo:{}` needs a {missing}", definition.name),
        ));
    }
    for key in definition.required {
        if directive.get(key).is_none() && mistakes.is_empty() {
            mistakes.push(Mistake::new(
                directive.span.clone(),
                format!("`demo:{}` needs `{key}=…`", definition.name),
            ));
        }
    }
    mistakes
}

/// One word or `key=value`.
struct Part {
    key: Option<(String, Range<usize>)>,
    value: Spanned,
}

/// Splits at white space outside of quotes.
fn split(text: &str, offset: usize) -> Result<Vec<Part>, Mistake> {
    let mut parts = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some(&(begin, first)) = chars.peek() {
        if first.is_whitespace() {
            chars.next();
            continue;
        }
        let mut key = None;
        let mut value = String::new();
        let mut value_begin = begin;
        let mut end = begin;
        let mut quoted = false;
        while let Some(&(at, c)) = chars.peek() {
            if c.is_whitespace() {
                break;
            }
            chars.next();
            end = at + c.len_utf8();
            match c {
                '=' if key.is_none() && !quoted && !value.is_empty() && is_key(&value) => {
                    key = Some((std::mem::take(&mut value), offset + begin..offset + at));
                    value_begin = end;
                }
                '"' if value.is_empty() => {
                    quoted = true;
                    value_begin = end;
                    end = read_quoted(&mut chars, &mut value).ok_or_else(|| {
                        Mistake::new(offset + at..offset + at + 1, "this quote is not closed")
                            .help("Values stand in double quotes: key=\"a value\".")
                    })?;
                }
                _ => value.push(c),
            }
        }
        let span = offset + value_begin..offset + end;
        parts.push(Part {
            key,
            value: Spanned { text: value, span },
        });
    }
    Ok(parts)
}

/// Reads up to the closing quote; answers where the quote stands.
fn read_quoted(
    chars: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
    value: &mut String,
) -> Option<usize> {
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some(at),
            '\\' => match chars.peek() {
                Some((_, escaped @ ('"' | '\\'))) => {
                    value.push(*escaped);
                    chars.next();
                }
                _ => value.push('\\'),
            },
            _ => value.push(c),
        }
    }
    None
}

fn is_key(word: &str) -> bool {
    word.chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::DEFINITIONS;
    use super::read;

    #[test]
    fn reads_words_keys_and_quotes_with_their_places() {
        let comment = r#"<!-- demo:check title="Is it \"there\"?" command="aws x" expect=a=b -->"#;
        let directive = read(comment, 100).unwrap().directive.unwrap();
        assert_eq!(directive.name, "check");
        assert_eq!(directive.get("title").unwrap().text, r#"Is it "there"?"#);
        let expect = directive.get("expect").unwrap();
        assert_eq!(expect.text, "a=b");
        assert_eq!(
            &comment[expect.span.start - 100..expect.span.end - 100],
            "a=b"
        );
    }

    #[test]
    fn other_comments_are_not_ours() {
        assert!(read("<!-- prettier-ignore -->", 0).is_none());
        assert!(read("<!-- demonstration -->", 0).is_none());
    }

    #[test]
    fn names_the_nearest_directive_and_key() {
        let mistakes = read("<!-- demo:chekc -->", 0).unwrap().mistakes;
        assert_eq!(mistakes[0].help.as_deref(), Some("Did you mean `check`?"));
        assert_eq!(mistakes[0].span, 10..15);
        let mistakes = read("<!-- demo:step id=a minuts=1 -->", 0)
            .unwrap()
            .mistakes;
        assert_eq!(mistakes[0].help.as_deref(), Some("Did you mean `minutes`?"));
    }

    #[test]
    fn a_missing_colon_an_open_quote_and_a_missing_key_are_mistakes() {
        let mistakes = |comment| read(comment, 0).unwrap().mistakes;
        assert_eq!(mistakes("<!-- demo step id=a -->").len(), 1);
        assert_eq!(mistakes("<!-- demo:show \"a -->").len(), 1);
        let mistakes = mistakes("<!-- demo:watch $ID -->");
        assert!(mistakes[0].message.contains("expect"));
    }

    /// The format's reference and [`DEFINITIONS`] say the same.
    #[test]
    fn the_reference_lists_every_directive_with_its_keys() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../docs/reference/demo-format.md"
        );
        let text = std::fs::read_to_string(path).unwrap();
        let listed: Vec<&str> = text
            .lines()
            .skip_while(|line| *line != "## All directives")
            .filter(|line| line.starts_with("| `"))
            .collect();
        let defined: Vec<String> = DEFINITIONS
            .iter()
            .map(|definition| {
                let words = match definition.name {
                    "note" => vec!["TEXT".to_owned()],
                    _ => definition
                        .words
                        .iter()
                        .map(|word| word.to_uppercase())
                        .collect(),
                };
                let keys = |required: bool| {
                    let keys: Vec<String> = definition
                        .keys
                        .iter()
                        .filter(|key| definition.required.contains(key) == required)
                        .map(|key| format!("`{key}`"))
                        .collect();
                    keys.join(", ")
                };
                let name = [vec![definition.name.to_owned()], words].concat().join(" ");
                format!("| `{name}` | {} | {} |", keys(true), keys(false))
                    .replace("|  |", "| |")
                    .replace("|  |", "| |")
            })
            .collect();
        assert_eq!(
            listed,
            defined,
            "the table should be:\n{}",
            defined.join("\n")
        );
    }
}
