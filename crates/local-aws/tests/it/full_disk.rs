//! A disk that is full: an error that says so, no damage, and everything goes on when there is space.
//!
//! The server runs in a mount namespace of its own, with a small file system for its state.

use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use aws_sdk_codebuild::error::ProvideErrorMetadata;
use local_aws::LocalAws;

use crate::fake_runner::FakeRunner;
use crate::kill;
use crate::server::PATIENCE;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;
use crate::server::run_build;

const SERVER: &str = "kill::serve_until_killed";

/// Mounts 28 MiB at its first argument, some of it taken, and runs the rest of its arguments.
const ON_A_SMALL_DISK: &str = r#"
mount -t tmpfs -o size=28m tmpfs "$1" &&
head -c 6291456 /dev/zero >"$1/ballast" &&
mkdir "$1/state" &&
shift &&
exec "$@"
"#;

/// No file may be longer than 12 MiB (in blocks of 512 bytes): a write then fails half-way.
const WITH_SHORT_FILES: &str = r#"trap "" XFSZ && ulimit -S -f 24576 && exec "$@""#;

/// Whether this host lets a process have mounts of its own.
fn can_mount() -> bool {
    Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "true"])
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Fills the disk with projects; the names of those that were acknowledged, and the refusal.
async fn fill(client: &aws_sdk_codebuild::Client, word: &str) -> (Vec<String>, String) {
    let value = "x".repeat(400_000);
    let mut names = Vec::new();
    for number in 0..500 {
        let name = format!("{word}{number}");
        let created = client
            .create_project()
            .name(&name)
            .source(crate::server::inline_source())
            .artifacts(crate::server::no_artifacts())
            .environment(crate::server::environment(&[("A", &value)]))
            .service_role("codebuild-demo")
            .send()
            .await;
        match created {
            Ok(_) => names.push(name),
            Err(error) => {
                let error = error.into_service_error();
                let code = error.code().unwrap_or_default();
                let message = error.message().unwrap_or_default();
                return (names, format!("{code}: {message}"));
            }
        }
    }
    panic!("the disk took everything");
}

async fn all_there(client: &aws_sdk_codebuild::Client, names: &[String]) {
    for names in names.chunks(100) {
        let reply = client
            .batch_get_projects()
            .set_names(Some(names.to_vec()))
            .send()
            .await
            .unwrap();
        assert_eq!(reply.projects_not_found(), [] as [&str; 0]);
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_an_error_and_no_damage() {
    if !can_mount() {
        println!("skipped: this host does not let a process have mounts of its own");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path().to_str().unwrap();
    let mut wrapper = Command::new("unshare");
    wrapper.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
    wrapper.args([ON_A_SMALL_DISK, "sh", directory]);
    let state = format!("{directory}/state");
    let mut child = kill::spawn(wrapper, Path::new(&state), SERVER);
    // The server's own view of its files.
    let seen = PathBuf::from(format!("/proc/{}/root/{directory}", child.id()));
    let access = LocalAws::running(&seen.join("state")).unwrap();
    let client = codebuild(&access);
    create_project(&client, "demo", &[]).await;

    let (mut acknowledged, refusal) = fill(&client, "before").await;
    assert!(refusal.contains("LocalStorageException"), "{refusal}");
    assert!(refusal.contains("no space is left"), "{refusal}");
    assert!(acknowledged.len() > 5, "{}", acknowledged.len());
    all_there(&client, &acknowledged).await;

    std::fs::remove_file(seen.join("ballast")).unwrap();
    assert_eq!(
        run_build(&client, "demo")
            .await
            .build_status()
            .unwrap()
            .as_str(),
        "SUCCEEDED"
    );
    let (more, _) = fill(&client, "after").await;
    assert!(more.len() > 5, "{}", more.len());
    acknowledged.extend(more);
    all_there(&client, &acknowledged).await;

    // What a killed process leaves on a full disk.
    let copied = tempfile::tempdir().unwrap();
    let id = child.id().to_string();
    let stopped = Command::new("kill").args(["-STOP", &id]).status().unwrap();
    assert!(stopped.success());
    copy(&seen.join("state"), copied.path());
    child.kill();
    let runner = Arc::new(FakeRunner::default());
    let aws = LocalAws::start(config(copied.path(), &runner))
        .await
        .unwrap();
    all_there(&codebuild(aws.access()), &acknowledged).await;
    aws.shutdown().await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_half_way_is_no_damage_either() {
    let state = tempfile::tempdir().unwrap();
    let mut wrapper = Command::new("sh");
    wrapper.args(["-c", WITH_SHORT_FILES, "sh"]);
    let mut child = kill::spawn(wrapper, state.path(), SERVER);
    let client = codebuild(&LocalAws::running(state.path()).unwrap());
    create_project(&client, "demo", &[]).await;
    let (mut acknowledged, refusal) = fill(&client, "before").await;
    assert!(refusal.contains("LocalStorageException"), "{refusal}");
    assert!(acknowledged.len() > 5, "{}", acknowledged.len());

    let id = child.id().to_string();
    let mut lifted = Command::new("prlimit");
    let lifted = lifted.args(["--pid", &id, "--fsize=unlimited:"]).status();
    assert!(lifted.unwrap().success());
    // The server opens its database again by itself.
    let deadline = Instant::now() + PATIENCE;
    while let Err(error) = client.list_projects().send().await {
        assert!(Instant::now() < deadline, "still {error:?}");
    }
    all_there(&client, &acknowledged).await;
    create_project(&client, "after", &[]).await;
    acknowledged.push("after".to_owned());
    child.kill();

    let (mut child, access) = kill::serve(state.path());
    let client = codebuild(&access);
    all_there(&client, &acknowledged).await;
    create_project(&client, "again", &[]).await;
    child.kill();
}
