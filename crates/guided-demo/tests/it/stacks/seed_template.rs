//! The template of the project that this one grew out of, unchanged, with AWS CLI 2: it cannot be
//! deployed into a fresh account, nor into one that has its role.

use std::path::Path;

use serde_json::Value;

use super::aws_cli::Cli;
use super::aws_cli::aws_cli_2;
use super::inventory::all_there_is;
use super::stderr;
use crate::serving::Serving;

const PROJECT: &str = "demo-cert-devops-codebuild-sample-dckr-dind";

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

const RIGHTS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}"#;

fn create(options: &str) -> String {
    let template = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../cloudformation-template/tests/samples/demo-cert-devops.yaml");
    format!(
        "cloudformation create-stack --stack-name seed --template-body file://{} {options}",
        template.display()
    )
}

/// Creates the stack, sees it fail and be rolled back, and returns what failed, each with its reason.
fn failures(cli: &Cli<'_>) -> Vec<(String, String)> {
    cli.said(&create("--capabilities CAPABILITY_NAMED_IAM"));
    let waited = cli.run("cloudformation wait stack-create-complete --stack-name seed");
    assert!(
        stderr(&waited).contains("Waiter StackCreateComplete failed"),
        "{waited:?}"
    );
    // The waiter fails as soon as the rollback begins.
    let describe = "cloudformation describe-stacks --stack-name seed --query Stacks[0].StackStatus --output text";
    let status = loop {
        let status = cli.said(describe);
        if !status.ends_with("_IN_PROGRESS") {
            break status;
        }
    };
    assert_eq!(status, "ROLLBACK_COMPLETE");
    let events = cli.said(
        "cloudformation describe-stack-events --stack-name seed --output json \
         --query 'StackEvents[].[LogicalResourceId,ResourceStatus,ResourceStatusReason]'",
    );
    let mut events: Vec<[Value; 3]> = serde_json::from_str(&events).unwrap();
    events.reverse();
    let named = |id: &str, status: &str| {
        let mut found = events.iter();
        found.any(|event| event[0] == id && event[1] == status)
    };
    for id in ["S3Bucket", "CodeCommitRepository", "LogsLogGroup"] {
        assert!(named(id, "CREATE_COMPLETE"), "{id}: {events:?}");
        assert!(named(id, "DELETE_COMPLETE"), "{id}: {events:?}");
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let failed = events.iter().filter(|event| event[1] == "CREATE_FAILED");
    failed
        .map(|event| (text(&event[0]), text(&event[2])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn into_a_fresh_account_its_project_comes_before_its_role() {
    let Some(program) = aws_cli_2() else {
        return;
    };
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let cli = Cli {
        program: &program,
        serving: &serving,
    };
    for options in ["", "--capabilities CAPABILITY_IAM"] {
        let refused = cli.run(&create(options));
        for text in [
            "An error occurred (InsufficientCapabilitiesException) when calling the CreateStack operation",
            ": Requires capabilities : [CAPABILITY_NAMED_IAM]",
        ] {
            assert!(stderr(&refused).contains(text), "{refused:?}");
        }
    }
    let failed = failures(&cli);
    assert_eq!(failed.len(), 1, "{failed:?}");
    let (id, reason) = &failed[0];
    assert_eq!(id, "CodeBuildProject");
    let expected = format!(
        "CodeBuild is not authorized to perform: sts:AssumeRole on \
         arn:aws:iam::000000000000:role/service-role/{PROJECT}-service-role (Service: AWSCodeBuild"
    );
    assert!(reason.starts_with(&expected), "{reason}");
    let session = serving.session().await;
    assert_eq!(all_there_is(&session).await, ["seed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_its_role_is_there_the_names_clash() {
    let Some(program) = aws_cli_2() else {
        return;
    };
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let cli = Cli {
        program: &program,
        serving: &serving,
    };
    let role = format!("{PROJECT}-service-role");
    cli.said(&format!(
        "iam create-role --path /service-role/ --role-name {role} --assume-role-policy-document '{TRUST}'"
    ));
    let policies = ["CodeBuildCloudWatchLogsPolicy", "CodeBuildBasePolicy"]
        .map(|kind| format!("{kind}-{PROJECT}-eu-central-1"));
    for policy in &policies {
        cli.said(&format!(
            "iam create-policy --path /service-role/ --policy-name {policy} --policy-document '{RIGHTS}'"
        ));
    }
    let failed = failures(&cli);
    let clash =
        format!("Resource of type 'AWS::IAM::Role' with identifier '{role}' already exists.");
    // Nothing orders the subscription after its topic either: whichever is asked for first fails, and
    // who has not asked yet is cancelled.
    for (id, reason) in &failed {
        let expected = match id.as_str() {
            "IAMRole" => clash.as_str(),
            "SNSSubscription" | "SNSTopicPolicy" => "Topic does not exist",
            _ => "Resource creation cancelled",
        };
        assert!(
            reason.contains(expected) || reason == "Resource creation cancelled",
            "{failed:?}"
        );
    }
    let ids: Vec<&str> = failed.iter().map(|(id, _)| id.as_str()).collect();
    assert!(ids.contains(&"IAMRole"), "{failed:?}");
    assert!(!ids.contains(&"CodeBuildProject"), "{failed:?}");
    let session = serving.session().await;
    let there = all_there_is(&session).await;
    assert_eq!(there, ["seed", &policies[1], &policies[0], &role]);
}
