//! `notes`: the speaker's second terminal follows the walk in the first one.

use std::time::Duration;
use std::time::Instant;

use crate::pty::Terminal;
use crate::stage::write_stage_demo;

#[test]
fn the_second_terminal_follows_the_walk() {
    let folder = tempfile::tempdir().unwrap();
    write_stage_demo(folder.path());
    let demo = folder.path().to_string_lossy().into_owned();
    let mut notes = Terminal::start_with(folder.path(), 80, &["notes"]);
    notes.sees("No walk is running");
    let run = ["run", &demo, "--mode", "stage", "--target", "replay"];
    let mut walk = Terminal::start_with(folder.path(), 80, &run);
    walk.sees("⏎ type");
    notes.sees("Talk about roles.");
    notes.sees("Next: A question");
    notes.sees("0:01 of 1:00");
    walk.keys("s");
    walk.sees("⏎ next");
    walk.keys("\r");
    walk.sees("⏎ answer");
    let begun = Instant::now();
    notes.sees("Next: the end");
    // 300 ms on a machine that has nothing else to do.
    assert!(begun.elapsed() < Duration::from_secs(3));
    notes.sees("This step has no speaker's note.");

    notes.resize(60);
    notes.sees("Next: the end");

    walk.child.kill().unwrap();
    walk.exit_code();
    notes.sees("No walk is running");
    notes.keys("q");
    assert_eq!(notes.exit_code(), 0);
    assert!(notes.is_restored());
}
