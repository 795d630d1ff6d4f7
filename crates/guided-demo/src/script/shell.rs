//! The part of the shell that commands in a script may use: words, quotes, variables, and
//! `NAME=$(…)` and `> FILE`. A line that means something here means the same in bash.

use std::collections::BTreeMap;
use std::ops::Range;

use super::directive::Spanned;
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
    /// The file of the work folder that takes what the command prints.
    pub(crate) redirect: Option<Template>,
}

impl ShellLine {
    /// Reads a line that begins at `offset` in the file.
    pub(crate) fn parse(line: &str, offset: usize) -> Result<Self, Mistake> {
        let (assign, body, body_offset) = match assignment(line) {
            Some((name, body, at)) => (Some(name.to_owned()), body, offset + at),
            None => (None, line, offset),
        };
        let mut split = split(body, body_offset)?;
        let redirect = match split.redirect {
            None => None,
            Some(arrow) => Some(redirect(&mut split.words, arrow, assign.is_some())?),
        };
        if split.words.is_empty() {
            return Err(Mistake::new(
                offset..offset + line.len(),
                "there is no command",
            ));
        }
        Ok(Self {
            assign,
            words: split.words.into_iter().map(|word| word.text).collect(),
            redirect,
        })
    }

    /// Reads the value of a directive's key.
    pub(crate) fn of_value(value: &Spanned) -> Result<Self, Mistake> {
        Self::parse(&value.text, value.span.start).map_err(|mut mistake| {
            // An escaped quote moves all that follows it.
            if value.text.len() != value.span.len() {
                mistake.span = value.span.clone();
            }
            mistake
        })
    }

    /// The variables in it, in order.
    pub(crate) fn variables(&self) -> Vec<&str> {
        self.words
            .iter()
            .chain(&self.redirect)
            .flat_map(Template::variables)
            .collect()
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

/// Takes the file of `> FILE`, which has to be the last word, from the words.
fn redirect(
    words: &mut Vec<Word>,
    arrow: (usize, Range<usize>),
    assigns: bool,
) -> Result<Template, Mistake> {
    let (at, span) = arrow;
    if assigns {
        return Err(Mistake::new(
            span,
            "a command that keeps its output in a variable cannot write it into a file",
        )
        .help("Write `aws … > FILE`, or NAME=$(aws …)."));
    }
    if let Some(extra) = words.get(at + 1) {
        return Err(
            Mistake::new(extra.span.clone(), "nothing may follow `> FILE`")
                .help("Put `> FILE` at the end of the command."),
        );
    }
    let Some(file) = words.get(at).filter(|_| at > 0) else {
        return Err(Mistake::new(
            span,
            "`>` needs a command before it and a file after it",
        ));
    };
    // What its variables hold has to be looked at when the command runs.
    let literal = match file.text.variables().next() {
        Some(_) => file.text.expand(&Variables::new()) + "x",
        None => file.text.expand(&Variables::new()),
    };
    if !is_plain_file_name(&literal) {
        return Err(Mistake::new(file.span.clone(), "not a plain file name").help(
            "The file is made in the walk's work folder: give a name such as project.json, without a folder.",
        ));
    }
    Ok(words.remove(at).text)
}

/// Whether it names a file of the work folder and nothing outside of it.
pub(crate) fn is_plain_file_name(name: &str) -> bool {
    let is_elsewhere = name.is_empty() || name == "." || name == ".." || name.starts_with('~');
    !is_elsewhere && !name.contains(['/', '\\', '\0'])
}

/// Where each word of a line stands, the words of a file that it writes to included. Empty for a
/// line that cannot be read.
pub(crate) fn word_places(line: &str, offset: usize) -> Vec<Range<usize>> {
    let (body, offset) = match assignment(line) {
        Some((_, body, at)) => (body, offset + at),
        None => (line, offset),
    };
    split(body, offset)
        .map(|split| split.words.into_iter().map(|word| word.span).collect())
        .unwrap_or_default()
}

/// The variable that a line assigns, also if the rest of the line cannot be read.
pub(crate) fn assigned_name(line: &str) -> Option<&str> {
    let (name, value) = line.split_once('=')?;
    (is_name(name) && value.starts_with("$(")).then_some(name)
}

/// The places of the commands in the lines of a `console` fence: each begins with `$ ` and goes on
/// after a backslash or inside of a quote.
pub(crate) fn commands(source: &str) -> Vec<Range<usize>> {
    let mut commands = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let mut end = line_end(source, at);
        if source[at..end].starts_with("$ ") {
            while end < source.len()
                && goes_on(&source[at + 2..end])
                && !source[end + 1..].starts_with("$ ")
            {
                end = line_end(source, end + 1);
            }
            let text = source[at + 2..end].trim_end();
            commands.push(at + 2..at + 2 + text.len());
        }
        at = end + 1;
    }
    commands
}

fn line_end(source: &str, from: usize) -> usize {
    source[from..].find('\n').map_or(source.len(), |n| from + n)
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

/// A word and where it stands.
struct Word {
    text: Template,
    span: Range<usize>,
}

/// A line as words.
#[derive(Default)]
struct Split {
    words: Vec<Word>,
    /// The number of words before `>`, and where it stands.
    redirect: Option<(usize, Range<usize>)>,
}

/// A line while it is split.
#[derive(Default)]
struct Splitter {
    done: Split,
    /// The word that is being read, and where it begins.
    word: Option<(Template, usize)>,
}

impl Splitter {
    /// The word that is being read; it begins at `at` unless it has begun before.
    fn word(&mut self, at: usize) -> &mut Template {
        &mut self.word.get_or_insert_with(|| (Template::default(), at)).0
    }

    /// Ends the word before `at`.
    fn end_word(&mut self, at: usize) {
        if let Some((text, begin)) = self.word.take() {
            let span = begin..at;
            self.done.words.push(Word { text, span });
        }
    }
}

/// Splits as a shell does.
fn split(line: &str, offset: usize) -> Result<Split, Mistake> {
    let mut splitter = Splitter::default();
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let begin = offset + at;
        let here = begin..begin + c.len_utf8();
        let rest = &line[at..];
        at += c.len_utf8();
        match c {
            '\\' if line[at..].starts_with('\n') => at += 1,
            c if c.is_whitespace() => splitter.end_word(begin),
            '\'' => {
                let Some(length) = line[at..].find('\'') else {
                    return Err(Mistake::new(here, "this quote is not closed"));
                };
                splitter.word(begin).push_str(&line[at..at + length]);
                at += length + 1;
            }
            '"' => at = double_quoted(line, at, offset, splitter.word(begin))?,
            '$' => match variable_name(rest) {
                Some((name, length)) => {
                    let part = Part::Variable(name.to_owned());
                    splitter.word(begin).parts.push(part);
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
                splitter.word(begin).push_str(&text);
                at += text.len();
            }
            '>' if splitter.word.is_none()
                && splitter.done.redirect.is_none()
                && !line[at..].starts_with(['>', '&', '|', '(']) =>
            {
                splitter.done.redirect = Some((splitter.done.words.len(), here));
            }
            '|' | ';' | '&' | '<' | '>' | '`' | '(' | ')' => return Err(unsupported(here, c)),
            '#' if splitter.word.is_none() => break,
            _ => splitter.word(begin).push_str(c.encode_utf8(&mut [0; 4])),
        }
    }
    splitter.end_word(offset + at);
    Ok(splitter.done)
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
        "A command is one `aws …` line with quotes and $VARIABLES, `aws … > FILE`, or \
         NAME=$(aws …). To use the character itself, put the word in single quotes.",
    )
}

#[cfg(test)]
mod tests {
    use super::ShellLine;
    use super::Template;
    use super::Variables;
    use super::assigned_name;
    use super::commands;
    use super::goes_on;
    use super::word_places;

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
    fn a_file_takes_the_output_if_it_is_a_plain_name() {
        let line = ShellLine::parse("aws x --y > a-$A.json", 0).unwrap();
        assert_eq!(line.words.len(), 3);
        assert_eq!(line.variables(), ["A"]);
        for (text, at) in [
            ("aws x > ../a", 8),
            ("aws x > /a", 8),
            ("aws x > $A/..", 8),
            ("aws x > a b", 10),
            ("aws x >> a", 6),
            ("aws x 2> a", 7),
            ("aws x >", 6),
            ("> a", 0),
            ("N=$(aws x > a)", 10),
            ("aws x > a > b", 10),
        ] {
            let mistake = ShellLine::parse(text, 0).unwrap_err();
            assert_eq!(mistake.span.start, at, "{text}: {mistake:?}");
        }
    }

    #[test]
    fn commands_of_a_fence_and_their_words_have_places() {
        let fence = "$ aws a \\\n  --b\nout\n$ aws c\n";
        let places = commands(fence);
        assert_eq!(&fence[places[0].clone()], "aws a \\\n  --b");
        assert_eq!(&fence[places[1].clone()], "aws c");
        assert_eq!(
            word_places("N=$(aws \"a b\" c)", 10),
            [14..17, 18..23, 24..25]
        );
        assert_eq!(assigned_name("N=$(aws x | y)"), Some("N"));
    }

    #[test]
    fn a_dollar_that_names_nothing_is_text_in_a_template() {
        let variables = Variables::from([("A".to_owned(), "1".to_owned())]);
        assert_eq!(Template::parse("$5 $A${A}$").expand(&variables), "$5 11$");
    }
}
