//! The state directory: what survives, who may use it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use aws_sdk_codebuild::types::StatusType;
use local_aws::LocalAws;
use local_aws::StartError;

use crate::fake_runner::FakeRunner;
use crate::server::PATIENCE;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;
use crate::server::run_build;
use crate::server::start_held;
use crate::server::wait_for;

/// Starts on a state directory as soon as the last one lets go of it.
async fn start_again(state: &std::path::Path, runner: &Arc<FakeRunner>) -> LocalAws {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        match LocalAws::start(config(state, runner)).await {
            Ok(aws) => return aws,
            Err(StartError::Held { .. }) if tokio::time::Instant::now() < deadline => {
                tokio::task::yield_now().await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_there_after_a_restart() {
    let TestServer { aws, runner, state } = TestServer::start().await;
    let access = aws.access().clone();
    create_project(&codebuild(&access), "demo", &[("FAKE_LINES", "5")]).await;
    let build = run_build(&codebuild(&access), "demo").await;
    aws.shutdown().await;

    let aws = start_again(state.path(), &runner).await;
    assert_eq!(
        aws.access().credentials.access_key_id,
        access.credentials.access_key_id
    );
    let client = codebuild(aws.access());
    let again = wait_for(&client, build.id().unwrap(), |_| true).await;
    assert_eq!(again.phases(), build.phases());
    assert_eq!(run_build(&client, "demo").await.build_number(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_was_cut_off_is_settled_and_cleaned_up_after() {
    let TestServer { aws, runner, state } = TestServer::start().await;
    let client = codebuild(aws.access());
    create_project(&client, "demo", &[("FAKE_HOLD", "1")]).await;
    let id = start_held(&client).await;
    // The engine does not answer at the first start after that.
    runner.unreachable.store(true, Ordering::SeqCst);
    let copy = copy_of(state.path());
    drop(aws);

    let aws = start_again(copy.path(), &runner).await;
    let build = wait_for(&codebuild(aws.access()), &id, |_| true).await;
    assert_eq!(build.build_status(), Some(&StatusType::Fault));
    assert!(build.build_complete() && build.end_time().is_some());
    let [.., cut_off, completed] = build.phases() else {
        panic!()
    };
    assert_eq!(cut_off.phase_type().unwrap().as_str(), "BUILD");
    assert_eq!(cut_off.phase_status(), Some(&StatusType::Fault));
    assert!(
        cut_off.contexts()[0]
            .message()
            .unwrap()
            .contains("The local AWS stopped while this build ran")
    );
    assert_eq!(completed.phase_type().unwrap().as_str(), "COMPLETED");
    assert!(runner.cleaned.lock().unwrap().is_empty());
    aws.shutdown().await;

    runner.unreachable.store(false, Ordering::SeqCst);
    let aws = start_again(copy.path(), &runner).await;
    create_project(&codebuild(aws.access()), "other", &[]).await;
    // Builds wait until what was left behind is gone.
    run_build(&codebuild(aws.access()), "other").await;
    assert_eq!(runner.cleaned.lock().unwrap().len(), 1);
}

/// The directory as a process that is killed now would leave it.
pub(crate) fn copy_of(state: &std::path::Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let mut directories = vec![state.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let target = copy.path().join(path.strip_prefix(state).unwrap());
            if path.is_dir() {
                std::fs::create_dir_all(&target).unwrap();
                directories.push(path);
            } else {
                std::fs::copy(&path, target).unwrap();
            }
        }
    }
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_at_a_time_and_others_are_told_which() {
    let server = TestServer::start().await;
    let error = LocalAws::start(config(server.state.path(), &server.runner))
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, StartError::Held { .. }), "{text}");
    assert!(text.contains(&server.access().endpoint), "{text}");
    assert!(text.contains(&std::process::id().to_string()), "{text}");

    let found = LocalAws::running(server.state.path()).unwrap();
    assert_eq!(found.endpoint, server.access().endpoint);
    assert_eq!(
        found.credentials.secret_access_key,
        server.access().credentials.secret_access_key
    );

    let TestServer { aws, state, .. } = server;
    aws.shutdown().await;
    assert!(LocalAws::running(state.path()).is_none());
    // A file that a killed process left says nothing.
    std::fs::write(state.path().join("endpoint.json"), "{}").unwrap();
    assert!(LocalAws::running(state.path()).is_none());
}

#[tokio::test]
async fn only_loopback_addresses_and_sound_names() {
    let state = tempfile::tempdir().unwrap();
    let runner = Arc::new(FakeRunner::default());
    let mut everywhere = config(state.path(), &runner);
    everywhere.listen = ([0, 0, 0, 0], 0).into();
    assert!(matches!(
        LocalAws::start(everywhere).await,
        Err(StartError::NotLoopback(_))
    ));
    let mut account = config(state.path(), &runner);
    account.account_id = "12".to_owned();
    assert!(matches!(
        LocalAws::start(account).await,
        Err(StartError::AccountId(_))
    ));
    let mut region = config(state.path(), &runner);
    region.region = "Frankfurt am Main".to_owned();
    assert!(matches!(
        LocalAws::start(region).await,
        Err(StartError::Region(_))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_stops_builds() {
    let TestServer { aws, runner, state } = TestServer::start().await;
    let client = codebuild(aws.access());
    create_project(&client, "demo", &[("FAKE_HOLD", "1")]).await;
    let id = start_held(&client).await;
    aws.shutdown().await;
    let aws = start_again(state.path(), &runner).await;
    let build = wait_for(&codebuild(aws.access()), &id, |_| true).await;
    assert_eq!(build.build_status(), Some(&StatusType::Stopped));
}
