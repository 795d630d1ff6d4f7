//! Builds that really fail, each in the way that a cause of the diagnosis names, and what the
//! diagnosis makes of their records and logs.
//!
//! What cannot be had on every machine stands in the unit tests of codebuild-core instead, with
//! records and logs as they are published:
//!
//! | causes | why |
//! |---|---|
//! | service-role-…, kms-…, s3-access-denied, s3-wrong-region, aws-…, ecr-…, vpc-…, subnet-… | the local AWS has no policies, and builds call no AWS |
//! | account-limit-exceeded, queued-too-long | the queue takes minutes to be over |
//! | image-pull-limit, build-image-pull-limit, image-schema-1, registry-certificate-not-trusted, registry-login-… | need Docker Hub, or a registry with TLS |
//! | storage-driver-removed, cgroup-threaded-mode | need Docker 29, or cgroup v2 |
//! | secret-key-missing, secret-version-missing, registry-credential-not-usable | need a secret: see local-aws's tests |
//! | artifacts-for-a-pipeline, report-not-taken, variable-not-reachable | StartBuild and the local AWS do not let it come to this |
//! | source-…, curated-image-not-published | need the internet |
//! | container-not-started, build-interrupted | need a broken Docker Engine; see `crash.rs` for the latter |
//! | git-owner, tests-failed, dependency-not-found, certificate-not-trusted, buildx-missing | need programs that docker:dind does not have |

mod docker;
mod images;
mod plain;
mod run;
mod time_over;
