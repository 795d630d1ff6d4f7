//! The second build with a cache against the first.

use std::time::Instant;

use codebuild_core::Session;

use crate::build;
use crate::serving::Serving;
use crate::serving::aws;

/// A Docker build in the build, with a base image of some size and a step that takes a while.
const DOCKER_BUILD: &str = r#"version: 0.2
phases:
  install:
    commands:
      - nohup dockerd --host=unix:///var/run/docker.sock --storage-driver=overlay2 >/dev/null 2>&1 &
      - timeout 30 sh -c "until docker info >/dev/null 2>&1; do sleep 0.2; done"
  pre_build:
    commands:
      - docker image inspect base >/dev/null 2>&1 || tar -c -C / bin lib lib64 usr/bin usr/lib usr/local/bin usr/sbin 2>/dev/null | docker import - base
  build:
    commands:
      - printf 'FROM base\nRUN ["/usr/bin/sh", "-c", "find /usr -type f -exec sha512sum {} + >/sums"]\nCOPY file /file\n' >Dockerfile
      - echo "$CODEBUILD_BUILD_NUMBER" >file
      - docker build -t app .
"#;

/// Dependencies that take a while to get, and are 50 MB.
const DEPENDENCIES: &str = r#"version: 0.2
phases:
  install:
    commands:
      - '[ -d /root/.m2/repository ] || { mkdir -p /root/.m2/repository; for n in 1 2 3 4 5; do head -c 10000000 /dev/urandom >/root/.m2/repository/$n.jar; sleep 1; done; }'
cache:
  key: deps-1
  paths: ['/root/.m2/**/*']
"#;

pub(crate) async fn run() {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let session = serving.session().await;
    build::create_project(&session, "").await;
    // The first one makes the image.
    timed(
        &session,
        "version: 0.2\nphases:\n  build:\n    commands: [\"true\"]\n",
    )
    .await;

    let without = timed(&session, DOCKER_BUILD).await;
    aws(
        &session,
        "codebuild update-project --name endurance --cache type=LOCAL,modes=LOCAL_DOCKER_LAYER_CACHE",
    )
    .await;
    let first = timed(&session, DOCKER_BUILD).await;
    let second = timed(&session, DOCKER_BUILD).await;
    println!(
        "docker layer cache: without {without:.1} s, first {first:.1} s, second {second:.1} s ({:.1} times as fast)",
        first / second
    );
    aws(
        &session,
        "codebuild update-project --name endurance --cache type=NO_CACHE",
    )
    .await;

    let status = serving
        .client("aws")
        .args(["s3", "mb", "s3://endurance-cache"])
        .output();
    if !status.is_ok_and(|output| output.status.success()) {
        println!("S3 cache: not measured, the AWS CLI is not here");
        return;
    }
    aws(
        &session,
        "codebuild update-project --name endurance --cache type=S3,location=endurance-cache/caches",
    )
    .await;
    let first = timed(&session, DEPENDENCIES).await;
    let second = timed(&session, DEPENDENCIES).await;
    println!(
        "S3 cache of 50 MB: first {first:.1} s, second {second:.1} s ({:.1} times as fast)",
        first / second
    );
}

/// Seconds from StartBuild to COMPLETED.
async fn timed(session: &Session, spec: &str) -> f64 {
    let began = Instant::now();
    let running = build::start(session, spec).await;
    let record = running.complete(session).await;
    if record["buildStatus"] != "SUCCEEDED" {
        let log = running.log(session).await;
        panic!("{record:#}\n{}", log.concat());
    }
    began.elapsed().as_secs_f64()
}
