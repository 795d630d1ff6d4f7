//! Mutated requests: always an answer, never a server error.

use proptest::prelude::*;
use proptest::test_runner::Config;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use serde_json::json;

use crate::raw::call_s3;
use crate::raw::form;
use crate::raw::signed;
use crate::server::TestServer;
use crate::server::create_project;

fn inputs() -> Vec<(&'static str, Value)> {
    let source = json!({ "type": "NO_SOURCE", "buildspec": "version: 0.2\n" });
    let environment = json!({
        "type": "LINUX_CONTAINER", "image": "docker:dind", "computeType": "BUILD_GENERAL1_SMALL",
        "privilegedMode": true, "environmentVariables": [{ "name": "A", "value": "1" }]
    });
    vec![
        (
            "CodeBuild_20161006.CreateProject",
            json!({
                "name": "other", "source": source, "artifacts": { "type": "NO_ARTIFACTS" },
                "environment": environment, "serviceRole": "codebuild-demo", "timeoutInMinutes": 60,
                "logsConfig": { "cloudWatchLogs": { "status": "ENABLED", "groupName": "g" } },
                "tags": [{ "key": "k", "value": "v" }]
            }),
        ),
        (
            "CodeBuild_20161006.UpdateProject",
            json!({ "name": "demo", "environment": environment }),
        ),
        (
            "CodeBuild_20161006.StartBuild",
            json!({
                "projectName": "demo", "environmentVariablesOverride": [{ "name": "A", "value": "2" }],
                "timeoutInMinutesOverride": 5, "idempotencyToken": "t"
            }),
        ),
        (
            "CodeBuild_20161006.BatchGetBuilds",
            json!({ "ids": ["demo:00000000-0000-0000-0000-000000000000"] }),
        ),
        (
            "CodeBuild_20161006.BatchDeleteBuilds",
            json!({ "ids": ["demo:00000000-0000-0000-0000-000000000000"] }),
        ),
        (
            "CodeBuild_20161006.ListBuildsForProject",
            json!({ "projectName": "demo", "sortOrder": "ASCENDING", "nextToken": "x" }),
        ),
        ("CodeBuild_20161006.RetryBuild", json!({ "id": "demo:x" })),
        ("CodeBuild_20161006.StopBuild", json!({ "id": "demo:x" })),
        (
            "CodeBuild_20161006.ListProjects",
            json!({ "sortBy": "NAME", "nextToken": "abcdefghijklmnopqrst" }),
        ),
        (
            "CodeBuild_20161006.StartBuildBatch",
            json!({
                "projectName": "demo", "buildTimeoutInMinutesOverride": 5, "idempotencyToken": "t",
                "buildBatchConfigOverride": {
                    "timeoutInMins": 60, "restrictions": { "maximumBuildsAllowed": 2 }
                }
            }),
        ),
        (
            "CodeBuild_20161006.RetryBuildBatch",
            json!({ "id": "demo:x", "retryType": "RETRY_ALL_BUILDS" }),
        ),
        (
            "CodeBuild_20161006.ListBuildBatchesForProject",
            json!({ "projectName": "demo", "filter": { "status": "FAILED" }, "nextToken": "x" }),
        ),
        (
            "CodeBuild_20161006.CreateReportGroup",
            json!({
                "name": "unit", "type": "TEST", "tags": [{ "key": "k", "value": "v" }],
                "exportConfig": { "exportConfigType": "S3", "s3Destination": { "bucket": "b" } }
            }),
        ),
        (
            "CodeBuild_20161006.ListReports",
            json!({ "filter": { "status": "FAILED" }, "maxResults": 1, "nextToken": "x" }),
        ),
        (
            "CodeBuild_20161006.DescribeCodeCoverages",
            json!({
                "reportArn": "arn:aws:codebuild:eu-central-1:123456789012:report/a:b",
                "minLineCoveragePercentage": 1.5, "sortBy": "FILE_PATH", "maxResults": 3
            }),
        ),
        (
            "CodeBuild_20161006.GetReportGroupTrend",
            json!({
                "reportGroupArn": "arn:aws:codebuild:eu-central-1:123456789012:report-group/unit",
                "trendField": "TOTAL", "numOfReports": 2
            }),
        ),
        (
            "CodeBuild_20161006.CreateFleet",
            json!({
                "name": "fleet", "baseCapacity": 1, "environmentType": "LINUX_CONTAINER",
                "computeType": "BUILD_GENERAL1_SMALL", "overflowBehavior": "QUEUE",
                "scalingConfiguration": { "scalingType": "TARGET_TRACKING_SCALING", "maxCapacity": 2,
                    "targetTrackingScalingConfigs": [{ "metricType": "FLEET_UTILIZATION_RATE", "targetValue": 0.5 }] }
            }),
        ),
        (
            "CodeBuild_20161006.ListFleets",
            json!({ "sortBy": "NAME", "maxResults": 1, "nextToken": "x" }),
        ),
        (
            "CodeBuild_20161006.CreateWebhook",
            json!({
                "projectName": "demo", "manualCreation": true,
                "filterGroups": [[{ "type": "EVENT", "pattern": "PUSH" },
                    { "type": "HEAD_REF", "pattern": "^refs/heads/main$", "excludeMatchedPattern": false }]]
            }),
        ),
        (
            "CodeBuild_20161006.ImportSourceCredentials",
            json!({ "token": "t", "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN" }),
        ),
        (
            "CodeBuild_20161006.PutResourcePolicy",
            json!({ "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
                "resourceArn": "arn:aws:codebuild:eu-central-1:123456789012:project/demo" }),
        ),
        (
            "CodeBuild_20161006.UpdateProjectVisibility",
            json!({ "projectArn": "arn:aws:codebuild:eu-central-1:123456789012:project/demo",
                "projectVisibility": "PUBLIC_READ" }),
        ),
        (
            "CodeBuild_20161006.StartSandbox",
            json!({ "projectName": "demo", "idempotencyToken": "t" }),
        ),
        (
            "CodeBuild_20161006.StartCommandExecution",
            json!({ "sandboxId": "demo:x", "command": "true", "type": "SHELL" }),
        ),
        (
            "Logs_20140328.PutLogEvents",
            json!({ "logGroupName": "g", "logStreamName": "s",
                "logEvents": [{ "timestamp": 1, "message": "m" }] }),
        ),
        (
            "Logs_20140328.PutRetentionPolicy",
            json!({ "logGroupName": "g", "retentionInDays": 7 }),
        ),
        (
            "Logs_20140328.StartLiveTail",
            json!({ "logGroupIdentifiers": ["arn:aws:logs:eu-central-1:123456789012:log-group:g"],
                "logEventFilterPattern": "?a" }),
        ),
        (
            "Logs_20140328.GetLogEvents",
            json!({ "logGroupName": "g", "logStreamName": "s", "limit": 1, "nextToken": "f/0/s" }),
        ),
        (
            "Logs_20140328.FilterLogEvents",
            json!({ "logGroupName": "g", "filterPattern": "?a -\"b\"", "startTime": 0 }),
        ),
        (
            "CodeCommit_20150413.CreateRepository",
            json!({ "repositoryName": "r", "repositoryDescription": "d" }),
        ),
        (
            "CodeCommit_20150413.CreateCommit",
            json!({ "repositoryName": "r", "branchName": "main",
                "putFiles": [{ "filePath": "a/b", "fileContent": "AAAA", "fileMode": "NORMAL" }] }),
        ),
        (
            "CodeCommit_20150413.GetFolder",
            json!({ "repositoryName": "r", "folderPath": "/", "commitSpecifier": "main" }),
        ),
        (
            "AmazonSSM.PutParameter",
            json!({ "Name": "/a/b", "Value": "v", "Type": "SecureString", "Overwrite": true,
                "AllowedPattern": ".*", "Tier": "Standard" }),
        ),
        (
            "AmazonSSM.GetParametersByPath",
            json!({ "Path": "/a", "Recursive": true, "MaxResults": 1, "NextToken": "x" }),
        ),
        (
            "AmazonSSM.DescribeParameters",
            json!({ "ParameterFilters": [{ "Key": "Name", "Option": "Equals", "Values": ["a"] }] }),
        ),
        (
            "secretsmanager.CreateSecret",
            json!({ "Name": "s", "SecretString": "x", "Tags": [{ "Key": "k", "Value": "v" }] }),
        ),
        (
            "secretsmanager.PutSecretValue",
            json!({ "SecretId": "s", "SecretBinary": "AAAA", "VersionStages": ["AWSCURRENT"] }),
        ),
        (
            "secretsmanager.GetRandomPassword",
            json!({ "PasswordLength": 40, "ExcludeCharacters": "abc" }),
        ),
        (
            "Logs_20140328.DescribeLogStreams",
            json!({ "logGroupName": "g", "orderBy": "LastEventTime" }),
        ),
    ]
}

/// Ways to damage a body.
#[derive(Clone, Debug)]
enum Damage {
    /// Replaces a byte.
    Byte(prop::sample::Index, u8),
    /// Cuts the end off.
    Cut(prop::sample::Index),
    /// Puts a text in the place of a JSON value.
    Value(prop::sample::Index, String),
}

fn damage() -> impl Strategy<Value = Damage> {
    let values = prop_oneof![
        Just("null".to_owned()),
        Just("-1".to_owned()),
        Just("1e999".to_owned()),
        Just("99999999999999999999".to_owned()),
        Just("1.5".to_owned()),
        Just("true".to_owned()),
        Just("[]".to_owned()),
        Just("[null]".to_owned()),
        Just("{}".to_owned()),
        Just("\"\"".to_owned()),
        Just("\"\\u0000\"".to_owned()),
        Just("\"\\ud800\"".to_owned()),
        Just("[".repeat(500)),
        any::<String>().prop_map(|text| Value::from(text).to_string()),
    ];
    prop_oneof![
        (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        any::<prop::sample::Index>().prop_map(Damage::Cut),
        (any::<prop::sample::Index>(), values).prop_map(|(at, text)| Damage::Value(at, text)),
    ]
}

/// How many cases: `GARBAGE_CASES`, or what a test run has time for.
fn cases(default: u32) -> u32 {
    let given = std::env::var("GARBAGE_CASES").ok();
    given.map_or(default, |text| text.parse().unwrap())
}

fn apply(body: &str, damage: &Damage) -> Vec<u8> {
    let mut bytes = body.as_bytes().to_vec();
    match damage {
        Damage::Byte(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Damage::Value(at, text) => {
            let starts: Vec<usize> = body.match_indices(':').map(|(at, _)| at + 1).collect();
            let start = starts[at.index(starts.len())];
            let end = body[start..]
                .find([',', '}'])
                .map_or(body.len(), |end| start + end);
            bytes.splice(start..end, text.bytes());
        }
    }
    bytes
}

#[test]
fn mutated_bodies_get_answers_of_200_or_400() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::start());
    runtime.block_on(create_project(&server.codebuild(), "demo", &[]));
    let inputs = inputs();
    let strategy = (any::<prop::sample::Index>(), damage());
    let mut runner = TestRunner::new(Config {
        cases: cases(600),
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&strategy, |(which, damage)| {
            let (target, input) = &inputs[which.index(inputs.len())];
            let body = apply(&input.to_string(), &damage);
            let mut request = signed(server.access(), target, "");
            request.remove("authorization");
            request.body = body;
            let service = crate::raw::signing_name(target);
            let keys = crate::raw::keys(server.access());
            request.sign(&keys, "eu-central-1", service, std::time::SystemTime::now());
            let reply = runtime.block_on(request.send(server.access()));
            prop_assert!(matches!(reply.status, 200 | 400), "{reply:?}");
            if reply.status == 400 {
                prop_assert!(!reply.error_type().is_empty(), "{reply:?}");
                prop_assert_ne!(reply.error_type(), "LocalStorageException");
            }
            Ok(())
        })
        .unwrap();
    runtime.block_on(server.aws.shutdown());
}

#[test]
fn mutated_forms_get_answers_of_the_query_services() {
    const DOCUMENT: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*","Principal":"*"}]}"#;
    const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:t";
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::start());
    let access = server.access();
    let keys = crate::raw::keys(access);
    let operations: Vec<(String, &str)> = local_aws::api_services()
        .into_iter()
        .filter(|service| service.protocol == "query")
        .flat_map(|service| {
            let signing_name = service.name.to_lowercase();
            let operations = service.operations.into_iter();
            operations.map(move |operation| (signing_name.clone(), operation.name))
        })
        .collect();
    let names = [
        "RoleName",
        "PolicyName",
        "PolicyDocument",
        "AssumeRolePolicyDocument",
        "PolicyArn",
        "MaxItems",
        "Marker",
        "Tags.member.1.Key",
        "Tags.member.x.Key",
        "Tags",
        "VersionId",
        "ActionNames.member.1",
        "ResourceArns.member.1",
        "PolicyInputList.member.1",
        "PolicySourceArn",
        "RoleArn",
        "RoleSessionName",
        "DurationSeconds",
        "Name",
        "TopicArn",
        "ResourceArn",
        "Attributes.entry.1.key",
        "Attributes.entry.1.value",
        "AttributeName",
        "AttributeValue",
        "Protocol",
        "Endpoint",
        "Message",
        "MessageStructure",
        "Subject",
        "MessageAttributes.entry.1.Name",
        "MessageAttributes.entry.1.Value.DataType",
        "SubscriptionArn",
        "Token",
        "NextToken",
        "...",
        "",
    ];
    let values = prop_oneof![
        prop::sample::select(vec![
            DOCUMENT,
            TOPIC,
            "t",
            "r",
            "-1",
            "3600",
            "{}",
            "[]",
            "null",
            "true",
            "json",
            "http",
            "http://127.0.0.1:1/",
            "email",
            "a@b",
            "Policy",
            "DeliveryPolicy",
            "FilterPolicy",
            "arn:aws:iam::123456789012:role/r",
            "arn:aws:iam::aws:policy/AdministratorAccess",
            ":::::",
            "String",
            "*",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    let pair = (prop::sample::select(names.to_vec()), values);
    let strategy = (
        any::<prop::sample::Index>(),
        prop::collection::vec(pair, 0..8),
    );
    let mut runner = TestRunner::new(Config {
        cases: cases(600),
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&strategy, |(which, pairs)| {
            let (service, operation) = &operations[which.index(operations.len())];
            let mut parameters = vec![("Action", *operation)];
            parameters.extend(pairs.iter().map(|(name, value)| (*name, value.as_str())));
            let reply = runtime.block_on(form(access, &keys, service, &parameters));
            prop_assert!((200..500).contains(&reply.status), "{reply:?}");
            let code = reply.element("Code");
            prop_assert!(code.is_empty() == (reply.status == 200), "{reply:?}");
            prop_assert!(
                !matches!(code, "LocalStorageException" | "ModelMismatchException"),
                "{reply:?}"
            );
            Ok(())
        })
        .unwrap();
    runtime.block_on(server.aws.shutdown());
}

#[test]
fn mutated_requests_to_s3_get_answers_of_s3() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::start());
    let access = server.access();
    let xml = "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>";
    runtime.block_on(call_s3(access, "PUT", "/bucket", &[], xml.as_bytes()));
    let bodies = [
        xml,
        "<Delete><Object><Key>key</Key></Object></Delete>",
        "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
    ];
    let queries = [
        "",
        "?delete=",
        "?tagging=",
        "?uploads=",
        "?uploadId=x",
        "?partNumber=1&uploadId=x",
        "?list-type=2&max-keys=-1",
        "?list-type=2&continuation-token=%FF",
        "?encryption=",
        "?versioning=",
        "?policy=",
        "?x=%zz",
        "?partNumber=0",
    ];
    let paths = [
        "/",
        "/bucket",
        "/bucket/key",
        "/bucket/a%00b",
        "/%FF",
        "/bucket/../x",
        "//",
    ];
    let headers = [
        ("range", "bytes=9-1"),
        ("x-amz-copy-source", "nowhere"),
        ("if-match", "\""),
        ("content-md5", "?"),
        ("x-amz-meta-a", "b"),
        ("x-amz-tagging", "a=b&a=c"),
    ];
    let index = any::<prop::sample::Index>;
    let strategy = (index(), index(), index(), index(), index(), damage());
    let mut runner = TestRunner::new(Config {
        cases: cases(300),
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&strategy, |(method, path, query, header, body, damage)| {
            let method = ["GET", "PUT", "POST", "DELETE", "HEAD"][method.index(5)];
            let path = format!(
                "{}{}",
                paths[path.index(paths.len())],
                queries[query.index(queries.len())]
            );
            let header = headers[header.index(headers.len())];
            let body = match damage {
                Damage::Value(..) => bodies[body.index(4)].as_bytes().to_vec(),
                damage => apply(bodies[body.index(4)], &damage),
            };
            let reply = runtime.block_on(call_s3(access, method, &path, &[header], &body));
            prop_assert!(
                (200..500).contains(&reply.status) || reply.status == 501,
                "{reply:?}"
            );
            prop_assert!(!reply.body.contains("LocalStorageException"), "{reply:?}");
            prop_assert!(!reply.body.contains("<html"), "{reply:?}");
            Ok(())
        })
        .unwrap();
    runtime.block_on(server.aws.shutdown());
}
