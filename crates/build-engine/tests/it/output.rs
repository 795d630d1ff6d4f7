//! The output of commands on its way to the log.

use build_engine::BuildStatus;
use build_engine::Variable;

use crate::support;
use crate::support::run;

#[tokio::test(flavor = "multi_thread")]
async fn a_background_process_is_heard_after_its_command_ended() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let told = run(
        &engine,
        support::request(
            r"
version: 0.2
phases:
  install:
    commands:
      - mkfifo /tmp/go
      - nohup sh -c 'read x </tmp/go; echo I am the daemon; echo done >/tmp/said' &
      - echo launched
  post_build:
    commands:
      - echo go >/tmp/go
      - until [ -f /tmp/said ]; do sleep 0.05; done
",
        ),
    )
    .await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded), "{told:#?}");
    let at = |line: &str| told.log.iter().position(|logged| logged.ends_with(line));
    assert!(at("launched").is_some());
    assert!(
        at("I am the daemon") > at("Entering phase POST_BUILD"),
        "{told:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_output_arrives_whole() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let told = run(
        &engine,
        support::request(
            r"
version: 0.2
phases:
  build:
    commands:
      - printf 'no newline'
      - printf 'a\000b\n10%%\r20%%\r\n'
      - head -c 1000000 /dev/zero | tr '\0' x; echo
      - echo to stderr >&2
",
        ),
    )
    .await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded));
    for line in ["no newline", "a\0b", "10%\r20%\r", "to stderr"] {
        assert!(told.has(line), "{line:?} is missing");
    }
    assert!(told.has(&"x".repeat(1_000_000)));
}

#[tokio::test(flavor = "multi_thread")]
async fn much_output_arrives_complete_and_in_order() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let mut build = engine.run(support::request(
        "version: 0.2\nphases:\n  build:\n    commands:\n      - seq 1 1000000\n",
    ));
    let mut next = 1_u64;
    let mut told = support::Told::default();
    while let Some(event) = build.events.recv().await {
        if let build_engine::Event::Log { message, .. } = &event
            && let Ok(number) = message.parse::<u64>()
        {
            assert_eq!(number, next);
            next += 1;
        } else {
            told.take(event);
        }
    }
    assert_eq!(next, 1_000_001);
    assert_eq!(told.status, Some(BuildStatus::Succeeded));
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_and_the_token_do_not_show() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let mut request = support::request(
        r#"
version: 0.2
phases:
  build:
    commands:
      - echo "the password is $PASSWORD"
      - exit_with() { return 4; }; exit_with "hunter2-secret"
      - env; export -p; cat /proc/*/cmdline /proc/*/environ | tr '\0' '\n'
    finally:
      - env; export -p; cat /proc/*/cmdline /proc/*/environ | tr '\0' '\n'; echo "names - $(env | grep -c __cb_)"
"#,
    );
    request.environment = vec![Variable::plain("PASSWORD", "hunter2-secret")];
    request.secrets = vec!["hunter2-secret".into()];
    let told = run(&engine, request).await;
    assert_eq!(told.status, Some(BuildStatus::Failed));
    assert!(told.has("the password is ***"), "{told:#?}");
    assert!(told.has("names - 0"), "{told:#?}");
    assert!(!format!("{told:?}").contains("hunter2-secret"));
    let hexadecimal = |word: &str| word.len() == 32 && word.bytes().all(|b| b.is_ascii_hexdigit());
    for line in &told.log {
        assert!(
            !line
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(hexadecimal),
            "{line}"
        );
    }
}
