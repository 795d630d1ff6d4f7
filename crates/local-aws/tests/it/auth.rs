//! Signatures: every way to get one wrong has AWS's answer.

use std::time::Duration;
use std::time::SystemTime;

use aws_credential_types::Credentials;

use crate::raw::Reply;
use crate::raw::Request;
use crate::raw::keys;
use crate::raw::signed;
use crate::server::TestServer;

const TARGET: &str = "CodeBuild_20161006.ListProjects";

/// Sends a well-signed request after `bend` and returns the answer.
async fn bent(server: &TestServer, bend: impl FnOnce(&mut Request)) -> Reply {
    let mut request = signed(server.access(), TARGET, "{}");
    bend(&mut request);
    request.send(server.access()).await
}

/// Signs with something else than usual.
async fn signed_with(
    server: &TestServer,
    keys: &Credentials,
    region: &str,
    service: &str,
    at: SystemTime,
) -> Reply {
    let mut request = Request::new(server.access(), TARGET, "{}");
    request.sign(keys, region, service, at);
    request.send(server.access()).await
}

fn replace_in_authorization(request: &mut Request, from: &str, to: &str) {
    let header = request.get("authorization").to_owned();
    assert!(header.contains(from), "{header}");
    request.set("authorization", &header.replacen(from, to, 1));
}

#[track_caller]
fn assert_refused(reply: &Reply, error_type: &str, message: &str) {
    assert_eq!(
        (reply.status, reply.error_type().as_str()),
        (400, error_type),
        "{reply:?}"
    );
    assert!(reply.message().contains(message), "{reply:?}");
    assert!(reply.head.contains("x-amzn-requestid: "), "{reply:?}");
}

#[tokio::test]
async fn a_good_signature_is_accepted() {
    let server = TestServer::start().await;
    let reply = bent(&server, |_| {}).await;
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (200, r#"{"projects":[]}"#)
    );
}

#[tokio::test]
async fn unsigned_and_half_signed_requests() {
    let server = TestServer::start().await;
    let reply = bent(&server, |request| request.remove("authorization")).await;
    assert_refused(
        &reply,
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    );

    let reply = bent(&server, |request| {
        request.path = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256".to_owned()
    })
    .await;
    assert_refused(
        &reply,
        "InvalidSignatureException",
        "Found both 'X-Amz-Algorithm' as a query-string param",
    );

    let reply = bent(&server, |request| {
        request.set("authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e")
    })
    .await;
    assert_refused(
        &reply,
        "IncompleteSignatureException",
        "Authorization header requires 'Signature' parameter. Authorization header requires \
         'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 Credential=",
    );

    let reply = bent(&server, |request| request.remove("x-amz-date")).await;
    assert_refused(
        &reply,
        "IncompleteSignatureException",
        "existence of either a 'X-Amz-Date' or a 'Date' header",
    );

    let reply = bent(&server, |request| {
        replace_in_authorization(request, "/aws4_request", "")
    })
    .await;
    assert_refused(
        &reply,
        "IncompleteSignatureException",
        "Credential must have exactly 5 slash-delimited elements",
    );

    let reply = bent(&server, |request| {
        replace_in_authorization(request, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512")
    })
    .await;
    assert_refused(
        &reply,
        "IncompleteSignatureException",
        "Unsupported AWS 'algorithm'",
    );

    let reply = bent(&server, |request| request.set("x-amz-date", "yesterday")).await;
    assert_refused(
        &reply,
        "IncompleteSignatureException",
        "Date must be in ISO-8601 'basic format'. Got 'yesterday'",
    );
}

#[tokio::test]
async fn clocks_may_differ_by_five_minutes() {
    let server = TestServer::start().await;
    let keys = keys(server.access());
    let region = server.access().region.clone();
    let now = SystemTime::now();
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    for at in [now - minutes(4), now + minutes(4)] {
        let reply = signed_with(&server, &keys, &region, "codebuild", at).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    let reply = signed_with(&server, &keys, &region, "codebuild", now - minutes(6)).await;
    assert_refused(&reply, "InvalidSignatureException", "Signature expired: ");
    let reply = signed_with(&server, &keys, &region, "codebuild", now + minutes(6)).await;
    assert_refused(
        &reply,
        "InvalidSignatureException",
        "Signature not yet current: ",
    );
}

#[tokio::test]
async fn the_scope_must_be_this_service_and_region() {
    let server = TestServer::start().await;
    let keys = keys(server.access());
    let now = SystemTime::now();
    let reply = signed_with(&server, &keys, "us-east-1", "codebuild", now).await;
    assert_refused(
        &reply,
        "InvalidSignatureException",
        "Credential should be scoped to a valid region",
    );
    let reply = signed_with(&server, &keys, "eu-central-1", "s3", now).await;
    assert_refused(
        &reply,
        "InvalidSignatureException",
        "Credential should be scoped to correct service: 'codebuild'.",
    );
    let reply = bent(&server, |request| {
        replace_in_authorization(request, "aws4_request", "aws5_request")
    })
    .await;
    assert_refused(
        &reply,
        "InvalidSignatureException",
        "valid terminator: 'aws4_request'",
    );
    let reply = bent(&server, |request| {
        let day = request.get("x-amz-date")[..8].to_owned();
        replace_in_authorization(request, &day, "20200101");
    })
    .await;
    assert_refused(
        &reply,
        "InvalidSignatureException",
        "Date in Credential scope does not match YYYYMMDD",
    );
    let reply = bent(&server, |request| {
        replace_in_authorization(request, "host;", "")
    })
    .await;
    assert_refused(
        &reply,
        "InvalidSignatureException",
        "'Host' must be a 'SignedHeader'",
    );
}

#[tokio::test]
async fn wrong_keys_and_changed_requests() {
    let server = TestServer::start().await;
    let good = server.access().credentials.clone();
    let now = SystemTime::now();

    let unknown = Credentials::new(
        "AKIAIOSFODNN7EXAMPLE",
        &good.secret_access_key,
        None,
        None,
        "test",
    );
    let reply = signed_with(&server, &unknown, "eu-central-1", "codebuild", now).await;
    assert_refused(
        &reply,
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    );

    let session = Credentials::new(
        &good.access_key_id,
        &good.secret_access_key,
        Some("token".to_owned()),
        None,
        "test",
    );
    let reply = signed_with(&server, &session, "eu-central-1", "codebuild", now).await;
    assert_refused(
        &reply,
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    );

    let no_match = "The request signature we calculated does not match";
    let wrong = Credentials::new(&good.access_key_id, "wrong", None, None, "test");
    let reply = signed_with(&server, &wrong, "eu-central-1", "codebuild", now).await;
    assert_refused(&reply, "InvalidSignatureException", no_match);
    assert!(!reply.body.contains(&good.secret_access_key));

    let reply = bent(&server, |request| request.body = b"{ }".to_vec()).await;
    assert_refused(&reply, "InvalidSignatureException", no_match);
    let reply = bent(&server, |request| {
        request.set("x-amz-target", "CodeBuild_20161006.ListBuilds")
    })
    .await;
    assert_refused(&reply, "InvalidSignatureException", no_match);
    let reply = bent(&server, |request| request.path = "/?a=b".to_owned()).await;
    assert_refused(&reply, "InvalidSignatureException", no_match);
    let reply = bent(&server, |request| {
        replace_in_authorization(request, "SignedHeaders=", "SignedHeaders=absent;")
    })
    .await;
    assert_refused(&reply, "InvalidSignatureException", no_match);
}

#[tokio::test]
async fn keys_are_made_for_each_state_directory_and_only_their_owner_can_read_them() {
    use std::os::unix::fs::PermissionsExt;
    let (one, other) = (TestServer::start().await, TestServer::start().await);
    assert_ne!(
        one.access().credentials.secret_access_key,
        other.access().credentials.secret_access_key
    );
    for file in ["credentials.json", "endpoint.json"] {
        let metadata = std::fs::metadata(one.state.path().join(file)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{file}");
    }
    let shown = format!("{:?}", one.access());
    assert!(
        !shown.contains(&one.access().credentials.secret_access_key),
        "{shown}"
    );
}
