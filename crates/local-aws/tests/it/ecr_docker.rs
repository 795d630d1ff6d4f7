//! ECR through the docker CLI: on this host, and in a build with Docker in Docker.

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use aws_sdk_codebuild::types::StatusType;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use local_aws::Access;
use local_aws::EngineChoice;
use local_aws::LocalAws;
use serde_json::json;

use crate::docker::engine;
use crate::ecr::ecr;
use crate::raw::authority;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;
use crate::server::finished;
use crate::server::log_text;
use crate::server::variable;

/// What the program of the tests' image ends with.
const STATUS: i32 = 42;

/// A program without libraries that ends with [`STATUS`]; `None` on other machines than these.
fn program() -> Option<Vec<u8>> {
    let (machine, code): (u8, &[u8]) = match std::env::consts::ARCH {
        // mov edi, 42; mov eax, 60; syscall
        "x86_64" => (62, &[0xbf, 42, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 5]),
        // mov x0, 42; mov x8, 93; svc 0
        "aarch64" => (
            183,
            &[0x40, 5, 0x80, 0xd2, 0xa8, 0x0b, 0x80, 0xd2, 1, 0, 0, 0xd4],
        ),
        _ => return None,
    };
    let base: u64 = 0x40_0000;
    let size = 120 + code.len() as u64;
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(16, 0);
    elf.extend([2, 0, machine, 0, 1, 0, 0, 0]);
    for word in [base + 120, 64, 0] {
        elf.extend(word.to_le_bytes());
    }
    elf.extend([0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    elf.extend([1, 0, 0, 0, 5, 0, 0, 0]);
    for word in [0, base, base, size, size, 0x1000] {
        elf.extend(word.to_le_bytes());
    }
    elf.extend(code);
    Some(elf)
}

/// The docker CLI with a configuration of its own.
struct Docker<'a> {
    directory: &'a Path,
}

impl Docker<'_> {
    fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = Command::new("docker")
            .env("DOCKER_CONFIG", self.directory)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    fn must(&self, arguments: &[&str], input: &[u8]) {
        let output = self.run(arguments, input);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }

    fn login(&self, access: &Access, password: &str) {
        let registry = authority(access);
        let arguments = ["login", "--username", "AWS", "--password-stdin", registry];
        self.must(&arguments, password.as_bytes());
    }

    /// Pulls the image and runs its program.
    fn pull_and_run(&self, image: &str) -> Option<i32> {
        self.must(&["pull", image], b"");
        let ran = self.run(&["run", "--rm", image], b"").status.code();
        self.must(&["rmi", image], b"");
        ran
    }
}

/// As `aws ecr get-login-password` has it.
async fn password(access: &Access) -> String {
    let given = ecr(access, "GetAuthorizationToken", json!({})).await;
    let token = given["authorizationData"][0]["authorizationToken"].as_str();
    let login = String::from_utf8(STANDARD.decode(token.unwrap()).unwrap()).unwrap();
    login.strip_prefix("AWS:").unwrap().to_owned()
}

/// Whether there is a docker CLI whose engine reaches this host's loopback address.
fn has_local_docker() -> bool {
    let info = Command::new("docker")
        .args(["info", "--format", "{{.OperatingSystem}}"])
        .output();
    let is_local = info.is_ok_and(|info| {
        let system = String::from_utf8_lossy(&info.stdout);
        info.status.success() && !system.contains("Docker Desktop")
    });
    if !is_local {
        println!("skipped: there is no docker CLI with an engine on this host");
    }
    is_local && cfg!(target_os = "linux")
}

fn archive(program: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(program.len() as u64);
    header.set_mode(0o755);
    tar.append_data(&mut header, "program", program).unwrap();
    tar.into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_pushes_pulls_and_runs() {
    let Some(program) = program().filter(|_| has_local_docker()) else {
        return;
    };
    let server = TestServer::start().await;
    let access = server.access();
    let input = json!({ "repositoryName": "team/app" });
    let made = ecr(access, "CreateRepository", input).await;
    let image = format!(
        "{}:v1",
        made["repository"]["repositoryUri"].as_str().unwrap()
    );
    let directory = tempfile::tempdir().unwrap();
    let docker = Docker {
        directory: directory.path(),
    };
    let arguments = ["import", "--change", "CMD [\"/program\"]", "-", &image];
    docker.must(&arguments, &archive(&program));
    let refused = docker.run(&["push", &image], b"");
    let reason = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success(), "{refused:?}");
    assert!(reason.contains("no basic auth credentials"), "{reason}");
    docker.login(access, &password(access).await);
    docker.must(&["push", &image], b"");
    docker.must(&["rmi", &image], b"");
    assert_eq!(docker.pull_and_run(&image), Some(STATUS));
}

const BUILDSPEC: &str = r#"
version: 0.2
phases:
  install:
    commands:
      - nohup dockerd --host=unix:///var/run/docker.sock --storage-driver=overlay2 >/tmp/dockerd 2>&1 &
      - timeout 60 sh -c "until docker info >/dev/null 2>&1; do sleep 0.2; done" || cat /tmp/dockerd
  pre_build:
    commands:
      - REGISTRY=${AWS_ENDPOINT_URL#http://}
      - echo "$PASSWORD" | docker login --username AWS --password-stdin $REGISTRY
  build:
    commands:
      - echo "$PROGRAM" | base64 -d >program && chmod 755 program
      - tar c program | docker import --change 'CMD ["/program"]' - $REGISTRY/app:v1
      - docker push $REGISTRY/app:v1
"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_a_build_pushes_runs_on_the_host() {
    let Some(program) = program().filter(|_| has_local_docker()) else {
        return;
    };
    let Some(engine) = engine().await else { return };
    let state = tempfile::tempdir().unwrap();
    let runner = std::sync::Arc::default();
    let mut config = config(state.path(), &runner);
    config.engine = EngineChoice::Connected(engine);
    let aws = LocalAws::start(config).await.unwrap();
    let server = TestServer { aws, runner, state };
    let access = server.access();
    ecr(
        access,
        "CreateRepository",
        json!({ "repositoryName": "app" }),
    )
    .await;
    let client = codebuild(access);
    create_project(&client, "demo", &[]).await;
    let started = client
        .start_build()
        .project_name("demo")
        .buildspec_override(BUILDSPEC)
        .environment_variables_override(variable("PASSWORD", &password(access).await))
        .environment_variables_override(variable("PROGRAM", &STANDARD.encode(&program)))
        .send()
        .await
        .unwrap();
    let build = finished(&client, &started).await;
    let text = log_text(&server.logs(), &build).await;
    assert_eq!(build.build_status(), Some(&StatusType::Succeeded), "{text}");

    let directory = tempfile::tempdir().unwrap();
    let docker = Docker {
        directory: directory.path(),
    };
    docker.login(access, &password(access).await);
    let image = format!("{}/app:v1", authority(access));
    assert_eq!(docker.pull_and_run(&image), Some(STATUS));
    server.aws.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_image_can_be_in_ecr() {
    let Some(program) = program().filter(|_| has_local_docker()) else {
        return;
    };
    let Some(engine) = engine().await else { return };
    let state = tempfile::tempdir().unwrap();
    let runner = std::sync::Arc::default();
    let mut config = config(state.path(), &runner);
    config.engine = EngineChoice::Connected(engine);
    let aws = LocalAws::start(config).await.unwrap();
    let server = TestServer { aws, runner, state };
    let access = server.access();
    ecr(
        access,
        "CreateRepository",
        json!({ "repositoryName": "build" }),
    )
    .await;
    let directory = tempfile::tempdir().unwrap();
    let docker = Docker {
        directory: directory.path(),
    };
    docker.login(access, &password(access).await);
    let image = format!("{}/build:v1", authority(access));
    docker.must(&["import", "-", &image], &archive(&program));
    docker.must(&["push", &image], b"");
    docker.must(&["rmi", &image], b"");

    let client = codebuild(access);
    create_project(&client, "demo", &[]).await;
    let started = client
        .start_build()
        .project_name("demo")
        .image_override(&image)
        .send()
        .await
        .unwrap();
    let build = finished(&client, &started).await;
    // It is pulled, and then has no shell.
    docker.must(&["rmi", &image], b"");
    let text = log_text(&server.logs(), &build).await;
    assert_eq!(build.build_status(), Some(&StatusType::Failed), "{text}");
    let phases = build.phases().iter().flat_map(|phase| phase.contexts());
    let codes: Vec<_> = phases.filter_map(|context| context.status_code()).collect();
    assert_eq!(codes, ["CLIENT_ERROR"], "{text}");
    server.aws.shutdown().await;
}
