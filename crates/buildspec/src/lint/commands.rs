//! Rules that look at one command alone.

use super::Lint;
use super::Seen;
use crate::shell::Separator;
use crate::shell::Simple;
use crate::shell::base_name;
use crate::shell::is_assignment;
use crate::spec::Shell;

impl Lint<'_> {
    pub(super) fn commands(&mut self) {
        for seen in std::mem::take(&mut self.seen) {
            self.old_timeout(&seen);
            self.bash_words(&seen);
            self.masked_failure(&seen);
            self.login(&seen);
            self.seen.push(seen);
        }
    }

    fn old_timeout(&mut self, seen: &Seen<'_>) {
        let is_old = |simple: &&Simple| {
            simple
                .words
                .windows(2)
                .any(|pair| matches!(pair, [program, option] if base_name(program) == "timeout" && option == "-t"))
        };
        if let Some(simple) = seen.script.commands.iter().find(is_old) {
            self.warn(
                "timeout-t",
                seen.command.place_of_line(simple.line),
                "`timeout -t` is refused by BusyBox since 1.30 (2018), as in Alpine and docker:dind, and by coreutils",
                "Write the seconds alone: `timeout 15 …`. (AWS's page on Docker in custom images still shows `-t` for Alpine.)",
            );
        }
    }

    fn bash_words(&mut self, seen: &Seen<'_>) {
        if self.spec.env.shell == Some(Shell::Bash) || self.context.sh_is_bash() {
            return;
        }
        let has_busybox = self.context.has_busybox();
        // BusyBox expands these.
        let counts = |word: &str| !(has_busybox && word.starts_with("${"));
        let Some((word, line)) = seen.script.bash.iter().find(|(word, _)| counts(word)) else {
            return;
        };
        let place = seen.command.place_of_line(*line);
        let help = match word.as_str() {
            "[[" => "Write `[ … ]` and quote the variables in it, or",
            "source" => "Write `.` instead of `source`, or",
            "function" => "Write `name() { …; }`, or",
            _ => "Write it in the words of POSIX, or",
        };
        let bash = match has_busybox {
            true => "put `shell: bash` below `env:` and bash into the image, which has none",
            false => "put `shell: bash` below `env:` if the image has bash",
        };
        self.warn(
            "bash-in-sh",
            place,
            format!("`{word}` is bash's; this command runs in sh, which need not know it"),
            format!("{help} {bash}."),
        );
    }

    /// A block of several lines goes on after a line that failed.
    fn masked_failure(&mut self, seen: &Seen<'_>) {
        let commands = &seen.script.commands;
        let stops = commands.iter().any(|simple| {
            simple.program() == "set"
                && simple.arguments().iter().any(|word| {
                    word == "errexit"
                        || (word.starts_with('-') && !word.starts_with("--") && word.contains('e'))
                })
        });
        if stops || !seen.command.text.contains('\n') {
            return;
        }
        let Some(last_line) = commands
            .iter()
            .filter(|simple| simple.depth == 0)
            .map(|simple| simple.line)
            .max()
        else {
            return;
        };
        let mut previous = Separator::Newline;
        for simple in commands.iter().filter(|simple| simple.depth == 0) {
            let is_alone = simple.next == Separator::Newline
                && matches!(previous, Separator::Newline | Separator::Semicolon);
            previous = simple.next;
            let is_last = simple.line >= last_line;
            if is_alone && !is_last && can_fail(simple) {
                self.warn(
                    "masked-failure",
                    seen.command.place_of_line(simple.line),
                    format!(
                        "if `{}` fails, the block goes on and can still succeed: its exit code is that of its last line",
                        short_name(simple)
                    ),
                    "Begin the block with `set -e`, join the lines with `&&`, or make each line a command of its own.",
                );
                return;
            }
        }
    }

    fn login(&mut self, seen: &Seen<'_>) {
        for simple in &seen.script.commands {
            let words: Vec<&str> = simple.arguments().iter().map(String::as_str).collect();
            let place = seen.command.place_of_line(simple.line);
            match (simple.program(), words.as_slice()) {
                ("docker", ["login", options @ ..])
                    if options.iter().any(|word| {
                        *word == "-p" || *word == "--password" || word.starts_with("--password=")
                    }) =>
                {
                    self.warn(
                        "password-in-command",
                        place,
                        "a password on the command line is seen by all processes of the build",
                        "Write `… | docker login --username … --password-stdin REGISTRY`.",
                    );
                }
                ("aws", ["ecr", "get-login", ..]) => self.warn(
                    "ecr-get-login",
                    place,
                    "`aws ecr get-login` is not in version 2 of the AWS CLI",
                    "Write `aws ecr get-login-password | docker login --username AWS --password-stdin REGISTRY`.",
                ),
                _ => {}
            }
        }
    }
}

/// Such as `docker build`.
fn short_name(simple: &Simple) -> String {
    match simple.arguments().first() {
        Some(word) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            format!("{} {word}", simple.program())
        }
        _ => simple.program().to_owned(),
    }
}

/// Whether a failure of a command would matter.
fn can_fail(simple: &Simple) -> bool {
    const HARMLESS: [&str; 14] = [
        "", "echo", "printf", "export", "unset", "set", "true", ":", "sleep", "wait", "exit",
        "trap", "ls", "shift",
    ];
    let is_only_assignments = simple.words.iter().all(|word| is_assignment(word));
    !is_only_assignments && !simple.is_background && !HARMLESS.contains(&simple.program())
}
