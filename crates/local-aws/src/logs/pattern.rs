//! Filter patterns for unstructured log events.
//!
//! As in "Filter pattern syntax" of the CloudWatch Logs user guide: terms that must all be there,
//! `"quoted phrases"`, `?optional` terms of which one must be there, `-excluded` terms. Case counts.

/// A pattern that has been read.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Pattern {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// A sentence that says what is not understood.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let refused = match text.chars().next() {
            Some('{') => Some("JSON patterns such as { $.field = value }"),
            Some('[') => Some("space-delimited patterns such as [w1, w2]"),
            Some('%') => Some("regular expressions such as %term%"),
            _ => None,
        };
        if let Some(kind) = refused {
            return Err(format!(
                "Invalid filter pattern: the local AWS does not have {kind} yet. Use terms: \
                 word, \"some words\", ?either ?or, -without."
            ));
        }
        let mut pattern = Self::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (into, body) = match first {
                '?' => (&mut pattern.any, &rest[1..]),
                '-' => (&mut pattern.none, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (term, after) = match body.strip_prefix('"') {
                Some(quoted) => quoted
                    .split_once('"')
                    .ok_or("Invalid filter pattern: a double quote is not closed")?,
                None => body.split_at(body.find(char::is_whitespace).unwrap_or(body.len())),
            };
            if !term.is_empty() {
                into.push(term.to_owned());
            }
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    /// Whether a message fits. With terms that must be there, optional terms change nothing, as in
    /// CloudWatch.
    pub(super) fn matches(&self, message: &str) -> bool {
        let has = |term: &String| message.contains(term.as_str());
        if self.none.iter().any(has) || !self.all.iter().all(has) {
            return false;
        }
        !self.all.is_empty() || self.any.is_empty() || self.any.iter().any(has)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, message: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(message)
    }

    #[test]
    fn every_plain_term_must_be_there() {
        assert!(matches("Phase complete", "Phase complete: INSTALL"));
        assert!(!matches("Phase failed", "Phase complete: INSTALL"));
        assert!(!matches("phase", "Phase complete: INSTALL"));
        assert!(matches("", "anything"));
    }

    #[test]
    fn quoted_optional_and_excluded_terms() {
        assert!(matches("\"Phase complete\"", "x Phase complete: y"));
        assert!(!matches("\"complete Phase\"", "x Phase complete: y"));
        assert!(matches("?ERROR ?WARN", "a WARN b"));
        assert!(!matches("?ERROR ?WARN", "a b"));
        assert!(!matches(
            "Phase -\"State: SUCCEEDED\"",
            "Phase x State: SUCCEEDED"
        ));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for pattern in ["{ $.a = 1 }", "[a, b]", "%a%", "\"open"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
