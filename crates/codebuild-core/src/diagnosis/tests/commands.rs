//! What shells, tools and the AWS CLI print.

use super::builds::Failed;

/// Cause, command, exit status, what the command prints.
const COMMANDS: &[(&str, &str, i32, &[&str])] = &[
    ("command-failed", "false", 1, &[]),
    (
        "command-not-found",
        "mak all",
        127,
        &["script.sh: line 4: mak: not found"],
    ),
    ("command-not-found", "./run.sh", 127, &[]),
    (
        "permission-denied",
        "./gradlew build",
        126,
        &["script.sh: line 4: ./gradlew: Permission denied"],
    ),
    ("permission-denied", "./gradlew build", 126, &[]),
    (
        "bash-syntax-in-sh",
        "[[ a == a ]]",
        127,
        &["script.sh: line 4: [[: not found"],
    ),
    (
        "bash-syntax-in-sh",
        "a=(1 2)",
        2,
        &["sh: 1: Syntax error: \"(\" unexpected"],
    ),
    (
        "bash-syntax-in-sh",
        "echo ${A:0:2}",
        2,
        &["sh: 1: Bad substitution"],
    ),
    (
        "source-in-sh",
        "source env.sh",
        127,
        &["script.sh: line 4: source: not found"],
    ),
    (
        "timeout-option",
        "timeout -t 15 sh -c 'until docker info; do sleep 1; done'",
        1,
        &[
            "timeout: unrecognized option: t",
            "BusyBox v1.36.1 () multi-call binary.",
        ],
    ),
    (
        "timeout-option",
        "timeout -t 15 true",
        125,
        &["timeout: invalid option -- 't'"],
    ),
    (
        "windows-line-endings",
        "sh build.sh",
        127,
        &["build.sh: 1: mvn\r: not found"],
    ),
    (
        "windows-line-endings",
        "./build.sh",
        126,
        &["bash: ./build.sh: /bin/sh^M: bad interpreter: No such file or directory"],
    ),
    (
        "docker-missing-in-image",
        "docker build .",
        127,
        &["script.sh: line 4: docker: not found"],
    ),
    (
        "sudo-missing",
        "sudo make install",
        127,
        &["script.sh: 4: sudo: not found"],
    ),
    (
        "package-manager-missing",
        "apt-get update",
        127,
        &["script.sh: line 4: apt-get: not found"],
    ),
    (
        "image-without-bash",
        "bash build.sh",
        127,
        &["script.sh: line 4: bash: not found"],
    ),
    (
        "run-as-user-unknown",
        "true",
        1,
        &["su: unknown user builder"],
    ),
    (
        "variable-not-set",
        "set -u; echo $NOPE",
        2,
        &["sh: 1: NOPE: parameter not set"],
    ),
    (
        "not-a-git-repository",
        "git describe",
        128,
        &["fatal: not a git repository (or any of the parent directories): .git"],
    ),
    (
        "git-owner",
        "git status",
        128,
        &["fatal: detected dubious ownership in repository at '/codebuild/output/src1/src'"],
    ),
    (
        "tests-failed",
        "mvn test",
        1,
        &["[ERROR] There are test failures."],
    ),
    (
        "tests-failed",
        "cargo test",
        101,
        &["test result: FAILED. 1 passed; 1 failed; 0 ignored"],
    ),
    (
        "dependency-not-found",
        "pip install nosuch",
        1,
        &["ERROR: No matching distribution found for nosuch"],
    ),
    (
        "dependency-not-found",
        "apk add nosuch",
        1,
        &["ERROR: unable to select packages:"],
    ),
    (
        "file-not-found",
        "cat nosuch",
        1,
        &["cat: nosuch: No such file or directory"],
    ),
    (
        "file-not-found",
        "cd nosuch",
        2,
        &["sh: 1: cd: can't cd to nosuch"],
    ),
    (
        "host-not-resolved",
        "curl http://no.such.host/",
        6,
        &["curl: (6) Could not resolve host: no.such.host"],
    ),
    (
        "host-not-resolved",
        "npm ci",
        1,
        &[
            "npm error request to https://registry.npmjs.org/a failed, reason: getaddrinfo EAI_AGAIN registry.npmjs.org",
        ],
    ),
    (
        "host-not-resolved",
        "aws s3 ls",
        255,
        &["Could not connect to the endpoint URL: \"https://s3.eu-cental-1.amazonaws.com/\""],
    ),
    (
        "host-out-of-reach",
        "curl http://127.0.0.1:8080/",
        7,
        &["curl: (7) Failed to connect to 127.0.0.1 port 8080: Connection refused"],
    ),
    (
        "certificate-not-trusted",
        "curl https://intern/",
        60,
        &["curl: (60) SSL certificate problem: unable to get local issuer certificate"],
    ),
    (
        "aws-credentials-missing",
        "aws s3 ls",
        253,
        &[
            "Unable to locate credentials. You can configure credentials by running \"aws configure\".",
        ],
    ),
    (
        "aws-credentials-not-valid",
        "aws s3 ls",
        254,
        &[
            "An error occurred (ExpiredToken) when calling the ListBuckets operation: The provided token has expired.",
        ],
    ),
    (
        "aws-region-missing",
        "aws ec2 describe-vpcs",
        253,
        &[
            "You must specify a region. You can also configure your region by running \"aws configure\".",
        ],
    ),
    (
        "aws-throttled",
        "aws cloudformation deploy",
        254,
        &[
            "An error occurred (Throttling) when calling the DescribeStacks operation: Rate exceeded",
        ],
    ),
    (
        "service-role-lacks-permission",
        "aws ecr get-login-password",
        254,
        &[
            "An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation: User: arn:aws:sts::123456789012:assumed-role/r/AWSCodeBuild-1 is not authorized to perform: ecr:GetAuthorizationToken on resource: *",
        ],
    ),
    (
        "s3-no-such-bucket",
        "aws s3 cp a s3://b/a",
        1,
        &[
            "upload failed: ./a to s3://b/a An error occurred (NoSuchBucket) when calling the PutObject operation: The specified bucket does not exist",
        ],
    ),
    (
        "s3-access-denied",
        "aws s3 cp a s3://b/a",
        1,
        &[
            "upload failed: ./a to s3://b/a An error occurred (AccessDenied) when calling the PutObject operation: Access Denied",
        ],
    ),
    (
        "no-space-left",
        "dd if=/dev/zero of=/small/a",
        1,
        &["dd: error writing '/small/a': No space left on device"],
    ),
    (
        "out-of-memory",
        "npm run build",
        134,
        &["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"],
    ),
    ("command-killed", "kill -9 $$", 137, &["Killed"]),
    ("command-terminated", "kill $$", 143, &["Terminated"]),
    ("command-time-over", "timeout 1 sleep 3", 124, &[]),
    (
        "command-time-over",
        "timeout 1 sleep 3",
        143,
        &["Terminated"],
    ),
    ("command-crashed", "./tool", 139, &["Segmentation fault"]),
];

pub(super) fn told() -> Vec<(&'static str, Failed)> {
    COMMANDS
        .iter()
        .map(|(id, command, status, printed)| (*id, Failed::command(command, *status, printed)))
        .collect()
}
