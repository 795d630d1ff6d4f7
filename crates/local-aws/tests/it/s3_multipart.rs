//! S3: uploads in parts, and copies.

use local_aws::Access;

use crate::raw::Reply;
use crate::raw::call_s3;
use crate::server::TestServer;

const LOCATION: &[u8] = b"<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>";
const PATH: &str = "/demo-bucket/big";

async fn with_bucket() -> TestServer {
    let server = TestServer::start().await;
    let reply = call_s3(server.access(), "PUT", "/demo-bucket", &[], LOCATION).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    server
}

async fn begin(access: &Access) -> String {
    let headers = [("content-type", "text/plain")];
    let reply = call_s3(access, "POST", &format!("{PATH}?uploads="), &headers, b"").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.element("UploadId").to_owned()
}

async fn part(access: &Access, id: &str, number: u32, body: &[u8]) -> Reply {
    let path = format!("{PATH}?partNumber={number}&uploadId={id}");
    call_s3(access, "PUT", &path, &[], body).await
}

async fn complete(access: &Access, id: &str, parts: &[(u32, &str)]) -> Reply {
    let parts: String = parts
        .iter()
        .map(|(number, etag)| {
            format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>")
        })
        .collect();
    let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    let path = format!("{PATH}?uploadId={id}");
    call_s3(access, "POST", &path, &[], body.as_bytes()).await
}

fn files(server: &TestServer) -> usize {
    let objects = server.state.path().join("s3/objects");
    std::fs::read_dir(objects).unwrap().count()
}

#[tokio::test]
async fn parts_become_one_object() {
    let server = with_bucket().await;
    let access = server.access();
    let id = begin(access).await;
    let first = vec![b'a'; 5 * 1024 * 1024];
    let one = part(access, &id, 1, &first).await.header("etag").to_owned();
    // The second try of a part replaces the first.
    part(access, &id, 2, b"wrong").await;
    let two = part(access, &id, 2, b"end").await.header("etag").to_owned();

    let path = format!("{PATH}?uploadId={id}&max-parts=1");
    let reply = call_s3(access, "GET", &path, &[], b"").await;
    assert_eq!(reply.element("IsTruncated"), "true", "{reply:?}");
    assert_eq!(reply.element("NextPartNumberMarker"), "1");
    let reply = call_s3(access, "GET", "/demo-bucket?uploads=", &[], b"").await;
    assert_eq!(reply.element("UploadId"), id);

    let reply = complete(access, &id, &[(2, &two), (1, &one)]).await;
    assert_eq!(
        (reply.status, reply.element("Code")),
        (400, "InvalidPartOrder")
    );
    let reply = complete(access, &id, &[(1, &two), (2, &one)]).await;
    assert_eq!((reply.status, reply.element("Code")), (400, "InvalidPart"));
    let reply = complete(access, &id, &[(1, &one), (2, &two)]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert!(reply.element("ETag").contains("-2"), "{reply:?}");

    let reply = call_s3(access, "GET", PATH, &[], b"").await;
    assert_eq!(reply.body.len(), first.len() + 3);
    assert!(reply.body.ends_with("aend"));
    assert_eq!(reply.header("content-type"), "text/plain");
    let reply = call_s3(access, "GET", &format!("{PATH}?partNumber=2"), &[], b"").await;
    assert_eq!((reply.status, reply.body.as_str()), (206, "end"));
    assert_eq!(reply.header("x-amz-mp-parts-count"), "2");
    assert_eq!(files(&server), 1);
    let reply = complete(access, &id, &[(1, &one), (2, &two)]).await;
    assert_eq!((reply.status, reply.element("Code")), (404, "NoSuchUpload"));
}

#[tokio::test]
async fn uploads_that_end_otherwise_leave_nothing() {
    let server = with_bucket().await;
    let access = server.access();
    let id = begin(access).await;
    let one = part(access, &id, 1, b"small")
        .await
        .header("etag")
        .to_owned();
    let two = part(access, &id, 2, b"end").await.header("etag").to_owned();
    let reply = complete(access, &id, &[(1, &one), (2, &two)]).await;
    assert_eq!(
        (reply.status, reply.element("Code")),
        (400, "EntityTooSmall")
    );
    let reply = part(access, &id, 10_001, b"").await;
    assert_eq!(
        (reply.status, reply.element("Code")),
        (400, "InvalidArgument")
    );
    assert_eq!(files(&server), 2);
    let path = format!("{PATH}?uploadId={id}");
    let reply = call_s3(access, "DELETE", &path, &[], b"").await;
    assert_eq!(reply.status, 204, "{reply:?}");
    assert_eq!(files(&server), 0);
    let reply = part(access, &id, 1, b"").await;
    assert_eq!((reply.status, reply.element("Code")), (404, "NoSuchUpload"));

    // A bucket takes its unfinished uploads with it.
    let id = begin(access).await;
    part(access, &id, 1, b"small").await;
    let reply = call_s3(access, "DELETE", "/demo-bucket", &[], b"").await;
    assert_eq!(reply.status, 204, "{reply:?}");
    assert_eq!(files(&server), 0);
}

#[tokio::test]
async fn copies_take_or_replace_metadata() {
    let server = with_bucket().await;
    let access = server.access();
    let headers = [
        ("content-type", "text/plain"),
        ("x-amz-meta-a", "1"),
        ("x-amz-tagging", "team=ops"),
    ];
    call_s3(access, "PUT", "/demo-bucket/from", &headers, b"hello").await;
    let copy = async |to: &str, headers: &[(&str, &str)]| {
        let mut all = vec![("x-amz-copy-source", "/demo-bucket/from")];
        all.extend(headers);
        call_s3(access, "PUT", to, &all, b"").await
    };
    let reply = copy("/demo-bucket/to", &[]).await;
    assert!(
        reply
            .element("ETag")
            .contains("5d41402abc4b2a76b9719d911017c592"),
        "{reply:?}"
    );
    let reply = call_s3(access, "GET", "/demo-bucket/to", &[], b"").await;
    assert_eq!(reply.body, "hello");
    assert_eq!(reply.header("x-amz-meta-a"), "1");
    assert_eq!(reply.header("x-amz-tagging-count"), "1");
    let replace = [
        ("x-amz-metadata-directive", "REPLACE"),
        ("x-amz-meta-b", "2"),
    ];
    copy("/demo-bucket/to", &replace).await;
    let reply = call_s3(access, "HEAD", "/demo-bucket/to", &[], b"").await;
    assert_eq!(reply.header("x-amz-meta-a"), "");
    assert_eq!(reply.header("x-amz-meta-b"), "2");
    let reply = copy("/demo-bucket/from", &[]).await;
    assert_eq!(
        (reply.status, reply.element("Code")),
        (400, "InvalidRequest")
    );

    let id = begin(access).await;
    let path = format!("{PATH}?partNumber=1&uploadId={id}");
    let reply = copy(&path, &[("x-amz-copy-source-range", "bytes=1-3")]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let etag = reply.element("ETag").to_owned();
    let reply = complete(access, &id, &[(1, &etag)]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let reply = call_s3(access, "GET", PATH, &[], b"").await;
    assert_eq!(reply.body, "ell");
}
