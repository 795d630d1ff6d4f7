//! `guided-demo check` on buildspecs and templates.

use std::path::Path;

use predicates::str::contains;

use super::command_line::guided_demo;

/// The screen of a check in a directory that holds this buildspec: exit code, standard output,
/// standard error.
fn screen(buildspec: &str, words: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("buildspec.yml"), buildspec).unwrap();
    let output = guided_demo(folder.path())
        .current_dir(folder.path())
        .arg("check")
        .args(words)
        .output()
        .unwrap();
    format!(
        "exit code {}\n--- standard output\n{}--- standard error\n{}",
        output.status.code().unwrap(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

const WITH_WARNINGS: &str = "version: 0.2
env:
  variables:
    PATH: /opt/tools:$PATH
phases:
  install:
    commands:
      - nohup dockerd &
      - docker info
  build:
    command: [make]
    commands:
      - |
        docker build -t app .
        docker push app
";

#[test]
fn warnings_are_shown_and_are_no_failure() {
    insta::assert_snapshot!(screen(
        WITH_WARNINGS,
        &["--image", "docker:dind", "buildspec.yml"]
    ));
}

#[test]
fn what_is_known_about_the_project_changes_the_warnings() {
    let text = "version: 0.2
phases: {install: {commands: [\"nohup dockerd &\", sleep 9]}}
";
    let with = |words: &[&str]| screen(text, &[words, &["buildspec.yml"]].concat());
    assert!(with(&["--privileged"]).contains("no mistakes (1 phase, 2 commands)"));
    assert!(with(&["--privileged=true"]).contains("no mistakes (1 phase, 2 commands)"));
    assert!(with(&["--privileged=false"]).contains("does not start"));
    assert!(with(&[]).contains("starts only if"));
}

#[test]
fn the_colon_trap_is_shown_in_our_words_and_in_those_of_aws() {
    insta::assert_snapshot!(screen(
        "version: 0.2
phases:
  build:
    commands:
      - make
      - echo Status: built
",
        &["buildspec.yml"]
    ));
}

#[test]
fn broken_yaml_and_wrong_values_have_their_place() {
    insta::assert_snapshot!(screen("version: 0.2\nphases:\n  build: a: b\n", &["."]));
    insta::assert_snapshot!(screen(
        "version: 0.2
phases: {build: {commands: [make]}}
reports:
  unit:
    files: ['**/*.xml']
    file-format: JUNIT
",
        &["buildspec.yml"]
    ));
}

#[test]
fn a_build_is_explained() {
    insta::assert_snapshot!(screen(
        "version: 0.2
env:
  variables: {MODE: fast}
phases:
  install:
    commands: [npm ci]
  build:
    on-failure: ABORT
    commands:
      - |
        set -e
        npm test
        npm run bundle
    finally:
      - npm run report -- --format junit --output-directory reports --with-a-long-option-name value
reports:
  unit: {files: [reports/*.xml]}
artifacts:
  files: ['**/*']
  base-directory: dist
",
        &["--explain"]
    ));
}

#[test]
fn without_a_path_the_buildspec_of_the_directory_is_checked_with_the_demos() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let state = tempfile::tempdir().unwrap();
    guided_demo(state.path())
        .current_dir(root)
        .args(["check", "--privileged", "--image", "docker:dind"])
        .assert()
        .success()
        .stdout(contains("buildspec.yml: no mistakes (3 phases, "))
        .stdout(contains("demo.md: no mistakes"))
        .stderr("");
}

#[test]
fn what_cannot_be_checked_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let check = |words: &[&str]| {
        let mut command = guided_demo(folder.path());
        command.current_dir(folder.path()).arg("check").args(words);
        command.assert()
    };
    check(&["none.yml"])
        .code(5)
        .stderr(contains("none.yml: cannot read the buildspec"));
    std::fs::write(folder.path().join("latin1.yml"), b"version: \xe4").unwrap();
    check(&["latin1.yml"]).code(5).stderr(contains("UTF-8"));
    check(&["--explain"])
        .code(2)
        .stderr(contains("no buildspec.yml"));
    check(&["--explain", "demo.md"])
        .code(2)
        .stderr(contains("demo.md is a demo script"));
}

/// The screen of a check of a template in a file of this name.
fn template_screen(name: &str, text: &str, words: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    let output = guided_demo(folder.path())
        .current_dir(folder.path())
        .args(["check", name])
        .args(words)
        .output()
        .unwrap();
    format!(
        "exit code {}\n--- standard output\n{}--- standard error\n{}",
        output.status.code().unwrap(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

const BAD_TEMPLATE: &str = "AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Propertys:
      BucketName: demo
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: !Sub ${Buckt}-news
";

#[test]
fn a_template_is_known_by_its_name_or_its_sections() {
    let good = BAD_TEMPLATE
        .replace("Propertys", "Properties")
        .replace("Buckt", "Bucket");
    for name in ["template.yaml", "stack.yml", "demo.template"] {
        let screen = template_screen(name, &good, &[]);
        assert!(
            screen.contains(&format!("{name}: no mistakes (2 resources)")),
            "{screen}"
        );
    }
    let json = r#"{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}"#;
    let screen = template_screen("stack.json", json, &[]);
    assert!(
        screen.contains("stack.json: no mistakes (1 resource)"),
        "{screen}"
    );
    let screen = template_screen("template.yaml", &good, &["--explain"]);
    assert!(screen.contains("--explain is for buildspecs"), "{screen}");
}

#[test]
fn all_mistakes_of_a_template_have_their_place_and_a_hint() {
    insta::assert_snapshot!(template_screen("template.yaml", BAD_TEMPLATE, &[]));
    insta::assert_snapshot!(template_screen("stack.yaml", BAD_TEMPLATE, &["--json"]));
}
