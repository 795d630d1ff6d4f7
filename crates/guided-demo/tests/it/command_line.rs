//! What the binary says and returns, without a terminal.

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use predicates::str::is_empty;

/// The binary with a state directory of its own and nothing of the developer's AWS configuration.
pub(crate) fn guided_demo(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guided-demo"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command
        .env("GUIDED_DEMO_STATE_DIR", state)
        .env("GUIDED_DEMO_CHECK_ANSWERS", "1")
        .env("GUIDED_DEMO_REPLAY_PACE", "0")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

fn state() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn help_shows_examples_and_every_exit_code() {
    let help = guided_demo(state().path())
        .arg("--help")
        .assert()
        .success()
        .stderr(is_empty());
    for text in [
        "guided-demo run --target aws",
        "Exit codes:",
        "130  interrupted",
        "missing: Docker Engine",
    ] {
        let output = String::from_utf8_lossy(&help.get_output().stdout).into_owned();
        assert!(output.contains(text), "{text} is not in:\n{output}");
    }
}

#[test]
fn help_for_aws_lines_names_every_service() {
    let state = state();
    let asked = guided_demo(state.path())
        .args(["aws", "--help"])
        .output()
        .unwrap();
    let help = String::from_utf8_lossy(&asked.stdout).into_owned();
    let refused = guided_demo(state.path())
        .args(["aws", "nothing"])
        .output()
        .unwrap();
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    let (_, known) = refused.split_once("these are known: ").unwrap();
    let known: Vec<&str> = known.lines().next().unwrap().split(", ").collect();
    assert!(known.len() >= 15, "{refused}");
    for service in known {
        assert!(help.contains(&format!(" {service}")), "{service}: {help}");
    }
}

#[test]
fn lists_the_demo_and_its_steps() {
    let state = state();
    guided_demo(state.path())
        .arg("list")
        .assert()
        .success()
        .stdout(contains("docker-in-docker").and(contains("break-it")));
    let output = guided_demo(state.path())
        .args(["list", "--json"])
        .output()
        .unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let demos = listed.as_array().unwrap();
    let demo = demos.iter().find(|demo| demo["id"] == "docker-in-docker");
    assert_eq!(demo.unwrap()["steps"][1]["id"], "create");
}

#[test]
fn the_repositorys_demos_have_no_mistakes() {
    guided_demo(state().path())
        .arg("check")
        .assert()
        .success()
        .stdout(contains("no mistakes"));
}

#[test]
fn a_script_with_mistakes_is_reported_with_places_and_has_its_own_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("demo.md");
    let text = DEMO
        .replace("demo:check", "demo:chekc")
        .replace("list-projects --sort", "list-projcts --sort");
    std::fs::write(&script, text).unwrap();
    guided_demo(folder.path())
        .arg("check")
        .arg(&script)
        .assert()
        .code(5)
        .stderr(contains("demo.md:").and(contains("Did you mean `check`?")));
}

#[test]
fn a_command_that_the_aws_cli_would_refuse_is_a_mistake_at_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("demo.md");
    std::fs::write(
        &script,
        DEMO.replace("list-projects --sort", "list-projects --srot"),
    )
    .unwrap();
    guided_demo(folder.path())
        .arg("check")
        .arg(&script)
        .assert()
        .code(5)
        .stderr(contains("demo.md:12:").and(contains("--srot")));
}

#[test]
fn what_the_command_line_gets_wrong_is_named_with_the_way_out() {
    let state = state();
    for (words, message) in [
        (
            &["run", "docker-in-dokcer"][..],
            "Did you mean `docker-in-docker`?",
        ),
        (&["run", "--from", "craete"], "Did you mean `create`?"),
        (
            &["run", "--target", "azure"],
            "expected `local`, `aws`, `replay`",
        ),
        (&["run", "--mode", "guide"], "needs a terminal"),
        (&["run", "--target", "aws"], "Add --yes"),
        (&["run", "--set", "NAME=x"], "PROJECT_NAME"),
        (
            &["run", "--set", "PROJECT_NAME=a b"],
            "not a value for PROJECT_NAME",
        ),
        (&["aws", "codebuild", "lst-projects"], "list-projects"),
        (&["serve", "--checkout", "x"], "there is no `=`"),
    ] {
        guided_demo(state.path())
            .args(words)
            .assert()
            .code(2)
            .stderr(contains(message));
    }
}

#[test]
fn env_without_a_server_says_how_to_start_one() {
    guided_demo(state().path())
        .arg("env")
        .assert()
        .code(4)
        .stdout(is_empty())
        .stderr(contains("Start one in another terminal"));
}

#[test]
fn an_account_without_credentials_is_told_where_they_were_looked_for() {
    guided_demo(state().path())
        .args([
            "run",
            "--target",
            "aws",
            "--region",
            "eu-central-1",
            "--yes",
        ])
        .timeout(std::time::Duration::from_secs(60))
        .assert()
        .code(4)
        .stderr(
            contains("Unable to locate credentials").and(contains("AWS_ACCESS_KEY_ID is not set")),
        );
}

#[test]
fn completions_and_the_manual_page_are_printed() {
    let state = state();
    guided_demo(state.path())
        .args(["completions", "bash"])
        .assert()
        .success()
        .stdout(contains("complete -F"));
    guided_demo(state.path())
        .arg("man")
        .assert()
        .success()
        .stdout(contains(".TH guided-demo"));
}

#[test]
fn nothing_to_clean_up_reset_or_show_is_no_error() {
    let state = state();
    guided_demo(state.path())
        .arg("cleanup")
        .assert()
        .success()
        .stdout(contains("Nothing is left"));
    guided_demo(state.path())
        .arg("reset")
        .assert()
        .success()
        .stdout(contains("no progress"));
    guided_demo(state.path())
        .arg("status")
        .assert()
        .success()
        .stdout(contains("No walk has begun"));
}

#[test]
fn a_call_goes_to_the_local_aws_and_its_errors_are_the_aws_clis() {
    let state = state();
    guided_demo(state.path())
        .args([
            "aws",
            "codebuild",
            "list-projects",
            "--query",
            "length(projects)",
        ])
        .assert()
        .success()
        .stdout("0\n");
    guided_demo(state.path())
        .args(["aws", "codebuild", "start-build", "--project-name", "none"])
        .assert()
        .code(1)
        .stderr(
            contains("An error occurred (ResourceNotFoundException)")
                .and(contains("when calling the StartBuild operation")),
        );
}

#[test]
fn a_recording_is_walked_without_questions_and_labelled() {
    let folder = tempfile::tempdir().unwrap();
    write_demo(folder.path());
    guided_demo(folder.path())
        .arg("run")
        .arg(folder.path())
        .args(["--target", "replay"])
        .assert()
        .success()
        .stdout(
            contains("RECORDING of 2026-11-22")
                .and(contains("\"alpha\""))
                .and(contains("Answer: 2"))
                .and(contains("The demo is finished.")),
        );
}

#[test]
fn a_check_that_fails_has_its_own_exit_code_and_says_what_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    write_demo(folder.path());
    let script = folder.path().join("demo.md");
    std::fs::write(
        &script,
        DEMO.replace("expect=alpha", "expect=omega timeout=0"),
    )
    .unwrap();
    guided_demo(folder.path())
        .arg("run")
        .arg(folder.path())
        .args(["--target", "replay"])
        .assert()
        .code(3)
        .stdout(contains("expected: omega").and(contains("seen:     alpha")));
}

/// A small demo that a recording can play.
pub(crate) const DEMO: &str = r#"<!-- demo:format version=1 -->

# A small demo

<!-- demo:step id=one minutes=1 -->

## Look at the projects

A *project* has a name.

```console
$ aws codebuild list-projects --sort-by NAME
```

<!-- demo:check title="There is one." command="aws codebuild list-projects --query projects[0] --output text" expect=alpha -->

<details><summary>Hint</summary>

There is one project.

</details>

<!-- demo:step id=two minutes=1 -->

## A question

<!-- demo:quiz answer=2 -->

Which?

1. this
2. that

<details><summary>Answer</summary>

That one.

</details>
"#;

/// Writes the demo and its recording.
pub(crate) fn write_demo(folder: &Path) {
    std::fs::write(folder.join("demo.md"), DEMO).unwrap();
    let exchange = serde_json::json!({
        "service": "codebuild", "operation": "ListProjects", "at_ms": 0, "took_ms": 1, "times": 1,
        "request": {}, "status": 200, "response": { "projects": ["alpha"], "created": 1_795_348_800.0 },
    });
    let scene = |name: &str| serde_json::json!({ "name": name, "exchanges": [exchange] });
    let recording = serde_json::json!({
        "version": 1, "recorded": "2026-11-22T12:00:00Z", "region": "eu-central-1", "scenes": [scene("one/1"), scene("one/2")],
    });
    std::fs::write(folder.join("recording.json"), recording.to_string()).unwrap();
}
