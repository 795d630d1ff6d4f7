//! The demo's stack from its deployment to its deletion with all that a student does in between.

use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use super::file;
use super::inventory::all_there_is;
use super::inventory::build;
use crate::command_line::guided_demo;
use crate::serving::Serving;
use crate::serving::aws;
use crate::serving::has_docker;

const NAME: &str = "demo-docker-in-docker";

/// For what comes a moment after its cause.
const PATIENCE: Duration = Duration::from_secs(30);

const BUILDSPEC: &str = r#"
version: 0.2
phases:
  install:
    commands:
      - nohup dockerd --host=unix:///var/run/docker.sock --storage-driver=overlay2 &
      - timeout 15 sh -c "until docker info; do echo .; sleep 1; done"
  build:
    commands:
      - docker build --tag helloworld --file "$DOCKERFILE" .
      - docker images helloworld
"#;

fn run(state: &Path, words: &[&str]) -> Output {
    guided_demo(state).args(words).output().unwrap()
}

/// Runs it, sees that it ends with exit code 0, and returns what it prints.
fn said(state: &Path, words: &[&str]) -> String {
    let output = run(state, words);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn nothing_in_the_ledger(state: &Path) {
    let status: Value = serde_json::from_str(&said(state, &["status", "--json"])).unwrap();
    assert_eq!(status["left"], serde_json::json!([]), "{status}");
}

/// The mails' subjects and senders, once there are so many.
fn mails(state: &Path, count: usize) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let listed = said(state, &["mail"]);
        if listed.matches("you@example.com").count() >= count {
            return listed;
        }
        assert!(Instant::now() < deadline, "{listed}");
    }
}

/// Makes a commit of these files and pushes it, as a student does in a shell.
fn push(state: &Path, url: &str) {
    let tree = tempfile::tempdir().unwrap();
    file(tree.path(), "buildspec.yml", BUILDSPEC);
    file(
        tree.path(),
        "Dockerfile",
        "FROM scratch\nCOPY Dockerfile /\n",
    );
    let script = format!(
        "set -e; eval \"$('{}' env)\"; git init --quiet --initial-branch=main; git add .; \
         git -c user.name=Ada -c user.email=ada@example.com commit --quiet -m first; \
         git push --quiet {url} main",
        env!("CARGO_BIN_EXE_guided-demo")
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(tree.path())
        .env("GUIDED_DEMO_STATE_DIR", state)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// What anybody gets who opens a URL.
fn get(url: &str) -> String {
    let rest = url.strip_prefix("http://").unwrap();
    let (address, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET /{path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_is_built_and_told_of_and_nothing_is_left() {
    if !has_docker() {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let state = state.path();
    let serving = Serving::start(state, &[]);
    let session = serving.session().await;
    let more = [
        "--parameter=SourceType=CODECOMMIT",
        "--parameter=NotificationEmail=you@example.com",
    ];
    said(state, &[&["stack", "deploy", "--yes"], &more[..]].concat());
    mails(state, 1);
    let confirmed = said(state, &["mail", "confirm", "1"]);
    assert!(
        confirmed.contains("you@example.com is subscribed"),
        "{confirmed}"
    );

    let status: Value = serde_json::from_str(&said(state, &["stack", "status", "--json"])).unwrap();
    let outputs = &status["outputs"];
    push(state, outputs["CloneUrl"].as_str().unwrap());
    let (record, log) = build(&session, NAME, "").await;
    assert_eq!(record["buildStatus"], "SUCCEEDED", "{log}");
    assert!(log.contains("docker images helloworld"), "{log}");

    mails(state, 2);
    let mail = said(state, &["mail", "read", "2"]);
    let ended = format!("A build of {NAME} ended: SUCCEEDED.");
    assert!(mail.contains(&ended), "{mail}");
    assert!(mail.contains(record["id"].as_str().unwrap()), "{mail}");

    let badge = outputs["ShowBadge"].as_str().unwrap();
    let badge = aws(&session, badge.strip_prefix("aws ").unwrap()).await;
    let badge = get(badge.text.trim());
    assert!(
        badge.contains("200 OK") && badge.contains("passing"),
        "{badge}"
    );

    let compared = said(state, &[&["stack", "diff"], &more[..]].concat());
    assert!(compared.contains("No difference"), "{compared}");
    let deleted = said(state, &["stack", "delete", "--yes"]);
    for text in [" of 1 object.", "Nothing is left."] {
        assert!(deleted.contains(text), "{text} is not in:\n{deleted}");
    }
    assert_eq!(all_there_is(&session).await, [] as [&str; 0]);
    nothing_in_the_ledger(state);
    let gone = run(state, &["stack", "status"]);
    assert_eq!(gone.status.code(), Some(1), "{gone:?}");
    said(state, &["stack", "delete", "--yes"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_in_the_stacks_repository_goes_with_it() {
    if !has_docker() {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let state = state.path();
    let serving = Serving::start(state, &[]);
    let session = serving.session().await;
    let with_ecr = "--parameter=CreateEcrRepository=yes";
    said(state, &["stack", "deploy", "--yes", with_ecr]);

    // The image that builds run in here has neither the AWS CLI nor apk.
    let (record, log) = build(&session, NAME, "").await;
    assert_eq!(record["buildStatus"], "FAILED", "{log}");
    for text in [
        "The image is not pushed: the build image has no AWS CLI",
        "in the variable ECR_PASSWORD.",
    ] {
        assert!(log.contains(text), "{text} is not in:\n{log}");
    }
    let password = said(state, &["aws", "ecr", "get-login-password"]);
    let variable = format!(
        "--environment-variables-override name=ECR_PASSWORD,value={}",
        password.trim()
    );
    let (record, log) = build(&session, NAME, &variable).await;
    assert_eq!(record["buildStatus"], "SUCCEEDED", "{log}");
    let status: Value = serde_json::from_str(&said(state, &["stack", "status", "--json"])).unwrap();
    let images = status["outputs"]["ShowImages"].as_str().unwrap();
    let images = aws(&session, images.strip_prefix("aws ").unwrap()).await;
    let details = &images.response["imageDetails"];
    assert_eq!(details[0]["imageTags"], serde_json::json!(["2"]));

    let deleted = said(state, &["stack", "delete", "--yes"]);
    for text in [" of 1 image.", " of 2 objects.", "Nothing is left."] {
        assert!(deleted.contains(text), "{text} is not in:\n{deleted}");
    }
    assert_eq!(all_there_is(&session).await, [] as [&str; 0]);
    nothing_in_the_ledger(state);
}
