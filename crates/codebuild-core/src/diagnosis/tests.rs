//! Records and logs as CodeBuild and the Docker Engine write them.

use serde_json::Value;
use serde_json::json;

use super::diagnose;

/// A record whose phase failed, with privileged mode on.
fn failed(phase: &str, code: &str, message: &str) -> Value {
    json!({
        "buildStatus": "FAILED",
        "buildComplete": true,
        "timeoutInMinutes": 20,
        "environment": {"image": "docker:dind", "privilegedMode": true},
        "phases": [
            {"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED"},
            {"phaseType": "PROVISIONING", "phaseStatus": "SUCCEEDED", "contexts": [{"statusCode": "", "message": ""}]},
            {"phaseType": phase, "phaseStatus": "FAILED", "contexts": [{"statusCode": code, "message": message}]},
            {"phaseType": "COMPLETED"},
        ],
    })
}

fn command_failed(phase: &str, command: &str, status: i32) -> Value {
    failed(
        phase,
        "COMMAND_EXECUTION_ERROR",
        &format!("Error while executing command: {command}. Reason: exit status {status}"),
    )
}

fn without_privileged_mode(mut build: Value) -> Value {
    build["environment"]["privilegedMode"] = json!(false);
    build
}

fn log(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

fn ids(build: &Value, lines: &[&str]) -> Vec<&'static str> {
    diagnose(build, &log(lines))
        .into_iter()
        .map(|diagnosis| diagnosis.id)
        .collect()
}

const DOCKERD: &str = "[Container] 2025/10/09 08:00:00.000000 Running command nohup /usr/local/bin/dockerd --host=unix:///var/run/docker.sock --host=tcp://127.0.0.1:2375 --storage-driver=overlay2 &";
const WAIT: &str = r#"[Container] 2025/10/09 08:00:00.100000 Running command timeout 15 sh -c "until docker info; do echo .; sleep 1; done""#;
const WAIT_COMMAND: &str = r#"timeout 15 sh -c "until docker info; do echo .; sleep 1; done""#;
const NO_ENGINE_28: &str = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";
const NO_ENGINE_29: &str = "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory";

#[test]
fn privileged_mode_off_is_recognised_by_what_the_engine_is_refused() {
    let build = without_privileged_mode(command_failed("INSTALL", WAIT_COMMAND, 143));
    let lines = [
        DOCKERD,
        WAIT,
        r#"time="2025-10-09T08:00:01Z" level=error msg="failed to mount overlay: operation not permitted" storage-driver=overlay2"#,
        "failed to start daemon: error initializing graphdriver: driver not supported: overlay2",
        NO_ENGINE_28,
    ];
    let found = diagnose(&build, &log(&lines));
    assert_eq!(found[0].id, "privileged-mode-off");
    assert_eq!(found[0].evidence.as_deref(), Some(lines[3]));
    assert!(found[0].fix.contains("privilegedMode"));
    assert_eq!(
        found.len(),
        1,
        "one cause, not its consequences: {found:#?}"
    );
}

#[test]
fn privileged_mode_off_is_recognised_by_waiting_in_vain_alone() {
    let build = without_privileged_mode(command_failed("INSTALL", WAIT_COMMAND, 143));
    assert_eq!(ids(&build, &[DOCKERD, WAIT, "."]), ["privileged-mode-off"]);
    assert_eq!(
        ids(&build, &[]),
        ["privileged-mode-off"],
        "a log is not needed"
    );
}

#[test]
fn privileged_mode_is_not_blamed_where_docker_plays_no_part() {
    let mut build = without_privileged_mode(command_failed("BUILD", "mak all", 127));
    build["environment"]["image"] = json!("aws/codebuild/standard:7.0");
    assert_eq!(ids(&build, &["sh: mak: not found"]), ["command-not-found"]);
    let build = without_privileged_mode(command_failed("BUILD", "false", 1));
    assert_eq!(ids(&build, &[]), ["command-failed"]);
}

#[test]
fn an_engine_that_nobody_started() {
    let build = command_failed("PRE_BUILD", "docker build -t helloworld .", 1);
    for said in [NO_ENGINE_28, NO_ENGINE_29] {
        let lines = [
            "[Container] 2025/10/09 08:00:00.1 Running command docker build -t helloworld .",
            said,
        ];
        let found = diagnose(&build, &log(&lines));
        assert_eq!(found[0].id, "docker-daemon-not-started");
        assert_eq!(found[0].evidence.as_deref(), Some(said));
    }
}

#[test]
fn an_engine_that_was_not_ready_in_time() {
    for status in [143, 124] {
        let build = command_failed("INSTALL", WAIT_COMMAND, status);
        assert_eq!(
            ids(&build, &[DOCKERD, WAIT, NO_ENGINE_29]),
            ["docker-daemon-not-ready"]
        );
    }
    // Started, and not waited for at all.
    let build = command_failed("PRE_BUILD", "docker build .", 1);
    assert_eq!(
        ids(&build, &[DOCKERD, NO_ENGINE_28]),
        ["docker-daemon-not-ready"]
    );
}

#[test]
fn an_engine_that_said_why_it_does_not_start() {
    let build = command_failed("INSTALL", WAIT_COMMAND, 143);
    let said = "failed to start daemon: Error initializing network controller: error obtaining controller instance: iptables failed";
    assert_eq!(
        ids(&build, &[DOCKERD, WAIT, said]),
        ["docker-daemon-failed"]
    );
    let said = "failed to start daemon: error initializing graphdriver: driver not supported";
    assert_eq!(
        ids(&build, &[DOCKERD, WAIT, said]),
        ["storage-driver-not-supported"]
    );
}

#[test]
fn a_build_image_that_was_replaced_is_no_cause() {
    let mut build = command_failed("BUILD", "false", 1);
    build["buildStatus"] = json!("STOPPED");
    build["phases"][2]["phaseStatus"] = json!("STOPPED");
    let line = "[Container] 2026/11/22 13:00:00.000000 Unable to pull image docker:dind: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host";
    assert_eq!(ids(&build, &[line]), ["build-stopped"]);
}

#[test]
fn images_that_cannot_be_had() {
    let build = failed(
        "PROVISIONING",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "Unable to pull customer's container image. CannotPullContainerError: Error response from daemon: manifest for docker:dnd not found: manifest unknown",
    );
    let found = diagnose(&build, &[]);
    assert_eq!(found[0].id, "image-cannot-be-pulled");
    assert!(found[0].why.contains("name and tag"), "{}", found[0].why);

    let build = command_failed("PRE_BUILD", "docker build .", 1);
    assert_eq!(
        ids(
            &build,
            &[
                DOCKERD,
                "toomanyrequests: You have reached your pull rate limit."
            ]
        ),
        ["image-pull-limit"]
    );
    assert_eq!(
        ids(
            &build,
            &[
                DOCKERD,
                "pull access denied for mavn, repository does not exist"
            ]
        ),
        ["base-image-cannot-be-pulled"]
    );
}

#[test]
fn buildspecs_that_cannot_be_read() {
    let yaml = |message: &str| failed("DOWNLOAD_SOURCE", "YAML_FILE_ERROR", message);
    assert_eq!(
        ids(&yaml("YAML file does not exist"), &[]),
        ["buildspec-missing"]
    );
    assert_eq!(
        ids(
            &yaml("stat /codebuild/output/src1/src/buildspec.yml: no such file or directory"),
            &[]
        ),
        ["buildspec-missing"]
    );
    let found = diagnose(
        &yaml(
            "Expected Commands[0] to be of string type: found subkeys instead at line 5, value of the key tag on line 4 might be empty",
        ),
        &[],
    );
    assert_eq!(found[0].id, "yaml-error");
    assert!(found[0].why.contains("colon"), "{}", found[0].why);
    assert!(found[0].evidence.as_deref().unwrap().contains("line 5"));
}

#[test]
fn sources_that_cannot_be_had() {
    let source = |message: &str| {
        let message = format!("{message} for primary source and source version main");
        failed("DOWNLOAD_SOURCE", "CLIENT_ERROR", &message)
    };
    assert_eq!(
        ids(&source("repository not found"), &[]),
        ["source-not-found"]
    );
    assert_eq!(
        ids(&source("authorization failed"), &[]),
        ["source-access-denied"]
    );
    assert_eq!(
        ids(&source("reference not found"), &[]),
        ["source-version-not-found"]
    );
}

#[test]
fn programs_that_are_not_there_and_shells_that_are_not_bash() {
    let build = command_failed("BUILD", "mak all", 127);
    let found = diagnose(&build, &log(&["/codebuild/x.sh: mak: not found"]));
    assert_eq!(found[0].id, "command-not-found");
    assert!(found[0].what.contains("`mak all`"), "{}", found[0].what);
    assert_eq!(
        ids(
            &command_failed("BUILD", "[[ a == a ]]", 127),
            &["sh: [[: not found"]
        ),
        ["bash-syntax-in-sh"]
    );
}

#[test]
fn ends_that_no_command_caused() {
    let with = |status: &str, phase: &str, code: &str| {
        let mut build = failed(phase, code, "");
        build["buildStatus"] = json!(status);
        build["phases"][2]["phaseStatus"] = json!(status);
        build
    };
    assert_eq!(ids(&with("STOPPED", "BUILD", ""), &[]), ["build-stopped"]);
    assert_eq!(ids(&with("FAULT", "BUILD", ""), &[]), ["build-interrupted"]);
    let build = with("TIMED_OUT", "BUILD", "BUILD_TIMED_OUT");
    let found = diagnose(&build, &[]);
    assert_eq!(found[0].id, "build-timed-out");
    assert!(found[0].what.contains("20 minutes"), "{}", found[0].what);
    assert_eq!(
        ids(&with("TIMED_OUT", "QUEUED", ""), &[]),
        ["queued-too-long"]
    );
}

#[test]
fn what_is_not_known_is_at_least_told_with_its_phase() {
    let found = diagnose(&command_failed("PRE_BUILD", "npm test", 1), &[]);
    assert_eq!(found[0].id, "command-failed");
    assert!(found[0].what.contains("`npm test`") && found[0].what.contains("PRE_BUILD"));
    let found = diagnose(
        &failed(
            "UPLOAD_ARTIFACTS",
            "CLIENT_ERROR",
            "no matching artifact paths found",
        ),
        &[],
    );
    assert_eq!(found[0].id, "phase-failed");
    assert!(found[0].evidence.is_some());
}

#[test]
fn a_build_that_succeeded_or_runs_needs_no_explanation() {
    let mut build = failed("BUILD", "", "");
    for status in ["SUCCEEDED", "IN_PROGRESS"] {
        build["buildStatus"] = json!(status);
        assert_eq!(diagnose(&build, &log(&[NO_ENGINE_28])), []);
    }
    assert_eq!(diagnose(&json!(null), &[]), []);
}
