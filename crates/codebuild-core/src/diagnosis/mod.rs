//! What went wrong in a build, and how to put it right.

mod catalogue;
mod cause;
mod causes;
mod plain_text;
mod record;
#[cfg(test)]
mod tests;

use serde_json::Value;

use self::record::Failure;

/// What went wrong in a build, and how to put it right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Diagnosis {
    /// A stable name, such as `privileged-mode-off`.
    pub id: &'static str,
    /// What happened, one sentence.
    pub what: String,
    /// Why, one or two sentences.
    pub why: String,
    /// How to fix it, one or two sentences.
    pub fix: String,
    /// The log line or context that shows it.
    pub evidence: Option<String>,
    /// The exam task it belongs to, such as `1.2`.
    pub exam_task: &'static str,
}

/// Explains a failed build from its record (as BatchGetBuilds gives it) and its log, most likely
/// cause first. Empty for a build that succeeded or still runs.
#[must_use]
pub fn diagnose(build: &Value, log: &[String]) -> Vec<Diagnosis> {
    let log = plain_text::lines(log);
    let Some(failure) = Failure::of(build, &log) else {
        return Vec::new();
    };
    catalogue::causes(&failure)
}
