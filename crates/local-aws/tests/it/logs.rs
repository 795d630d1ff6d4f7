//! GetLogEvents, FilterLogEvents, DescribeLogGroups, DescribeLogStreams.

use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata;

use crate::server::TestServer;
use crate::server::create_project;
use crate::server::run_build;
use crate::server::wait_for;

const GROUP: &str = "/aws/codebuild/demo";

/// A server with one finished build of so many lines; and its stream.
async fn with_lines(lines: &str) -> (TestServer, String) {
    let server = TestServer::start().await;
    create_project(&server.codebuild(), "demo", &[("FAKE_LINES", lines)]).await;
    let build = run_build(&server.codebuild(), "demo").await;
    let stream = build.logs().unwrap().stream_name().unwrap().to_owned();
    (server, stream)
}

#[tokio::test]
async fn every_line_is_read_in_order_from_the_head_and_from_the_tail() {
    let (server, stream) = with_lines("25000").await;
    let logs = server.logs();
    let get = || {
        logs.get_log_events()
            .log_group_name(GROUP)
            .log_stream_name(&stream)
    };

    let mut forward = Vec::new();
    let mut token = None;
    loop {
        let reply = get()
            .start_from_head(true)
            .set_next_token(token.clone())
            .send()
            .await
            .unwrap();
        assert!(reply.events().len() <= 10_000);
        forward.extend(
            reply
                .events()
                .iter()
                .map(|event| event.message().unwrap().to_owned()),
        );
        let next = reply.next_forward_token().map(str::to_owned);
        if next == token {
            break;
        }
        token = next;
    }
    assert_eq!(forward.len(), 25_001);
    for (number, line) in forward[..25_000].iter().enumerate() {
        assert_eq!(line, &format!("line {}\n", number + 1));
    }

    let tail = get().limit(2).send().await.unwrap();
    let newest: Vec<&str> = tail
        .events()
        .iter()
        .filter_map(|event| event.message())
        .collect();
    assert_eq!(newest, [&*forward[24_999], &*forward[25_000]]);
    let earlier = get()
        .limit(2)
        .next_token(tail.next_backward_token().unwrap())
        .send()
        .await
        .unwrap();
    let earlier: Vec<&str> = earlier
        .events()
        .iter()
        .filter_map(|event| event.message())
        .collect();
    assert_eq!(earlier, [&*forward[24_997], &*forward[24_998]]);
}

#[tokio::test]
async fn a_running_builds_log_is_read_as_it_is_written() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_LINES", "3"), ("FAKE_HOLD", "1")]).await;
    let started = client
        .start_build()
        .project_name("demo")
        .send()
        .await
        .unwrap();
    let build = started.build_value().unwrap();
    let stream = build.logs().unwrap().stream_name().unwrap();
    let logs = server.logs();
    let get = || {
        logs.get_log_events()
            .log_group_name(GROUP)
            .log_stream_name(stream)
            .start_from_head(true)
    };
    let deadline = tokio::time::Instant::now() + crate::server::PATIENCE;
    let reply = loop {
        let reply = get().send().await.unwrap();
        if reply.events().len() == 3 {
            break reply;
        }
        assert!(tokio::time::Instant::now() < deadline);
    };
    let token = reply.next_forward_token().unwrap();
    let nothing_new = get().next_token(token).send().await.unwrap();
    assert_eq!(nothing_new.events().len(), 0);
    assert_eq!(nothing_new.next_forward_token(), Some(token));
    client
        .stop_build()
        .id(build.id().unwrap())
        .send()
        .await
        .unwrap();
    wait_for(&client, build.id().unwrap(), |build| build.build_complete()).await;
}

#[tokio::test]
async fn times_bound_what_is_read() {
    let (server, stream) = with_lines("10").await;
    let logs = server.logs();
    let get = || {
        logs.get_log_events()
            .log_group_name(GROUP)
            .log_stream_name(&stream)
            .start_from_head(true)
    };
    let all = get().send().await.unwrap();
    let last = all.events().last().unwrap().timestamp().unwrap();
    assert_eq!(
        get()
            .start_time(last + 1)
            .send()
            .await
            .unwrap()
            .events()
            .len(),
        0
    );
    assert_eq!(
        get()
            .end_time(all.events()[0].timestamp().unwrap())
            .send()
            .await
            .unwrap()
            .events()
            .len(),
        0
    );
    assert_eq!(
        get()
            .end_time(last + 1)
            .send()
            .await
            .unwrap()
            .events()
            .len(),
        11
    );
}

#[tokio::test]
async fn filters_find_lines_of_all_streams_page_by_page() {
    let (server, first) = with_lines("30").await;
    let second = run_build(&server.codebuild(), "demo").await;
    let second = second.logs().unwrap().stream_name().unwrap().to_owned();
    let logs = server.logs();
    let mut found = Vec::new();
    let mut ids = std::collections::HashSet::new();
    let mut token = None;
    loop {
        let reply = logs
            .filter_log_events()
            .log_group_name(GROUP)
            .filter_pattern("line -\"line 2\"")
            .limit(7)
            .set_next_token(token)
            .send()
            .await
            .unwrap();
        for event in reply.events() {
            found.push((
                event.log_stream_name().unwrap().to_owned(),
                event.message().unwrap().to_owned(),
            ));
            assert!(ids.insert(event.event_id().unwrap().to_owned()));
        }
        token = reply.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    // 1, 3 to 9, 10 to 19 and 30 of both: what begins with "line 2" is left out.
    assert_eq!(found.len(), 38);
    assert!(found[..19].iter().all(|(stream, _)| *stream == first));
    assert!(found[19..].iter().all(|(stream, _)| *stream == second));

    let one = logs
        .filter_log_events()
        .log_group_name(GROUP)
        .log_stream_names(&second)
        .filter_pattern("?nothing ?\"line 7\"")
        .send()
        .await
        .unwrap();
    assert_eq!(one.events().len(), 1);
    let error = logs
        .filter_log_events()
        .log_group_name(GROUP)
        .filter_pattern("{ $.a = 1 }")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterException"));
}

#[tokio::test]
async fn groups_and_streams_are_described() {
    let (server, first) = with_lines("1").await;
    let second = run_build(&server.codebuild(), "demo").await;
    let second = second.logs().unwrap().stream_name().unwrap().to_owned();
    let logs = server.logs();
    let groups = logs
        .describe_log_groups()
        .log_group_name_prefix("/aws/codebuild/")
        .send()
        .await
        .unwrap();
    assert_eq!(groups.log_groups()[0].log_group_name(), Some(GROUP));
    assert_eq!(
        logs.describe_log_groups()
            .log_group_name_prefix("/other")
            .send()
            .await
            .unwrap()
            .log_groups()
            .len(),
        0
    );
    let newest = logs
        .describe_log_streams()
        .log_group_name(GROUP)
        .order_by(aws_sdk_cloudwatchlogs::types::OrderBy::LastEventTime)
        .descending(true)
        .limit(1)
        .send()
        .await
        .unwrap();
    assert_eq!(newest.log_streams()[0].log_stream_name(), Some(&*second));
    let rest = logs
        .describe_log_streams()
        .log_group_name(GROUP)
        .order_by(aws_sdk_cloudwatchlogs::types::OrderBy::LastEventTime)
        .descending(true)
        .limit(1)
        .next_token(newest.next_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(rest.log_streams()[0].log_stream_name(), Some(&*first));
    assert_eq!(rest.next_token(), None);
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_a_token() {
    let (server, stream) = with_lines("1").await;
    let logs = server.logs();
    let error = logs
        .get_log_events()
        .log_group_name("/other")
        .log_stream_name("x")
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.message()),
        (
            Some("ResourceNotFoundException"),
            Some("The specified log group does not exist.")
        )
    );
    let error = logs
        .get_log_events()
        .log_group_name(GROUP)
        .log_stream_name("x")
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        error.message(),
        Some("The specified log stream does not exist.")
    );
    for token in [
        "x",
        "f/3/s",
        "f/18446744073709551615/s",
        "b/5/s",
        "b/18446744073709551615/s",
        "f/-1/s",
    ] {
        let error = logs
            .get_log_events()
            .log_group_name(GROUP)
            .log_stream_name(&stream)
            .next_token(token)
            .send()
            .await
            .unwrap_err();
        assert_eq!(
            (error.code(), error.message()),
            (
                Some("InvalidParameterException"),
                Some("The specified nextToken is invalid.")
            ),
            "{token}"
        );
    }
    let error = logs
        .get_log_events()
        .log_group_name(GROUP)
        .log_stream_name(&stream)
        .limit(0)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterException"));
}
