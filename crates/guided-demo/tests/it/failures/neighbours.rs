//! Secrets and objects that are not what the build asks for. The AWS CLI makes what is there.

use std::process::Command;

use super::run::Aws;
use super::run::Failing;
use crate::serving::has;
use crate::serving::has_docker;

fn with_secret(cause: &'static str, shows: &'static str, reference: &str) -> Failing {
    let buildspec = format!(
        "version: 0.2\nenv:\n  secrets-manager:\n    A: '{reference}'\nphases:\n  build:\n    commands: ['true']\n"
    );
    Failing::buildspec(cause, shows, buildspec)
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_objects_that_lack_something_are_explained() {
    if !has_docker() || !has("the AWS CLI", Command::new("aws").arg("--version")) {
        return;
    }
    let aws = Aws::start(None).await;
    for words in [
        &["s3", "mb", "s3://failures-bucket"][..],
        &[
            "secretsmanager",
            "create-secret",
            "--name",
            "app",
            "--secret-string",
            r#"{"token":"t"}"#,
        ],
    ] {
        let output = aws.serving.aws_cli().args(words).output().unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
    }
    let builds = vec![
        with_secret("secret-key-missing", "password", "app:password"),
        with_secret("secret-version-missing", "", "app:token:AWSPENDING"),
        Failing::buildspec("s3-no-such-key", "NoSuchKey", "").with(&[
            "--source-type-override",
            "S3",
            "--source-location-override",
            "failures-bucket/absent.zip",
            "--buildspec-override",
            "buildspec.yml",
        ]),
    ];
    aws.explains(builds, 3).await;
}
