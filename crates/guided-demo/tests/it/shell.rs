//! `b`: a shell in the middle of a walk.

use crate::pty::Terminal;
use crate::stage::write_stage_demo;

/// A directory for the PATH without the AWS CLI, but with what a shell needs.
const PATH: &str = "/bin:/usr/sbin:/sbin";

#[test]
fn a_shell_has_the_walks_aws_and_comes_back_to_the_same_step() {
    let folder = tempfile::tempdir().unwrap();
    write_stage_demo(folder.path());
    let demo = folder.path().to_string_lossy().into_owned();
    let programs = tempfile::tempdir().unwrap();
    for name in ["sh", "env", "sleep"] {
        std::os::unix::fs::symlink(format!("/bin/{name}"), programs.path().join(name)).unwrap();
    }
    let path = programs.path().to_string_lossy().into_owned();
    let environment = [("SHELL", "/bin/sh"), ("PATH", path.as_str())];
    let mut terminal = Terminal::start_in(folder.path(), 80, &["run", &demo], &environment);
    terminal.sees("⏎ run");
    terminal.keys("b");
    terminal.sees("back to this step.");
    terminal.sees(") $ ");
    terminal.keys("aws sts get-caller-identity --query Arn --output text\r");
    terminal.sees("arn:aws:iam::000000000000:user/student");
    terminal.keys("echo \"$AWS_ENDPOINT_URL,$AWS_REGION\"\r");
    terminal.sees(",eu-central-1");
    terminal.sees("http://127.0.0.1:");
    // Ctrl-C is for what runs in the shell.
    terminal.keys("sh -c 'echo under w\"\"ay; read line'\r");
    terminal.sees("under way");
    terminal.keys("\x03");
    let name = folder.path().file_name().unwrap().to_string_lossy();
    terminal.sees_prompt(&format!("({name}) $"));
    terminal.keys("echo still h''ere\r");
    terminal.sees("still here");
    terminal.keys("exit\r");
    terminal.sees("This text is not for the room");
    terminal.sees("⏎ run");
    terminal.keys("q");
    terminal.sees("Your progress is kept");
    assert_eq!(terminal.exit_code(), 0);
    assert!(terminal.is_restored());
}

#[test]
fn an_aws_cli_that_does_not_read_the_endpoint_is_told_it() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    write_stage_demo(folder.path());
    let demo = folder.path().to_string_lossy().into_owned();
    let old = tempfile::tempdir().unwrap();
    let program = old.path().join("aws");
    let script = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo aws-cli/2.9.19 Python; \
                  else echo \"called: $*\"; fi\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/bin", old.path().display());
    let environment = [("SHELL", "/bin/sh"), ("PATH", path.as_str())];
    let mut terminal = Terminal::start_in(folder.path(), 80, &["run", &demo], &environment);
    terminal.sees("⏎ run");
    terminal.keys("b");
    terminal.sees(") $ ");
    terminal.keys("aws s3 ls\r");
    terminal.sees("called: --endpoint-url http://127.0.0.1:");
    terminal.keys("exit\r");
    terminal.sees("⏎ run");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_recording_has_no_shell_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path(), 80);
    terminal.sees("⏎ run");
    terminal.keys("b");
    terminal.sees("There is no shell for a recording");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}

#[test]
fn a_shell_that_does_not_exist_is_named() {
    let folder = tempfile::tempdir().unwrap();
    write_stage_demo(folder.path());
    let demo = folder.path().to_string_lossy().into_owned();
    let environment = [("SHELL", "/nonexistent/shell"), ("PATH", PATH)];
    let mut terminal = Terminal::start_in(folder.path(), 80, &["run", &demo], &environment);
    terminal.sees("⏎ run");
    terminal.keys("b");
    terminal.sees("/nonexistent/shell does not start");
    terminal.keys("q");
    assert_eq!(terminal.exit_code(), 0);
}
