//! Ten builds at once, and more behind them in the queue.

use std::time::Instant;

use crate::build;
use crate::serving::Serving;
use crate::serving::aws;

/// How many builds the account runs at once.
const AT_ONCE: usize = 10;
const STARTED: usize = 14;

pub(crate) async fn run() {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let session = serving.session().await;
    build::create_project(&session, "").await;
    // The first one makes the image.
    let first = build::start(&session, &spec("true")).await;
    assert_eq!(first.complete(&session).await["buildStatus"], "SUCCEEDED");
    let began = Instant::now();
    let mut builds = Vec::new();
    for number in 0..STARTED {
        builds.push(build::start(&session, &spec(&format!("sleep 4; echo build {number}"))).await);
    }
    let mut most_running = 0;
    let mut most_queued = 0;
    loop {
        // One answer is one moment.
        let ids: Vec<&str> = builds.iter().map(|build| build.id.as_str()).collect();
        let line = format!("codebuild batch-get-builds --ids {}", ids.join(" "));
        let answer = aws(&session, &line).await.response;
        let records = answer["builds"].as_array().unwrap().iter();
        let phases: Vec<&str> = records
            .map(|record| record["currentPhase"].as_str().unwrap())
            .collect();
        let count = |is: &dyn Fn(&str) -> bool| phases.iter().filter(|phase| is(phase)).count();
        let queued = count(&|phase| phase == "QUEUED");
        let complete = count(&|phase| phase == "COMPLETED");
        most_queued = most_queued.max(queued);
        most_running = most_running.max(STARTED - queued - complete);
        if complete == STARTED {
            break;
        }
    }
    for (number, build) in builds.iter().enumerate() {
        let record = build.record(&session).await;
        assert_eq!(record["buildStatus"], "SUCCEEDED", "{record:#}");
        let log = build.log(&session).await;
        assert!(log.contains(&format!("build {number}\n")), "{log:#?}");
        assert_eq!(build.containers(), Vec::<String>::new());
    }
    // They are looked at one after the other, so one may have ended and the next begun meanwhile.
    assert!(
        (AT_ONCE - 1..=AT_ONCE + 1).contains(&most_running),
        "{most_running}"
    );
    assert!(most_queued >= STARTED - AT_ONCE - 1, "{most_queued}");
    println!(
        "many builds: {STARTED} started, {most_running} ran at once, {most_queued} waited, all SUCCEEDED after {:.1} s",
        began.elapsed().as_secs_f64()
    );
}

fn spec(command: &str) -> String {
    format!("version: 0.2\nphases:\n  build:\n    commands:\n      - {command}\n")
}
