//! Where a build's source comes from.

use std::io::Cursor;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use aws_sdk_codebuild::types::Build;
use aws_sdk_codebuild::types::ProjectSource;
use aws_sdk_codebuild::types::SourceType;
use aws_sdk_codebuild::types::StatusType;
use local_aws::Checkout;
use local_aws::LocalAws;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::fake_runner::FakeRunner;
use crate::raw::call_s3;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;
use crate::server::finished;
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

pub(crate) async fn build_from(
    client: &aws_sdk_codebuild::Client,
    kind: SourceType,
    location: &str,
) -> Build {
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

/// A server with a bucket that has a ZIP archive and two files below a prefix.
async fn with_source_bucket() -> TestServer {
    let server = TestServer::start().await;
    let location = b"<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(0o755);
    zip.start_file("buildspec.yml", options).unwrap();
    zip.write_all(b"version: 0.2\n").unwrap();
    zip.start_file("src/run.sh", options).unwrap();
    zip.write_all(b"echo hi\n").unwrap();
    let zip = zip.finish().unwrap().into_inner();
    let spec = crate::server::BUILDSPEC.as_bytes();
    for (path, body) in [
        ("/sources", location.as_slice()),
        ("/sources/app.zip", &zip),
        ("/sources/dir/a.txt", b"a"),
        ("/sources/dir/sub/b.txt", b"b"),
        ("/sources/broken.zip", b"not a zip"),
        ("/sources/spec.yml", spec),
    ] {
        let reply = call_s3(server.access(), "PUT", path, &[], body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    server
}

/// What the runner of the tests says about the files of a source, without the time.
fn source_lines(text: &str) -> Vec<&str> {
    let lines = text.lines();
    lines
        .filter_map(|line| Some(&line[line.find("source : ")?..]))
        .collect()
}

fn refusal(build: &Build) -> (&str, &str) {
    assert_eq!(build.build_status(), Some(&StatusType::Failed), "{build:?}");
    let context = &build.phases()[3].contexts()[0];
    (context.status_code().unwrap(), context.message().unwrap())
}

#[tokio::test]
async fn source_in_a_bucket_is_an_archive_or_a_prefix() {
    let server = with_source_bucket().await;
    let client = server.codebuild();
    let build = build_from(&client, SourceType::S3, "sources/app.zip").await;
    assert_eq!(
        build.build_status(),
        Some(&StatusType::Succeeded),
        "{build:?}"
    );
    assert_eq!(build.resolved_source_version(), None);
    let text = log_text(&server.logs(), &build).await;
    assert_eq!(
        source_lines(&text),
        ["source : buildspec.yml", "source : src/run.sh"]
    );

    for (location, code, message) in [
        (
            "sources/nope.zip",
            "CLIENT_ERROR",
            "NoSuchKey: The specified key does not exist. status code: 404 for primary source and source version ",
        ),
        (
            "nowhere/app.zip",
            "CLIENT_ERROR",
            "NoSuchBucket: The specified bucket does not exist status code: 404 for primary source and source version ",
        ),
    ] {
        let build = rebuild(&client, location, None).await;
        assert_eq!(refusal(&build), (code, message));
    }
    let build = rebuild(&client, "sources/broken.zip", None).await;
    assert!(
        refusal(&build).1.contains("cannot be unpacked"),
        "{build:?}"
    );
    let build = rebuild(&client, "sources/dir/", None).await;
    let text = log_text(&server.logs(), &build).await;
    assert_eq!(
        source_lines(&text),
        ["source : a.txt", "source : sub/b.txt"]
    );
    let left = std::fs::read_dir(server.state.path().join("tmp"))
        .unwrap()
        .count();
    assert_eq!(left, 0);
}

/// Builds `demo` again with another source in a bucket.
async fn rebuild(
    client: &aws_sdk_codebuild::Client,
    location: &str,
    buildspec: Option<&str>,
) -> Build {
    let started = client
        .start_build()
        .project_name("demo")
        .source_type_override(SourceType::S3)
        .source_location_override(location)
        .set_buildspec_override(buildspec.map(str::to_owned))
        .send()
        .await
        .unwrap();
    finished(client, &started).await
}

#[tokio::test]
async fn a_buildspec_can_be_in_a_bucket() {
    let server = with_source_bucket().await;
    let client = server.codebuild();
    build_from(&client, SourceType::S3, "sources/app.zip").await;
    let arn = "arn:aws:s3:::sources/spec.yml";
    let build = rebuild(&client, "sources/app.zip", Some(arn)).await;
    assert_eq!(
        build.build_status(),
        Some(&StatusType::Succeeded),
        "{build:?}"
    );
    let missing = "arn:aws:s3:::sources/nope.yml";
    let build = rebuild(&client, "sources/app.zip", Some(missing)).await;
    assert!(refusal(&build).1.contains("NoSuchKey"), "{build:?}");
}

#[tokio::test]
async fn secondary_sources_are_fetched_beside_the_primary_one() {
    let server = with_source_bucket().await;
    let client = server.codebuild();
    build_from(&client, SourceType::S3, "sources/app.zip").await;
    let secondary = |location: &str| {
        ProjectSource::builder()
            .r#type(SourceType::S3)
            .location(location)
            .source_identifier("data")
            .build()
            .unwrap()
    };
    let start = async |location: &str| {
        let started = client
            .start_build()
            .project_name("demo")
            .secondary_sources_override(secondary(location))
            .send()
            .await
            .unwrap();
        finished(&client, &started).await
    };
    let build = start("sources/dir/").await;
    assert_eq!(
        build.build_status(),
        Some(&StatusType::Succeeded),
        "{build:?}"
    );
    let text = log_text(&server.logs(), &build).await;
    assert!(text.contains("source data: sub/b.txt"), "{text}");
    assert!(text.contains("source : src/run.sh"), "{text}");
    let build = start("sources/nope/").await;
    let (_, message) = refusal(&build);
    assert!(message.contains("NoSuchKey"), "{message}");
    assert!(message.contains("for secondary source data"), "{message}");
    let left = std::fs::read_dir(server.state.path().join("tmp"))
        .unwrap()
        .count();
    assert_eq!(left, 0, "what was fetched before is removed");
}

#[tokio::test]
async fn locations_that_are_no_repository_fail_the_build() {
    let server = TestServer::start().await;
    let build = build_from(&server.codebuild(), SourceType::Gitlab, "file:///etc").await;
    assert_eq!(
        refusal(&build).1,
        "file:///etc is not the URL of a git repository"
    );
}
