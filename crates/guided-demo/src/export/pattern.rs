//! Regular expressions of scripts, written for bash and for JavaScript.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::Class;
use regex_syntax::hir::ClassBytes;
use regex_syntax::hir::ClassUnicode;
use regex_syntax::hir::Hir;
use regex_syntax::hir::HirKind;
use regex_syntax::hir::Look;
use regex_syntax::hir::Repetition;

/// What reads the expression.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dialect {
    /// POSIX extended regular expressions.
    Posix,
    /// JavaScript's.
    JavaScript,
}

/// The expression for another reader, matching a text as a whole. `None` if that reader has nothing
/// that means the same.
pub(crate) fn translate(pattern: &str, dialect: Dialect) -> Option<String> {
    // By bytes first: classes are short then.
    let parse = |unicode: bool| {
        let mut builder = ParserBuilder::new();
        builder
            .unicode(unicode)
            .utf8(unicode)
            .build()
            .parse(pattern)
            .ok()
    };
    let hir = parse(false).or_else(|| parse(true))?;
    Some(format!("^({})$", Writer { dialect }.hir(&hir)?))
}

/// What an answer may be, without what the script format puts around it: letters of either case, and
/// white space at the ends.
pub(crate) fn answer(accept: &regex::Regex) -> &str {
    let whole = accept.as_str();
    whole
        .strip_prefix(r"(?i)^\s*(?:")
        .and_then(|rest| rest.strip_suffix(r")\s*$"))
        .unwrap_or(whole)
}

struct Writer {
    dialect: Dialect,
}

impl Writer {
    fn hir(&self, hir: &Hir) -> Option<String> {
        match hir.kind() {
            HirKind::Empty => Some(String::new()),
            HirKind::Literal(literal) => Some(self.literal(std::str::from_utf8(&literal.0).ok()?)),
            HirKind::Class(class) => self.class(class),
            HirKind::Look(look) => self.look(*look),
            HirKind::Repetition(repetition) => self.repetition(repetition),
            HirKind::Capture(capture) => self.group(&capture.sub),
            HirKind::Concat(parts) => parts.iter().map(|part| self.part(part)).collect(),
            HirKind::Alternation(parts) => self.alternation(parts),
        }
    }

    /// What stands beside others.
    fn part(&self, hir: &Hir) -> Option<String> {
        match hir.kind() {
            HirKind::Alternation(_) => self.group(hir),
            _ => self.hir(hir),
        }
    }

    fn group(&self, hir: &Hir) -> Option<String> {
        Some(format!("({})", self.hir(hir)?))
    }

    /// POSIX has no empty alternatives.
    fn alternation(&self, parts: &[Hir]) -> Option<String> {
        let is_empty = |part: &&Hir| matches!(part.kind(), HirKind::Empty);
        let full: Option<Vec<String>> = parts
            .iter()
            .filter(|part| !is_empty(part))
            .map(|part| self.hir(part))
            .collect();
        let joined = full?.join("|");
        if parts.iter().any(|part| is_empty(&part)) {
            return Some(format!("({joined})?"));
        }
        Some(joined)
    }

    fn repetition(&self, repetition: &Repetition) -> Option<String> {
        let single = match repetition.sub.kind() {
            HirKind::Class(_) | HirKind::Capture(_) => true,
            HirKind::Literal(literal) => {
                std::str::from_utf8(&literal.0).is_ok_and(|text| text.chars().count() == 1)
            }
            _ => false,
        };
        let sub = match single {
            true => self.hir(&repetition.sub)?,
            false => self.group(&repetition.sub)?,
        };
        let times = match (repetition.min, repetition.max) {
            (0, None) => "*".to_owned(),
            (1, None) => "+".to_owned(),
            (0, Some(1)) => "?".to_owned(),
            (min, None) => format!("{{{min},}}"),
            (min, Some(max)) if min == max => format!("{{{min}}}"),
            (min, Some(max)) => format!("{{{min},{max}}}"),
        };
        Some(format!("{sub}{times}"))
    }

    fn look(&self, look: Look) -> Option<String> {
        let written = match (look, self.dialect) {
            (Look::Start, _) => "^",
            (Look::End, _) => "$",
            (Look::WordAscii | Look::WordUnicode, Dialect::JavaScript) => r"\b",
            (Look::WordAsciiNegate | Look::WordUnicodeNegate, Dialect::JavaScript) => r"\B",
            _ => return None,
        };
        Some(written.to_owned())
    }

    fn literal(&self, text: &str) -> String {
        let mut escaped = String::new();
        for c in text.chars() {
            if r"\.[]{}()*+?^$|/".contains(c) && !(c == '/' && self.dialect == Dialect::Posix) {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        escaped
    }

    fn class(&self, class: &Class) -> Option<String> {
        // A class that goes on to the end of all characters is short the other way round.
        let (negated, ranges) = match class {
            Class::Bytes(bytes) => match bytes.ranges().last()?.end() {
                0..=0x7f => (false, byte_ranges(bytes)),
                _ => (true, byte_ranges(&negated_bytes(bytes))),
            },
            Class::Unicode(class) => match class.ranges().last()?.end() {
                char::MAX => (true, char_ranges(&negated_chars(class))),
                _ => (false, char_ranges(class)),
            },
        };
        if ranges.is_empty() {
            let any = match self.dialect {
                Dialect::Posix => ".",
                Dialect::JavaScript => "[^]",
            };
            return Some(any.to_owned());
        }
        // A value has no newline in it: a dot is easier to read.
        if negated && ranges == [('\n', '\n')] {
            return Some(".".to_owned());
        }
        let inner = match self.dialect {
            Dialect::Posix => posix_members(&ranges),
            Dialect::JavaScript => script_members(&ranges),
        };
        Some(format!("[{}{inner}]", if negated { "^" } else { "" }))
    }
}

fn negated_bytes(class: &ClassBytes) -> ClassBytes {
    let mut class = class.clone();
    class.negate();
    class
}

fn negated_chars(class: &ClassUnicode) -> ClassUnicode {
    let mut class = class.clone();
    class.negate();
    class
}

fn byte_ranges(class: &ClassBytes) -> Vec<(char, char)> {
    let ranges = class.ranges().iter();
    ranges
        .map(|range| (char::from(range.start()), char::from(range.end())))
        .collect()
}

fn char_ranges(class: &ClassUnicode) -> Vec<(char, char)> {
    let ranges = class.ranges().iter();
    ranges.map(|range| (range.start(), range.end())).collect()
}

/// A backslash means itself in a bracket; what means something else has its own place there.
fn posix_members(ranges: &[(char, char)]) -> String {
    let mut members = String::new();
    let mut special = Vec::new();
    for &(mut start, mut end) in ranges {
        while start <= end && "]^-[\\\0".contains(start) {
            if start != '\0' {
                special.push(start);
            }
            start = next(start);
        }
        while start <= end && "]^-[\\".contains(end) {
            special.push(end);
            end = previous(end);
        }
        if start < end {
            members.push_str(&format!("{start}-{end}"));
        } else if start == end {
            members.push(start);
        }
    }
    let has = |c: char| special.contains(&c);
    let pick = |c: char| if has(c) { c.to_string() } else { String::new() };
    let mut text = format!("{}{members}{}{}", pick(']'), pick('['), pick('\\'));
    if has('^') {
        // At the beginning it would negate.
        text = match text.is_empty() && has('-') {
            true => return "-^".to_owned(),
            false => text + "^",
        };
    }
    text + &pick('-')
}

fn script_members(ranges: &[(char, char)]) -> String {
    let escape = |c: char| match c {
        '\\' | ']' | '[' | '^' | '-' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", c as u32),
        c => c.to_string(),
    };
    ranges
        .iter()
        .map(|&(start, end)| match start == end {
            true => escape(start),
            false => format!("{}-{}", escape(start), escape(end)),
        })
        .collect()
}

fn next(c: char) -> char {
    char::from_u32(c as u32 + 1).unwrap_or(c)
}

fn previous(c: char) -> char {
    char::from_u32((c as u32).saturating_sub(1)).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::Dialect;
    use super::translate;

    #[test]
    fn patterns_of_scripts_are_written_for_bash() {
        let posix = |pattern| translate(pattern, Dialect::Posix).unwrap();
        assert_eq!(
            posix("[A-Za-z0-9][A-Za-z0-9_-]{1,149}"),
            "^([0-9A-Za-z][0-9A-Z_a-z-]{1,149})$"
        );
        assert_eq!(
            posix(r"arn:aws[a-z-]*:iam::\d{12}:role/.+"),
            "^(arn:aws[a-z-]*:iam::[0-9]{12}:role/.+)$"
        );
        assert_eq!(posix("(?:ab|c)?x|"), "^(((ab|c)?x)?)$");
        assert_eq!(posix(r"a\.b\\"), r"^(a\.b\\)$");
        assert_eq!(posix(r"[^\]^-]"), "^([^]^-])$");
        assert_eq!(posix("(?i)ok"), "^([Oo][Kk])$");
        assert_eq!(translate(r"\bx", Dialect::Posix), None);
    }

    #[test]
    fn and_for_a_page() {
        let script = |pattern| translate(pattern, Dialect::JavaScript).unwrap();
        assert_eq!(script(r"[\]a-c]/\bd"), r"^([\]a-c]\/\bd)$");
        assert_eq!(script("(?s).*"), "^([^]*)$");
    }
}
