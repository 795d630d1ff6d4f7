//! What refers to what, and the order that follows.

use std::collections::BTreeMap;

use cloudformation_template::ReferenceTarget;
use cloudformation_template::Template;

use super::Known;
use super::bound;
use super::context;
use super::message;

#[test]
fn names_that_are_not_declared_are_all_in_one_message() {
    let text = "
Resources:
  A: {Type: T, DependsOn: [B, Zero], Properties: {X: !Ref One, Y: !Sub '${Two}-${AWS::Region}'}}
  B: {Type: T, Properties: {X: !Ref One}}
Outputs: {O: {Value: !Ref Three}}
";
    assert_eq!(
        message(text),
        "Template format error: Unresolved resource dependencies [Zero, One, Two] in the Resources block of the template"
    );
    let cases = [
        (
            "!GetAtt C.Arn",
            "Template error: instance of Fn::GetAtt references undefined resource C",
        ),
        (
            "!Sub '${C.Arn}'",
            "Template error: instance of Fn::Sub references invalid resource attribute C.Arn",
        ),
        (
            "!Ref AWS::Regio",
            "Template format error: Unresolved resource dependencies [AWS::Regio] in the Resources block of the template",
        ),
    ];
    for (value, expected) in cases {
        let text = format!("Resources: {{A: {{Type: T, Properties: {{X: {value}}}}}}}");
        assert_eq!(message(&text), expected);
    }
}

#[test]
fn resources_that_wait_for_one_another_are_refused() {
    let text = "
Resources:
  A: {Type: T, Properties: {X: !Ref B}}
  B: {Type: T, DependsOn: C}
  C: {Type: T, Properties: {X: !Sub '${A.Arn}'}}
  D: {Type: T, DependsOn: A}
";
    assert_eq!(
        message(text),
        "Circular dependency between resources: [A, B, C]"
    );
    assert_eq!(
        message("Resources: {A: {Type: T, Properties: {X: !Ref A}}}"),
        "Circular dependency between resources: [A]"
    );
    // A circle that only some parameters close.
    let text = "
Parameters: {On: {Type: String, Default: 'yes'}}
Conditions: {IsOn: !Equals [!Ref On, 'yes']}
Resources:
  A: {Type: T, Properties: {X: !If [IsOn, !Ref B, none]}}
  B: {Type: T, Properties: {X: !Ref A}}
";
    let template = Template::parse(text).unwrap();
    let error = template.bind(&BTreeMap::new(), &context(), &BTreeMap::new());
    assert_eq!(
        error.unwrap_err().to_string(),
        "Circular dependency between resources: [A, B]"
    );
    assert_eq!(bound(text, &[("On", "no")]).order(), ["A", "B"]);
}

#[test]
fn resources_come_after_what_they_name_and_otherwise_as_written() {
    let text = "
Resources:
  Last: {Type: T, Properties: {X: !Join ['', [!GetAtt Middle.Arn]]}}
  Free: {Type: T}
  Middle: {Type: T, Metadata: {X: !Ref First}}
  First: {Type: T}
";
    let bound = bound(text, &[]);
    assert_eq!(bound.order(), ["Free", "First", "Middle", "Last"]);
    assert!(bound.dependencies("Last").contains("Middle"));
    assert_eq!(
        bound
            .metadata("Middle", &Known::default())
            .unwrap()
            .unwrap()["X"],
        "id-of-First"
    );
}

#[test]
fn each_property_tells_what_it_refers_to() {
    let text = "
Parameters: {P: {Type: String, Default: p}}
Conditions: {Never: !Equals [a, b]}
Resources:
  A: {Type: T}
  B:
    Type: T
    Properties:
      Plain: !Ref P
      Deep: [{X/Y: !Sub '${A}-${A.Arn}-${AWS::Region}'}]
      Choice: !If [Never, !Ref P, [!GetAtt A.Name]]
      Joined: !Join ['', [!Ref A, [!Ref P]]]
      Literal: 5
";
    let bound = bound(text, &[]);
    let references: Vec<(String, ReferenceTarget)> = bound
        .references("B")
        .into_iter()
        .map(|reference| (reference.path, reference.target))
        .collect();
    let parameter = || ReferenceTarget::Parameter("P".to_owned());
    let resource = || ReferenceTarget::Resource("A".to_owned());
    let attribute = |name: &str| ReferenceTarget::Attribute {
        logical_id: "A".to_owned(),
        name: name.to_owned(),
    };
    let expected = [
        ("/Plain", parameter()),
        ("/Deep/0/X~1Y", resource()),
        ("/Deep/0/X~1Y", attribute("Arn")),
        ("/Choice/0", attribute("Name")),
        ("/Joined", resource()),
        ("/Joined", parameter()),
    ];
    let expected = expected.map(|(path, target)| (path.to_owned(), target));
    assert_eq!(references, expected);
}

#[test]
fn imports_are_known_before_anything_is_created() {
    let text = "
Resources:
  A: {Type: T, Properties: {X: !ImportValue shared-bucket, Y: !ImportValue {Fn::Sub: '${AWS::StackName}-x'}}}
";
    let bound = bound(text, &[]);
    let imports = bound.imports(&Known::default()).unwrap();
    assert_eq!(
        imports.into_iter().collect::<Vec<_>>(),
        ["demo-x", "shared-bucket"]
    );
}
