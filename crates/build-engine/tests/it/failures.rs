//! Builds that end badly.

use std::sync::Arc;

use build_engine::BuildStatus;
use build_engine::BuildspecLocation;
use build_engine::Phase;
use build_engine::PhaseStatus;

use crate::support;
use crate::support::run;

/// A buildspec whose four phases say who they are; the command of `failing` fails.
fn four_phases(failing: &str) -> String {
    let mut text = String::from("version: 0.2\nphases:\n");
    for phase in ["install", "pre_build", "build", "post_build"] {
        let command = if phase == failing { "exit 7" } else { "true" };
        text.push_str(&format!(
            "  {phase}:\n    commands:\n      - {command}\n      - echo second of {phase}\n    finally:\n      - echo finally of {phase}, succeeding $CODEBUILD_BUILD_SUCCEEDING\n"
        ));
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_phase_leads_where_codebuild_goes() {
    let Some(engine) = support::engine().await else {
        return;
    };
    for (failing, phase, runs_after) in [
        ("install", Phase::Install, &[][..]),
        ("pre_build", Phase::PreBuild, &[]),
        ("build", Phase::Build, &["post_build"]),
        ("post_build", Phase::PostBuild, &[]),
    ] {
        let told = run(&engine, support::request(&four_phases(failing))).await;
        assert_eq!(told.status, Some(BuildStatus::Failed), "{told:#?}");
        assert_eq!(told.unsuccessful(), [(phase, PhaseStatus::Failed)]);
        let context = told.context(phase);
        assert_eq!(context.status_code, "COMMAND_EXECUTION_ERROR");
        assert_eq!(
            context.message,
            "Error while executing command: exit 7. Reason: exit status 7"
        );
        assert!(!told.has(&format!("second of {failing}")));
        assert!(
            told.has(&format!("finally of {failing}, succeeding 0")),
            "{told:#?}"
        );
        for phase in runs_after {
            assert!(
                told.has(&format!("finally of {phase}, succeeding 0")),
                "{told:#?}"
            );
        }
        let said = |text: &str| told.log.iter().any(|line| line.ends_with(text));
        assert!(said(
            "Command did not exit successfully exit 7 exit status 7"
        ));
        assert_eq!(
            said("Entering phase POST_BUILD"),
            matches!(failing, "build" | "post_build")
        );
        assert_eq!(
            said("Phase complete: UPLOAD_ARTIFACTS State: SUCCEEDED"),
            matches!(failing, "build" | "post_build")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_buildspec_that_is_wrong_or_missing_fails_download_source() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let wrong = support::request(
        "version: 0.2\nphases:\n  build:\n    commands:\n      - echo Status: fine\n",
    );
    let mut missing = support::request("");
    missing.source = Arc::new(support::Ready {
        archive: None,
        directory: "",
        buildspec: BuildspecLocation::File("buildspec.yml".to_owned()),
    });
    for (request, message) in [
        (
            wrong,
            "Expected Commands[0] to be of string type: found subkeys instead at line 5, value of the key tag on line 4 might be empty",
        ),
        (missing, "YAML file does not exist"),
    ] {
        let told = run(&engine, request).await;
        assert_eq!(told.status, Some(BuildStatus::Failed));
        let context = told.context(Phase::DownloadSource);
        assert_eq!(context.status_code, "YAML_FILE_ERROR");
        assert_eq!(context.message, message);
        let last: Vec<Phase> = told.phases.iter().map(|(phase, ..)| *phase).collect();
        assert_eq!(
            last,
            [
                Phase::Provisioning,
                Phase::DownloadSource,
                Phase::Finalizing
            ]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_nobody_has_fails_provisioning() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let mut request = support::request("");
    request.image = "127.0.0.1:9/nobody/has-this:1".to_owned();
    let told = run(&engine, request).await;
    assert_eq!(told.status, Some(BuildStatus::Failed));
    assert_eq!(
        told.unsuccessful(),
        [(Phase::Provisioning, PhaseStatus::Failed)]
    );
    let context = told.context(Phase::Provisioning);
    assert_eq!(context.status_code, "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE");
    assert!(
        context
            .message
            .starts_with("Unable to pull customer's container image. CannotPullContainerError: "),
        "{context:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_dies_is_a_fault() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let told = run(
        &engine,
        support::request(
            "version: 0.2\nphases:\n  build:\n    commands:\n      - kill -9 -1; kill -9 $PPID\n",
        ),
    )
    .await;
    assert_eq!(told.status, Some(BuildStatus::Fault), "{told:#?}");
    assert_eq!(told.unsuccessful(), [(Phase::Build, PhaseStatus::Fault)]);
    let message = &told.context(Phase::Build).message;
    assert!(message.starts_with("Build container found dead before completing the build"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_without_a_shell_is_explained() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let mut request = support::request("");
    let image = support::image_without_shell().await;
    request.image = image.clone();
    let told = run(&engine, request).await;
    assert_eq!(told.status, Some(BuildStatus::Failed), "{told:#?}");
    let message = &told.context(Phase::Provisioning).message;
    assert!(message.contains("cannot run `sh`"), "{message}");
    support::remove_image(&image).await;
}
