//! What a template declares.

use cloudformation_template::DeletionPolicy;
use cloudformation_template::Template;
use cloudformation_template::UpdateReplacePolicy;

fn capabilities(text: &str) -> (Vec<&'static str>, Option<String>) {
    let summary = Template::parse(text).unwrap().summary();
    let names = summary
        .capabilities
        .iter()
        .map(|one| one.as_str())
        .collect();
    (names, summary.capabilities_reason)
}

#[test]
fn capabilities_are_those_of_iam_and_of_transforms() {
    assert_eq!(
        capabilities("Resources: {A: {Type: AWS::S3::Bucket}}"),
        (vec![], None)
    );
    let role = "Resources: {A: {Type: AWS::IAM::Role}, B: {Type: AWS::IAM::Policy, Properties: {PolicyName: x}}, C: {Type: AWS::IAM::Role}}";
    let reason =
        "The following resource(s) require capabilities: [AWS::IAM::Role, AWS::IAM::Policy]";
    assert_eq!(
        capabilities(role),
        (vec!["CAPABILITY_IAM"], Some(reason.to_owned()))
    );
    let named = role.replace(
        "C: {Type: AWS::IAM::Role",
        "C: {Type: AWS::IAM::Role, Properties: {RoleName: x}",
    );
    assert_eq!(capabilities(&named).0, ["CAPABILITY_NAMED_IAM"]);
    let extended = "Transform: AWS::LanguageExtensions\nResources: {A: {Type: AWS::S3::Bucket}}";
    assert_eq!(capabilities(extended).0, ["CAPABILITY_AUTO_EXPAND"]);
}

#[test]
fn resources_have_their_policies() {
    let text = "
Resources:
  A: {Type: T, DeletionPolicy: RetainExceptOnCreate, UpdateReplacePolicy: Snapshot, CreationPolicy: {X: 1}}
  B: {Type: T}
";
    let template = Template::parse(text).unwrap();
    let resources: Vec<_> = template.resources().collect();
    assert_eq!(
        resources[0].deletion_policy,
        DeletionPolicy::RetainExceptOnCreate
    );
    assert_eq!(
        resources[0].update_replace_policy,
        UpdateReplacePolicy::Snapshot
    );
    assert!(resources[0].creation_policy.is_some());
    assert_eq!(resources[1].deletion_policy, DeletionPolicy::Delete);
    assert_eq!(resources[1].update_replace_policy.as_str(), "Delete");
}

#[test]
fn an_empty_description_is_none() {
    let text = "
Description: ''
Parameters: {P: {Type: String, Description: ''}}
Resources: {A: {Type: T}}
";
    let summary = Template::parse(text).unwrap().summary();
    assert_eq!(summary.description, None);
    assert_eq!(summary.parameters[0].description, None);
}
