//! All mistakes of a text with their places and hints.

use std::fmt::Write;

use cloudformation_template::Template;

use super::message;

fn shown(text: &str) -> String {
    let mut shown = String::new();
    for error in Template::check(text) {
        writeln!(shown, "{error}").unwrap();
        if let Some(help) = error.help() {
            writeln!(shown, "    {help}").unwrap();
        }
    }
    shown
}

#[test]
fn all_mistakes_are_found_in_one_run() {
    let text = r#"AWSTemplateFormatVersion: 2010-09-10
Resorces: {}
Parameters:
  Stage: {Type: Strng}
  Size: {Type: Number, Default: many}
Conditions:
  IsProd: !Equals [!Ref Stag, prod]
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Propertys: {}
    DeletionPolicy: Retian
  my-topic:
    Type: AWS::SNS::Topic
    Condition: IsPrd
    DependsOn: Bukket
    Properties:
      TopicName: !Sub "${Bucke}-topic"
      DisplayName:
      Owner: !GetAtt Buckt.Arn
      Size: !If [IsPro, 1, 2]
      Other: {Fn::Jion: ['', [a]]}
  Nothing: {}
Outputs:
  Url: {Value: [a]}
  Name: {Vlaue: a}
"#;
    insta::assert_snapshot!(shown(text));
}

#[test]
fn sections_and_members_are_refused_in_the_words_of_aws() {
    let cases = [
        (
            "Foo: 1\nBar: 2\nResources: {A: {Type: T}}",
            "Invalid template property or properties [Foo, Bar]",
        ),
        (
            "Description: x",
            "Template format error: At least one Resources member must be defined.",
        ),
        (
            "Resources: {}",
            "Template format error: At least one Resources member must be defined.",
        ),
        (
            "Resources: {A: b}",
            "Template format error: Any Resources member must be an object.",
        ),
        (
            "Resources: {A: {}}",
            "Template format error: [/Resources/A] Every Resources object must contain a Type member.",
        ),
        (
            "Resources: {A-b: {Type: T}}",
            "Template format error: Resource name A-b is non alphanumeric.",
        ),
        (
            "Resources: {A: {Type: T, Invalid: 1}}",
            "Invalid template resource property 'Invalid'",
        ),
        (
            "Resources: {A: {Type: T}}\nOutputs: {O: {}}",
            "Template format error: Every Outputs member must contain a Value object",
        ),
        (
            "Resources: {A: {Type: T}}\nOutputs: {O: {Value: null}}",
            "[/Outputs/O/Value] 'null' values are not allowed in templates",
        ),
        (
            "Resources: {A: {Type: T}}\nMappings: {A: b}",
            "Template format error: Every Mappings member A must be a map",
        ),
        (
            "Resources: {A: {Type: T}}\nMappings: {A: {b: {c: {d: e}}}}",
            "Template format error: Every Mappings attribute must be a String or a List.",
        ),
        (
            "Resources: {A: {Type: T, DeletionPolicy: !Ref X}}",
            "Template format error: Every DeletionPolicy member must be a string.",
        ),
        (
            "Resources: {A: {Type: T, DeletionPolicy: Keep}}",
            "Template format error: Unrecognized DeletionPolicy Keep for resource A",
        ),
        (
            "Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: T}}",
            "Template error: the transform AWS::Serverless-2016-10-31 is not supported",
        ),
        (
            "Resources: {A: {Type: AWS::CloudFormation::Stack}}",
            "Template error: nested stacks (AWS::CloudFormation::Stack) are not supported",
        ),
        (
            "Resources: {A: {Type: My::Own::Thing::MODULE}}",
            "Template error: the module My::Own::Thing::MODULE is not supported",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(message(text), expected, "{text}");
    }
}

#[test]
fn there_is_a_limit_to_everything() {
    let many = |name: &str, count: usize, value: &str| {
        let members: String = (0..count).map(|n| format!("  N{n}: {value}\n")).collect();
        format!("{name}:\n{members}")
    };
    let one = "Resources: {A: {Type: T}}\n";
    assert!(Template::parse(&many("Resources", 500, "{Type: T}")).is_ok());
    assert_eq!(
        message(&many("Resources", 501, "{Type: T}")),
        "Template format error: Number of resources, 501, is greater than maximum allowed, 500"
    );
    assert_eq!(
        message(&(many("Parameters", 201, "{Type: String}") + one)),
        "Template format error: Number of parameters, 201, is greater than maximum allowed, 200"
    );
    assert_eq!(
        message(&(many("Outputs", 201, "{Value: a}") + one)),
        "Template format error: Outputs count 201 is greater than max allowed 200"
    );
    assert_eq!(
        message(&format!("Description: {}\n{one}", "x".repeat(1025))),
        "Template format error: 'Description' length is greater than 1024."
    );
    assert_eq!(
        message(&format!("{one}# {}", "x".repeat(1_000_000))),
        "Template may not exceed 1000000 bytes in size."
    );
}
