//! What is not a good request: always an AWS error, never a dead server.

use std::io::Write;
use std::time::SystemTime;

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::raw::Reply;
use crate::raw::Request;
use crate::raw::authority;
use crate::raw::exchange;
use crate::raw::keys;
use crate::raw::signed;
use crate::server::PATIENCE;
use crate::server::TestServer;
use crate::server::create_project;
use crate::server::finished;
use crate::server::run_build;
use crate::server::variable;

async fn call(server: &TestServer, target: &str, body: &str) -> Reply {
    signed(server.access(), target, body)
        .send(server.access())
        .await
}

#[tokio::test]
async fn only_a_host_header_of_this_endpoint_is_answered() {
    let server = TestServer::start().await;
    let port = authority(server.access())
        .rsplit_once(':')
        .unwrap()
        .1
        .to_owned();
    for host in [
        "evil.example",
        "evil.example:PORT",
        "127.0.0.1",
        "localhost:1",
        "localhost:PORT:PORT",
        "",
    ] {
        let host = host.replace("PORT", &port);
        let mut request = Request::new(server.access(), "CodeBuild_20161006.ListProjects", "{}");
        request.set("host", &host);
        let reply = request.send(server.access()).await;
        assert_eq!(
            (reply.status, reply.error_type().as_str()),
            (403, "AccessDeniedException"),
            "{host}"
        );
    }
    for host in ["localhost:PORT", "LOCALHOST:PORT", "[::1]:PORT"] {
        let host = host.replace("PORT", &port);
        let mut request = Request::new(server.access(), "CodeBuild_20161006.ListProjects", "{}");
        request.set("host", &host);
        request.sign(
            &keys(server.access()),
            "eu-central-1",
            "codebuild",
            SystemTime::now(),
        );
        assert_eq!(request.send(server.access()).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn bodies_that_are_not_json() {
    let server = TestServer::start().await;
    let target = "CodeBuild_20161006.BatchGetProjects";
    let deep = "[".repeat(100_000);
    for body in [
        "{\"names\": [\"a\"",
        "nonsense",
        "\u{0}",
        &deep,
        "[]",
        "1",
        "{\"names\": 1}",
    ] {
        let reply = call(&server, target, body).await;
        let short = &body[..body.len().min(20)];
        assert_eq!(
            (reply.status, reply.error_type().as_str()),
            (400, "SerializationException"),
            "{short}"
        );
    }
}

#[tokio::test]
async fn a_body_of_20_mb_is_refused_and_the_server_lives() {
    let server = TestServer::start().await;
    let mut request = Request::new(server.access(), "CodeBuild_20161006.ListProjects", "");
    request.body = vec![b' '; 20_000_000];
    let reply = request.send(server.access()).await;
    assert_eq!(
        (reply.status, reply.error_type().as_str()),
        (413, "RequestEntityTooLargeException")
    );

    // Without a length, in chunks.
    let mut chunked = format!(
        "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-amz-json-1.1\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n",
        authority(server.access())
    )
    .into_bytes();
    for _ in 0..20 {
        chunked.extend_from_slice(b"f4240\r\n");
        chunked.extend(std::iter::repeat_n(b' ', 1_000_000));
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let reply = exchange(server.access(), &chunked).await;
    assert_eq!(reply.status, 413, "{}", reply.head);
    assert_eq!(
        call(&server, "CodeBuild_20161006.ListProjects", "{}")
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn operations_that_are_not_here() {
    let server = TestServer::start().await;
    for target in [
        "CodeBuild_20161006.Nonsense",
        "Nonsense.ListProjects",
        "",
        "Logs_20140328.PutDestination",
    ] {
        let reply = call(&server, target, "{}").await;
        assert_eq!(
            (reply.status, reply.error_type().as_str()),
            (400, "UnknownOperationException"),
            "{target}"
        );
    }
}

#[tokio::test]
async fn other_protocols_and_paths() {
    let server = TestServer::start().await;
    for (method, path) in [
        ("GET", "/"),
        ("POST", "/elsewhere"),
        ("DELETE", "/"),
        ("OPTIONS", "/"),
    ] {
        let mut request = signed(server.access(), "CodeBuild_20161006.ListProjects", "{}");
        request.method = method;
        request.path = path.to_owned();
        let reply = request.send(server.access()).await;
        assert_eq!(
            (reply.status, reply.body.as_str()),
            (404, "<UnknownOperationException/>\n"),
            "{method} {path}"
        );
    }
    let reply = exchange(server.access(), b"nonsense\r\n\r\n").await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn a_body_may_be_packed_with_gzip_up_to_the_same_limit() {
    let server = TestServer::start().await;
    create_project(&server.codebuild(), "demo", &[]).await;
    let call = async |body: Vec<u8>, encoding: &str| {
        let mut request = Request::new(server.access(), "CodeBuild_20161006.BatchGetProjects", "");
        request.body = body;
        request.set("content-encoding", encoding);
        let keys = keys(server.access());
        request.sign(&keys, "eu-central-1", "codebuild", SystemTime::now());
        request.send(server.access()).await
    };
    let reply = call(packed(br#"{"names":["demo"]}"#), "gzip").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.body.contains(":project/demo"), "{reply:?}");

    let bomb = packed(&vec![b' '; 50_000_000]);
    assert!(bomb.len() < 100_000);
    let reply = call(bomb, "gzip").await;
    assert_eq!(
        (reply.status, reply.error_type().as_str()),
        (413, "RequestEntityTooLargeException")
    );
    let reply = call(b"{}".to_vec(), "gzip").await;
    assert_eq!(reply.error_type(), "SerializationException");
    let reply = call(b"{}".to_vec(), "br").await;
    assert_eq!(reply.error_type(), "UnsupportedMediaTypeException");
}

fn packed(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn one_connection_takes_requests_one_after_another_and_all_at_once() {
    let server = TestServer::start().await;
    for name in ["one", "two", "three"] {
        create_project(&server.codebuild(), name, &[]).await;
    }
    let request = |name: &str| {
        let body = format!("{{\"names\":[\"{name}\"]}}");
        let request = signed(
            server.access(),
            "CodeBuild_20161006.BatchGetProjects",
            &body,
        );
        let mut text = "POST / HTTP/1.1\r\n".to_owned();
        for (name, value) in &request.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        format!("{text}content-length: {}\r\n\r\n{body}", body.len())
    };
    let mut connection = TcpStream::connect(authority(server.access()))
        .await
        .unwrap();
    connection
        .write_all(request("one").as_bytes())
        .await
        .unwrap();
    let mut text = String::new();
    let read_until = async |text: &mut String, wanted: &str, connection: &mut TcpStream| {
        let mut buffer = [0; 4096];
        while !text.contains(wanted) {
            let read = connection.read(&mut buffer);
            let length = timeout(PATIENCE, read).await.unwrap().unwrap();
            assert_ne!(length, 0, "closed after {text}");
            text.push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
    };
    read_until(&mut text, ":project/one\"", &mut connection).await;
    // Two more without waiting for the first answer.
    let both = request("two") + &request("three");
    connection.write_all(both.as_bytes()).await.unwrap();
    read_until(&mut text, ":project/three\"", &mut connection).await;
    let places: Vec<_> = ["one", "two", "three"]
        .map(|name| text.find(&format!(":project/{name}\"")))
        .to_vec();
    assert!(places.is_sorted() && places[0].is_some(), "{text}");
}

#[tokio::test]
async fn get_caller_identity_over_the_query_protocol() {
    let server = TestServer::start().await;
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let mut request = Request::new(server.access(), "", body);
    request.remove("x-amz-target");
    request.set(
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    );
    let unsigned = request.send(server.access()).await;
    assert_eq!(unsigned.status, 403);
    assert!(
        unsigned
            .body
            .contains("<Code>MissingAuthenticationToken</Code>"),
        "{unsigned:?}"
    );
    request.sign(
        &keys(server.access()),
        "eu-central-1",
        "sts",
        SystemTime::now(),
    );
    let reply = request.send(server.access()).await;
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .body
            .contains("<Arn>arn:aws:iam::123456789012:user/student</Arn>"),
        "{reply:?}"
    );
}

#[tokio::test]
async fn the_badge_shows_the_latest_build_to_anyone() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    let github = aws_sdk_codebuild::types::ProjectSource::builder()
        .r#type(aws_sdk_codebuild::types::SourceType::Github)
        .location("https://github.com/owner/repo.git")
        .build()
        .unwrap();
    let updated = client
        .update_project()
        .name("demo")
        .source(github)
        .badge_enabled(true)
        .send()
        .await
        .unwrap();
    let badge = updated.project().unwrap().badge().unwrap();
    let url = badge.badge_request_url().unwrap();
    let path = url
        .strip_prefix(&server.access().endpoint)
        .unwrap()
        .to_owned();
    let get = async |path: &str| {
        let mut request = Request::new(server.access(), "", "");
        request.method = "GET";
        request.path = path.to_owned();
        request.send(server.access()).await
    };
    let reply = get(&path).await;
    assert!(
        reply.head.contains("content-type: image/svg+xml"),
        "{reply:?}"
    );
    assert!(reply.body.contains("build: unknown"), "{reply:?}");

    client
        .update_project()
        .name("demo")
        .badge_enabled(false)
        .source(crate::server::inline_source())
        .send()
        .await
        .unwrap();
    run_build(&client, "demo").await;
    assert!(get(&path).await.body.contains("build: passing"));

    let started = client
        .start_build()
        .project_name("demo")
        .environment_variables_override(variable("FAKE_HOLD", "1"))
        .send()
        .await
        .unwrap();
    assert!(get(&path).await.body.contains("build: in progress"));
    let id = started.build_value().unwrap().id().unwrap();
    client.stop_build().id(id).send().await.unwrap();
    finished(&client, &started).await;
    assert!(get(&path).await.body.contains("build: failing"));
    assert!(
        get("/badges?uuid=%00nonsense&branch=main")
            .await
            .body
            .contains("build: unknown")
    );
}
