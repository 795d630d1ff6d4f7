//! The first thing that a newcomer with `--target aws` meets.

use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use codebuild_core::CallError;
use codebuild_core::Session;
use codebuild_core::Target;

/// Set in the child that has a home without credentials. The environment belongs to the whole
/// process, so a test cannot change it for itself.
const CHILD: &str = "CODEBUILD_CORE_TEST_CHILD";

fn alone(test: &str, region: Option<&str>) -> std::process::Output {
    let home = tempfile::tempdir().unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", test, "--nocapture"])
        .env_clear()
        .env("HOME", home.path())
        .env(CHILD, "1");
    if let Some(region) = region {
        child.env("AWS_REGION", region);
    }
    child.output().unwrap()
}

fn aws() -> Target {
    Target::Aws {
        profile: None,
        region: None,
    }
}

#[tokio::test]
async fn without_credentials_the_search_and_the_way_out_are_told_soon() {
    if std::env::var_os(CHILD).is_none() {
        let output = alone(
            "no_credentials::without_credentials_the_search_and_the_way_out_are_told_soon",
            Some("eu-central-1"),
        );
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        return;
    }
    let begin = Instant::now();
    let session = Session::connect(aws()).await.unwrap();
    let error = session.identity().await.unwrap_err();
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "{:?}",
        begin.elapsed()
    );
    let CallError::NoCredentials { search } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(search.profile, "default");
    let hint = error.hint().unwrap();
    for text in [
        "aws configure",
        "aws sts get-caller-identity",
        "--target local",
    ] {
        assert!(hint.contains(text), "{hint}");
    }
}

#[tokio::test]
async fn without_a_region_that_is_told() {
    if std::env::var_os(CHILD).is_none() {
        let output = alone("no_credentials::without_a_region_that_is_told", None);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        return;
    }
    let session = Session::connect(aws()).await.unwrap();
    let error = session.identity().await.unwrap_err();
    assert!(matches!(error, CallError::NoRegion), "{error:?}");
    assert!(error.hint().unwrap().contains("--region"));
}
