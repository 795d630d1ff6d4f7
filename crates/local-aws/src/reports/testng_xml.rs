//! TESTNGXML: `testng-results.xml`.

use roxmltree::Node;

use super::read_error::Misread;
use super::test_case::TestCase;
use super::test_case::TestStatus;
use super::test_case::nanoseconds_of_milliseconds;
use super::xml_document::all;
use super::xml_document::child;
use super::xml_document::child_text;
use super::xml_document::enclosing;
use super::xml_document::is;
use super::xml_document::wrong_root;

pub(super) fn cases(root: Node<'_, '_>) -> Result<Vec<TestCase>, Misread> {
    if !is(root, "testng-results") {
        return Err(wrong_root(root, "TESTNGXML", "<testng-results>"));
    }
    Ok(all(root, "test-method")
        // Methods that prepare tests or clean up after them are no tests.
        .filter(|method| method.attribute("is-config") != Some("true"))
        .map(case)
        .collect())
}

fn case(method: Node<'_, '_>) -> TestCase {
    let status = match method.attribute("status") {
        Some("PASS" | "SUCCESS") => TestStatus::Succeeded,
        Some("FAIL" | "SUCCESS_PERCENTAGE_FAILURE") => TestStatus::Failed,
        Some("SKIP") => TestStatus::Skipped,
        _ => TestStatus::Unknown,
    };
    let case = TestCase::new(
        enclosing(method, "class").unwrap_or_default(),
        method.attribute("name").unwrap_or_default(),
    )
    .in_suite(enclosing(method, "suite"))
    .ended(
        status,
        nanoseconds_of_milliseconds(method.attribute("duration-ms")),
    );
    match child(method, "exception") {
        Some(exception) => case.with_message(
            &child_text(exception, "message"),
            &child_text(exception, "full-stacktrace"),
        ),
        None => case,
    }
}
