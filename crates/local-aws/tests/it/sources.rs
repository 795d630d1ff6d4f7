//! Where a build's source comes from.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use aws_sdk_codebuild::types::Build;
use aws_sdk_codebuild::types::ProjectSource;
use aws_sdk_codebuild::types::SourceType;
use aws_sdk_codebuild::types::StatusType;
use local_aws::Checkout;
use local_aws::LocalAws;

use crate::fake_runner::FakeRunner;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;
use crate::server::log_text;
use crate::server::wait_for;

pub(crate) fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

async fn build_from(client: &aws_sdk_codebuild::Client, kind: SourceType, location: &str) -> Build {
    create_project(client, "demo", &[]).await;
    let source = ProjectSource::builder()
        .r#type(kind)
        .location(location)
        .build()
        .unwrap();
    client
        .update_project()
        .name("demo")
        .source(source)
        .send()
        .await
        .unwrap();
    let started = client
        .start_build()
        .project_name("demo")
        .send()
        .await
        .unwrap();
    wait_for(
        client,
        started.build_value().unwrap().id().unwrap(),
        |build| build.build_complete(),
    )
    .await
}

#[tokio::test]
async fn a_repository_is_served_from_the_working_tree_and_the_log_says_so() {
    let tree = tempfile::tempdir().unwrap();
    git(tree.path(), &["init", "--quiet"]);
    std::fs::write(tree.path().join("buildspec.yml"), "version: 0.2\n").unwrap();
    git(tree.path(), &["add", "."]);
    git(tree.path(), &["commit", "--quiet", "-m", "first"]);
    let commit = git(tree.path(), &["rev-parse", "HEAD"]);
    std::fs::write(tree.path().join("new"), "not committed").unwrap();

    let state = tempfile::tempdir().unwrap();
    let mut config = config(state.path(), &Arc::new(FakeRunner::default()));
    let extra = tree.path().join("new");
    config.checkouts = vec![Checkout {
        url: "https://github.com/owner/repo".to_owned(),
        directory: tree.path().to_owned(),
        extra_files: vec![("bin/app".to_owned(), extra)],
    }];
    let aws = LocalAws::start(config).await.unwrap();
    let location = "https://github.com/Owner/repo.git";
    let build = build_from(&codebuild(aws.access()), SourceType::Github, location).await;
    assert_eq!(build.build_status(), Some(&StatusType::Succeeded));
    assert_eq!(build.resolved_source_version(), Some(commit.as_str()));

    let server = TestServer {
        aws,
        runner: Arc::default(),
        state,
    };
    let text = log_text(&server.logs(), &build).await;
    let line = format!(
        "Source {location} is served from the local checkout {}, working tree as it is now, commit {} with uncommitted changes\n",
        tree.path().display(),
        &commit[..7]
    );
    assert!(text.contains(&line), "{text}");
    assert!(
        text.contains("Added to the source: bin/app, from "),
        "{text}"
    );
    let left = std::fs::read_dir(server.state.path().join("tmp"))
        .unwrap()
        .count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn source_types_that_are_not_here_fail_the_build() {
    let server = TestServer::start().await;
    let build = build_from(&server.codebuild(), SourceType::S3, "bucket/key.zip").await;
    assert_eq!(build.build_status(), Some(&StatusType::Failed));
    let download = &build.phases()[3];
    assert_eq!(download.contexts()[0].status_code(), Some("CLIENT_ERROR"));
    assert!(
        download.contexts()[0]
            .message()
            .unwrap()
            .contains("cannot fetch source of type S3 yet")
    );
}
