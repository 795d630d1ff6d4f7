//! `guided-demo check` on demo scripts, and `guided-demo new`.

use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Stdio;

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

use super::command_line::guided_demo;

/// A folder with a script that is full of mistakes, what it includes, and a glossary.
fn folder_of_mistakes() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("mistakes");
    std::fs::create_dir(&demo).unwrap();
    std::fs::write(demo.join("demo.md"), include_str!("mistakes/demo.md")).unwrap();
    std::fs::write(demo.join("part.md"), include_str!("mistakes/part.md")).unwrap();
    let glossary = "# Glossary\n\n## Phase\n\nA part of a build.\n";
    std::fs::write(folder.path().join("glossary.md"), glossary).unwrap();
    folder
}

#[test]
fn all_mistakes_of_a_script_are_shown_in_one_run_each_with_its_place() {
    let folder = folder_of_mistakes();
    let check = |words: &[&str]| {
        let mut command = guided_demo(folder.path());
        command.current_dir(folder.path()).arg("check").args(words);
        command.output().unwrap()
    };
    let shown = check(&["mistakes"]);
    assert_eq!(shown.status.code(), Some(5));
    let text = String::from_utf8(shown.stderr).unwrap();
    insta::assert_snapshot!(text);

    let data = check(&["--json", "mistakes/demo.md", "glossary.md"]);
    assert_eq!(data.status.code(), Some(5));
    assert!(data.stderr.is_empty());
    let found: Vec<Value> = serde_json::from_slice(&data.stdout).unwrap();
    assert_eq!(found.len(), text.matches("  × ").count());
    assert!(found.len() >= 20, "{}", found.len());
    let option = found
        .iter()
        .find(|found| found["message"].as_str().unwrap().contains("--sort-odrer"))
        .unwrap();
    assert_eq!(option["file"], "mistakes/part.md");
    assert_eq!(
        (&option["line"], &option["column"]),
        (&8.into(), &29.into())
    );
    assert_eq!(option["severity"], "error");
    assert_eq!(option["help"], "Did you mean `--sort-order`?");
}

#[test]
fn the_warnings_of_a_buildspec_are_data_too() {
    let folder = tempfile::tempdir().unwrap();
    let text = "version: 0.2\nphases: {build: {commands: [\"nohup dockerd &\"]}}\n";
    std::fs::write(folder.path().join("buildspec.yml"), text).unwrap();
    let output = guided_demo(folder.path())
        .current_dir(folder.path())
        .args(["check", "--json", "buildspec.yml", "none.yml"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(5));
    let found: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found[0]["severity"], "warning");
    assert_eq!(found[0]["line"], 2);
    assert_eq!(found.last().unwrap()["file"], "none.yml");
}

#[test]
fn a_new_demo_has_no_mistakes_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let run = |words: &[&str]| {
        let mut command = guided_demo(&folder.path().join("state"));
        command.current_dir(folder.path()).args(words).assert()
    };
    run(&["new", "./x"])
        .success()
        .stdout(contains("check --watch ./x").and(contains("run ./x")));
    run(&["check", "x"])
        .success()
        .stdout(contains("no mistakes (2 steps, 4 minutes)"));
    run(&["check", "--run", "x"])
        .success()
        .stdout(contains("demo.md: passed"));
    run(&["run", "./x", "--set", "PROJECT_NAME=mine"])
        .success()
        .stdout(contains("The project is gone.").and(contains("\"mine\"")));
    let script = folder.path().join("x/demo.md");
    std::fs::write(&script, "mine").unwrap();
    run(&["new", "./x"])
        .code(2)
        .stderr(contains("is there already").and(contains("nothing is overwritten")));
    assert_eq!(std::fs::read_to_string(&script).unwrap(), "mine");
    run(&["new", "a name"])
        .code(2)
        .stderr(contains("give a path"));
}

#[test]
fn a_demo_whose_check_fails_is_reported_with_what_the_walk_said() {
    let folder = tempfile::tempdir().unwrap();
    let script = super::command_line::DEMO.replace("expect=alpha", "expect=omega timeout=0");
    std::fs::write(folder.path().join("demo.md"), script).unwrap();
    guided_demo(folder.path())
        .current_dir(folder.path())
        .args(["check", "--run", "demo.md"])
        .assert()
        .code(3)
        .stdout(contains("demo.md: failed"))
        .stderr(contains("There is one.").and(contains("omega")));
}

/// Reads lines up to one that holds the text.
fn wait_for(what: &str, lines: &mut impl Iterator<Item = std::io::Result<String>>) {
    let found = lines.any(|line| line.unwrap().contains(what));
    assert!(found, "{what} never came");
}

#[cfg(unix)]
fn send(signal: &str, process: u32) {
    let kill = std::process::Command::new("kill")
        .args([signal, &process.to_string()])
        .status();
    assert!(kill.unwrap().success());
}

#[test]
#[cfg(unix)]
fn a_watched_script_is_checked_again_when_something_that_it_speaks_of_changes() {
    let folder = tempfile::tempdir().unwrap();
    let demo = |text: &str| std::fs::write(folder.path().join("demo.md"), text).unwrap();
    let good = super::command_line::DEMO.replace(
        "A *project* has a name.",
        "A *project* has a name.\n\n<!-- demo:show project.json -->",
    );
    demo(&good);
    let mut watching = std::process::Command::new(env!("CARGO_BIN_EXE_guided-demo"))
        .current_dir(folder.path())
        .args(["check", "--watch", "demo.md"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let process = watching.id();
    // If what is waited for never comes, the pipes close and the test fails.
    let (over, is_over) = std::sync::mpsc::channel::<()>();
    let watchdog = std::thread::spawn(move || {
        if is_over.recv_timeout(std::time::Duration::from_secs(60))
            == Err(std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            send("-KILL", process);
        }
    });
    let mut out = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut errors = BufReader::new(watching.stderr.take().unwrap()).lines();
    wait_for("there is no file project.json", &mut errors);
    std::fs::write(folder.path().join("project.json"), "{}").unwrap();
    wait_for("demo.md: no mistakes", &mut out);
    demo(&good.replace("demo:check", "demo:chekc"));
    wait_for("there is no directive `demo:chekc`", &mut errors);
    send("-INT", process);
    assert_eq!(watching.wait().unwrap().code(), Some(130));
    drop(over);
    watchdog.join().unwrap();
}

#[test]
fn a_demo_can_be_named_as_in_the_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let state = tempfile::tempdir().unwrap();
    guided_demo(state.path())
        .current_dir(root)
        .args(["check", "docker-in-docker"])
        .assert()
        .success()
        .stdout(contains("demo.md: no mistakes"));
}
