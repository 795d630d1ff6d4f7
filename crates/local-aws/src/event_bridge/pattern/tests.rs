//! The matching language, case by case.

use serde_json::json;

use super::Pattern;

const EVENT: &str = r#"{
    "source": "aws.codebuild", "detail-type": "CodeBuild Build State Change",
    "detail": {
        "build-status": "FAILED", "count": 5, "price": 2.5, "done": true, "nothing": null,
        "empty": "", "ip": "10.1.2.3", "ip6": "2001:db8::7", "list": ["a", "b"], "none": [],
        "phases": [{"type": "BUILD", "status": "FAILED"}, {"type": "INSTALL", "status": "SUCCEEDED"}]
    }
}"#;

/// A pattern for the detail, and whether it matches.
const CASES: &[(&str, bool)] = &[
    (r#"{"build-status": ["FAILED"]}"#, true),
    (r#"{"build-status": ["STOPPED", "FAILED"]}"#, true),
    (r#"{"build-status": ["failed"]}"#, false),
    (
        r#"{"build-status": [{"equals-ignore-case": "failed"}]}"#,
        true,
    ),
    (r#"{"count": [5]}"#, true),
    (r#"{"count": ["5"]}"#, false),
    (r#"{"done": [true]}"#, true),
    (r#"{"nothing": [null]}"#, true),
    (r#"{"empty": [""]}"#, true),
    (r#"{"list": ["b", "z"]}"#, true),
    (r#"{"list": ["z"]}"#, false),
    (r#"{"build-status": [{"prefix": "FA"}]}"#, true),
    (r#"{"build-status": [{"prefix": "fa"}]}"#, false),
    (
        r#"{"build-status": [{"prefix": {"equals-ignore-case": "fa"}}]}"#,
        true,
    ),
    (r#"{"build-status": [{"suffix": "LED"}]}"#, true),
    (
        r#"{"build-status": [{"suffix": {"equals-ignore-case": "led"}}]}"#,
        true,
    ),
    (r#"{"count": [{"prefix": "5"}]}"#, false),
    (r#"{"build-status": [{"anything-but": "FAILED"}]}"#, false),
    (
        r#"{"build-status": [{"anything-but": ["SUCCEEDED", "STOPPED"]}]}"#,
        true,
    ),
    (r#"{"count": [{"anything-but": [4, 6]}]}"#, true),
    (r#"{"count": [{"anything-but": 5}]}"#, false),
    (r#"{"absent": [{"anything-but": "x"}]}"#, false),
    (
        r#"{"build-status": [{"anything-but": {"prefix": "FA"}}]}"#,
        false,
    ),
    (
        r#"{"build-status": [{"anything-but": {"prefix": ["SU", "ST"]}}]}"#,
        true,
    ),
    (
        r#"{"build-status": [{"anything-but": {"suffix": "LED"}}]}"#,
        false,
    ),
    (
        r#"{"build-status": [{"anything-but": {"equals-ignore-case": ["failed"]}}]}"#,
        false,
    ),
    (
        r#"{"build-status": [{"anything-but": {"wildcard": "F*D"}}]}"#,
        false,
    ),
    (r#"{"count": [{"numeric": ["=", 5]}]}"#, true),
    (r#"{"count": [{"numeric": ["=", 5.0]}]}"#, true),
    (r#"{"count": [{"numeric": [">", 5]}]}"#, false),
    (r#"{"count": [{"numeric": [">=", 5, "<", 6]}]}"#, true),
    (r#"{"price": [{"numeric": [">", 0, "<=", 2.5]}]}"#, true),
    (r#"{"price": [{"numeric": ["<", 2.5]}]}"#, false),
    (r#"{"build-status": [{"numeric": ["=", 5]}]}"#, false),
    (r#"{"count": [{"exists": true}]}"#, true),
    (r#"{"count": [{"exists": false}]}"#, false),
    (r#"{"absent": [{"exists": false}]}"#, true),
    (r#"{"absent": {"deeper": [{"exists": false}]}}"#, true),
    (r#"{"absent": [{"exists": true}]}"#, false),
    (r#"{"none": [{"exists": true}]}"#, false),
    (r#"{"nothing": [{"exists": true}]}"#, true),
    (r#"{"build-status": [{"wildcard": "F*ED"}]}"#, true),
    (r#"{"build-status": [{"wildcard": "*IL*"}]}"#, true),
    (r#"{"build-status": [{"wildcard": "F*X*D"}]}"#, false),
    (r#"{"build-status": [{"wildcard": "FAILED"}]}"#, true),
    (r#"{"build-status": [{"wildcard": "F\\*"}]}"#, false),
    (r#"{"ip": [{"cidr": "10.1.0.0/16"}]}"#, true),
    (r#"{"ip": [{"cidr": "10.2.0.0/16"}]}"#, false),
    (r#"{"ip": [{"cidr": "0.0.0.0/0"}]}"#, true),
    (r#"{"ip6": [{"cidr": "2001:db8::/32"}]}"#, true),
    (r#"{"ip6": [{"cidr": "10.0.0.0/8"}]}"#, false),
    (
        r#"{"$or": [{"count": [9]}, {"build-status": ["FAILED"]}]}"#,
        true,
    ),
    (
        r#"{"done": [false], "$or": [{"count": [5]}, {"price": [2.5]}]}"#,
        false,
    ),
    (r#"{"$or": [{"count": [9]}, {"price": [9]}]}"#, false),
    (
        r#"{"phases": {"type": ["BUILD"], "status": ["FAILED"]}}"#,
        true,
    ),
    (
        r#"{"phases": {"type": ["BUILD"], "status": ["SUCCEEDED"]}}"#,
        false,
    ),
    (r#"{"build-status": {"deeper": ["x"]}}"#, false),
    (r#"{"phases": ["BUILD"]}"#, false),
];

#[test]
fn patterns_match_what_they_say() {
    let event = serde_json::from_str(EVENT).unwrap();
    for (detail, expected) in CASES {
        let detail: serde_json::Value = serde_json::from_str(detail).unwrap();
        let pattern = json!({ "source": ["aws.codebuild"], "detail": detail });
        let pattern = Pattern::read(&pattern.to_string()).unwrap();
        assert_eq!(pattern.matches(&event), *expected, "{detail}");
    }
}

#[test]
fn what_is_no_pattern_has_a_reason() {
    for (text, reason) in [
        ("[]", "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        (r#"{"detail": {}}"#, "Empty objects are not allowed"),
        (
            r#"{"source": "aws.codebuild"}"#,
            "\"source\" must be an object or an array",
        ),
        (r#"{"source": []}"#, "Empty arrays are not allowed"),
        (
            r#"{"source": [["a"]]}"#,
            "Match value must be String, number, true, false, or null",
        ),
        (
            r#"{"source": [{"regex": "a"}]}"#,
            "Unrecognized match type regex",
        ),
        (
            r#"{"source": [{"prefix": "a", "suffix": "b"}]}"#,
            "Only one key allowed in match expression",
        ),
        (
            r#"{"source": [{"prefix": 1}]}"#,
            "prefix match pattern must be a string",
        ),
        (
            r#"{"source": [{"exists": "yes"}]}"#,
            "exists match pattern must be either true or false.",
        ),
        (
            r#"{"a": [{"numeric": 5}]}"#,
            "Value of numeric must be an array.",
        ),
        (
            r#"{"a": [{"numeric": []}]}"#,
            "Invalid member in numeric match: ]",
        ),
        (
            r#"{"a": [{"numeric": ["~", 5]}]}"#,
            "Unrecognized numeric range operator: ~",
        ),
        (
            r#"{"a": [{"numeric": [">", "x"]}]}"#,
            "Value of > must be numeric",
        ),
        (
            r#"{"a": [{"numeric": [">", 5, "<", 1]}]}"#,
            "Bottom must be less than top",
        ),
        (
            r#"{"a": [{"numeric": [">", 5, "<", 6, "<", 7]}]}"#,
            "Too many elements in numeric expression",
        ),
        (
            r#"{"a": [{"anything-but": [1, "x"]}]}"#,
            "Inside anything but list, either all values are number or string, mixed type is not \
             supported",
        ),
        (
            r#"{"a": [{"anything-but": {"numeric": ["=", 1]}}]}"#,
            "Unsupported anything-but pattern: numeric",
        ),
        (
            r#"{"a": [{"wildcard": "a**"}]}"#,
            "Consecutive wildcard characters at pos 1",
        ),
        (
            r#"{"a": [{"wildcard": "a\\b"}]}"#,
            "Invalid escape character at pos 1",
        ),
        (
            r#"{"a": [{"cidr": "10.0.0.0"}]}"#,
            "Malformed CIDR, one '/' required: \"10.0.0.0\"",
        ),
    ] {
        assert_eq!(Pattern::read(text).unwrap_err(), reason, "{text}");
    }
    assert!(Pattern::read("{").is_err());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in r#"[\[\]{}"a:,*\\$or0-9numericexistscidr/.-]{0,40}"#) {
        let _ = Pattern::read(&text).map(|pattern| pattern.matches(&json!({ "a": ["x"] })));
    }
}
