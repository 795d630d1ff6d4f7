//! 100 MB and 1 GB of output: complete to the byte, with the rate and the memory of the server.

use std::io::Read;
use std::process::Command;
use std::process::Stdio;
use std::time::Instant;

use crate::build;
use crate::serving::Serving;

pub(crate) async fn run() {
    for megabytes in [100_usize, 1000] {
        let lines = megabytes * 10_000;
        let script = format!("seq -f '%0.0f {}' {lines} | cut -c 1-99", "x".repeat(99));
        let expected = sum_of_lines(lines);
        let state = tempfile::tempdir().unwrap();
        let serving = Serving::start(state.path(), &[]);
        let session = serving.session().await;
        build::create_project(&session, "").await;
        let spec = format!("version: 0.2\nphases:\n  build:\n    commands:\n      - {script}\n");
        let began = Instant::now();
        let running = build::start(&session, &spec).await;
        let record = running.complete(&session).await;
        let ours = began.elapsed();
        assert_eq!(record["buildStatus"], "SUCCEEDED", "{record:#}");
        let (mut count, mut sum, mut token) = (0, 0_u64, String::new());
        let read = Instant::now();
        loop {
            let (messages, next) = running.page(&session, &token).await;
            for message in messages.iter().filter(|message| message.len() == 100) {
                count += 1;
                let number: u64 = message.split(' ').next().unwrap().parse().unwrap();
                assert_eq!(number, count, "out of order or lost");
                sum += number;
            }
            if next == token {
                break;
            }
            token = next;
        }
        assert_eq!((count as usize, sum), (lines, expected), "lines lost");
        let image = image();
        let theirs = docker_run(&image, &script, lines * 100);
        println!(
            "output: {megabytes} MB in {count} lines, all there and in order; build {:.1} s, docker run {:.1} s (rate {:.2}), read back in {:.1} s, most memory of the server {:.0} MiB",
            ours.as_secs_f64(),
            theirs,
            theirs / ours.as_secs_f64(),
            read.elapsed().as_secs_f64(),
            serving.most_memory(),
        );
    }
}

fn sum_of_lines(lines: usize) -> u64 {
    let lines = lines as u64;
    lines * (lines + 1) / 2
}

/// The image that the builds ran in: `docker:dind` or its stand-in.
pub(crate) fn image() -> String {
    let there = Command::new("docker")
        .args(["image", "inspect", "docker:dind"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    if there.success() {
        return "docker:dind".to_owned();
    }
    let images = Command::new("docker")
        .args(["images", "--format", "{{.Repository}}:{{.Tag}}"])
        .args(["guided-demo/docker-dind-stand-in"])
        .output()
        .unwrap();
    let text = String::from_utf8(images.stdout).unwrap();
    text.lines().next().unwrap().to_owned()
}

/// Seconds that `docker run` takes to give the same bytes.
fn docker_run(image: &str, script: &str, bytes: usize) -> f64 {
    let began = Instant::now();
    let mut child = Command::new("docker")
        .args(["run", "--rm", "--entrypoint", "sh", image, "-c", script])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    let mut buffer = vec![0; 1 << 20];
    let mut total = 0;
    loop {
        let count = output.read(&mut buffer).unwrap();
        if count == 0 {
            break;
        }
        total += count;
    }
    child.wait().unwrap();
    assert_eq!(total, bytes);
    began.elapsed().as_secs_f64()
}
