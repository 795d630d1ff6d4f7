//! Hides secret values in the build log.

use std::borrow::Cow;
use std::sync::LazyLock;
use std::sync::PoisonError;
use std::sync::RwLock;

use regex::Regex;

/// What stands for a secret value, as in CodeBuild's own log.
const STARS: &str = "***";

/// An AWS access key id: CodeBuild hides these wherever they come from.
static ACCESS_KEY_ID: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b").ok());

/// The values that must not show. More may come while the build runs.
#[derive(Debug, Default)]
pub(crate) struct Mask {
    values: RwLock<Vec<String>>,
}

impl Mask {
    pub(crate) fn new(secrets: &[String]) -> Self {
        let mask = Self::default();
        for secret in secrets {
            mask.hide(secret);
        }
        mask
    }

    /// One more value. One of several lines is masked line by line, because the log comes in lines.
    pub(crate) fn hide(&self, secret: &str) {
        let mut values = self.values.write().unwrap_or_else(PoisonError::into_inner);
        values.extend(
            secret
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(str::to_owned),
        );
        // A longer value first: it may hold a shorter one.
        values.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        values.dedup();
    }

    /// The text with every secret value replaced. Only exact matches are found, as on AWS.
    pub(crate) fn apply(&self, text: String) -> String {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        let text = values.iter().fold(text, |text, value| {
            if text.contains(value.as_str()) {
                text.replace(value.as_str(), STARS)
            } else {
                text
            }
        });
        let masked = match ACCESS_KEY_ID.as_ref() {
            Some(key) => key.replace_all(&text, STARS),
            None => Cow::Borrowed(text.as_str()),
        };
        match masked {
            Cow::Owned(masked) => masked,
            Cow::Borrowed(_) => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hides_whole_values_and_lines_of_values() {
        let mask = Mask::new(&[
            "key".into(),
            "key-long".into(),
            "one\ntwo\n".into(),
            String::new(),
        ]);
        assert_eq!(mask.apply("a key-long b".into()), "a *** b");
        assert_eq!(mask.apply("two".into()), "***");
        assert_eq!(mask.apply("nothing".into()), "nothing");
        assert_eq!(mask.apply("id AKIAIOSFODNN7EXAMPLE.".into()), "id ***.");
        assert_eq!(mask.apply("AKIA is a prefix".into()), "AKIA is a prefix");
        mask.hide("later");
        assert_eq!(mask.apply("now or later".into()), "now or ***");
    }
}
