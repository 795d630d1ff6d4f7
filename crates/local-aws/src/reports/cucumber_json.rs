//! CUCUMBERJSON: the JSON formatter of Cucumber for the JVM, JavaScript, Ruby and others.

use serde::Deserialize;
use serde_json::Value;

use super::read_error::Misread;
use super::test_case::TestCase;
use super::test_case::TestStatus;

#[derive(Deserialize)]
pub(super) struct Feature {
    #[serde(default)]
    name: String,
    #[serde(default)]
    elements: Vec<Element>,
}

/// A scenario, or the background that runs before each.
#[derive(Deserialize)]
struct Element {
    #[serde(default)]
    name: String,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    keyword: String,
    #[serde(default)]
    before: Vec<Step>,
    #[serde(default)]
    steps: Vec<Step>,
    #[serde(default)]
    after: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    #[serde(default)]
    result: Outcome,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Outcome {
    status: String,
    /// In nanoseconds. Some tools write it as a fraction.
    duration: Value,
    error_message: Option<String>,
}

pub(super) fn cases(features: Vec<Feature>) -> Result<Vec<TestCase>, Misread> {
    let mut cases = Vec::new();
    for feature in features {
        let mut background = Vec::new();
        for element in feature.elements {
            let steps = element
                .before
                .into_iter()
                .chain(element.steps)
                .chain(element.after);
            if element.r#type == "background" || element.keyword == "Background" {
                background.extend(steps);
                continue;
            }
            let steps: Vec<Step> = background.drain(..).chain(steps).collect();
            cases.push(case(&feature.name, &element.name, &steps));
        }
    }
    Ok(cases)
}

fn case(feature: &str, scenario: &str, steps: &[Step]) -> TestCase {
    // The worst step decides.
    let rank = |step: &&Step| match step.result.status.as_str() {
        "passed" => 0,
        "skipped" | "pending" | "disabled" => 1,
        "failed" => 3,
        _ => 2,
    };
    // Of several equally bad ones, the first.
    let worst = steps.iter().rev().max_by_key(rank);
    let status = match worst.as_ref().map(rank) {
        Some(0) => TestStatus::Succeeded,
        Some(1) => TestStatus::Skipped,
        Some(3) => TestStatus::Failed,
        // No step, or one without a definition.
        _ => TestStatus::Unknown,
    };
    let nanoseconds = steps
        .iter()
        .filter_map(|step| step.result.duration.as_f64())
        .sum::<f64>();
    let message = worst.and_then(|step| step.result.error_message.as_deref());
    TestCase::new(feature, scenario)
        .ended(status, nanoseconds as i64)
        .with_message(message.unwrap_or_default(), "")
}
