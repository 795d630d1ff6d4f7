//! Causes around the Docker Engine inside of the build container.
//!
//! Texts: dockerd and the docker CLI, versions 20.10 to 29; exit statuses of `timeout`: BusyBox 143,
//! coreutils 124. Privileged mode: CodeBuild user guide, "Docker custom image sample".

use super::Diagnosis;
use super::record::Failure;

/// What the docker CLI says when no engine answers, before and since version 29.
const NO_ENGINE: [&str; 3] = [
    "cannot connect to the docker daemon",
    "failed to connect to the docker api",
    "error during connect",
];

/// What the engine says when the kernel refuses it what only a privileged container may do.
const REFUSED_BY_KERNEL: [&str; 8] = [
    "failed to mount overlay: operation not permitted",
    "mount: permission denied",
    "permission denied (you must be root)",
    "can't initialize iptables table",
    "iptables failed",
    "failed to set ip_forward",
    "read-only file system",
    "operation not permitted",
];

/// Exit statuses of `timeout` when the time is over.
const TIMEOUT_STATUSES: [i32; 2] = [143, 124];

/// The project has privileged mode off, and Docker was wanted.
pub(super) fn privileged_mode_off(failure: &Failure<'_>) -> Option<Diagnosis> {
    let wants_docker = failure.image.contains("dind") || failure.ran("docker");
    if failure.privileged || !wants_docker {
        return None;
    }
    let evidence = failure
        .line_with(&["failed to start daemon"])
        .or_else(|| failure.line_with(&REFUSED_BY_KERNEL))
        .or_else(|| failure.line_with(&NO_ENGINE))
        .or_else(|| waited_in_vain(failure))?;
    Some(Diagnosis {
        id: "privileged-mode-off",
        what: "The Docker Engine could not start in the build container: the build runs without \
               privileged mode."
            .to_owned(),
        why: "Docker in Docker mounts file systems and changes network rules. The kernel allows \
              that only in a privileged container."
            .to_owned(),
        fix:
            "Set \"privilegedMode\": true in the project's environment (update-project), or start \
              this build with --privileged-mode-override. Privileged builds can do more: keep them \
              to projects that build images."
                .to_owned(),
        evidence: Some(evidence),
        exam_task: "6.1",
    })
}

/// overlay2 on an overlay root file system, or a driver that the engine no longer has.
pub(super) fn storage_driver(failure: &Failure<'_>) -> Option<Diagnosis> {
    let evidence = failure.line_with(&[
        "driver not supported",
        "failed to mount overlay: invalid argument",
        "deprecated and removed",
    ])?;
    failure.privileged.then(|| Diagnosis {
        id: "storage-driver-not-supported",
        what: "The Docker Engine in the build container cannot use the storage driver that it was \
               told to use."
            .to_owned(),
        why: "overlay2 cannot lie on a file system that is itself an overlay, so /var/lib/docker has \
              to be a volume. The drivers overlay, aufs and devicemapper no longer exist."
            .to_owned(),
        fix: "Use an image that declares VOLUME /var/lib/docker, as docker:dind does, or leave \
              --storage-driver out so that the engine chooses."
            .to_owned(),
        evidence: Some(evidence),
        exam_task: "1.3",
    })
}

/// The engine said why it does not start.
pub(super) fn daemon_failed(failure: &Failure<'_>) -> Option<Diagnosis> {
    let evidence = failure.line_with(&["failed to start daemon"])?;
    if !failure.privileged || storage_driver(failure).is_some() {
        return None;
    }
    Some(Diagnosis {
        id: "docker-daemon-failed",
        what: "The Docker Engine in the build container ended right after it was started."
            .to_owned(),
        why: "Its own last line says why.".to_owned(),
        fix:
            "Change what that line names in the dockerd command of the buildspec, then build again."
                .to_owned(),
        evidence: Some(evidence),
        exam_task: "1.3",
    })
}

/// Nothing in the buildspec starts the engine.
pub(super) fn daemon_not_started(failure: &Failure<'_>) -> Option<Diagnosis> {
    if failure.ran("dockerd") {
        return None;
    }
    let evidence = failure.line_with(&NO_ENGINE)?;
    Some(Diagnosis {
        id: "docker-daemon-not-started",
        what: "The docker command found no Docker Engine: no command of the build starts one."
            .to_owned(),
        why: "CodeBuild replaces the image's entrypoint, so an image like docker:dind does not start \
              its engine by itself."
            .to_owned(),
        fix: "Start it in the install phase: `nohup dockerd --host=unix:///var/run/docker.sock \
              --storage-driver=overlay2 &`, and wait for it with `timeout 15 sh -c \"until docker \
              info; do echo .; sleep 1; done\"`."
            .to_owned(),
        evidence: Some(evidence),
        exam_task: "1.3",
    })
}

/// The engine was started, and not waited for or not long enough.
pub(super) fn daemon_not_ready(failure: &Failure<'_>) -> Option<Diagnosis> {
    let ended = failure.line_with(&["failed to start daemon"]).is_some();
    if !failure.privileged || !failure.ran("dockerd") || ended {
        return None;
    }
    let waited = waited_in_vain(failure);
    let (why, evidence) = match waited {
        Some(line) => (
            "The buildspec waits for the engine with `timeout`, and the time was over before `docker \
             info` worked. `timeout` then ends with 143 in BusyBox and 124 in coreutils.",
            line,
        ),
        None => (
            "The engine needs a second or more after its start. A docker command that comes earlier \
             finds nobody.",
            failure.line_with(&NO_ENGINE)?,
        ),
    };
    Some(Diagnosis {
        id: "docker-daemon-not-ready",
        what: "The Docker Engine in the build container was not ready in time.".to_owned(),
        why: why.to_owned(),
        fix: "Wait for it, and longer: `timeout 60 sh -c \"until docker info; do echo .; sleep 1; \
              done\"`. If it listens on tcp://0.0.0.0 without TLS, use 127.0.0.1: the engine pauses \
              for 15 seconds to warn of the former."
            .to_owned(),
        evidence: Some(evidence),
        exam_task: "1.3",
    })
}

/// Docker Hub counts pulls.
pub(super) fn pull_limit(failure: &Failure<'_>) -> Option<Diagnosis> {
    let evidence = failure.line_with(&["toomanyrequests"])?;
    Some(Diagnosis {
        id: "image-pull-limit",
        what: "Docker Hub refused to hand out an image: too many pulls from this address."
            .to_owned(),
        why: "Pulls without a login are counted by IP address, and many builds share CodeBuild's."
            .to_owned(),
        fix: "Log in with `docker login` and a credential from Secrets Manager, or keep the base \
              image in Amazon ECR (a pull-through cache does it by itself)."
            .to_owned(),
        evidence: Some(evidence),
        exam_task: "1.3",
    })
}

/// `docker build` or `docker run` cannot get an image.
pub(super) fn base_image_cannot_be_pulled(failure: &Failure<'_>) -> Option<Diagnosis> {
    let evidence = failure.line_with(&[
        "pull access denied",
        "manifest unknown",
        "failed to resolve source metadata",
        "lookup registry-1.docker.io",
        "error response from daemon: get \"https://",
    ])?;
    (failure.phase != "PROVISIONING").then(|| Diagnosis {
        id: "base-image-cannot-be-pulled",
        what: "The engine in the build container could not pull an image that the Dockerfile or the \
               buildspec names."
            .to_owned(),
        why: "The name or tag is wrong, the image is private, or the build cannot reach the registry \
              (a project in a VPC needs a NAT gateway or endpoints)."
            .to_owned(),
        fix: "Check the FROM line, log in to a private registry in pre_build, and try the same pull on \
              your own machine."
            .to_owned(),
        evidence: Some(evidence),
        exam_task: "1.3",
    })
}

/// The command that failed is a `timeout` around docker, and its time was over.
fn waited_in_vain(failure: &Failure<'_>) -> Option<String> {
    let status = failure.exit_status()?;
    let command = failure.command().unwrap_or_default();
    let waits = command.contains("docker") || failure.ran("docker info");
    (TIMEOUT_STATUSES.contains(&status) && waits)
        .then(|| failure.context_line())
        .flatten()
}
