//! Builds that really fail, each in the way that a cause of the diagnosis names, and what the
//! diagnosis makes of their records and logs.
//!
//! What cannot be had on every machine stands in the unit tests of codebuild-core instead, with
//! records and logs as they are published:
//!
//! | causes | why |
//! |---|---|
//! | service-role-…, kms-…, s3-access-denied, s3-wrong-region, aws-…, ecr-…, vpc-…, subnet-… | the local AWS has no policies and one region, and these builds call no AWS |
//! | account-limit-exceeded, queued-too-long | more builds than a test should run, and minutes of waiting |
//! | image-pull-limit, image-schema-1, image-access-denied, image-tag-not-found, registry-certificate-…, registry-login-…, registry-without-tls | need a registry that the engine in the build reaches |
//! | storage-driver-removed, cgroup-threaded-mode | need Docker 29, or cgroup v2 |
//! | registry-credential-not-usable | see the tests of build-engine |
//! | artifacts-for-a-pipeline, report-not-taken, variable-not-reachable | the local AWS does not let it come to this |
//! | source-certificate-not-trusted, curated-image-not-published and others | what happens depends on the machine's way to the internet |
//! | container-not-started, build-interrupted, build-image-cannot-be-pulled | need a broken engine or registry; see `crash.rs` for a build that was cut off |
//! | git-owner, tests-failed, dependency-not-found, certificate-not-trusted | need programs that docker:dind does not have |

mod docker;
mod images;
mod neighbours;
mod plain;
mod run;
mod sources;
mod time_over;
