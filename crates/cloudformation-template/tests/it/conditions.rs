//! The sections Conditions and Rules, and what depends on them.

use std::collections::BTreeMap;

use cloudformation_template::Template;

use super::Known;
use super::bound;
use super::context;
use super::message;
use super::pairs;

const TEXT: &str = "
Parameters:
  Stage: {Type: String, Default: dev}
  Zones: {Type: CommaDelimitedList, Default: 'a,b'}
Conditions:
  Both: !And [Condition: IsProd, !Not [!Equals [!Select [0, !Ref Zones], b]]]
  IsProd: !Equals [!Ref Stage, prod]
  Either: !Or [!Condition IsProd, !Equals [5, '5']]
Resources:
  Always: {Type: T, DependsOn: Sometimes, Properties: {A: !If [IsProd, !Ref Sometimes, none]}}
  Sometimes: {Type: T, Condition: IsProd, DeletionPolicy: Retain}
Outputs:
  One: {Condition: Both, Value: !Ref Sometimes}
";

#[test]
fn conditions_decide_what_is_created() {
    let dev = bound(TEXT, &[]);
    assert_eq!(dev.order(), ["Always"]);
    assert!(dev.resource("Sometimes").is_none());
    assert_eq!(
        dev.properties("Always", &Known::default()).unwrap()["A"],
        "none"
    );
    assert!(dev.conditions()["Either"] && !dev.conditions()["Both"]);
    let prod = bound(TEXT, &[("Stage", "prod")]);
    assert_eq!(prod.order(), ["Sometimes", "Always"]);
    assert_eq!(prod.outputs(&Known::default()).unwrap().len(), 1);
    assert_eq!(prod.resources().count(), 2);
}

#[test]
fn what_is_created_cannot_refer_to_what_is_not() {
    let bind = |text: &str| {
        let template = Template::parse(text).unwrap();
        let bound = template.bind(&BTreeMap::new(), &context(), &BTreeMap::new());
        bound.unwrap_err().to_string()
    };
    assert_eq!(
        bind(&TEXT.replace("!If [IsProd, !Ref Sometimes, none]", "!Ref Sometimes")),
        "Template format error: Unresolved resource dependencies [Sometimes] in the Resources block of the template"
    );
    assert_eq!(
        bind(&TEXT.replace("Condition: Both, ", "")),
        "Template format error: Unresolved resource dependencies [Sometimes] in the Outputs block of the template"
    );
}

#[test]
fn conditions_that_cannot_be_decided_are_refused() {
    let with = |condition: &str| {
        format!(
            "Conditions:\n  C: {condition}\n  D: !Equals [a, b]\nResources: {{A: {{Type: T}}}}\n"
        )
    };
    let cases = [
        (
            "!Ref A",
            "Template format error: Conditions can only be boolean operations on parameters and other conditions",
        ),
        (
            "true",
            "Template format error: Conditions can only be boolean operations on parameters and other conditions",
        ),
        (
            "!Equals [a]",
            "Template error: every Fn::Equals object requires a list of 2 string parameters.",
        ),
        (
            "!And [Condition: D]",
            "Template error: every Fn::And object requires a list of at least 2 and at most 10 boolean parameters.",
        ),
        (
            "!Equals [!Ref A, b]",
            "Template format error: Unresolved dependencies [A]. Cannot reference resources in the Conditions block of the template",
        ),
        (
            "!Not [Condition: E]",
            "Template format error: Unresolved condition dependencies [E] in the Conditions block of the template",
        ),
        (
            "!Not [Condition: C]",
            "Template format error: Circular dependency between conditions: [C]",
        ),
        (
            "!Equals [!GetAtt A.Arn, b]",
            "Template error: Fn::GetAtt can be used in the sections Resources and Outputs only",
        ),
    ];
    for (condition, expected) in cases {
        assert_eq!(message(&with(condition)), expected, "{condition}");
    }
}

#[test]
fn rules_check_parameters_together() {
    let text = "
Parameters: {Stage: {Type: String}, Size: {Type: String}}
Rules:
  ProdIsLarge:
    RuleCondition: !Equals [!Ref Stage, prod]
    Assertions:
      - Assert: !Contains [[large, huge], !Ref Size]
        AssertDescription: production needs a large size
Resources: {A: {Type: T}}
";
    let template = Template::parse(text).unwrap();
    let bind = |stage, size| {
        let parameters = pairs(&[("Stage", stage), ("Size", size)]);
        template.bind(&parameters, &context(), &BTreeMap::new())
    };
    assert!(bind("dev", "small").is_ok());
    assert!(bind("prod", "huge").is_ok());
    assert_eq!(
        bind("prod", "small").unwrap_err().to_string(),
        "Template validation error: Rule ProdIsLarge is violated: production needs a large size"
    );
    let value_of = text.replace("!Ref Size", "!ValueOf [Size, X]");
    assert_eq!(
        message(&value_of),
        "Template error: Fn::ValueOf is not supported"
    );
}
