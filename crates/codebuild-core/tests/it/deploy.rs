//! `aws cloudformation deploy` and `wait` against a server that answers as CloudFormation does.

use std::path::Path;

use codebuild_core::AwsCommand;
use codebuild_core::CallError;
use codebuild_core::Session;
use serde_json::Value;
use serde_json::json;

use crate::canned_aws::CannedAws;
use crate::canned_aws::words;

const TEMPLATE: &str = "Parameters:\n  Zone:\n    Type: String\n  Size:\n    Type: String\n  \
                        Password:\n    Type: String\n    NoEcho: true\nResources:\n  \
                        Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Ref Zone\n";

fn xml(operation: &str, result: &str) -> (u16, Value) {
    let text = format!(
        "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
    );
    (200, json!(text))
}

fn no_stack() -> (u16, Value) {
    let text = "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>\
                <Message>Stack with id demo does not exist</Message></Error></ErrorResponse>";
    (400, json!(text))
}

fn status(status: &str) -> (u16, Value) {
    let result = format!(
        "<Stacks><member><StackName>demo</StackName><StackStatus>{status}</StackStatus></member></Stacks>"
    );
    xml("DescribeStacks", &result)
}

async fn deploy(server: &CannedAws, options: &str) -> (String, Result<(), CallError>) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("t.yaml"), TEMPLATE).unwrap();
    let line = format!("cloudformation deploy --template-file t.yaml --stack-name demo {options}");
    let session = server.session().await;
    run(&session, &line, directory.path()).await
}

async fn run(session: &Session, line: &str, directory: &Path) -> (String, Result<(), CallError>) {
    let command = AwsCommand::parse(&words(line), directory).unwrap();
    let mut shown = String::new();
    let result = command
        .run_to(session, false, &mut |text| shown.push_str(text))
        .await;
    (shown, result)
}

#[tokio::test]
async fn a_new_stack_is_deployed_and_its_progress_told() {
    let server = CannedAws::start(|operation, _, before| match (operation, before) {
        ("DescribeStacks", 0) => no_stack(),
        ("DescribeStacks", 1) => status("CREATE_IN_PROGRESS"),
        ("DescribeStacks", _) => status("CREATE_COMPLETE"),
        ("CreateChangeSet", _) => xml(operation, "<Id>arn:c</Id><StackId>arn:s</StackId>"),
        ("DescribeChangeSet", 0) => xml(operation, "<Status>CREATE_IN_PROGRESS</Status>"),
        ("DescribeChangeSet", _) => xml(operation, "<Status>CREATE_COMPLETE</Status>"),
        _ => xml(operation, ""),
    })
    .await;
    let (shown, result) = deploy(
        &server,
        "--parameter-overrides Zone=a=b Password=hush-hush --capabilities CAPABILITY_IAM --tags x=y",
    )
    .await;
    result.unwrap();
    assert_eq!(
        shown,
        "\nWaiting for changeset to be created..\nWaiting for stack create/update to complete\n\
         Successfully created/updated stack - demo\n"
    );
    let asked = server.take_asked();
    let names: Vec<&str> = asked.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "DescribeStacks",
            "CreateChangeSet",
            "DescribeChangeSet",
            "DescribeChangeSet",
            "ExecuteChangeSet",
            "DescribeStacks",
            "DescribeStacks",
        ]
    );
    let made = &asked[1].1;
    assert_eq!(made["ChangeSetType"], "CREATE");
    assert_eq!(made["TemplateBody"], TEMPLATE);
    assert_eq!(made["Parameters.member.1.ParameterKey"], "Zone");
    assert_eq!(made["Parameters.member.1.ParameterValue"], "a=b");
    assert_eq!(made["Parameters.member.2.ParameterKey"], "Password");
    assert!(made.get("Parameters.member.3.ParameterKey").is_none());
    assert_eq!(made["Capabilities.member.1"], "CAPABILITY_IAM");
    assert_eq!(made["Tags.member.1.Value"], "y");
    let executed = &asked[4].1;
    assert_eq!(executed["ChangeSetName"], "arn:c");
    assert_eq!(executed["DisableRollback"], "false");
}

#[tokio::test]
async fn a_stack_without_changes_is_up_to_date_and_keeps_its_values() {
    let server = CannedAws::start(|operation, _, _| match operation {
        "DescribeStacks" => status("CREATE_COMPLETE"),
        "GetTemplateSummary" => xml(
            operation,
            "<Parameters><member><ParameterKey>Zone</ParameterKey></member></Parameters>",
        ),
        "CreateChangeSet" => xml(operation, "<Id>arn:c</Id>"),
        _ => xml(
            operation,
            "<Status>FAILED</Status><StatusReason>The submitted information didn't contain \
             changes. Submit different information to create a change set.</StatusReason>",
        ),
    })
    .await;
    let (shown, result) = deploy(&server, "--no-fail-on-empty-changeset").await;
    result.unwrap();
    assert_eq!(
        shown,
        "\nWaiting for changeset to be created..\n\nNo changes to deploy. Stack demo is up to date\n"
    );
    let asked = server.take_asked();
    let made = &asked.iter().find(|it| it.0 == "CreateChangeSet").unwrap().1;
    assert_eq!(made["ChangeSetType"], "UPDATE");
    assert_eq!(made["Parameters.member.1.UsePreviousValue"], "true");
    assert!(made.get("Parameters.member.2.ParameterKey").is_none());

    let (_, result) = deploy(&server, "--fail-on-empty-changeset").await;
    assert_eq!(
        result.unwrap_err().to_string(),
        "No changes to deploy. Stack demo is up to date"
    );
}

#[tokio::test]
async fn a_stack_that_fails_and_a_change_set_that_is_only_made() {
    let server = CannedAws::start(|operation, _, before| match (operation, before) {
        ("DescribeStacks", 0) => no_stack(),
        ("DescribeStacks", _) => status("ROLLBACK_COMPLETE"),
        ("CreateChangeSet", _) => xml(operation, "<Id>arn:c</Id>"),
        ("DescribeChangeSet", _) => xml(operation, "<Status>CREATE_COMPLETE</Status>"),
        _ => xml(operation, ""),
    })
    .await;
    let (_, result) = deploy(&server, "").await;
    assert_eq!(
        result.unwrap_err().to_string(),
        "Failed to create/update the stack. Run the following command\nto fetch the list of events \
         leading up to the failure\naws cloudformation describe-stack-events --stack-name demo"
    );
    let (shown, result) = deploy(&server, "--no-execute-changeset").await;
    result.unwrap();
    assert!(
        shown.ends_with("aws cloudformation describe-change-set --change-set-name arn:c\n"),
        "{shown}"
    );
}

#[tokio::test]
async fn waiting_ends_as_the_cli_says() {
    let server = CannedAws::start(|operation, _, before| match (operation, before) {
        ("DescribeStacks", 0) => status("DELETE_IN_PROGRESS"),
        _ => no_stack(),
    })
    .await;
    let session = server.session().await;
    let here = Path::new(".");
    let line = "cloudformation wait stack-delete-complete --stack-name demo";
    let (shown, result) = run(&session, line, here).await;
    result.unwrap();
    assert_eq!(shown, "");

    let line = "cloudformation wait stack-create-complete --stack-name demo";
    let (_, result) = run(&session, line, here).await;
    assert_eq!(
        result.unwrap_err().to_string(),
        "Waiter StackCreateComplete failed: Waiter encountered a terminal failure state: Matched \
         expected service error code: ValidationError"
    );
    let server = CannedAws::start(|_, _, _| status("ROLLBACK_COMPLETE")).await;
    let session = server.session().await;
    let (_, result) = run(&session, line, here).await;
    assert_eq!(
        result.unwrap_err().to_string(),
        "Waiter StackCreateComplete failed: Waiter encountered a terminal failure state: For \
         expression \"Stacks[].StackStatus\" matched expected path: \"ROLLBACK_COMPLETE\" at least once"
    );
}
