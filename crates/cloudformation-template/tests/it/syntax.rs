//! YAML and JSON.

use cloudformation_template::Position;
use cloudformation_template::Template;
use serde_json::json;

use super::Known;
use super::bound;
use super::evaluated;
use super::message;

#[test]
fn json_and_yaml_say_the_same() {
    let yaml = bound(
        "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties: {Name: !Sub 'a-${AWS::Region}', On: true, Size: 5}\n",
        &[],
    );
    let json = bound(
        "\n\t{\"Resources\": {\"A\": {\"Type\": \"AWS::SNS::Topic\", \"Properties\":\n\t\t{\"Name\": {\"Fn::Sub\": \"a-${AWS::Region}\"}, \"On\": true, \"Size\": 5}}}}\n",
        &[],
    );
    let expected = json!({"Name": "a-eu-central-1", "On": true, "Size": 5});
    assert_eq!(yaml.properties("A", &Known::default()).unwrap(), expected);
    assert_eq!(json.properties("A", &Known::default()).unwrap(), expected);
    let position = Position {
        line: 2,
        column: 17,
    };
    assert_eq!(json.resource("A").unwrap().position, position);
}

#[test]
fn scalars_are_those_of_yaml_1_1_but_dates_and_zeros_stay() {
    assert_eq!(evaluated("012345678901"), "012345678901");
    assert_eq!(evaluated("2012-10-17"), "2012-10-17");
    assert_eq!(evaluated("2010-09-09T12:00:00Z"), "2010-09-09T12:00:00Z");
    assert_eq!(evaluated("'2012'"), "2012");
    assert_eq!(evaluated("22:22"), "22:22");
    assert_eq!(evaluated("12e5"), "12e5");
    assert_eq!(evaluated("1.2.3"), "1.2.3");
    assert_eq!(evaluated("3600"), 3600);
    assert_eq!(evaluated("-1.5"), -1.5);
    assert_eq!(evaluated("yes"), true);
    assert_eq!(evaluated("Off"), false);
    assert_eq!(evaluated("!!str yes"), "yes");
    assert_eq!(evaluated("! 12"), "12");
    assert_eq!(evaluated("|\n        two\n        lines\n"), "two\nlines\n");
}

#[test]
fn short_forms_are_functions_wherever_yaml_takes_a_tag() {
    assert_eq!(evaluated("!GetAtt Bucket.Arn"), "Arn-of-Bucket");
    assert_eq!(evaluated("!GetAtt [Bucket, Arn]"), "Arn-of-Bucket");
    assert_eq!(
        evaluated("!GetAtt Bucket.Nested.Name"),
        "Nested.Name-of-Bucket"
    );
    assert_eq!(
        evaluated("[!Ref Bucket, {Fn::Base64: !Ref Topic}]"),
        json!(["id-of-Bucket", "aWQtb2YtVG9waWM="])
    );
    assert_eq!(
        evaluated("!Join\n        - '-'\n        - - a\n          - !Ref AWS::AccountId"),
        "a-012345678901"
    );
}

#[test]
fn a_text_that_is_no_yaml_is_refused_with_its_place() {
    let error = Template::parse("Resources:\n  A:\n    Type: @x\n").unwrap_err();
    assert_eq!(
        error.message(),
        "Template format error: YAML not well-formed. (line 3, column 11)"
    );
    assert_eq!(
        error.position(),
        Position {
            line: 3,
            column: 11
        }
    );
    assert_eq!(
        message("{\"this is invalid JSON\"=\"bobbins\"}"),
        "Template format error: JSON not well-formed. (line 1, column 25)"
    );
    let error = Template::parse("Resources:\n  A: !Reff B\n").unwrap_err();
    assert_eq!(
        error.message(),
        "Template format error: YAML not well-formed. (line 2, column 6)"
    );
    assert_eq!(
        error.help(),
        Some("the tag !Reff is not known: did you mean !Ref?")
    );
    for other in ["", "just a text", "- a\n- b\n", "42"] {
        assert_eq!(
            message(other),
            "Template format error: unsupported structure.",
            "{other:?}"
        );
    }
}

#[test]
fn aliases_are_refused_before_they_grow() {
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n";
    assert_eq!(
        message(bomb),
        "Template error: YAML aliases are not allowed in CloudFormation templates"
    );
}

#[test]
fn deep_nesting_is_refused() {
    let too_deep = "Template format error: the template is nested too deeply.";
    let lists = format!("Resources: {}{}", "[".repeat(120), "]".repeat(120));
    let objects = format!("{}1{}", "{\"a\":".repeat(120), "}".repeat(120));
    assert_eq!(message(&objects), too_deep);
    let deeper = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    assert_eq!(message(&deeper), too_deep);
    let block: String = (0..120)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    for text in [lists, block] {
        assert!(message(&text).starts_with("Template format error: "));
    }
}

#[test]
fn a_key_that_comes_twice_is_refused() {
    let error = Template::parse("Resources:\n  A: {Type: T}\n  A: {Type: T}\n").unwrap_err();
    assert_eq!(
        error.message(),
        "Template format error: duplicate key 'A'. (line 3, column 3)"
    );
    assert_eq!(
        error.help(),
        Some("it stands at line 2, column 3 already: keep one of the two")
    );
    assert_eq!(
        message("{\"Resources\": {}, \"Resources\": {}}"),
        "Template format error: duplicate key 'Resources'. (line 1, column 19)"
    );
}
