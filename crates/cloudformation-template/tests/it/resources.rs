//! What the types of resources have against a template, with places and hints.

use cloudformation_template::Template;

fn found(text: &str) -> Vec<String> {
    let errors = Template::check_resources(text);
    let with_help = |error: &cloudformation_template::TemplateError| match error.help() {
        Some(help) => format!("{error} ({help})"),
        None => error.to_string(),
    };
    errors.iter().map(with_help).collect()
}

#[test]
fn each_mistake_has_the_place_of_its_property() {
    let text = "Resources:
  Buket:
    Type: AWS::S3::Buket
  Group:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDys: 2
      Tags:
        - {Key: a, Value: b}
        - Key: c
  Role:
    Type: AWS::IAM::Role
  Parameter:
    Type: AWS::SSM::Parameter
    Properties:
      Type: StringLst
      Value: x
";
    assert_eq!(
        found(text),
        [
            "line 3, column 11: Template format error: Unrecognized resource types: \
             [AWS::S3::Buket] (did you mean AWS::S3::Bucket?)",
            "line 7, column 7: Properties validation failed for resource Group with message: \
             [#: extraneous key [RetentionInDys] is not permitted] (did you mean RetentionInDays?)",
            "line 10, column 11: Properties validation failed for resource Group with message: \
             [#/Tags/1: required key [Value] not found] (add Value)",
            "line 11, column 3: Properties validation failed for resource Role with message: \
             [#: required key [AssumeRolePolicyDocument] not found] (add AssumeRolePolicyDocument)",
            "line 16, column 7: Properties validation failed for resource Parameter with message: \
             [#/Type: StringLst is not a valid enum value] (did you mean StringList?)",
        ]
    );
}

#[test]
fn a_template_in_json_has_places_too() {
    let text = "{\"Resources\": {\"T\": {\"Type\": \"AWS::SNS::Topic\",\n  \"Properties\": {\"Nme\": 1}}}}";
    let found = found(text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("line 2, column 18: "), "{found:?}");
}

#[test]
fn what_functions_give_is_not_judged() {
    let text = "Conditions:
  Never: !Equals [a, b]
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: !If [Never, 2, 3]
      LogGroupName: !Sub 'a b ${AWS::StackName}'
      KmsKeyId: !Ref AWS::NoValue
      Tags: [!Ref AWS::NoValue, {'Fn::If': [Never, 1, 2]}]
  Parameter:
    Type: AWS::SSM::Parameter
    Properties:
      Type: '{{resolve:ssm:type}}'
      Value: {Ref: Group}
  Policy:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: p, PolicyDocument: {}, Roles: [!Ref Group]}
  Own: {Type: Custom::Thing, Properties: {Any: 1}}
  Instance: {Type: AWS::EC2::Instance, Properties: {Any: 1}}
";
    assert_eq!(found(text), [""; 0]);
}

#[test]
fn a_required_property_without_a_value_is_missing() {
    let text = "Resources:
  Parameter:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: !Ref AWS::NoValue
";
    assert_eq!(
        found(text),
        [
            "line 6, column 7: Properties validation failed for resource Parameter with message: \
             [#: required key [Value] not found] (add Value)"
        ]
    );
}

#[test]
fn a_text_that_is_no_template_has_nothing_to_judge() {
    for text in ["", "[", "Resources: 5", "Resources: {A: {Type: {}}, B: 1}"] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}
