//! How fast a build is against the same under plain `docker run`, and what much output costs.
//!
//! Needs a Docker Engine. Prints a table; figures are wall-clock times of this machine.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::pin::Pin;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use build_engine::BuildRequest;
use build_engine::BuildStatus;
use build_engine::BuildspecLocation;
use build_engine::Engine;
use build_engine::Event;
use build_engine::FetchedSource;
use build_engine::LogSink;
use build_engine::PhaseContext;
use build_engine::Source;

const ROUNDS: usize = 11;
const MEGABYTE: u64 = 1_000_000;

struct Inline(String);

impl Source for Inline {
    fn fetch<'a>(
        &'a self,
        _log: &'a LogSink,
    ) -> Pin<Box<dyn Future<Output = Result<FetchedSource, PhaseContext>> + Send + 'a>> {
        Box::pin(async {
            Ok(FetchedSource {
                archive: None,
                remove_archive: false,
                directory: String::new(),
                resolved_version: None,
                buildspec: BuildspecLocation::Inline(self.0.clone()),
                secondary: Vec::new(),
            })
        })
    }
}

fn request(image: &str, command: &str) -> BuildRequest {
    let buildspec =
        format!("version: 0.2\nphases:\n  build:\n    commands:\n      - |\n        {command}\n");
    BuildRequest {
        timeout: Duration::from_secs(3600),
        ..BuildRequest::new(
            format!("bench:{}", uuid::Uuid::new_v4()),
            "build-engine-bench".to_owned(),
            image.to_owned(),
            Arc::new(Inline(buildspec)),
        )
    }
}

/// Time to the line `first`, time to the end, bytes of the command's output.
async fn build(engine: &Engine, image: &str, command: &str) -> (Duration, Duration, u64) {
    let start = Instant::now();
    let mut first = None;
    let mut bytes = 0;
    let mut running = engine.run(request(image, command));
    while let Some(event) = running.events.recv().await {
        match event {
            Event::Log { message, .. } if !message.starts_with("[Container]") => {
                first.get_or_insert_with(|| start.elapsed());
                bytes += message.len() as u64 + 1;
            }
            Event::Finished { status, .. } => assert_eq!(status, BuildStatus::Succeeded),
            _ => {}
        }
    }
    (first.unwrap(), start.elapsed(), bytes)
}

/// The same under `docker run`.
fn docker_run(image: &str, command: &str) -> (Duration, Duration, u64) {
    let start = Instant::now();
    let mut child = Command::new("docker")
        .args([
            "run",
            "--rm",
            "--init",
            "--log-driver",
            "none",
            image,
            "sh",
            "-c",
            command,
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = Vec::new();
    output.read_until(b'\n', &mut line).unwrap();
    let first = start.elapsed();
    let mut bytes = line.len() as u64;
    let mut chunk = vec![0; 1 << 16];
    loop {
        let count = output.read(&mut chunk).unwrap();
        if count == 0 {
            break;
        }
        bytes += count as u64;
    }
    assert!(child.wait().unwrap().success());
    (first, start.elapsed(), bytes)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}

#[tokio::main]
async fn main() {
    let engine = match Engine::connect(None).await {
        Ok(engine) => engine,
        Err(error) => {
            println!("skipped: {error}");
            return;
        }
    };
    build(&engine, "docker:dind", "echo warm").await;
    let image = if engine.has_image("docker:dind").await.unwrap() {
        "docker:dind".to_owned()
    } else {
        engine.stand_in_name()
    };
    let mut ours = (Vec::new(), Vec::new());
    let mut plain = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (first, whole, _) = build(&engine, &image, "echo hi").await;
        ours.0.push(first);
        ours.1.push(whole);
        let (first, whole, _) = docker_run(&image, "echo hi");
        plain.0.push(first);
        plain.1.push(whole);
    }
    println!("{ROUNDS} rounds, medians      build    docker run");
    let (first, first_plain) = (median(ours.0), median(plain.0));
    println!("first output         {first:>9.0?}  {first_plain:>10.0?}");
    let (whole, whole_plain) = (median(ours.1), median(plain.1));
    println!("start to removed     {whole:>9.0?}  {whole_plain:>10.0?}");
    for (size, line) in [(100, 80), (100, 8), (1000, 80)] {
        let bytes = size * MEGABYTE;
        let text = "x".repeat(line - 1);
        let command = format!("yes {text} | head -c {bytes}");
        let (first, whole, found) = build(&engine, &image, &command).await;
        let ours = whole.saturating_sub(first);
        // A build has an empty line after each command.
        assert_eq!(found, bytes + 1);
        let (first, whole, found) = docker_run(&image, &command);
        assert_eq!(found, bytes);
        let plain = whole.saturating_sub(first);
        let rate = |time: Duration| bytes as f64 / MEGABYTE as f64 / time.as_secs_f64();
        println!(
            "{size} MB, {line}-byte lines: {:.0} MB/s against {:.0} MB/s, peak memory {}",
            rate(ours),
            rate(plain),
            peak_memory()
        );
    }
}
