//! The section Parameters, and values for it.

use std::collections::BTreeMap;

use cloudformation_template::Template;
use serde_json::json;

use super::Known;
use super::bound;
use super::context;
use super::message;
use super::pairs;

const TEXT: &str = "
Parameters:
  Plain: {Type: String}
  Size: {Type: Number, Default: 5, MinValue: 2, MaxValue: 7.5}
  Name: {Type: String, Default: abc, MinLength: 2, MaxLength: 4, AllowedPattern: '(?!x)[a-z]+'}
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Told: {Type: String, Default: a, AllowedPattern: '[a-z]', ConstraintDescription: must be one small letter.}
  Many: {Type: List<Number>, Default: '1, 2'}
  Secret: {Type: String, NoEcho: true, Default: hidden}
  Image: {Type: AWS::SSM::Parameter::Value<String>, Default: /images/newest}
Resources:
  A:
    Type: AWS::SNS::Topic
    Properties: {Plain: !Ref Plain, Many: !Ref Many, Size: !Ref Size, Image: !Ref Image, Sum: !Sub '${Size}-${Secret}'}
";

fn refusal(parameters: &[(&str, &str)]) -> String {
    let template = Template::parse(TEXT).unwrap();
    let stored = pairs(&[("/images/newest", "ami-1")]);
    let bound = template.bind(&pairs(parameters), &context(), &stored);
    bound.unwrap_err().to_string()
}

#[test]
fn values_are_those_of_the_request_the_defaults_and_parameter_store() {
    let template = Template::parse(TEXT).unwrap();
    let given = pairs(&[("Plain", "yes"), ("Secret", "s3cret")]);
    let names = template.stored_parameters(&given);
    assert_eq!(names.into_iter().collect::<Vec<_>>(), ["/images/newest"]);
    let stored = pairs(&[("/images/newest", "ami-1")]);
    let bound = template.bind(&given, &context(), &stored).unwrap();
    assert_eq!(
        bound.properties("A", &Known::default()).unwrap(),
        json!({"Plain": "yes", "Many": ["1", "2"], "Size": "5", "Image": "ami-1", "Sum": "5-s3cret"})
    );
    let parameter = |name: &str| {
        let all = bound.parameters().iter();
        all.clone()
            .find(|parameter| parameter.name == name)
            .unwrap()
    };
    assert_eq!(parameter("Secret").shown(), "****");
    assert!(!parameter("Secret").is_default && parameter("Size").is_default);
    assert_eq!(parameter("Image").value, "/images/newest");
    assert_eq!(parameter("Image").resolved_value.as_deref(), Some("ami-1"));
    let error = template.bind(&given, &context(), &BTreeMap::new());
    assert_eq!(
        error.unwrap_err().to_string(),
        "Unable to fetch parameters [/images/newest] from parameter store for this account."
    );
}

#[test]
fn values_are_refused_in_the_words_of_aws() {
    let cases: [(&[(&str, &str)], &str); 11] = [
        (&[], "Parameters: [Plain] must have values"),
        (
            &[("Plain", ""), ("Foo", ""), ("Bar", "")],
            "Parameters: [Bar, Foo] do not exist in the template",
        ),
        (
            &[("Plain", ""), ("Size", "x")],
            "Parameter 'Size' must be a number.",
        ),
        (
            &[("Plain", ""), ("Size", "1")],
            "Parameter 'Size' must be a number not less than 2",
        ),
        (
            &[("Plain", ""), ("Size", "8")],
            "Parameter 'Size' must be a number not greater than 7.5",
        ),
        (
            &[("Plain", ""), ("Name", "a")],
            "Parameter 'Name' must contain at least 2 characters",
        ),
        (
            &[("Plain", ""), ("Name", "abcde")],
            "Parameter 'Name' must contain at most 4 characters",
        ),
        (
            &[("Plain", ""), ("Name", "xab")],
            "Parameter 'Name' must match pattern (?!x)[a-z]+",
        ),
        (
            &[("Plain", ""), ("Stage", "test")],
            "Parameter 'Stage' must be one of AllowedValues",
        ),
        (
            &[("Plain", ""), ("Told", "AB")],
            "Parameter Told failed to satisfy constraint: must be one small letter.",
        ),
        (
            &[("Plain", ""), ("Many", "1,b")],
            "Parameter 'Many' must be a number.",
        ),
    ];
    for (parameters, expected) in cases {
        assert_eq!(refusal(parameters), expected);
    }
}

#[test]
fn declarations_are_refused_in_the_words_of_aws() {
    let cases = [
        (
            "{Type: Strin}",
            "Template format error: Unrecognized parameter type: Strin",
        ),
        (
            "{Type: List<Foo>}",
            "Template format error: Unrecognized parameter type: List<Foo>",
        ),
        (
            "{Default: a}",
            "Template format error: Every Parameters object must contain a Type member.",
        ),
        (
            "{Type: String, Default: [a]}",
            "Template format error: Every Default member must be a string.",
        ),
        (
            "{Type: String, Defaul: a}",
            "Invalid template parameter property 'Defaul'",
        ),
        (
            "{Type: String, Default: c, AllowedValues: [a, b]}",
            "Template format error: Parameter 'P' must be one of AllowedValues",
        ),
        (
            "{Type: String, AllowedPattern: '('}",
            "Parameter 'P' AllowedPattern must be a valid regular expression.",
        ),
        (
            "{Type: Number, MinValue: many}",
            "Template format error: Every MinValue member must be a number.",
        ),
    ];
    for (parameter, expected) in cases {
        let text = format!("Parameters: {{P: {parameter}}}\nResources: {{A: {{Type: T}}}}\n");
        assert_eq!(message(&text), expected, "{parameter}");
    }
    assert_eq!(
        message("Parameters: {A-b: {Type: String}}\nResources: {A: {Type: T}}\n"),
        "Template format error: Parameter name A-b is non alphanumeric."
    );
}

#[test]
fn types_of_aws_take_texts_and_lists_of_them() {
    let text = "
Parameters:
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}
  Empty: {Type: CommaDelimitedList, Default: ''}
Resources: {A: {Type: T, Properties: {Subnets: !Ref Subnets, Empty: !Join ['', !Ref Empty]}}}
";
    let bound = bound(text, &[("Subnets", "subnet-1, subnet-2")]);
    assert_eq!(
        bound.properties("A", &Known::default()).unwrap(),
        json!({"Subnets": ["subnet-1", "subnet-2"], "Empty": ""})
    );
}
