//! Terminals that cannot draw, and those that are heard.

use crate::command_line::write_demo;
use crate::pty::Terminal;

fn walk(folder: &std::path::Path, more: &[&str], environment: &[(&str, &str)]) -> Terminal {
    write_demo(folder);
    let demo = folder.to_string_lossy();
    let mut args = vec!["run", "--target", "replay", &*demo];
    args.extend(more);
    Terminal::start_in(folder, 80, &args, environment)
}

#[test]
fn a_screen_that_is_heard_gets_words_and_nothing_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = walk(folder.path(), &["--plain"], &[("TERM", "dumb")]);
    terminal.sees("Press Enter to run, h for a hint, q to leave, question mark for all keys.");
    terminal.keys("h");
    terminal.sees("There is one project.");
    terminal.keys("\r");
    terminal.sees("Passed: There is one.");
    terminal.sees("Press Enter for the next step, A question");
    // Nothing was erased.
    terminal.sees("Press Enter to run");
    terminal.sees("Look at the projects");
    assert!(terminal.text().is_ascii(), "{}", terminal.text());
    terminal.keys("l");
    terminal.sees("Type the number of a step");
    terminal.keys("2\r");
    terminal.sees("Press a number from 1 to 2 to answer");
    terminal.keys("2");
    terminal.sees("The demo is finished.");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());
}

#[test]
fn without_utf8_every_sign_is_ascii() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = walk(folder.path(), &[], &[("LC_ALL", "C")]);
    terminal.sees("Enter run");
    terminal.keys("\r");
    terminal.sees("+ There is one.");
    terminal.sees("Enter next");
    assert!(terminal.text().is_ascii(), "{}", terminal.text());
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn without_a_term_nothing_is_asked_and_it_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = walk(folder.path(), &[], &[("TERM", "")]);
    terminal.sees("TERM is dumb or not set");
    terminal.sees("The demo is finished.");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());
}
