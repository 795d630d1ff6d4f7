//! The `on-failure` setting of a phase.

/// What happens after a phase has failed.
///
/// See `on-failure` in the [buildspec reference](https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OnFailure {
    /// `ABORT`: no further command phase runs.
    Abort,
    /// `CONTINUE`: the next phase runs.
    Continue,
    /// `RETRY`, `RETRY-<count>`, `RETRY-<regex>`, `RETRY-<count>-<regex>`: the phase runs again.
    Retry {
        /// At most how many times, 0 to 100. AWS's default is 3.
        count: u8,
        /// Only if the output of the phase matches this regular expression.
        pattern: Option<String>,
    },
}

impl OnFailure {
    /// Reads the setting; the error says what is allowed.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "ABORT" => return Ok(Self::Abort),
            "CONTINUE" => return Ok(Self::Continue),
            "RETRY" => {
                return Ok(Self::Retry {
                    count: 3,
                    pattern: None,
                });
            }
            _ => {}
        }
        let Some(rest) = text.strip_prefix("RETRY-").filter(|rest| !rest.is_empty()) else {
            return Err(format!(
                "on-failure is {text:?}; allowed are ABORT, CONTINUE, RETRY, RETRY-count, RETRY-regex and RETRY-count-regex"
            ));
        };
        let (number, pattern) = rest.split_once('-').unwrap_or((rest, ""));
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        let (count, pattern) = if is_number {
            let count = number.parse().ok().filter(|count| *count <= 100);
            let count = count.ok_or_else(|| {
                format!("on-failure asks for {number} retries; at most 100 are allowed")
            })?;
            (count, pattern)
        } else {
            (3, rest)
        };
        if !pattern.is_empty() {
            regex::Regex::new(pattern)
                .map_err(|error| format!("the regular expression of on-failure: {error}"))?;
        }
        Ok(Self::Retry {
            count,
            pattern: (!pattern.is_empty()).then(|| pattern.to_owned()),
        })
    }
}
