//! Each format, as its tools write it.

use buildspec::ReportFormat;
use proptest::prelude::*;

use super::*;
use crate::reports::coverage::FileCoverage;
use crate::reports::test_case::TestStatus;
use crate::reports::test_case::TestStatus::Error;
use crate::reports::test_case::TestStatus::Failed;
use crate::reports::test_case::TestStatus::Skipped;
use crate::reports::test_case::TestStatus::Succeeded;
use crate::reports::test_case::TestStatus::Unknown;

macro_rules! report_file {
    ($name:literal) => {
        ReportFile {
            path: $name.into(),
            content: include_bytes!(concat!("../../tests/report_files/", $name)).to_vec(),
        }
    };
}

fn tests_in(format: ReportFormat, file: ReportFile) -> Vec<TestCase> {
    match read(format, &[file]) {
        (Contents::Tests(cases), unreadable) if unreadable.is_empty() => cases,
        other => panic!("{other:?}"),
    }
}

fn coverage_in(format: ReportFormat, file: ReportFile) -> Vec<FileCoverage> {
    match read(format, &[file]) {
        (Contents::Coverage(coverage), unreadable) if unreadable.is_empty() => coverage.count(),
        other => panic!("{other:?}"),
    }
}

/// Prefix, name, status and milliseconds of every case.
fn brief(cases: &[TestCase]) -> Vec<(&str, &str, TestStatus, i64)> {
    cases
        .iter()
        .map(|case| {
            let milliseconds = case.nanoseconds / 1_000_000;
            (
                case.prefix.as_str(),
                case.name.as_str(),
                case.status,
                milliseconds,
            )
        })
        .collect()
}

fn file(path: &str, lines: (u32, u32), branches: (u32, u32)) -> FileCoverage {
    FileCoverage {
        path: path.to_owned(),
        lines_covered: lines.0,
        lines_missed: lines.1,
        branches_covered: branches.0,
        branches_missed: branches.1,
    }
}

#[test]
fn junit_of_surefire() {
    let cases = tests_in(ReportFormat::JunitXml, report_file!("junit-surefire.xml"));
    assert_eq!(
        brief(&cases),
        [
            ("shop.CartTest", "addsAnItem", Succeeded, 12),
            ("shop.CartTest", "countsItems", Failed, 1_000_500),
            ("shop.CartTest", "pays", Error, 738),
            ("shop.CartTest", "ships", Skipped, 0),
        ]
    );
    assert_eq!(
        cases[1].message,
        "expected: <2> but was: <1>\norg.opentest4j.AssertionFailedError: expected: <2> but was: \
         <1>\n\tat shop.CartTest.countsItems(CartTest.java:21)"
    );
    assert_eq!(cases[3].message, "later");
    assert_eq!(cases[0].suite.as_deref(), Some("shop.CartTest"));
    assert_eq!(cases[0].raw_data_path, "junit-surefire.xml");
}

#[test]
fn junit_of_pytest_and_jest() {
    let cases = tests_in(ReportFormat::JunitXml, report_file!("junit-pytest.xml"));
    assert_eq!(
        brief(&cases),
        [
            ("tests.test_cart", "test_add", Succeeded, 1),
            ("tests.test_cart.TestTotals", "test_total[3-7]", Failed, 2),
            ("tests.test_cart", "test_ship", Skipped, 0),
        ]
    );
    assert!(
        cases[1]
            .message
            .starts_with("assert 10 == 11\ndef test_total")
    );

    let cases = tests_in(ReportFormat::JunitXml, report_file!("junit-jest.xml"));
    assert_eq!(
        brief(&cases),
        [
            ("cart adds an item", "cart adds an item", Succeeded, 4),
            ("cart counts items", "cart counts items", Failed, 2),
        ]
    );
    assert!(cases[1].message.starts_with("Error: expect(received)"));
}

#[test]
fn cucumber_counts_scenarios_with_their_background() {
    let cases = tests_in(ReportFormat::CucumberJson, report_file!("cucumber.json"));
    assert_eq!(
        brief(&cases),
        [
            ("The cart", "Add an item", Succeeded, 3),
            ("The cart", "Count items", Failed, 3),
            ("The cart", "Pay", Unknown, 0),
            ("The cart", "Ship", Skipped, 0),
        ]
    );
    assert!(cases[1].message.starts_with("expected 2 but was 1\n"));
}

#[test]
fn testng_without_its_configuration_methods() {
    let cases = tests_in(ReportFormat::TestngXml, report_file!("testng-results.xml"));
    assert_eq!(
        brief(&cases),
        [
            ("shop.CartTest", "adds", Succeeded, 15),
            ("shop.CartTest", "counts", Failed, 3),
            ("shop.CartTest", "ships", Skipped, 0),
        ]
    );
    assert_eq!(cases[0].suite.as_deref(), Some("Shop"));
    assert!(cases[1].message.starts_with("expected [2] but found [1]\n"));
}

#[test]
fn nunit_2_and_3() {
    let cases = tests_in(ReportFormat::NunitXml, report_file!("nunit2.xml"));
    assert_eq!(
        brief(&cases),
        [
            ("Shop.CartTests", "Shop.CartTests.Adds", Succeeded, 16),
            ("Shop.CartTests", "Shop.CartTests.Counts(1.5)", Failed, 4),
            ("Shop.CartTests", "Shop.CartTests.NeedsArguments", Error, 0),
            ("Shop.CartTests", "Shop.CartTests.Ships", Skipped, 0),
            ("Shop.CartTests", "Shop.CartTests.Guesses", Unknown, 1),
        ]
    );
    assert_eq!(cases[2].message, "No arguments were provided");

    let cases = tests_in(ReportFormat::Nunit3Xml, report_file!("nunit3.xml"));
    assert_eq!(
        brief(&cases),
        [
            ("Shop.CartTests", "Shop.CartTests.Adds", Succeeded, 16),
            ("Shop.CartTests", "Shop.CartTests.Counts", Failed, 4),
            ("Shop.CartTests", "Shop.CartTests.Pays", Error, 2),
            ("Shop.CartTests", "Shop.CartTests.Ships", Skipped, 0),
            ("Shop.CartTests", "Shop.CartTests.Guesses", Unknown, 1),
        ]
    );
    assert_eq!(
        cases[1].message,
        "Expected: 2\n  But was:  1\nat Shop.CartTests.Counts() in /src/CartTests.cs:line 21"
    );
}

#[test]
fn trx_counts_the_rows_of_a_data_driven_test() {
    let cases = tests_in(
        ReportFormat::VisualStudioTrx,
        report_file!("visual-studio.trx"),
    );
    assert_eq!(
        brief(&cases),
        [
            ("Shop.CartTests", "Adds", Succeeded, 16),
            ("Shop.CartTests", "Counts", Failed, 4),
            ("", "Ships", Skipped, 0),
            ("Shop.CartTests", "Rows (1)", Succeeded, 5),
            ("Shop.CartTests", "Rows (2)", Error, 5),
        ]
    );
    assert!(cases[1].message.contains("Actual:<1>.\nat Shop"));
}

#[test]
fn cobertura_counts_a_line_of_several_classes_once() {
    assert_eq!(
        coverage_in(ReportFormat::CoberturaXml, report_file!("cobertura.xml")),
        [
            file("shop/cart.py", (4, 1), (1, 1)),
            file("shop/till.py", (1, 0), (0, 0)),
        ]
    );
}

#[test]
fn clover_counts_statements_and_both_ways_of_a_condition() {
    assert_eq!(
        coverage_in(ReportFormat::CloverXml, report_file!("clover.xml")),
        [file("/src/shop/cart.js", (3, 1), (1, 3))]
    );
}

#[test]
fn jacoco_agrees_with_its_own_counters() {
    assert_eq!(
        coverage_in(ReportFormat::JacocoXml, report_file!("jacoco.xml")),
        [file("shop/cart/Cart.java", (2, 1), (3, 1))]
    );
}

#[test]
fn simplecov_joins_its_suites() {
    assert_eq!(
        coverage_in(
            ReportFormat::Simplecov,
            report_file!("simplecov-resultset.json")
        ),
        [
            file("/src/lib/cart.rb", (4, 0), (1, 1)),
            file("/src/lib/till.rb", (0, 1), (0, 0)),
        ]
    );
    let newer = br#"{ "meta": {}, "coverage": { "a.rb": { "lines": [1, "ignored", 0],
        "branches": [{ "type": "then", "coverage": 3 }, { "type": "else", "coverage": 0 }] } } }"#;
    let newer = ReportFile {
        path: "coverage.json".into(),
        content: newer.to_vec(),
    };
    assert_eq!(
        coverage_in(ReportFormat::Simplecov, newer),
        [file("a.rb", (1, 1), (1, 1))]
    );
}

fn error_of(format: ReportFormat, content: &[u8]) -> String {
    let file = ReportFile {
        path: "out/result.xml".into(),
        content: content.to_vec(),
    };
    let (_, unreadable) = read(format, &[file]);
    assert_eq!(unreadable.len(), 1, "{unreadable:?}");
    unreadable[0].to_string()
}

#[test]
fn a_broken_file_is_named_with_the_place() {
    for (format, content, wanted) in [
        (
            ReportFormat::JunitXml,
            "<testsuite>\n  <testcase>\n</testsuite>",
            "out/result.xml:3:1: this is not XML: ",
        ),
        (
            ReportFormat::JunitXml,
            "<html></html>",
            "out/result.xml:1:1: the root element is <html>, but a JUNITXML file begins with \
             <testsuites> or <testsuite>. Check file-format in the buildspec",
        ),
        (
            ReportFormat::CoberturaXml,
            "<coverage>\n<class filename='a'><lines>\n <line number='x'/></lines></class></coverage>",
            "out/result.xml:3:2: the attribute number of <line> is 'x', not a number",
        ),
        (
            ReportFormat::CucumberJson,
            "[\n  {\"name\": 1}\n]",
            "out/result.xml:2:12: this is not what the format has here: invalid type: integer",
        ),
        (
            ReportFormat::Simplecov,
            "{\"RSpec\": {}}",
            "out/result.xml:1:1: this is not a result of SimpleCov: RSpec has no object coverage",
        ),
    ] {
        let error = error_of(format, content.as_bytes());
        assert!(error.starts_with(wanted), "{error}");
    }
    let not_text = error_of(ReportFormat::JunitXml, b"<testsuite>\n<a b='\xff'/>");
    assert_eq!(not_text, "out/result.xml:2:7: this is not UTF-8 text");
}

#[test]
fn other_encodings_are_read() {
    let text = "<testsuite><testcase name='größer'/></testsuite>";
    let utf_16: Vec<u8> = [0xfeff]
        .into_iter()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut latin_1 = b"<?xml version='1.0' encoding='ISO-8859-1'?>".to_vec();
    latin_1.extend(text.chars().map(|character| character as u8));
    for content in [utf_16, latin_1] {
        let file = ReportFile {
            path: "a.xml".into(),
            content,
        };
        assert_eq!(tests_in(ReportFormat::JunitXml, file)[0].name, "größer");
    }
}

#[test]
fn what_can_be_read_is_kept_when_another_file_cannot() {
    let broken = ReportFile {
        path: "broken.xml".into(),
        content: b"<testsuite>".to_vec(),
    };
    let files = [broken, report_file!("junit-jest.xml")];
    let (contents, unreadable) = read(ReportFormat::JunitXml, &files);
    assert!(matches!(contents, Contents::Tests(cases) if cases.len() == 2));
    assert_eq!(unreadable[0].path, "broken.xml");
}

#[test]
fn a_deep_file_does_not_exhaust_the_stack() {
    for format in ReportFormat::ALL {
        let xml = "<testsuite>".repeat(100_000);
        error_of(format, xml.as_bytes());
        let json = "[".repeat(100_000);
        error_of(format, json.as_bytes());
    }
    let deep = "<testsuite>".repeat(50_000) + &"</testsuite>".repeat(50_000);
    let file = ReportFile {
        path: "deep.xml".into(),
        content: deep.into_bytes(),
    };
    assert!(tests_in(ReportFormat::JunitXml, file).is_empty());
}

#[test]
fn an_entity_bomb_is_refused() {
    let mut bomb = "<!DOCTYPE testsuite [<!ENTITY e0 'x'>".to_owned();
    for level in 1..30 {
        let before = format!("&e{};", level - 1).repeat(10);
        bomb.push_str(&format!("<!ENTITY e{level} '{before}'>"));
    }
    bomb.push_str(
        "]><testsuite><testcase name='a'><failure>&e29;</failure></testcase></testsuite>",
    );
    error_of(ReportFormat::JunitXml, bomb.as_bytes());
}

fn well_formed(format: ReportFormat) -> ReportFile {
    match format {
        ReportFormat::CucumberJson => report_file!("cucumber.json"),
        ReportFormat::JunitXml => report_file!("junit-surefire.xml"),
        ReportFormat::NunitXml => report_file!("nunit2.xml"),
        ReportFormat::Nunit3Xml => report_file!("nunit3.xml"),
        ReportFormat::TestngXml => report_file!("testng-results.xml"),
        ReportFormat::VisualStudioTrx => report_file!("visual-studio.trx"),
        ReportFormat::CloverXml => report_file!("clover.xml"),
        ReportFormat::CoberturaXml => report_file!("cobertura.xml"),
        ReportFormat::JacocoXml => report_file!("jacoco.xml"),
        ReportFormat::Simplecov => report_file!("simplecov-resultset.json"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_a_reader_panic(
        format in prop::sample::select(&ReportFormat::ALL[..]),
        garbage in prop::collection::vec(any::<u8>(), 0..40),
        at in any::<prop::sample::Index>(),
        cut in 0_usize..60,
    ) {
        let mut damaged = well_formed(format);
        let from = at.index(damaged.content.len());
        let to = (from + cut).min(damaged.content.len());
        damaged.content.splice(from..to, garbage.iter().copied());
        let garbage = ReportFile { path: "garbage".into(), content: garbage };
        for file in [damaged, garbage] {
            if let (Contents::Coverage(coverage), _) = read(format, &[file]) {
                coverage.count();
            }
        }
    }

    #[test]
    fn no_numbers_make_a_reader_panic(
        format in prop::sample::select(&ReportFormat::ALL[..]),
        number in prop::sample::select(&["-1", "99999999999999999999", "1e400", "NaN", "", "0"][..]),
        digit in prop::sample::select(&["0", "1", "2", "3", "7"][..]),
    ) {
        let mut file = well_formed(format);
        let text = String::from_utf8_lossy(&file.content).replace(digit, number);
        file.content = text.into_bytes();
        if let (Contents::Coverage(coverage), _) = read(format, &[file]) {
            coverage.count();
        }
    }
}
