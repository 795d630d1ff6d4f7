//! The Docker Engine inside of the build container.
//!
//! Texts: dockerd and the docker CLI, versions 20.10 to 29. Exit statuses of `timeout`: 143 in
//! BusyBox, 124 in coreutils. Privileged mode: CodeBuild user guide, "Docker custom image sample".

use super::super::cause::Cause;
use super::super::cause::Sign;
use super::super::record::Failure;

/// What the docker CLI says when no engine answers, before and since version 29.
const NO_ENGINE: [&str; 3] = [
    "cannot connect to the docker daemon",
    "failed to connect to the docker api",
    "error during connect",
];

/// What the engine says when the kernel refuses it what only a privileged container may do.
const REFUSED_BY_KERNEL: [&str; 8] = [
    "failed to start daemon",
    "failed to mount overlay: operation not permitted",
    "mount: permission denied",
    "permission denied (you must be root)",
    "can't initialize iptables table",
    "iptables failed",
    "failed to set ip_forward",
    "operation not permitted",
];

/// What the engine says when it serves requests.
const READY: [&str; 2] = ["daemon has completed initialization", "api listen on"];

/// Exit statuses of `timeout` when the time is over.
const TIMEOUT_STATUSES: [i32; 2] = [143, 124];

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "docker-host-wrong",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            let line = failure.output_with(&NO_ENGINE)?;
            let has = |texts: &[&str]| texts.iter().any(|text| line.contains(text));
            let is_elsewhere = has(&["tcp://", "\"http://", "\"https://", "lookup "])
                && !has(&["127.0.0.1", "localhost"]);
            is_elsewhere.then_some(line)
        }),
        what: "The docker command looked for the Docker Engine on the network and found none.",
        why: "DOCKER_HOST is set, to a host that does not exist here. An engine that the build starts \
              listens on unix:///var/run/docker.sock.",
        fix: "Unset DOCKER_HOST in the buildspec, the project and the image, or start dockerd with the \
              same --host.",
    },
    Cause {
        id: "privileged-mode-off",
        exam_task: "6.1",
        sign: Sign::When(|failure| {
            let missing = engine_missing(failure).filter(|_| !failure.privileged)?;
            Some(failure.complained(&REFUSED_BY_KERNEL).unwrap_or(missing))
        }),
        what: "No Docker Engine can run in the build container: the build runs without privileged mode.",
        why: "Docker in Docker mounts file systems and changes network rules. The kernel allows that \
              only in a privileged container.",
        fix: "Set \"privilegedMode\": true in the project's environment (update-project), or start this \
              build with --privileged-mode-override. Privileged builds can do more: keep them to \
              projects that build images.",
    },
    Cause {
        id: "storage-driver-removed",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            engine_said(
                failure,
                &[
                    "deprecated and removed",
                    "AUFS was not found",
                    "storage-driver=aufs",
                    "driver=devicemapper",
                ],
            )
        }),
        what: "The Docker Engine in the build container does not have the storage driver that it was \
               told to use.",
        why: "The drivers overlay, aufs and devicemapper no longer exist in the engine or in the kernel.",
        fix: "Use --storage-driver=overlay2, or leave the option out so that the engine chooses.",
    },
    Cause {
        id: "overlay-on-overlay",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            engine_said(failure, &["failed to mount overlay: invalid argument"]).or_else(|| {
                let wants_overlay =
                    failure.ran("driver=overlay2") || failure.ran("driver overlay2");
                wants_overlay.then(|| engine_said(failure, &["driver not supported"]))?
            })
        }),
        what: "The Docker Engine in the build container cannot use overlay2 where its data lies.",
        why: "overlay2 cannot lie on a file system that is itself an overlay, as a container's is. So \
              /var/lib/docker has to be a volume.",
        fix: "Use an image that declares VOLUME /var/lib/docker, as docker:dind does, and do not move \
              --data-root away from it. --storage-driver=vfs works anywhere, slowly.",
    },
    Cause {
        id: "storage-driver-not-supported",
        exam_task: "1.3",
        sign: Sign::When(|failure| engine_said(failure, &["driver not supported"])),
        what: "The Docker Engine in the build container cannot use the storage driver that it was told \
               to use.",
        why: "The name is mistyped, or the kernel or the file system below /var/lib/docker does not have \
              this driver.",
        fix: "Use --storage-driver=overlay2 with /var/lib/docker on a volume, or leave the option out so \
              that the engine chooses.",
    },
    Cause {
        id: "docker-iptables",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            engine_said(
                failure,
                &[
                    "iptables failed",
                    "(nf_tables)",
                    "can't initialize iptables table",
                    "RULE_APPEND failed",
                    "CHAIN_ADD failed",
                    "iptables not found",
                ],
            )
        }),
        what: "The Docker Engine in the build container could not set up its network rules.",
        why: "The image has no iptables program, or one that speaks nftables or the older interface where the \
              kernel of the host has only the other one.",
        fix: "Try the other program: in docker:dind, \
              PATH=/usr/local/sbin/.iptables-legacy:$PATH before dockerd. For builds without networks, \
              dockerd --iptables=false --bridge=none.",
    },
    Cause {
        id: "docker-daemon-already-running",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            engine_said(
                failure,
                &[
                    "ensure docker is not running",
                    "pid file found",
                    "is still running",
                ],
            )
        }),
        what: "A second Docker Engine was started in the build container.",
        why: "One runs already, or its file /var/run/docker.pid was left behind: in the image, or by an \
              engine that was killed.",
        fix: "Start dockerd once. If the file is left over, remove it before: rm -f /var/run/docker.pid.",
    },
    Cause {
        id: "docker-address-in-use",
        exam_task: "1.3",
        sign: Sign::When(|failure| engine_said(failure, &["failed to load listener"])),
        what: "The Docker Engine in the build container cannot listen where it was told to.",
        why: "Another program has the address or port of a --host option, or the address is not one of \
              this container.",
        fix: "Use --host=unix:///var/run/docker.sock alone, or another port.",
    },
    Cause {
        id: "dockerd-option-wrong",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            engine_said(
                failure,
                &[
                    "Status: unknown flag",
                    "See 'dockerd --help'",
                    "dockerd --help",
                    "unable to configure the Docker daemon",
                ],
            )
        }),
        what: "The Docker Engine in the build container did not accept its options.",
        why: "An option of dockerd is mistyped, is too new for this version, or says something else than \
              /etc/docker/daemon.json.",
        fix: "Compare the dockerd command with `dockerd --help` of this image, and give each option in \
              one place only.",
    },
    Cause {
        id: "docker-daemon-failed",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            engine_said(
                failure,
                &[
                    "failed to start daemon",
                    "unable to get the full path to root",
                ],
            )
        }),
        what: "The Docker Engine in the build container ended right after it was started.",
        why: "Its own last line says why.",
        fix: "Change what that line names in the dockerd command of the buildspec, then build again.",
    },
    Cause {
        id: "docker-daemon-ended",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            let missing = failure.output_with(&NO_ENGINE)?;
            failure.printed(&READY).map(|_| missing)
        }),
        what: "The Docker Engine in the build container was ready before, and is gone.",
        why: "It was killed: by a command, or because the container had no memory left.",
        fix: "Look for the engine's last lines in the log. Take a larger compute type if memory is short.",
    },
    Cause {
        id: "docker-daemon-not-started",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            engine_missing(failure)
                .filter(|_| !failure.ran("dockerd") && !failure.ran("dockerd-entrypoint.sh"))
        }),
        what: "The docker command found no Docker Engine: no command of the build starts one.",
        why: "CodeBuild replaces the image's entrypoint, so an image like docker:dind does not start its \
              engine by itself.",
        fix: "Start it in the install phase: `nohup dockerd --host=unix:///var/run/docker.sock \
              --storage-driver=overlay2 &`, and wait for it with `timeout 15 sh -c \"until docker info; \
              do echo .; sleep 1; done\"`.",
    },
    Cause {
        id: "docker-tcp-pause",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            engine_said(failure, &["intentionally being slowed down"]).or_else(|| {
                let is_everywhere = failure.ran("tcp://0.0.0.0") || failure.ran("=tcp://:");
                engine_missing(failure).filter(|_| is_everywhere)
            })
        }),
        what: "The Docker Engine in the build container was not ready in time: it listens on every \
               address without TLS.",
        why: "For a tcp address other than 127.0.0.1 without TLS, the engine warns and then pauses for 15 \
              seconds. A wait of 15 seconds loses against that.",
        fix: "Use --host=tcp://127.0.0.1:2375, or only --host=unix:///var/run/docker.sock.",
    },
    Cause {
        id: "docker-daemon-not-ready",
        exam_task: "1.3",
        sign: Sign::When(engine_missing),
        what: "The Docker Engine in the build container was not ready in time.",
        why: "The engine needs a second or more after its start. A docker command that comes earlier \
              finds nobody, and a `timeout` around the wait ends with 143 in BusyBox, 124 in coreutils.",
        fix: "Wait for it, and longer: `timeout 60 sh -c \"until docker info; do echo .; sleep 1; done\"`.",
    },
    Cause {
        id: "docker-socket-permission",
        exam_task: "6.1",
        sign: Sign::Output(&["permission denied while trying to connect to the docker"]),
        what: "The user that runs the command may not use the Docker Engine's socket.",
        why: "/var/run/docker.sock belongs to root and the group docker. run-as names another user.",
        fix: "Leave run-as out for phases that use docker, or add the user to the group docker. Who may \
              use the socket is root in effect.",
    },
    Cause {
        id: "docker-api-version",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            let line = failure.output_with(&["client version"])?;
            (line.contains("too new") || line.contains("too old")).then_some(line)
        }),
        what: "The docker command and the Docker Engine speak different versions of the API.",
        why: "The command comes from another release than the engine, or DOCKER_API_VERSION is set.",
        fix: "Take command and engine from the same image, and unset DOCKER_API_VERSION.",
    },
];

/// The line that shows that a command waited for an engine, or needed one, and there was none.
fn engine_missing(failure: &Failure<'_>) -> Option<String> {
    let runs_engine = || {
        let command = failure.command().unwrap_or_default();
        let waits = command.contains("nohup") || command.trim_end().ends_with('&');
        (command.contains("dockerd") && !waits)
            .then(|| failure.context_line())
            .flatten()
    };
    failure
        .output_with(&NO_ENGINE)
        .or_else(|| waited_in_vain(failure))
        .or_else(runs_engine)
}

/// What the engine said, if a command found none.
fn engine_said(failure: &Failure<'_>, texts: &[&str]) -> Option<String> {
    engine_missing(failure)?;
    failure.complained(texts)
}

/// The command that failed waits for docker, and its time or the build's was over.
fn waited_in_vain(failure: &Failure<'_>) -> Option<String> {
    let is_over = failure.status == "TIMED_OUT"
        || failure
            .exit_status()
            .is_some_and(|status| TIMEOUT_STATUSES.contains(&status));
    let command = failure.command().unwrap_or_default();
    let waits = ["docker info", "docker ps", "docker version", "docker.sock"]
        .iter()
        .any(|text| command.contains(text));
    (is_over && waits).then(|| failure.context_line()).flatten()
}
