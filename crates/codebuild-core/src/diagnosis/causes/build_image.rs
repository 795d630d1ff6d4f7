//! The image that the build runs in.
//!
//! Messages: published build records; registries' and the Docker Engine's own words after
//! `CannotPullContainerError`.

use super::super::cause::Cause;
use super::super::cause::Sign;
use super::super::record::Failure;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "build-image-pull-limit",
        exam_task: "1.3",
        sign: Sign::When(|failure| pull_failed(failure, &["toomanyrequests"])),
        what: "Docker Hub refused to hand out the build image {image}: too many pulls.",
        why: "Pulls without a login are counted by IP address, and many builds share CodeBuild's.",
        fix: "Keep a copy of the image in Amazon ECR, or give the project a registry credential.",
    },
    Cause {
        id: "registry-credential-not-usable",
        exam_task: "6.2",
        sign: Sign::When(|failure| {
            pull_failed(
                failure,
                &[
                    "is not of the form",
                    "RegistryCredential",
                    "can't find the specified secret",
                ],
            )
        }),
        what: "The project's registry credential cannot be used.",
        why: "It names a secret in Secrets Manager that has to exist and to hold a user name and a \
              password in JSON.",
        fix: "Give the secret the form {\"username\": \"…\", \"password\": \"…\"}, and allow the service \
              role secretsmanager:GetSecretValue.",
    },
    Cause {
        id: "curated-image-not-published",
        exam_task: "1.3",
        sign: Sign::When(|failure| pull_failed(failure, &["AWS does not publish"])),
        what: "The image {image} exists only inside CodeBuild.",
        why: "AWS publishes its images based on Amazon Linux; the others can be built from their \
              Dockerfiles.",
        fix: "On your own machine use one of aws/codebuild/amazonlinux-x86_64-standard, or build the \
              image from github.com/aws/aws-codebuild-docker-images.",
    },
    Cause {
        id: "build-image-other-architecture",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            pull_failed(
                failure,
                &["no matching manifest for", "no match for platform"],
            )
            .or_else(|| outside_commands(failure, &["exec format error"]))
        }),
        what: "The build image {image} is made for another processor architecture.",
        why: "An image for arm64 does not run on x86_64, nor the other way round.",
        fix: "Choose an image for the architecture of the project's environment type (LINUX_CONTAINER: \
              x86_64, ARM_CONTAINER: arm64), or build the image for both.",
    },
    Cause {
        id: "build-image-registry-out-of-reach",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            pull_failed(
                failure,
                &[
                    "no such host",
                    "dial tcp",
                    "connection refused",
                    "i/o timeout",
                    "Client.Timeout",
                    "context deadline exceeded",
                    "TLS handshake timeout",
                    "out of reach",
                    "no answer in time",
                ],
            )
        }),
        what: "The registry of the build image {image} could not be reached.",
        why: "Its name is not known, nothing answers there, or the network does not let the build out \
              (a project in a VPC needs a NAT gateway or endpoints).",
        fix: "Check the registry's name in the image and the network; try `docker pull` with the same \
              name.",
    },
    Cause {
        id: "build-image-not-found",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            pull_failed(
                failure,
                &[
                    "manifest unknown",
                    "not found",
                    "name unknown",
                    "NAME_UNKNOWN",
                ],
            )
        }),
        what: "The build image {image} could not be pulled: the registry has no image of this name \
               and tag.",
        why: "Tags move and go away. In Amazon ECR, a lifecycle policy may have removed the image.",
        fix: "Check the name and tag in the project's environment; try `docker pull` with it.",
    },
    Cause {
        id: "build-image-access-denied",
        exam_task: "6.1",
        sign: Sign::When(|failure| {
            pull_failed(
                failure,
                &[
                    "denied",
                    "unauthorized",
                    "no basic auth",
                    "authentication required",
                    "not authorized",
                ],
            )
        }),
        what: "The registry refused to hand out the build image {image}.",
        why: "The image is private, and CodeBuild's credentials do not open it; or no image has this \
              name.",
        fix: "For ECR, allow the service role to pull and set imagePullCredentialsType SERVICE_ROLE; \
              for another registry, set registryCredential.",
    },
    Cause {
        id: "build-image-cannot-be-pulled",
        exam_task: "1.3",
        sign: Sign::When(|failure| pull_failed(failure, &[""])),
        what: "The build image {image} could not be pulled.",
        why: "The name or tag is wrong, the image is private, or the registry does not answer as it \
              should.",
        fix: "Try `docker pull` with the same name. For a private image set imagePullCredentialsType or \
              registryCredential.",
    },
    Cause {
        id: "build-image-without-shell",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            outside_commands(failure, &["cannot run `sh`", "build container found dead"])
        }),
        what: "The build container ended before the first command: the image {image} cannot run `sh`.",
        why: "CodeBuild runs each command in a shell of the image. Images made FROM scratch or \
              distroless have none.",
        fix: "Build in an image that has a shell. An image without one can still be what the build \
              makes.",
    },
];

/// The phase's message, if it says that the build image could not be pulled and why.
fn pull_failed(failure: &Failure<'_>, texts: &[&str]) -> Option<String> {
    let pull = failure.code == "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE"
        || failure.message.contains("CannotPullContainerError");
    pull.then(|| failure.message_with(texts))?
}

/// What the message or the container's first program says, if no command had run.
fn outside_commands(failure: &Failure<'_>, texts: &[&str]) -> Option<String> {
    (!failure.is_in_commands()).then(|| {
        failure
            .message_with(texts)
            .or_else(|| failure.output_with(texts))
    })?
}
