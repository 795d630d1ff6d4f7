//! What a shell of a walk is started with: variables, a prompt, and an `aws` that works.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use crate::command_error::CommandError;

/// What would send calls elsewhere, or add a session to keys that have none.
const IN_THE_WAY: [&str; 7] = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_CLI_AUTO_PROMPT",
];

/// A shell and its surroundings.
pub(crate) struct ShellSetting {
    /// The demo's id, for the prompt.
    pub(crate) demo: String,
    /// Where it begins.
    pub(crate) directory: PathBuf,
    /// What is exported.
    pub(crate) variables: Vec<(String, String)>,
    /// Where AWS is, if the student's AWS CLI has to be told with an option.
    pub(crate) endpoint_option: Option<String>,
    /// The target as `guided-demo aws` takes it; `None` is the local AWS.
    pub(crate) target: Option<String>,
    /// The state directory of the walk.
    pub(crate) state_dir: PathBuf,
}

/// Files that live as long as the shell.
pub(crate) struct ShellFiles {
    /// The start file of the shell.
    start: Option<tempfile::TempDir>,
    /// A directory for the PATH, with an `aws` in it.
    programs: Option<PathBuf>,
}

/// The shells that differ in how a prompt is set.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Bash,
    Zsh,
    Fish,
    Posix,
    Windows,
}

impl ShellSetting {
    /// The student's shell.
    pub(crate) fn program(&self) -> PathBuf {
        let (variable, default) = match cfg!(windows) {
            true => ("COMSPEC", "cmd.exe"),
            false => ("SHELL", "sh"),
        };
        std::env::var_os(variable)
            .filter(|shell| !shell.is_empty())
            .map_or_else(|| PathBuf::from(default), PathBuf::from)
    }

    fn kind(&self) -> Kind {
        let program = self.program();
        let name = program.file_stem().unwrap_or_default().to_string_lossy();
        match &*name {
            _ if cfg!(windows) => Kind::Windows,
            "bash" => Kind::Bash,
            "zsh" => Kind::Zsh,
            "fish" => Kind::Fish,
            _ => Kind::Posix,
        }
    }

    /// Writes the start file, and an `aws` into `programs` if the student has none that can call
    /// this endpoint.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    pub(crate) fn write_files(&self, programs: &Path) -> Result<ShellFiles, CommandError> {
        let found = find_program("aws");
        let script = match (&found, &self.endpoint_option) {
            (None, _) => Some(self.own_aws()?),
            (Some(found), Some(endpoint)) => {
                let words = [&found.to_string_lossy(), "--endpoint-url", endpoint];
                Some(program(&words)?)
            }
            (Some(_), None) => None,
        };
        let write = || -> io::Result<ShellFiles> {
            let start = match self.start_file() {
                None => None,
                Some((name, text)) => {
                    let directory = tempfile::tempdir()?;
                    std::fs::write(directory.path().join(name), text)?;
                    Some(directory)
                }
            };
            let programs = match script {
                None => None,
                Some(script) => {
                    write_program(programs, &script)?;
                    Some(programs.to_owned())
                }
            };
            Ok(ShellFiles { start, programs })
        };
        write().map_err(|error| {
            CommandError::step(format!("the files of the shell cannot be written: {error}")).hinted(
                "Check the rights of the state directory and of the directory for temporary files.",
            )
        })
    }

    /// The shell, ready to start.
    pub(crate) fn command(&self, files: &ShellFiles) -> Command {
        let mut command = Command::new(self.program());
        command.current_dir(&self.directory);
        for name in IN_THE_WAY {
            command.env_remove(name);
        }
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_ENDPOINT_URL_") {
                command.env_remove(name);
            }
        }
        command.env("AWS_PAGER", "");
        command.env("GUIDED_DEMO_STATE_DIR", &self.state_dir);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Some(path) = files.path() {
            command.env("PATH", path);
        }
        let start = files.start.as_ref().map(tempfile::TempDir::path);
        match (self.kind(), start) {
            (Kind::Bash, Some(start)) => {
                command.arg("--rcfile").arg(start.join("bashrc")).arg("-i");
            }
            (Kind::Zsh, Some(start)) => {
                let own = std::env::var_os("ZDOTDIR").or_else(|| std::env::var_os("HOME"));
                command.env("GUIDED_DEMO_ZDOTDIR", own.unwrap_or_default());
                command.env("ZDOTDIR", start).arg("-i");
            }
            (Kind::Fish, _) => {
                let prompt = format!(
                    "functions -q fish_prompt; and functions -c fish_prompt guided_demo_prompt; \
                     function fish_prompt; echo -n '({}) '; functions -q guided_demo_prompt; \
                     and guided_demo_prompt; or echo -n '> '; end",
                    self.demo
                );
                command.args(["--init-command", &prompt]);
            }
            (Kind::Windows, _) => {
                command.env("PROMPT", format!("({}) $P$G", self.demo));
            }
            (Kind::Posix, Some(start)) => {
                command.env("ENV", start.join("shrc")).arg("-i");
            }
            _ => {}
        }
        command
    }

    /// What the shell reads at its start: the student's own file, then our prompt.
    fn start_file(&self) -> Option<(&'static str, String)> {
        let demo = &self.demo;
        match self.kind() {
            Kind::Bash => Some((
                "bashrc",
                format!("[ -f ~/.bashrc ] && . ~/.bashrc\nPS1='({demo}) '\"$PS1\"\n"),
            )),
            Kind::Zsh => Some((
                ".zshrc",
                format!(
                    "ZDOTDIR=\"$GUIDED_DEMO_ZDOTDIR\"\n\
                     [ -f \"$ZDOTDIR/.zshrc\" ] && . \"$ZDOTDIR/.zshrc\"\n\
                     PROMPT='({demo}) '\"$PROMPT\"\n"
                ),
            )),
            Kind::Posix => Some(("shrc", format!("PS1='({demo}) $ '\n"))),
            Kind::Fish | Kind::Windows => None,
        }
    }

    /// A script that makes the call with this binary.
    fn own_aws(&self) -> Result<String, CommandError> {
        let binary = std::env::current_exe().map_err(|error| {
            CommandError::step(format!("this program does not find itself: {error}"))
        })?;
        let mut words = vec![binary.to_string_lossy().into_owned(), "aws".to_owned()];
        if let Some(target) = &self.target {
            words.extend(["--target".to_owned(), target.clone()]);
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        program(&words)
    }
}

impl ShellFiles {
    /// The PATH, our programs first.
    fn path(&self) -> Option<OsString> {
        let programs = self.programs.clone()?;
        let old = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths(std::iter::once(programs).chain(std::env::split_paths(&old))).ok()
    }
}

/// A program on the PATH.
fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = match cfg!(windows) {
        true => vec![format!("{name}.exe"), format!("{name}.cmd")],
        false => vec![name.to_owned()],
    };
    std::env::split_paths(&path)
        .flat_map(|directory| names.iter().map(move |name| directory.join(name)))
        .find(|file| file.is_file())
}

/// A script that runs these words and what is given to it.
fn program(words: &[&str]) -> Result<String, CommandError> {
    if cfg!(windows) {
        let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        return Ok(format!("@{} %*\r\n", quoted.join(" ")));
    }
    let quoted = shlex::try_join(words.iter().copied())
        .map_err(|error| CommandError::step(error.to_string()))?;
    Ok(format!("#!/bin/sh\nexec {quoted} \"$@\"\n"))
}

fn write_program(directory: &Path, script: &str) -> io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let name = if cfg!(windows) { "aws.cmd" } else { "aws" };
    // Renamed into place: another shell may be running the old one.
    let file = tempfile::NamedTempFile::new_in(directory)?;
    std::fs::write(file.path(), script)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let permissions = std::fs::Permissions::from_mode(0o700);
        std::fs::set_permissions(file.path(), permissions)?;
    }
    file.persist(directory.join(name))?;
    Ok(())
}
