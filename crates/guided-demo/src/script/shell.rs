//! The part of the shell that commands in a script may use: words, quotes, variables, and
//! `NAME=$(…)`. A line that means something here means the same in bash.

use std::collections::BTreeMap;
use std::ops::Range;

use super::error::Mistake;

/// The values of shell variables.
pub(crate) type Variables = BTreeMap<String, String>;

/// Text with variables in it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Part {
    Literal(String),
    Variable(String),
}

impl Template {
    /// Reads text such as `$NAME-suffix` in which everything else is literal.
    pub(crate) fn parse(text: &str) -> Self {
        let mut template = Self::default();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            match variable_name(&rest[at..]) {
                Some((name, length)) => {
                    template.push_str(&rest[..at]);
                    template.parts.push(Part::Variable(name.to_owned()));
                    rest = &rest[at + length..];
                }
                None => {
                    template.push_str(&rest[..=at]);
                    rest = &rest[at + 1..];
                }
            }
        }
        template.push_str(rest);
        template
    }

    fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Part::Literal(literal)) = self.parts.last_mut() {
            literal.push_str(text);
        } else {
            self.parts.push(Part::Literal(text.to_owned()));
        }
    }

    /// The variables in it, in order.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// One word of bash that means the same: its variables are left to the shell.
    pub(crate) fn bash_word(&self) -> String {
        if let [Part::Literal(text)] = self.parts.as_slice() {
            return bash_literal(text);
        }
        let mut word = String::from("\"");
        for part in &self.parts {
            match part {
                Part::Variable(name) => word.push_str(&format!("${{{name}}}")),
                Part::Literal(text) => {
                    for c in text.chars() {
                        if matches!(c, '"' | '\\' | '$' | '`') {
                            word.push('\\');
                        }
                        word.push(c);
                    }
                }
            }
        }
        word.push('"');
        word
    }

    /// The text with the values put in; a variable without a value is empty, as in a shell.
    pub(crate) fn expand(&self, variables: &Variables) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text.as_str(),
                Part::Variable(name) => variables.get(name).map_or("", String::as_str),
            })
            .collect()
    }
}

/// One command line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ShellLine {
    /// The variable that takes what the command prints.
    pub(crate) assign: Option<String>,
    /// The words of the command.
    pub(crate) words: Vec<Template>,
}

impl ShellLine {
    /// Reads a line that begins at `offset` in the file.
    pub(crate) fn parse(line: &str, offset: usize) -> Result<Self, Mistake> {
        let (assign, body, body_offset) = match assignment(line) {
            Some((name, body, at)) => (Some(name.to_owned()), body, offset + at),
            None => (None, line, offset),
        };
        let words = split(body, body_offset)?;
        if words.is_empty() {
            return Err(Mistake::new(
                offset..offset + line.len(),
                "there is no command",
            ));
        }
        Ok(Self { assign, words })
    }

    /// The variables in it, in order.
    pub(crate) fn variables(&self) -> Vec<&str> {
        self.words.iter().flat_map(Template::variables).collect()
    }

    /// The command as one line of bash, without what takes its output.
    pub(crate) fn bash_words(&self) -> String {
        let words: Vec<String> = self.words.iter().map(Template::bash_word).collect();
        words.join(" ")
    }

    /// The words with the values put in.
    pub(crate) fn expand(&self, variables: &Variables) -> Vec<String> {
        self.words
            .iter()
            .map(|word| word.expand(variables))
            .collect()
    }
}

/// Text as one word that bash takes as it is.
pub(crate) fn bash_literal(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:=@%+,-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// `NAME=$(body)`: the name, the body and where it begins.
fn assignment(line: &str) -> Option<(&str, &str, usize)> {
    let (name, value) = line.trim_end().split_once('=')?;
    let body = value.strip_prefix("$(")?.strip_suffix(')')?;
    is_name(name).then_some((name, body, name.len() + 3))
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether the text is a shell variable's name.
pub(crate) fn is_variable_name(name: &str) -> bool {
    is_name(name)
}

/// The variable at the start of `text`, which begins with `$`, and how long it is written.
fn variable_name(text: &str) -> Option<(&str, usize)> {
    let after = text.strip_prefix('$')?;
    if let Some(braced) = after.strip_prefix('{') {
        let name = braced.split('}').next()?;
        return (is_name(name) && braced.len() > name.len()).then_some((name, name.len() + 3));
    }
    let length = after
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
        .unwrap_or(after.len());
    let name = &after[..length];
    is_name(name).then_some((name, length + 1))
}

/// Whether a command goes on in the next line: a quote is open, or the last character is a backslash.
pub(crate) fn goes_on(text: &str) -> bool {
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (None | Some('"'), '\\') if characters.next().is_none() => return true,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    quote.is_some()
}

/// Splits as a shell does.
fn split(line: &str, offset: usize) -> Result<Vec<Template>, Mistake> {
    let mut words = Vec::new();
    let mut word: Option<Template> = None;
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let here = offset + at..offset + at + c.len_utf8();
        let rest = &line[at..];
        at += c.len_utf8();
        match c {
            '\\' if line[at..].starts_with('\n') => at += 1,
            c if c.is_whitespace() => words.extend(word.take()),
            '\'' => {
                let Some(length) = line[at..].find('\'') else {
                    return Err(Mistake::new(here, "this quote is not closed"));
                };
                word.get_or_insert_default()
                    .push_str(&line[at..at + length]);
                at += length + 1;
            }
            '"' => at = double_quoted(line, at, offset, word.get_or_insert_default())?,
            '$' => match variable_name(rest) {
                Some((name, length)) => {
                    let part = Part::Variable(name.to_owned());
                    word.get_or_insert_default().parts.push(part);
                    at += length - 1;
                }
                None => return Err(unsupported(here, c)),
            },
            '\\' => {
                let escaped = line[at..].chars().next();
                let Some(escaped) = escaped else {
                    return Err(Mistake::new(here, "a backslash with nothing after it"));
                };
                let text = escaped.to_string();
                word.get_or_insert_default().push_str(&text);
                at += text.len();
            }
            '|' | ';' | '&' | '<' | '>' | '`' | '(' | ')' => return Err(unsupported(here, c)),
            '#' if word.is_none() => break,
            _ => word
                .get_or_insert_default()
                .push_str(c.encode_utf8(&mut [0; 4])),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Reads up to the closing quote; answers where to go on.
fn double_quoted(
    line: &str,
    begin: usize,
    offset: usize,
    word: &mut Template,
) -> Result<usize, Mistake> {
    let mut at = begin;
    while let Some(c) = line[at..].chars().next() {
        let here = offset + at..offset + at + c.len_utf8();
        let rest = &line[at..];
        at += c.len_utf8();
        match c {
            '"' => return Ok(at),
            '\\' => match line[at..].chars().next() {
                Some('\n') => at += 1,
                Some(escaped @ ('"' | '\\' | '$' | '`')) => {
                    word.push_str(escaped.encode_utf8(&mut [0; 4]));
                    at += 1;
                }
                _ => word.push_str("\\"),
            },
            '$' => match variable_name(rest) {
                Some((name, length)) => {
                    word.parts.push(Part::Variable(name.to_owned()));
                    at += length - 1;
                }
                None => return Err(unsupported(here, c)),
            },
            '`' => return Err(unsupported(here, c)),
            _ => word.push_str(c.encode_utf8(&mut [0; 4])),
        }
    }
    Err(Mistake::new(
        offset + begin - 1..offset + begin,
        "this quote is not closed",
    ))
}

fn unsupported(span: Range<usize>, c: char) -> Mistake {
    Mistake::new(span, format!("`{c}` cannot be used here")).help(
        "A command is one `aws …` line with quotes and $VARIABLES, or NAME=$(aws …). \
         To use the character itself, put the word in single quotes.",
    )
}

#[cfg(test)]
mod tests {
    use super::ShellLine;
    use super::Template;
    use super::Variables;
    use super::goes_on;

    fn expand(line: &str) -> Vec<String> {
        let variables = Variables::from([("A".to_owned(), "one two".to_owned())]);
        ShellLine::parse(line, 0).unwrap().expand(&variables)
    }

    #[test]
    fn a_command_goes_on_after_a_backslash_and_in_a_quote() {
        assert!(goes_on(r"aws a \"));
        assert!(goes_on("aws 'a,"));
        assert!(goes_on(r#"aws "a \"#));
        assert!(goes_on(r#"aws "a\"b"#));
        assert!(!goes_on(r#"aws "it's" 'say "a"'"#));
        assert_eq!(expand("aws \"a,\\\nb\" 'c\n d'"), ["aws", "a,b", "c\n d"]);
    }

    #[test]
    fn words_are_split_as_in_a_shell() {
        assert_eq!(
            expand(r#"aws 'a $A' "b $A" c\ d ""  "#),
            ["aws", "a $A", "b one two", "c d", ""]
        );
        assert_eq!(
            expand("aws \\\n  --name x$A-${A}y"),
            ["aws", "--name", "xone two-one twoy"]
        );
    }

    #[test]
    fn a_line_can_be_written_for_bash() {
        let line = ShellLine::parse(r#"aws x --a "$A-b" 'it is $A `1`' c\'d"#, 0).unwrap();
        assert_eq!(
            line.bash_words(),
            r#"aws x --a "${A}-b" 'it is $A `1`' 'c'\''d'"#
        );
        assert_eq!(Template::parse("a\"$A\\").bash_word(), r#""a\"${A}\\""#);
    }

    #[test]
    fn an_assignment_names_its_variable() {
        let line = ShellLine::parse("ID=$(aws codebuild start-build --query build.id)", 0).unwrap();
        assert_eq!(line.assign.as_deref(), Some("ID"));
        assert_eq!(line.words.len(), 5);
    }

    #[test]
    fn what_a_shell_would_do_and_we_do_not_is_refused_at_its_place() {
        for (line, at) in [
            ("aws x | jq", 6),
            ("aws `x`", 4),
            ("aws $(x)", 4),
            ("a 'b", 2),
            ("a \"b", 2),
        ] {
            assert_eq!(
                ShellLine::parse(line, 10).unwrap_err().span.start,
                10 + at,
                "{line}"
            );
        }
    }

    #[test]
    fn a_dollar_that_names_nothing_is_text_in_a_template() {
        let variables = Variables::from([("A".to_owned(), "1".to_owned())]);
        assert_eq!(Template::parse("$5 $A${A}$").expand(&variables), "$5 11$");
    }
}
