//! CodeBuild over RPC v2 CBOR, as newer clients may speak it.

use std::time::SystemTime;

use ciborium::value::Value;
use local_aws::Access;

use crate::raw::Reply;
use crate::raw::Request;
use crate::raw::keys;
use crate::server::TestServer;
use crate::server::create_project;
use crate::server::run_build;

/// A map with texts as keys.
fn map(entries: Vec<(&str, Value)>) -> Value {
    let entries = entries.into_iter();
    Value::Map(
        entries
            .map(|(key, value)| (Value::from(key), value))
            .collect(),
    )
}

fn texts(texts: &[&str]) -> Value {
    Value::Array(texts.iter().map(|text| Value::from(*text)).collect())
}

fn member<'v>(value: &'v Value, name: &str) -> &'v Value {
    let entries = value.as_map().unwrap();
    let found = entries.iter().find(|(key, _)| key.as_text() == Some(name));
    &found.unwrap_or_else(|| panic!("no {name} in {value:?}")).1
}

fn request(access: &Access, operation: &str, body: Vec<u8>) -> Request {
    let mut request = Request::new(access, "", "");
    request.remove("x-amz-target");
    request.path = format!("/service/CodeBuild_20161006/operation/{operation}");
    request.set("content-type", "application/cbor");
    request.set("smithy-protocol", "rpc-v2-cbor");
    request.set("accept", "application/cbor");
    request.body = body;
    request.sign(
        &keys(access),
        "eu-central-1",
        "codebuild",
        SystemTime::now(),
    );
    request
}

async fn call(access: &Access, operation: &str, input: &Value) -> (Reply, Value) {
    let mut body = Vec::new();
    ciborium::into_writer(input, &mut body).unwrap();
    let reply = request(access, operation, body).send(access).await;
    assert_eq!(reply.header("content-type"), "application/cbor");
    assert_eq!(reply.header("smithy-protocol"), "rpc-v2-cbor");
    assert!(!reply.header("x-amzn-requestid").is_empty());
    let output = ciborium::from_reader(&reply.bytes[..]).unwrap();
    (reply, output)
}

#[tokio::test]
async fn a_project_and_its_build_over_cbor() {
    let server = TestServer::start().await;
    let access = server.access();
    let project = map(vec![
        ("name", "demo".into()),
        (
            "source",
            map(vec![
                ("type", "NO_SOURCE".into()),
                ("buildspec", crate::server::BUILDSPEC.into()),
            ]),
        ),
        ("artifacts", map(vec![("type", "NO_ARTIFACTS".into())])),
        (
            "environment",
            map(vec![
                ("type", "LINUX_CONTAINER".into()),
                ("image", "docker:dind".into()),
                ("computeType", "BUILD_GENERAL1_SMALL".into()),
                ("privilegedMode", true.into()),
            ]),
        ),
        (
            "serviceRole",
            "arn:aws:iam::123456789012:role/service-role/codebuild-demo".into(),
        ),
        ("timeoutInMinutes", 20.into()),
    ]);
    let (reply, output) = call(access, "CreateProject", &project).await;
    assert_eq!(reply.status, 200, "{output:?}");
    let created = member(member(&output, "project"), "created");
    let Value::Tag(1, seconds) = created else {
        panic!("no time: {created:?}");
    };
    assert!(seconds.as_float().unwrap() > 1.7e9);

    let build = run_build(&server.codebuild(), "demo").await;
    let ids = map(vec![("ids", texts(&[build.id().unwrap()]))]);
    let (_, output) = call(access, "BatchGetBuilds", &ids).await;
    let shown = &member(&output, "builds").as_array().unwrap()[0];
    assert_eq!(member(shown, "buildStatus").as_text(), Some("SUCCEEDED"));
    assert_eq!(member(shown, "buildNumber"), &Value::from(1));
    assert_eq!(member(shown, "timeoutInMinutes"), &Value::from(20));
}

#[tokio::test]
async fn errors_over_cbor_have_the_types_and_messages_of_json() {
    let server = TestServer::start().await;
    let access = server.access();
    create_project(&server.codebuild(), "demo", &[]).await;
    for (operation, input, code, message) in [
        (
            "StartBuild",
            map(vec![("projectName", "other".into())]),
            "ResourceNotFoundException",
            "Project cannot be found: ",
        ),
        (
            "UpdateProject",
            map(vec![
                ("name", "demo".into()),
                ("timeoutInMinutes", 1.into()),
            ]),
            "ValidationException",
            "1 validation error detected: Value '1' at 'timeoutInMinutes'",
        ),
        (
            "BatchGetProjects",
            map(vec![("names", Value::Array(vec![1.into()]))]),
            "SerializationException",
            "NUMBER_VALUE cannot be converted to String",
        ),
        ("MakeTea", map(vec![]), "UnknownOperationException", ""),
    ] {
        let (reply, output) = call(access, operation, &input).await;
        assert_eq!(reply.status, 400, "{operation}");
        assert_eq!(member(&output, "__type").as_text(), Some(code));
        if !message.is_empty() {
            let text = member(&output, "message").as_text().unwrap();
            assert!(text.starts_with(message), "{text}");
        }
    }
}

#[tokio::test]
async fn a_request_over_cbor_is_signed_and_well_formed_or_refused() {
    let server = TestServer::start().await;
    let access = server.access();
    let refused = async |request: Request| {
        let reply = request.send(access).await;
        assert_eq!(reply.status, 400, "{reply:?}");
        let output: Value = ciborium::from_reader(&reply.bytes[..]).unwrap();
        member(&output, "__type").as_text().unwrap().to_owned()
    };
    let mut unsigned = request(access, "ListProjects", vec![0xa0]);
    unsigned.remove("authorization");
    assert_eq!(
        refused(unsigned).await,
        "MissingAuthenticationTokenException"
    );

    let mut changed = request(access, "ListProjects", vec![0xa0]);
    changed.body = vec![0xbf, 0xff];
    assert_eq!(refused(changed).await, "InvalidSignatureException");

    let broken = request(access, "ListProjects", vec![0xbf]);
    assert_eq!(refused(broken).await, "SerializationException");

    let mut elsewhere = request(access, "ListProjects", vec![0xa0]);
    elsewhere.path = "/service/Logs_20140328/operation/DescribeLogGroups".to_owned();
    assert_eq!(refused(elsewhere).await, "UnknownOperationException");

    let empty = request(access, "ListProjects", Vec::new());
    assert_eq!(empty.send(access).await.status, 200);
}
