//! A walk before an audience: two keys a command, the clock, the recording as a way out.

use std::path::Path;

use crate::command_line::guided_demo;
use crate::command_line::write_demo;
use crate::pty::Terminal;
use crate::serving::has_docker;

/// Shows the account, waits, and has a check that only the recording passes.
const DEMO: &str = r#"<!-- demo:format version=1 -->

# For a room

<!-- demo:step id=one minutes=1 -->

## Who is there

This text is not for the room.

<!-- demo:note Talk about **roles**. -->

```console
$ aws sts get-caller-identity --query Account --output text
```

<!-- demo:check title="There is one." command="aws codebuild list-projects --query projects[0] --output text" expect=alpha timeout=1 -->

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

/// Writes the demo and a recording in which the check passes.
pub(crate) fn write_stage_demo(folder: &Path) {
    write_demo(folder);
    let recording = folder.join("recording.json");
    let text = std::fs::read_to_string(&recording).unwrap();
    // The note stands between prose and command.
    let text = text.replace("one/2", "one/3").replace("one/1", "one/2");
    std::fs::write(recording, text).unwrap();
    std::fs::write(folder.join("demo.md"), DEMO).unwrap();
}

fn on_stage(folder: &Path, args: &[&str]) -> Terminal {
    write_stage_demo(folder);
    let demo = folder.to_string_lossy();
    let mut all = vec!["run", &*demo];
    all.extend(args);
    Terminal::start_with(folder, 80, &all)
}

#[test]
fn two_keys_a_command_no_text_and_no_account_on_the_screen() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = on_stage(folder.path(), &["--mode", "stage"]);
    terminal.sees("⏎ type");
    assert!(!terminal.text().contains("not for the room"));
    assert!(!terminal.text().contains("aws sts"));
    terminal.keys("p");
    terminal.sees("not for the room");
    terminal.keys("n");
    terminal.sees("Talk about roles");
    terminal.keys("k");
    terminal.loses("⏎ type");
    terminal.keys("k");
    terminal.sees("⏎ type");
    terminal.keys("\r");
    terminal.sees("$ aws s");
    // Completes the line, and nothing else.
    terminal.keys("x");
    terminal.sees("--output text");
    terminal.sees("⏎ run");
    assert!(!terminal.text().contains("There is one."));
    terminal.keys("\r");
    terminal.sees("************");
    terminal.sees("✘ There is one.");
    terminal.sees("f recording");
    assert!(!terminal.text().contains("000000000000"));
    terminal.keys("f");
    terminal.sees("✔ There is one.");
    assert!(terminal.text().contains("RECORDING"), "{}", terminal.text());
    terminal.sees("⏎ next");
    terminal.keys("\r");
    terminal.sees("Which?");
    terminal.sees("⏎ answer");
    assert!(
        !terminal.text().contains("RECORDING"),
        "{}",
        terminal.text()
    );
    terminal.keys("2");
    terminal.sees("That key does nothing here");
    terminal.keys("\r");
    terminal.sees("Answer: 2");
    terminal.sees("The demo is finished.");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());
}

#[test]
fn ctrl_c_while_a_command_is_typed_leaves_and_the_walk_goes_on_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = on_stage(folder.path(), &["--mode", "stage"]);
    terminal.sees("⏎ type");
    terminal.keys("\r");
    terminal.sees("$ aws s");
    terminal.keys("\x03");
    terminal.sees("Your progress is kept.");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());
}

#[test]
fn without_redaction_the_account_is_shown_and_a_narrow_terminal_is_enough() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = on_stage(folder.path(), &["--mode", "stage", "--no-redact"]);
    terminal.sees("⏎ type");
    terminal.resize(40);
    terminal.keys("\r");
    terminal.sees("⏎ run");
    terminal.keys("\r");
    terminal.sees("000000000000");
    terminal.sees("s skip");
    terminal.keys("s");
    terminal.sees("⏎ next");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());
}

#[test]
fn a_rehearsal_measures_each_step_and_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--mode", "rehearse", "--target", "replay"];
    let mut terminal = on_stage(folder.path(), &options);
    terminal.sees("⏎ type");
    terminal.sees("of 1:00");
    terminal.sees("0:01 of 1:00");
    terminal.keys("s");
    terminal.sees("⏎ next");
    terminal.keys("\r");
    terminal.sees("⏎ answer");
    terminal.keys("\r");
    terminal.sees("measured");
    terminal.sees("Total");
    assert_eq!(terminal.exit_code(), 0);
    let state = folder.path().join("state");
    guided_demo(&state)
        .arg("status")
        .assert()
        .success()
        .stdout(predicates::str::contains("rehearsed 0:0"));
}

#[test]
fn the_clock_is_there_on_a_key_in_every_mode_and_keys_pressed_too_early_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = on_stage(folder.path(), &[]);
    terminal.sees("⏎ run");
    assert!(!terminal.text().contains("of 1:00"));
    terminal.keys("t");
    terminal.sees("0:01 of 1:00");
    // The second one comes while the command and its check run.
    terminal.keys("\r\r");
    terminal.sees("⏎ try again");
    terminal.keys("t");
    terminal.loses("of 1:00");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_walk_that_is_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = on_stage(folder.path(), &["--mode", "stage"]);
    terminal.sees("⏎ type");
    terminal.keys("\r");
    terminal.sees("⏎ run");
    terminal.keys("\r");
    terminal.sees("✘ There is one.");
    terminal.sees("f recording");
    terminal.child.kill().unwrap();
    terminal.exit_code();

    let mut terminal = on_stage(folder.path(), &["--mode", "stage"]);
    terminal.sees("You have been here: step 1 of 2");
    terminal.keys("\r");
    // The command is done; what comes next is its check.
    terminal.sees("✘ There is one.");
    terminal.sees("f recording");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

/// Starts a build that takes its time.
const LONG_BUILD: &str = r#"<!-- demo:format version=1 -->

# A long build

<!-- demo:step id=one minutes=1 -->

## Wait

```console
$ aws codebuild create-project --name long --artifacts type=NO_ARTIFACTS --source '{"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases:\n  build:\n    commands:\n      - echo under way\n      - sleep 600\n"}' --environment type=LINUX_CONTAINER,image=docker:dind,computeType=BUILD_GENERAL1_SMALL,privilegedMode=true --service-role arn:aws:iam::000000000000:role/service-role/codebuild-demo --query project.name
$ BUILD=$(aws codebuild start-build --project-name long --query build.id --output text)
```

<!-- demo:watch $BUILD expect=SUCCEEDED -->
"#;

#[test]
fn ctrl_c_in_a_build_stops_it_and_twice_leaves_at_once() {
    if !has_docker() {
        return;
    }
    for twice in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("demo.md"), LONG_BUILD).unwrap();
        let demo = folder.path().to_string_lossy().into_owned();
        let mut terminal =
            Terminal::start_with(folder.path(), 80, &["run", &demo, "--mode", "stage"]);
        for _ in 0..2 {
            terminal.sees("⏎ type");
            terminal.keys("\r");
            terminal.sees("$ ");
            terminal.keys(" ");
            terminal.sees("⏎ run");
            terminal.keys("\r");
            terminal.loses("⏎ run");
        }
        terminal.sees("│ under way");
        terminal.keys("\x03");
        terminal.sees("Stopping the build.");
        if twice {
            terminal.keys("\x03");
            terminal.sees("Your progress is kept.");
            assert_eq!(terminal.exit_code(), 130);
        } else {
            terminal.sees("The build ended: STOPPED");
            terminal.sees("⏎ again");
            terminal.keys("q");
            assert_eq!(terminal.exit_code(), 0);
        }
        assert!(terminal.is_restored());
    }
}

#[test]
fn a_terminal_that_goes_away_ends_the_walk_with_its_progress_kept() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--mode", "stage", "--target", "replay"];
    let mut terminal = on_stage(folder.path(), &options);
    terminal.sees("⏎ type");
    terminal.keys("s");
    terminal.sees("⏎ next");
    let process = terminal.child.process_id().unwrap().to_string();
    let hung_up = std::process::Command::new("kill")
        .args(["-HUP", &process])
        .status();
    assert!(hung_up.unwrap().success());
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());
    let mut terminal = on_stage(folder.path(), &options);
    terminal.sees("You have been here");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn ctrl_c_while_a_check_waits_leaves_at_once() {
    let folder = tempfile::tempdir().unwrap();
    write_stage_demo(folder.path());
    let script = DEMO.replace("timeout=1", "timeout=600");
    std::fs::write(folder.path().join("demo.md"), script).unwrap();
    let demo = folder.path().to_string_lossy().into_owned();
    let mut terminal =
        Terminal::start_with(folder.path(), 80, &["run", &demo, "--mode", "rehearse"]);
    terminal.sees("⏎ type");
    terminal.resize(100);
    terminal.keys("\r");
    terminal.sees("⏎ run");
    terminal.keys("\r");
    terminal.sees("************");
    terminal.keys("\x03");
    terminal.sees("Your progress is kept.");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());
}
