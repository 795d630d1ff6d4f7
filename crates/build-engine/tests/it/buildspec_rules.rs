//! What a buildspec says about how its commands run.

use std::sync::Arc;
use std::sync::Mutex;

use build_engine::AfterFailure;
use build_engine::Before;
use build_engine::BuildStatus;
use build_engine::CommandAt;
use build_engine::Decision;
use build_engine::Phase;
use build_engine::PhaseStatus;
use build_engine::Stepper;
use build_engine::Variable;
use build_engine::VariableValue;

use crate::kept::Kept;
use crate::support;
use crate::support::run;
use crate::support::until_line;

#[tokio::test(flavor = "multi_thread")]
async fn a_phase_runs_again_when_on_failure_says_so() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let text = |on_failure: &str| {
        format!(
            r#"
version: 0.2
phases:
  build:
    on-failure: {on_failure}
    commands:
      - echo x >>/tries
      - echo "try $(wc -l </tries), succeeding $CODEBUILD_BUILD_SUCCEEDING"
      - echo network is slow; [ "$(wc -l </tries)" -ge 3 ]
    finally:
      - echo finally
"#
        )
    };
    let told = run(&engine, support::request(&text("RETRY"))).await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded), "{told:#?}");
    assert!(told.has("try 3, succeeding 1") && !told.has("try 4, succeeding 1"));
    assert_eq!(told.log.iter().filter(|l| *l == "finally").count(), 3);

    let told = run(&engine, support::request(&text("RETRY-1"))).await;
    assert_eq!(told.unsuccessful(), [(Phase::Build, PhaseStatus::Failed)]);
    assert!(told.has("try 2, succeeding 1") && !told.has("try 3, succeeding 1"));

    // Only for failures that look like this. The text of the command itself does not count.
    let told = run(&engine, support::request(&text("RETRY-network is s.ow"))).await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded), "{told:#?}");
    let told = run(&engine, support::request(&text("RETRY-2-echo network"))).await;
    assert!(!told.has("try 2, succeeding 1"), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_run_as_another_user() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let told = run(
        &engine,
        support::request(
            r#"
version: 0.2
run-as: root
phases:
  install:
    commands:
      - echo 'app:x:4321:4321::/tmp:/bin/sh' >>/etc/passwd
      - export KEPT=yes
  build:
    run-as: app
    commands:
      - echo "user $(id -u), $KEPT"
      - cd /tmp; MORE=too
      - echo "in $PWD, $MORE"
  post_build:
    commands:
      - echo "user $(id -u), $MORE in $PWD"
"#,
        ),
    )
    .await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded), "{told:#?}");
    for line in ["user 4321, yes", "in /tmp, too", "user 0, too in /tmp"] {
        assert!(told.has(line), "{line}: {told:#?}");
    }
    let told = run(
        &engine,
        support::request("version: 0.2\nrun-as: 'a; b'\nphases: {build: {commands: [id]}}"),
    )
    .await;
    assert_eq!(
        told.context(Phase::DownloadSource).message,
        r#"run-as is "a; b", which cannot be the name of a Linux user"#
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_reach_the_commands_and_not_the_log() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let text = r#"
version: 0.2
env:
  parameter-store:
    PASSWORD: /app/password
  secrets-manager:
    TOKEN: app:token
  exported-variables: [PASSWORD, AWS_THING, SHOWN]
phases:
  build:
    commands:
      - echo "$PASSWORD $TOKEN $PROJECT" | sed 's/s/S/g'
      - echo "$PASSWORD $TOKEN"
      - echo AKIAIOSFODNN7EXAMPLE
      - export AWS_THING=1 SHOWN=2
      - sh -c "exit 3 # $PASSWORD"
"#;
    let mut request = support::request(text);
    request.environment = vec![
        Variable {
            name: "PROJECT".to_owned(),
            value: VariableValue::SecretsManager("project".to_owned()),
        },
        Variable::plain("HOME", "/elsewhere"),
    ];
    request.secret_store = Some(Arc::new(Kept::default()));
    let told = run(&engine, request.clone()).await;
    assert!(
        told.has("S3cret-parameter Secret-of-app:token Secret-of-project"),
        "{told:#?}"
    );
    assert!(told.has("*** ***") && told.has("***"), "{told:#?}");
    assert!(
        !told
            .log
            .iter()
            .any(|l| l.contains("s3cret") || l.contains("AKIA"))
    );
    assert_eq!(told.exported, [("SHOWN".to_owned(), "2".to_owned())]);

    request.environment = vec![Variable {
        name: "LOST".to_owned(),
        value: VariableValue::ParameterStore("/nowhere".to_owned()),
    }];
    let told = run(&engine, request).await;
    assert_eq!(
        told.context(Phase::DownloadSource).message,
        "Parameter does not exist: /nowhere"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_that_the_image_lacks_is_told_before_any_command() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let text = "version: 0.2\nenv: {shell: bash}\nphases: {build: {commands: [echo ran]}}";
    let told = run(&engine, support::request(text)).await;
    let context = told.context(Phase::DownloadSource);
    assert_eq!(context.status_code, "CLIENT_ERROR");
    assert!(context.message.contains("has no bash"), "{context:?}");
    assert!(!told.has("ran"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_breakpoint_stops_a_build_with_a_debug_session_until_it_is_resumed() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let text = r"
version: 0.2
phases:
  build:
    commands:
      - (sleep 1; echo resuming; codebuild-resume) &
      - codebuild-breakpoint
      - echo after
";
    let mut request = support::request(text);
    let told = run(&engine, request.clone()).await;
    assert!(told.has("codebuild-breakpoint: this build has no debug session, so it goes on"));
    request.debug_session = true;
    let told = run(&engine, request).await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded), "{told:#?}");
    let at = |text: &str| told.log.iter().position(|line| line.starts_with(text));
    let stopped = at("The build has stopped at a breakpoint");
    assert!(
        stopped < at("resuming") && at("resuming") < at("after"),
        "{told:#?}"
    );
}

/// Skips one command, has one that failed run again, and ignores the failure of another.
#[derive(Default)]
struct Steps(Mutex<Vec<String>>);

impl Stepper for Steps {
    fn before<'a>(&'a self, command: &'a CommandAt) -> Decision<'a, Before> {
        Box::pin(async move {
            let mut seen = self.0.lock().unwrap();
            seen.push(format!(
                "{} {}: {}",
                command.phase, command.index, command.text
            ));
            match command.text.as_str() {
                "echo skipped" => Before::Skip,
                _ => Before::Run,
            }
        })
    }

    fn after_failure<'a>(
        &'a self,
        command: &'a CommandAt,
        status: i32,
    ) -> Decision<'a, AfterFailure> {
        Box::pin(async move {
            let mut seen = self.0.lock().unwrap();
            seen.push(format!("failed with {status}: {}", command.text));
            match (command.text.as_str(), status) {
                ("exit 7", _) => AfterFailure::Ignore,
                (_, 1) => AfterFailure::Retry,
                _ => AfterFailure::Fail,
            }
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stepper_decides_over_each_command() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let text = r"
version: 0.2
phases:
  build:
    commands:
      - echo skipped
      - test -e /tried || { touch /tried; exit 1; }
      - exit 7
      - exit 9
";
    let steps = Arc::new(Steps::default());
    let mut request = support::request(text);
    request.stepper = Some(steps.clone());
    let told = run(&engine, request).await;
    assert!(!told.has("skipped"));
    let context = told.context(Phase::Build);
    assert!(context.message.ends_with("exit 9. Reason: exit status 9"));
    assert_eq!(steps.0.lock().unwrap().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_hash_the_same_wherever_the_source_is() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let text = r"
version: 0.2
phases:
  build:
    commands:
      - mkdir a; echo one >a/file
      - echo sum $(codebuild-hash-files a)
      - echo two >a/file; echo sum $(codebuild-hash-files a/file)
      - codebuild-hash-files
";
    let mut build = engine.run(support::request(text));
    let told = until_line(&mut build, "usage: codebuild-hash-files FILE...").await;
    let sums: Vec<&String> = told.log.iter().filter(|l| l.starts_with("sum ")).collect();
    assert!(sums.len() == 2 && sums[0] != sums[1], "{told:#?}");
    told.rest(&mut build).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_buildspec_ranks_above_defaults() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let mut request = support::request(
        r#"
version: 0.2
env:
  variables:
    KEY: own
phases:
  build:
    commands:
      - echo "$URL, $KEY, ${TOKEN-no token}, $REGION"
"#,
    );
    request.defaults = vec![
        vec![Variable::plain("URL", "default")],
        vec![
            Variable::plain("KEY", "default"),
            Variable::plain("TOKEN", "default"),
        ],
        vec![Variable::plain("REGION", "default")],
    ];
    request.environment = vec![Variable::plain("REGION", "project")];
    let told = run(&engine, request).await;
    assert!(told.has("default, own, no token, project"), "{told:#?}");
}
