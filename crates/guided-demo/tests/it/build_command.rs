//! `guided-demo build`: a buildspec here and now, without a terminal.

use std::path::Path;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::command_line::guided_demo;
use crate::serving::has_docker;

/// A source directory with this buildspec.
fn source(buildspec: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("buildspec.yml"), buildspec).unwrap();
    directory
}

fn build(source: &Path) -> assert_cmd::Command {
    let state = tempfile::tempdir().unwrap();
    let mut command = guided_demo(state.path());
    command.arg("build").arg(source);
    command
}

#[test]
fn a_directory_is_built_with_its_sources_variables_artifacts_and_reports() {
    if !has_docker() {
        return;
    }
    let source = source(
        r#"
version: 0.2
env:
  variables: { WHO: nobody }
  parameter-store: { PASSWORD: /not/needed/here }
  exported-variables: [RESULT]
phases:
  build:
    commands:
      - echo "$WHO, $FILE, $PASSWORD, $(cat $CODEBUILD_SRC_DIR_more/file)"
      - ls -A; [ ! -S /var/run/docker.sock ]
      - mkdir out; echo result >out/result.txt; echo '<testsuite/>' >junit.xml
      - RESULT=good
artifacts:
  files: ['**/*']
  base-directory: out
  name: app-$RESULT
reports:
  unit: { files: [junit.xml] }
"#,
    );
    std::fs::write(source.path().join(".gitignore"), "ignored\n").unwrap();
    std::fs::write(source.path().join("ignored"), "").unwrap();
    let more = tempfile::tempdir().unwrap();
    std::fs::write(more.path().join("file"), "more").unwrap();
    let results = tempfile::tempdir().unwrap();
    let env_file = results.path().join("env");
    std::fs::write(&env_file, "# a comment\nFILE=from a file\n").unwrap();
    build(source.path())
        .args(["--env", "WHO=student", "--env", "PASSWORD=given"])
        .arg("--env-file")
        .arg(&env_file)
        .arg("--source")
        .arg(format!("more={}", more.path().display()))
        .arg("--artifacts")
        .arg(results.path().join("artifacts"))
        .arg("--reports")
        .arg(results.path().join("reports"))
        .assert()
        .success()
        .stdout(contains("\nstudent, from a file, given, more\n"))
        .stdout(contains("ignored\n").not())
        .stderr(contains("Exported: RESULT=good").and(contains("The build ended: SUCCEEDED")));
    let read = |path: &str| std::fs::read_to_string(results.path().join(path)).unwrap();
    assert_eq!(read("artifacts/app-good/result.txt"), "result\n");
    assert_eq!(read("reports/unit/junit.xml"), "<testsuite/>\n");
}

#[test]
fn a_failure_is_explained_and_has_its_exit_code() {
    if !has_docker() {
        return;
    }
    let source =
        source("version: 0.2\nphases:\n  build:\n    commands:\n      - no-such-program --help\n");
    build(source.path())
        .assert()
        .code(1)
        .stdout(contains("exit status 127"))
        .stderr(
            contains("The build ended: FAILED in BUILD")
                .and(contains("What happened"))
                .and(contains("How to fix it")),
        );
}

#[test]
fn several_builds_of_one_directory_run_at_once() {
    if !has_docker() {
        return;
    }
    let source =
        source("version: 0.2\nphases:\n  build:\n    commands:\n      - sleep 1; echo done\n");
    let path = source.path().to_owned();
    let builds = [(); 3].map(|()| {
        let path = path.clone();
        std::thread::spawn(move || {
            build(&path).assert().success().stdout(contains("\ndone\n"));
        })
    });
    for build in builds {
        build.join().unwrap();
    }
}

#[test]
fn what_cannot_be_built_is_said_before_anything_starts() {
    if !has_docker() {
        return;
    }
    let good = source("version: 0.2\nphases: { build: { commands: [id] } }\n");
    build(good.path())
        .arg("--step")
        .assert()
        .code(2)
        .stderr(contains("there is no terminal to ask on"));
    build(good.path())
        .args(["--env", "NOVALUE"])
        .assert()
        .code(2)
        .stderr(contains("is not of the form NAME=VALUE"));
    build(good.path())
        .args(["--buildspec", "other.yml"])
        .assert()
        .code(2)
        .stderr(contains("other.yml"));
    let wrong = source("version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b\n");
    build(wrong.path())
        .assert()
        .code(5)
        .stderr(contains("Commands[0]").and(contains("buildspec.yml:5:")));
}
