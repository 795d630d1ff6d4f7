//! The same work under plain `docker run`: what a build is measured against.

use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// The options that give a container the rights a Docker daemon needs: `--privileged`, or on a host
/// that refuses it, the same spelled out.
pub(crate) fn privileged_options(image: &str) -> Vec<String> {
    let accepted = Command::new("docker")
        .args(["run", "--rm", "--privileged", "--entrypoint", "true", image])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success();
    if accepted {
        return vec!["--privileged".to_owned()];
    }
    let mut options: Vec<String> = [
        "--security-opt=seccomp=unconfined",
        "--security-opt=apparmor=unconfined",
        "--security-opt=systempaths=unconfined",
        "--device-cgroup-rule=a *:* rwm",
        "--volume=/sys/fs/cgroup:/sys/fs/cgroup:rw",
    ]
    .map(str::to_owned)
    .to_vec();
    for capability in [
        "SYS_ADMIN",
        "NET_ADMIN",
        "SYS_PTRACE",
        "SYS_MODULE",
        "SYS_RAWIO",
        "SYS_NICE",
        "MKNOD",
        "IPC_LOCK",
    ] {
        options.push(format!("--cap-add={capability}"));
    }
    options
}

/// How long `docker run` takes from its start to the first byte that the container prints.
pub(crate) fn first_output(image: &str, options: &[String]) -> Duration {
    let started = Instant::now();
    let output = Command::new("docker")
        .args(["run", "--rm"])
        .args(options)
        .args([
            "--volume",
            "/var/lib/docker",
            "--entrypoint",
            "echo",
            image,
            "first",
        ])
        .output()
        .unwrap();
    let took = started.elapsed();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "first\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    took
}

/// How long one `docker run` takes for all `commands` in `source`, from its start to its end.
pub(crate) fn commands(
    image: &str,
    options: &[String],
    source: &Path,
    commands: &[String],
) -> Duration {
    let script = format!(
        "cp -a /source /copy && cd /copy && set -e\n{}\nexit 0\n",
        commands.join("\n")
    );
    let started = Instant::now();
    let output = Command::new("docker")
        .args(["run", "--rm", "--init"])
        .args(options)
        .args([
            "--volume",
            "/var/lib/docker",
            "--env",
            "DOCKERFILE=Dockerfile.prebuilt",
            "--volume",
        ])
        .arg(format!("{}:/source:ro", source.display()))
        .args(["--entrypoint", "sh", image, "-c", &script])
        .output()
        .unwrap();
    let took = started.elapsed();
    let log = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && log.contains("Hello, World!"),
        "{log}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    took
}
