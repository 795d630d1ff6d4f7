//! Docker in Docker: what all of this is for.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use build_engine::BuildStatus;
use build_engine::BuildspecLocation;
use build_engine::Phase;

use crate::support;
use crate::support::run;

const BUILDSPEC: &str = r#"version: 0.2

phases:
  install:
    commands:
      - nohup /usr/local/bin/dockerd --host=unix:///var/run/docker.sock --host=tcp://127.0.0.1:2375 --storage-driver=overlay2 &
      - timeout 15 sh -c "until docker info; do echo .; sleep 1; done"
  pre_build:
    commands:
      - docker build -t helloworld .
  build:
    commands:
      - docker images
      - docker run helloworld echo "Hello, World!"
"#;

/// A program for an image that has nothing else: it prints its arguments.
fn compile_echo(directory: &Path) -> PathBuf {
    let source = directory.join("echo.rs");
    let text = "fn main() {\n    let words: Vec<String> = std::env::args().skip(1).collect();\n    println!(\"{}\", words.join(\" \"));\n}\n";
    std::fs::write(&source, text).unwrap();
    let program = directory.join("echo");
    let status = Command::new("rustc")
        .args([
            "-C",
            "target-feature=+crt-static",
            "-C",
            "strip=symbols",
            "-o",
        ])
        .args([&program, &source])
        .status()
        .unwrap();
    assert!(status.success());
    program
}

fn source_archive(directory: &Path) -> PathBuf {
    let program = compile_echo(directory);
    let archive = directory.join("source.tar");
    let mut builder = tar::Builder::new(std::fs::File::create(&archive).unwrap());
    builder.append_path_with_name(program, "echo").unwrap();
    for (name, text) in [
        ("Dockerfile", "FROM scratch\nCOPY echo /bin/echo\n"),
        ("buildspec.yml", BUILDSPEC),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_uid(1000);
        header.set_size(text.len() as u64);
        builder
            .append_data(&mut header, name, text.as_bytes())
            .unwrap();
    }
    builder.finish().unwrap();
    archive
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_built_and_run_by_a_docker_engine_inside_the_build() {
    let Some(engine) = support::engine().await else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let source = |archive| {
        Arc::new(support::Ready {
            archive: Some(archive),
            directory: "github.com/owner/repo",
            buildspec: BuildspecLocation::File("buildspec.yml".to_owned()),
        })
    };
    let archive = source_archive(directory.path());
    let mut request = support::request("");
    request.privileged = true;
    request.source = source(archive.clone());
    let owner = request.owner.clone();
    let told = run(&engine, request.clone()).await;
    assert_eq!(told.status, Some(BuildStatus::Succeeded), "{told:#?}");
    assert!(told.has("Hello, World!"), "{told:#?}");
    let daemon = |line: &String| line.contains("Daemon has completed initialization");
    assert!(told.log.iter().any(daemon), "{told:#?}");
    support::assert_nothing_left(&owner).await;

    // The same without the rights: the daemon cannot start, and nobody waits for ever.
    request.privileged = false;
    let told = run(&engine, request).await;
    assert_eq!(told.status, Some(BuildStatus::Failed));
    let message = &told.context(Phase::Install).message;
    let waited = message.ends_with("exit status 143") || message.ends_with("exit status 124");
    assert!(waited, "{message}");
    support::assert_nothing_left(&owner).await;
}
