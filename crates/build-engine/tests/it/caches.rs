//! What one build keeps for the next.

use std::sync::Arc;

use build_engine::BuildRequest;
use build_engine::BuildStatus;
use build_engine::CacheRequest;
use build_engine::Engine;

use crate::kept::Kept;
use crate::support;
use crate::support::run;
use crate::support::until_line;

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_cache_is_saved_restored_and_found_by_fallback() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let kept = Arc::new(Kept::default());
    let request = |lock: &str| BuildRequest {
        storage: Some(kept.clone()),
        cache: CacheRequest::Remote,
        environment: vec![build_engine::Variable::plain("LOCK", lock)],
        ..support::request(
            r#"
version: 0.2
phases:
  build:
    commands:
      - cat /root/.m2/deep/jar node_modules/x 2>/dev/null || echo "nothing is there"
      - mkdir -p /root/.m2/deep node_modules
      - echo "jar of $LOCK" >/root/.m2/deep/jar
      - echo "module of $LOCK" >node_modules/x
cache:
  key: deps-$LOCK
  fallback-keys: [deps-]
  paths:
    - /root/.m2/**/*
    - node_modules/**/*
"#,
        )
    };
    let first = run(&engine, request("one")).await;
    assert_eq!(first.status, Some(BuildStatus::Succeeded), "{first:#?}");
    assert!(first.has("nothing is there"));
    assert_eq!(kept.cache_keys(), ["deps-one"]);
    // The source directory has another name now, and what is below it is there all the same.
    let second = run(&engine, request("one")).await;
    assert!(second.has("jar of one"), "{second:#?}");
    // Another key: nothing under it, so the fallback's newest.
    let third = run(&engine, request("two")).await;
    assert!(third.has("jar of one"), "{third:#?}");
    assert_eq!(kept.cache_keys(), ["deps-one", "deps-two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_custom_cache_is_a_volume_that_one_build_at_a_time_has() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let owner = format!("build-engine-test-{}", uuid::Uuid::new_v4());
    let request = |command: &str| BuildRequest {
        owner: owner.clone(),
        cache: CacheRequest::Local {
            project: "demo".to_owned(),
            custom: true,
            docker_layer: false,
        },
        ..support::request(&format!(
            r"
version: 0.2
phases:
  build:
    commands:
      - cat /root/.m2/jar vendor/lib 2>/dev/null || echo nothing is there
      - echo jar >/root/.m2/jar; echo lib >vendor/lib
      - {command}
cache:
  paths: ['/root/.m2/**/*', 'vendor/**/*']
"
        ))
    };
    let first = run(&engine, request("true")).await;
    assert_eq!(first.status, Some(BuildStatus::Succeeded), "{first:#?}");
    assert!(first.has("nothing is there"));
    let mut holder = engine.run(request("echo held; sleep 600"));
    let told = until_line(&mut holder, "held").await;
    assert!(told.has("jar") && told.has("lib"), "{told:#?}");
    let beside = run(&engine, request("true")).await;
    assert!(
        beside
            .log
            .iter()
            .any(|line| line
                .ends_with("Skip custom cache: another build of the project is using it"))
    );
    holder.stop();
    told.rest(&mut holder).await;
    assert_eq!(
        engine.remove_caches(&owner, Some("other")).await.unwrap(),
        0
    );
    assert_eq!(engine.remove_caches(&owner, Some("demo")).await.unwrap(), 1);
    support::assert_nothing_left(&owner).await;
}

/// What a Docker daemon in the build says of the images that it has.
async fn docker_build(engine: &Engine, owner: &str, command: &str) -> crate::support::Told {
    let mut request = support::request(&format!(
        r#"
version: 0.2
phases:
  install:
    commands:
      - nohup dockerd --host=unix:///var/run/docker.sock --storage-driver=overlay2 >/dev/null 2>&1 &
      - timeout 30 sh -c "until docker info >/dev/null 2>&1; do sleep 0.2; done"
  build:
    commands:
      - printf 'FROM scratch\nCOPY file /file\n' >Dockerfile; echo text >file
      - {command}
"#
    ));
    request.privileged = true;
    request.owner = owner.to_owned();
    request.cache = CacheRequest::Local {
        project: "demo".to_owned(),
        custom: false,
        docker_layer: true,
    };
    run(engine, request).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inner_dockers_layers_are_there_in_the_next_build() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let owner = format!("build-engine-test-{}", uuid::Uuid::new_v4());
    let first = docker_build(&engine, &owner, "docker build -t kept .").await;
    assert_eq!(first.status, Some(BuildStatus::Succeeded), "{first:#?}");
    let second = docker_build(&engine, &owner, "docker build .").await;
    assert_eq!(second.status, Some(BuildStatus::Succeeded), "{second:#?}");
    let used = |line: &String| line.contains("Using cache") || line.contains("CACHED");
    assert!(second.log.iter().any(used), "{second:#?}");
    let third = docker_build(
        &engine,
        &owner,
        "docker image inspect kept >/dev/null && echo it is there",
    )
    .await;
    assert!(third.has("it is there"), "{third:#?}");
    assert_eq!(engine.remove_caches(&owner, None).await.unwrap(), 1);
}
