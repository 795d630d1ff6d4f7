//! NUNITXML: the result file of NUnit 2.

use roxmltree::Node;

use super::read_error::Misread;
use super::test_case::TestCase;
use super::test_case::TestStatus;
use super::test_case::nanoseconds_of_seconds;
use super::xml_document::all;
use super::xml_document::child;
use super::xml_document::child_text;
use super::xml_document::enclosing;
use super::xml_document::is;
use super::xml_document::wrong_root;

pub(super) fn cases(root: Node<'_, '_>) -> Result<Vec<TestCase>, Misread> {
    if !is(root, "test-results") {
        return Err(wrong_root(root, "NUNITXML", "<test-results>"));
    }
    Ok(all(root, "test-case").map(case).collect())
}

fn case(node: Node<'_, '_>) -> TestCase {
    let name = node.attribute("name").unwrap_or_default();
    let says = |attribute: &str, value: &str| {
        node.attribute(attribute)
            .is_some_and(|own| own.eq_ignore_ascii_case(value))
    };
    let status = match node.attribute("result") {
        Some("Success") => TestStatus::Succeeded,
        Some("Failure") => TestStatus::Failed,
        Some("Error" | "NotRunnable" | "Invalid" | "Cancelled") => TestStatus::Error,
        Some("Ignored" | "Skipped") => TestStatus::Skipped,
        Some(_) => TestStatus::Unknown,
        // NUnit 2.4 has no results, only these two.
        None if says("executed", "false") => TestStatus::Skipped,
        None if says("success", "true") => TestStatus::Succeeded,
        None if says("success", "false") => TestStatus::Failed,
        None => TestStatus::Unknown,
    };
    let suite = enclosing(node, "test-suite");
    let case = TestCase::new(fixture_of(name), name)
        .in_suite(suite)
        .ended(status, nanoseconds_of_seconds(node.attribute("time")));
    match child(node, "failure").or_else(|| child(node, "reason")) {
        Some(why) => {
            case.with_message(&child_text(why, "message"), &child_text(why, "stack-trace"))
        }
        None => case,
    }
}

/// `Fixture` of `Fixture.Method(1.5)`.
pub(super) fn fixture_of(name: &str) -> &str {
    let without_arguments = name.split('(').next().unwrap_or_default();
    without_arguments
        .rsplit_once('.')
        .map_or("", |(fixture, _)| fixture)
}
