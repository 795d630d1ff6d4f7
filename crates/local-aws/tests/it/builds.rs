//! StartBuild and what follows.

use aws_sdk_codebuild::error::ProvideErrorMetadata;
use aws_sdk_codebuild::types::SortOrderType;
use aws_sdk_codebuild::types::StatusType;

use crate::server::TestServer;
use crate::server::create_project;
use crate::server::finished;
use crate::server::run_build;
use crate::server::start_held;
use crate::server::variable;
use crate::server::wait_for;

fn phase_names(build: &aws_sdk_codebuild::types::Build) -> Vec<&str> {
    build
        .phases()
        .iter()
        .filter_map(|phase| Some(phase.phase_type()?.as_str()))
        .collect()
}

#[tokio::test]
async fn a_build_passes_through_eleven_phases() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    let started = client
        .start_build()
        .project_name("demo")
        .send()
        .await
        .unwrap();
    let started = started.build_value().unwrap();
    assert_eq!(started.build_status(), Some(&StatusType::InProgress));
    assert_eq!(started.current_phase(), Some("QUEUED"));
    assert_eq!(phase_names(started), ["SUBMITTED", "QUEUED"]);
    assert_eq!(started.build_number(), Some(1));
    assert_eq!(started.initiator(), Some("student"));
    let uuid = started.id().unwrap().strip_prefix("demo:").unwrap();
    let logs = started.logs().unwrap();
    assert_eq!(
        (logs.group_name(), logs.stream_name()),
        (Some("/aws/codebuild/demo"), Some(uuid))
    );
    assert!(
        logs.deep_link()
            .unwrap()
            .contains("log-group/$252Faws$252Fcodebuild$252Fdemo/log-events/")
    );

    let build = wait_for(&client, started.id().unwrap(), |build| {
        build.build_complete()
    })
    .await;
    assert_eq!(build.build_status(), Some(&StatusType::Succeeded));
    assert_eq!(build.current_phase(), Some("COMPLETED"));
    assert_eq!(
        phase_names(&build),
        [
            "SUBMITTED",
            "QUEUED",
            "PROVISIONING",
            "DOWNLOAD_SOURCE",
            "INSTALL",
            "PRE_BUILD",
            "BUILD",
            "POST_BUILD",
            "UPLOAD_ARTIFACTS",
            "FINALIZING",
            "COMPLETED"
        ]
    );
    let [submitted, .., finalizing, completed] = build.phases() else {
        panic!()
    };
    assert!(submitted.contexts().is_empty());
    assert_eq!(finalizing.contexts()[0].status_code(), Some(""));
    assert!(completed.phase_status().is_none() && completed.end_time().is_none());
    assert!(completed.start_time().is_some() && build.end_time().is_some());
}

#[tokio::test]
async fn overrides_beat_the_project_and_codebuild_adds_its_own_variables() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("A", "project"), ("B", "project")]).await;
    let started = client
        .start_build()
        .project_name("demo")
        .image_override("docker:28-dind")
        .privileged_mode_override(false)
        .timeout_in_minutes_override(7)
        .buildspec_override("version: 0.2\nphases: {}\n")
        .environment_variables_override(variable("B", "build"))
        .environment_variables_override(variable("C", "build"))
        .send()
        .await
        .unwrap();
    let build = finished(&client, &started).await;
    let environment = build.environment().unwrap();
    assert_eq!(
        (environment.image(), environment.privileged_mode()),
        ("docker:28-dind", Some(false))
    );
    assert_eq!(build.timeout_in_minutes(), Some(7));
    assert_eq!(
        build.source().unwrap().buildspec(),
        Some("version: 0.2\nphases: {}\n")
    );

    let seen = server.runner.environments.lock().unwrap()[0].clone();
    let last = |name: &str| {
        let found = seen.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    assert_eq!(last("A").as_deref(), Some("project"));
    assert_eq!(last("B").as_deref(), Some("build"));
    assert_eq!(last("C").as_deref(), Some("build"));
    assert_eq!(last("CODEBUILD_BUILD_ID").as_deref(), build.id());
    assert_eq!(last("CODEBUILD_BUILD_ARN").as_deref(), build.arn());
    assert_eq!(last("CODEBUILD_BUILD_NUMBER").as_deref(), Some("1"));
    assert_eq!(last("CODEBUILD_INITIATOR").as_deref(), Some("student"));
    assert_eq!(last("AWS_REGION").as_deref(), Some("eu-central-1"));
}

#[tokio::test]
async fn a_failed_phase_shows_its_context() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_FAIL", "INSTALL")]).await;
    let build = run_build(&client, "demo").await;
    assert_eq!(build.build_status(), Some(&StatusType::Failed));
    let install = build
        .phases()
        .iter()
        .find(|phase| phase.phase_type().unwrap().as_str() == "INSTALL")
        .unwrap();
    assert_eq!(install.phase_status(), Some(&StatusType::Failed));
    assert_eq!(
        install.contexts()[0].status_code(),
        Some("COMMAND_EXECUTION_ERROR")
    );
}

#[tokio::test]
async fn a_running_build_is_stopped_and_a_finished_one_stays_as_it_is() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_HOLD", "1")]).await;
    let id = start_held(&client).await;
    let stopped = client.stop_build().id(&id).send().await.unwrap();
    assert_eq!(
        stopped.build_value().unwrap().build_status(),
        Some(&StatusType::Stopped)
    );
    let again = client.stop_build().id(&id).send().await.unwrap();
    assert_eq!(
        again.build_value().unwrap().end_time(),
        stopped.build_value().unwrap().end_time()
    );
    let absent = client
        .stop_build()
        .id("demo:00000000-0000-0000-0000-000000000000")
        .send()
        .await
        .unwrap_err();
    assert_eq!(absent.code(), Some("ResourceNotFoundException"));
}

#[tokio::test]
async fn ten_builds_run_and_the_rest_wait_in_the_queue() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_HOLD", "1")]).await;
    let mut ids = Vec::new();
    for _ in 0..60 {
        let started = client
            .start_build()
            .project_name("demo")
            .send()
            .await
            .unwrap();
        ids.push(started.build_value().unwrap().id().unwrap().to_owned());
    }
    for id in &ids[..10] {
        wait_for(&client, id, |build| build.current_phase() == Some("BUILD")).await;
    }
    let error = client
        .start_build()
        .project_name("demo")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("AccountLimitExceededException"));
    assert_eq!(
        error.message(),
        Some("Cannot have more than 50 builds in queue for the account")
    );
    let waiting = wait_for(&client, &ids[10], |_| true).await;
    assert_eq!(waiting.current_phase(), Some("QUEUED"));
    let stopped = client.stop_build().id(&ids[11]).send().await.unwrap();
    assert_eq!(
        stopped.build_value().unwrap().build_status(),
        Some(&StatusType::Stopped)
    );
    client.stop_build().id(&ids[0]).send().await.unwrap();
    wait_for(&client, &ids[10], |build| {
        build.current_phase() == Some("BUILD")
    })
    .await;
    server.aws.shutdown().await;
}

#[tokio::test]
async fn a_projects_own_limit_is_an_error_and_not_a_queue() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_HOLD", "1")]).await;
    client
        .update_project()
        .name("demo")
        .concurrent_build_limit(1)
        .send()
        .await
        .unwrap();
    let first = client
        .start_build()
        .project_name("demo")
        .send()
        .await
        .unwrap();
    let error = client
        .start_build()
        .project_name("demo")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("AccountLimitExceededException"));
    client
        .stop_build()
        .id(first.build_value().unwrap().id().unwrap())
        .send()
        .await
        .unwrap();
    client
        .start_build()
        .project_name("demo")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn the_same_token_starts_one_build() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    let start = || {
        client
            .start_build()
            .project_name("demo")
            .idempotency_token("once")
    };
    let first = start().send().await.unwrap();
    let second = start().send().await.unwrap();
    assert_eq!(
        first.build_value().unwrap().id(),
        second.build_value().unwrap().id()
    );
    let error = start().image_override("other").send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidInputException"));
}

#[tokio::test]
async fn a_retry_runs_what_the_first_build_ran() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    let first = client
        .start_build()
        .project_name("demo")
        .image_override("first")
        .send()
        .await
        .unwrap();
    let first = first.build_value().unwrap().id().unwrap().to_owned();
    wait_for(&client, &first, |build| build.build_complete()).await;
    let retried = client.retry_build().id(&first).send().await.unwrap();
    let retried = retried.build_value().unwrap();
    assert_eq!(retried.environment().unwrap().image(), "first");
    assert_eq!(retried.build_number(), Some(2));
    assert_ne!(retried.id(), Some(first.as_str()));
    assert_ne!(retried.logs().unwrap().stream_name(), None);
}

#[tokio::test]
async fn builds_are_listed_and_deleted() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "one", &[]).await;
    create_project(&client, "two", &[]).await;
    let mut ids = Vec::new();
    for project in ["one", "two", "one"] {
        ids.push(run_build(&client, project).await.id().unwrap().to_owned());
    }
    let newest_first = client.list_builds().send().await.unwrap();
    assert_eq!(newest_first.ids(), [&*ids[2], &*ids[1], &*ids[0]]);
    let of_one = client
        .list_builds_for_project()
        .project_name("one")
        .send()
        .await
        .unwrap();
    assert_eq!(of_one.ids(), [&*ids[2], &*ids[0]]);
    let ascending = client
        .list_builds_for_project()
        .project_name("one")
        .sort_order(SortOrderType::Ascending)
        .send()
        .await
        .unwrap();
    assert_eq!(ascending.ids(), [&*ids[0], &*ids[2]]);
    let absent = client
        .list_builds_for_project()
        .project_name("absent")
        .send()
        .await
        .unwrap_err();
    assert_eq!(absent.code(), Some("ResourceNotFoundException"));

    let none = "one:00000000-0000-0000-0000-000000000000";
    let deleted = client
        .batch_delete_builds()
        .ids(&ids[0])
        .ids(none)
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.builds_deleted().len(), 1);
    assert_eq!(deleted.builds_not_deleted()[0].id(), Some(none));
    let left = client
        .batch_get_builds()
        .ids(&ids[0])
        .ids(&ids[1])
        .send()
        .await
        .unwrap();
    assert_eq!(left.builds_not_found(), [&*ids[0]]);
    assert_eq!(client.list_builds().send().await.unwrap().ids().len(), 2);
    let error = client
        .batch_get_builds()
        .ids("nonsense")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.message(), Some("Invalid build ID provided"));
}

#[tokio::test]
async fn without_a_docker_engine_a_build_is_a_fault() {
    let server = TestServer::start().await;
    server
        .runner
        .unreachable
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    let build = run_build(&client, "demo").await;
    assert_eq!(build.build_status(), Some(&StatusType::Fault));
    let provisioning = &build.phases()[2];
    assert_eq!(
        provisioning.contexts()[0].message(),
        Some("no Docker Engine answers")
    );
}

#[tokio::test]
async fn a_failed_build_is_retried_as_often_as_its_project_says() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_FAIL", "BUILD")]).await;
    let started = client
        .start_build()
        .project_name("demo")
        .auto_retry_limit_override(2)
        .send()
        .await
        .unwrap();
    let mut arns = Vec::new();
    let mut build = finished(&client, &started).await;
    loop {
        assert_eq!(build.build_status(), Some(&StatusType::Failed));
        let config = build.auto_retry_config().unwrap().clone();
        assert_eq!(config.auto_retry_number(), Some(arns.len() as i32));
        assert_eq!(
            config.previous_auto_retry(),
            arns.last().map(String::as_str)
        );
        arns.push(build.arn().unwrap().to_owned());
        if arns.len() == 3 {
            break;
        }
        let id = build.id().unwrap().to_owned();
        let retried = wait_for(&client, &id, |build| {
            build
                .auto_retry_config()
                .unwrap()
                .next_auto_retry()
                .is_some()
        })
        .await;
        let next = retried
            .auto_retry_config()
            .unwrap()
            .next_auto_retry()
            .unwrap();
        let next = next.split_once(":build/").unwrap().1.to_owned();
        build = wait_for(&client, &next, |build| build.build_complete()).await;
    }
    let listed = client.list_builds().send().await.unwrap();
    assert_eq!(listed.ids().len(), 3);
}
