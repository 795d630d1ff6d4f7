//! The runner's script on the shells of this host, without Docker.

use std::io::Read;
use std::io::Write;
use std::process::ChildStdin;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;

use crate::output::Output;
use crate::output::OutputLines;
use crate::runner;
use crate::runner::CommandRules;
use crate::runner::Messages;

const TOKEN: &str = "0123456789abcdef";

/// The shells that this host has, as the words that run them.
fn shells() -> Vec<Vec<&'static str>> {
    let candidates = [
        vec!["sh"],
        vec!["dash"],
        vec!["bash"],
        vec!["busybox", "sh"],
    ];
    let works = |shell: &Vec<&str>| {
        Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", ":"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    candidates.into_iter().filter(works).collect()
}

/// A runner on this host, with its files in a directory of its own instead of `/codebuild`.
struct Runner {
    child: std::process::Child,
    input: ChildStdin,
    output: ChildStdout,
    lines: OutputLines,
    found: std::collections::VecDeque<Output>,
    directory: tempfile::TempDir,
    messages: Messages,
}

impl Runner {
    fn start(shell: &[&str]) -> Self {
        let mut child = Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", runner::SCRIPT, "codebuild", "plain"])
            .env("__cb_token", "from the image")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut runner = Self {
            input: child.stdin.take().unwrap(),
            output: child.stdout.take().unwrap(),
            child,
            lines: OutputLines::new(TOKEN),
            found: std::collections::VecDeque::new(),
            directory: tempfile::tempdir().unwrap(),
            messages: Messages::new(TOKEN),
        };
        let messages = runner.messages.clone();
        runner.tell(&messages.token());
        assert_eq!(runner.until_marker(), (vec![], "ready".to_owned()));
        let start = runner.directory.path().display().to_string();
        runner.tell(&Messages::directory(runner::STATE_DIRECTORY));
        runner.tell(&messages.working_directory(&start));
        runner
    }

    fn tell(&mut self, message: &str) {
        let directory = self.directory.path().display().to_string();
        let message = message.replace("/codebuild", &directory);
        self.input.write_all(message.as_bytes()).unwrap();
    }

    fn environment(&mut self, variables: &[(&str, &str)]) {
        let variables: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let message = self.messages.environment(&variables);
        self.tell(&message);
    }

    /// Output lines up to the next marker, and the marker.
    fn until_marker(&mut self) -> (Vec<String>, String) {
        let mut printed = Vec::new();
        loop {
            while let Some(output) = self.found.pop_front() {
                match output {
                    Output::Line(line) | Output::Rest(line) => printed.push(line),
                    Output::Marker(words) => return (printed, words),
                }
            }
            let mut chunk = [0; 4096];
            let count = self.output.read(&mut chunk).unwrap();
            assert!(count > 0, "the runner ended after {printed:?}");
            let mut found = Vec::new();
            self.lines.push(&chunk[..count], &mut found);
            self.found.extend(found);
        }
    }

    fn run(&mut self, shell: &'static str, text: &str) -> (Vec<String>, i32) {
        let rules = CommandRules {
            shell,
            carries_over: true,
            user: None,
        };
        let message = self.messages.command(text, &rules);
        self.tell(&message);
        let (printed, marker) = self.until_marker();
        (printed, runner::exit_status(&marker).unwrap())
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a test in a runner of every shell, with every shell for the commands.
fn in_all_shells(test: impl Fn(&mut Runner, &'static str)) {
    let shells = shells();
    assert!(!shells.is_empty());
    for shell in shells {
        for command_shell in ["sh", "dash", "bash", "busybox sh"] {
            if !shells_know(command_shell) {
                continue;
            }
            println!("runner in {shell:?}, commands in {command_shell}");
            test(&mut Runner::start(&shell), command_shell);
        }
    }
}

fn shells_know(shell: &str) -> bool {
    shells().iter().any(|words| words.join(" ") == shell)
}

fn lines(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

#[test]
fn variables_and_directory_carry_over_and_odd_values_survive() {
    in_all_shells(|runner, shell| {
        let odd = "it's \"$HOME\" \\n `x`\nsecond line\t*";
        runner.environment(&[("ODD", odd), ("LAST", ""), ("not-a-name", "x")]);
        let (printed, status) = runner.run(shell, "printf '%s|%s\\n' \"$ODD\" \"$LAST\"");
        let expected = ["it's \"$HOME\" \\n `x`", "second line\t*|"];
        assert_eq!((printed, status), (lines(&expected), 0));

        let (_, status) = runner.run(shell, "mkdir 'a b'; cd 'a b'; KEPT=\"$ODD\"; (exit 9)");
        assert_eq!(status, 9);
        let text =
            "[ \"$KEPT\" = \"$ODD\" ] && echo same; echo \"${PWD##*/} $CODEBUILD_LAST_EXIT\"";
        assert_eq!(runner.run(shell, text), (lines(&["same", "a b 9"]), 0));
    });
}

#[test]
fn the_users_text_starts_on_line_4() {
    in_all_shells(|runner, shell| {
        runner.environment(&[]);
        let (printed, status) = runner.run(shell, "no-such-command-at-all");
        assert_eq!(status, 127);
        assert_eq!(printed.len(), 1);
        assert!(
            printed[0].contains("script.sh: line 4: ") || printed[0].contains("script.sh: 4: "),
            "{printed:?}"
        );
    });
}

#[test]
fn no_command_can_disturb_the_runner() {
    in_all_shells(|runner, shell| {
        runner.environment(&[]);
        for (text, status) in [
            ("exit 3", 3),
            ("cat", 0),
            ("set -e; false; echo never", 1),
            ("exec >/dev/null; echo nobody hears", 0),
            ("echo 'not closed", 2),
            ("kill -9 $$", 137),
            ("true \\", 0),
            ("# only a comment", 0),
        ] {
            let (_, found) = runner.run(shell, text);
            // Shells differ in the status of a syntax error, but it is never 0.
            assert!(
                found == status || (status == 2 && found != 0),
                "{text}: {found}"
            );
        }
        assert_eq!(
            runner.run(shell, "echo still here"),
            (lines(&["still here"]), 0)
        );
    });
}

#[test]
fn the_token_is_not_in_the_environment() {
    in_all_shells(|runner, shell| {
        runner.environment(&[]);
        let (printed, _) = runner.run(shell, "env; export -p; set");
        assert!(
            printed.iter().all(|line| !line.contains(TOKEN)),
            "{printed:?}"
        );
    });
}

#[test]
fn an_unfinished_line_and_a_marker_do_not_mix() {
    in_all_shells(|runner, shell| {
        runner.environment(&[]);
        let (printed, status) = runner.run(shell, "printf 'no newline'; printf ' err' >&2; exit 5");
        assert_eq!((printed, status), (lines(&["no newline err"]), 5));
    });
}

#[test]
fn standard_error_apart_ends_with_a_marker_of_its_own_and_nothing_inherits_the_way_to_it() {
    for shell in shells() {
        let script = "echo before >&2";
        let mut child = Command::new(shell[0])
            .args(&shell[1..])
            .args(["-c", &format!("{script}\n{}", runner::SCRIPT)])
            .args(["codebuild", "plain"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let directory = tempfile::tempdir().unwrap();
        let messages = Messages::new(TOKEN);
        let rules = CommandRules {
            shell: "sh",
            carries_over: true,
            user: None,
        };
        let mut told = messages.token();
        told.push_str(&Messages::directory(runner::STATE_DIRECTORY));
        told.push_str(&messages.working_directory(&directory.path().display().to_string()));
        told.push_str(&messages.environment(&[]));
        told.push_str(&messages.command("(echo lost >&9) 2>/dev/null; echo together >&2", &rules));
        told.push_str(&messages.command_apart(
            "(echo lost >&9) 2>/dev/null; printf out; printf err >&2; exit 3",
            &rules,
        ));
        let told = told.replace("/codebuild", &directory.path().display().to_string());
        child
            .stdin
            .take()
            .unwrap()
            .write_all(told.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            String::from_utf8(output.stdout).unwrap(),
            format!(
                "\u{1e}{TOKEN} ready\ntogether\n\u{1e}{TOKEN} exit 0\nout\u{1e}{TOKEN} exit 3\n"
            )
        );
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            format!("before\nerr\u{1e}{TOKEN} exit 3\n")
        );
    }
}

#[test]
fn a_background_process_does_not_hold_up_its_command() {
    in_all_shells(|runner, shell| {
        runner.environment(&[]);
        let text =
            "mkfifo go; nohup sh -c 'read -r x <go; echo heard; echo x >done' & echo launched";
        assert_eq!(runner.run(shell, text), (lines(&["launched"]), 0));
        let text = "echo x >go; until [ -f done ]; do :; done";
        assert_eq!(runner.run(shell, text), (lines(&["heard"]), 0));
    });
}

#[test]
fn long_commands_with_odd_lines_arrive() {
    in_all_shells(|runner, shell| {
        runner.environment(&[]);
        let mut text =
            String::from("cat <<'END'\n  leading\\ and trailing  \n\n\ttab\nfile x\nüñ\n");
        let long = "x".repeat(20_000);
        text.push_str(&long);
        text.push_str("\nEND\n");
        let (printed, status) = runner.run(shell, &text);
        assert_eq!(status, 0);
        let expected = [
            "  leading\\ and trailing  ",
            "",
            "\ttab",
            "file x",
            "üñ",
            &long,
        ];
        assert_eq!(printed, lines(&expected));
    });
}

#[test]
fn options_that_an_image_brings_for_its_docker_daemon_stay() {
    in_all_shells(|runner, shell| {
        let directory = runner.directory.path().join("docker");
        let options = directory.join("daemon.json");
        runner.tell(&runner.messages.environment(&[]));
        let registries = ["172.17.0.1:4000".to_owned()];
        let message = runner.messages.insecure_registries(&registries);
        let here = directory.display().to_string();
        let message = message.replace("/etc/docker", &here);
        runner.tell(&message);
        runner.run(shell, ":");
        let written = std::fs::read_to_string(&options).unwrap();
        assert_eq!(written, "{\"insecure-registries\":[\"172.17.0.1:4000\"]}\n");
        std::fs::write(&options, "{}").unwrap();
        runner.tell(&message);
        assert_eq!(runner.run(shell, "echo on").0, lines(&["on"]));
        assert_eq!(std::fs::read_to_string(&options).unwrap(), "{}");
    });
}
