//! StartLiveTail: an answer that goes on.

use std::net::IpAddr;
use std::net::Ipv4Addr;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata;
use aws_sdk_cloudwatchlogs::operation::start_live_tail::StartLiveTailOutput;
use aws_sdk_cloudwatchlogs::types::LiveTailSessionLogEvent;
use aws_sdk_cloudwatchlogs::types::StartLiveTailResponseStream;
use aws_smithy_http_client::tls;
use aws_smithy_runtime_api::client::dns::DnsFuture;
use aws_smithy_runtime_api::client::dns::ResolveDns;

use crate::put_log_events::now;
use crate::put_log_events::put;
use crate::server::PATIENCE;
use crate::server::TestServer;
use crate::server::create_project;
use crate::server::run_build;

const ARN: &str = "arn:aws:logs:eu-central-1:123456789012:log-group:";

/// All names are this machine, as names below `localhost` are where the system follows RFC 6761.
#[derive(Clone, Debug)]
struct Loopback;

impl ResolveDns for Loopback {
    fn resolve_dns<'a>(&'a self, _name: &'a str) -> DnsFuture<'a> {
        DnsFuture::ready(Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]))
    }
}

/// A client as for AWS: it puts `stream-` before the endpoint's host.
fn client(server: &TestServer) -> Client {
    let port = server.access().endpoint.rsplit(':').next().unwrap();
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_with_resolver(Loopback);
    let config = server.logs().config().to_builder();
    let config = config
        .endpoint_url(format!("http://logs.localhost:{port}"))
        .http_client(http)
        .build();
    Client::from_conf(config)
}

async fn create(logs: &Client, group: &str, streams: &[&str]) {
    logs.create_log_group()
        .log_group_name(group)
        .send()
        .await
        .unwrap();
    for stream in streams {
        let create = logs.create_log_stream().log_group_name(group);
        create.log_stream_name(*stream).send().await.unwrap();
    }
}

/// The next message of a session; `None` at its end.
async fn message(session: &mut StartLiveTailOutput) -> Option<StartLiveTailResponseStream> {
    let received = session.response_stream.recv();
    tokio::time::timeout(PATIENCE, received)
        .await
        .unwrap()
        .unwrap()
}

/// The next update that has events.
async fn events(session: &mut StartLiveTailOutput) -> Vec<LiveTailSessionLogEvent> {
    loop {
        match message(session).await.expect("the session goes on") {
            StartLiveTailResponseStream::SessionUpdate(update) => {
                assert!(!update.session_metadata().unwrap().sampled());
                if !update.session_results().is_empty() {
                    return update.session_results().to_vec();
                }
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn begin(
    request: aws_sdk_cloudwatchlogs::operation::start_live_tail::builders::StartLiveTailFluentBuilder,
) -> StartLiveTailOutput {
    let mut session = request.send().await.unwrap();
    match message(&mut session).await {
        Some(StartLiveTailResponseStream::SessionStart(start)) => {
            assert!(start.session_id().is_some() && start.request_id().is_some());
        }
        other => panic!("{other:?}"),
    }
    session
}

#[tokio::test]
async fn new_events_come_as_they_are_put() {
    let server = TestServer::start().await;
    let logs = client(&server);
    create(&logs, "g", &["web/1", "db"]).await;
    put(&logs, "g", "web/1", &[(now(), "ERROR before")]).await;
    let request = logs
        .start_live_tail()
        .log_group_identifiers(format!("{ARN}g"));
    let request = request.log_event_filter_pattern("ERROR");
    let mut session = begin(request.clone().log_stream_name_prefixes("web/")).await;
    let mut other = begin(request.log_stream_names("db")).await;
    let time = now() - 1000;
    put(&logs, "g", "web/1", &[(time, "ERROR 1"), (time, "fine")]).await;
    put(&logs, "g", "db", &[(time, "ERROR 2")]).await;
    let found = events(&mut session).await;
    assert_eq!(found.len(), 1);
    let event = &found[0];
    assert_eq!(event.message(), Some("ERROR 1"));
    assert_eq!(event.log_stream_name(), Some("web/1"));
    assert_eq!(event.log_group_identifier(), Some("123456789012:g"));
    assert_eq!(event.timestamp(), Some(time));
    assert!(event.ingestion_time().unwrap() >= time);
    assert_eq!(events(&mut other).await[0].message(), Some("ERROR 2"));
}

#[tokio::test]
async fn a_builds_lines_come_while_it_runs() {
    let server = TestServer::start().await;
    let logs = client(&server);
    create(&logs, "/aws/codebuild/demo", &[]).await;
    let group = format!("{ARN}/aws/codebuild/demo");
    let mut session = begin(logs.start_live_tail().log_group_identifiers(group)).await;
    create_project(&server.codebuild(), "demo", &[("FAKE_LINES", "2")]).await;
    run_build(&server.codebuild(), "demo").await;
    let mut found = Vec::new();
    while found.len() < 3 {
        found.extend(events(&mut session).await);
    }
    let found: Vec<_> = found.iter().filter_map(|event| event.message()).collect();
    assert_eq!(found[..2], ["line 1\n", "line 2\n"]);
}

#[tokio::test]
async fn stopping_the_server_ends_sessions_at_once() {
    let server = TestServer::start().await;
    let logs = client(&server);
    create(&logs, "g", &[]).await;
    let request = logs
        .start_live_tail()
        .log_group_identifiers(format!("{ARN}g"));
    let mut session = begin(request).await;
    let begun = tokio::time::Instant::now();
    let stopped = tokio::spawn(server.aws.shutdown());
    while message(&mut session).await.is_some() {}
    stopped.await.unwrap();
    assert!(begun.elapsed() < std::time::Duration::from_millis(900));
}

#[tokio::test]
async fn a_client_that_leaves_makes_room_for_others() {
    let server = TestServer::start().await;
    let logs = client(&server);
    create(&logs, "g", &[]).await;
    let request = logs
        .start_live_tail()
        .log_group_identifiers(format!("{ARN}g"));
    let mut sessions = Vec::new();
    for _ in 0..15 {
        sessions.push(begin(request.clone()).await);
    }
    let error = request.clone().send().await.unwrap_err();
    assert_eq!(error.code(), Some("LimitExceededException"));
    sessions.pop();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while request.clone().send().await.is_err() {
        assert!(tokio::time::Instant::now() < deadline, "no room yet");
    }
}

#[tokio::test]
async fn what_cannot_be_listened_to() {
    let server = TestServer::start().await;
    let logs = client(&server);
    create(&logs, "g", &[]).await;
    let start = |arn: &str| logs.start_live_tail().log_group_identifiers(arn);
    let good = format!("{ARN}g");
    let cases = [
        (start("g"), "InvalidParameterException"),
        (start(&format!("{good}:*")), "InvalidParameterException"),
        (start(&format!("{good}2")), "ResourceNotFoundException"),
        (
            start(&good)
                .log_stream_names("a")
                .log_stream_name_prefixes("b"),
            "InvalidParameterException",
        ),
        (
            start(&good)
                .log_group_identifiers(&good)
                .log_stream_names("a"),
            "InvalidParameterException",
        ),
        (
            start(&good).log_event_filter_pattern("\"open"),
            "InvalidParameterException",
        ),
        (
            start(&good).set_log_group_identifiers(Some(vec![good.clone(); 11])),
            "InvalidParameterException",
        ),
    ];
    for (request, code) in cases {
        let error = request.send().await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{:?}", error.message());
    }
}
