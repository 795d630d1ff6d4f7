//! Causes that the record alone shows.

use super::builds::Failed;

/// Cause, phase, status code, message.
const MESSAGES: &[(&str, &str, &str, &str)] = &[
    (
        "account-limit-exceeded",
        "QUEUED",
        "",
        "AccountLimitExceededException: Cannot have more than 1 builds in queue for the account",
    ),
    (
        "subnet-without-addresses",
        "PROVISIONING",
        "INSUFFICIENT_SUBNET",
        "The subnet does not have enough free addresses",
    ),
    (
        "vpc-not-allowed",
        "PROVISIONING",
        "VPC_CLIENT_ERROR",
        "Unexpected EC2 error: UnauthorizedOperation",
    ),
    (
        "build-image-cannot-be-pulled",
        "PROVISIONING",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "Unable to pull customer's container image. CannotPullContainerError: unknown blob",
    ),
    (
        "build-image-pull-limit",
        "PROVISIONING",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "Unable to pull customer's container image. CannotPullContainerError: Error response from daemon: toomanyrequests: You have reached your pull rate limit.",
    ),
    (
        "build-image-not-found",
        "PROVISIONING",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "Unable to pull customer's container image. CannotPullContainerError: Error response from daemon: manifest for docker:dnd not found: manifest unknown",
    ),
    (
        "build-image-access-denied",
        "PROVISIONING",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "Unable to pull customer's container image. CannotPullContainerError: Error response from daemon: pull access denied for mine, repository does not exist or may require 'docker login'",
    ),
    (
        "build-image-access-denied",
        "PROVISIONING",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "Unable to pull customer's container image. CannotPullContainerError: Get \"http://127.0.0.1:5000/v2/a/manifests/1\": unauthorized: authentication required",
    ),
    (
        "build-image-registry-out-of-reach",
        "PROVISIONING",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "Unable to pull customer's container image. CannotPullContainerError: Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io: no such host",
    ),
    (
        "build-image-registry-out-of-reach",
        "PROVISIONING",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "Unable to pull customer's container image. CannotPullContainerError: the registry was out of reach a moment ago",
    ),
    (
        "build-image-other-architecture",
        "PROVISIONING",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "Unable to pull customer's container image. CannotPullContainerError: no matching manifest for linux/amd64 in the manifest list entries",
    ),
    (
        "build-image-other-architecture",
        "PROVISIONING",
        "CLIENT_ERROR",
        "The build image a cannot run `sh`. CodeBuild needs a shell in the image, and an image for the architecture of the Docker Engine (exec sh: exec format error)",
    ),
    (
        "registry-credential-not-usable",
        "PROVISIONING",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "Unable to pull customer's container image. CannotPullContainerError: the secret hub is not of the form {\"username\": \"…\", \"password\": \"…\"}",
    ),
    (
        "curated-image-not-published",
        "PROVISIONING",
        "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE",
        "Unable to pull customer's container image. CannotPullContainerError: manifest unknown. AWS does not publish aws/codebuild/standard:7.0; build it",
    ),
    (
        "build-image-without-shell",
        "PROVISIONING",
        "CLIENT_ERROR",
        "The build image a cannot run `sh`. CodeBuild needs a shell in the image, and an image for the architecture of the Docker Engine (exec: \"sh\": executable file not found in $PATH)",
    ),
    (
        "build-image-without-shell",
        "PROVISIONING",
        "CLIENT_ERROR",
        "Build container found dead before completing the build. Build container died because it was out of memory, or the Docker image is not supported.",
    ),
    (
        "buildspec-missing",
        "DOWNLOAD_SOURCE",
        "YAML_FILE_ERROR",
        "YAML file does not exist",
    ),
    (
        "buildspec-missing",
        "DOWNLOAD_SOURCE",
        "YAML_FILE_ERROR",
        "stat /codebuild/output/src1/src/buildspec.yml: no such file or directory",
    ),
    (
        "buildspec-command-with-colon",
        "DOWNLOAD_SOURCE",
        "YAML_FILE_ERROR",
        "Expected Commands[0] to be of string type: found subkeys instead at line 5, value of the key tag on line 4 might be empty",
    ),
    (
        "buildspec-mapping-values",
        "DOWNLOAD_SOURCE",
        "YAML_FILE_ERROR",
        "mapping values are not allowed in this context at line 0",
    ),
    (
        "buildspec-not-valid",
        "DOWNLOAD_SOURCE",
        "YAML_FILE_ERROR",
        "phases is missing at line 1",
    ),
    (
        "run-as-user-unknown",
        "DOWNLOAD_SOURCE",
        "YAML_FILE_ERROR",
        "run-as is \"no body\", which cannot be the name of a Linux user",
    ),
    (
        "image-without-bash",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "env.shell of the buildspec is bash, and the build image docker:dind has no bash. Use an image that has it, or leave env.shell out",
    ),
    (
        "parameter-does-not-exist",
        "DOWNLOAD_SOURCE",
        "Decrypted Variables Error",
        "parameter does not exist: /db/password",
    ),
    (
        "secret-does-not-exist",
        "DOWNLOAD_SOURCE",
        "Secrets Manager Error",
        "ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    ),
    (
        "secret-version-missing",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "Secrets Manager can't find the specified secret value for staging label: BLUE",
    ),
    (
        "secret-key-missing",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "The specified json key host does not exist in the secret db.",
    ),
    (
        "variable-not-reachable",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "The variable A comes from a place that this build does not reach. Give its value in the environment instead",
    ),
    (
        "source-not-found",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "repository not found for primary source and source version main",
    ),
    (
        "source-access-denied",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "authorization failed for primary source and source version main",
    ),
    (
        "source-access-denied",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "authentication required for primary source and source version main",
    ),
    (
        "source-version-not-found",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "reference not found for primary source and source version mian",
    ),
    (
        "source-certificate-not-trusted",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "Get \"https://git.example.com/a\": x509: certificate signed by unknown authority for primary source",
    ),
    (
        "source-out-of-reach",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "fatal: unable to access 'https://github.com/a/b/': Could not resolve host: github.com for primary source and source version main",
    ),
    (
        "source-not-served-here",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "The local AWS cannot fetch source of type BITBUCKET yet. It has NO_SOURCE and GITHUB.",
    ),
    (
        "source-error",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "something new",
    ),
    (
        "service-role-not-usable",
        "SUBMITTED",
        "ACCESS_DENIED",
        "CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::123456789012:role/r",
    ),
    (
        "service-role-lacks-permission",
        "SUBMITTED",
        "ACCESS_DENIED",
        "Service role arn:aws:iam::123456789012:role/r does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for build a. Error message: User is not authorized to perform: logs:CreateLogStream on resource b",
    ),
    (
        "service-role-lacks-permission",
        "DOWNLOAD_SOURCE",
        "Decrypted Variables Error",
        "AccessDeniedException: User: arn:aws:sts::123456789012:assumed-role/r/AWSCodeBuild-1 is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:eu-central-1:123456789012:parameter/p because no identity-based policy allows the ssm:GetParameters action",
    ),
    (
        "kms-access-denied",
        "UPLOAD_ARTIFACTS",
        "CLIENT_ERROR",
        "AccessDenied: User: arn:aws:sts::123456789012:assumed-role/r/AWSCodeBuild-1 is not authorized to perform: kms:GenerateDataKey on resource: k status code: 403",
    ),
    (
        "s3-no-such-bucket",
        "UPLOAD_ARTIFACTS",
        "CLIENT_ERROR",
        "NoSuchBucket: The specified bucket does not exist status code: 404",
    ),
    (
        "s3-no-such-bucket",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "NoSuchBucket: The specified bucket does not exist status code: 404, request id: A for primary source and source version",
    ),
    (
        "s3-no-such-key",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "NoSuchKey: The specified key does not exist. status code: 404, request id: A for primary source and source version",
    ),
    (
        "s3-access-denied",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "AccessDenied: Access Denied status code: 403, request id: A for primary source and source version arn:aws:s3:::b/k.zip",
    ),
    (
        "s3-access-denied",
        "UPLOAD_ARTIFACTS",
        "CLIENT_ERROR",
        "Error in UPLOAD_ARTIFACTS phase: AccessDenied: Access Denied status code: 403",
    ),
    (
        "s3-wrong-region",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "BucketRegionError: incorrect region, the bucket is not in 'eu-west-1' region status code: 301",
    ),
    (
        "artifacts-not-found",
        "UPLOAD_ARTIFACTS",
        "CLIENT_ERROR",
        "no matching artifact paths found",
    ),
    (
        "artifacts-base-directory-missing",
        "UPLOAD_ARTIFACTS",
        "CLIENT_ERROR",
        "no matching base directory path found for dist",
    ),
    (
        "artifacts-section-missing",
        "UPLOAD_ARTIFACTS",
        "CLIENT_ERROR",
        "The project has artifacts, but the buildspec has no artifacts section",
    ),
    (
        "secondary-artifact-missing",
        "UPLOAD_ARTIFACTS",
        "CLIENT_ERROR",
        "The project has the secondary artifact docs, but the buildspec has none of this name below secondary-artifacts",
    ),
    (
        "artifacts-for-a-pipeline",
        "UPLOAD_ARTIFACTS",
        "CLIENT_ERROR",
        "The artifacts were not uploaded: their type is CODEPIPELINE, and only a pipeline takes those. Set it to S3 or NO_ARTIFACTS.",
    ),
    (
        "artifacts-pattern-wrong",
        "UPLOAD_ARTIFACTS",
        "CLIENT_ERROR",
        "the pattern \"a[\" cannot be used: unclosed character class",
    ),
    (
        "report-files-missing",
        "UPLOAD_ARTIFACTS",
        "CLIENT_ERROR",
        "Error in UPLOAD_ARTIFACTS phase: [tests: [report files not found in build]]",
    ),
    (
        "report-not-taken",
        "UPLOAD_ARTIFACTS",
        "CLIENT_ERROR",
        "Error in UPLOAD_ARTIFACTS phase: [tests: [unexpected end of file]]",
    ),
    (
        "no-space-left",
        "DOWNLOAD_SOURCE",
        "CLIENT_ERROR",
        "write /codebuild/output/src1/a: no space left on device",
    ),
    (
        "phase-failed",
        "FINALIZING",
        "CLIENT_ERROR",
        "something new",
    ),
];

/// Cause, status, phase, status code, message.
const ENDS: &[(&str, &str, &str, &str, &str)] = &[
    ("build-stopped", "STOPPED", "BUILD", "", ""),
    (
        "queued-too-long",
        "TIMED_OUT",
        "QUEUED",
        "BUILD_TIMED_OUT",
        "Build has timed out while it was queued. ",
    ),
    (
        "build-timed-out",
        "TIMED_OUT",
        "BUILD",
        "BUILD_TIMED_OUT",
        "Build has timed out. ",
    ),
    (
        "container-died",
        "FAULT",
        "BUILD",
        "INTERNAL_SERVICE_ERROR",
        "Build container found dead before completing the build. Build container died because it was out of memory, or the Docker image is not supported. ErrorCode: 500",
    ),
    (
        "container-not-started",
        "FAULT",
        "PROVISIONING",
        "INTERNAL_SERVICE_ERROR",
        "The build container could not be started: driver failed programming external connectivity",
    ),
    (
        "build-interrupted",
        "FAULT",
        "BUILD",
        "INTERNAL_SERVICE_ERROR",
        "The build engine stopped before the build was over. Start the build again.",
    ),
    ("phase-failed", "FAILED", "", "", ""),
];

pub(super) fn told() -> Vec<(&'static str, Failed)> {
    let mut told: Vec<(&str, Failed)> = MESSAGES
        .iter()
        .map(|(id, phase, code, message)| (*id, Failed::message(phase, code, message)))
        .collect();
    told.extend(ENDS.iter().map(|(id, status, phase, code, message)| {
        let mut failed = Failed::message(phase, code, message);
        failed.end(status);
        (*id, failed)
    }));
    told
}
