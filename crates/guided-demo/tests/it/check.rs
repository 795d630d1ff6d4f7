//! `guided-demo check` on buildspecs and templates.

use std::path::Path;

use cloudformation_template::Template;
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

#[test]
fn resources_of_a_template_are_held_against_their_types() {
    let text = "Resources:
  Project:
    Type: AWS::CodeBuild::Projekt
  Parameter:
    Type: AWS::SSM::Parameter
    Properties:
      Type: StringLst
      Value: !Ref AWS::Region
      Nme: x
  Handle:
    Type: AWS::CloudFormation::WaitConditionHandle
";
    insta::assert_snapshot!(template_screen("template.yaml", text, &[]));
    insta::assert_snapshot!(template_screen("template.yaml", text, &["--json"]));
}

#[test]
fn a_type_that_the_local_aws_does_not_make_is_a_warning() {
    let text = "Resources: {Instance: {Type: 'AWS::EC2::Instance'}}\n";
    let screen = template_screen("template.yaml", text, &[]);
    assert!(screen.starts_with("exit code 0\n"), "{screen}");
    assert!(
        screen.contains("template.yaml: no mistakes, 1 warning (1 resource)"),
        "{screen}"
    );
    assert!(screen.contains("the local AWS does not make"), "{screen}");
}

#[test]
fn the_template_of_this_directory_is_checked_without_paths() {
    let folder = tempfile::tempdir().unwrap();
    let template = "Resources: {Topic: {Type: 'AWS::SNS::Topc'}}\n";
    std::fs::write(folder.path().join("template.yaml"), template).unwrap();
    guided_demo(folder.path())
        .current_dir(folder.path())
        .arg("check")
        .assert()
        .code(5)
        .stderr(contains("did you mean AWS::SNS::Topic?"));
}

#[test]
fn the_templates_of_the_demos_have_no_mistakes() {
    let demos = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demos");
    let mut templates = 0;
    for folder in std::fs::read_dir(&demos).unwrap() {
        for file in std::fs::read_dir(folder.unwrap().path())
            .into_iter()
            .flatten()
        {
            let path = file.unwrap().path();
            let is_yaml = path
                .extension()
                .is_some_and(|extension| extension == "yaml");
            if is_yaml && Template::is_meant(&std::fs::read_to_string(&path).unwrap()) {
                templates += 1;
                guided_demo(&demos)
                    .arg("check")
                    .arg(&path)
                    .assert()
                    .success()
                    .stdout(contains("no mistakes ("));
            }
        }
    }
    assert!(templates >= 3, "{templates}");
}
