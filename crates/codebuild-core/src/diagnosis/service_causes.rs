//! Causes that CodeBuild itself names, and failed commands.
//!
//! Status codes and messages: published build records and the CodeBuild user guide,
//! "Troubleshooting". Exit statuses: POSIX shell, 2.8.2.

use super::Diagnosis;
use super::record::Failure;

pub(super) fn stopped(failure: &Failure<'_>) -> Option<Diagnosis> {
    (failure.status == "STOPPED").then(|| Diagnosis {
        id: "build-stopped",
        what: "The build was stopped before its end.".to_owned(),
        why: "Somebody or something called StopBuild.".to_owned(),
        fix: "Start it again with start-build, or with retry-build, which takes the same settings."
            .to_owned(),
        evidence: failure.context_line(),
        exam_task: "5.3",
    })
}

pub(super) fn interrupted(failure: &Failure<'_>) -> Option<Diagnosis> {
    (failure.status == "FAULT").then(|| Diagnosis {
        id: "build-interrupted",
        what: "The build ended because of what runs it, not because of its commands.".to_owned(),
        why: "FAULT means that the build service failed. On your own machine: the program that ran \
              the build ended, or the Docker Engine under it did."
            .to_owned(),
        fix: "Run it again with retry-build. If it happens again, look at the phase's message and at \
              the Docker Engine."
            .to_owned(),
        evidence: failure.context_line(),
        exam_task: "5.3",
    })
}

pub(super) fn queued_too_long(failure: &Failure<'_>) -> Option<Diagnosis> {
    (failure.phase == "QUEUED").then(|| Diagnosis {
        id: "queued-too-long",
        what: "The build waited in the queue for longer than its queue time allows.".to_owned(),
        why: "Other builds had all the places: the project's concurrent build limit or the account's \
              quota."
            .to_owned(),
        fix: "Raise queuedTimeoutInMinutes or the limit, or run fewer builds at a time.".to_owned(),
        evidence: failure.context_line(),
        exam_task: "5.3",
    })
}

pub(super) fn timed_out(failure: &Failure<'_>) -> Option<Diagnosis> {
    if failure.status != "TIMED_OUT" && failure.code != "BUILD_TIMED_OUT" {
        return None;
    }
    if failure.phase == "QUEUED" {
        return None;
    }
    let limit = match failure.timeout_minutes {
        Some(minutes) => format!("its {minutes} minutes"),
        None => "its time".to_owned(),
    };
    Some(Diagnosis {
        id: "build-timed-out",
        what: format!("The build took longer than {limit} and was ended in {}.", failure.phase),
        why: "A command hangs (often one that asks a question, or a server in the foreground), or the \
              work needs more time."
            .to_owned(),
        fix: "Look at the last command in the log. If it only needs longer, raise timeoutInMinutes \
              (5 to 2160), or use a larger compute type or a cache."
            .to_owned(),
        evidence: failure.context_line(),
        exam_task: "5.3",
    })
}

pub(super) fn service_role(failure: &Failure<'_>) -> Option<Diagnosis> {
    let in_context = failure.message.contains("sts:AssumeRole");
    in_context.then(|| Diagnosis {
        id: "service-role-not-usable",
        what: "CodeBuild could not take on the project's service role.".to_owned(),
        why: "The role does not exist, its name is written differently, or its trust policy does not \
              name codebuild.amazonaws.com."
            .to_owned(),
        fix: "Check the role's ARN in the project and allow sts:AssumeRole for \
              codebuild.amazonaws.com in its trust policy."
            .to_owned(),
        evidence: failure.context_line(),
        exam_task: "6.1",
    })
}

pub(super) fn image_cannot_be_pulled(failure: &Failure<'_>) -> Option<Diagnosis> {
    let pull = failure.code == "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE"
        || failure.message.contains("CannotPullContainerError");
    if !pull {
        return None;
    }
    let message = failure.message.to_lowercase();
    let (why, fix) = if message.contains("toomanyrequests") {
        (
            "Docker Hub counts pulls by IP address, and there were too many.",
            "Keep a copy of the image in Amazon ECR, or give the project a registry credential.",
        )
    } else if message.contains("not found") || message.contains("manifest unknown") {
        (
            "The registry has no image of this name and tag.",
            "Check the name and the tag in the project's environment; try `docker pull` with it.",
        )
    } else if message.contains("denied") || message.contains("unauthorized") {
        (
            "The image is private, and CodeBuild's credentials do not open it.",
            "For ECR, allow the service role to pull and set imagePullCredentialsType SERVICE_ROLE; \
             for another registry, set registryCredential.",
        )
    } else {
        (
            "The name or tag is wrong, the image is private, or the registry cannot be reached.",
            "Try `docker pull` with the same name. For a private image set imagePullCredentialsType \
             or registryCredential.",
        )
    };
    Some(Diagnosis {
        id: "image-cannot-be-pulled",
        what: format!("The build image {} could not be pulled.", failure.image),
        why: why.to_owned(),
        fix: fix.to_owned(),
        evidence: failure.context_line(),
        exam_task: "1.3",
    })
}

pub(super) fn buildspec_missing(failure: &Failure<'_>) -> Option<Diagnosis> {
    let missing = failure.message.contains("YAML file does not exist")
        || (failure.code == "YAML_FILE_ERROR" && failure.message.contains("no such file"));
    missing.then(|| Diagnosis {
        id: "buildspec-missing",
        what: "The source has no buildspec file where CodeBuild looks for it.".to_owned(),
        why: "Without another name in the project, it is buildspec.yml in the root of the source, in \
              small letters and with this ending."
            .to_owned(),
        fix: "Add the file to the branch that is built, or name its path in the project's \
              source.buildspec."
            .to_owned(),
        evidence: failure.context_line(),
        exam_task: "1.1",
    })
}

pub(super) fn yaml_error(failure: &Failure<'_>) -> Option<Diagnosis> {
    if failure.code != "YAML_FILE_ERROR" || buildspec_missing(failure).is_some() {
        return None;
    }
    let (why, fix) = if failure.message.contains("subkeys") {
        (
            "A command with a colon and a space in it, unquoted, is a key with a value in YAML and not \
             a text.",
            "Put the whole command in quotes: - 'echo \"status: done\"'.",
        )
    } else if failure.message.contains("mapping values are not allowed") {
        (
            "YAML found a second colon where only a value can stand, or the indentation is off.",
            "Quote the value and indent with spaces, the same number on each level.",
        )
    } else {
        (
            "The file is not YAML, or not a buildspec: the message names the place.",
            "Correct the line. Indent with spaces, not tabs, and quote commands that have a colon.",
        )
    };
    Some(Diagnosis {
        id: "yaml-error",
        what: "CodeBuild cannot read the buildspec.".to_owned(),
        why: why.to_owned(),
        fix: fix.to_owned(),
        evidence: failure.context_line(),
        exam_task: "1.1",
    })
}

pub(super) fn source_error(failure: &Failure<'_>) -> Option<Diagnosis> {
    if failure.phase != "DOWNLOAD_SOURCE" || failure.code == "YAML_FILE_ERROR" {
        return None;
    }
    let message = failure.message.to_lowercase();
    let (id, why, fix) = if message.contains("repository not found") {
        (
            "source-not-found",
            "There is no repository at this URL, or it is private and nobody is logged in.",
            "Check source.location. For a private repository, connect CodeBuild to the provider first.",
        )
    } else if message.contains("authorization failed")
        || message.contains("authentication required")
    {
        (
            "source-access-denied",
            "The repository wants a login that CodeBuild does not have, or that is no longer valid.",
            "Connect CodeBuild to the provider again (import-source-credentials or a connection).",
        )
    } else if message.contains("reference not found") || message.contains("couldn't find") {
        (
            "source-version-not-found",
            "The repository has no branch, tag or commit of this name.",
            "Check sourceVersion, or leave it out to build the default branch.",
        )
    } else if message.contains("parameter does not exist") {
        (
            "parameter-does-not-exist",
            "An environment variable of type PARAMETER_STORE names a parameter that is not there.",
            "Create the parameter in this region, or correct its name.",
        )
    } else {
        (
            "source-error",
            "The message says what the source provider answered.",
            "Check source.location, sourceVersion and the access to the repository.",
        )
    };
    Some(Diagnosis {
        id,
        what: "CodeBuild could not get what the build needs before its first command.".to_owned(),
        why: why.to_owned(),
        fix: fix.to_owned(),
        evidence: failure.context_line(),
        exam_task: "1.1",
    })
}

pub(super) fn bash_syntax(failure: &Failure<'_>) -> Option<Diagnosis> {
    let evidence = failure.line_with(&["[[: not found", "syntax error: unexpected \"(\""])?;
    Some(Diagnosis {
        id: "bash-syntax-in-sh",
        what: "A command uses bash's own syntax, and the shell is sh.".to_owned(),
        why: "Images on Alpine, docker:dind among them, have no bash: sh is BusyBox.".to_owned(),
        fix: "Write it for sh ([ … ] for [[ … ]]), or install bash and set env.shell: bash."
            .to_owned(),
        evidence: Some(evidence),
        exam_task: "1.2",
    })
}

pub(super) fn command_not_found(failure: &Failure<'_>) -> Option<Diagnosis> {
    if failure.exit_status() != Some(127) || bash_syntax(failure).is_some() {
        return None;
    }
    Some(Diagnosis {
        id: "command-not-found",
        what: match failure.command() {
            Some(command) => format!("The shell did not find a program of `{command}`."),
            None => "The shell did not find a program.".to_owned(),
        },
        why: "Exit status 127: the build image does not have this program, or its folder is not in \
              PATH, or the name is mistyped."
            .to_owned(),
        fix: "Install it in the install phase (apk add, apt-get install, dnf install) or use a build \
              image that has it."
            .to_owned(),
        evidence: failure
            .line_with(&["not found"])
            .or_else(|| failure.context_line()),
        exam_task: "1.2",
    })
}

pub(super) fn no_space(failure: &Failure<'_>) -> Option<Diagnosis> {
    let evidence = failure.line_with(&["no space left on device"])?;
    Some(Diagnosis {
        id: "no-space-left",
        what: "The build container's disk is full.".to_owned(),
        why: "Images and layers take room: with the vfs driver each layer is a full copy.".to_owned(),
        fix: "Use overlay2, remove what is not needed (`docker system prune`), or take a larger compute \
              type."
            .to_owned(),
        evidence: Some(evidence),
        exam_task: "5.3",
    })
}

pub(super) fn killed(failure: &Failure<'_>) -> Option<Diagnosis> {
    (failure.exit_status() == Some(137)).then(|| Diagnosis {
        id: "command-killed",
        what: "A command was killed.".to_owned(),
        why: "Exit status 137 is signal 9, usually because the container had no memory left."
            .to_owned(),
        fix: "Take a larger compute type, or run fewer things at a time (such as `make -j2`)."
            .to_owned(),
        evidence: failure.context_line(),
        exam_task: "5.3",
    })
}

pub(super) fn command_failed(failure: &Failure<'_>) -> Option<Diagnosis> {
    let status = failure.exit_status()?;
    let next = match failure.phase {
        "INSTALL" | "PRE_BUILD" => {
            "A failure in INSTALL or PRE_BUILD ends the command phases: BUILD and POST_BUILD do not run."
        }
        "BUILD" => "POST_BUILD runs even so; CODEBUILD_BUILD_SUCCEEDING is 0 there.",
        _ => "A command that ends with anything but 0 fails its phase and the build.",
    };
    Some(Diagnosis {
        id: "command-failed",
        what: match failure.command() {
            Some(command) => {
                format!(
                    "`{command}` ended with exit status {status} in {}.",
                    failure.phase
                )
            }
            None => format!(
                "A command ended with exit status {status} in {}.",
                failure.phase
            ),
        },
        why: next.to_owned(),
        fix:
            "The lines above `Command did not exit successfully` in the log are the command's own."
                .to_owned(),
        evidence: failure.context_line(),
        exam_task: "1.2",
    })
}

pub(super) fn phase_failed(failure: &Failure<'_>) -> Option<Diagnosis> {
    Some(Diagnosis {
        id: "phase-failed",
        what: match failure.phase {
            "" => format!("The build ended as {}.", failure.status),
            phase => format!("The build failed in {phase}."),
        },
        why: match failure.context_line() {
            Some(_) => "The phase's message says why.".to_owned(),
            None => "The record gives no reason.".to_owned(),
        },
        fix: "Read the phase's message and the end of the log.".to_owned(),
        evidence: failure.context_line(),
        exam_task: "5.3",
    })
}
