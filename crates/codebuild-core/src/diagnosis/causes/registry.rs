//! Images that the engine in the build pulls or pushes.
//!
//! Texts: dockerd and BuildKit, Docker Hub, Amazon ECR, and registries that follow the OCI
//! distribution specification.

use super::super::cause::Cause;
use super::super::cause::Sign;
use super::super::record::Failure;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "image-pull-limit",
        exam_task: "1.3",
        sign: Sign::Output(&["toomanyrequests"]),
        what: "Docker Hub refused to hand out an image: too many pulls from this address.",
        why: "Pulls without a login are counted by IP address, and many builds share CodeBuild's.",
        fix: "Log in with `docker login` and a credential from Secrets Manager, or keep the base image in \
              Amazon ECR (a pull-through cache does it by itself).",
    },
    Cause {
        id: "image-schema-1",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "manifest version 2, schema 1",
            "manifest.v1+prettyjws",
            "schema 1 support",
            "unsupported manifest media type",
        ]),
        what: "The Docker Engine refuses an image because it is kept in an old format.",
        why: "Since Docker 28.2 images with a manifest of schema 1, from before 2017, are not pulled any \
              more.",
        fix: "Use a newer tag of the image, or push it again with a current engine.",
    },
    Cause {
        id: "image-other-architecture",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "exec format error",
            "no matching manifest for",
            "no match for platform in manifest",
            "cannot execute binary file",
            "does not match the specified platform",
        ]),
        what: "An image or a program of the build is made for another processor architecture.",
        why: "Programs for arm64 do not run on x86_64, nor the other way round. Images built on a Mac are \
              often for arm64.",
        fix: "Build with --platform linux/amd64 (or linux/arm64 for ARM_CONTAINER), and use base images \
              that have both.",
    },
    Cause {
        id: "registry-without-tls",
        exam_task: "1.3",
        sign: Sign::Output(&["server gave HTTP response to HTTPS client"]),
        what: "The registry speaks HTTP, and the Docker Engine wants HTTPS.",
        why: "Only registries on 127.0.0.1 are trusted without TLS.",
        fix: "Give the registry a certificate, or start dockerd with --insecure-registry HOST:PORT for a \
              test.",
    },
    Cause {
        id: "registry-certificate-not-trusted",
        exam_task: "6.2",
        sign: Sign::When(|failure| {
            about_images(
                failure,
                &["x509:", "certificate signed by unknown authority"],
            )
        }),
        what: "The Docker Engine does not trust the registry's certificate.",
        why: "A company's own registry often has a certificate of the company's own authority, which the \
              image does not know.",
        fix: "Put the authority's certificate into /etc/docker/certs.d/HOST:PORT/ca.crt before dockerd \
              starts.",
    },
    Cause {
        id: "ecr-login-expired",
        exam_task: "1.3",
        sign: Sign::Output(&["authorization token has expired"]),
        what: "Amazon ECR did not accept the login: it has expired.",
        why: "A login from get-login-password is valid for 12 hours, and a cached one may be older.",
        fix: "Log in in pre_build of every build: aws ecr get-login-password | docker login --username \
              AWS --password-stdin REGISTRY.",
    },
    Cause {
        id: "registry-login-refused",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "incorrect username or password",
            "failed with status: 401",
            "401 Unauthorized",
            "failed with status: 403",
            "docker login failed",
            "cannot perform an interactive login",
        ]),
        what: "The registry refused the login.",
        why: "User name or password are wrong, empty or cut off. Docker Hub wants an access token in place \
              of the password for accounts with two-factor login.",
        fix: "Take both from Secrets Manager with env.secrets-manager, and log in with --password-stdin.",
    },
    Cause {
        id: "registry-login-missing",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            about_images(
                failure,
                &[
                    "no basic auth credentials",
                    "authentication required",
                    "unauthorized",
                ],
            )
        }),
        what: "The registry wants a login, and the build has none.",
        why: "docker has no credentials for exactly this host. A login for another region's or account's \
              ECR does not count.",
        fix: "Log in in pre_build, to the same host that the image names: aws ecr get-login-password | \
              docker login --username AWS --password-stdin REGISTRY.",
    },
    Cause {
        id: "image-access-denied",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "pull access denied",
            "requested access to the resource is denied",
            "insufficient_scope",
            "denied: access forbidden",
            "denied: permission_denied",
        ]),
        what: "The registry did not give or take an image that the Dockerfile or the buildspec names.",
        why: "There is no image of this name, or it is private. An image that an earlier command should \
              have built is not there either: its tag may differ. To push, the name has to begin with \
              your registry or account.",
        fix: "Check the name in FROM, docker run or docker push against `docker images`, and log in in \
              pre_build.",
    },
    Cause {
        id: "image-tag-not-found",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            failure
                .output_with(&["manifest unknown", "name unknown"])
                .or_else(|| {
                    about_images(failure, &["failed to resolve source metadata"])
                        .filter(|line| line.contains("not found"))
                })
        }),
        what: "The registry has no image of the name and tag that the Dockerfile or the buildspec names.",
        why: "Tags move and go away; some images have no tag latest.",
        fix: "Look up the tags that there are, and pin one. Check the FROM line.",
    },
    Cause {
        id: "image-to-push-missing",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "An image does not exist locally with the tag",
            "No such image:",
            "tag does not exist",
        ]),
        what: "The build tags or pushes an image that it does not have.",
        why: "No command built it under this name. Each build starts with an empty engine.",
        fix: "Use the name of `docker build -t` in `docker tag` and `docker push`, and let post_build \
              push only if CODEBUILD_BUILD_SUCCEEDING is 1.",
    },
    Cause {
        id: "registry-out-of-reach",
        exam_task: "1.3",
        sign: Sign::When(|failure| {
            about_images(
                failure,
                &[
                    "dial tcp",
                    "no such host",
                    "i/o timeout",
                    "Client.Timeout",
                    "request canceled",
                    "TLS handshake timeout",
                    "context deadline exceeded",
                    "connection refused",
                    "connection reset",
                ],
            )
        }),
        what: "The engine in the build container could not reach the registry of an image.",
        why: "The registry's name is wrong, or the network does not let the build out (a project in a VPC \
              needs a NAT gateway or endpoints for ECR and S3). A name without a host means Docker Hub, \
              also for an image that the build should have made itself.",
        fix: "Check the name in FROM or docker run and the network; try the same pull on your own machine.",
    },
];

/// A line that docker printed about a registry.
fn about_images(failure: &Failure<'_>, texts: &[&str]) -> Option<String> {
    const REGISTRY: [&str; 7] = [
        "/v2/",
        "registry",
        "docker.io",
        "error response from daemon",
        "failed to resolve source metadata",
        "failed to do request",
        "no basic auth credentials",
    ];
    let line = failure.output_with(texts)?;
    let lower = line.to_lowercase();
    REGISTRY
        .iter()
        .any(|text| lower.contains(text))
        .then_some(line)
}
