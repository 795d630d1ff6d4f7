//! A course's buildspec, unchanged, through boto3.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::process::Output;

use serde_json::Value;

use super::has_boto3;
use super::text;
use crate::serving::Serving;
use crate::serving::has_docker;

const URL: &str = "https://github.com/cloudemprise/demo-cert-devops-codebuild-sample-dckr-dind.git";

fn succeeded(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// A source tree like the course's, but with a base image that needs no registry.
fn source(directory: &Path) {
    std::fs::write(directory.join("echo.rs"), ECHO).unwrap();
    let compiled = Command::new("rustc")
        .args([
            "-C",
            "target-feature=+crt-static",
            "-C",
            "opt-level=s",
            "-o",
            "echo",
            "echo.rs",
        ])
        .current_dir(directory)
        .output()
        .unwrap();
    succeeded(&compiled);
    std::fs::set_permissions(
        directory.join("echo"),
        std::fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    std::fs::write(
        directory.join("Dockerfile"),
        "FROM scratch\nCOPY echo /bin/echo\nENV PATH=/bin\n",
    )
    .unwrap();
}

const ECHO: &str =
    "fn main() { println!(\"{}\", std::env::args().skip(1).collect::<Vec<_>>().join(\" \")); }\n";

#[test]
fn boto3_runs_the_well_known_buildspec_unchanged_and_reads_its_log_live() {
    if !has_docker() || !has_boto3() {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let tree = tempfile::tempdir().unwrap();
    source(tree.path());
    let checkout = format!("{URL}={}", tree.path().display());
    let serving = Serving::start(state.path(), &["--checkout", &checkout]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/seed_buildspec.py");
    let output = serving
        .client("python3")
        .arg(script)
        .arg(URL)
        .output()
        .unwrap();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", text(&output.stdout), text(&output.stderr))
    });
    let log = result["log"].as_str().unwrap();
    assert_eq!(result["status"], "SUCCEEDED", "{log}");
    assert!(log.contains("\nHello, World!\n"), "{log}");
    assert!(log.contains("Daemon has completed initialization"), "{log}");
    assert!(
        log.contains("Successfully built")
            || log.contains("naming to docker.io/library/helloworld"),
        "{log}"
    );
    assert!(
        result["lines_while_running"].as_u64().unwrap() > 20,
        "the log was not live: {log}"
    );
    let phases = result["phases"].as_object().unwrap();
    assert_eq!(phases.len(), 11, "{phases:?}");
}
