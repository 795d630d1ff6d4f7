//! PutLogEvents: what is taken, what is refused, and how it is read.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata;
use aws_sdk_cloudwatchlogs::operation::put_log_events::PutLogEventsOutput;
use aws_sdk_cloudwatchlogs::operation::put_log_events::builders::PutLogEventsFluentBuilder;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;

use crate::kill;
use crate::server::TestServer;
use crate::server::create_project;
use crate::server::start_held;
use crate::server::wait_for;

const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn request(
    logs: &Client,
    group: &str,
    stream: &str,
    events: &[(i64, &str)],
) -> PutLogEventsFluentBuilder {
    let events = events.iter().map(|(time, message)| {
        let event = InputLogEvent::builder().timestamp(*time);
        event.message(*message).build().unwrap()
    });
    logs.put_log_events()
        .log_group_name(group)
        .log_stream_name(stream)
        .set_log_events(Some(events.collect()))
}

/// Puts events that are taken.
pub(crate) async fn put(
    logs: &Client,
    group: &str,
    stream: &str,
    events: &[(i64, &str)],
) -> PutLogEventsOutput {
    request(logs, group, stream, events).send().await.unwrap()
}

/// All messages of a stream, read from its head in pages.
pub(crate) async fn texts(logs: &Client, group: &str, stream: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut token = None;
    loop {
        let page = logs
            .get_log_events()
            .log_group_name(group)
            .log_stream_name(stream)
            .start_from_head(true)
            .limit(7)
            .set_next_token(token.clone())
            .send()
            .await
            .unwrap();
        let messages = page.events().iter();
        texts.extend(messages.map(|event| event.message().unwrap().to_owned()));
        let next = page.next_forward_token().map(str::to_owned);
        if next == token {
            return texts;
        }
        token = next;
    }
}

/// A server with a group `g` and a stream `s`.
async fn with_stream() -> (TestServer, Client) {
    let server = TestServer::start().await;
    let logs = server.logs();
    create(&logs).await;
    (server, logs)
}

async fn create(logs: &Client) {
    logs.create_log_group()
        .log_group_name("g")
        .send()
        .await
        .unwrap();
    let stream = logs.create_log_stream().log_group_name("g");
    stream.log_stream_name("s").send().await.unwrap();
}

#[tokio::test]
async fn events_are_read_as_they_were_put() {
    let (_server, logs) = with_stream().await;
    let time = now() - MINUTE;
    let reply = put(
        &logs,
        "g",
        "s",
        &[(time, "one"), (time, "two\nlines"), (time + 1, "é")],
    )
    .await;
    assert_eq!(reply.next_sequence_token().unwrap().len(), 56);
    assert!(reply.rejected_log_events_info().is_none());
    // Any sequence token is as good as none.
    let more = request(&logs, "g", "s", &[(time + 2, "three")]);
    more.sequence_token("x").send().await.unwrap();
    assert_eq!(
        texts(&logs, "g", "s").await,
        ["one", "two\nlines", "é", "three"]
    );
    let read = logs
        .get_log_events()
        .log_group_name("g")
        .log_stream_name("s");
    let read = read.send().await.unwrap();
    assert_eq!(read.events()[2].timestamp(), Some(time + 1));
    assert!(read.events()[2].ingestion_time().unwrap() >= time + MINUTE);
    let group = logs.describe_log_groups().send().await.unwrap();
    let bytes = ["one", "two\nlines", "é", "three"].map(|text| text.len() as i64 + 26);
    assert_eq!(
        group.log_groups()[0].stored_bytes(),
        Some(bytes.iter().sum())
    );
}

#[tokio::test]
async fn batches_in_any_order_are_read_by_time() {
    let (_server, logs) = with_stream().await;
    let start = now() - 10 * HOUR;
    // Backwards, so that each batch begins a file, with one that overlaps all of them.
    for batch in (0..60).rev() {
        let time = start + batch * 10;
        let messages = [format!("{batch:02} a"), format!("{batch:02} b")];
        put(
            &logs,
            "g",
            "s",
            &[(time, &messages[0]), (time + 5, &messages[1])],
        )
        .await;
    }
    let ends = [(start - 1, "first"), (start + 10_000, "last")];
    put(&logs, "g", "s", &ends).await;
    let mut wanted = vec!["first".to_owned()];
    wanted.extend((0..60).flat_map(|batch| [format!("{batch:02} a"), format!("{batch:02} b")]));
    wanted.push("last".to_owned());
    assert_eq!(texts(&logs, "g", "s").await, wanted);

    let mut backward = Vec::new();
    let mut token = None;
    loop {
        let page = logs
            .get_log_events()
            .log_group_name("g")
            .log_stream_name("s")
            .limit(9)
            .set_next_token(token.clone())
            .send()
            .await
            .unwrap();
        let messages = page.events().iter().rev();
        backward.extend(messages.map(|event| event.message().unwrap().to_owned()));
        let next = page.next_backward_token().map(str::to_owned);
        if next == token {
            break;
        }
        token = next;
    }
    backward.reverse();
    assert_eq!(backward, wanted);

    let mut filtered = Vec::new();
    let mut pages = logs
        .filter_log_events()
        .log_group_name("g")
        .limit(11)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        filtered.extend(
            page.events()
                .iter()
                .map(|event| event.message().unwrap().to_owned()),
        );
    }
    assert_eq!(filtered, wanted);
}

#[tokio::test]
async fn what_a_batch_must_not_be() {
    let (_server, logs) = with_stream().await;
    let time = now();
    let mut many = vec![(time, "x"); 10_001];
    let long = "x".repeat(1024 * 1024 - 25);
    let half = "x".repeat(512 * 1024 - 25);
    let cases: [(&[(i64, &str)], &str); 7] = [
        (&[], "length greater than or equal to 1"),
        (&many, "length less than or equal to 10000"),
        (&[(time, "")], "'logEvents.1.member.message' failed"),
        (&[(-1, "x")], "'logEvents.1.member.timestamp' failed"),
        (
            &[(time, "b"), (time - 1, "a")],
            "Log events in a single PutLogEvents request must be in chronological order.",
        ),
        (
            &[(time, &long)],
            "Log event too large: 1048577 bytes exceeds limit of 1048576",
        ),
        (
            &[(time, &half), (time, &half)],
            "Upload too large: 1048578 bytes exceeds limit of 1048576",
        ),
    ];
    for (events, message) in cases {
        let error = request(&logs, "g", "s", events).send().await.unwrap_err();
        assert_eq!(error.code(), Some("InvalidParameterException"), "{message}");
        let found = error.message().unwrap_or_default();
        assert!(found.contains(message), "{found}");
    }
    let span = [(time - 25 * HOUR, "a"), (time, "b")];
    let error = request(&logs, "g", "s", &span).send().await.unwrap_err();
    assert_eq!(
        error.message(),
        Some(
            "The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
        )
    );
    for (group, stream, what) in [("h", "s", "group"), ("g", "t", "stream")] {
        let error = request(&logs, group, stream, &[(time, "x")])
            .send()
            .await
            .unwrap_err();
        assert_eq!(error.code(), Some("ResourceNotFoundException"));
        let message = format!("The specified log {what} does not exist.");
        assert_eq!(error.message(), Some(&*message));
    }
    // The longest event and the longest batch are taken.
    put(&logs, "g", "s", &[(time, &long[1..])]).await;
    many.pop();
    put(&logs, "g", "s", &many).await;
}

#[tokio::test]
async fn events_that_are_too_old_or_too_new_are_left_out() {
    let (_server, logs) = with_stream().await;
    let time = now();
    let events = [
        (time - 15 * DAY, "too old"),
        (time - 14 * DAY - MINUTE, "too old"),
        (time, "good"),
        (time + HOUR, "good"),
        (time + 2 * HOUR + MINUTE, "too new"),
    ];
    let reply = put(&logs, "g", "s", &events).await;
    let rejected = reply.rejected_log_events_info().unwrap();
    assert_eq!(rejected.too_old_log_event_end_index(), Some(2));
    assert_eq!(rejected.too_new_log_event_start_index(), Some(4));
    assert_eq!(rejected.expired_log_event_end_index(), None);
    assert_eq!(texts(&logs, "g", "s").await, ["good", "good"]);

    let retention = logs.put_retention_policy().log_group_name("g");
    retention.retention_in_days(3).send().await.unwrap();
    let reply = put(&logs, "g", "s", &[(time - 4 * DAY, "expired")]).await;
    let rejected = reply.rejected_log_events_info().unwrap();
    assert_eq!(rejected.expired_log_event_end_index(), Some(1));
    assert_eq!(rejected.too_old_log_event_end_index(), None);
    assert_eq!(texts(&logs, "g", "s").await.len(), 2);
}

#[tokio::test]
async fn a_running_builds_stream_takes_events_too() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_LINES", "3"), ("FAKE_HOLD", "1")]).await;
    let id = start_held(&client).await;
    let logs = server.logs();
    let group = "/aws/codebuild/demo";
    let stream = id.rsplit(':').next().unwrap();
    let deadline = tokio::time::Instant::now() + crate::server::PATIENCE;
    while texts(&logs, group, stream).await.len() < 3 {
        assert!(tokio::time::Instant::now() < deadline);
    }
    put(&logs, group, stream, &[(now() + HOUR, "later")]).await;
    put(&logs, group, stream, &[(now() - HOUR, "earlier")]).await;
    let lines = ["line 1\n", "line 2\n", "line 3\n"];
    let mut wanted = vec!["earlier"];
    wanted.extend(lines);
    wanted.push("later");
    assert_eq!(texts(&logs, group, stream).await, wanted);
    client.stop_build().id(&id).send().await.unwrap();
    wait_for(&client, &id, |build| build.build_complete()).await;
    assert_eq!(texts(&logs, group, stream).await, wanted);
    let filtered = logs.filter_log_events().log_group_name(group);
    let filtered = filtered.send().await.unwrap();
    let filtered: Vec<_> = filtered
        .events()
        .iter()
        .filter_map(|event| event.message())
        .collect();
    assert_eq!(filtered, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_event_is_lost_when_the_server_is_killed() {
    let state = tempfile::tempdir().unwrap();
    let (mut child, access) = kill::serve(state.path());
    let logs = crate::server::logs(&access);
    create(&logs).await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..3 {
        let logs = logs.clone();
        writers.spawn(async move {
            let mut acknowledged = Vec::new();
            for number in 0.. {
                let message = format!("{writer} {number}");
                if request(&logs, "g", "s", &[(now(), &message)])
                    .send()
                    .await
                    .is_err()
                {
                    break;
                }
                acknowledged.push(message);
            }
            acknowledged
        });
    }
    for _ in 0..50 {
        logs.describe_log_groups().send().await.unwrap();
    }
    child.kill();
    let (mut child, access) = kill::serve(state.path());
    let logs = crate::server::logs(&access);
    put(&logs, "g", "s", &[(now(), "after")]).await;
    let found = texts(&logs, "g", "s").await;
    while let Some(acknowledged) = writers.join_next().await {
        for message in acknowledged.unwrap() {
            let times = found.iter().filter(|text| **text == message).count();
            assert_eq!(times, 1, "{message}");
        }
    }
    assert!(found.contains(&"after".to_owned()));
    child.kill();
}

#[tokio::test]
async fn filters_merge_more_streams_than_are_open_at_once() {
    let server = TestServer::start().await;
    let logs = server.logs();
    logs.create_log_group()
        .log_group_name("g")
        .send()
        .await
        .unwrap();
    let start = now() - HOUR;
    for stream in 0..90 {
        let name = format!("s{stream:02}");
        let create = logs.create_log_stream().log_group_name("g");
        create.log_stream_name(&name).send().await.unwrap();
        let texts: Vec<String> = (0..3).map(|round| format!("{round} {stream:02}")).collect();
        let events: Vec<(i64, &str)> = texts
            .iter()
            .zip(0..)
            .map(|(text, round)| (start + round * 1000 + i64::from(stream), text.as_str()))
            .collect();
        put(&logs, "g", &name, &events).await;
    }
    let wanted: Vec<String> = (0..3)
        .flat_map(|round| (0..90).map(move |stream| format!("{round} {stream:02}")))
        .collect();
    for limit in [1000, 50] {
        let mut found = Vec::new();
        let mut pages = logs
            .filter_log_events()
            .log_group_name("g")
            .limit(limit)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            let messages = page.events().iter();
            found.extend(messages.map(|event| event.message().unwrap().to_owned()));
        }
        assert_eq!(found, wanted, "{limit}");
    }
    let some = logs
        .filter_log_events()
        .log_group_name("g")
        .log_stream_name_prefix("s1")
        .start_time(start + 1000)
        .end_time(start + 2000)
        .filter_pattern("?11 ?12")
        .send()
        .await
        .unwrap();
    let some: Vec<_> = some
        .events()
        .iter()
        .filter_map(|event| event.message())
        .collect();
    assert_eq!(some, ["1 11", "1 12"]);
}
