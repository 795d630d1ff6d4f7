//! One test case, whichever tool ran it.

/// The longest name that CodeBuild keeps, in characters.
const LONGEST_NAME: usize = 1000;

/// The longest message that CodeBuild keeps, in characters.
const LONGEST_MESSAGE: usize = 5000;

/// How a test ended: the values of `TestCase.status`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TestStatus {
    Succeeded,
    Failed,
    Error,
    Skipped,
    Unknown,
}

impl TestStatus {
    /// All, in the order of `statusCounts`.
    pub(crate) const ALL: [Self; 5] = [
        Self::Error,
        Self::Failed,
        Self::Skipped,
        Self::Succeeded,
        Self::Unknown,
    ];

    /// The name in the API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Error => "ERROR",
            Self::Skipped => "SKIPPED",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// A test case as a raw file describes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TestCase {
    /// Set when the file that it comes from is known.
    pub(super) raw_data_path: String,
    /// The class, feature or fixture that it belongs to.
    pub(super) prefix: String,
    pub(super) name: String,
    /// The enclosing suite, if the format has suites.
    pub(super) suite: Option<String>,
    pub(super) status: TestStatus,
    pub(super) message: String,
    pub(super) nanoseconds: i64,
}

impl TestCase {
    /// A case that succeeded in no time.
    pub(super) fn new(prefix: &str, name: &str) -> Self {
        Self {
            raw_data_path: String::new(),
            prefix: cut(prefix, LONGEST_NAME),
            name: cut(name, LONGEST_NAME),
            suite: None,
            status: TestStatus::Succeeded,
            message: String::new(),
            nanoseconds: 0,
        }
    }

    pub(super) fn in_suite(mut self, suite: Option<&str>) -> Self {
        self.suite = suite
            .filter(|suite| !suite.is_empty())
            .map(|suite| cut(suite, LONGEST_NAME));
        self
    }

    pub(super) fn ended(mut self, status: TestStatus, nanoseconds: i64) -> Self {
        self.status = status;
        self.nanoseconds = nanoseconds.max(0);
        self
    }

    /// The message and the stack trace below it.
    pub(super) fn with_message(mut self, message: &str, trace: &str) -> Self {
        let (message, trace) = (message.trim(), trace.trim());
        // Many tools begin the trace with the message.
        let text = if trace.starts_with(message) {
            trace.to_owned()
        } else if trace.is_empty() {
            message.to_owned()
        } else {
            format!("{message}\n{trace}")
        };
        self.message = cut(&text, LONGEST_MESSAGE);
        self
    }
}

/// Seconds, as test tools write them (`0.123`, `1,234.5`, `1.2E-4`), in nanoseconds. What is not a
/// number counts as 0.
pub(super) fn nanoseconds_of_seconds(text: Option<&str>) -> i64 {
    in_nanoseconds(text, 1e9)
}

/// The same for milliseconds.
pub(super) fn nanoseconds_of_milliseconds(text: Option<&str>) -> i64 {
    in_nanoseconds(text, 1e6)
}

fn in_nanoseconds(text: Option<&str>, unit: f64) -> i64 {
    let digits = text.unwrap_or_default().trim().replace(',', "");
    let number: f64 = digits.parse().unwrap_or_default();
    if number.is_finite() && number > 0.0 {
        // A conversion of a float that is too large gives the largest integer.
        (number * unit).round() as i64
    } else {
        0
    }
}

fn cut(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_come_in_several_spellings() {
        assert_eq!(nanoseconds_of_seconds(Some("0.0012")), 1_200_000);
        assert_eq!(nanoseconds_of_seconds(Some("1,234.5")), 1_234_500_000_000);
        assert_eq!(nanoseconds_of_seconds(Some("1E-3")), 1_000_000);
        for nonsense in [None, Some(""), Some("NaN"), Some("-1"), Some("soon")] {
            assert_eq!(nanoseconds_of_seconds(nonsense), 0, "{nonsense:?}");
        }
        assert_eq!(nanoseconds_of_seconds(Some("1e300")), i64::MAX);
    }

    #[test]
    fn long_texts_are_cut_at_codebuilds_limits() {
        let long = "ä".repeat(6000);
        let case = TestCase::new(&long, &long).with_message(&long, "");
        assert_eq!(case.name.chars().count(), 1000);
        assert_eq!(case.message.chars().count(), 5000);
    }
}
