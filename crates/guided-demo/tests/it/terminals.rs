//! `serve` and `env`: one local AWS for several terminals, profiles and walks.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

use crate::command_line::DEMO;
use crate::command_line::guided_demo;
use crate::serving::Serving;
use crate::serving::aws;

const CREATE: &str = "codebuild create-project --name shared --source type=NO_SOURCE,buildspec=version:0.2 \
     --artifacts type=NO_ARTIFACTS --service-role arn:aws:iam::000000000000:role/service-role/codebuild-demo \
     --environment type=LINUX_CONTAINER,image=docker:dind,computeType=BUILD_GENERAL1_SMALL";

/// What a shell prints after it has evaluated what `env` prints.
fn in_bash(state: &Path, env: &str, then: &str, path: Option<&Path>) -> String {
    let binary = env!("CARGO_BIN_EXE_guided-demo");
    let mut shell = Command::new("bash");
    shell
        .args(["--norc", "-c"])
        .arg(format!("set -e; eval \"$('{binary}' {env})\"; {then}"))
        .env("GUIDED_DEMO_STATE_DIR", state)
        .env("AWS_PROFILE", "of-my-own")
        .env("AWS_SESSION_TOKEN", "of-my-own")
        .env("AWS_ENDPOINT_URL_CODEBUILD", "http://127.0.0.1:9");
    if let Some(path) = path {
        shell.env("PATH", format!("{}:/usr/bin:/bin", path.display()));
    }
    let output = shell.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A directory with an `aws` of some version that says which arguments it gets.
fn aws_cli_of_version(version: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("aws");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'aws-cli/{version} Python/3.11.2'; \
         else echo \"called with $*\"; fi\n"
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

#[tokio::test]
async fn terminals_and_walks_share_the_local_aws_that_serves() {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let session = serving.session().await;
    aws(&session, CREATE).await;

    let listed = guided_demo(state.path())
        .args(["aws", "codebuild", "list-projects", "--output", "text"])
        .assert()
        .success();
    let listed = String::from_utf8_lossy(&listed.get_output().stdout).into_owned();
    assert!(listed.contains("shared"), "{listed}");

    let demo = tempfile::tempdir().unwrap();
    let script = DEMO.replace("expect=alpha", "expect=shared");
    std::fs::write(demo.path().join("demo.md"), script).unwrap();
    let walk = guided_demo(state.path())
        .arg("run")
        .arg(demo.path())
        .assert()
        .success();
    let walk = String::from_utf8_lossy(&walk.get_output().stdout).into_owned();
    assert!(walk.contains("shared"), "{walk}");
}

#[test]
fn a_second_server_is_told_who_serves_and_how_to_use_that_one() {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    guided_demo(state.path())
        .arg("serve")
        .assert()
        .code(4)
        .stderr(
            contains(format!("process {}", serving.pid()))
                .and(contains(serving.endpoint()))
                .and(contains(" since 2"))
                .and(contains("seconds)"))
                .and(contains("env --state-dir")),
        );
}

#[test]
fn a_port_that_is_taken_is_named_with_the_program_that_has_it() {
    let state = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    guided_demo(state.path())
        .args(["serve", "--port", &port.to_string()])
        .assert()
        .code(4)
        .stderr(
            contains(format!("port {port} is taken: "))
                .and(contains(if cfg!(target_os = "linux") {
                    format!("process {} ", std::process::id())
                } else {
                    "lsof".to_owned()
                }))
                .and(contains("choose another port")),
        );
}

#[test]
fn the_next_start_listens_on_the_same_port_unless_somebody_else_does() {
    let state = tempfile::tempdir().unwrap();
    let first = Serving::with(state.path(), &[]);
    let endpoint = first.endpoint().to_owned();
    first.kill();
    let second = Serving::with(state.path(), &[]);
    assert_eq!(second.endpoint(), endpoint);
    second.kill();

    let taken = TcpListener::bind(endpoint.trim_start_matches("http://")).unwrap();
    let third = Serving::with(state.path(), &[]);
    assert_ne!(third.endpoint(), endpoint);
    drop(taken);
}

#[tokio::test]
async fn account_and_region_are_chosen_once_for_a_state_directory() {
    let state = tempfile::tempdir().unwrap();
    let options = ["--account-id", "123456789012", "--region", "ap-southeast-2"];
    Serving::start(state.path(), &options).kill();
    let serving = Serving::start(state.path(), &[]);
    let create = CREATE.replace("::000000000000:", "::123456789012:");
    let created = aws(&serving.session().await, &create).await;
    assert!(
        created
            .text
            .contains("arn:aws:codebuild:ap-southeast-2:123456789012:project/shared"),
        "{}",
        created.text
    );

    // The ARNs of a demo are for the account that the local AWS has unless told otherwise.
    let demo = tempfile::tempdir().unwrap();
    let variable = "<!-- demo:variable ROLE default-local=arn:aws:iam::000000000000:role/service-role/codebuild-demo pattern=.+ -->";
    let script = DEMO
        .replace(
            "aws codebuild list-projects --sort-by NAME",
            "aws codebuild update-project --name shared --service-role \"$ROLE\"",
        )
        .replace(
            "list-projects --query projects[0]",
            "batch-get-projects --names shared --query projects[0].serviceRole",
        )
        .replace(
            "expect=alpha",
            "expect=arn:aws:iam::123456789012:role/service-role/codebuild-demo",
        )
        .replace(
            "<!-- demo:step id=one",
            &format!("{variable}\n\n<!-- demo:step id=one"),
        );
    std::fs::write(demo.path().join("demo.md"), script).unwrap();
    guided_demo(state.path())
        .arg("run")
        .arg(demo.path())
        .assert()
        .success();
    serving.kill();

    for other in [
        &["serve", "--region", "us-east-1"][..],
        &["serve", "--account-id", "000000000000"],
        &["aws", "codebuild", "list-projects", "--region", "us-east-1"],
    ] {
        guided_demo(state.path())
            .args(other)
            .assert()
            .code(4)
            .stderr(
                contains("account 123456789012 in ap-southeast-2").and(contains("--state-dir")),
            );
    }
    guided_demo(tempfile::tempdir().unwrap().path())
        .args(["serve", "--account-id", "12"])
        .assert()
        .code(2)
        .stderr(contains("twelve digits"));
}

#[test]
fn env_sets_what_clients_read_and_unset_takes_it_back() {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &["--region", "us-west-2"]);
    let binary = env!("CARGO_BIN_EXE_guided-demo");
    let seen = in_bash(state.path(), "env", "env | grep ^AWS_ | sort", None);
    assert!(
        seen.contains(&format!("AWS_ENDPOINT_URL={}\n", serving.endpoint())),
        "{seen}"
    );
    assert!(seen.contains("AWS_REGION=us-west-2\n"), "{seen}");
    assert!(seen.contains("AWS_ACCESS_KEY_ID=AKIA"), "{seen}");
    assert!(!seen.contains("of-my-own"), "{seen}");
    assert!(!seen.contains("AWS_ENDPOINT_URL_CODEBUILD"), "{seen}");

    let unset = format!("eval \"$('{binary}' env --unset)\"; env");
    let left = in_bash(state.path(), "env", &unset, None);
    for name in [
        "AWS_ENDPOINT_URL",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET",
        "AWS_PROFILE",
    ] {
        assert!(!left.contains(name), "{left}");
    }
    serving.kill();
    guided_demo(state.path())
        .args(["env", "--unset"])
        .assert()
        .success()
        .stdout(contains("unset AWS_ENDPOINT_URL "));
}

#[test]
fn settings_of_git_come_and_go_and_ones_own_stay() {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let env = format!("eval \"$('{}' env)\"", env!("CARGO_BIN_EXE_guided-demo"));
    let show = "git config user.name; echo \"count ${GIT_CONFIG_COUNT-none}\"; \
                git ls-remote --get-url ssh://git-codecommit.eu-central-1.amazonaws.com/v1/repos/x";
    let unset = env.replace(" env)", " env --unset)");
    for (own, name) in [
        (
            "export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=user.name GIT_CONFIG_VALUE_0=Ada",
            "Ada\n",
        ),
        ("unset GIT_CONFIG_COUNT", ""),
    ] {
        let script = format!("{own}; {env}; {env}; {show}; {unset}; {show}");
        let output = Command::new("bash")
            .args(["--norc", "-c", &script])
            .env("GUIDED_DEMO_STATE_DIR", state.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .current_dir(state.path())
            .output()
            .unwrap();
        let (ours, left) = match name {
            "" => ("5", "none"),
            _ => ("6", "1"),
        };
        let expected = format!(
            "{name}count {ours}\n{}/v1/repos/x\n{name}count {left}\n\
             ssh://git-codecommit.eu-central-1.amazonaws.com/v1/repos/x\n",
            serving.endpoint()
        );
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            expected,
            "{output:?}"
        );
    }
}

#[test]
fn a_profile_is_written_into_the_state_directory_and_follows_the_port() {
    let state = tempfile::tempdir().unwrap();
    let home = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let selected = format!(
        "HOME='{}'; cat \"$AWS_CONFIG_FILE\" \"$AWS_SHARED_CREDENTIALS_FILE\"; \
         echo \"profile $AWS_PROFILE keys ${{AWS_ACCESS_KEY_ID-none}}\"; \
         stat -c %a \"$AWS_CONFIG_FILE\" \"$AWS_SHARED_CREDENTIALS_FILE\"",
        home.path().display()
    );
    let seen = in_bash(state.path(), "env --write-profile", &selected, None);
    for text in [
        "[profile guided-demo]\nregion = eu-central-1\n",
        &format!("endpoint_url = {}\n", serving.endpoint()),
        "[guided-demo]\naws_access_key_id = AKIA",
        "profile guided-demo keys none\n600\n600\n",
    ] {
        assert!(seen.contains(text), "{text} is not in:\n{seen}");
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    let old = serving.endpoint().to_owned();
    serving.kill();

    let serving = Serving::start(state.path(), &[]);
    assert_ne!(serving.endpoint(), old, "port 0 is any free port");
    let file = state.path().join("profiles/guided-demo/config");
    let config = std::fs::read_to_string(file).unwrap();
    assert!(config.contains(serving.endpoint()), "{config}");

    guided_demo(state.path())
        .args(["env", "--write-profile", "../else"])
        .assert()
        .code(2)
        .stderr(contains("not a name for a profile"));
}

#[test]
fn an_aws_cli_that_does_not_read_the_endpoint_gets_it_as_an_option() {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let old = aws_cli_of_version("2.9.19");
    let binary = env!("CARGO_BIN_EXE_guided-demo");
    let called = format!("called with --endpoint-url {} s3 ls\n", serving.endpoint());
    for env in ["env", "env --write-profile study"] {
        let seen = in_bash(state.path(), env, "aws s3 ls", Some(old.path()));
        assert_eq!(seen, called);
    }
    let undone = format!("eval \"$('{binary}' env --unset)\"; aws s3 ls");
    let seen = in_bash(state.path(), "env", &undone, Some(old.path()));
    assert_eq!(seen, "called with s3 ls\n");

    let new = aws_cli_of_version("2.13.0");
    let seen = in_bash(state.path(), "env", "aws s3 ls", Some(new.path()));
    assert_eq!(seen, "called with s3 ls\n");
}

#[test]
fn env_speaks_fish_powershell_json_and_terraform() {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let endpoint = serving.endpoint();
    for (words, text) in [
        (
            &["--shell", "fish"][..],
            format!("set -gx AWS_ENDPOINT_URL '{endpoint}'\n"),
        ),
        (
            &["--shell", "powershell"],
            format!("$Env:AWS_ENDPOINT_URL = '{endpoint}'\n"),
        ),
        (&["--json"], format!("\"endpoint\":\"{endpoint}\"")),
        (
            &["--terraform"],
            format!("    codebuild      = \"{endpoint}\"\n"),
        ),
    ] {
        guided_demo(state.path())
            .arg("env")
            .args(words)
            .assert()
            .success()
            .stdout(contains(text));
    }
}
