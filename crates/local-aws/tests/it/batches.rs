//! Batch builds: what their builds are, in which order they run, and what their ends mean.

use std::sync::Arc;

use aws_sdk_codebuild::Client;
use aws_sdk_codebuild::error::ProvideErrorMetadata;
use aws_sdk_codebuild::types::BatchRestrictions;
use aws_sdk_codebuild::types::BuildBatch;
use aws_sdk_codebuild::types::BuildBatchFilter;
use aws_sdk_codebuild::types::BuildGroup;
use aws_sdk_codebuild::types::ProjectBuildBatchConfig;
use aws_sdk_codebuild::types::ProjectSource;
use aws_sdk_codebuild::types::SortOrderType;
use aws_sdk_codebuild::types::SourceType;
use aws_sdk_codebuild::types::StatusType;
use local_aws::Checkout;
use local_aws::LocalAws;

use crate::fake_runner::FakeRunner;
use crate::server::PATIENCE;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;
use crate::server::environment;
use crate::server::no_artifacts;
use crate::sources::git;

pub(crate) const PHASES: &str = "phases:\n  build:\n    commands:\n      - echo hi\n";

pub(crate) fn batch_config() -> ProjectBuildBatchConfig {
    ProjectBuildBatchConfig::builder()
        .service_role("arn:aws:iam::123456789012:role/service-role/codebuild-demo")
        .build()
}

/// A project `demo` with this batch section in its buildspec.
pub(crate) async fn create_batch_project(
    client: &Client,
    batch: &str,
    config: ProjectBuildBatchConfig,
) {
    let source = ProjectSource::builder()
        .r#type(SourceType::NoSource)
        .buildspec(format!("version: 0.2\nbatch:\n{batch}{PHASES}"))
        .build()
        .unwrap();
    client
        .create_project()
        .name("demo")
        .source(source)
        .artifacts(no_artifacts())
        .environment(environment(&[]))
        .service_role("arn:aws:iam::123456789012:role/service-role/codebuild-demo")
        .build_batch_config(config)
        .send()
        .await
        .unwrap();
}

pub(crate) async fn start(client: &Client) -> String {
    let started = client.start_build_batch().project_name("demo").send().await;
    let started = started.unwrap();
    started.build_batch().unwrap().id().unwrap().to_owned()
}

pub(crate) async fn wait_for(
    client: &Client,
    id: &str,
    wanted: impl Fn(&BuildBatch) -> bool,
) -> BuildBatch {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let got = client.batch_get_build_batches().ids(id).send().await;
        let batch = got.unwrap().build_batches()[0].clone();
        if wanted(&batch) {
            return batch;
        }
        assert!(tokio::time::Instant::now() < deadline, "still {batch:?}");
        tokio::task::yield_now().await;
    }
}

/// Runs a batch of a new project with this batch section to its end.
pub(crate) async fn run(server: &TestServer, batch: &str) -> BuildBatch {
    let client = server.codebuild();
    create_batch_project(&client, batch, batch_config()).await;
    let id = start(&client).await;
    wait_for(&client, &id, BuildBatch::complete).await
}

pub(crate) fn phases(batch: &BuildBatch) -> Vec<(&str, Option<&str>)> {
    let phases = batch.phases().iter();
    phases
        .map(|phase| {
            let status = phase.phase_status().map(StatusType::as_str);
            (phase.phase_type().unwrap().as_str(), status)
        })
        .collect()
}

/// Identifiers and statuses of the builds; `-` for one that never began.
pub(crate) fn statuses(batch: &BuildBatch) -> Vec<(&str, &str)> {
    let groups = batch.build_groups().iter();
    groups
        .map(|group| (group.identifier().unwrap(), status_of(group).unwrap_or("-")))
        .collect()
}

pub(crate) fn status_of(group: &BuildGroup) -> Option<&str> {
    let build = group.current_build_summary()?;
    build.build_status().map(StatusType::as_str)
}

/// The identifiers of the builds in the order in which they began.
pub(crate) fn order(server: &TestServer) -> Vec<String> {
    let environments = server.runner.environments.lock().unwrap();
    let identifier = |environment: &Vec<(String, String)>| {
        let mut variables = environment.iter();
        let found = variables.find(|(name, _)| name == "CODEBUILD_BATCH_BUILD_IDENTIFIER");
        found.unwrap().1.clone()
    };
    environments.iter().map(identifier).collect()
}

pub(crate) fn message(batch: &BuildBatch) -> &str {
    let failed = batch
        .phases()
        .iter()
        .find(|phase| !phase.contexts().is_empty());
    failed.unwrap().contexts()[0].message().unwrap()
}

#[tokio::test]
async fn a_list_runs_every_build_as_a_build_of_the_project() {
    let server = TestServer::start().await;
    let batch = run(
        &server,
        "  build-list:
    - identifier: small
      env:
        image: other
        privileged-mode: false
        compute-type: BUILD_GENERAL1_MEDIUM
        variables:
          LEVEL: 1
    - identifier: second
      buildspec: 'version: 0.2'
      debug-session: true
",
    )
    .await;
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Succeeded));
    assert_eq!(batch.current_phase(), Some("SUCCEEDED"));
    assert_eq!(batch.build_batch_number(), Some(1));
    assert_eq!(
        phases(&batch),
        [
            ("SUBMITTED", Some("SUCCEEDED")),
            ("DOWNLOAD_BATCHSPEC", Some("SUCCEEDED")),
            ("IN_PROGRESS", Some("SUCCEEDED")),
            ("COMBINE_ARTIFACTS", Some("SUCCEEDED")),
            ("SUCCEEDED", None),
        ]
    );
    assert_eq!(
        statuses(&batch),
        [("small", "SUCCEEDED"), ("second", "SUCCEEDED")]
    );
    let config = batch.build_batch_config().unwrap();
    assert_eq!(config.timeout_in_mins(), Some(480));
    assert_eq!(
        config.restrictions().unwrap().maximum_builds_allowed(),
        Some(100)
    );

    let client = server.codebuild();
    let summary = batch.build_groups()[0].current_build_summary().unwrap();
    let artifact = summary.primary_artifact().unwrap();
    assert_eq!(artifact.identifier(), Some("small"));
    let got = client
        .batch_get_builds()
        .ids(summary.arn().unwrap())
        .ids(
            batch.build_groups()[1]
                .current_build_summary()
                .unwrap()
                .arn()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    let [small, second] = got.builds() else {
        panic!("{got:?}");
    };
    assert_eq!(small.build_batch_arn(), batch.arn());
    let environment = small.environment().unwrap();
    assert_eq!(environment.image(), "other");
    assert_eq!(environment.privileged_mode(), Some(false));
    assert_eq!(environment.compute_type().as_str(), "BUILD_GENERAL1_MEDIUM");
    assert_eq!(environment.environment_variables()[0].name(), "LEVEL");
    assert_eq!(second.source().unwrap().buildspec(), Some("version: 0.2"));
    assert_eq!(
        second.debug_session().unwrap().session_enabled(),
        Some(true)
    );
    let mut numbers = [small.build_number(), second.build_number()];
    numbers.sort();
    assert_eq!(numbers, [Some(1), Some(2)]);
    let mut order = order(&server);
    order.sort();
    assert_eq!(order, ["second", "small"]);
}

#[tokio::test]
async fn a_graph_runs_in_the_order_of_its_dependencies() {
    let server = TestServer::start().await;
    let batch = run(
        &server,
        "  build-graph:
    - identifier: deploy
      depend-on: [test]
    - identifier: test
      depend-on: [lint]
    - identifier: lint
",
    )
    .await;
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Succeeded));
    assert_eq!(order(&server), ["lint", "test", "deploy"]);
    assert_eq!(batch.build_groups()[0].depends_on(), ["test"]);
}

#[tokio::test]
async fn what_depends_on_a_failure_does_not_run_and_the_rest_does() {
    let server = TestServer::start().await;
    let batch = run(
        &server,
        "  build-graph:
    - identifier: lint
      env:
        variables:
          FAKE_FAIL: BUILD
    - identifier: test
      depend-on: [lint]
    - identifier: docs
    - identifier: publish
      depend-on: [docs]
",
    )
    .await;
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Failed));
    assert_eq!(
        statuses(&batch),
        [
            ("lint", "FAILED"),
            ("test", "-"),
            ("docs", "SUCCEEDED"),
            ("publish", "SUCCEEDED"),
        ]
    );
    assert_eq!(
        phases(&batch)[2..],
        [("IN_PROGRESS", Some("FAILED")), ("FAILED", None)]
    );
    assert_eq!(
        message(&batch),
        "Not all builds succeeded (failed: lint; not started: test)"
    );
}

#[tokio::test]
async fn fast_fail_stops_the_builds_that_still_run() {
    let server = TestServer::start().await;
    let batch = run(
        &server,
        "  fast-fail: true
  build-list:
    - identifier: holds
      env:
        variables:
          FAKE_HOLD: 1
    - identifier: fails
      env:
        variables:
          FAKE_FAIL: INSTALL
",
    )
    .await;
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Failed));
    let statuses = statuses(&batch);
    assert_eq!(statuses[1], ("fails", "FAILED"));
    // It may not have begun yet.
    assert!(
        matches!(statuses[0], ("holds", "STOPPED" | "-")),
        "{statuses:?}"
    );
}

#[tokio::test]
async fn an_ignored_failure_does_not_fail_the_batch() {
    let server = TestServer::start().await;
    let batch = run(
        &server,
        "  fast-fail: true
  build-graph:
    - identifier: flaky
      ignore-failure: true
      env:
        variables:
          FAKE_FAIL: BUILD
    - identifier: after
      depend-on: [flaky]
",
    )
    .await;
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Succeeded));
    assert_eq!(
        statuses(&batch),
        [("flaky", "FAILED"), ("after", "SUCCEEDED")]
    );
    assert!(batch.build_groups()[0].ignore_failure());
}

#[tokio::test]
async fn a_matrix_and_a_fanout_become_several_builds() {
    let server = TestServer::start().await;
    let batch = run(
        &server,
        "  build-matrix:
    static:
      env:
        privileged-mode: false
    dynamic:
      env:
        image: [one, two]
        variables:
          MODE: [x, y]
",
    )
    .await;
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Succeeded));
    let names: Vec<&str> = statuses(&batch).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["build_1", "build_2", "build_3", "build_4"]);
    let environments = server.runner.environments.lock().unwrap().clone();
    let mut combinations: Vec<String> = environments
        .iter()
        .map(|environment| {
            let value = |wanted: &str| {
                let found = environment.iter().find(|(name, _)| name == wanted);
                found.unwrap().1.clone()
            };
            format!("{} {}", value("CODEBUILD_BUILD_IMAGE"), value("MODE"))
        })
        .collect();
    combinations.sort();
    assert_eq!(combinations, ["one x", "one y", "two x", "two y"]);

    let client = server.codebuild();
    let fanout = format!("version: 0.2\nbatch:\n  build-fanout:\n    parallelism: 3\n{PHASES}");
    let started = client
        .start_build_batch()
        .project_name("demo")
        .buildspec_override(fanout)
        .send()
        .await
        .unwrap();
    let id = started.build_batch().unwrap().id().unwrap();
    let batch = wait_for(&client, id, BuildBatch::complete).await;
    assert_eq!(batch.build_batch_number(), Some(2));
    assert_eq!(batch.build_groups().len(), 3);
    assert_eq!(batch.build_batch_status(), Some(&StatusType::Succeeded));
}

#[tokio::test]
async fn restrictions_and_bad_batchspecs_fail_before_any_build() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let list = "  build-list:\n    - identifier: a\n    - identifier: b\n";
    create_batch_project(&client, list, batch_config()).await;
    let with = |restrictions: BatchRestrictions| {
        ProjectBuildBatchConfig::builder()
            .restrictions(restrictions)
            .build()
    };
    let few = BatchRestrictions::builder()
        .maximum_builds_allowed(1)
        .build();
    let large = BatchRestrictions::builder()
        .compute_types_allowed("BUILD_GENERAL1_LARGE")
        .build();
    let lambda = format!(
        "version: 0.2\nbatch:\n  build-list:\n    - identifier: a\n      env:\n        type: \
         LINUX_LAMBDA_CONTAINER\n{PHASES}"
    );
    for (restrictions, buildspec, wanted) in [
        (
            Some(few),
            None,
            "The batch has 2 builds, but the project's batch restrictions allow 1",
        ),
        (
            Some(large),
            None,
            "Build a: compute type BUILD_GENERAL1_SMALL is not one that the project's",
        ),
        (None, Some("version: 0.2\nphases: {}".to_owned()), ""),
        (
            None,
            Some(lambda),
            "Build a: Compute type BUILD_GENERAL1_SMALL is not supported",
        ),
        (None, Some("missing.yml\n".to_owned()), ""),
    ] {
        let started = client
            .start_build_batch()
            .project_name("demo")
            .set_build_batch_config_override(restrictions.map(with))
            .set_buildspec_override(buildspec)
            .send()
            .await
            .unwrap();
        let id = started.build_batch().unwrap().id().unwrap();
        let batch = wait_for(&client, id, BuildBatch::complete).await;
        assert_eq!(
            phases(&batch)[1..],
            [("DOWNLOAD_BATCHSPEC", Some("FAILED")), ("FAILED", None)]
        );
        assert!(message(&batch).starts_with(wanted), "{}", message(&batch));
    }
    assert!(server.runner.environments.lock().unwrap().is_empty());
}

#[tokio::test]
async fn batches_are_listed_by_start_number_and_status() {
    let server = TestServer::start().await;
    let batch = run(&server, "  build-list:\n    - identifier: a\n").await;
    let client = server.codebuild();
    let second = start(&client).await;
    wait_for(&client, &second, BuildBatch::complete).await;
    let first = batch.id().unwrap().to_owned();

    let all = client.list_build_batches_for_project().project_name("demo");
    let all = all.send().await.unwrap();
    assert_eq!(all.ids(), [second.clone(), first.clone()]);
    let oldest = client
        .list_build_batches_for_project()
        .project_name("demo")
        .sort_order(SortOrderType::Ascending)
        .max_results(1)
        .send()
        .await
        .unwrap();
    assert_eq!(oldest.ids(), std::slice::from_ref(&first));
    let next = client
        .list_build_batches_for_project()
        .project_name("demo")
        .sort_order(SortOrderType::Ascending)
        .max_results(1)
        .next_token(oldest.next_token().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        (next.ids(), next.next_token()),
        ([second.clone()].as_slice(), None)
    );

    let of_status = |status: StatusType| {
        let filter = BuildBatchFilter::builder().status(status).build();
        client.list_build_batches().filter(filter).send()
    };
    let succeeded = of_status(StatusType::Succeeded).await.unwrap();
    assert_eq!(succeeded.ids().len(), 2);
    let failed = of_status(StatusType::Failed).await.unwrap();
    assert!(failed.ids().is_empty());
}

#[tokio::test]
async fn what_cannot_be_a_batch_is_refused() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "plain", &[]).await;
    let error = client
        .start_build_batch()
        .project_name("plain")
        .send()
        .await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), Some("InvalidInputException"));
    assert!(
        error
            .message()
            .unwrap()
            .contains("it has no buildBatchConfig")
    );
    let error = client
        .start_build_batch()
        .project_name("absent")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
    let error = client
        .start_build_batch()
        .project_name("plain")
        .build_batch_config_override(
            ProjectBuildBatchConfig::builder()
                .timeout_in_mins(4)
                .build(),
        )
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        error.message(),
        Some("TimeoutInMins must be between 5 and 2160")
    );
    let error = client
        .update_project()
        .name("plain")
        .build_batch_config(
            ProjectBuildBatchConfig::builder()
                .timeout_in_mins(2161)
                .build(),
        )
        .send()
        .await
        .unwrap_err();
    assert_eq!(
        error.message(),
        Some("TimeoutInMins must be between 5 and 2160")
    );
    let error = client.stop_build_batch().id("x").send().await.unwrap_err();
    assert_eq!(error.message(), Some("Invalid build batch ID provided"));
    let absent = "plain:00000000-0000-0000-0000-000000000000";
    let error = client
        .retry_build_batch()
        .id(absent)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
    let gone = client.delete_build_batch().id(absent).send().await.unwrap();
    assert_eq!(gone.status_code(), Some("BATCH_NOT_FOUND"));
}

#[tokio::test]
async fn a_batchspec_in_the_source_is_read_and_all_builds_build_the_same_commit() {
    let tree = tempfile::tempdir().unwrap();
    let spec = format!("version: 0.2\nbatch:\n  build-list:\n    - identifier: a\n{PHASES}");
    std::fs::write(tree.path().join("buildspec.yml"), spec).unwrap();
    git(tree.path(), &["init", "--quiet"]);
    git(tree.path(), &["add", "."]);
    git(tree.path(), &["commit", "--quiet", "-m", "first"]);
    let commit = git(tree.path(), &["rev-parse", "HEAD"]);

    let state = tempfile::tempdir().unwrap();
    let mut config = config(state.path(), &Arc::new(FakeRunner::default()));
    config.checkouts = vec![Checkout {
        url: "https://github.com/owner/repo".to_owned(),
        directory: tree.path().to_owned(),
        extra_files: Vec::new(),
    }];
    let aws = LocalAws::start(config).await.unwrap();
    let client = codebuild(aws.access());
    create_batch_project(
        &client,
        "  build-fanout:\n    parallelism: 1\n",
        batch_config(),
    )
    .await;
    let source = ProjectSource::builder()
        .r#type(SourceType::Github)
        .location("https://github.com/owner/repo")
        .build()
        .unwrap();
    client
        .update_project()
        .name("demo")
        .source(source)
        .send()
        .await
        .unwrap();
    let id = start(&client).await;
    let batch = wait_for(&client, &id, BuildBatch::complete).await;
    assert_eq!(statuses(&batch), [("a", "SUCCEEDED")]);
    assert_eq!(batch.resolved_source_version(), Some(commit.as_str()));
    let summary = batch.build_groups()[0].current_build_summary().unwrap();
    let got = client
        .batch_get_builds()
        .ids(summary.arn().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(got.builds()[0].source_version(), Some(commit.as_str()));
    let left = std::fs::read_dir(state.path().join("tmp")).unwrap().count();
    assert_eq!(left, 0, "archives are removed");
}
