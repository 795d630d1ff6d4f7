//! Functions in the sections Resources and Outputs.

use serde_json::json;

use super::Known;
use super::bound;
use super::evaluated;
use super::evaluation_error;
use super::message;
use super::template_with;

#[test]
fn texts_are_joined_split_and_replaced() {
    assert_eq!(
        evaluated("!Join ['-', [a, 1, true, !Ref Bucket]]"),
        "a-1-true-id-of-Bucket"
    );
    assert_eq!(evaluated("!Join [',', !Ref Names]"), "a,b,c");
    assert_eq!(evaluated("!Split ['-', a-b-c]"), json!(["a", "b", "c"]));
    assert_eq!(evaluated("!Select [1, !Split ['/', a/b]]"), "b");
    assert_eq!(evaluated("!Select ['1', !GetAtt Topic.List]"), "second");
    assert_eq!(
        evaluated("!Sub '${AWS::StackName}-${Bucket}-${Bucket.Arn}-${!Literal}-${Count}$'"),
        "demo-id-of-Bucket-Arn-of-Bucket-${Literal}-2$"
    );
    assert_eq!(
        evaluated("!Sub ['${Bucket}-${a.b}', {Bucket: own, a.b: !Ref Topic}]"),
        "own-id-of-Topic"
    );
    assert_eq!(evaluated("!Sub '${unclosed'"), "${unclosed");
    assert_eq!(evaluated("!Base64 hello"), "aGVsbG8=");
}

#[test]
fn conditions_choose_values_and_no_value_removes_them() {
    assert_eq!(evaluated("!If [Large, a, b]"), "a");
    assert_eq!(evaluated("!If [Small, a, b]"), "b");
    assert_eq!(
        evaluated("{A: !If [Small, x, !Ref AWS::NoValue], B: [!Ref AWS::NoValue, 1]}"),
        json!({"B": [1]})
    );
}

#[test]
fn mappings_imports_zones_and_address_blocks() {
    assert_eq!(evaluated("!FindInMap [Sizes, small, cpu]"), "256");
    assert_eq!(
        evaluated("!FindInMap [Sizes, small, zones]"),
        json!(["x", "y"])
    );
    assert_eq!(
        evaluated("!FindInMap [Sizes, large, cpu, {DefaultValue: none}]"),
        "none"
    );
    assert_eq!(
        evaluation_error("!FindInMap [Sizes, !Ref AWS::Region, cpu]"),
        "Template error: Unable to get mapping for Sizes::eu-central-1::cpu"
    );
    assert_eq!(
        evaluated("!ImportValue {Fn::Sub: shared-bucket}"),
        "the-bucket"
    );
    assert_eq!(
        evaluation_error("!ImportValue other"),
        "No export named other found."
    );
    assert_eq!(
        evaluated("!GetAZs ''"),
        json!(["eu-central-1a", "eu-central-1b", "eu-central-1c"])
    );
    assert_eq!(
        evaluated("!Cidr [192.168.0.0/24, 6, 5]"),
        json!([
            "192.168.0.0/27",
            "192.168.0.32/27",
            "192.168.0.64/27",
            "192.168.0.96/27",
            "192.168.0.128/27",
            "192.168.0.160/27"
        ])
    );
    assert_eq!(
        evaluated("!Cidr ['2001:db8::/56', 2, 64]"),
        json!(["2001:db8::/64", "2001:db8:0:1::/64"])
    );
    assert_eq!(
        evaluation_error("!Cidr [10.0.0.0/24, 9, 5]"),
        "Template error: Fn::Cidr: 9 blocks with 5 bits do not fit into 10.0.0.0/24"
    );
}

#[test]
fn language_extensions_count_and_write_json() {
    assert_eq!(evaluated("!Length [a, b]"), 2);
    assert_eq!(
        evaluated("!ToJsonString {b: !Ref Bucket, a: [1]}"),
        r#"{"b":"id-of-Bucket","a":[1]}"#
    );
    let without = template_with("!Length [a]").replace("Transform: AWS::LanguageExtensions\n", "");
    assert_eq!(
        message(&without),
        "Template error: unsupported function: Fn::Length"
    );
}

#[test]
fn wrong_arguments_are_refused_in_the_words_of_aws() {
    let cases = [
        (
            "!Select [a, [b]]",
            "Fn::Select requires a list argument with two elements: an integer index and a list",
        ),
        (
            "!Split [a]",
            "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.",
        ),
        (
            "!Join [a, b]",
            "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
        ),
        (
            "!Sub [a, b]",
            "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string",
        ),
        (
            "!Sub '${a b}'",
            "variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons",
        ),
        (
            "!GetAtt Bucket",
            "every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute",
        ),
        (
            "!FindInMap [Sizes, small]",
            "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value",
        ),
        (
            "!FindInMap [Size, small, cpu]",
            "Mapping named 'Size' is not present in the 'Mappings' section of template",
        ),
        (
            "!If [Large, a]",
            "Fn::If requires a list argument with three elements",
        ),
        (
            "!If [Maybe, a, b]",
            "unresolved condition dependency Maybe in Fn::If",
        ),
        (
            "!Ref [a]",
            "every Ref object must have a single String value.",
        ),
        ("{Fn::Foo: a}", "unsupported function: Fn::Foo"),
        (
            "!Equals [a, b]",
            "Fn::Equals can be used in the sections Conditions and Rules only",
        ),
        (
            "{Fn::Transform: {Name: AWS::Include}}",
            "Fn::Transform is not supported",
        ),
        (
            "{Fn::Sub: a, Other: b}",
            "Fn::Sub must be the only key of its object",
        ),
    ];
    for (value, expected) in cases {
        assert_eq!(
            message(&template_with(value)),
            format!("Template error: {expected}"),
            "{value}"
        );
    }
    assert_eq!(
        evaluation_error("!Select [2, [a, b]]"),
        "Template error: Fn::Select  cannot select nonexistent value at index 2"
    );
    assert_eq!(
        message(&template_with("[a, null]")),
        "[/Resources/Tested/Properties/Value/1] 'null' values are not allowed in templates"
    );
}

#[test]
fn what_is_not_known_yet_is_an_error_or_said_to_be_known_later() {
    let text = template_with(
        "[!Ref Bucket, !GetAtt Bucket.Arn, !Sub 'a-${Bucket}', !Join [',', !GetAtt Bucket.List], !Select [3, !GetAtt Bucket.List], !Ref Topic]",
    );
    let bound = bound(&text, &[]);
    let missing = vec!["Bucket"];
    let strict = Known {
        missing: missing.clone(),
        ..Known::default()
    };
    let error = bound.properties("Tested", &strict).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Template error: the value of Ref is not known yet: Bucket has to be created first"
    );
    let lenient = Known {
        missing,
        is_lenient: true,
    };
    let later = "{{changeSet:KNOWN_AFTER_APPLY}}";
    assert_eq!(
        bound.properties("Tested", &lenient).unwrap()["Value"],
        json!([
            later,
            later,
            format!("a-{later}"),
            later,
            later,
            "id-of-Topic"
        ])
    );
}

#[test]
fn outputs_are_texts_with_names_for_other_stacks() {
    let text = "
Conditions: {Never: !Equals [a, b]}
Resources: {A: {Type: AWS::SNS::Topic}}
Outputs:
  Name: {Description: its name, Value: !Ref A, Export: {Name: !Sub '${AWS::StackName}-name'}}
  Number: {Value: 5}
  Hidden: {Condition: Never, Value: !Ref A}
";
    let bound = bound(text, &[]);
    let outputs = bound.outputs(&Known::default()).unwrap();
    assert_eq!(outputs.len(), 2);
    assert_eq!(outputs[0].value, "id-of-A");
    assert_eq!(outputs[0].description.as_deref(), Some("its name"));
    assert_eq!(outputs[0].export_name.as_deref(), Some("demo-name"));
    assert_eq!(outputs[1].value, "5");
    let list = text.replace("Value: 5", "Value: !GetAtt A.List");
    let bound = super::bound(&list, &[]);
    assert_eq!(
        bound.outputs(&Known::default()).unwrap_err().to_string(),
        "Template format error: The Value field of every Outputs member must evaluate to a String."
    );
}
