//! S3, Parameter Store and Secrets Manager from the command line, against the local AWS and from a
//! recording of it.

use std::sync::Arc;

use codebuild_core::Keys;
use codebuild_core::Session;
use codebuild_core::Target;
use local_aws::Config;
use local_aws::EngineChoice;
use local_aws::LocalAws;

use crate::canned_aws::run;
use crate::local_aws::NoDocker;

/// What is typed, and what it prints or, after `!`, the code of its error.
const LINES: [(&str, &str); 20] = [
    ("s3 mb s3://demo-bucket-1", "make_bucket: demo-bucket-1\n"),
    ("s3 mb s3://demo-bucket-1", "!BucketAlreadyOwnedByYou"),
    (
        "s3api create-bucket --bucket demo-bucket-2 --create-bucket-configuration LocationConstraint=eu-central-1 --query OwnerId",
        "null\n",
    ),
    (
        "s3api list-buckets --query Buckets[].Name --output text",
        "demo-bucket-1\tdemo-bucket-2\n",
    ),
    (
        "s3api list-objects-v2 --bucket demo-bucket-1 --query Contents --output text",
        "None\n",
    ),
    ("s3api head-bucket --bucket demo-bucket-3", "!404"),
    ("s3 cp s3://demo-bucket-1/no/such/key -", "!NoSuchKey"),
    (
        "s3 rb s3://demo-bucket-1 --force",
        "remove_bucket: demo-bucket-1\n",
    ),
    ("s3 rb s3://demo-bucket-2", "remove_bucket: demo-bucket-2\n"),
    ("s3 ls", ""),
    (
        "ssm put-parameter --name /demo/key --value hush-hush --type SecureString --query Version",
        "1\n",
    ),
    (
        "ssm put-parameter --name /demo/key --value other --type String",
        "!ParameterAlreadyExists",
    ),
    (
        "ssm get-parameters --names /demo/key /demo/none --query InvalidParameters[0] --output text",
        "/demo/none\n",
    ),
    (
        "ssm get-parameters-by-path --path /demo --query Parameters[].[Name,Type] --output text",
        "/demo/key\tSecureString\n",
    ),
    ("ssm delete-parameter --name /demo/key", ""),
    ("ssm get-parameter --name /demo/key", "!ParameterNotFound"),
    (
        "secretsmanager create-secret --name demo/db --secret-string hush-hush --query Name --output text",
        "demo/db\n",
    ),
    (
        "secretsmanager list-secrets --query SecretList[].Name --output text",
        "demo/db\n",
    ),
    (
        "secretsmanager delete-secret --secret-id demo/db --force-delete-without-recovery --query Name --output text",
        "demo/db\n",
    ),
    (
        "secretsmanager get-secret-value --secret-id demo/db",
        "!ResourceNotFoundException",
    ),
];

async fn all_lines(session: &Session) {
    for (at, (line, expected)) in LINES.into_iter().enumerate() {
        session.begin_scene(&at.to_string());
        let seen = match run(session, line).await {
            Ok(output) => output.text,
            Err(error) => format!("!{}", error.code().unwrap_or("no code")),
        };
        assert_eq!(seen, expected, "aws {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_parameters_and_secrets_come_and_go_and_are_replayed() {
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
    all_lines(&session).await;
    let file = directory.path().join("walk.json");
    session.save_recording(&file).unwrap();
    server.shutdown().await;

    let recording = std::fs::read_to_string(&file).unwrap();
    assert!(!recording.contains("hush-hush"), "secrets are masked");
    let replay = Session::connect(Target::Replay { file, pace: 0.0 })
        .await
        .unwrap();
    all_lines(&replay).await;
}
