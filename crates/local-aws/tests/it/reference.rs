//! docs/reference/api.md: current, and right about a running server.

use local_aws::Support;
use local_aws::api_reference;
use local_aws::api_services;

use crate::raw::call_s3;
use crate::raw::form;
use crate::raw::keys;
use crate::raw::signed;
use crate::server::TestServer;

#[test]
fn the_page_is_current() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/api.md");
    assert!(
        std::fs::read_to_string(file).is_ok_and(|page| page == api_reference()),
        "docs/reference/api.md is not current: run `cargo run -p local-aws --example api_reference`"
    );
}

#[test]
fn every_operation_of_codebuild_is_on_the_page() {
    let services = api_services();
    assert_eq!(services[0].name, "CodeBuild");
    assert_eq!(services[0].operations.len(), 59);
}

#[tokio::test]
async fn the_server_knows_what_the_page_names_and_nothing_else() {
    let server = TestServer::start().await;
    for service in api_services() {
        let Some(target) = service.target else {
            continue;
        };
        for operation in &service.operations {
            let target = format!("{target}.{}", operation.name);
            let reply = signed(server.access(), &target, "{}")
                .send(server.access())
                .await;
            assert!(matches!(reply.status, 200 | 400), "{target}: {reply:?}");
            assert_ne!(reply.error_type(), "UnknownOperationException", "{target}");
        }
        let target = format!("{target}.MakeTea");
        let reply = signed(server.access(), &target, "{}")
            .send(server.access())
            .await;
        assert_eq!(reply.error_type(), "UnknownOperationException", "{target}");
    }
}

#[tokio::test]
async fn query_services_have_what_the_page_names_and_nothing_else() {
    let server = TestServer::start().await;
    let access = server.access();
    let keys = keys(access);
    for service in api_services() {
        if service.protocol != "query" {
            continue;
        }
        let signing_name = service.name.to_lowercase();
        for operation in &service.operations {
            let action = [("Action", operation.name)];
            let reply = form(access, &keys, &signing_name, &action).await;
            assert!(reply.status < 500, "{reply:?}");
            let code = reply.element("Code");
            assert!(
                !matches!(
                    code,
                    "InvalidAction" | "UnknownOperationException" | "ModelMismatchException"
                ),
                "{}: {reply:?}",
                operation.name
            );
        }
        let reply = form(access, &keys, &signing_name, &[("Action", "MakeTea")]).await;
        assert_eq!(reply.element("Code"), "InvalidAction", "{reply:?}");
    }
}

/// What tells S3's operations apart: name, method, path and query, header.
const S3: &[(&str, &str, &str, (&str, &str))] = &[
    (
        "AbortMultipartUpload",
        "DELETE",
        "/bucket/key?uploadId=x",
        ("", ""),
    ),
    (
        "CompleteMultipartUpload",
        "POST",
        "/bucket/key?uploadId=x",
        ("", ""),
    ),
    (
        "CopyObject",
        "PUT",
        "/bucket/copy",
        ("x-amz-copy-source", "bucket/key"),
    ),
    ("CreateBucket", "PUT", "/bucket", ("", "")),
    (
        "CreateMultipartUpload",
        "POST",
        "/bucket/key?uploads",
        ("", ""),
    ),
    ("DeleteBucket", "DELETE", "/bucket", ("", "")),
    (
        "DeleteBucketEncryption",
        "DELETE",
        "/bucket?encryption",
        ("", ""),
    ),
    (
        "DeleteBucketLifecycle",
        "DELETE",
        "/bucket?lifecycle",
        ("", ""),
    ),
    (
        "DeleteBucketOwnershipControls",
        "DELETE",
        "/bucket?ownershipControls",
        ("", ""),
    ),
    ("DeleteBucketPolicy", "DELETE", "/bucket?policy", ("", "")),
    ("DeleteBucketTagging", "DELETE", "/bucket?tagging", ("", "")),
    ("DeleteObject", "DELETE", "/bucket/key", ("", "")),
    (
        "DeleteObjectTagging",
        "DELETE",
        "/bucket/key?tagging",
        ("", ""),
    ),
    ("DeleteObjects", "POST", "/bucket?delete", ("", "")),
    (
        "DeletePublicAccessBlock",
        "DELETE",
        "/bucket?publicAccessBlock",
        ("", ""),
    ),
    ("GetBucketEncryption", "GET", "/bucket?encryption", ("", "")),
    (
        "GetBucketLifecycleConfiguration",
        "GET",
        "/bucket?lifecycle",
        ("", ""),
    ),
    ("GetBucketLocation", "GET", "/bucket?location", ("", "")),
    (
        "GetBucketOwnershipControls",
        "GET",
        "/bucket?ownershipControls",
        ("", ""),
    ),
    ("GetBucketPolicy", "GET", "/bucket?policy", ("", "")),
    ("GetBucketTagging", "GET", "/bucket?tagging", ("", "")),
    ("GetBucketVersioning", "GET", "/bucket?versioning", ("", "")),
    ("GetObject", "GET", "/bucket/key", ("", "")),
    ("GetObjectTagging", "GET", "/bucket/key?tagging", ("", "")),
    (
        "GetPublicAccessBlock",
        "GET",
        "/bucket?publicAccessBlock",
        ("", ""),
    ),
    ("HeadBucket", "HEAD", "/bucket", ("", "")),
    ("HeadObject", "HEAD", "/bucket/key", ("", "")),
    ("ListBuckets", "GET", "/", ("", "")),
    ("ListMultipartUploads", "GET", "/bucket?uploads", ("", "")),
    ("ListObjects", "GET", "/bucket", ("", "")),
    ("ListObjectsV2", "GET", "/bucket?list-type=2", ("", "")),
    ("ListParts", "GET", "/bucket/key?uploadId=x", ("", "")),
    ("PutBucketEncryption", "PUT", "/bucket?encryption", ("", "")),
    (
        "PutBucketLifecycleConfiguration",
        "PUT",
        "/bucket?lifecycle",
        ("", ""),
    ),
    (
        "PutBucketOwnershipControls",
        "PUT",
        "/bucket?ownershipControls",
        ("", ""),
    ),
    ("PutBucketPolicy", "PUT", "/bucket?policy", ("", "")),
    ("PutBucketTagging", "PUT", "/bucket?tagging", ("", "")),
    ("PutBucketVersioning", "PUT", "/bucket?versioning", ("", "")),
    ("PutObject", "PUT", "/bucket/key", ("", "")),
    ("PutObjectTagging", "PUT", "/bucket/key?tagging", ("", "")),
    (
        "PutPublicAccessBlock",
        "PUT",
        "/bucket?publicAccessBlock",
        ("", ""),
    ),
    (
        "UploadPart",
        "PUT",
        "/bucket/key?partNumber=1&uploadId=x",
        ("", ""),
    ),
    (
        "UploadPartCopy",
        "PUT",
        "/bucket/key?partNumber=1&uploadId=x",
        ("x-amz-copy-source", "bucket/key"),
    ),
];

#[tokio::test]
async fn s3_has_what_the_page_names_and_nothing_else() {
    let server = TestServer::start().await;
    let services = api_services();
    let s3 = services
        .iter()
        .find(|service| service.name == "S3")
        .unwrap();
    let named: Vec<&str> = s3
        .operations
        .iter()
        .map(|operation| operation.name)
        .collect();
    let told_apart: Vec<&str> = S3.iter().map(|(name, ..)| *name).collect();
    assert_eq!(named, told_apart);
    for (name, method, path, header) in S3 {
        let headers = if header.0.is_empty() {
            &[][..]
        } else {
            &[*header]
        };
        let reply = call_s3(server.access(), method, path, headers, b"").await;
        let operation = s3
            .operations
            .iter()
            .find(|known| known.name == *name)
            .unwrap();
        let is_refused = reply.element("Code") == "NotImplemented";
        // PutBucketVersioning without a body is malformed before it is refused.
        if operation.support != Support::Refused {
            assert!(!is_refused, "{name}: {reply:?}");
        }
        assert!(reply.status < 500, "{name}: {reply:?}");
    }
    for path in ["/bucket?acl", "/bucket?cors", "/bucket?website"] {
        let reply = call_s3(server.access(), "GET", path, &[], b"").await;
        assert_eq!(reply.element("Code"), "NotImplemented", "{path}: {reply:?}");
    }
}

#[tokio::test]
async fn what_is_refused_says_why() {
    let server = TestServer::start().await;
    let connection = r#"{"sandboxId":"demo:00000000-0000-0000-0000-000000000000"}"#;
    let target = "CodeBuild_20161006.StartSandboxConnection";
    let reply = signed(server.access(), target, connection)
        .send(server.access())
        .await;
    assert_eq!(reply.status, 400);
    assert!(!reply.message().is_empty(), "{reply:?}");

    let here = b"<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>";
    call_s3(server.access(), "PUT", "/bucket", &[], here).await;
    let enabled = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let reply = call_s3(server.access(), "PUT", "/bucket?versioning", &[], enabled).await;
    assert_eq!(reply.element("Code"), "NotImplemented", "{reply:?}");
    assert!(!reply.element("Message").is_empty(), "{reply:?}");
}
