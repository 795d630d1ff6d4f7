//! Failures that need no Docker in the build.

use super::run::Aws;
use super::run::Failing;
use crate::serving::has_docker;

/// Commands of BUILD and the cause that they fail of.
fn commands() -> Vec<Failing> {
    let rows: &[(&'static str, &'static str, &[&str])] = &[
        ("command-failed", "exit status 3", &["exit 3"]),
        ("command-not-found", "mak: not found", &["mak all"]),
        ("permission-denied", "denied", &["touch run.sh", "./run.sh"]),
        ("bash-syntax-in-sh", "[[: not found", &["[[ a == a ]]"]),
        ("source-in-sh", "source: not found", &["source ./env.sh"]),
        (
            "windows-line-endings",
            "not found",
            &[r"printf 'mvn\r\n' > build.sh", "sh build.sh"],
        ),
        ("variable-not-set", "NOPE", &["set -u; echo $NOPE"]),
        ("sudo-missing", "sudo: not found", &["sudo make install"]),
        (
            "package-manager-missing",
            "dnf: not found",
            &["dnf install maven"],
        ),
        ("file-not-found", "nosuch", &["cat nosuch.txt"]),
        (
            "not-a-git-repository",
            "not a git repository",
            &["git describe"],
        ),
        (
            "host-not-resolved",
            "no.such.host.invalid",
            &["wget http://no.such.host.invalid/"],
        ),
        ("host-out-of-reach", "efused", &["wget http://127.0.0.1:9/"]),
        (
            "no-space-left",
            "No space left on device",
            &[
                "mkdir /small",
                "mount -t tmpfs -o size=1m none /small",
                "dd if=/dev/zero of=/small/file bs=1M count=3",
            ],
        ),
        ("command-killed", "exit status 137", &["sh -c 'kill -9 $$'"]),
        (
            "command-terminated",
            "exit status 143",
            &["sh -c 'kill $$'"],
        ),
        (
            "command-crashed",
            "exit status 139",
            &["sh -c 'kill -SEGV $$'"],
        ),
        (
            "command-time-over",
            "exit status 1",
            &["timeout 1 sleep 60"],
        ),
        ("timeout-option", "timeout", &["timeout -t 15 true"]),
        (
            "container-died",
            "found dead",
            &["kill -9 -1; kill -9 $PPID"],
        ),
        (
            "image-other-architecture",
            "format error",
            &[OTHER_MACHINE, "./tool"],
        ),
        ("no-terminal", "not a TTY", &["docker run -it helloworld"]),
        ("docker-daemon-not-started", "docker.sock", &["docker ps"]),
        (
            "docker-host-wrong",
            "docker",
            &["DOCKER_HOST=tcp://docker.invalid:2375 docker ps"],
        ),
        (
            "dockerd-option-wrong",
            "dockerd --help",
            &["dockerd --storage-drivr=overlay2"],
        ),
        (
            "image-without-bash",
            "bash",
            &[
                "while file=$(command -v bash); do rm -f $file; done",
                "bash -c true",
            ],
        ),
        (
            "docker-missing-in-image",
            "docker: not found",
            &["PATH=/nowhere", "docker build ."],
        ),
    ];
    let rows = rows.iter();
    rows.map(|(cause, shows, commands)| Failing::commands(cause, shows, commands))
        .collect()
}

/// Writes the head of a program for a machine that this is not: AArch64, or x86-64 on that.
const OTHER_MACHINE: &str = r#"m='\267'; test "$(uname -m)" = aarch64 && m='\076'
printf "\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\002\000$m\000\001\000\000\000" > tool
dd if=/dev/zero bs=1 count=60 >> tool 2>/dev/null
chmod +x tool"#;

/// What is wrong before the first command or after the last.
fn around_commands() -> Vec<Failing> {
    const TRUE: &str = "version: 0.2\nphases:\n  build:\n    commands:\n      - 'true'\n";
    const TO_S3: [&str; 2] = [
        "--artifacts-override",
        "type=S3,location=a-bucket-that-nobody-made,name=app.zip,packaging=ZIP",
    ];
    let with = |text: &str| format!("{TRUE}{text}");
    let mut stopped = Failing::commands("build-stopped", "", &["echo under way; sleep 600"]);
    stopped.stopped_at = Some("under way");
    vec![
        stopped,
        Failing::buildspec(
            "buildspec-command-with-colon",
            "line 5",
            "version: 0.2\nphases:\n  build:\n    commands:\n      - echo status: fine\n",
        ),
        Failing::buildspec(
            "buildspec-mapping-values",
            "mapping values",
            "version: 0.2\nphases: a: b\n",
        ),
        Failing::buildspec("buildspec-not-valid", "phases", "version: 0.2\nphaces:\n"),
        Failing::buildspec("buildspec-missing", "buildspec.yml", "").with(&[
            "--source-type-override",
            "GITHUB",
            "--source-location-override",
            "https://github.com/guided-demo/empty",
            "--buildspec-override",
            "ci/buildspec.yml",
        ]),
        Failing::buildspec(
            "run-as-user-unknown",
            "",
            with("").replace("phases:", "run-as: a/b\nphases:"),
        ),
        Failing::buildspec(
            "run-as-user-unknown",
            "builder",
            with("").replace("phases:", "run-as: builder\nphases:"),
        ),
        Failing::buildspec("s3-no-such-bucket", "NoSuchBucket", TRUE).with(&[
            "--source-type-override",
            "S3",
            "--source-location-override",
            "a-bucket-that-nobody-made/app.zip",
        ]),
        Failing::buildspec(
            "parameter-does-not-exist",
            "/no/such",
            with("env:\n  parameter-store:\n    A: /no/such\n"),
        ),
        Failing::buildspec(
            "secret-does-not-exist",
            "specified secret",
            with("env:\n  secrets-manager:\n    A: no-such-secret\n"),
        ),
        Failing::buildspec("artifacts-section-missing", "artifacts section", TRUE).with(&TO_S3),
        Failing::buildspec(
            "artifacts-not-found",
            "no matching artifact paths found",
            with("artifacts:\n  files: ['target/*.jar']\n"),
        )
        .with(&TO_S3),
        Failing::buildspec(
            "artifacts-base-directory-missing",
            "dist",
            with("artifacts:\n  files: ['**/*']\n  base-directory: dist\n"),
        )
        .with(&TO_S3),
        Failing::buildspec(
            "artifacts-pattern-wrong",
            "a[",
            with("artifacts:\n  files: ['a[']\n"),
        )
        .with(&TO_S3),
        Failing::buildspec(
            "s3-no-such-bucket",
            "NoSuchBucket",
            with("artifacts:\n  files: ['**/*']\n").replace("'true'", "touch app.jar"),
        )
        .with(&TO_S3),
        Failing::buildspec(
            "secondary-artifact-missing",
            "docs",
            with("artifacts:\n  files: ['**/*']\n"),
        )
        .with(&[
            "--secondary-artifacts-override",
            "type=S3,location=a-bucket,name=docs,artifactIdentifier=docs",
        ]),
        Failing::buildspec(
            "report-files-missing",
            "report files not found",
            with("reports:\n  unit:\n    files: ['**/*.xml']\n"),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_without_docker_in_the_build_are_explained() {
    if !has_docker() {
        return;
    }
    let empty = tempfile::tempdir().unwrap();
    std::fs::write(empty.path().join("README.md"), "nothing").unwrap();
    let aws = Aws::start(Some(empty.path())).await;
    let builds = commands().into_iter().chain(around_commands()).collect();
    aws.explains(builds, 6).await;
}
