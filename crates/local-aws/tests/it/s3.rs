//! S3: buckets, objects, listings, and what is refused.

use std::time::Duration;
use std::time::SystemTime;

use crate::kill::serve;
use crate::raw::Reply;
use crate::raw::call_s3;
use crate::raw::keys;
use crate::raw::s3;
use crate::server::PATIENCE;
use crate::server::TestServer;

pub(crate) const LOCATION: &[u8] = b"<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>";

async fn with_bucket() -> TestServer {
    let server = TestServer::start().await;
    let reply = call_s3(server.access(), "PUT", "/demo-bucket", &[], LOCATION).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    server
}

async fn put(server: &TestServer, key: &str, body: &[u8]) {
    let path = format!("/demo-bucket/{key}");
    let reply = call_s3(server.access(), "PUT", &path, &[], body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

#[track_caller]
fn assert_error(reply: &Reply, status: u16, code: &str, message: &str) {
    let shown = reply.element("Message").replace("&apos;", "'");
    assert_eq!(
        (reply.status, reply.element("Code"), shown.as_str()),
        (status, code, message),
        "{reply:?}"
    );
    assert!(!reply.element("RequestId").is_empty(), "{reply:?}");
    assert!(reply.head.contains("x-amz-request-id: "), "{reply:?}");
}

#[tokio::test]
async fn an_object_is_written_read_in_ranges_described_and_deleted() {
    let server = with_bucket().await;
    let access = server.access();
    let headers = [
        ("content-type", "text/plain"),
        ("x-amz-meta-owner", "student"),
        ("content-md5", "XrY7u+Ae7tCTyyK7j1rNww=="),
    ];
    let reply = call_s3(
        access,
        "PUT",
        "/demo-bucket/a%20b.txt",
        &headers,
        b"hello world",
    )
    .await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("etag"), "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"");
    assert_eq!(reply.header("x-amz-server-side-encryption"), "aes256");

    let path = "/demo-bucket/a%20b.txt";
    let reply = call_s3(access, "GET", path, &[], b"").await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "hello world"));
    assert_eq!(reply.header("content-type"), "text/plain");
    assert_eq!(reply.header("x-amz-meta-owner"), "student");
    for (range, text, shown) in [
        ("bytes=0-4", "hello", "bytes 0-4/11"),
        ("bytes=6-", "world", "bytes 6-10/11"),
        ("bytes=-3", "rld", "bytes 8-10/11"),
    ] {
        let reply = call_s3(access, "GET", path, &[("range", range)], b"").await;
        assert_eq!((reply.status, reply.body.as_str()), (206, text));
        assert_eq!(reply.header("content-range"), shown);
    }
    let reply = call_s3(access, "GET", path, &[("range", "bytes=11-")], b"").await;
    assert_error(
        &reply,
        416,
        "InvalidRange",
        "The requested range is not satisfiable",
    );

    let reply = call_s3(access, "HEAD", path, &[], b"").await;
    assert_eq!(
        (reply.status, reply.header("content-length")),
        (200, "11"),
        "{reply:?}"
    );
    assert_eq!(call_s3(access, "DELETE", path, &[], b"").await.status, 204);
    assert_eq!(call_s3(access, "DELETE", path, &[], b"").await.status, 204);
    let reply = call_s3(access, "GET", path, &[], b"").await;
    assert_error(
        &reply,
        404,
        "NoSuchKey",
        "The specified key does not exist.",
    );
    let left = std::fs::read_dir(server.state.path().join("s3/objects"))
        .unwrap()
        .count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn conditions_decide_about_reads_and_writes() {
    let server = with_bucket().await;
    let access = server.access();
    put(&server, "key", b"one").await;
    let path = "/demo-bucket/key";
    let etag = "\"f97c5d29941bfb1b2fdab0874906ab82\"";
    let get = async |header| call_s3(access, "GET", path, &[header], b"").await.status;
    assert_eq!(get(("if-match", etag)).await, 200);
    assert_eq!(get(("if-match", "\"other\"")).await, 412);
    assert_eq!(get(("if-none-match", etag)).await, 304);
    assert_eq!(get(("if-none-match", "\"other\"")).await, 200);
    let past = "Wed, 01 Jan 2020 00:00:00 GMT";
    assert_eq!(get(("if-modified-since", past)).await, 200);
    assert_eq!(get(("if-unmodified-since", past)).await, 412);

    let reply = call_s3(access, "PUT", path, &[("if-none-match", "*")], b"two").await;
    assert_error(
        &reply,
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
    );
    let reply = call_s3(access, "PUT", path, &[("if-match", etag)], b"two").await;
    assert_eq!(reply.status, 200);
    let reply = call_s3(access, "GET", path, &[], b"").await;
    assert_eq!(reply.body, "two");
}

#[tokio::test]
async fn damaged_uploads_are_refused_and_leave_nothing() {
    let server = with_bucket().await;
    let access = server.access();
    let path = "/demo-bucket/key";
    let put = async |header| call_s3(access, "PUT", path, &[header], b"hello").await;
    assert_error(
        &put(("content-md5", "XrY7u+Ae7tCTyyK7j1rNww==")).await,
        400,
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
    );
    assert_error(
        &put(("content-md5", "short")).await,
        400,
        "InvalidDigest",
        "The Content-MD5 you specified was invalid.",
    );
    assert_error(
        &put(("x-amz-checksum-crc32", "AAAAAA==")).await,
        400,
        "BadDigest",
        "The CRC32 you specified did not match the calculated checksum.",
    );
    let mut request = s3(access, "PUT", path, &[], b"hello");
    request.sign(&keys(access), &access.region, "s3", SystemTime::now());
    request.body = b"HELLO".to_vec();
    assert_error(
        &request.send(access).await,
        400,
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
    let reply = put(("x-amz-checksum-crc32", "NhCmhg==")).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let mode = [("x-amz-checksum-mode", "ENABLED")];
    let reply = call_s3(access, "HEAD", path, &mode, b"").await;
    assert_eq!(reply.header("x-amz-checksum-crc32"), "nhcmhg==");
    for directory in ["objects", "partial"] {
        let left = std::fs::read_dir(server.state.path().join("s3").join(directory))
            .unwrap()
            .count();
        assert_eq!(left, usize::from(directory == "objects"), "{directory}");
    }
}

#[tokio::test]
async fn bodies_above_the_limit_of_the_json_services_stream() {
    let server = with_bucket().await;
    let body = vec![b'x'; 9 * 1024 * 1024];
    put(&server, "big", &body).await;
    let reply = call_s3(server.access(), "GET", "/demo-bucket/big", &[], b"").await;
    assert_eq!(reply.body.len(), body.len());
}

#[tokio::test]
async fn keys_are_listed_in_pages_and_rolled_up() {
    let server = with_bucket().await;
    let access = server.access();
    for key in ["a", "dir/1", "dir/2", "dir/sub/3", "dir0", "z"] {
        put(&server, key, b"").await;
    }
    let list = async |query: &str| {
        let path = format!("/demo-bucket?{query}");
        let reply = call_s3(access, "GET", &path, &[], b"").await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply
    };
    let names = |reply: &Reply, element: &str| -> Vec<String> {
        let open = format!("<{element}>");
        let parts = reply.body.split(&open).skip(1);
        parts
            .map(|part| part.split("</").next().unwrap().to_owned())
            .collect()
    };
    let reply = list("list-type=2").await;
    assert_eq!(
        names(&reply, "Key"),
        ["a", "dir/1", "dir/2", "dir/sub/3", "dir0", "z"]
    );
    assert_eq!(reply.element("KeyCount"), "6");
    let reply = list("delimiter=%2F&list-type=2").await;
    assert_eq!(names(&reply, "Key"), ["a", "dir0", "z"]);
    assert!(reply.body.contains("<CommonPrefixes><Prefix>dir/</Prefix>"));
    let reply = list("delimiter=%2F&list-type=2&prefix=dir%2F").await;
    assert_eq!(names(&reply, "Key"), ["dir/1", "dir/2"]);
    assert!(
        reply
            .body
            .contains("<CommonPrefixes><Prefix>dir/sub/</Prefix>")
    );

    // Page by page, a common prefix counts as one and comes once.
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let after = match token.as_str() {
            "" => String::new(),
            token => format!("continuation-token={token}&"),
        };
        let reply = list(&format!("{after}delimiter=%2F&list-type=2&max-keys=1")).await;
        seen.extend(names(&reply, "Key"));
        seen.extend(names(&reply, "CommonPrefixes"));
        token = reply.element("NextContinuationToken").to_owned();
        assert_eq!(
            reply.element("IsTruncated"),
            (!token.is_empty()).to_string()
        );
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
    let reply = list("marker=dir%2F2&max-keys=2").await;
    assert_eq!(names(&reply, "Key"), ["dir/sub/3", "dir0"]);
    assert_eq!(reply.element("IsTruncated"), "true");
    let reply = list("list-type=2&start-after=dir0").await;
    assert_eq!(names(&reply, "Key"), ["z"]);
}

#[tokio::test]
async fn buckets_have_their_rules() {
    let server = with_bucket().await;
    let access = server.access();
    let reply = call_s3(access, "PUT", "/demo-bucket", &[], LOCATION).await;
    assert_eq!(
        (reply.status, reply.element("Code")),
        (409, "BucketAlreadyOwnedByYou")
    );
    let reply = call_s3(access, "PUT", "/elsewhere", &[], b"").await;
    assert_eq!(
        (reply.status, reply.element("Code")),
        (400, "IllegalLocationConstraintException")
    );
    let reply = call_s3(access, "PUT", "/Bad_Name", &[], LOCATION).await;
    assert_error(
        &reply,
        400,
        "InvalidBucketName",
        "The specified bucket is not valid.",
    );
    let reply = call_s3(access, "GET", "/demo-bucket?location=", &[], b"").await;
    assert!(reply.body.contains(">eu-central-1<"), "{reply:?}");
    let reply = call_s3(access, "GET", "/", &[], b"").await;
    assert_eq!(reply.element("Name"), "demo-bucket");
    let versioning = b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let reply = call_s3(access, "PUT", "/demo-bucket?versioning=", &[], versioning).await;
    assert_eq!(
        (reply.status, reply.element("Code")),
        (501, "NotImplemented")
    );
    let reply = call_s3(access, "GET", "/demo-bucket?acl=", &[], b"").await;
    assert_error(
        &reply,
        501,
        "NotImplemented",
        "GetBucketAcl is an operation of S3 that the local AWS does not have. Leave it out, or use a bucket on AWS.",
    );

    put(&server, "key", b"").await;
    let reply = call_s3(access, "DELETE", "/demo-bucket", &[], b"").await;
    assert_error(
        &reply,
        409,
        "BucketNotEmpty",
        "The bucket you tried to delete is not empty",
    );
    let delete =
        b"<Delete><Object><Key>key</Key></Object><Object><Key>other</Key></Object></Delete>";
    let reply = call_s3(access, "POST", "/demo-bucket?delete=", &[], delete).await;
    assert_eq!(reply.body.matches("<Deleted>").count(), 2, "{reply:?}");
    let reply = call_s3(access, "DELETE", "/demo-bucket", &[], b"").await;
    assert_eq!(reply.status, 204);
    let reply = call_s3(access, "GET", "/demo-bucket?list-type=2", &[], b"").await;
    assert_error(
        &reply,
        404,
        "NoSuchBucket",
        "The specified bucket does not exist",
    );
}

#[tokio::test]
async fn tags_encryption_and_access_settings_are_kept() {
    let server = with_bucket().await;
    let access = server.access();
    let get = async |query: &str| {
        let path = format!("/demo-bucket?{query}=");
        call_s3(access, "GET", &path, &[], b"").await
    };
    assert_error(
        &get("tagging").await,
        404,
        "NoSuchTagSet",
        "The TagSet does not exist",
    );
    let tags = b"<Tagging><TagSet><Tag><Key>team</Key><Value>ops</Value></Tag></TagSet></Tagging>";
    let reply = call_s3(access, "PUT", "/demo-bucket?tagging=", &[], tags).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(get("tagging").await.element("Value"), "ops");
    assert_eq!(get("encryption").await.element("SSEAlgorithm"), "AES256");
    let kms = b"<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
    call_s3(access, "PUT", "/demo-bucket?encryption=", &[], kms).await;
    put(&server, "key", b"").await;
    let reply = call_s3(access, "HEAD", "/demo-bucket/key", &[], b"").await;
    assert_eq!(reply.header("x-amz-server-side-encryption"), "aws:kms");
    let block = get("publicAccessBlock").await;
    assert_eq!(block.element("BlockPublicAcls"), "true", "{block:?}");
    assert_eq!(get("policy").await.element("Code"), "NoSuchBucketPolicy");
}

#[tokio::test]
async fn bucket_settings_of_stacks_are_kept() {
    let server = with_bucket().await;
    let access = server.access();
    let call = async |method: &'static str, query: &str, body: &str| {
        let path = format!("/demo-bucket?{query}=");
        call_s3(access, method, &path, &[], body.as_bytes()).await
    };
    let owner = call("GET", "ownershipControls", "").await;
    assert_eq!(owner.element("ObjectOwnership"), "BucketOwnerEnforced");
    let preferred = "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule></OwnershipControls>";
    let put = call("PUT", "ownershipControls", preferred).await;
    assert_eq!(put.status, 200, "{put:?}");
    let owner = call("GET", "ownershipControls", "").await;
    assert_eq!(owner.element("ObjectOwnership"), "BucketOwnerPreferred");
    assert_eq!(call("DELETE", "ownershipControls", "").await.status, 204);
    let owner = call("GET", "ownershipControls", "").await;
    assert_eq!(owner.element("Code"), "OwnershipControlsNotFoundError");

    let none = call("GET", "lifecycle", "").await;
    let text = "The lifecycle configuration does not exist";
    assert_error(&none, 404, "NoSuchLifecycleConfiguration", text);
    let rule = |rest: &str| {
        format!(
            "<LifecycleConfiguration><Rule><Status>Enabled</Status>{rest}</Rule></LifecycleConfiguration>"
        )
    };
    let expires = "<ID>logs</ID><Filter><And><Prefix>logs/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></And></Filter><Expiration><Days>14</Days></Expiration>";
    let put = call("PUT", "lifecycle", &rule(expires)).await;
    assert_eq!(put.status, 200, "{put:?}");
    let kept = call("GET", "lifecycle", "").await;
    let seen = [
        kept.element("ID"),
        kept.element("Prefix"),
        kept.element("Days"),
    ];
    assert_eq!(seen, ["logs", "logs/", "14"], "{kept:?}");
    let moves =
        "<Filter/><Transition><Days>1</Days><StorageClass>GLACIER</StorageClass></Transition>";
    let moved = call("PUT", "lifecycle", &rule(moves)).await;
    assert_eq!(
        (moved.status, moved.element("Code")),
        (501, "NotImplemented")
    );
    let wrong = call(
        "PUT",
        "lifecycle",
        &rule("<Filter/><Expiration><Days>0</Days></Expiration>"),
    )
    .await;
    let text = "'Days' for Expiration action must be a positive integer";
    assert_error(&wrong, 400, "InvalidArgument", text);
    assert_eq!(call("DELETE", "lifecycle", "").await.status, 204);

    let policy = |resource: &str| {
        format!(
            r#"{{"Statement":[{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"{resource}"}}]}}"#
        )
    };
    let foreign = call("PUT", "policy", &policy("arn:aws:s3:::other/*")).await;
    assert_error(
        &foreign,
        400,
        "MalformedPolicy",
        "Policy has invalid resource",
    );
    let put = call("PUT", "policy", &policy("arn:aws:s3:::demo-bucket/*")).await;
    assert_eq!(put.status, 204, "{put:?}");
}

#[tokio::test]
async fn signatures_that_are_wrong_have_the_answers_of_s3() {
    let server = with_bucket().await;
    let access = server.access();
    put(&server, "key", b"").await;
    let now = SystemTime::now();
    let signed = async |keys: &aws_credential_types::Credentials, region: &str, at| {
        let mut request = s3(access, "GET", "/demo-bucket/key", &[], b"");
        request.sign(keys, region, "s3", at);
        request.send(access).await
    };
    let good = keys(access);
    let id = good.access_key_id();
    let wrong = aws_credential_types::Credentials::new(id, "wrong", None, None, "test");
    let reply = signed(&wrong, "eu-central-1", now).await;
    assert_error(
        &reply,
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    );
    let unknown = aws_credential_types::Credentials::new("AKIAX", "wrong", None, None, "test");
    let reply = signed(&unknown, "eu-central-1", now).await;
    assert_error(
        &reply,
        403,
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    );
    let reply = signed(&good, "eu-central-1", now - Duration::from_secs(3600)).await;
    assert_error(
        &reply,
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
    );
    let reply = signed(&good, "us-east-1", now).await;
    assert_error(
        &reply,
        400,
        "AuthorizationHeaderMalformed",
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'",
    );
    assert_eq!(reply.element("Region"), "eu-central-1");
    let unsigned = s3(access, "GET", "/demo-bucket/key", &[], b"");
    let reply = unsigned.send(access).await;
    assert_error(&reply, 403, "AccessDenied", "Access Denied");
}

#[tokio::test]
async fn a_bucket_has_a_host_name_below_localhost() {
    let server = with_bucket().await;
    let access = server.access();
    put(&server, "key", b"hello").await;
    let port = access.endpoint.rsplit_once(':').unwrap().1;
    let host = format!("demo-bucket.localhost:{port}");
    let mut request = s3(access, "GET", "/key", &[], b"");
    request.set("host", &host);
    request.sign(&keys(access), &access.region, "s3", SystemTime::now());
    let reply = request.send(access).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "hello"));
    let mut request = s3(access, "GET", "/key", &[], b"");
    request.set("host", &format!("demo-bucket.example.org:{port}"));
    request.sign(&keys(access), &access.region, "s3", SystemTime::now());
    assert_eq!(request.send(access).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_objects_survive_a_kill_and_files_without_an_object_go_away() {
    let state = tempfile::tempdir().unwrap();
    let (mut child, access) = serve(state.path());
    call_s3(&access, "PUT", "/demo-bucket", &[], LOCATION).await;
    for number in 0..20 {
        let path = format!("/demo-bucket/{number}");
        let body = number.to_string();
        let reply = call_s3(&access, "PUT", &path, &[], body.as_bytes()).await;
        assert_eq!(reply.status, 200);
    }
    child.kill();
    // What is left of a write between its file and its record.
    let stray = state.path().join("s3/objects/stray");
    std::fs::write(&stray, "x").unwrap();

    let (mut child, access) = serve(state.path());
    for number in 0..20 {
        let path = format!("/demo-bucket/{number}");
        let reply = call_s3(&access, "GET", &path, &[], b"").await;
        assert_eq!(reply.body, number.to_string());
    }
    let gone = async {
        while stray.exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.unwrap();
    child.kill();
}

#[tokio::test]
async fn without_a_signature_s3_denies_access_in_its_own_words() {
    let server = TestServer::start().await;
    for path in ["/", "/nobody", "/nobody/key"] {
        let request = s3(server.access(), "GET", path, &[], b"");
        let reply = request.send(server.access()).await;
        let code = reply.element("Code");
        assert!(
            matches!(code, "AccessDenied" | "NoSuchBucket"),
            "{path}: {reply:?}"
        );
        assert!(!reply.element("Message").is_empty(), "{path}: {reply:?}");
    }
}
