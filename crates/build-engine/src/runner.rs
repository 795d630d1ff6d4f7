//! What the engine tells the runner in the build container, and what it hears from it.

use std::fmt::Write;

/// The runner: the build container's main process.
pub(crate) const SCRIPT: &str = include_str!("runner.sh");

/// Where CodeBuild keeps the state between commands.
pub(crate) const STATE_DIRECTORY: &str = "/codebuild/output/tmp";
/// Where an inline buildspec goes.
pub(crate) const READONLY_DIRECTORY: &str = "/codebuild/readonly";

/// Where CodeBuild's own programs go: every `PATH` has this directory.
const PROGRAMS_DIRECTORY: &str = "/usr/local/bin";
/// CodeBuild's own programs and their text.
const PROGRAMS: [(&str, &str); 4] = [
    (
        "codebuild-breakpoint",
        include_str!("programs/codebuild-breakpoint.sh"),
    ),
    (
        "codebuild-resume",
        include_str!("programs/codebuild-resume.sh"),
    ),
    (
        "codebuild-hash-files",
        include_str!("programs/codebuild-hash-files.sh"),
    ),
    (
        "git-credential-codebuild",
        include_str!("programs/git-credential-codebuild.sh"),
    ),
];
/// Where a Docker daemon reads its options, beside those of its command line.
const DAEMON_DIRECTORY: &str = "/etc/docker";
const DAEMON_OPTIONS: &str = "/etc/docker/daemon.json";
/// Is there if `codebuild-breakpoint` shall stop the build.
const DEBUG_SESSION: &str = "/codebuild/output/tmp/debug-session";

const COMMAND_SCRIPT: &str = "/codebuild/output/tmp/script.sh";
/// Not the user's: with `run-as` that one may belong to another user.
const ENGINE_SCRIPT: &str = "/codebuild/output/tmp/engine.sh";
const ENVIRONMENT: &str = "/codebuild/output/tmp/env.sh";
const DIRECTORY: &str = "/codebuild/output/tmp/dir.txt";
/// Where the values of exported variables are put for the engine to fetch.
pub(crate) const EXPORTED_DIRECTORY: &str = "/codebuild/output/tmp/exported";

/// Where evaluated texts are put for the engine to fetch.
pub(crate) const EVALUATED_DIRECTORY: &str = "/codebuild/output/tmp/evaluated";

/// Writes the messages of one build's runner.
#[derive(Clone, Debug)]
pub(crate) struct Messages {
    token: String,
}

/// How a command runs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CommandRules {
    /// The shell: `sh` or `bash`.
    pub(crate) shell: &'static str,
    /// Whether directory and variables carry over to the next command (buildspec 0.2).
    pub(crate) carries_over: bool,
    /// The user, if it is not root.
    pub(crate) user: Option<String>,
}

impl Messages {
    pub(crate) fn new(token: &str) -> Self {
        Self {
            token: token.to_owned(),
        }
    }

    /// The first message: the token itself.
    pub(crate) fn token(&self) -> String {
        format!("{}\n", self.token)
    }

    pub(crate) fn directory(path: &str) -> String {
        format!("directory {path}\n")
    }

    /// Writes a file. The text gets a newline at its end if it has none.
    pub(crate) fn file(&self, path: &str, text: &str) -> String {
        self.with_text("file", path, text)
    }

    /// The variables that all commands see, low precedence first.
    pub(crate) fn environment(&self, variables: &[(String, String)]) -> String {
        self.with_text("file", ENVIRONMENT, &exports(variables))
    }

    /// More variables, from the next command on.
    pub(crate) fn more_environment(&self, variables: &[(String, String)]) -> String {
        self.with_text("append", ENVIRONMENT, &exports(variables))
    }

    /// The directory in which the next command begins.
    pub(crate) fn working_directory(&self, path: &str) -> String {
        self.with_text("file", DIRECTORY, path)
    }

    /// Runs a command; the runner answers `exit STATUS`.
    pub(crate) fn command(&self, text: &str, rules: &CommandRules) -> String {
        let run = match &rules.user {
            Some(user) => format!("as {user}"),
            None => "run".to_owned(),
        };
        self.command_script(&run, text, rules)
    }

    /// Runs a command as root, with its standard error apart from its standard output; the runner
    /// answers `exit STATUS` on both.
    pub(crate) fn command_apart(&self, text: &str, rules: &CommandRules) -> String {
        self.command_script("apart", text, rules)
    }

    /// The user's text starts on line 4, as in CodeBuild's own script: shells name that line in
    /// their error messages.
    fn command_script(&self, run: &str, text: &str, rules: &CommandRules) -> String {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let mut script = format!("cd \"$(cat {DIRECTORY})\"\nset -a\n. {ENVIRONMENT}\n{text}\n\n");
        // The empty line keeps a backslash at the end of the text from swallowing the next line.
        if rules.carries_over {
            script.push_str("CODEBUILD_LAST_EXIT=$?\n");
            script.push_str(&format!("export -p >{ENVIRONMENT}\npwd >{DIRECTORY}\n"));
            script.push_str("exit $CODEBUILD_LAST_EXIT\n");
        }
        format!(
            "{}{run} {} {COMMAND_SCRIPT}\n",
            self.with_text("file", COMMAND_SCRIPT, &script),
            rules.shell
        )
    }

    /// Writes CodeBuild's own programs, and whether a breakpoint stops the build.
    pub(crate) fn programs(&self, debug_session: bool) -> String {
        let mut told = Self::directory(PROGRAMS_DIRECTORY);
        for (name, text) in PROGRAMS {
            told.push_str(&self.with_text(
                "program",
                &format!("{PROGRAMS_DIRECTORY}/{name}"),
                text,
            ));
        }
        if debug_session {
            told.push_str(&self.file(DEBUG_SESSION, ""));
        }
        told
    }

    /// Lets a Docker daemon in the container take registries without TLS, unless the image has
    /// options for it already.
    pub(crate) fn insecure_registries(&self, registries: &[String]) -> String {
        let options = serde_json::json!({ "insecure-registries": registries });
        let text = self.with_text("new", DAEMON_OPTIONS, &options.to_string());
        format!("{}{text}", Self::directory(DAEMON_DIRECTORY))
    }

    /// Lets users other than root read a directory and keep the state between commands.
    pub(crate) fn share(directory: &str) -> String {
        format!("share {directory}\n")
    }

    /// Runs a script of the engine's own as root, outside of the build's environment; the runner
    /// answers `exit STATUS`.
    pub(crate) fn script(&self, script: &str) -> String {
        format!(
            "{}run sh {ENGINE_SCRIPT}\n",
            self.with_text("file", ENGINE_SCRIPT, script)
        )
    }

    /// Writes what the shell makes of each text, as it does with a here-document, into files `0`,
    /// `1`, … of [`EVALUATED_DIRECTORY`]; the runner answers `exit STATUS`.
    pub(crate) fn evaluate(&self, texts: &[String], shell: &str) -> String {
        // Not the runner's own token: the text is the user's.
        let end = format!("end-{}", uuid::Uuid::new_v4().simple());
        let mut script = format!(
            "cd \"$(cat {DIRECTORY})\"\n. {ENVIRONMENT}\nrm -rf {EVALUATED_DIRECTORY}\nmkdir -p {EVALUATED_DIRECTORY}\n"
        );
        for (index, text) in texts.iter().enumerate() {
            let _ = writeln!(
                script,
                "cat >{EVALUATED_DIRECTORY}/{index} <<{end}\n{text}\n{end}"
            );
        }
        script.push_str("exit 0\n");
        format!(
            "{}run {shell} {ENGINE_SCRIPT}\n",
            self.with_text("file", ENGINE_SCRIPT, &script)
        )
    }

    /// Writes the values of variables that are set into files `0`, `1`, … of
    /// [`EXPORTED_DIRECTORY`]; the runner answers `exit STATUS`.
    pub(crate) fn export(&self, names: &[String], shell: &str) -> String {
        let mut script = format!(". {ENVIRONMENT}\nmkdir -p {EXPORTED_DIRECTORY}\n");
        for (index, name) in names.iter().enumerate() {
            if is_variable_name(name) {
                let _ = writeln!(
                    script,
                    "[ -z \"${{{name}+x}}\" ] || printf '%s' \"${name}\" >{EXPORTED_DIRECTORY}/{index}"
                );
            }
        }
        script.push_str("exit 0\n");
        format!(
            "{}run {shell} {ENGINE_SCRIPT}\n",
            self.with_text("file", ENGINE_SCRIPT, &script)
        )
    }

    fn with_text(&self, word: &str, path: &str, text: &str) -> String {
        let newline = if text.ends_with('\n') { "" } else { "\n" };
        format!("{word} {path}\n{text}{newline}{}\n", self.token)
    }
}

/// The exit status in the runner's answer to a command.
pub(crate) fn exit_status(marker: &str) -> Option<i32> {
    marker.strip_prefix("exit ")?.trim().parse().ok()
}

/// Whether a shell can have a variable of this name.
pub(crate) fn is_variable_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn exports(variables: &[(String, String)]) -> String {
    let mut lines = String::new();
    for (name, value) in variables.iter().filter(|(name, _)| is_variable_name(name)) {
        let value = value.replace('\0', "").replace('\'', r"'\''");
        let _ = writeln!(lines, "export {name}='{value}'");
    }
    lines
}
