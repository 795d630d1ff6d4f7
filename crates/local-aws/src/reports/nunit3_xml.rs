//! NUNIT3XML: the result file of NUnit 3 and 4.

use roxmltree::Node;

use super::nunit_xml::fixture_of;
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
    if !is(root, "test-run") && !is(root, "test-suite") {
        return Err(wrong_root(root, "NUNIT3XML", "<test-run>"));
    }
    Ok(all(root, "test-case").map(case).collect())
}

fn case(node: Node<'_, '_>) -> TestCase {
    let full_name = node
        .attribute("fullname")
        .or_else(|| node.attribute("name"))
        .unwrap_or_default();
    let prefix = node
        .attribute("classname")
        .unwrap_or_else(|| fixture_of(full_name));
    let status = match (node.attribute("result"), node.attribute("label")) {
        (Some("Passed" | "Warning"), _) => TestStatus::Succeeded,
        (Some("Failed"), Some("Error" | "Invalid" | "Cancelled")) => TestStatus::Error,
        (Some("Failed"), _) => TestStatus::Failed,
        (Some("Skipped"), _) => TestStatus::Skipped,
        _ => TestStatus::Unknown,
    };
    let suite = enclosing(node, "test-suite");
    let case = TestCase::new(prefix, full_name)
        .in_suite(suite)
        .ended(status, nanoseconds_of_seconds(node.attribute("duration")));
    match child(node, "failure").or_else(|| child(node, "reason")) {
        Some(why) => {
            case.with_message(&child_text(why, "message"), &child_text(why, "stack-trace"))
        }
        None => case,
    }
}
