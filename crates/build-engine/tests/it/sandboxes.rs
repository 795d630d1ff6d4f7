//! Sandboxes: the container of a build, with commands that come one by one.

use std::sync::Arc;
use std::time::Duration;

use build_engine::Answer;
use build_engine::BuildStatus;
use build_engine::BuildspecLocation;
use build_engine::CommandResult;
use build_engine::Event;
use build_engine::Phase;
use build_engine::PhaseStatus;
use build_engine::RunningSandbox;
use build_engine::SecretStore;
use build_engine::Variable;
use build_engine::VariableValue;

use crate::support;
use crate::support::Ready;
use crate::support::Told;

/// Says `the-value-of-NAME` for every name.
struct Secrets;

impl SecretStore for Secrets {
    fn parameter<'a>(&'a self, name: &'a str) -> Answer<'a, String> {
        Box::pin(async move { Ok(format!("the-value-of-{name}")) })
    }

    fn secret<'a>(&'a self, reference: &'a str) -> Answer<'a, String> {
        self.parameter(reference)
    }
}

/// A request whose source has one file and a buildspec that is none.
fn request(archive: &std::path::Path) -> build_engine::BuildRequest {
    let mut tar = tar::Builder::new(std::fs::File::create(archive).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_size(5);
    header.set_mode(0o644);
    tar.append_data(&mut header, "greeting", &b"hello"[..])
        .unwrap();
    tar.finish().unwrap();
    let mut request = support::request("");
    request.source = Arc::new(Ready {
        archive: Some(archive.to_owned()),
        directory: "example.com/app",
        buildspec: BuildspecLocation::File("there-is-none.yml".to_owned()),
    });
    request
}

/// Reads events until the sandbox tells what this is.
async fn until(sandbox: &mut RunningSandbox, wanted: impl Fn(&Told, &Event) -> bool) -> Told {
    let mut told = Told::default();
    while let Some(event) = sandbox.events.recv().await {
        let is_wanted = wanted(&told, &event);
        told.take(event);
        if is_wanted {
            return told;
        }
    }
    panic!("the sandbox is over: {told:#?}")
}

fn is_ended(event: &Event, wanted: &str) -> bool {
    matches!(event, Event::CommandEnded { id, .. } if id == wanted)
}

fn is_line(event: &Event, wanted: &str) -> bool {
    matches!(event, Event::Log { message, .. } if message == wanted)
}

async fn rest(mut told: Told, sandbox: &mut RunningSandbox) -> Told {
    while let Some(event) = sandbox.events.recv().await {
        told.take(event);
    }
    told
}

fn result(exit_status: i32, stdout: &str, stderr: &str) -> CommandResult {
    CommandResult {
        exit_status,
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
    }
}

#[tokio::test]
async fn commands_run_in_order_with_source_and_variables_and_their_streams_apart() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let mut request = request(&directory.path().join("source.tar"));
    let owner = request.owner.clone();
    request.environment = vec![
        Variable::plain("PLAIN", "from the project"),
        Variable {
            name: "PASSWORD".to_owned(),
            value: VariableValue::ParameterStore("password".to_owned()),
        },
    ];
    request.secret_store = Some(Arc::new(Secrets));
    let mut sandbox = engine.run_sandbox(request);
    // Before it runs: they wait.
    sandbox.run("source", "cat greeting; pwd | sed 's/src[0-9]*/SRC/'");
    sandbox.run(
        "variables",
        "echo \"$PLAIN\"; echo \"$PASSWORD\" >&2; cd /tmp; KEPT=\"$PASSWORD\"",
    );
    sandbox.run("kept", "pwd; [ \"$KEPT\" = the-value-of-password ]");
    sandbox.run("background", "(sleep 1000) & printf out; printf err >&2");
    sandbox.run("missing", "no-such-command-at-all");
    sandbox.run("status", "exit 7");
    let told = until(&mut sandbox, |_, event| is_ended(event, "status")).await;
    let named = |name: &str| {
        let found = told.commands.iter().find(|(id, _)| id == name);
        found.unwrap_or_else(|| panic!("{told:#?}")).1.clone()
    };
    assert_eq!(
        named("source"),
        result(0, "hello/codebuild/output/SRC/src/example.com/app\n", "")
    );
    assert_eq!(named("variables"), result(0, "from the project\n", "***\n"));
    assert_eq!(named("kept"), result(0, "/tmp\n", ""));
    assert_eq!(named("background"), result(0, "out", "err"));
    let missing = named("missing");
    assert_eq!((missing.exit_status, missing.stdout.as_str()), (127, ""));
    assert!(
        missing.stderr.contains("no-such-command-at-all"),
        "{missing:?}"
    );
    assert_eq!(named("status"), result(7, "", ""));
    let ids: Vec<&str> = told.commands.iter().map(|(id, _)| id.as_str()).collect();
    let given = [
        "source",
        "variables",
        "kept",
        "background",
        "missing",
        "status",
    ];
    assert_eq!(ids, given);
    for line in ["from the project", "***", "out", "err"] {
        assert!(told.has(line), "{line}: {told:#?}");
    }
    assert!(told.log.iter().all(|line| !line.contains("buildspec")));

    sandbox.stop();
    let told = rest(told, &mut sandbox).await;
    assert_eq!(told.status, Some(BuildStatus::Stopped));
    let phases: Vec<(Phase, PhaseStatus)> = told
        .phases
        .iter()
        .map(|(phase, status, _)| (*phase, *status))
        .collect();
    assert_eq!(
        phases,
        [
            (Phase::Provisioning, PhaseStatus::Succeeded),
            (Phase::DownloadSource, PhaseStatus::Succeeded),
            (Phase::RunSandbox, PhaseStatus::Stopped)
        ]
    );
    support::assert_nothing_left(&owner).await;
}

#[tokio::test]
async fn stopping_ends_a_running_command_and_its_container_at_once() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let request = request(&directory.path().join("source.tar"));
    let owner = request.owner.clone();
    let mut sandbox = engine.run_sandbox(request);
    sandbox.run(
        "long",
        "trap '' TERM; echo begun; while :; do sleep 1; done",
    );
    sandbox.run("never", "echo never");
    let told = until(&mut sandbox, |_, event| is_line(event, "begun")).await;
    sandbox.stop();
    let stopped = tokio::time::timeout(Duration::from_secs(20), rest(told, &mut sandbox));
    let told = stopped.await.expect("it does not stop");
    assert_eq!(told.status, Some(BuildStatus::Stopped));
    assert_eq!(told.commands, []);
    support::assert_nothing_left(&owner).await;
}

#[tokio::test]
async fn a_dead_container_or_a_timeout_ends_a_sandbox() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let idle = request(&directory.path().join("source.tar"));
    let owner = idle.owner.clone();
    let mut sandbox = engine.run_sandbox(idle);
    let told = until(
        &mut sandbox,
        |_, event| matches!(event, Event::PhaseStarted { phase, .. } if *phase == Phase::RunSandbox),
    );
    let told = told.await;
    // Nothing runs in it.
    support::kill_container(&owner).await;
    let told = rest(told, &mut sandbox).await;
    assert_eq!(told.status, Some(BuildStatus::Fault));
    assert_eq!(
        told.unsuccessful(),
        [(Phase::RunSandbox, PhaseStatus::Fault)]
    );
    support::until_nothing_left(&owner).await;

    // By now the image is there: the time is over in RUN_SANDBOX.
    let mut short = request(&directory.path().join("again.tar"));
    short.timeout = Duration::from_secs(8);
    let owner = short.owner.clone();
    let mut sandbox = engine.run_sandbox(short);
    let told = rest(Told::default(), &mut sandbox).await;
    assert_eq!(told.status, Some(BuildStatus::TimedOut));
    let context = told.context(Phase::RunSandbox);
    assert_eq!(context.status_code, "BUILD_TIMED_OUT");
    support::assert_nothing_left(&owner).await;
}
