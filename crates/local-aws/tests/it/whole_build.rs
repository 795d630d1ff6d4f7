//! One build that uses what the neighbouring services have: secrets, buckets, report groups.

use std::sync::Arc;

use local_aws::EngineChoice;
use local_aws::LocalAws;
use serde_json::Value;
use serde_json::json;

use crate::docker::engine;
use crate::raw::call_json;
use crate::raw::call_s3;
use crate::s3::LOCATION;
use crate::server::TestServer;
use crate::server::config;
use crate::server::log_text;
use crate::server::wait_for;

const BUILDSPEC: &str = r#"
version: 0.2
env:
  parameter-store:
    PASSWORD: /app/password
  secrets-manager:
    TOKEN: app:token
phases:
  build:
    commands:
      - cat /root/.m2/jar 2>/dev/null || echo "no cache yet"
      - mkdir -p /root/.m2 dist reports; echo "a jar" >/root/.m2/jar
      - echo "$PASSWORD and $TOKEN and $FROM_PROJECT" | sed 's/e/E/g' >dist/secrets.txt
      - echo "in the log - $PASSWORD $TOKEN $FROM_PROJECT"
      - |
        echo '<testsuite name="s"><testcase classname="c" name="good" time="0.5"/><testcase classname="c" name="bad"><failure message="no"/></testcase></testsuite>' >reports/junit.xml
reports:
  unit:
    files: ['**/*.xml']
    base-directory: reports
cache:
  key: deps-$(echo one)
  paths: ['/root/.m2/**/*']
artifacts:
  files: ['**/*']
  base-directory: dist
  name: app-$CODEBUILD_BUILD_NUMBER.zip
  secondary-artifacts:
    plain:
      files: [secrets.txt]
      base-directory: dist
"#;

async fn codebuild(server: &TestServer, operation: &str, input: Value) -> Value {
    let target = format!("CodeBuild_20161006.{operation}");
    call_json(server.access(), &target, input).await
}

fn project(bucket: &str) -> Value {
    json!({
        "name": "demo",
        "serviceRole": "arn:aws:iam::123456789012:role/service-role/codebuild-demo",
        "source": { "type": "NO_SOURCE", "buildspec": BUILDSPEC },
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "docker:dind",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [
                { "name": "FROM_PROJECT", "value": "app::AWSCURRENT", "type": "SECRETS_MANAGER" },
            ],
        },
        "artifacts": {
            "type": "S3", "location": bucket, "path": "out", "namespaceType": "BUILD_ID",
            "packaging": "ZIP", "name": "unused", "overrideArtifactName": true,
        },
        "secondaryArtifacts": [{
            "type": "S3", "location": bucket, "name": "plain", "packaging": "NONE",
            "artifactIdentifier": "plain",
        }],
        "cache": { "type": "S3", "location": format!("{bucket}/caches") },
        "logsConfig": { "s3Logs": { "status": "ENABLED", "location": format!("{bucket}/logs") } },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_reads_secrets_and_leaves_artifacts_reports_a_cache_and_its_log() {
    let Some(engine) = engine().await else { return };
    let state = tempfile::tempdir().unwrap();
    let runner = Arc::default();
    let mut config = config(state.path(), &runner);
    config.engine = EngineChoice::Connected(engine);
    let aws = LocalAws::start(config).await.unwrap();
    let server = TestServer { aws, runner, state };
    let client = server.codebuild();
    let access = server.access();
    call_json(
        access,
        "AmazonSSM.PutParameter",
        json!({ "Name": "/app/password", "Value": "pass-se-word", "Type": "SecureString" }),
    )
    .await;
    call_json(
        access,
        "secretsmanager.CreateSecret",
        json!({ "Name": "app", "SecretString": r#"{"token":"token-se-value"}"# }),
    )
    .await;
    codebuild(&server, "CreateProject", project("demo-bucket")).await;
    let run = async || {
        let started = codebuild(&server, "StartBuild", json!({ "projectName": "demo" })).await;
        let id = started["build"]["id"].as_str().unwrap().to_owned();
        let build = wait_for(&client, &id, |build| build.build_complete()).await;
        let text = log_text(&server.logs(), &build).await;
        let got = codebuild(&server, "BatchGetBuilds", json!({ "ids": [id] })).await;
        (got["builds"][0].clone(), text)
    };

    // Nobody has made the bucket.
    let (build, text) = run().await;
    assert_eq!(build["buildStatus"], "FAILED", "{text}");
    let phases = build["phases"].as_array().unwrap();
    let upload = phases
        .iter()
        .find(|phase| phase["phaseType"] == "UPLOAD_ARTIFACTS")
        .unwrap();
    assert_eq!(
        upload["contexts"][0],
        json!({
            "statusCode": "CLIENT_ERROR",
            "message": "NoSuchBucket: The specified bucket does not exist status code: 404",
        })
    );

    call_s3(access, "PUT", "/demo-bucket", &[], LOCATION).await;
    let (build, text) = run().await;
    assert_eq!(build["buildStatus"], "SUCCEEDED", "{text}");
    assert!(text.contains("\nno cache yet\n"), "{text}");
    assert!(text.contains("\nin the log - *** *** ***\n"), "{text}");
    let id = build["id"].as_str().unwrap();
    let uuid = id.split_once(':').unwrap().1;
    let location = format!("arn:aws:s3:::demo-bucket/out/{uuid}/app-2.zip");
    assert_eq!(build["artifacts"]["location"], location);
    assert_eq!(build["artifacts"]["sha256sum"].as_str().unwrap().len(), 64);
    let path = format!("/demo-bucket/out/{uuid}/app-2.zip");
    let zip = call_s3(access, "GET", &path, &[], b"").await;
    assert_eq!(zip.status, 200);
    assert_eq!(
        zip.header("x-amz-meta-codebuild-buildarn"),
        build["arn"].as_str().unwrap().to_lowercase()
    );
    let plain = call_s3(access, "GET", "/demo-bucket/plain/secrets.txt", &[], b"").await;
    assert_eq!(
        plain.body,
        "pass-sE-word and tokEn-sE-valuE and {\"tokEn\":\"tokEn-sE-valuE\"}\n"
    );
    assert_eq!(
        build["secondaryArtifacts"][0]["location"],
        "arn:aws:s3:::demo-bucket/plain"
    );

    let arns = &build["reportArns"];
    assert!(
        arns[0].as_str().unwrap().contains("report/demo-unit:"),
        "{arns}"
    );
    let reports = codebuild(&server, "BatchGetReports", json!({ "reportArns": arns })).await;
    let report = &reports["reports"][0];
    assert_eq!(report["status"], "FAILED");
    assert_eq!(report["executionId"], build["arn"]);
    assert_eq!(report["testSummary"]["total"], 2);

    let log = call_s3(
        access,
        "HEAD",
        &format!("/demo-bucket/logs/{uuid}.gz"),
        &[],
        b"",
    )
    .await;
    assert_eq!(log.status, 200);
    assert_eq!(
        build["logs"]["s3LogsArn"],
        format!("arn:aws:s3:::demo-bucket/logs/{uuid}.gz")
    );

    let (_, text) = run().await;
    assert!(text.contains("\na jar\n"), "{text}");
    let cache = "/demo-bucket/caches/demo/deps-one.tar";
    assert_eq!(call_s3(access, "HEAD", cache, &[], b"").await.status, 200);
    codebuild(
        &server,
        "InvalidateProjectCache",
        json!({ "projectName": "demo" }),
    )
    .await;
    assert_eq!(call_s3(access, "HEAD", cache, &[], b"").await.status, 404);
    server.aws.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_artifacts_of_a_batch_come_together() {
    let Some(engine) = engine().await else { return };
    let state = tempfile::tempdir().unwrap();
    let runner = Arc::default();
    let mut config = config(state.path(), &runner);
    config.engine = EngineChoice::Connected(engine);
    let aws = LocalAws::start(config).await.unwrap();
    let server = TestServer { aws, runner, state };
    let access = server.access();
    call_s3(access, "PUT", "/demo-bucket", &[], LOCATION).await;
    let buildspec = r#"
version: 0.2
batch:
  build-list:
    - identifier: one
    - identifier: two
phases:
  build:
    commands:
      - echo "from $CODEBUILD_BATCH_BUILD_IDENTIFIER" >$CODEBUILD_BATCH_BUILD_IDENTIFIER.txt
      - |
        echo '<testsuite name="s"><testcase classname="c" name="good"/></testsuite>' >junit.xml
reports:
  unit:
    files: [junit.xml]
artifacts:
  files: ['*.txt']
"#;
    let mut project = project("demo-bucket");
    project["source"]["buildspec"] = buildspec.into();
    project["artifacts"] = json!({
        "type": "S3", "location": "demo-bucket", "path": "batches", "packaging": "NONE",
        "name": "/",
    });
    for left_out in ["secondaryArtifacts", "cache", "logsConfig"] {
        project.as_object_mut().unwrap().remove(left_out);
    }
    project["environment"]["environmentVariables"] = json!([]);
    codebuild(&server, "CreateProject", project).await;
    let started = codebuild(
        &server,
        "StartBuildBatch",
        json!({
            "projectName": "demo",
            "buildBatchConfigOverride": {
                "serviceRole": "arn:aws:iam::123456789012:role/service-role/codebuild-demo",
                "combineArtifacts": true,
            },
        }),
    )
    .await;
    let id = started["buildBatch"]["id"].as_str().unwrap();
    let client = server.codebuild();
    let batch = crate::batches::wait_for(&client, id, |batch| batch.complete()).await;
    let status = batch.build_batch_status().unwrap().as_str();
    assert_eq!(status, "SUCCEEDED", "{batch:?}");
    let reports = batch.report_arns();
    assert_eq!(reports.len(), 2, "{reports:?}");
    assert!(reports[0].contains(":report/demo-unit:"), "{reports:?}");
    let uuid = id.split_once(':').unwrap().1;
    for name in ["one", "two"] {
        let path = format!("/demo-bucket/batches/{uuid}/{name}.txt");
        let object = call_s3(access, "GET", &path, &[], b"").await;
        assert_eq!(object.body, format!("from {name}\n"));
    }
    server.aws.shutdown().await;
}
