//! `guided-demo serve` as a process of its own, for tests that are its clients.

use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;

use codebuild_core::AwsCommand;
use codebuild_core::CommandOutput;
use codebuild_core::Keys;
use codebuild_core::Session;
use codebuild_core::Target;
use serde_json::Value;

/// A running server. Dropping it kills the process as a crash would.
pub(crate) struct Serving {
    child: Child,
    endpoint: String,
    region: String,
    access_key_id: String,
    secret_access_key: String,
}

impl Serving {
    /// Starts a server on a free port and waits until it is ready.
    pub(crate) fn start(state_dir: &Path, further: &[&str]) -> Self {
        Self::with(state_dir, &[&["--port", "0"], further].concat())
    }

    /// Starts a server with nothing but these options and waits until it is ready.
    pub(crate) fn with(state_dir: &Path, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_guided-demo"))
            .args(["serve", "--json", "--state-dir"])
            .arg(state_dir)
            .args(options)
            .env("GUIDED_DEMO_CHECK_ANSWERS", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let text = |name: &str| {
            ready[name]
                .as_str()
                .unwrap_or_else(|| panic!("no {name} in {line}"))
                .to_owned()
        };
        Self {
            endpoint: text("endpoint"),
            region: text("region"),
            access_key_id: text("accessKeyId"),
            secret_access_key: text("secretAccessKey"),
            child,
        }
    }

    /// Such as `http://127.0.0.1:4566`.
    #[allow(
        dead_code,
        reason = "not every program that is built with this file asks"
    )]
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The server's process.
    #[allow(
        dead_code,
        reason = "not every program that is built with this file asks"
    )]
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A program with the variables set that every AWS client reads.
    pub(crate) fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_DEFAULT_REGION", &self.region)
            .env("AWS_ACCESS_KEY_ID", &self.access_key_id)
            .env("AWS_SECRET_ACCESS_KEY", &self.secret_access_key)
            .env("AWS_MAX_ATTEMPTS", "1")
            .env("AWS_CONFIG_FILE", "/nonexistent")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN")
            .stdin(Stdio::null());
        command
    }

    /// The AWS CLI. Older ones than 1.29 and 2.13 do not read the variable with the endpoint.
    pub(crate) fn aws_cli(&self) -> Command {
        let mut command = self.client("aws");
        command.args(["--endpoint-url", &self.endpoint]);
        command
    }

    /// Clients of our own.
    pub(crate) async fn session(&self) -> Session {
        let keys = Keys {
            access_key_id: self.access_key_id.clone(),
            secret_access_key: self.secret_access_key.clone(),
        };
        let target = Target::Endpoint {
            url: self.endpoint.clone(),
            region: Some(self.region.clone()),
            profile: None,
            keys: Some(keys),
        };
        Session::connect(target).await.unwrap()
    }

    /// The most memory that the process has had resident, in MiB, from /proc; 0 where there is none.
    #[allow(dead_code, reason = "the endurance run asks for it")]
    pub(crate) fn most_memory(&self) -> f64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        kibibytes.unwrap_or(0.0) / 1024.0
    }

    /// SIGKILL: the process gets no chance to tidy up.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs one `aws` line.
pub(crate) async fn aws(session: &Session, line: &str) -> CommandOutput {
    let words = shlex::split(line).unwrap();
    let command = AwsCommand::parse(&words, Path::new(".")).unwrap();
    command
        .run(session)
        .await
        .unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// Whether a program that a test needs is there. Where it is not, the test says so and passes,
/// except on CI, where it fails.
pub(crate) fn has(what: &str, command: &mut Command) -> bool {
    let there = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    assert!(
        there || std::env::var_os("CI").is_none(),
        "CI must have {what}"
    );
    if !there {
        eprintln!("skipped: {what} is not here");
    }
    there
}

/// Whether there is a Docker Engine to run builds on; see [`has`].
pub(crate) fn has_docker() -> bool {
    has("a Docker Engine", Command::new("docker").arg("info"))
}
