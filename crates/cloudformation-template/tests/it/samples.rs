//! Whole templates.

use cloudformation_template::Template;
use serde_json::json;

use super::Known;
use super::bound;

const DEMO: &str = include_str!("../samples/demo-cert-devops.yaml");

#[test]
fn the_sample_project_is_created_from_its_bucket_to_its_role() {
    let bound = bound(DEMO, &[]);
    let order = bound.order();
    let place = |id: &str| order.iter().position(|other| other == id).unwrap();
    assert_eq!(order.len(), 9);
    assert!(place("S3Bucket") < place("CodeCommitRepository"));
    assert!(place("CodeCommitRepository") < place("CodeBuildProject"));
    for last in ["IAMRole", "SNSTopic", "SNSTopicPolicy", "SNSSubscription"] {
        assert!(place("CodeBuildProject") < place(last), "{last}");
    }
    assert!(bound.dependencies("S3Bucket").is_empty());
    let dependencies = bound.dependencies("CodeBuildProject");
    assert_eq!(
        dependencies.into_iter().collect::<Vec<_>>(),
        ["CodeCommitRepository", "S3Bucket"]
    );
}

#[test]
fn the_properties_of_the_sample_project_are_evaluated() {
    let bound = bound(DEMO, &[]);
    let project = bound
        .properties("CodeBuildProject", &Known::default())
        .unwrap();
    assert_eq!(project["Name"], "Name-of-CodeCommitRepository");
    assert_eq!(
        project["ServiceRole"],
        "arn:aws:iam::012345678901:role/service-role/Name-of-CodeCommitRepository-service-role"
    );
    assert_eq!(project["TimeoutInMinutes"], 20);
    assert_eq!(project["Environment"]["PrivilegedMode"], true);
    assert_eq!(
        project["LogsConfig"]["S3Logs"]["Location"],
        "id-of-S3Bucket/codebuild/sample-dckr-dind"
    );
    let policy = bound
        .properties("SNSTopicPolicy", &Known::default())
        .unwrap();
    let document: serde_json::Value =
        serde_json::from_str(policy["PolicyDocument"].as_str().unwrap()).unwrap();
    assert_eq!(
        document["Statement"][0]["Resource"],
        "arn:aws:sns:eu-central-1:012345678901:codestar-notifications-id-of-CodeBuildProject"
    );
}

#[test]
fn the_sample_project_asks_for_a_named_role() {
    let summary = Template::parse(DEMO).unwrap().summary();
    assert_eq!(summary.version.as_deref(), Some("2010-09-09"));
    assert_eq!(summary.description, None);
    assert_eq!(
        summary.metadata,
        Some(json!({"Generator": "former2"}).to_string())
    );
    assert_eq!(summary.capabilities[0].as_str(), "CAPABILITY_NAMED_IAM");
    assert_eq!(
        summary.capabilities_reason.as_deref(),
        Some("The following resource(s) require capabilities: [AWS::IAM::Role]")
    );
    assert_eq!(summary.resource_types.len(), 9);
}
