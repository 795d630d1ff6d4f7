//! A regular expression in words, for a person whose answer does not fit it.

use regex_syntax::hir::Class;
use regex_syntax::hir::Hir;
use regex_syntax::hir::HirKind;
use regex_syntax::hir::Repetition;

/// The pattern in words; a pattern that has no short words is shown as it is.
pub(super) fn in_words(pattern: &str) -> String {
    regex_syntax::parse(pattern)
        .ok()
        .and_then(|hir| words(&hir))
        .unwrap_or_else(|| format!("something that matches {pattern}"))
}

fn words(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            Some(format!("`{text}`"))
        }
        HirKind::Class(class) => Some(format!("one of {}", characters(class)?)),
        HirKind::Repetition(repetition) => repeated(repetition),
        HirKind::Capture(capture) => words(&capture.sub),
        HirKind::Concat(parts) => {
            let parts: Option<Vec<String>> = parts
                .iter()
                .filter(|part| !matches!(part.kind(), HirKind::Look(_)))
                .map(words)
                .collect();
            Some(parts?.join(", then "))
        }
        HirKind::Alternation(parts) => {
            let parts: Option<Vec<String>> = parts.iter().map(words).collect();
            Some(parts?.join(" or "))
        }
        HirKind::Empty | HirKind::Look(_) => None,
    }
}

fn repeated(repetition: &Repetition) -> Option<String> {
    let HirKind::Class(class) = repetition.sub.kind() else {
        return match (repetition.min, repetition.max) {
            (0, Some(1)) => Some(format!("perhaps {}", words(&repetition.sub)?)),
            _ => None,
        };
    };
    let what = characters(class)?;
    Some(match (repetition.min, repetition.max) {
        (0, None) => format!("any number of {what}"),
        (least, None) => format!("{least} or more of {what}"),
        (0, Some(1)) => format!("perhaps one of {what}"),
        (0, Some(most)) => format!("at most {most} of {what}"),
        (least, Some(most)) if least == most => format!("{least} of {what}"),
        (least, Some(most)) => format!("{least} to {most} of {what}"),
    })
}

/// The characters of a class: the usual ranges by their names, the others one by one.
fn characters(class: &Class) -> Option<String> {
    let Class::Unicode(class) = class else {
        return None;
    };
    let mut names = Vec::new();
    for range in class.ranges() {
        let (start, end) = (range.start(), range.end());
        match (start, end) {
            ('a', 'z') => names.push("small letters".to_owned()),
            ('A', 'Z') => names.push("capital letters".to_owned()),
            ('0', '9') => names.push("digits".to_owned()),
            _ if end as u32 - start as u32 > 16 => return None,
            _ => names.extend((start..=end).map(|c| format!("`{c}`"))),
        }
    }
    if names.len() > 12 {
        return None;
    }
    let last = names.pop()?;
    Some(match names.is_empty() {
        true => last,
        false => format!("{} and {last}", names.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn usual_patterns_have_words() {
        for (pattern, said) in [
            (
                "[A-Za-z0-9][A-Za-z0-9_-]{1,149}",
                "one of digits, capital letters and small letters, then 1 to 149 of `-`, digits, capital letters, `_` and small letters",
            ),
            ("[0-9]{12}", "12 of digits"),
            ("main|develop", "`main` or `develop`"),
            (
                "arn:aws:iam::[0-9]{12}:role/.+",
                "something that matches arn:aws:iam::[0-9]{12}:role/.+",
            ),
        ] {
            assert_eq!(in_words(pattern), said);
        }
    }
}
