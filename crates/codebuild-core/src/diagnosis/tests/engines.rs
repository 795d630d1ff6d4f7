//! Docker Engines in the build container that do not serve.

use super::builds::DOCKERD;
use super::builds::Failed;
use super::builds::NO_ENGINE_28;
use super::builds::NO_ENGINE_29;
use super::builds::WAIT;

/// Cause, and what the engine says after the demo's dockerd command.
const ENGINE_SAYS: &[(&str, &[&str])] = &[
    ("docker-daemon-not-ready", &["."]),
    (
        "overlay-on-overlay",
        &[
            r#"time="2025-10-09T08:00:01Z" level=error msg="failed to mount overlay: invalid argument" storage-driver=overlay2"#,
            "failed to start daemon: error initializing graphdriver: driver not supported",
        ],
    ),
    (
        "overlay-on-overlay",
        &["failed to start daemon: error initializing graphdriver: driver not supported: overlay2"],
    ),
    (
        "storage-driver-removed",
        &[
            "failed to start daemon: error initializing graphdriver: the devicemapper storage-driver has been deprecated and removed",
        ],
    ),
    (
        "docker-iptables",
        &[
            "failed to start daemon: Error initializing network controller: error obtaining controller instance: failed to register \"bridge\" driver: iptables failed: iptables -t nat -N DOCKER: iptables v1.8.11 (legacy): can't initialize iptables table `nat'",
        ],
    ),
    (
        "docker-iptables",
        &[
            "failed to start daemon: Error initializing network controller: iptables: CHAIN_ADD failed (No such file or directory): chain PREROUTING (nf_tables)",
        ],
    ),
    (
        "docker-daemon-already-running",
        &[
            "failed to start daemon: pid file found, ensure docker is not running or delete /var/run/docker.pid",
        ],
    ),
    (
        "docker-daemon-already-running",
        &[
            "failed to start daemon, ensure docker is not running or delete /var/run/docker.pid: process with PID 23 is still running",
        ],
    ),
    (
        "docker-address-in-use",
        &["failed to load listeners: listen tcp 127.0.0.1:2375: bind: address already in use"],
    ),
    (
        "dockerd-option-wrong",
        &[
            "Status: unknown flag: --storage-drivr",
            "See 'dockerd --help'., Code: 125",
        ],
    ),
    (
        "dockerd-option-wrong",
        &[
            "unable to configure the Docker daemon with file /etc/docker/daemon.json: the following directives are specified both as a flag and in the configuration file: storage-driver: (from flag: overlay2, from file: vfs)",
        ],
    ),
    (
        "docker-daemon-failed",
        &["failed to start daemon: error while opening volume store metadata database: timeout"],
    ),
];

pub(super) fn told() -> Vec<(&'static str, Failed)> {
    let mut told = Vec::new();
    for (id, says) in ENGINE_SAYS {
        for (no_engine, status) in [(NO_ENGINE_28, 143), (NO_ENGINE_29, 124)] {
            let printed: Vec<&str> = says.iter().copied().chain([no_engine, "."]).collect();
            let commands: &[(&str, &[&str])] = &[(DOCKERD, &[]), (WAIT, &printed)];
            told.push((*id, Failed::after(commands, status)));
        }
    }
    let unknown = "failed to start daemon: error initializing graphdriver: driver not supported";
    let overlay3 = "nohup dockerd --storage-driver=overlay3 &";
    told.extend([
        (
            "storage-driver-not-supported",
            Failed::after(&[(overlay3, &[]), (WAIT, &[unknown, NO_ENGINE_28])], 143),
        ),
        // In the foreground, the engine itself is the command that fails.
        ("docker-daemon-already-running", Failed::after(&[("dockerd --host=unix:///var/run/docker.sock", &["failed to start daemon: pid file found, ensure docker is not running or delete /var/run/docker.pid"])], 1)),
        ("docker-daemon-not-started", Failed::after(&[("docker build -t helloworld .", &[NO_ENGINE_28])], 1)),
        ("docker-daemon-not-started", Failed::after(&[("docker build -t helloworld .", &[NO_ENGINE_29])], 1)),
        ("docker-daemon-not-ready", Failed::after(&[(DOCKERD, &[]), ("docker build .", &[NO_ENGINE_28])], 1)),
        ("docker-daemon-not-ready", Failed::after(&[("set -e\nnohup dockerd &\ndocker build .", &[NO_ENGINE_28])], 1)),
        ("docker-daemon-ended", Failed::command("docker ps", 1, &[NO_ENGINE_28])),
        ("docker-tcp-pause", Failed::after(&[("nohup dockerd --host=unix:///var/run/docker.sock --host=tcp://0.0.0.0:2375 &", &[]), (WAIT, &[NO_ENGINE_29, "."])], 124)),
        ("docker-host-wrong", Failed::after(&[("docker ps", &["error during connect: Get \"http://docker:2375/v1.50/containers/json\": dial tcp: lookup docker on 10.0.0.2:53: no such host"])], 1)),
        ("docker-host-wrong", Failed::after(&[("docker ps", &["Cannot connect to the Docker daemon at tcp://docker:2375. Is the docker daemon running?"])], 1)),
        ("privileged-mode-off", Failed::after(&[(DOCKERD, &[]), (WAIT, &[
            r#"time="2025-10-09T08:00:01Z" level=error msg="failed to mount overlay: operation not permitted" storage-driver=overlay2"#,
            "failed to start daemon: error initializing graphdriver: driver not supported: overlay2",
            NO_ENGINE_28,
        ])], 143).without_privileged_mode()),
        ("privileged-mode-off", Failed::after(&[(DOCKERD, &[]), (WAIT, &["."])], 124).without_privileged_mode()),
        ("privileged-mode-off", Failed::message("INSTALL", "COMMAND_EXECUTION_ERROR", &format!("Error while executing command: {WAIT}. Reason: exit status 143")).without_privileged_mode()),
    ]);
    let mut for_ever = Failed::after(
        &[
            (DOCKERD, &[]),
            ("until docker info; do sleep 1; done", &[NO_ENGINE_28]),
        ],
        0,
    );
    for_ever.record = Failed::message("BUILD", "BUILD_TIMED_OUT", "Build has timed out. ").record;
    for_ever.end("TIMED_OUT");
    told.push(("docker-daemon-not-ready", for_ever));
    told
}

#[test]
fn the_engines_own_last_words_are_the_evidence() {
    let failed = told()
        .into_iter()
        .find(|(id, _)| *id == "privileged-mode-off")
        .unwrap();
    let found = failed.1.diagnosed();
    let evidence = found[0].evidence.as_deref().unwrap();
    assert!(evidence.starts_with("failed to start daemon"), "{evidence}");
    assert!(found[0].fix.contains("privilegedMode"));
}
