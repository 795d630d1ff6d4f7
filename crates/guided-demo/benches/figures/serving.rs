//! The local AWS as a server: start, memory, answer times.

use std::io::BufRead;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use codebuild_core::AwsCommand;
use codebuild_core::Keys;
use codebuild_core::Session;
use codebuild_core::Target;
use local_aws::Config;
use local_aws::EngineChoice;
use local_aws::LocalAws;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::median;
use crate::milliseconds;
use crate::row;

/// Measures everything about the server that needs no build.
pub(crate) fn measure(runtime: &Runtime) {
    row(
        "local AWS: start to ready",
        &milliseconds(start(runtime)),
        "10 ms",
    );
    let state = tempfile::tempdir().unwrap();
    let server = Serving::start(state.path());
    row(
        "local AWS: idle memory of `serve`",
        &format!("{:.1} MiB", server.resident_mebibytes()),
        "10 MiB",
    );
    runtime.block_on(calls(&server.ready));
}

/// How long [`LocalAws::start`] takes on an existing state directory.
fn start(runtime: &Runtime) -> Duration {
    let state = tempfile::tempdir().unwrap();
    let mut times: Vec<Duration> = (0..21)
        .map(|_| {
            runtime.block_on(async {
                let started = Instant::now();
                let server = LocalAws::start(config(state.path())).await.unwrap();
                let took = started.elapsed();
                server.shutdown().await;
                took
            })
        })
        .collect();
    median(&mut times)
}

/// A local AWS with a directory of its own on a free port.
pub(crate) fn config(state_dir: &std::path::Path) -> Config {
    Config {
        state_dir: state_dir.to_owned(),
        listen: ([127, 0, 0, 1], 0).into(),
        region: "eu-central-1".to_owned(),
        account_id: "000000000000".to_owned(),
        engine: EngineChoice::Connect(None),
        checkouts: Vec::new(),
        check_answers: false,
    }
}

/// `guided-demo serve` as a process of its own.
struct Serving {
    child: Child,
    ready: Value,
}

impl Serving {
    fn start(state_dir: &std::path::Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_guided-demo"))
            .args(["serve", "--json", "--port", "0", "--state-dir"])
            .arg(state_dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let ready = serde_json::from_str(&line).unwrap();
        Self { child, ready }
    }

    /// The process's resident set, from /proc; 0 where there is none.
    fn resident_mebibytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .unwrap_or_default();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap_or("0");
        let kibibytes: f64 = line
            .trim()
            .trim_end_matches(" kB")
            .trim()
            .parse()
            .unwrap_or(0.0);
        kibibytes / 1024.0
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answer times through one client with signatures checked and writes durable.
async fn calls(ready: &Value) {
    let text = |name: &str| ready[name].as_str().unwrap().to_owned();
    let keys = Keys {
        access_key_id: text("accessKeyId"),
        secret_access_key: text("secretAccessKey"),
    };
    let session = session(&text("endpoint"), &text("region"), keys).await;
    run(&session, CREATE_PROJECT).await;
    let mut times = Vec::new();
    for _ in 0..300 {
        times.push(run(&session, "codebuild batch-get-projects --names figures").await);
    }
    row(
        "BatchGetProjects, p50",
        &milliseconds(median(&mut times)),
        "2.6 ms",
    );
    let mut times = Vec::new();
    for _ in 0..100 {
        times.push(
            run(
                &session,
                "codebuild update-project --name figures --description again",
            )
            .await,
        );
    }
    row(
        "UpdateProject (a durable write), p50",
        &milliseconds(median(&mut times)),
        "-",
    );
}

/// A project without a source; its buildspec is given with each build.
pub(crate) const CREATE_PROJECT: &str = r#"codebuild create-project --name figures --artifacts type=NO_ARTIFACTS
    --source '{"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases:\n  build:\n    commands: [\"true\"]\n"}'
    --environment type=LINUX_CONTAINER,image=docker:dind,computeType=BUILD_GENERAL1_SMALL,privilegedMode=true
    --service-role arn:aws:iam::000000000000:role/service-role/codebuild-demo"#;

/// Clients for a local AWS.
pub(crate) async fn session(endpoint: &str, region: &str, keys: Keys) -> Session {
    let target = Target::Endpoint {
        url: endpoint.to_owned(),
        region: Some(region.to_owned()),
        profile: None,
        keys: Some(keys),
    };
    Session::connect(target).await.unwrap()
}

/// Runs one command line; the response.
pub(crate) async fn aws(session: &Session, line: &str) -> Value {
    let words = shlex::split(line).unwrap();
    let command = AwsCommand::parse(&words, std::path::Path::new(".")).unwrap();
    command.run(session).await.unwrap().response
}

/// Runs one command line; how long it took.
pub(crate) async fn run(session: &Session, line: &str) -> Duration {
    let started = Instant::now();
    aws(session, line).await;
    started.elapsed()
}
