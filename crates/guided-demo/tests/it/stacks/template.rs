//! The templates of the demos.

use std::path::Path;
use std::process::Command;

use crate::serving::has;

fn demos() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demos")
}

fn template() -> std::path::PathBuf {
    demos().join("docker-in-docker/template.yaml")
}

#[test]
fn cfn_lint_finds_nothing_in_the_templates() {
    let program = std::env::var("CFN_LINT").unwrap_or_else(|_| "cfn-lint".to_owned());
    if !has("cfn-lint", Command::new(&program).arg("--version")) {
        return;
    }
    let output = Command::new(program)
        .args(["--include-checks", "I", "--"])
        .arg(template())
        .args(["as-code/template.yaml", "as-code/broken.yaml"].map(|file| demos().join(file)))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.is_empty(), "{said}");
    let text = std::fs::read_to_string(template()).unwrap();
    assert!(!text.contains("cfn-lint"), "no check is switched off");
}

/// The buildspec of NO_SOURCE stands in the template, so nothing else would look at it.
#[test]
fn the_templates_buildspec_has_no_mistakes() {
    let text = std::fs::read_to_string(template()).unwrap();
    let lines = text
        .lines()
        .skip_while(|line| line.trim() != "version: 0.2")
        .take_while(|line| line.is_empty() || line.starts_with("            "));
    let buildspec: String = lines
        .map(|line| format!("{}\n", line.get(12..).unwrap_or_default()))
        .collect();
    assert!(buildspec.contains("post_build:"), "{buildspec}");
    let folder = tempfile::tempdir().unwrap();
    let file = super::file(folder.path(), "buildspec.yml", &buildspec);
    crate::command_line::guided_demo(folder.path())
        .arg("check")
        .arg(file)
        .args(["--privileged", "--image", "docker:dind"])
        .assert()
        .success()
        .stdout(predicates::str::contains("no mistakes"));
}
