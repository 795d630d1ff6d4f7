//! The services whose operations come from service models, against the local AWS and from a
//! recording of it.

use std::sync::Arc;

use codebuild_core::Keys;
use codebuild_core::Session;
use codebuild_core::Target;
use local_aws::Config;
use local_aws::EngineChoice;
use local_aws::LocalAws;

use crate::canned_aws::parse_error;
use crate::canned_aws::run;
use crate::local_aws::NoDocker;

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// What is typed, and what it prints or, after `!`, its error.
const LINES: [(&str, &str); 36] = [
    (
        "iam create-role --role-name demo --assume-role-policy-document 'TRUST' --tags Key=a,Value=b --query Role.Arn",
        "\"arn:aws:iam::123456789012:role/demo\"\n",
    ),
    (
        "iam create-role --role-name demo --assume-role-policy-document 'TRUST'",
        "!An error occurred (EntityAlreadyExists) when calling the CreateRole operation: Role with name demo already exists.",
    ),
    (
        "iam get-role --role-name demo --query Role.AssumeRolePolicyDocument.Statement[0].Action --output text",
        "sts:AssumeRole\n",
    ),
    ("iam list-roles --query Roles[].Tags", "[]\n"),
    ("iam wait role-exists --role-name demo", ""),
    (
        "iam put-role-policy --role-name demo --policy-name p --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"logs:*\",\"Resource\":\"*\"}]}'",
        "",
    ),
    (
        "iam list-role-policies --role-name demo --output text",
        "POLICYNAMES\tp\n",
    ),
    (
        "iam delete-role --role-name demo",
        "!An error occurred (DeleteConflict) when calling the DeleteRole operation: Cannot delete entity, must delete policies first.",
    ),
    (
        "iam delete-role-policy --role-name demo --policy-name p",
        "",
    ),
    ("iam delete-role --role-name demo", ""),
    (
        "sns create-topic --name demo --attributes DisplayName=Builds",
        "{\n    \"TopicArn\": \"arn:aws:sns:eu-central-1:123456789012:demo\"\n}\n",
    ),
    (
        "sns get-topic-attributes --topic-arn arn:aws:sns:eu-central-1:123456789012:demo --query Attributes.DisplayName --output text",
        "Builds\n",
    ),
    (
        "sns subscribe --topic-arn arn:aws:sns:eu-central-1:123456789012:demo --protocol email --notification-endpoint a@example.com --query SubscriptionArn --output text",
        "pending confirmation\n",
    ),
    (
        "sns list-topics --output text",
        "TOPICS\tarn:aws:sns:eu-central-1:123456789012:demo\n",
    ),
    (
        "events put-rule --name demo --event-pattern '{\"source\":[\"aws.codebuild\"]}'",
        "{\n    \"RuleArn\": \"arn:aws:events:eu-central-1:123456789012:rule/demo\"\n}\n",
    ),
    (
        "events put-targets --rule demo --targets Id=1,Arn=arn:aws:sns:eu-central-1:123456789012:demo --query FailedEntryCount",
        "0\n",
    ),
    (
        "events list-rules --query Rules[].[Name,State] --output text",
        "demo\tENABLED\n",
    ),
    (
        "events remove-targets --rule demo --ids 1 --query FailedEntryCount",
        "0\n",
    ),
    ("events delete-rule --name demo", ""),
    (
        "sns delete-topic --topic-arn arn:aws:sns:eu-central-1:123456789012:demo",
        "",
    ),
    (
        "ecr create-repository --repository-name demo/app --query repository.repositoryArn --output text",
        "arn:aws:ecr:eu-central-1:123456789012:repository/demo/app\n",
    ),
    (
        "ecr describe-repositories --query repositories[].repositoryName --output text",
        "demo/app\n",
    ),
    (
        "ecr describe-images --repository-name demo/other",
        "!An error occurred (RepositoryNotFoundException) when calling the DescribeImages operation: The repository with name 'demo/other' does not exist in the registry with id '123456789012'",
    ),
    (
        "ecr delete-repository --repository-name demo/app --force --query repository.repositoryName",
        "\"demo/app\"\n",
    ),
    (
        "codecommit create-repository --repository-name demo --tags a=b --query repositoryMetadata.repositoryName",
        "\"demo\"\n",
    ),
    (
        "codecommit put-file --repository-name demo --branch-name main --file-path a.txt --file-content aGVsbG8K --query treeId --output text",
        "2e81171448eb9f2ee3821e3d447aa6b2fe3ddba1\n",
    ),
    (
        "codecommit get-file --repository-name demo --file-path a.txt --query fileContent --output text",
        "aGVsbG8K\n",
    ),
    (
        "codecommit list-repositories --query repositories[].repositoryName --output text",
        "demo\n",
    ),
    (
        "codecommit list-branches --repository-name demo --output text",
        "BRANCHES\tmain\n",
    ),
    (
        "codecommit delete-repository --repository-name demo --query repositoryId==null",
        "false\n",
    ),
    (
        "codestar-notifications list-notification-rules",
        "{\n    \"NotificationRules\": []\n}\n",
    ),
    (
        "codestar-notifications list-event-types --filters Name=SERVICE_NAME,Value=CodeBuild --query EventTypes[0].EventTypeId --output text",
        "codebuild-project-build-state-failed\n",
    ),
    (
        "codestar-notifications untag-resource --arn arn:aws:codestar-notifications:eu-central-1:123456789012:notificationrule/0123456789abcdef0123456789abcdef01234567 --tag-keys a",
        "!ResourceNotFoundException",
    ),
    (
        "sts get-caller-identity --query Account --output text",
        "123456789012\n",
    ),
    (
        "sts assume-role --role-arn arn:aws:iam::123456789012:role/none --role-session-name me",
        "!AccessDenied",
    ),
    ("s3 ls", ""),
];

async fn all_lines(session: &Session) -> Vec<String> {
    let mut different = Vec::new();
    for (at, (line, expected)) in LINES.into_iter().enumerate() {
        session.begin_scene(&at.to_string());
        let line = line.replace("TRUST", TRUST);
        let seen = match run(session, &line).await {
            Ok(output) => output.text,
            Err(error) if expected.contains(' ') => format!("!{error}"),
            Err(error) => format!("!{}", error.code().unwrap_or("no code")),
        };
        if seen != expected {
            different.push(format!("$ aws {line}\n{seen}expected:\n{expected}"));
        }
    }
    different
}

#[tokio::test(flavor = "multi_thread")]
async fn what_models_describe_comes_and_goes_and_is_replayed() {
    let directory = tempfile::tempdir().unwrap();
    let server = LocalAws::start(Config {
        state_dir: directory.path().join("state"),
        listen: "127.0.0.1:0".parse().unwrap(),
        region: "eu-central-1".to_owned(),
        account_id: "123456789012".to_owned(),
        engine: EngineChoice::Runner(Arc::new(NoDocker)),
        checkouts: Vec::new(),
        check_answers: true,
    })
    .await
    .unwrap();
    let access = server.access().clone();
    let session = Session::connect(Target::Endpoint {
        url: access.endpoint,
        region: Some(access.region),
        profile: None,
        keys: Some(Keys {
            access_key_id: access.credentials.access_key_id,
            secret_access_key: access.credentials.secret_access_key,
        }),
    })
    .await
    .unwrap();
    let different = all_lines(&session).await;
    assert!(different.is_empty(), "{}", different.join("\n"));

    session.begin_scene("login");
    let password = run(&session, "ecr get-login-password").await.unwrap().text;
    let token = "ecr get-authorization-token --query authorizationData[0].authorizationToken";
    let token = run(&session, token).await.unwrap().text;
    let file = directory.path().join("walk.json");
    session.save_recording(&file).unwrap();
    server.shutdown().await;

    let recording = std::fs::read_to_string(&file).unwrap();
    assert!(!recording.contains(password.trim()), "passwords are masked");
    assert!(!recording.contains(token.trim().trim_matches('"')));
    let replay = Session::connect(Target::Replay { file, pace: 0.0 })
        .await
        .unwrap();
    let different = all_lines(&replay).await;
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn what_is_no_service_operation_option_or_waiter_is_named() {
    for (line, expected) in [
        (
            "cloudfront list-distributions",
            "column 5: unknown service `cloudfront`, did you mean `cloudformation`?",
        ),
        (
            "iam create-rol",
            "column 9: unknown operation `create-rol` of iam, did you mean `create-role`?",
        ),
        (
            "sns subscribe --topic-arn a --protocol email --endpont a@example.com",
            "column 50: unknown option `--endpont` of sns subscribe, did you mean `--endpoint-url`?",
        ),
        (
            "iam create-role --role-name r",
            "the following arguments are required: --assume-role-policy-document",
        ),
        (
            "cloudformation wait stack-create-completed --stack-name s",
            "column 25: unknown operation `stack-create-completed` of cloudformation wait, did you mean `stack-create-complete`?",
        ),
        (
            "cloudformation wait",
            "the command ends too early: what cloudformation is to wait for is missing",
        ),
        (
            "iam wait role-exists",
            "the following arguments are required: --role-name",
        ),
        (
            "ecr get-login --no-include-email",
            "column 9: `ecr get-login` of the AWS CLI is not supported here; AWS CLI version 2 has it no more: use `ecr get-login-password`",
        ),
        (
            "codecommit put-file --repository-name r --branch-name b --file-path p --file-content '{}'",
            "column 75: Error parsing parameter '--file-content': Invalid base64: \"{}\"",
        ),
        (
            "events put-events --entries Source=a,Time=soon",
            "column 23: Error parsing parameter '--entries': Time: Invalid timestamp \"soon\"",
        ),
    ] {
        let error = parse_error(line);
        assert!(error.starts_with(expected), "aws {line}\n{error}");
    }
}
