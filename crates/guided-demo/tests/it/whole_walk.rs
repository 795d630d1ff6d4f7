//! The shipped demo from its first step to its last, without a terminal.

use std::process::Command;

use crate::command_line::guided_demo;
use crate::serving::has_docker;

/// What everyone who walks must have seen at the end.
fn assert_complete(output: &str) {
    for text in [
        "\"privilegedMode\": true",
        "Daemon has completed initialization",
        "  | Hello, World!",
        "The build ended: SUCCEEDED",
        "/badges?uuid=",
        "[INSTALL] FAILED",
        "The build ended: FAILED",
        "Set \"privilegedMode\": true",
        "✔ The project is gone.",
        "The demo is finished.",
    ] {
        assert!(output.contains(text), "{text} is not in:\n{output}");
    }
}

#[test]
fn the_demo_builds_an_image_in_a_container_and_explains_the_failure() {
    if !has_docker() {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let assert = guided_demo(state.path()).assert().success();
    let output = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    assert_complete(&output);
    assert!(!output.contains("RECORDING"), "{output}");

    let status = guided_demo(state.path()).arg("status").assert().success();
    let status = String::from_utf8_lossy(&status.get_output().stdout).into_owned();
    assert!(!status.contains("codebuild-project"), "left over: {status}");
}

#[test]
fn the_lab_breaks_and_repairs_each_build_and_leaves_nothing() {
    if !has_docker() {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let assert = guided_demo(state.path())
        .args(["run", "break-it", "--mode", "auto"])
        .assert()
        .success();
    let output = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    for text in [
        "[PROVISIONING] FAILED",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "[DOWNLOAD_SOURCE] FAILED",
        "YAML_FILE_ERROR",
        "[INSTALL] FAILED",
        "[PRE_BUILD] FAILED",
        "[BUILD] FAILED",
        "[BUILD] STOPPED",
        "✔ BUILD failed with the exit status of the tests.",
        "✔ The build failed in BUILD, and POST_BUILD did not run.",
        "✔ The project still has its role.",
        "✔ The log group is gone.",
        "The demo is finished.",
    ] {
        assert!(output.contains(text), "{text} is not in:\n{output}");
    }
    let status = guided_demo(state.path()).arg("status").assert().success();
    let status = String::from_utf8_lossy(&status.get_output().stdout).into_owned();
    assert!(!status.contains("Still there"), "left over: {status}");
}

#[test]
fn the_shipped_recording_replays_the_same_walk_without_an_engine() {
    let state = tempfile::tempdir().unwrap();
    let assert = guided_demo(state.path())
        .args(["run", "--target", "replay"])
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .assert()
        .success();
    let output = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    assert_complete(&output);
    assert!(output.contains("RECORDING of "), "{output}");
}

#[test]
fn without_an_engine_the_walk_says_what_is_missing_and_offers_the_recording() {
    let state = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_guided-demo"))
        .env("GUIDED_DEMO_STATE_DIR", state.path())
        .env("GUIDED_DEMO_CHECK_ANSWERS", "1")
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(4));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("/nonexistent/docker.sock"), "{said}");
    assert!(said.contains("--target replay"), "{said}");
}
