//! Failures of Docker in the build.

use super::run::Aws;
use super::run::Failing;
use crate::serving::has_docker;

const DOCKERD: &str =
    "nohup dockerd --host=unix:///var/run/docker.sock --storage-driver=overlay2 &";
const WAIT: &str = r#"timeout 30 sh -c "until docker info; do sleep 0.2; done""#;

/// Makes the image `shell:1` inside: a shell and its libraries, nothing more.
const SHELL_IMAGE: &str = r#"set -e
mkdir -p /shell/bin; cp -L /bin/sh /shell/bin/sh
for file in /lib/ld-musl-*.so.1 /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.* /lib/*/libc.so.6 /usr/lib/*/libc.so.6 /lib64/libc.so.6; do
  if [ -e "$file" ]; then mkdir -p "/shell${file%/*}"; cp -L "$file" "/shell$file"; fi
done
tar -c -C /shell . | docker import - shell:1"#;

fn dockerfile(text: &str) -> String {
    format!("mkdir -p /context; cd /context; printf '{text}' > Dockerfile")
}

/// Commands after an engine was started and waited for.
fn with_engine(cause: &'static str, shows: &'static str, commands: &[&str]) -> Failing {
    let all: Vec<&str> = [DOCKERD, WAIT].iter().chain(commands).copied().collect();
    Failing::commands(cause, shows, &all)
}

#[tokio::test(flavor = "multi_thread")]
async fn engines_that_do_not_serve_are_explained() {
    if !has_docker() {
        return;
    }
    let engine = |options: &str| format!("nohup dockerd {options} &");
    let wait = r#"timeout 4 sh -c "until docker info; do sleep 0.2; done""#;
    let engine_late = r#"nohup sh -c "sleep 600; exec dockerd" &"#;
    let builds = vec![
        Failing::commands("privileged-mode-off", "", &[DOCKERD, wait])
            .with(&["--no-privileged-mode-override"]),
        Failing::commands(
            "docker-daemon-not-ready",
            "docker.sock",
            &[
                engine_late,
                "timeout 1 sh -c 'until docker info; do sleep 0.2; done'",
            ],
        ),
        Failing::commands(
            "overlay-on-overlay",
            "invalid argument",
            &[
                engine("--data-root=/on-the-root --storage-driver=overlay2").as_str(),
                wait,
            ],
        ),
        Failing::commands(
            "storage-driver-not-supported",
            "driver not supported",
            &[engine("--storage-driver=overlay3").as_str(), wait],
        ),
        Failing::commands(
            "docker-tcp-pause",
            "",
            &[
                engine("--host=unix:///var/run/docker.sock --host=tcp://0.0.0.0:2375").as_str(),
                wait,
            ],
        ),
        Failing::commands(
            "docker-iptables",
            "ptables",
            &[
                r#"while file=$(command -v iptables); do rm -f "$file"; done"#,
                DOCKERD,
                wait,
            ],
        ),
        Failing::commands(
            "docker-address-in-use",
            "failed to load listeners",
            &[
                engine("--host=unix:///var/run/docker.sock --host=tcp://127.0.0.1:2375").as_str(),
                WAIT,
                "dockerd --pidfile=/second.pid --host=tcp://127.0.0.1:2375",
            ],
        ),
        Failing::buildspec(
            "docker-socket-permission",
            "permission denied",
            serde_json::json!({"version": 0.2, "phases": {
                "install": {"commands": [DOCKERD, WAIT]},
                "build": {"run-as": "nobody", "commands": ["docker ps"]},
            }})
            .to_string(),
        ),
        Failing::commands(
            "dockerd-option-wrong",
            "daemon.json",
            &[
                r#"mkdir -p /etc/docker; echo '{"storage-driver": "vfs"}' > /etc/docker/daemon.json"#,
                DOCKERD,
                wait,
            ],
        ),
        Failing::commands(
            "docker-daemon-failed",
            "failed to start daemon",
            &[engine("--bip=1").as_str(), wait],
        ),
        with_engine(
            "docker-daemon-already-running",
            "docker.pid",
            &["dockerd --host=unix:///var/run/docker.sock"],
        ),
        with_engine(
            "docker-daemon-ended",
            "docker.sock",
            &[r#"kill -9 "$(cat /var/run/docker.pid)""#, "docker ps"],
        ),
    ];
    Aws::start(None).await.explains(builds, 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_of_docker_build_and_docker_run_are_explained() {
    if !has_docker() {
        return;
    }
    let on_shell = |text: &str| dockerfile(&format!("FROM shell:1\\n{text}\\n"));
    let builds = vec![
        with_engine(
            "docker-api-version",
            "too new",
            &["DOCKER_API_VERSION=1.99 docker ps"],
        ),
        with_engine(
            "dockerfile-missing",
            "Dockerfile",
            &["mkdir /context; docker build /context"],
        ),
        with_engine(
            "dockerfile-not-valid",
            "FORM",
            &[&dockerfile("FORM scratch\\n"), "docker build ."],
        ),
        with_engine(
            "dockerfile-copy-missing",
            "app.jar",
            &[
                &dockerfile("FROM scratch\\nCOPY app.jar /\\n"),
                "docker build .",
            ],
        ),
        with_engine(
            "registry-out-of-reach",
            "127.0.0.1:9",
            &[&dockerfile("FROM 127.0.0.1:9/maven:3\\n"), "docker build ."],
        ),
        with_engine(
            "image-to-push-missing",
            "helloworld",
            &["docker push 127.0.0.1:9/helloworld"],
        ),
        with_engine(
            "dockerfile-run-failed",
            "non-zero code: 3",
            &[
                SHELL_IMAGE,
                &on_shell("RUN exit 3"),
                "DOCKER_BUILDKIT=0 docker build .",
            ],
        ),
        with_engine(
            "package-manager-missing",
            "apt-get: not found",
            &[
                SHELL_IMAGE,
                &on_shell("RUN apt-get update"),
                "DOCKER_BUILDKIT=0 docker build .",
            ],
        ),
        with_engine(
            "command-killed",
            "exit status 137",
            &[
                SHELL_IMAGE,
                r#"docker run --rm -m 6m shell:1 sh -c 'a=0123456789012345; while :; do a=$a$a; done'"#,
            ],
        ),
        Failing::commands(
            "no-space-left",
            "no space left on device",
            &[
                "mount -t tmpfs -o size=20m none /var/lib/docker",
                DOCKERD,
                WAIT,
                "mkdir /large; dd if=/dev/zero of=/large/file bs=1M count=30",
                "tar -c -C /large . | docker import - large:1",
            ],
        ),
        with_engine(
            "out-of-memory",
            "non-zero code: 137",
            &[
                SHELL_IMAGE,
                &on_shell("RUN a=0123456789012345; while :; do a=$a$a; done"),
                "DOCKER_BUILDKIT=0 docker build -m 6m .",
            ],
        ),
        with_engine(
            "buildx-missing",
            "buildx",
            &[
                "rm -f /usr/*/docker/cli-plugins/docker-buildx /usr/*/*/docker/cli-plugins/docker-buildx",
                "DOCKER_BUILDKIT=1 docker build .",
            ],
        ),
        with_engine(
            "program-missing-in-image",
            "\"bash\"",
            &[SHELL_IMAGE, "docker run --rm shell:1 bash"],
        ),
        with_engine(
            "container-name-in-use",
            "db",
            &[
                SHELL_IMAGE,
                "docker create --name db shell:1 sh",
                "docker run --name db shell:1 sh",
            ],
        ),
        with_engine(
            "port-in-use",
            "2375",
            &[
                SHELL_IMAGE,
                "docker run -d -p 2375:80 shell:1 sh -c 'while :; do :; done'",
                "docker run -p 2375:80 shell:1 sh",
            ],
        ),
    ];
    Aws::start(None).await.explains(builds, 3).await;
}
