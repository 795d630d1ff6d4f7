//! Hides secret values in the build log.

/// What stands for a secret value, as in CodeBuild's own log.
const STARS: &str = "***";

/// The values that must not show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mask {
    values: Vec<String>,
}

impl Mask {
    /// A value of several lines is masked line by line, because the log comes in lines.
    pub(crate) fn new(secrets: &[String]) -> Self {
        let mut values: Vec<String> = secrets
            .iter()
            .flat_map(|secret| secret.lines())
            .filter(|line| !line.trim().is_empty())
            .map(str::to_owned)
            .collect();
        // A longer value first: it may hold a shorter one.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        Self { values }
    }

    /// The text with every secret value replaced. Only exact matches are found, as on AWS.
    pub(crate) fn apply(&self, text: String) -> String {
        self.values.iter().fold(text, |text, value| {
            if text.contains(value.as_str()) {
                text.replace(value.as_str(), STARS)
            } else {
                text
            }
        })
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
    }
}
