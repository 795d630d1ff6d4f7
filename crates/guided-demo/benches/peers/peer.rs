//! The servers that are measured, each a process of its own.

use std::io::BufRead;
use std::io::BufReader;
use std::net::TcpListener;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use codebuild_core::AwsCommand;
use codebuild_core::Keys;
use codebuild_core::Session;
use codebuild_core::Target;
use serde_json::Value;

const ACCOUNT: &str = "123456789012";
const REGION: &str = "eu-central-1";

/// A server and a client for it.
pub(crate) struct Peer {
    child: Child,
    pub(crate) session: Session,
    /// From the start of the process to its first answer.
    pub(crate) ready_after: Duration,
    _state: tempfile::TempDir,
}

impl Peer {
    /// `guided-demo serve`, with signatures checked and writes durable.
    pub(crate) async fn ours() -> Self {
        let state = tempfile::tempdir().unwrap();
        let started = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_guided-demo"))
            .args(["serve", "--json", "--port", "0", "--account-id", ACCOUNT])
            .args(["--region", REGION, "--state-dir"])
            .arg(state.path())
            .args(["--engine-host", "unix:///nowhere/docker.sock"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        let keys = Keys {
            access_key_id: text("accessKeyId"),
            secret_access_key: text("secretAccessKey"),
        };
        Self::answering(child, started, text("endpoint"), keys, state).await
    }

    /// moto's server.
    pub(crate) async fn moto() -> Self {
        let program = std::env::var("MOTO_SERVER").unwrap_or_else(|_| "moto_server".to_owned());
        let state = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let started = Instant::now();
        let child = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("no moto_server: pip install 'moto[server]', and name it in MOTO_SERVER");
        let keys = Keys {
            access_key_id: "test".to_owned(),
            secret_access_key: "test".to_owned(),
        };
        let endpoint = format!("http://127.0.0.1:{port}");
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "no answer");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Self::answering(child, started, endpoint, keys, state).await
    }

    async fn answering(
        child: Child,
        started: Instant,
        url: String,
        keys: Keys,
        state: tempfile::TempDir,
    ) -> Self {
        let target = Target::Endpoint {
            url,
            region: Some(REGION.to_owned()),
            profile: None,
            keys: Some(keys),
        };
        let session = Session::connect(target).await.unwrap();
        let mut peer = Self {
            child,
            session,
            ready_after: Duration::ZERO,
            _state: state,
        };
        peer.call("codebuild list-projects").await.unwrap();
        peer.ready_after = started.elapsed();
        peer
    }

    /// Runs one command line.
    pub(crate) async fn call(&self, line: &str) -> Result<Value, String> {
        call(&self.session, line).await
    }

    /// The process's resident set, from /proc.
    pub(crate) fn resident_mebibytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.unwrap_or_default();
        let mut lines = status.lines();
        let line = lines.find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.unwrap_or("0").trim().trim_end_matches(" kB");
        kibibytes.parse::<f64>().unwrap_or(0.0) / 1024.0
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs one command line against a server.
pub(crate) async fn call(session: &Session, line: &str) -> Result<Value, String> {
    let words = shlex::split(line).unwrap();
    let command = AwsCommand::parse(&words, Path::new(".")).unwrap();
    let output = command.run(session).await;
    output
        .map(|output| output.response)
        .map_err(|error| error.to_string())
}
