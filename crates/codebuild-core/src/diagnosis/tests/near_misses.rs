//! Builds in whose log a text of a cause stands, and whose cause is another.

use super::builds::DOCKERD;
use super::builds::Failed;
use super::builds::NO_ENGINE_28;
use super::builds::WAIT;

#[test]
fn a_wait_for_the_engine_that_succeeded_is_no_cause() {
    // `Failed::command` has the wait's `Cannot connect to the Docker daemon` in its log.
    assert_eq!(Failed::command("false", 1, &[]).id(), "command-failed");
    let off = Failed::command("false", 1, &[]).without_privileged_mode();
    assert_eq!(off.id(), "command-failed");
    let mut upload = Failed::command("true", 0, &[]);
    upload.record = Failed::message("UPLOAD_ARTIFACTS", "CLIENT_ERROR", "NoSuchBucket: no").record;
    assert_eq!(upload.id(), "s3-no-such-bucket");
}

#[test]
fn a_driver_that_the_engine_tried_before_another_is_no_cause() {
    let tried = r#"time="2025-10-09T08:00:01Z" level=error msg="failed to mount overlay: invalid argument" storage-driver=overlay2"#;
    let failed = Failed::after(
        &[
            ("nohup dockerd &", &[]),
            (WAIT, &[tried, "Server Version: 29"]),
            ("false", &[]),
        ],
        1,
    );
    assert_eq!(failed.id(), "command-failed");
}

#[test]
fn an_echoed_command_is_no_evidence() {
    for command in [
        "grep 'no space left on device' build.log",
        "echo toomanyrequests; false",
        "test \"$CODE\" != NoSuchBucket",
    ] {
        let failed = Failed::command(command, 1, &[]);
        assert_eq!(failed.id(), "command-failed", "{command}");
    }
    // The lines of a command after its first stand in the log without a prefix.
    let failed = Failed::command(
        "set -e\ngrep 'no space left on device' build.log\nfalse",
        1,
        &[],
    );
    assert_eq!(failed.id(), "command-failed");
    // What `set -x` prints is the command too.
    let failed = Failed::command(
        "set -x; grep toomanyrequests log",
        1,
        &["+ grep toomanyrequests log"],
    );
    assert_eq!(failed.id(), "command-failed");
}

#[test]
fn what_other_commands_print_is_no_evidence() {
    let before: (&str, &[&str]) = (
        "df || true",
        &["dd: No space left on device", "[[: not found"],
    );
    assert_eq!(
        Failed::after(&[before, ("false", &[])], 1).id(),
        "command-failed"
    );
    let mut failed = Failed::after(&[("false", &[])], 1);
    failed.say("Entering phase POST_BUILD");
    failed.say("Running command docker push a");
    failed.log.push(NO_ENGINE_28.to_owned());
    failed.say("Command did not exit successfully docker push a exit status 1");
    assert_eq!(failed.id(), "command-failed");
    // And so with a `finally` of the same phase.
    let mut failed = Failed::after(&[("mak", &["sh: 1: mak: not found"])], 127);
    let end = failed.log.len() - 2;
    failed.log.insert(
        end,
        "[Container] 2025/10/09 08:00:00.000000 Running command cat x".to_owned(),
    );
    failed
        .log
        .insert(end + 1, "cat: x: No space left on device".to_owned());
    failed.log.insert(end + 2, "[Container] 2025/10/09 08:00:00.000000 Command did not exit successfully cat x exit status 1".to_owned());
    assert_eq!(failed.id(), "command-not-found");
}

#[test]
fn what_an_engine_in_the_background_says_is_no_evidence_for_a_command() {
    let said = r#"time="2025-10-09T08:00:01Z" level=warning msg="Error getting v2 registry: Get \"https://registry-1.docker.io/v2/\": dial tcp: no such host""#;
    assert_eq!(Failed::command("false", 1, &[said]).id(), "command-failed");
}

#[test]
fn words_that_only_look_alike() {
    for (command, status, printed, id) in [
        (
            "chown a b",
            1,
            "chown: b: Operation not permitted",
            "command-failed",
        ),
        ("./deploy", 1, "permission denied", "command-failed"),
        ("timeout 5 ./wait-for-it", 143, "", "command-time-over"),
        (
            "make",
            2,
            "assertion failed: not found in list",
            "command-failed",
        ),
        ("make", 2, "resource: not found", "command-failed"),
        (
            "make docker",
            2,
            "make: *** [Makefile:3: docker] Error 1",
            "command-failed",
        ),
        ("apk-check", 1, "my-docker: not found", "command-failed"),
    ] {
        for failed in [
            Failed::command(command, status, &[printed]),
            Failed::command(command, status, &[printed]).without_privileged_mode(),
        ] {
            assert_eq!(failed.id(), id, "{command}: {printed}");
        }
    }
}

#[test]
fn privileged_mode_is_not_blamed_where_docker_plays_no_part() {
    let failed = Failed::after(&[("mak all", &["sh: mak: not found"])], 127)
        .without_privileged_mode()
        .in_image("aws/codebuild/standard:7.0");
    assert_eq!(failed.id(), "command-not-found");
}

#[test]
fn a_build_image_that_was_replaced_is_no_cause() {
    let mut failed = Failed::after(&[("sleep 60", &[])], 0);
    failed.log.insert(0, "[Container] 2026/11/22 13:00:00.000000 Unable to pull image docker:dind: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host".to_owned());
    failed.end("STOPPED");
    let ids: Vec<&str> = failed.diagnosed().iter().map(|found| found.id).collect();
    assert_eq!(ids, ["build-stopped"]);
}

#[test]
fn an_engine_of_the_builds_own_on_tcp_is_not_another_host() {
    let line = "Cannot connect to the Docker daemon at tcp://127.0.0.1:2375. Is the docker daemon running?";
    let failed = Failed::after(&[(DOCKERD, &[]), ("docker ps", &[line])], 1);
    assert_eq!(failed.id(), "docker-daemon-not-ready");
}

#[test]
fn a_log_without_a_beginning_still_shows_the_cause() {
    let mut failed = Failed::after(&[("docker build .", &["toomanyrequests: slow down"])], 1);
    failed.log.remove(0);
    assert_eq!(failed.id(), "image-pull-limit");
}

#[test]
fn what_the_engine_says_for_information_is_no_cause() {
    let information =
        r#"time="2025-10-09T08:00:01Z" level=info msg="graph driver aufs: driver not supported""#;
    let failed = Failed::after(&[(DOCKERD, &[]), (WAIT, &[information, NO_ENGINE_28])], 143);
    assert_eq!(failed.id(), "docker-daemon-not-ready");
}

#[test]
fn the_first_program_of_the_build_image_tells_why_it_cannot_run() {
    let mut failed = Failed::message(
        "PROVISIONING",
        "CLIENT_ERROR",
        "Build container found dead before completing the build.",
    );
    failed.say("Waiting for agent ping");
    assert_eq!(failed.id(), "build-image-without-shell");
    let line = "[FATAL tini (7)] exec sh failed: Exec format error";
    failed.log.push(line.to_owned());
    let ids: Vec<&str> = failed.diagnosed().iter().map(|found| found.id).collect();
    assert_eq!(ids[0], "build-image-other-architecture");
}
