//! Compiles the sample app outside of the build, for when the build cannot pull a compiler's image.

use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::AsyncBufReadExt;
use tokio::io::BufReader;
use tokio::process::Command;

use crate::command_error::CommandError;

/// How the sample app is compiled.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Recipe {
    /// Such as `x86_64-unknown-linux-musl`.
    pub(crate) triple: String,
    /// Compiler flags for that triple.
    rustflags: Option<&'static str>,
}

impl Recipe {
    /// The recipe for an engine of this architecture (`x86_64`, `aarch64`): the musl target if it is
    /// installed, else on a Linux host of the same architecture glibc linked statically.
    ///
    /// # Errors
    ///
    /// If neither is possible; says what to install.
    pub(crate) async fn find(architecture: &str) -> Result<Self, CommandError> {
        let musl = format!("{architecture}-unknown-linux-musl");
        if target_is_installed(&musl).await {
            return Ok(Self {
                triple: musl,
                rustflags: None,
            });
        }
        if cfg!(target_os = "linux") && std::env::consts::ARCH == architecture {
            return Ok(Self {
                triple: format!("{architecture}-unknown-linux-gnu"),
                rustflags: Some("-C target-feature=+crt-static"),
            });
        }
        Err(CommandError::prerequisite(format!(
            "the sample app cannot be compiled for the Docker Engine: the Rust target {musl} is not installed"
        ))
        .hinted(format!("rustup target add {musl}")))
    }

    /// The command line, for the person to see.
    pub(crate) fn command_line(&self) -> String {
        let flags = self
            .rustflags
            .map(|flags| format!("RUSTFLAGS='{flags}' "))
            .unwrap_or_default();
        format!(
            "{flags}cargo build -p sample-app --release --target {}",
            self.triple
        )
    }

    /// Compiles the app in the repository at `root` and puts it at `destination`. What cargo says is
    /// given line by line to `say`.
    ///
    /// # Errors
    ///
    /// If cargo cannot be run or does not succeed.
    pub(crate) async fn compile(
        &self,
        root: &Path,
        destination: &Path,
        mut say: impl FnMut(&str),
    ) -> Result<(), CommandError> {
        let mut command = Command::new(cargo());
        command
            .args([
                "build",
                "-p",
                "sample-app",
                "--release",
                "--target",
                &self.triple,
            ])
            .arg("--message-format=json-render-diagnostics")
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        if let Some(flags) = self.rustflags {
            command.env("RUSTFLAGS", flags);
        }
        let mut child = command.spawn().map_err(|error| {
            CommandError::prerequisite(format!("cannot run cargo to compile the sample app: {error}"))
                .hinted("Install Rust from https://rustup.rs, or allow access to the registry of the base images.")
        })?;
        let mut messages = lines(child.stdout.take());
        let mut chatter = lines(child.stderr.take());
        let mut executable: Option<PathBuf> = None;
        let mut last = Vec::new();
        let mut open = (messages.is_some(), chatter.is_some());
        while open.0 || open.1 {
            tokio::select! {
                line = next(&mut messages), if open.0 => match line {
                    Some(line) => executable = executable_of(&line).or(executable),
                    None => open.0 = false,
                },
                line = next(&mut chatter), if open.1 => match line {
                    Some(line) => {
                        say(&line);
                        last.push(line);
                    }
                    None => open.1 = false,
                },
            }
        }
        let status = child
            .wait()
            .await
            .map_err(|error| CommandError::step(format!("cargo was lost: {error}")))?;
        let Some(executable) = executable.filter(|_| status.success()) else {
            let from = last.len().saturating_sub(12);
            return Err(CommandError::step(format!(
                "cargo could not compile the sample app ({status}):\n{}",
                last[from..].join("\n")
            ))
            .hinted(format!("Try it by hand: {}", self.command_line())));
        };
        place(&executable, destination).map_err(|error| {
            CommandError::step(format!(
                "cannot put the sample app at {}: {error}",
                destination.display()
            ))
        })
    }
}

type Lines<R> = Option<tokio::io::Lines<BufReader<R>>>;

fn lines<R: tokio::io::AsyncRead>(pipe: Option<R>) -> Lines<R> {
    pipe.map(|pipe| BufReader::new(pipe).lines())
}

async fn next<R: tokio::io::AsyncRead + Unpin>(lines: &mut Lines<R>) -> Option<String> {
    lines.as_mut()?.next_line().await.ok().flatten()
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The binary that a message of cargo's names.
fn executable_of(message: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    let executable = message.get("executable")?.as_str()?;
    Some(PathBuf::from(executable))
}

/// Copies under another name first: a build that reads the old file is not disturbed.
fn place(executable: &Path, destination: &Path) -> std::io::Result<()> {
    let directory = destination.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let next = destination.with_extension("next");
    std::fs::copy(executable, &next)?;
    std::fs::rename(&next, destination)
}

/// Whether the standard library for a target is there.
async fn target_is_installed(triple: &str) -> bool {
    let output = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
        .args(["--print", "target-libdir", "--target", triple])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .await;
    output.is_ok_and(|output| {
        output.status.success()
            && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
    })
}
