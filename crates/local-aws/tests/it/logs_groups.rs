//! Log groups and streams: made, described, tagged, kept for so many days, deleted.

use std::collections::HashMap;

use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata;
use aws_sdk_cloudwatchlogs::types::LogGroup;
use aws_sdk_cloudwatchlogs::types::LogGroupClass;
use aws_sdk_cloudwatchlogs::types::OrderBy;

use crate::put_log_events::now;
use crate::put_log_events::put;
use crate::put_log_events::texts;
use crate::server::TestServer;
use crate::server::create_project;
use crate::server::run_build;
use crate::server::start_held;
use crate::server::wait_for;

const GROUP: &str = "/aws/codebuild/demo";

/// Code and message of a request that is refused.
macro_rules! refusal {
    ($request:expr) => {{
        let error = $request.send().await.unwrap_err();
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        (text(error.code()), text(error.message()))
    }};
}

/// The only group whose name begins so.
async fn group(logs: &aws_sdk_cloudwatchlogs::Client, name: &str) -> LogGroup {
    let reply = logs.describe_log_groups().log_group_name_prefix(name);
    let reply = reply.send().await.unwrap();
    assert_eq!(reply.log_groups().len(), 1, "{name}");
    reply.log_groups()[0].clone()
}

/// How many files the events of all streams have.
fn files(server: &TestServer) -> usize {
    let entries = std::fs::read_dir(server.state.path().join("logs")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "log"))
        .count()
}

#[tokio::test]
async fn a_group_keeps_what_it_was_made_with() {
    let server = TestServer::start().await;
    let logs = server.logs();
    let key = "arn:aws:kms:eu-central-1:123456789012:key/1";
    logs.create_log_group()
        .log_group_name("app/one")
        .kms_key_id(key)
        .log_group_class(LogGroupClass::InfrequentAccess)
        .tags("team", "a b")
        .send()
        .await
        .unwrap();
    let made = group(&logs, "app/").await;
    let arn = "arn:aws:logs:eu-central-1:123456789012:log-group:app/one";
    assert_eq!(made.arn(), Some(&*format!("{arn}:*")));
    assert_eq!(made.log_group_arn(), Some(arn));
    assert_eq!(made.kms_key_id(), Some(key));
    assert_eq!(
        made.log_group_class().unwrap().as_str(),
        "INFREQUENT_ACCESS"
    );
    assert_eq!(
        (made.stored_bytes(), made.retention_in_days()),
        (Some(0), None)
    );

    let again = refusal!(logs.create_log_group().log_group_name("app/one"));
    assert_eq!(
        again,
        (
            "ResourceAlreadyExistsException".to_owned(),
            "The specified log group already exists".to_owned()
        )
    );
    for name in ["a b", "a:b", "a*", "é", &"x".repeat(513), "aws/mine"] {
        let (code, message) = refusal!(logs.create_log_group().log_group_name(name));
        assert_eq!(code, "InvalidParameterException", "{name}: {message}");
    }
    logs.create_log_group()
        .log_group_name("#/.-_9Z".repeat(73))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn streams_are_made_and_deleted() {
    let server = TestServer::start().await;
    let logs = server.logs();
    let create = |stream: &str| {
        let request = logs.create_log_stream().log_group_name("g");
        request.log_stream_name(stream)
    };
    let (code, message) = refusal!(create("s"));
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(message, "The specified log group does not exist.");
    logs.create_log_group()
        .log_group_name("g")
        .send()
        .await
        .unwrap();
    create("a/b [1] é").send().await.unwrap();
    let (code, message) = refusal!(create("a/b [1] é"));
    assert_eq!(code, "ResourceAlreadyExistsException");
    assert_eq!(message, "The specified log stream already exists");
    for name in ["a:b", "a*b", ""] {
        assert_eq!(
            refusal!(create(name)).0,
            "InvalidParameterException",
            "{name}"
        );
    }
    put(&logs, "g", "a/b [1] é", &[(now(), "gone soon")]).await;
    assert_eq!(files(&server), 1);

    let delete = |stream: &str| {
        let request = logs.delete_log_stream().log_group_name("g");
        request.log_stream_name(stream)
    };
    delete("a/b [1] é").send().await.unwrap();
    assert_eq!(files(&server), 0);
    assert_eq!(group(&logs, "g").await.stored_bytes(), Some(0));
    let (code, message) = refusal!(delete("a/b [1] é"));
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(message, "The specified log stream does not exist.");
    create("a/b [1] é").send().await.unwrap();
    assert!(texts(&logs, "g", "a/b [1] é").await.is_empty());
}

#[tokio::test]
async fn tags_are_reached_by_arn_and_by_the_older_operations() {
    let server = TestServer::start().await;
    let logs = server.logs();
    logs.create_log_group()
        .log_group_name("g")
        .tags("a", "1")
        .send()
        .await
        .unwrap();
    let arn = "arn:aws:logs:eu-central-1:123456789012:log-group:g";
    logs.tag_resource()
        .resource_arn(arn)
        .tags("a", "2")
        .tags("b", "")
        .send()
        .await
        .unwrap();
    #[expect(deprecated)]
    let (tag, untag, list) = (
        logs.tag_log_group(),
        logs.untag_log_group(),
        logs.list_tags_log_group(),
    );
    tag.log_group_name("g").tags("c", "3").send().await.unwrap();
    untag.log_group_name("g").tags("b").send().await.unwrap();
    let tags = logs.list_tags_for_resource().resource_arn(arn);
    let tags = tags.send().await.unwrap().tags.unwrap();
    let wanted = [("a", "2"), ("c", "3")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(tags, HashMap::from(wanted));
    let older = list.log_group_name("g").send().await.unwrap();
    #[expect(deprecated)]
    let older = older.tags.unwrap();
    assert_eq!(older, tags);
    logs.untag_resource()
        .resource_arn(arn)
        .tag_keys("a")
        .tag_keys("none")
        .send()
        .await
        .unwrap();
    let tags = logs.list_tags_for_resource().resource_arn(arn);
    assert_eq!(tags.send().await.unwrap().tags.unwrap().len(), 1);

    let of = |arn: &str| logs.list_tags_for_resource().resource_arn(arn);
    assert_eq!(
        refusal!(of(&format!("{arn}:*"))).0,
        "InvalidParameterException"
    );
    assert_eq!(
        refusal!(of(&format!("{arn}2"))).0,
        "ResourceNotFoundException"
    );
    assert_eq!(refusal!(of("x")).0, "ResourceNotFoundException");
    let mut many = logs.tag_resource().resource_arn(arn);
    for number in 0..50 {
        many = many.tags(format!("k{number}"), "v");
    }
    assert_eq!(refusal!(many).0, "TooManyTagsException");
}

#[tokio::test]
async fn expired_events_are_not_read_and_their_files_go() {
    let server = TestServer::start().await;
    let logs = server.logs();
    logs.create_log_group()
        .log_group_name("g")
        .send()
        .await
        .unwrap();
    for stream in ["old", "both"] {
        let create = logs.create_log_stream().log_group_name("g");
        create.log_stream_name(stream).send().await.unwrap();
    }
    let hour = 60 * 60 * 1000;
    let old = now() - 40 * hour;
    put(&logs, "g", "old", &[(old, "old 1")]).await;
    put(&logs, "g", "both", &[(old, "old 2")]).await;
    put(&logs, "g", "both", &[(now() - hour, "young")]).await;
    let days = |days| {
        let request = logs.put_retention_policy().log_group_name("g");
        request.retention_in_days(days)
    };
    for wrong in [0, 2, -1, 3654] {
        assert_eq!(
            refusal!(days(wrong)).0,
            "InvalidParameterException",
            "{wrong}"
        );
    }
    assert_eq!(files(&server), 2);
    days(1).send().await.unwrap();
    assert_eq!(group(&logs, "g").await.retention_in_days(), Some(1));
    assert_eq!(texts(&logs, "g", "both").await, ["young"]);
    assert!(texts(&logs, "g", "old").await.is_empty());
    let tail = logs.get_log_events().log_group_name("g");
    let tail = tail.log_stream_name("both").send().await.unwrap();
    assert_eq!(tail.events().len(), 1);
    let all = logs.filter_log_events().log_group_name("g");
    let all = all.send().await.unwrap();
    assert_eq!(all.events().len(), 1);
    assert_eq!(files(&server), 1, "the file of the stream `old` is gone");

    logs.delete_retention_policy()
        .log_group_name("g")
        .send()
        .await
        .unwrap();
    assert_eq!(group(&logs, "g").await.retention_in_days(), None);
    let streams = logs.describe_log_streams().log_group_name("g");
    let streams = streams.send().await.unwrap();
    let names: Vec<_> = streams
        .log_streams()
        .iter()
        .map(|stream| stream.log_stream_name())
        .collect();
    assert_eq!(names, [Some("both"), Some("old")], "streams stay");
}

#[tokio::test]
async fn a_deleted_group_takes_its_streams_and_files_along() {
    let server = TestServer::start().await;
    create_project(&server.codebuild(), "demo", &[]).await;
    let build = run_build(&server.codebuild(), "demo").await;
    let stream = build.logs().unwrap().stream_name().unwrap().to_owned();
    let logs = server.logs();
    assert!(group(&logs, GROUP).await.stored_bytes().unwrap() > 26);
    put(&logs, GROUP, &stream, &[(now(), "more")]).await;
    assert_eq!(files(&server), 2);
    let delete = || logs.delete_log_group().log_group_name(GROUP);
    delete().send().await.unwrap();
    assert_eq!(files(&server), 0);
    let (code, message) = refusal!(delete());
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(message, "The specified log group does not exist.");
    logs.create_log_group()
        .log_group_name(GROUP)
        .send()
        .await
        .unwrap();
    let streams = logs.describe_log_streams().log_group_name(GROUP);
    for order in [OrderBy::LogStreamName, OrderBy::LastEventTime] {
        let streams = streams.clone().order_by(order).send().await.unwrap();
        assert!(streams.log_streams().is_empty());
    }
}

#[tokio::test]
async fn a_build_goes_on_when_its_group_is_deleted() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_LINES", "3"), ("FAKE_HOLD", "1")]).await;
    let id = start_held(&client).await;
    let logs = server.logs();
    let delete = logs.delete_log_group().log_group_name(GROUP);
    delete.send().await.unwrap();
    client.stop_build().id(&id).send().await.unwrap();
    let build = wait_for(&client, &id, |build| build.build_complete()).await;
    assert_eq!(build.build_status().unwrap().as_str(), "STOPPED");
    let groups = logs.describe_log_groups().send().await.unwrap();
    assert!(groups.log_groups().is_empty());
    // The next build makes the group again.
    create_project(&client, "next", &[]).await;
    run_build(&client, "next").await;
    let deadline = tokio::time::Instant::now() + crate::server::PATIENCE;
    while files(&server) != 1 {
        assert!(
            tokio::time::Instant::now() < deadline,
            "the file is still there"
        );
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_builds_group_keeps_its_retention_and_tags() {
    let server = TestServer::start().await;
    let logs = server.logs();
    logs.create_log_group()
        .log_group_name(GROUP)
        .tags("a", "1")
        .send()
        .await
        .unwrap();
    let retention = logs.put_retention_policy().log_group_name(GROUP);
    retention.retention_in_days(14).send().await.unwrap();
    create_project(&server.codebuild(), "demo", &[]).await;
    run_build(&server.codebuild(), "demo").await;
    let group = group(&logs, GROUP).await;
    assert_eq!(group.retention_in_days(), Some(14));
    let tags = logs.list_tags_for_resource();
    let tags = tags.resource_arn(group.log_group_arn().unwrap());
    assert_eq!(tags.send().await.unwrap().tags.unwrap().len(), 1);
}

#[tokio::test]
async fn a_protected_group_is_not_deleted() {
    let server = TestServer::start().await;
    let logs = server.logs();
    let create = logs.create_log_group().log_group_name("g");
    create
        .deletion_protection_enabled(true)
        .send()
        .await
        .unwrap();
    let delete = || logs.delete_log_group().log_group_name("g");
    assert_eq!(refusal!(delete()).0, "ValidationException");
    logs.put_log_group_deletion_protection()
        .log_group_identifier("g")
        .deletion_protection_enabled(false)
        .send()
        .await
        .unwrap();
    delete().send().await.unwrap();
}

#[tokio::test]
async fn groups_are_found_by_prefix_pattern_and_page() {
    let server = TestServer::start().await;
    let logs = server.logs();
    for name in ["DataLogs", "aws-DataLogs", "datalogs", "other"] {
        logs.create_log_group()
            .log_group_name(name)
            .send()
            .await
            .unwrap();
    }
    let describe = || logs.describe_log_groups();
    let names = async |request: aws_sdk_cloudwatchlogs::operation::describe_log_groups::builders::DescribeLogGroupsFluentBuilder| {
        let reply = request.send().await.unwrap();
        let groups = reply.log_groups().iter();
        groups.map(|group| group.log_group_name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        names(describe().log_group_name_pattern("DataLogs")).await,
        ["DataLogs", "aws-DataLogs"]
    );
    assert_eq!(
        names(describe().log_group_name_prefix("d")).await,
        ["datalogs"]
    );
    let first = describe().limit(3).send().await.unwrap();
    assert_eq!(first.log_groups().len(), 3);
    let rest = describe().limit(3).next_token(first.next_token().unwrap());
    assert_eq!(names(rest).await, ["other"]);
    let both = describe()
        .log_group_name_prefix("a")
        .log_group_name_pattern("b");
    assert_eq!(refusal!(both).0, "InvalidParameterException");
    for limit in [0, 51] {
        assert_eq!(
            refusal!(describe().limit(limit)).0,
            "InvalidParameterException"
        );
    }
}

#[tokio::test]
async fn streams_are_listed_by_name_and_by_their_last_event() {
    let server = TestServer::start().await;
    let logs = server.logs();
    logs.create_log_group()
        .log_group_name("g")
        .send()
        .await
        .unwrap();
    let start = now() - 60_000;
    for (name, time) in [("b/1", 3), ("b/2", 1), ("a", 2)] {
        let create = logs.create_log_stream().log_group_name("g");
        create.log_stream_name(name).send().await.unwrap();
        put(&logs, "g", name, &[(start, "x"), (start + time, "y")]).await;
    }
    let page = async |order: OrderBy, descending: bool| {
        let mut names = Vec::new();
        let mut pages = logs
            .describe_log_streams()
            .log_group_name("g")
            .order_by(order)
            .descending(descending)
            .limit(2)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            for stream in page.unwrap().log_streams() {
                names.push(stream.log_stream_name().unwrap().to_owned());
            }
        }
        names
    };
    assert_eq!(
        page(OrderBy::LogStreamName, false).await,
        ["a", "b/1", "b/2"]
    );
    assert_eq!(
        page(OrderBy::LogStreamName, true).await,
        ["b/2", "b/1", "a"]
    );
    assert_eq!(
        page(OrderBy::LastEventTime, false).await,
        ["b/2", "a", "b/1"]
    );
    assert_eq!(
        page(OrderBy::LastEventTime, true).await,
        ["b/1", "a", "b/2"]
    );
    let prefixed = logs
        .describe_log_streams()
        .log_group_identifier("arn:aws:logs:eu-central-1:123456789012:log-group:g")
        .log_stream_name_prefix("b/");
    let streams = prefixed.clone().send().await.unwrap();
    let first = &streams.log_streams()[0];
    assert_eq!(streams.log_streams().len(), 2);
    assert_eq!(first.first_event_timestamp(), Some(start));
    assert_eq!(first.last_event_timestamp(), Some(start + 3));
    assert!(first.last_ingestion_time().unwrap() >= start + 60_000);
    let by_time = prefixed.order_by(OrderBy::LastEventTime);
    assert_eq!(refusal!(by_time).0, "InvalidParameterException");
}
