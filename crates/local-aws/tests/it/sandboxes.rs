//! Sandboxes as a client sees them; the runner only plays.

use std::sync::atomic::Ordering;

use aws_sdk_codebuild::Client;
use aws_sdk_codebuild::error::ProvideErrorMetadata;
use aws_sdk_codebuild::types::CommandExecution;
use aws_sdk_codebuild::types::Sandbox;
use aws_sdk_codebuild::types::SandboxSessionPhase;
use aws_sdk_codebuild::types::SortOrderType;
use local_aws::LocalAws;

use crate::server::PATIENCE;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;

/// Starts a sandbox of a project; its id.
pub(crate) async fn start(client: &Client, project: &str) -> String {
    let started = client.start_sandbox().project_name(project);
    let started = started.send().await.unwrap();
    started.sandbox().unwrap().id().unwrap().to_owned()
}

pub(crate) async fn get(client: &Client, id: &str) -> Sandbox {
    let got = client.batch_get_sandboxes().ids(id).send().await.unwrap();
    got.sandboxes().first().unwrap().clone()
}

/// Waits until the sandbox has this status.
pub(crate) async fn wait_for(client: &Client, id: &str, status: &str) -> Sandbox {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let sandbox = get(client, id).await;
        if sandbox.status() == Some(status) {
            return sandbox;
        }
        assert!(tokio::time::Instant::now() < deadline, "still {sandbox:?}");
        tokio::task::yield_now().await;
    }
}

/// Gives a sandbox a command; the command's id.
pub(crate) async fn run(client: &Client, sandbox: &str, command: &str) -> String {
    let started = client
        .start_command_execution()
        .sandbox_id(sandbox)
        .command(command)
        .send()
        .await
        .unwrap();
    let execution = started.command_execution().unwrap();
    assert_eq!(execution.status(), Some("SUBMITTED"));
    execution.id().unwrap().to_owned()
}

/// Waits until a command has this status.
pub(crate) async fn command(
    client: &Client,
    sandbox: &str,
    id: &str,
    status: &str,
) -> CommandExecution {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let got = client
            .batch_get_command_executions()
            .sandbox_id(sandbox)
            .command_execution_ids(id)
            .send()
            .await
            .unwrap();
        let execution = got.command_executions().first().unwrap().clone();
        if execution.status() == Some(status) {
            return execution;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "still {execution:?}"
        );
        tokio::task::yield_now().await;
    }
}

fn phases(sandbox: &Sandbox) -> Vec<(&str, Option<&str>)> {
    let phases = sandbox.current_session().unwrap().phases().iter();
    phases
        .map(|phase: &SandboxSessionPhase| {
            let status = phase.phase_status().map(|status| status.as_str());
            (phase.phase_type().unwrap(), status)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_runs_commands_in_their_order_until_it_is_stopped() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("GREETING", "hi")]).await;
    let started = client.start_sandbox().project_name("demo").send().await;
    let started = started.unwrap().sandbox().unwrap().clone();
    assert_eq!(started.status(), Some("QUEUED"));
    let id = started.id().unwrap();
    let arn = format!("arn:aws:codebuild:eu-central-1:123456789012:sandbox/{id}");
    assert_eq!(started.arn(), Some(arn.as_str()));
    let uuid = id.strip_prefix("demo:").unwrap();

    // At once: they wait until it runs.
    let first = run(&client, id, "print one").await;
    let second = run(&client, &arn, "fail 3").await;
    let failed = command(&client, id, &second, "FAILED").await;
    assert_eq!(failed.exit_code(), Some("3"));
    assert_eq!(failed.standard_output_content(), None);
    assert_eq!(failed.standard_err_content(), Some("it failed\n"));
    let printed = command(&client, id, &first, "SUCCEEDED").await;
    assert_eq!(printed.exit_code(), Some("0"));
    assert_eq!(printed.standard_output_content(), Some("one\n"));
    assert_eq!(printed.standard_err_content(), None);
    assert_eq!(printed.command(), Some("print one"));
    assert_eq!(printed.sandbox_arn(), Some(arn.as_str()));
    assert_eq!(printed.sandbox_id(), Some(uuid));
    let nanos = |time: Option<&aws_sdk_codebuild::primitives::DateTime>| time.unwrap().as_nanos();
    assert!(nanos(printed.end_time()) <= nanos(failed.start_time()));

    let running = wait_for(&client, id, "RUNNING").await;
    let session = running.current_session().unwrap();
    assert_eq!(session.current_phase(), Some("RUN_SANDBOX"));
    assert_eq!(running.timeout_in_minutes(), Some(60));
    let logs = session.logs().unwrap();
    assert_eq!(logs.group_name(), Some("/aws/codebuild/demo"));
    assert_eq!(logs.stream_name(), Some(uuid));
    let events = server
        .logs()
        .get_log_events()
        .log_group_name("/aws/codebuild/demo")
        .log_stream_name(uuid)
        .send()
        .await
        .unwrap();
    assert_eq!(events.events()[0].message(), Some("one\n"));
    let environment = server.runner.environments.lock().unwrap()[0].clone();
    let variable = |name: &str| {
        let found = environment.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(variable("GREETING"), Some("hi"));
    assert_eq!(variable("CODEBUILD_BUILD_ID"), Some(id));
    assert_eq!(variable("CODEBUILD_BUILD_NUMBER"), None);

    let held = run(&client, id, "hold").await;
    let never = run(&client, id, "print never").await;
    command(&client, id, &held, "IN_PROGRESS").await;
    let stopped = client.stop_sandbox().id(id).send().await.unwrap();
    let status = stopped.sandbox().unwrap().status().unwrap();
    assert!(["STOPPING", "STOPPED"].contains(&status), "{status}");
    let stopped = wait_for(&client, id, "STOPPED").await;
    let succeeded = Some("SUCCEEDED");
    assert_eq!(
        phases(&stopped),
        [
            ("SUBMITTED", succeeded),
            ("QUEUED", succeeded),
            ("PROVISIONING", succeeded),
            ("DOWNLOAD_SOURCE", succeeded),
            ("RUN_SANDBOX", Some("STOPPED")),
            ("COMPLETED", None),
        ]
    );
    let session = stopped.current_session().unwrap();
    assert_eq!(session.current_phase(), Some("COMPLETED"));
    assert!(session.end_time().is_some() && stopped.end_time().is_some());
    for unfinished in [held, never] {
        let execution = command(&client, id, &unfinished, "STOPPED").await;
        assert_eq!(execution.exit_code(), None);
        assert!(execution.end_time().is_some());
    }
    let late = client
        .start_command_execution()
        .sandbox_id(id)
        .command("print late")
        .send();
    let error = late.await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidInputException"));
    assert!(error.message().unwrap().contains("STOPPED"), "{error:?}");
    // Once more is no error.
    client.stop_sandbox().id(id).send().await.unwrap();
    server.aws.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_token_starts_one_sandbox() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    let start = async |token: &str| {
        let request = client.start_sandbox().project_name("demo");
        let started = request.idempotency_token(token).send().await.unwrap();
        started.sandbox().unwrap().id().unwrap().to_owned()
    };
    let first = start("a").await;
    assert_eq!(start("a").await, first);
    assert_ne!(start("b").await, first);
    server.aws.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sandboxes_and_commands_are_listed_newest_first_page_by_page() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    create_project(&client, "other", &[]).await;
    let mut of_demo = Vec::new();
    for _ in 0..5 {
        of_demo.push(start(&client, "demo").await);
    }
    let other = start(&client, "other").await;
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };

    let mut pages = client.list_sandboxes().max_results(2);
    let mut all = Vec::new();
    loop {
        let page = pages.clone().send().await.unwrap();
        assert!(page.ids().len() <= 2);
        all.extend(page.ids().to_vec());
        match page.next_token() {
            Some(token) => pages = pages.next_token(token),
            None => break,
        }
    }
    assert_eq!(all.len(), 6);
    let mut expected = of_demo.clone();
    expected.push(other.clone());
    assert_eq!(sorted(all), sorted(expected));

    let list = async |order: SortOrderType| {
        let mut ids = Vec::new();
        let mut pages = client
            .list_sandboxes_for_project()
            .project_name("demo")
            .sort_order(order)
            .max_results(2);
        loop {
            let page = pages.clone().send().await.unwrap();
            ids.extend(page.ids().to_vec());
            match page.next_token() {
                Some(token) => pages = pages.next_token(token),
                None => return ids,
            }
        }
    };
    let ascending = list(SortOrderType::Ascending).await;
    let mut descending = list(SortOrderType::Descending).await;
    descending.reverse();
    assert_eq!(ascending, descending);
    assert_eq!(sorted(ascending), sorted(of_demo.clone()));

    let sandbox = &of_demo[0];
    let mut commands = Vec::new();
    for number in 0..5 {
        commands.push(run(&client, sandbox, &format!("print {number}")).await);
    }
    run(&client, &other, "print other").await;
    let list = async |order: Option<SortOrderType>| {
        let mut ids = Vec::new();
        let mut pages = client
            .list_command_executions_for_sandbox()
            .sandbox_id(sandbox)
            .set_sort_order(order)
            .max_results(2);
        loop {
            let page = pages.clone().send().await.unwrap();
            let executions = page.command_executions().iter();
            ids.extend(executions.map(|execution| execution.id().unwrap().to_owned()));
            match page.next_token() {
                Some(token) => pages = pages.next_token(token),
                None => return ids,
            }
        }
    };
    assert_eq!(list(Some(SortOrderType::Ascending)).await, commands);
    commands.reverse();
    assert_eq!(list(None).await, commands);
    server.aws.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_cannot_be_is_told() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    let uuid = "8a6ebd53-2c3c-4a5e-9b6f-0a1b2c3d4e5f";
    let unknown = format!("demo:{uuid}");
    let arn = format!("arn:aws:codebuild:eu-central-1:123456789012:sandbox/{unknown}");

    let error = client.start_sandbox().send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidInputException"));
    let missing = client.start_sandbox().project_name("none").send().await;
    let error = missing.unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
    let missing = client.list_sandboxes_for_project().project_name("none");
    let error = missing.send().await.unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
    let missing = client.stop_sandbox().id(&unknown).send().await;
    let error = missing.unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
    assert!(error.message().unwrap().contains(&arn), "{error:?}");
    let bad = client.stop_sandbox().id("demo").send().await.unwrap_err();
    assert_eq!(bad.code(), Some("InvalidInputException"));
    let missing = client.list_command_executions_for_sandbox();
    let error = missing.sandbox_id(&unknown).send().await.unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));
    let missing = client.start_command_execution().sandbox_id(&unknown);
    let error = missing.command("print").send().await.unwrap_err();
    assert_eq!(error.code(), Some("ResourceNotFoundException"));

    let got = client.batch_get_sandboxes().ids(&unknown).ids(&arn);
    let got = got.send().await.unwrap();
    assert_eq!(got.sandboxes_not_found(), [unknown.clone(), arn.clone()]);
    let got = client.batch_get_command_executions().sandbox_id(&unknown);
    let got = got.command_execution_ids(uuid).send().await.unwrap();
    assert_eq!(got.command_executions_not_found(), [uuid]);

    let id = start(&client, "demo").await;
    let connection = client.start_sandbox_connection().sandbox_id(&id);
    let error = connection.send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidInputException"));
    let message = error.message().unwrap();
    assert!(message.contains("is not connected"), "{message}");
    assert!(message.contains("start-command-execution"), "{message}");

    client
        .create_project()
        .name("lambda")
        .source(crate::server::inline_source())
        .artifacts(crate::server::no_artifacts())
        .environment(
            aws_sdk_codebuild::types::ProjectEnvironment::builder()
                .r#type(aws_sdk_codebuild::types::EnvironmentType::LinuxLambdaContainer)
                .image("docker:dind")
                .compute_type(aws_sdk_codebuild::types::ComputeType::BuildLambda1Gb)
                .build()
                .unwrap(),
        )
        .service_role("arn:aws:iam::123456789012:role/service-role/codebuild-demo")
        .send()
        .await
        .unwrap();
    let refused = client.start_sandbox().project_name("lambda").send().await;
    let error = refused.unwrap_err();
    assert_eq!(error.code(), Some("InvalidInputException"));
    assert!(error.message().unwrap().contains("LINUX_LAMBDA_CONTAINER"));
    server.aws.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_cannot_be_provisioned_says_why() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    create_project(&client, "fails", &[("FAKE_FAIL", "PROVISIONING")]).await;
    let id = start(&client, "fails").await;
    let failed = wait_for(&client, &id, "FAILED").await;
    assert_eq!(phases(&failed)[2], ("PROVISIONING", Some("FAILED")));

    server.runner.unreachable.store(true, Ordering::SeqCst);
    let id = start(&client, "demo").await;
    let fault = wait_for(&client, &id, "FAULT").await;
    let phase = &fault.current_session().unwrap().phases()[2];
    assert_eq!(phase.phase_type(), Some("PROVISIONING"));
    let context = &phase.contexts()[0];
    assert_eq!(context.message(), Some("no Docker Engine answers"));
    server.aws.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_builds_and_sandboxes_run_and_the_rest_wait() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_HOLD", "1")]).await;
    let mut running = Vec::new();
    for _ in 0..9 {
        running.push(start(&client, "demo").await);
    }
    for id in &running {
        wait_for(&client, id, "RUNNING").await;
    }
    crate::server::start_held(&client).await;
    let waiting = start(&client, "demo").await;
    let stopped_in_queue = start(&client, "demo").await;
    assert_eq!(get(&client, &waiting).await.status(), Some("QUEUED"));
    client
        .stop_sandbox()
        .id(&stopped_in_queue)
        .send()
        .await
        .unwrap();
    let stopped = wait_for(&client, &stopped_in_queue, "STOPPED").await;
    assert_eq!(phases(&stopped)[1], ("QUEUED", Some("STOPPED")));
    assert_eq!(get(&client, &waiting).await.status(), Some("QUEUED"));
    client.stop_sandbox().id(&running[0]).send().await.unwrap();
    wait_for(&client, &waiting, "RUNNING").await;
    // 10 run, 50 may wait.
    let refused = loop {
        if let Err(error) = client.start_sandbox().project_name("demo").send().await {
            break error;
        }
    };
    assert_eq!(refused.code(), Some("InvalidInputException"));
    assert!(refused.message().unwrap().contains("50"), "{refused:?}");
    server.aws.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sandboxes_stop_with_the_server_and_can_be_looked_at_later() {
    let TestServer { aws, runner, state } = TestServer::start().await;
    let client = codebuild(aws.access());
    create_project(&client, "demo", &[]).await;
    let id = start(&client, "demo").await;
    let held = run(&client, &id, "hold").await;
    command(&client, &id, &held, "IN_PROGRESS").await;
    aws.shutdown().await;
    let aws = LocalAws::start(config(state.path(), &runner))
        .await
        .unwrap();
    let client = codebuild(aws.access());
    let stopped = get(&client, &id).await;
    assert_eq!(stopped.status(), Some("STOPPED"));
    assert_eq!(phases(&stopped)[4], ("RUN_SANDBOX", Some("STOPPED")));
    command(&client, &id, &held, "STOPPED").await;
    aws.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_that_was_cut_off_is_settled_and_cleaned_up_after() {
    let state = tempfile::tempdir().unwrap();
    let (mut child, access) = crate::kill::serve(state.path());
    let client = codebuild(&access);
    create_project(&client, "demo", &[]).await;
    let id = start(&client, "demo").await;
    let held = run(&client, &id, "hold").await;
    command(&client, &id, &held, "IN_PROGRESS").await;
    let waiting = run(&client, &id, "print never").await;
    child.kill();

    let runner = std::sync::Arc::default();
    let aws = LocalAws::start(config(state.path(), &runner))
        .await
        .unwrap();
    let client = codebuild(aws.access());
    let fault = get(&client, &id).await;
    assert_eq!(fault.status(), Some("FAULT"));
    assert_eq!(phases(&fault)[4], ("RUN_SANDBOX", Some("FAULT")));
    let contexts = fault.current_session().unwrap().phases()[4].contexts();
    let message = contexts[0].message().unwrap();
    assert!(
        message.contains("stopped while this sandbox ran"),
        "{message}"
    );
    for unfinished in [held, waiting] {
        command(&client, &id, &unfinished, "FAULT").await;
    }
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while runner.cleaned.lock().unwrap().is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "nothing is removed");
        tokio::task::yield_now().await;
    }
    aws.shutdown().await;
}
