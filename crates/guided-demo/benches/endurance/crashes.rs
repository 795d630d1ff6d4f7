//! `kill -9` of the server and of the build's container at random moments.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use crate::build;
use crate::build::Running;
use crate::serving::Serving;

const ROUNDS: u64 = 50;
/// How long a build may go on before it is killed.
const LONGEST: u64 = 3000;

const SPEC: &str = "version: 0.2
phases:
  install:
    commands:
      - n=0; while [ $n -lt 300 ]; do n=$((n + 1)); echo line $n; done
  build:
    commands:
      - while [ $n -lt 100000 ]; do n=$((n + 1)); echo line $n; [ $((n % 50)) -gt 0 ] || sleep 0.01; done
";

pub(crate) async fn run() {
    let before = build::volumes();
    let state = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(state.path(), &[]);
    let mut session = serving.session().await;
    build::create_project(&session, "").await;
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut endings: BTreeMap<String, usize> = BTreeMap::new();
    let mut acknowledged_lines = 0;
    for round in 0..ROUNDS {
        // xorshift: the same moments in every run.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let running = build::start(&session, SPEC).await;
        let until = Instant::now() + Duration::from_millis(random % LONGEST);
        let mut seen = Vec::new();
        let mut token = String::new();
        while Instant::now() < until {
            let (lines, next) = running.page(&session, &token).await;
            seen.extend(lines);
            token = next;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let kills_server = round % 2 == 0;
        if kills_server {
            serving.kill();
            serving = Serving::start(state.path(), &[]);
            session = serving.session().await;
        } else {
            kill_container(&running).await;
        }
        let record = running.complete(&session).await;
        let status = record["buildStatus"].as_str().unwrap().to_owned();
        assert_eq!(status, "FAULT", "round {round}: {record:#}");
        let phases = record["phases"].as_array().unwrap();
        let ended = phases.iter().find(|phase| phase["phaseStatus"] == "FAULT");
        let ended = ended.unwrap_or_else(|| panic!("round {round}: {record:#}"));
        assert_ne!(ended["contexts"][0]["message"], "", "{record:#}");
        let what = if kills_server { "server" } else { "container" };
        let phase = ended["phaseType"].as_str().unwrap();
        *endings.entry(format!("{what} in {phase}")).or_default() += 1;

        let log = running.log(&session).await;
        assert_eq!(
            log.get(..seen.len()),
            Some(seen.as_slice()),
            "round {round}"
        );
        acknowledged_lines += seen.len();
        let counted = log.iter().filter(|line| line.starts_with("line "));
        for (expected, line) in (1..).zip(counted) {
            assert_eq!(*line, format!("line {expected}\n"), "round {round}");
        }
        nothing_left(&running).await;
    }
    serving.kill();
    let after = build::volumes();
    assert_eq!(before, after, "volumes are left");
    println!(
        "crashes: {ROUNDS} kills, every build FAULT with a reason, {acknowledged_lines} lines that were read before are all there, in order; no container and no volume is left"
    );
    for (ending, count) in endings {
        println!("  {count:>3} {ending}");
    }
}

/// Kills the container as soon as there is one.
async fn kill_container(running: &Running) {
    let started = Instant::now();
    loop {
        if let Some(container) = running.containers().first() {
            let killed = Command::new("docker")
                .args(["kill", "--signal", "KILL", container])
                .output()
                .unwrap();
            if killed.status.success() {
                return;
            }
        }
        assert!(started.elapsed() < Duration::from_secs(30), "no container");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn nothing_left(running: &Running) {
    let started = Instant::now();
    while !running.containers().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(30), "it stays");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
