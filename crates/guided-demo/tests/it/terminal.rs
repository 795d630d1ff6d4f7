//! The walk in a real terminal: keys, Ctrl-C, resize.

use crate::pty::Terminal;

#[test]
fn a_demo_is_walked_with_keys_from_begin_to_end() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 80);
    terminal.sees("Look at the projects");
    terminal.sees("RECORDING of 2026-11-22");
    terminal.sees("⏎ run");
    terminal.keys("h");
    terminal.sees("There is one project.");
    terminal.keys("?");
    terminal.sees("look at the next or previous step");
    terminal.keys("\x1b[C");
    terminal.sees("Only looking");
    terminal.keys("\r");
    terminal.sees("Back at step 1");
    terminal.sees("⏎ run");
    terminal.keys("\r");
    terminal.sees("✔ There is one.");
    terminal.sees("⏎ next: A question");
    terminal.keys("\r");
    terminal.sees("1-2 answer");
    terminal.keys("1");
    terminal.sees("Not quite: the answer is 2.");
    terminal.sees("The demo is finished.");
    terminal.sees("0 of 1 questions right");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());
}

#[test]
fn ctrl_c_at_a_prompt_leaves_at_once_and_the_walk_goes_on_there_later() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 80);
    terminal.sees("⏎ run");
    terminal.keys("\r");
    terminal.sees("⏎ next: A question");
    terminal.keys("\r");
    terminal.sees("1-2 answer");
    terminal.keys("\x03");
    terminal.sees("Your progress is kept.");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());

    let mut terminal = Terminal::start(folder.path(), 80);
    terminal.sees("step 2 of 2");
    terminal.keys("\r");
    terminal.sees("1-2 answer");
    terminal.keys("2");
    terminal.sees("The demo is finished.");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn ctrl_c_in_the_list_restores_the_cursor_that_the_list_hides() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 80);
    terminal.sees("⏎ run");
    terminal.keys("l");
    terminal.sees("Go to");
    terminal.keys("\x03");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());
}

#[test]
fn a_narrow_terminal_that_is_resized_is_used_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 60);
    terminal.sees("⏎ run");
    terminal.resize(100);
    terminal.keys("?");
    terminal.sees("show all of the last output, and what crossed the wire");
    terminal.keys("q");
    terminal.sees("Your progress is kept.");
    assert_eq!(terminal.exit_code(), 0);
}
