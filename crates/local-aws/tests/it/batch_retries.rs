//! Batch builds that run again: by RetryBuildBatch, by a token, after a crash.

use crate::batches::batch_config;
use crate::batches::create_batch_project;
use crate::batches::message;
use crate::batches::run;
use crate::batches::start;
use crate::batches::status_of;
use crate::batches::statuses;
use crate::batches::wait_for;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;
use crate::state::copy_of;
use aws_sdk_codebuild::error::ProvideErrorMetadata;
use aws_sdk_codebuild::types::BuildBatch;
use aws_sdk_codebuild::types::RetryBuildBatchType;
use aws_sdk_codebuild::types::StatusType;
use local_aws::LocalAws;
use std::sync::atomic::Ordering;

#[tokio::test]
async fn a_stopped_batch_is_retried_where_it_failed_or_as_a_whole() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let list = "  build-list:
    - identifier: good
    - identifier: held
      env:
        variables:
          FAKE_HOLD: 1
";
    create_batch_project(&client, list, batch_config()).await;
    let id = start(&client).await;
    let held = |batch: &BuildBatch| {
        // Two builds that began, of which one is over.
        let statuses = statuses(batch);
        statuses == [("good", "SUCCEEDED"), ("held", "IN_PROGRESS")]
    };
    wait_for(&client, &id, held).await;
    let early = client.retry_build_batch().id(&id).send().await.unwrap_err();
    assert_eq!(early.code(), Some("InvalidInputException"));
    let kept = client.delete_build_batch().id(&id).send().await.unwrap();
    assert_eq!(kept.status_code(), Some("BATCH_IN_PROGRESS"));

    client.stop_build_batch().id(&id).send().await.unwrap();
    let batch = wait_for(&client, &id, BuildBatch::complete).await;
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Stopped));
    assert_eq!(batch.current_phase(), Some("STOPPED"));
    assert_eq!(
        statuses(&batch),
        [("good", "SUCCEEDED"), ("held", "STOPPED")]
    );
    // Once more is no error.
    client.stop_build_batch().id(&id).send().await.unwrap();

    let retry =
        |kind: RetryBuildBatchType| client.retry_build_batch().id(&id).retry_type(kind).send();
    retry(RetryBuildBatchType::RetryFailedBuilds).await.unwrap();
    let again = wait_for(&client, &id, held).await;
    assert_eq!(again.build_batch_status(), Some(&StatusType::InProgress));
    let [good, held_group] = again.build_groups() else {
        panic!()
    };
    assert_eq!(good.prior_build_summary_list(), []);
    let [before] = held_group.prior_build_summary_list() else {
        panic!("{held_group:?}");
    };
    assert_eq!(before.build_status(), Some(&StatusType::Stopped));
    assert_ne!(
        before.arn(),
        held_group.current_build_summary().unwrap().arn()
    );
    client.stop_build_batch().id(&id).send().await.unwrap();
    wait_for(&client, &id, BuildBatch::complete).await;

    retry(RetryBuildBatchType::RetryAllBuilds).await.unwrap();
    let again = wait_for(&client, &id, held).await;
    assert_eq!(again.build_groups()[0].prior_build_summary_list().len(), 1);
    assert_eq!(again.build_groups()[1].prior_build_summary_list().len(), 2);
    client.stop_build_batch().id(&id).send().await.unwrap();
    wait_for(&client, &id, BuildBatch::complete).await;

    let deleted = client.delete_build_batch().id(&id).send().await.unwrap();
    assert_eq!(deleted.status_code(), Some("BATCH_DELETED"));
    assert_eq!(deleted.builds_deleted().len(), 5);
    let left = client.list_builds().send().await.unwrap();
    assert!(left.ids().is_empty());
    let got = client.batch_get_build_batches().ids(&id).send().await;
    assert_eq!(got.unwrap().build_batches_not_found(), [id]);
}

#[tokio::test]
async fn a_batch_whose_builds_could_not_run_succeeds_when_retried() {
    let server = TestServer::start().await;
    server.runner.unreachable.store(true, Ordering::SeqCst);
    let batch = run(&server, "  build-list:\n    - identifier: a\n").await;
    assert_eq!(statuses(&batch), [("a", "FAULT")]);
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Failed));
    server.runner.unreachable.store(false, Ordering::SeqCst);
    let client = server.codebuild();
    let id = batch.id().unwrap();
    client.retry_build_batch().id(id).send().await.unwrap();
    let batch = wait_for(&client, id, BuildBatch::complete).await;
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Succeeded));
    let error = client.retry_build_batch().id(id).send().await.unwrap_err();
    assert!(
        error
            .message()
            .unwrap()
            .contains("Only batch builds that have failed")
    );
}

#[tokio::test]
async fn the_same_token_starts_one_batch() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_batch_project(
        &client,
        "  build-list:\n    - identifier: a\n",
        batch_config(),
    )
    .await;
    let with_token = || {
        client
            .start_build_batch()
            .project_name("demo")
            .idempotency_token("t")
    };
    let id = |output: aws_sdk_codebuild::operation::start_build_batch::StartBuildBatchOutput| {
        output.build_batch().unwrap().id().unwrap().to_owned()
    };
    let first = id(with_token().send().await.unwrap());
    assert_eq!(id(with_token().send().await.unwrap()), first);
    let other = with_token().source_version("v2").send().await.unwrap_err();
    assert_eq!(other.code(), Some("InvalidInputException"));
    wait_for(&client, &first, BuildBatch::complete).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_a_crash_cut_off_is_a_fault_and_can_be_retried() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let graph = "  build-graph:
    - identifier: held
      env:
        variables:
          FAKE_HOLD: 1
    - identifier: after
      depend-on: [held]
";
    create_batch_project(&client, graph, batch_config()).await;
    let id = start(&client).await;
    wait_for(&client, &id, |batch| {
        batch.build_groups().first().and_then(status_of).is_some()
    })
    .await;
    let copy = copy_of(server.state.path());
    let TestServer { aws, runner, state } = server;
    aws.shutdown().await;
    drop(state);

    let aws = LocalAws::start(config(copy.path(), &runner)).await.unwrap();
    let client = codebuild(aws.access());
    let batch = wait_for(&client, &id, |_| true).await;
    assert!(batch.complete());
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Fault));
    assert_eq!(statuses(&batch), [("held", "FAULT"), ("after", "-")]);
    assert!(message(&batch).contains("The local AWS stopped while this batch build ran"));
    client.retry_build_batch().id(&id).send().await.unwrap();
    wait_for(&client, &id, |batch| {
        batch.build_groups().first().and_then(status_of) == Some("IN_PROGRESS")
    })
    .await;
    // Ends as STOPPED, not as a fault.
    aws.shutdown().await;
    let aws = LocalAws::start(config(copy.path(), &runner)).await.unwrap();
    let batch = wait_for(&codebuild(aws.access()), &id, |_| true).await;
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Stopped));
}
