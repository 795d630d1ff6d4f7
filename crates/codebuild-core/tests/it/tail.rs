//! `logs tail`: what it asks and what it shows.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::canned_aws::CannedAws;
use crate::canned_aws::parse;
use crate::canned_aws::run;

fn event(time: i64, id: &str) -> Value {
    json!({ "timestamp": time, "eventId": id, "logStreamName": "s", "ingestionTime": time,
            "message": format!("event {id}\n") })
}

#[tokio::test]
async fn all_pages_are_shown_and_then_it_ends() {
    let server = CannedAws::start(|operation, _, before| {
        assert_eq!(operation, "FilterLogEvents");
        let events = [event(1_760_000_000_000, "a"), event(1_760_000_001_500, "b")];
        match before {
            0 => (200, json!({ "events": [events[0]], "nextToken": "two" })),
            _ => (200, json!({ "events": [events[1]] })),
        }
    })
    .await;
    let session = server.session().await;
    let began = Timestamp::now().as_millisecond();
    let line =
        "logs tail /group --format short --filter-pattern x --log-stream-names s t --since 2h";
    let output = run(&session, line).await.unwrap();
    assert_eq!(
        output.text,
        "2025-10-09T08:53:20 event a\n2025-10-09T08:53:21 event b\n"
    );
    let asked = server.take_asked();
    assert_eq!(asked.len(), 2);
    let (_, first) = &asked[0];
    assert_eq!(first["logGroupName"], "/group");
    assert_eq!(first["filterPattern"], "x");
    assert_eq!(first["logStreamNames"], json!(["s", "t"]));
    let since = began - first["startTime"].as_i64().unwrap();
    assert!((7_190_000..=7_200_000).contains(&since), "{since}");
    assert_eq!(asked[1].1["nextToken"], "two");
    assert!(!parse(line).is_endless());
    assert!(!parse(line).changes_something());
}

#[tokio::test]
async fn following_asks_again_from_the_newest_event_and_shows_each_event_once() {
    let newest = 1_760_000_001_500;
    let server = CannedAws::start(move |_, input, before| match before {
        0 => {
            assert_eq!(input["startTime"], 1_759_996_800_000_i64);
            (
                200,
                json!({ "events": [event(1_760_000_000_000, "a"), event(newest, "b")] }),
            )
        }
        _ => {
            assert_eq!(input["startTime"], newest);
            (
                200,
                json!({ "events": [event(newest, "b"), event(newest, "c")] }),
            )
        }
    })
    .await;
    let session = server.session().await;
    let command = parse("logs tail /group --follow --since 2025-10-09T08:00:00");
    assert!(command.is_endless());
    let (sender, mut texts) = tokio::sync::mpsc::unbounded_channel();
    let following = tokio::spawn(async move {
        let mut show = |text: &str| {
            let _ = sender.send(text.to_owned());
        };
        command.run_to(&session, true, &mut show).await
    });
    let mut next = async || {
        let next = tokio::time::timeout(Duration::from_secs(60), texts.recv());
        next.await.unwrap().unwrap()
    };
    let shown = |time: &str, id: &str| {
        format!("\u{1b}[32m{time}+00:00\u{1b}[0m \u{1b}[36ms\u{1b}[0m event {id}\n")
    };
    let both = [
        shown("2025-10-09T08:53:20.000000", "a"),
        shown("2025-10-09T08:53:21.500000", "b"),
    ];
    assert_eq!(next().await, both.concat());
    assert_eq!(next().await, shown("2025-10-09T08:53:21.500000", "c"));
    following.abort();
}

#[tokio::test]
async fn a_group_that_is_not_there_is_told_as_the_cli_tells_it() {
    let server = CannedAws::start(|_, _, _| {
        let message = "The specified log group does not exist.";
        (
            400,
            json!({ "__type": "ResourceNotFoundException", "message": message }),
        )
    })
    .await;
    let session = server.session().await;
    let error = run(&session, "logs tail absent").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "An error occurred (ResourceNotFoundException) when calling the FilterLogEvents operation: \
         The specified log group does not exist."
    );
}
