//! A walk recorded and replayed.

use std::path::Path;
use std::time::Instant;

use codebuild_core::CallError;
use codebuild_core::Session;
use codebuild_core::Target;
use serde_json::json;

use crate::canned_aws::CannedAws;
use crate::canned_aws::run;
use crate::watching;

async fn replay(file: &Path, pace: f64) -> Session {
    let target = Target::Replay {
        file: file.to_owned(),
        pace,
    };
    Session::connect(target).await.unwrap()
}

#[tokio::test]
async fn a_watched_build_replays_as_it_was_and_again() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("walk.json");
    let server = CannedAws::start(watching::answers()).await;
    let live = server.session().await;
    live.begin_scene("build");
    let seen = watching::told(&live).await;
    live.save_recording(&file).unwrap();

    let session = replay(&file, 0.0).await;
    let begin = Instant::now();
    for _ in 0..2 {
        session.begin_scene("build");
        assert_eq!(watching::told(&session).await, seen);
    }
    assert!(begin.elapsed().as_secs() < 2, "without waiting");
    assert_eq!(session.region().as_deref(), Some("eu-central-1"));
    server.take_asked();

    let text = std::fs::read_to_string(&file).unwrap();
    for secret in ["very-secret", "AKIAEXAMPLE", "Signature", "127.0.0.1"] {
        assert!(!text.contains(secret), "{secret} is in the recording");
    }
}

#[tokio::test]
async fn answers_come_in_turn_the_last_one_again_and_errors_as_errors() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("walk.json");
    let server = CannedAws::start(|operation, _, before| match (operation, before) {
        ("ListProjects", n) => (200, json!({"projects": [format!("p{n}")]})),
        _ => (
            400,
            json!({"__type": "ResourceNotFoundException", "message": "Project cannot be found"}),
        ),
    })
    .await;
    let live = server.session().await;
    live.begin_scene("list");
    run(&live, "codebuild list-projects").await.unwrap();
    live.begin_scene("list again");
    run(&live, "codebuild list-projects").await.unwrap();
    run(&live, "codebuild list-projects").await.unwrap();
    run(&live, "codebuild delete-project --name demo")
        .await
        .unwrap_err();
    live.save_recording(&file).unwrap();

    let session = replay(&file, 1.0).await;
    session.begin_scene("list again");
    for wanted in ["p1", "p2", "p2"] {
        let line = "codebuild list-projects --query projects[0] --output text";
        let output = run(&session, line).await.unwrap();
        assert_eq!(output.text, format!("{wanted}\n"));
    }
    let error = run(&session, "codebuild delete-project --name demo")
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));

    session.begin_scene("list");
    let error = run(&session, "codebuild delete-project --name demo")
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::NotInRecording(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "The call DeleteProject is not in the scene `list` of this recording, so it cannot be replayed."
    );
}

#[tokio::test]
async fn a_file_that_is_no_recording_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("walk.json");
    for (text, reason) in [
        ("{\"version\": 9, \"scenes\": []}", "version 9"),
        ("hello", "not a recording"),
    ] {
        std::fs::write(&file, text).unwrap();
        let target = Target::Replay {
            file: file.clone(),
            pace: 1.0,
        };
        let error = Session::connect(target).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}
