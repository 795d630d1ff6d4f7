//! Builds that are stopped, run out of time or are left alone.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use build_engine::Answer;
use build_engine::ArtifactRequest;
use build_engine::BuildRequest;
use build_engine::BuildStatus;
use build_engine::CollectedArtifact;
use build_engine::CollectedReport;
use build_engine::Engine;
use build_engine::FetchedSource;
use build_engine::FoundCache;
use build_engine::LogSink;
use build_engine::Packaging;
use build_engine::Phase;
use build_engine::PhaseStatus;
use build_engine::Source;
use build_engine::Storage;

use crate::support;
use crate::support::run;
use crate::support::until_line;

const LONG: &str = "version: 0.2\nphases:\n  build:\n    commands:\n      - echo started; sleep 600\n  post_build:\n    commands:\n      - echo never\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_build_ends_as_stopped() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let mut request = support::request(LONG);
    request.privileged = true;
    let owner = request.owner.clone();
    let mut build = engine.run(request);
    let told = until_line(&mut build, "started").await;
    let volumes = support::volumes(&owner).await;
    assert_eq!(volumes.len(), 1, "the one on /var/lib/docker");
    build.stop();
    let told = told.rest(&mut build).await;
    assert!(!support::has_volume(&volumes[0]).await);
    assert_eq!(told.status, Some(BuildStatus::Stopped));
    assert_eq!(told.unsuccessful(), [(Phase::Build, PhaseStatus::Stopped)]);
    assert!(!told.has("never"));
    support::assert_nothing_left(&owner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_can_be_stopped_before_its_container_runs() {
    let Some(engine) = support::engine().await else {
        return;
    };
    for wait in [0, 20, 100, 300] {
        let request = support::request(LONG);
        let owner = request.owner.clone();
        let mut build = engine.run(request);
        // Wherever the build is by then, it stops there.
        tokio::time::sleep(Duration::from_millis(wait)).await;
        build.stop();
        let told = support::Told::default().rest(&mut build).await;
        assert_eq!(told.status, Some(BuildStatus::Stopped), "{told:#?}");
        support::assert_nothing_left(&owner).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_out_of_time_is_timed_out() {
    let Some(engine) = support::engine().await else {
        return;
    };
    // Makes the image first: its time must not count.
    run(
        &engine,
        support::request("version: 0.2\nphases: {install: {}}"),
    )
    .await;
    let mut request = support::request(LONG);
    request.privileged = true;
    request.timeout = Duration::from_secs(4);
    let owner = request.owner.clone();
    let told = run(&engine, request).await;
    assert_eq!(told.status, Some(BuildStatus::TimedOut));
    assert_eq!(told.unsuccessful(), [(Phase::Build, PhaseStatus::TimedOut)]);
    let context = told.context(Phase::Build);
    assert_eq!(context.status_code, "BUILD_TIMED_OUT");
    assert_eq!(context.message, "Build has timed out. ");
    support::assert_nothing_left(&owner).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_nobody_reads_is_removed() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let request = support::request(LONG);
    let owner = request.owner.clone();
    let mut build = engine.run(request);
    until_line(&mut build, "started").await;
    assert_eq!(support::containers(&owner).await.len(), 1);
    drop(build);
    support::until_nothing_left(&owner).await;
}

#[test]
fn what_a_crash_leaves_is_found_by_its_owner() {
    let owner = {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let owner = runtime.block_on(async {
            let engine = support::engine().await?;
            let request = support::request(LONG);
            let owner = request.owner.clone();
            let mut build = engine.run(request);
            until_line(&mut build, "started").await;
            Some(owner)
        });
        // The runtime ends with the build in the middle of a command, as in a crash.
        runtime.shutdown_background();
        owner
    };
    let Some(owner) = owner else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let engine = support::engine().await.unwrap();
        let other = engine
            .remove_leftovers("somebody else entirely")
            .await
            .unwrap();
        assert_eq!(other.builds, Vec::<String>::new());
        let leftovers = engine.remove_leftovers(&owner).await.unwrap();
        assert_eq!(leftovers.builds.len(), 1);
        support::assert_nothing_left(&owner).await;
    });
}

/// A source, or a storage, that never gives an answer.
struct Never;

impl Source for Never {
    fn fetch<'a>(&'a self, log: &'a LogSink) -> Answer<'a, FetchedSource> {
        Box::pin(async move {
            log.line("waiting for ever").await;
            std::future::pending().await
        })
    }
}

impl Storage for Never {
    fn put_artifact<'a>(
        &'a self,
        _artifact: &'a CollectedArtifact,
        log: &'a LogSink,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            log.line("waiting for ever").await;
            std::future::pending().await
        })
    }

    fn find_cache<'a>(
        &'a self,
        _key: Option<&'a str>,
        _fallbacks: &'a [String],
        _log: &'a LogSink,
    ) -> Answer<'a, Option<FoundCache>> {
        Box::pin(async { Ok(None) })
    }

    fn has_cache<'a>(&'a self, _key: &'a str) -> Answer<'a, bool> {
        Box::pin(async { Ok(false) })
    }

    fn put_cache<'a>(
        &'a self,
        _key: Option<&'a str>,
        _archive: &'a Path,
        _log: &'a LogSink,
    ) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }

    fn put_report<'a>(
        &'a self,
        report: &'a CollectedReport,
        _log: &'a LogSink,
    ) -> Answer<'a, String> {
        Box::pin(async { Ok(report.group.clone()) })
    }
}

/// A build that waits for ever in this phase.
fn waiting_in(phase: Phase) -> BuildRequest {
    let name = phase.as_str().to_lowercase();
    match phase {
        Phase::DownloadSource => BuildRequest {
            source: Arc::new(Never),
            ..support::request("")
        },
        Phase::UploadArtifacts => BuildRequest {
            storage: Some(Arc::new(Never)),
            artifacts: vec![ArtifactRequest {
                identifier: None,
                packaging: Packaging::None,
            }],
            ..support::request(
                "version: 0.2\nphases:\n  build:\n    commands: [echo a >a]\nartifacts:\n  files: [a]\n",
            )
        },
        _ => support::request(&format!(
            "version: 0.2\nphases:\n  {name}:\n    commands:\n      - echo waiting for ever; sleep 600\n"
        )),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_is_stopped_or_timed_out_in_every_phase() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let phases = [
        Phase::DownloadSource,
        Phase::Install,
        Phase::PreBuild,
        Phase::Build,
        Phase::PostBuild,
        Phase::UploadArtifacts,
    ];
    // Makes the image first: its time must not count.
    run(
        &engine,
        support::request("version: 0.2\nphases: {build: {commands: [id]}}"),
    )
    .await;
    let checks = phases.map(|phase| tokio::spawn(stopped_and_timed_out(engine.clone(), phase)));
    for check in checks {
        check.await.unwrap();
    }
}

async fn stopped_and_timed_out(engine: Engine, phase: Phase) {
    let request = waiting_in(phase);
    let owner = request.owner.clone();
    let mut build = engine.run(request);
    let mut told = support::Told::default();
    while !told
        .log
        .iter()
        .any(|line| line.ends_with("waiting for ever"))
    {
        told.take(build.events.recv().await.unwrap());
    }
    build.stop();
    let told = told.rest(&mut build).await;
    assert_eq!(told.status, Some(BuildStatus::Stopped), "{phase}");
    assert_eq!(told.unsuccessful(), [(phase, PhaseStatus::Stopped)]);
    support::assert_nothing_left(&owner).await;

    let mut request = waiting_in(phase);
    // Long enough for the phases before, on a slow machine too: they take half a second here.
    request.timeout = Duration::from_secs(15);
    let owner = request.owner.clone();
    let told = support::run(&engine, request).await;
    assert_eq!(told.status, Some(BuildStatus::TimedOut), "{phase}");
    assert_eq!(told.unsuccessful(), [(phase, PhaseStatus::TimedOut)]);
    assert_eq!(told.context(phase).status_code, "BUILD_TIMED_OUT");
    support::assert_nothing_left(&owner).await;
}
