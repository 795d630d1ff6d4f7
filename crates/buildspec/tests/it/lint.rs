//! What is warned about, and what is not.

use std::path::Path;

use buildspec::Buildspec;
use buildspec::LintContext;

/// The warnings of commands in a build phase: `code:line`, commands from line 5 on.
fn codes(commands: &str, context: &LintContext<'_>) -> Vec<String> {
    let commands: String = commands
        .lines()
        .map(|line| format!("      {line}\n"))
        .collect();
    lint(
        &format!("version: 0.2\nphases:\n  build:\n    commands:\n{commands}"),
        context,
    )
}

fn lint(text: &str, context: &LintContext<'_>) -> Vec<String> {
    let spec = Buildspec::parse_any(text).unwrap();
    assert_eq!(spec.warnings, []);
    spec.lint(context)
        .into_iter()
        .map(|warning| {
            assert!(warning.help.is_some(), "{warning:?}");
            format!("{}:{}", warning.code, warning.line)
        })
        .collect()
}

const DIND: LintContext<'_> = LintContext {
    privileged: Some(true),
    image: Some("docker:dind"),
};

const NOTHING: LintContext<'_> = LintContext {
    privileged: None,
    image: None,
};

#[test]
fn the_repositorys_buildspec_has_no_warning_in_its_project() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../buildspec.yml");
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(lint(&text, &DIND), [""; 0]);
    // Without its project, what is said is true.
    assert_eq!(lint(&text, &NOTHING), ["needs-privileged:14"]);
    let off = LintContext {
        privileged: Some(false),
        ..DIND
    };
    assert_eq!(lint(&text, &off), ["not-privileged:14"]);
}

#[test]
fn docker_in_docker() {
    let wait = "- timeout 15 sh -c \"until docker info; do echo .; sleep 1; done\"";
    for (commands, expected) in [
        (format!("- dockerd &\n{wait}\n- docker build ."), &[][..]),
        (
            "- (nohup dockerd >/var/log/docker.log 2>&1 &)\n- sleep 5\n- docker build .".to_owned(),
            &[],
        ),
        (
            "- dockerd &\n- until [ -S /var/run/docker.sock ]; do sleep 1; done; docker ps"
                .to_owned(),
            &[],
        ),
        (
            "- dockerd &\n- docker login -u me --password-stdin\n- docker build .".to_owned(),
            &["dockerd-not-awaited:7"],
        ),
        (
            "- |\n  dockerd &\n  # now\n  docker build .".to_owned(),
            &["dockerd-not-awaited:8"],
        ),
        (format!("- dockerd\n{wait}"), &["dockerd-in-foreground:5"]),
        ("- dockerd --version".to_owned(), &[]),
        ("- docker build .".to_owned(), &["dockerd-not-started:5"]),
        ("- docker --version\n- echo docker build .".to_owned(), &[]),
        (
            format!("- dockerd -H tcp://0.0.0.0:2375 &\n{wait}"),
            &["docker-without-tls:5"],
        ),
        (
            format!("- dockerd --host=tcp://0.0.0.0:2376 --tlsverify &\n{wait}"),
            &[],
        ),
        (
            format!("- dockerd --storage-driver aufs &\n{wait}"),
            &["storage-driver:5"],
        ),
        (
            "- dockerd &\n- timeout -t 15 sh -c \"until docker info; do sleep 1; done\"".to_owned(),
            &["timeout-t:6"],
        ),
        (
            format!(
                "- dockerd &\n{wait}\n- docker login -u me -p secret\n- $(aws ecr get-login --no-include-email)"
            ),
            &["password-in-command:7", "ecr-get-login:8"],
        ),
    ] {
        assert_eq!(codes(&commands, &DIND), expected, "{commands}");
    }
}

#[test]
fn docker_and_privileged_mode() {
    let managed = |privileged| LintContext {
        privileged,
        image: Some("aws/codebuild/standard:7.0"),
    };
    let build = "- docker build .";
    assert_eq!(codes(build, &managed(Some(true))), [""; 0]);
    assert_eq!(codes(build, &managed(Some(false))), ["not-privileged:5"]);
    assert_eq!(codes(build, &NOTHING), ["needs-privileged:5"]);
    assert_eq!(codes("- make", &managed(Some(false))), [""; 0]);
    let matrix = "version: 0.2
batch: {build-matrix: {static: {env: {privileged-mode: true}}, dynamic: {env: {image: [a]}}}}
phases: {build: {commands: [docker build .]}}
";
    assert_eq!(lint(matrix, &NOTHING), [""; 0]);
}

#[test]
fn what_ends_with_its_command() {
    for (commands, expected) in [
        ("- set -e\n- make", &["not-carried:5"][..]),
        ("- set -e; make", &[]),
        ("- alias t=make\n- t", &["not-carried:5"]),
        ("- make &\n- wait", &["not-carried:6"]),
        ("- (cd app)\n- make", &["not-carried:5"]),
        ("- (cd app && make)", &[]),
        ("- cd app\n- make", &[]),
        (
            "- |\n  deploy() {\n    echo deploys\n  }\n- deploy now",
            &["not-carried:9"],
        ),
        ("- |\n  deploy() { echo; }\n  deploy", &[]),
        ("- deploy() { echo; }; deploy\n- echo deploy", &[]),
    ] {
        assert_eq!(codes(commands, &NOTHING), expected, "{commands}");
    }
}

#[test]
fn failures_that_nobody_notices() {
    for (commands, expected) in [
        ("- |\n  make\n  make test", &["masked-failure:6"][..]),
        (
            "- |\n\n  # both\n  echo a\n  make\n  make test",
            &["masked-failure:9"],
        ),
        ("- |\n  set -e\n  make\n  make test", &[]),
        ("- |\n  set -euo pipefail\n  make\n  make test", &[]),
        ("- |\n  make &&\n  make test", &[]),
        ("- |\n  make \\\n    --jobs 2\n", &[]),
        ("- |\n  echo one\n  VERSION=1\n  export A=b\n  make", &[]),
        ("- |\n  if [ -f x ]; then\n    make\n  fi\n", &[]),
        ("- |\n  cat > x <<EOF\n  make\n  rm\n  EOF\n", &[]),
        ("- |\n  make || exit 1\n  make test || exit 1", &[]),
        ("- >\n  make\n  test", &[]),
        (
            "- |\n  case $A in\n    x) make ;;\n    *) rm ;;\n  esac\n",
            &[],
        ),
        ("- |\n  curl 'a\n  b'\n", &[]),
    ] {
        assert_eq!(codes(commands, &NOTHING), expected, "{commands}");
    }
}

#[test]
fn words_of_bash() {
    let alpine = LintContext {
        image: Some("node:22-alpine"),
        ..NOTHING
    };
    let amazon = LintContext {
        image: Some("aws/codebuild/amazonlinux-x86_64-standard:5.0"),
        ..NOTHING
    };
    for commands in [
        "- if [[ -f x ]]; then make; fi",
        "- source venv/bin/activate",
        "- names=(a b); make",
        "- diff <(a) <(b)",
        "- function f { echo; }; f",
    ] {
        assert_eq!(codes(commands, &NOTHING), ["bash-in-sh:5"], "{commands}");
        assert_eq!(codes(commands, &alpine), ["bash-in-sh:5"], "{commands}");
        assert_eq!(codes(commands, &amazon), [""; 0], "{commands}");
        let bash = format!(
            "version: 0.2\nenv: {{shell: bash}}\nphases:\n  build:\n    commands:\n    {commands}\n"
        );
        assert_eq!(lint(&bash, &NOTHING), [""; 0], "{commands}");
    }
    for commands in [
        "- bash -c '[[ -f x ]]'",
        "- echo '[[ x ]]' \"source\"",
        "- . venv/bin/activate",
        "- echo ${URL:-http://x} ${A%/*} ${A#*/}",
        "- 'echo a # [[ b ]]'",
        "- x=$((1 + (2 * 3)))",
    ] {
        assert_eq!(codes(commands, &NOTHING), [""; 0], "{commands}");
    }
}

#[test]
fn variables() {
    let text = "version: 0.2
env:
  variables:
    PATH: /opt/bin:$PATH
    DB_PASSWORD: hunter2
    SECRET_NAME: prod/db
    API_TOKEN: ''
    CODEBUILD_MODE: x
    PRICE: 5$
  parameter-store:
    LOGIN: /demo/login
  exported-variables:
    - AWS_REGION
    - LOGIN
    - TAG
phases: {build: {commands: [make]}}
";
    assert_eq!(
        lint(text, &NOTHING),
        [
            "literal-value:4",
            "plain-secret:5",
            "reserved-name:8",
            "not-exported:13",
            "not-exported:14"
        ]
    );
}

#[test]
fn sections() {
    let text = "version: 0.1
phases:
  install:
    runtime-versions: {java: corretto21}
    commands: [make]
cache:
  paths: [x]
  fallback-keys: [a]
";
    assert_eq!(
        lint(text, &DIND),
        [
            "version-0.1:1",
            "runtime-versions:4",
            "fallback-without-key:8"
        ]
    );
    let batch = "version: 0.2
batch:
  build-list:
    - identifier: a
      buildspec: a.yml
    - identifier: b
";
    assert_eq!(lint(batch, &NOTHING), ["build-without-commands:6"]);
}
