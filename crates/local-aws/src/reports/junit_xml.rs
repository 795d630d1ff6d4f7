//! JUNITXML: what Surefire, Gradle, pytest, jest-junit, nextest and many others write.

use roxmltree::Node;

use super::read_error::Misread;
use super::test_case::TestCase;
use super::test_case::TestStatus;
use super::test_case::nanoseconds_of_seconds;
use super::xml_document::all;
use super::xml_document::child;
use super::xml_document::enclosing;
use super::xml_document::is;
use super::xml_document::text;
use super::xml_document::wrong_root;

pub(super) fn cases(root: Node<'_, '_>) -> Result<Vec<TestCase>, Misread> {
    if !is(root, "testsuites") && !is(root, "testsuite") {
        return Err(wrong_root(root, "JUNITXML", "<testsuites> or <testsuite>"));
    }
    Ok(all(root, "testcase").map(case).collect())
}

fn case(node: Node<'_, '_>) -> TestCase {
    let suite = enclosing(node, "testsuite");
    let class = node
        .attribute("classname")
        .filter(|class| !class.is_empty());
    let prefix = class.or(suite).unwrap_or_default();
    let name = node.attribute("name").unwrap_or_default();
    let time = nanoseconds_of_seconds(node.attribute("time"));
    let (status, why) = if let Some(error) = child(node, "error") {
        (TestStatus::Error, Some(error))
    } else if let Some(failure) = child(node, "failure") {
        (TestStatus::Failed, Some(failure))
    } else if let Some(skipped) = child(node, "skipped") {
        (TestStatus::Skipped, Some(skipped))
    } else if matches!(
        node.attribute("status"),
        // GoogleTest names disabled tests so.
        Some("notrun" | "disabled" | "skipped" | "ignored")
    ) {
        (TestStatus::Skipped, None)
    } else {
        (TestStatus::Succeeded, None)
    };
    let case = TestCase::new(prefix, name)
        .in_suite(suite)
        .ended(status, time);
    match why {
        Some(why) => case.with_message(why.attribute("message").unwrap_or_default(), &text(why)),
        None => case,
    }
}
