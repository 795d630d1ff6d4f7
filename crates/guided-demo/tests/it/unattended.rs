//! Walks that nobody attends: at a pace, and again and again.

use std::time::Duration;
use std::time::Instant;

use predicates::str::contains;

use crate::command_line::guided_demo;
use crate::command_line::write_demo;
use crate::pty::Terminal;

#[test]
fn each_step_lasts_and_the_walk_begins_again_until_ctrl_c() {
    let folder = tempfile::tempdir().unwrap();
    write_demo(folder.path());
    let demo = folder.path().to_string_lossy().into_owned();
    let args = [
        "run",
        &demo,
        "--target",
        "replay",
        "--mode",
        "auto",
        "--seconds-per-step",
        "1",
        "--loop",
    ];
    let begun = Instant::now();
    let mut terminal = Terminal::start_with(folder.path(), 80, &args);
    terminal.sees("next in 1 s");
    terminal.sees("Step 2 of 2");
    terminal.loses("Step 2 of 2");
    terminal.sees("Step 1 of 2");
    assert!(begun.elapsed() >= Duration::from_secs(2));
    terminal.keys("\x03");
    terminal.sees("Your progress is kept.");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());
}

#[test]
fn options_for_unattended_walks_say_what_they_need() {
    let folder = tempfile::tempdir().unwrap();
    write_demo(folder.path());
    let run = |args: &[&str]| {
        let mut command = guided_demo(&folder.path().join("state"));
        command.arg("run").arg(folder.path()).args(args);
        command.assert().code(2)
    };
    run(&["--mode", "stage"]).stderr(contains("--mode stage needs a terminal"));
    run(&["--mode", "auto", "--loop", "--target", "aws", "--yes"])
        .stderr(contains("each build costs money"));
    run(&["--seconds-per-step", "0", "--mode", "auto"]);
}
