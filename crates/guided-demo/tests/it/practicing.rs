//! Practice: questions in a terminal, what is kept of the answers, and the score.

use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

use crate::command_line::guided_demo;
use crate::pty::Terminal;

/// The questions that would be asked, in order.
fn list(state: &std::path::Path, options: &[&str]) -> Vec<Value> {
    let output = guided_demo(state)
        .args(["practice", "--json"])
        .args(options)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_question_that_went_wrong_comes_back_and_the_score_counts_it() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let asked = list(&state, &["--task", "6.2"])[0]["question"].clone();
    let args = ["practice", "--task", "6.2", "-n", "1"];

    // No question has a ninth answer, so that this is not an answer.
    let mut terminal = Terminal::start_with(folder.path(), 80, &args);
    terminal.sees("Question 1 of 1 · task 6.2 · Security and compliance");
    terminal.keys("9");
    terminal.sees("Press a number from 1 to");
    // One of these two is wrong; what the question says decides which round this is.
    terminal.keys("1");
    terminal.sees("That was the last question of this round.");
    terminal.sees("6 Security and compliance");
    let wrong = terminal.text().contains("worth another look");
    if wrong {
        terminal.sees("0 of 1 questions right");
        terminal.keys("\r");
        terminal.sees("Exam practice, once more");
        terminal.keys("q");
        terminal.sees("To go on:");
    }
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());

    let kept = std::fs::read_to_string(state.join("questions.json")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    let card = &kept["cards"][asked.as_str().unwrap()];
    assert_eq!(card["answered"], 1, "{kept}");
    assert_eq!(card["last_right"], !wrong);
    guided_demo(&state).arg("status").assert().success().stdout(
        contains("1 of ")
            .and(contains("Security and compliance"))
            .and(contains("1 of")),
    );

    guided_demo(&state)
        .args(["reset", "--questions", "--yes"])
        .assert()
        .success();
    assert!(
        list(&state, &[])
            .iter()
            .all(|question| question["answered"] == 0)
    );
}

#[test]
fn ctrl_c_in_practice_keeps_what_was_answered_and_restores_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start_with(
        folder.path(),
        60,
        &[
            "practice",
            "-n",
            "2",
            "--demo",
            "exam-practice",
            "--domain",
            "3",
        ],
    );
    terminal.sees("Question 1 of 2");
    terminal.keys("1");
    // On to the next question, or to the proof of this one.
    terminal.sees("⏎ ");
    terminal.keys("\x03");
    assert_eq!(terminal.exit_code(), 130);
    assert!(terminal.is_restored());
    let answered = list(&folder.path().join("state"), &[])
        .iter()
        .filter(|question| question["answered"] == 1)
        .count();
    assert_eq!(answered, 1);
}

#[test]
fn the_bank_is_large_enough_covers_all_domains_and_explains_every_option() {
    let state = tempfile::tempdir().unwrap();
    let questions = list(state.path(), &["--demo", "exam-practice"]);
    assert!(questions.len() >= 60, "{}", questions.len());
    for domain in 1..=6 {
        let tasks = questions.iter().filter(|question| {
            let task = question["task"].as_str().unwrap();
            task.starts_with(&format!("{domain}."))
        });
        assert!(tasks.count() >= 9, "domain {domain}");
    }
}

#[test]
fn practice_without_a_terminal_and_wrong_choices_say_what_to_do() {
    let state = tempfile::tempdir().unwrap();
    for (args, code, text) in [
        (&["practice"][..], 2, "--list"),
        (&["practice", "--task", "1.9"], 2, "no task `1.9`"),
        (
            &["practice", "--demo", "exam-practise"],
            2,
            "Did you mean `exam-practice`?",
        ),
        (&["practice", "--domain", "7"], 2, "7 is not in 1..=6"),
        (
            &["glossary", "privleged-mode"],
            2,
            "Did you mean `privileged-mode`?",
        ),
    ] {
        guided_demo(state.path())
            .args(args)
            .assert()
            .code(code)
            .stderr(contains(text));
    }
    guided_demo(state.path())
        .args(["glossary", "privileged", "mode"])
        .assert()
        .success()
        .stdout(contains("Privileged mode"));
}
