//! A build watched over a socket.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use codebuild_core::CallError;
use codebuild_core::Session;
use codebuild_core::WatchEvent;
use codebuild_core::watch;
use futures_util::StreamExt;
use serde_json::Value;
use serde_json::json;

use crate::canned_aws::CannedAws;

const START: f64 = 1_760_000_000.0;

/// A build that is one step further at each look: queued, installing, building, complete.
pub(crate) fn build(step: usize) -> Value {
    let phase = |name: &str, began: f64, status: Option<&str>| {
        let mut phase = json!({"phaseType": name, "startTime": START + began});
        if let Some(status) = status {
            phase["phaseStatus"] = json!(status);
            phase["endTime"] = json!(START + began + 1.0);
            phase["durationInSeconds"] = json!(1);
            let (code, message) = match status {
                "FAILED" => (
                    "COMMAND_EXECUTION_ERROR",
                    "Error while executing command: false. Reason: exit status 1",
                ),
                _ => ("", ""),
            };
            phase["contexts"] = json!([{"statusCode": code, "message": message}]);
        }
        phase
    };
    let done = Some("SUCCEEDED");
    let phases = match step {
        0 => vec![phase("QUEUED", 0.0, None)],
        1 => vec![phase("QUEUED", 0.0, done), phase("INSTALL", 1.0, None)],
        2 => vec![
            phase("QUEUED", 0.0, done),
            phase("INSTALL", 1.0, done),
            phase("BUILD", 2.0, None),
        ],
        _ => vec![
            phase("QUEUED", 0.0, done),
            phase("INSTALL", 1.0, done),
            phase("BUILD", 2.0, Some("FAILED")),
            phase("COMPLETED", 3.0, None),
        ],
    };
    json!({
        "id": "demo:1",
        "buildStatus": if step > 2 { "FAILED" } else { "IN_PROGRESS" },
        "buildComplete": step > 2,
        "phases": phases,
        "logs": {"groupName": "/g", "streamName": "s"},
    })
}

/// Answers whose log runs ahead: its lines are there before BatchGetBuilds tells their phase. The
/// last line comes only when the log of the complete build has been found quiet once.
pub(crate) fn answers() -> impl Fn(&str, &Value, usize) -> (u16, Value) + Send + Sync {
    let looks = AtomicUsize::new(0);
    let late_looks = AtomicUsize::new(0);
    move |operation, input, before| {
        let event = |after: f64, text: &str| json!({"timestamp": ((START + after) * 1000.0) as i64, "message": text});
        let page = |token: &str, events: Vec<Value>| {
            (200, json!({"events": events, "nextForwardToken": token}))
        };
        match operation {
            "BatchGetBuilds" => {
                looks.store(before + 1, SeqCst);
                (
                    200,
                    json!({"builds": [build(before)], "buildsNotFound": []}),
                )
            }
            "GetLogEvents" => {
                assert_eq!(input["startFromHead"], true);
                let step = looks.load(SeqCst);
                match input.get("nextToken").and_then(Value::as_str) {
                    None if step < 1 => {
                        let refused =
                            json!({"__type": "ResourceNotFoundException", "message": "no"});
                        (400, refused)
                    }
                    None => page("f/1", vec![event(1.5, "installing\n")]),
                    Some("f/1") if step >= 2 => {
                        page("f/2", vec![event(2.5, "one\ntwo\r\n"), event(2.6, "\n")])
                    }
                    Some("f/2") if step >= 4 && late_looks.fetch_add(1, SeqCst) == 1 => {
                        page("f/3", vec![event(3.5, "late\n")])
                    }
                    Some(token) => page(token, vec![]),
                }
            }
            other => panic!("unexpected {other}"),
        }
    }
}

pub(crate) async fn told(session: &Session) -> Vec<String> {
    watch(session, "demo:1")
        .map(|event| match event.unwrap() {
            WatchEvent::Phase {
                name, status: None, ..
            } => format!("{name} …"),
            WatchEvent::Phase {
                name,
                status: Some(status),
                context,
                seconds,
            } => format!(
                "{name} {status} {} {}",
                seconds
                    .map(|seconds| format!("{seconds}s"))
                    .unwrap_or_default(),
                context.map(|(code, _)| code).unwrap_or_default()
            )
            .trim_end()
            .to_owned(),
            WatchEvent::Log { message, .. } => format!("  {message}"),
            WatchEvent::Finished { status, build } => {
                assert_eq!(build["id"], "demo:1");
                format!("= {status}")
            }
        })
        .collect()
        .await
}

const TOLD: [&str; 13] = [
    "QUEUED …",
    "QUEUED SUCCEEDED 1s",
    "INSTALL …",
    "  installing",
    "INSTALL SUCCEEDED 1s",
    "BUILD …",
    "  one",
    "  two",
    "  ",
    "BUILD FAILED 1s COMMAND_EXECUTION_ERROR",
    "COMPLETED …",
    "  late",
    "= FAILED",
];

#[tokio::test]
async fn phases_and_lines_come_once_in_order_and_the_log_is_read_to_its_end() {
    let server = CannedAws::start(answers()).await;
    let session = server.session().await;
    assert_eq!(told(&session).await, TOLD);
}

#[tokio::test]
async fn throttling_is_waited_out_and_an_unknown_build_is_an_error() {
    let server = CannedAws::start(|operation, input, before| match (operation, before) {
        // The SDK tries three times, then the watch waits.
        ("BatchGetBuilds", 0..3) => (
            400,
            json!({"__type": "ThrottlingException", "message": "Rate exceeded"}),
        ),
        ("BatchGetBuilds", _) if input["ids"][0] == "demo:2" => {
            (200, json!({"builds": [], "buildsNotFound": ["demo:2"]}))
        }
        _ => {
            let mut build = build(3);
            build["logs"] = json!({"cloudWatchLogs": {"status": "DISABLED"}});
            (200, json!({"builds": [build]}))
        }
    })
    .await;
    let session = server.session().await;
    let seen = told(&session).await;
    assert_eq!(seen.last().unwrap(), "= FAILED");

    let events: Vec<_> = watch(&session, "demo:2").collect().await;
    let [Err(CallError::NoSuchBuild { id })] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(id, "demo:2");
}
