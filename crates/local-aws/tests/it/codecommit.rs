//! CodeCommit, and builds from its repositories.

use aws_sdk_codebuild::types::CacheMode;
use aws_sdk_codebuild::types::CacheType;
use aws_sdk_codebuild::types::ProjectCache;
use aws_sdk_codebuild::types::SourceType;
use aws_sdk_codebuild::types::StatusType;
use serde_json::Value;
use serde_json::json;

use crate::raw::call_json;
use crate::raw::refusal;
use crate::server::TestServer;
use crate::server::finished;
use crate::sources::build_from;

async fn call(server: &TestServer, operation: &str, input: Value) -> Value {
    let target = format!("CodeCommit_20150413.{operation}");
    call_json(server.access(), &target, input).await
}

async fn refused(server: &TestServer, operation: &str, input: Value) -> String {
    let target = format!("CodeCommit_20150413.{operation}");
    refusal(server.access(), &target, input).await.0
}

async fn with_repository() -> TestServer {
    let server = TestServer::start().await;
    let input = json!({ "repositoryName": "demo", "repositoryDescription": "for a test" });
    let output = call(&server, "CreateRepository", input).await;
    let metadata = &output["repositoryMetadata"];
    assert_eq!(
        metadata["cloneUrlHttp"],
        "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/demo"
    );
    assert_eq!(
        metadata["Arn"],
        "arn:aws:codecommit:eu-central-1:123456789012:demo"
    );
    assert_eq!(metadata["defaultBranch"], Value::Null);
    server
}

/// Writes a file on `main`; the commit.
async fn put(server: &TestServer, path: &str, content: &str, parent: Option<&str>) -> String {
    let mut input = json!({
        "repositoryName": "demo", "branchName": "main", "filePath": path,
        "fileContent": base64(content), "commitMessage": "a file", "name": "Ada", "email": "a@example.com"
    });
    if let Some(parent) = parent {
        input["parentCommitId"] = parent.into();
    }
    let output = call(server, "PutFile", input).await;
    output["commitId"].as_str().unwrap().to_owned()
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[tokio::test]
async fn files_are_committed_and_read_back() {
    let server = with_repository().await;
    let first = put(&server, "README.md", "one", None).await;
    let repository = json!({ "repositoryName": "demo" });
    let output = call(&server, "GetRepository", repository.clone()).await;
    assert_eq!(output["repositoryMetadata"]["defaultBranch"], "main");

    let commit = json!({
        "repositoryName": "demo", "branchName": "main", "parentCommitId": first,
        "commitMessage": "several",
        "putFiles": [
            { "filePath": "src/run.sh", "fileMode": "EXECUTABLE", "fileContent": base64("#!/bin/sh\n") },
            { "filePath": "README.md", "fileContent": base64("two") }
        ]
    });
    let output = call(&server, "CreateCommit", commit.clone()).await;
    assert_eq!(output["filesAdded"][0]["absolutePath"], "src/run.sh");
    assert_eq!(output["filesUpdated"][0]["absolutePath"], "README.md");
    let second = output["commitId"].as_str().unwrap();
    assert_eq!(
        refused(&server, "CreateCommit", commit).await,
        "ParentCommitIdOutdatedException"
    );

    let branch = json!({ "repositoryName": "demo", "branchName": "main" });
    let output = call(&server, "GetBranch", branch).await;
    assert_eq!(output["branch"]["commitId"], second);
    let file = json!({ "repositoryName": "demo", "filePath": "src/run.sh" });
    let output = call(&server, "GetFile", file).await;
    assert_eq!(output["fileMode"], "EXECUTABLE");
    assert_eq!(output["fileContent"], base64("#!/bin/sh\n"));
    let old = json!({
        "repositoryName": "demo", "filePath": "README.md", "commitSpecifier": first
    });
    let output = call(&server, "GetFile", old).await;
    assert_eq!(output["fileContent"], base64("one"));
    let folder = json!({ "repositoryName": "demo", "folderPath": "/" });
    let output = call(&server, "GetFolder", folder).await;
    assert_eq!(output["files"][0]["absolutePath"], "README.md");
    assert_eq!(output["subFolders"][0]["absolutePath"], "src");
    let id = json!({ "repositoryName": "demo", "commitId": first });
    let output = call(&server, "GetCommit", id).await;
    assert_eq!(output["commit"]["author"]["name"], "Ada");
    assert_eq!(output["commit"]["parents"], json!([]));
    let missing = json!({ "repositoryName": "demo", "filePath": "nope" });
    assert_eq!(
        refused(&server, "GetFile", missing).await,
        "FileDoesNotExistException"
    );
}

#[tokio::test]
async fn branches_begin_at_commits_and_repositories_are_deleted() {
    let server = with_repository().await;
    let commit = put(&server, "a", "1", None).await;
    let branch = json!({ "repositoryName": "demo", "branchName": "feature/x", "commitId": commit });
    call(&server, "CreateBranch", branch.clone()).await;
    assert_eq!(
        refused(&server, "CreateBranch", branch).await,
        "BranchNameExistsException"
    );
    let repository = json!({ "repositoryName": "demo" });
    let output = call(&server, "ListBranches", repository.clone()).await;
    assert_eq!(output["branches"], json!(["feature/x", "main"]));
    let main = json!({ "repositoryName": "demo", "branchName": "main" });
    assert_eq!(
        refused(&server, "DeleteBranch", main).await,
        "DefaultBranchCannotBeDeletedException"
    );
    assert_eq!(
        refused(&server, "CreateRepository", repository.clone()).await,
        "RepositoryNameExistsException"
    );
    let output = call(&server, "ListRepositories", json!({})).await;
    assert_eq!(output["repositories"][0]["repositoryName"], "demo");
    let output = call(&server, "DeleteRepository", repository.clone()).await;
    assert!(output["repositoryId"].is_string());
    assert_eq!(
        call(&server, "DeleteRepository", repository.clone()).await,
        json!({})
    );
    assert_eq!(
        refused(&server, "GetRepository", repository).await,
        "RepositoryDoesNotExistException"
    );
    for bad in ["../x", "a.git", ""] {
        let input = json!({ "repositoryName": bad });
        assert_eq!(
            refused(&server, "CreateRepository", input).await,
            "InvalidRepositoryNameException"
        );
    }
    let left = std::fs::read_dir(server.state.path().join("codecommit")).unwrap();
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn repositories_have_tags_and_other_names_and_files_go() {
    let server = TestServer::start().await;
    let input = json!({ "repositoryName": "old", "tags": { "Function": "maintenance" } });
    let output = call(&server, "CreateRepository", input).await;
    let arn = output["repositoryMetadata"]["Arn"].clone();
    let more = json!({ "resourceArn": arn, "tags": { "Project": "setup" } });
    call(&server, "TagResource", more).await;
    let less = json!({ "resourceArn": arn, "tagKeys": ["Function"] });
    call(&server, "UntagResource", less).await;
    let output = call(
        &server,
        "ListTagsForResource",
        json!({ "resourceArn": arn }),
    )
    .await;
    assert_eq!(output["tags"], json!({ "Project": "setup" }));
    let own = json!({ "resourceArn": arn, "tags": { "aws:x": "" } });
    let code = refused(&server, "TagResource", own).await;
    assert_eq!(code, "InvalidSystemTagUsageException");

    let rename = json!({ "oldName": "old", "newName": "demo" });
    call(&server, "UpdateRepositoryName", rename.clone()).await;
    let code = refused(&server, "UpdateRepositoryName", rename).await;
    assert_eq!(code, "RepositoryDoesNotExistException");
    let first = put(&server, "a", "1", None).await;
    put(&server, "b", "1", Some(&first)).await;
    let branch = json!({ "repositoryName": "demo", "branchName": "main" });
    let output = call(&server, "GetBranch", branch).await;
    let delete = json!({
        "repositoryName": "demo", "branchName": "main", "filePath": "a",
        "parentCommitId": output["branch"]["commitId"],
    });
    let output = call(&server, "DeleteFile", delete.clone()).await;
    assert_eq!(output["filePath"], "a");
    let code = refused(&server, "DeleteFile", delete).await;
    assert_eq!(code, "ParentCommitIdOutdatedException");
    let file = json!({ "repositoryName": "demo", "filePath": "a" });
    assert_eq!(
        refused(&server, "GetFile", file).await,
        "FileDoesNotExistException"
    );
}

#[tokio::test]
async fn a_build_takes_its_source_from_a_repository() {
    let server = with_repository().await;
    let commit = put(&server, "buildspec.yml", crate::server::BUILDSPEC, None).await;
    let location = "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/demo";
    let build = build_from(&server.codebuild(), SourceType::Codecommit, location).await;
    assert_eq!(
        build.build_status(),
        Some(&StatusType::Succeeded),
        "{build:?}"
    );
    assert_eq!(build.resolved_source_version(), Some(commit.as_str()));
}

#[tokio::test]
async fn a_build_from_a_repository_that_is_not_there_says_so() {
    let server = TestServer::start().await;
    let location = "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/nope";
    let build = build_from(&server.codebuild(), SourceType::Codecommit, location).await;
    assert_eq!(build.build_status(), Some(&StatusType::Failed));
    assert_eq!(
        build.phases()[3].contexts()[0].message(),
        Some("repository not found for primary source and source version ")
    );
}

#[tokio::test]
async fn a_source_cache_is_kept_from_build_to_build_until_it_is_invalidated() {
    let server = with_repository().await;
    let commit = put(&server, "buildspec.yml", crate::server::BUILDSPEC, None).await;
    let client = server.codebuild();
    let location = "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/demo";
    build_from(&client, SourceType::Codecommit, location).await;
    let caches = server.state.path().join("source-cache/demo");
    assert!(!caches.exists(), "without LOCAL_SOURCE_CACHE there is none");
    let cache = ProjectCache::builder()
        .r#type(CacheType::Local)
        .modes(CacheMode::LocalSourceCache)
        .build()
        .unwrap();
    let update = client.update_project().name("demo").cache(cache);
    update.send().await.unwrap();
    for parent in [commit.as_str(), ""] {
        let started = client.start_build().project_name("demo").send().await;
        let build = finished(&client, &started.unwrap()).await;
        assert_eq!(
            build.build_status(),
            Some(&StatusType::Succeeded),
            "{build:?}"
        );
        assert_eq!(std::fs::read_dir(&caches).unwrap().count(), 1);
        if !parent.is_empty() {
            assert_eq!(build.resolved_source_version(), Some(parent));
            // What comes after is in the next build, cache or not.
            put(&server, "new", "x", Some(parent)).await;
        } else {
            assert_ne!(build.resolved_source_version(), Some(commit.as_str()));
        }
    }
    let invalidate = client.invalidate_project_cache().project_name("demo");
    invalidate.send().await.unwrap();
    assert!(!caches.exists());
}
