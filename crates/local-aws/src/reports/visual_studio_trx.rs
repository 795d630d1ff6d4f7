//! VISUALSTUDIOTRX: what `dotnet test --logger trx` and VSTest write.

use std::collections::HashMap;

use roxmltree::Node;

use super::nunit_xml::fixture_of;
use super::read_error::Misread;
use super::test_case::TestCase;
use super::test_case::TestStatus;
use super::xml_document::all;
use super::xml_document::child;
use super::xml_document::child_text;
use super::xml_document::is;
use super::xml_document::wrong_root;

pub(super) fn cases(root: Node<'_, '_>) -> Result<Vec<TestCase>, Misread> {
    if !is(root, "TestRun") {
        return Err(wrong_root(root, "VISUALSTUDIOTRX", "<TestRun>"));
    }
    let classes: HashMap<&str, &str> = all(root, "UnitTest")
        .filter_map(|test| {
            let class = child(test, "TestMethod")?.attribute("className")?;
            // Older versions add the assembly: `Name.Space.Class, Assembly, Version=…`.
            let class = class.split(',').next().unwrap_or(class);
            Some((test.attribute("id")?, class))
        })
        .collect();
    Ok(all(root, "UnitTestResult")
        // The rows of a data-driven test are its results; it has none of its own.
        .filter(|result| child(*result, "InnerResults").is_none())
        .map(|result| case(result, &classes))
        .collect())
}

fn case(result: Node<'_, '_>, classes: &HashMap<&str, &str>) -> TestCase {
    let name = result.attribute("testName").unwrap_or_default();
    let class = result
        .attribute("testId")
        .and_then(|id| classes.get(id).copied());
    let status = match result.attribute("outcome") {
        Some("Passed" | "Warning" | "Completed") => TestStatus::Succeeded,
        Some("Failed") => TestStatus::Failed,
        Some("Error" | "Timeout" | "Aborted" | "PassedButRunAborted" | "NotRunnable") => {
            TestStatus::Error
        }
        Some("NotExecuted") => TestStatus::Skipped,
        _ => TestStatus::Unknown,
    };
    let case = TestCase::new(class.unwrap_or_else(|| fixture_of(name)), name)
        .ended(status, duration(result.attribute("duration")));
    match child(result, "Output").and_then(|output| child(output, "ErrorInfo")) {
        Some(error) => case.with_message(
            &child_text(error, "Message"),
            &child_text(error, "StackTrace"),
        ),
        None => case,
    }
}

/// `hh:mm:ss.fffffff` or `d.hh:mm:ss.fffffff`, in nanoseconds; 0 for anything else.
fn duration(text: Option<&str>) -> i64 {
    let parts: Vec<&str> = text.unwrap_or_default().split(':').collect();
    let &[hours, minutes, seconds] = parts.as_slice() else {
        return 0;
    };
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let part = |text: &str| text.parse::<f64>().unwrap_or_default();
    let seconds =
        part(days) * 86_400.0 + part(hours) * 3600.0 + part(minutes) * 60.0 + part(seconds);
    if seconds.is_finite() {
        (seconds * 1e9).round() as i64
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_net_time_spans() {
        assert_eq!(duration(Some("00:01:02.5000000")), 62_500_000_000);
        assert_eq!(duration(Some("1.00:00:00")), 86_400_000_000_000);
        assert_eq!(duration(Some("soon")), 0);
        assert_eq!(duration(Some("inf:0:0")), 0);
    }
}
