//! AssumeRole, and what its keys are good for.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use local_aws::Access;

use crate::raw::Reply;
use crate::raw::Request;
use crate::raw::form;
use crate::raw::keys;
use crate::server::TestServer;

const ROLE: &str = "arn:aws:iam::123456789012:role/ops";

async fn iam(access: &Access, parameters: &[(&str, &str)]) {
    let reply = form(access, &keys(access), "iam", parameters).await;
    assert_eq!(reply.status, 200, "{parameters:?}: {reply:?}");
}

async fn create(access: &Access, name: &str, principal: &str, condition: &str) {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"{condition}}}}}"#
    );
    let parameters = [
        ("Action", "CreateRole"),
        ("RoleName", name),
        ("AssumeRolePolicyDocument", &trust),
    ];
    iam(access, &parameters).await;
}

async fn assume(
    access: &Access,
    keys: &Credentials,
    role: &str,
    further: &[(&str, &str)],
) -> Reply {
    let parameters = [
        &[
            ("Action", "AssumeRole"),
            ("RoleArn", role),
            ("RoleSessionName", "me"),
        ],
        further,
    ];
    form(access, keys, "sts", &parameters.concat()).await
}

fn session(reply: &Reply) -> Credentials {
    assert_eq!(reply.status, 200, "{reply:?}");
    let (id, secret) = (
        reply.element("AccessKeyId"),
        reply.element("SecretAccessKey"),
    );
    let token = reply.element("SessionToken").to_owned();
    Credentials::new(id, secret, Some(token), None, "test")
}

#[tokio::test]
async fn the_keys_of_an_assumed_role_are_accepted_by_every_service() {
    let server = TestServer::start().await;
    let access = server.access();
    create(access, "ops", "arn:aws:iam::123456789012:user/student", "").await;
    let reply = assume(access, &keys(access), ROLE, &[]).await;
    let session_arn = "arn:aws:sts::123456789012:assumed-role/ops/me";
    assert_eq!(reply.element("Arn"), session_arn);
    assert!(reply.element("AssumedRoleId").ends_with(":me"));
    assert!(reply.element("Expiration").ends_with('Z'));
    let keys = session(&reply);
    let identity = form(access, &keys, "sts", &[("Action", "GetCallerIdentity")]).await;
    assert_eq!(identity.element("Arn"), session_arn);
    assert_eq!(identity.element("UserId"), reply.element("AssumedRoleId"));
    let mut list = Request::new(access, "CodeBuild_20161006.ListProjects", "{}");
    list.sign(&keys, &access.region, "codebuild", SystemTime::now());
    assert_eq!(list.send(access).await.status, 200);
    let mut buckets = crate::raw::s3(access, "GET", "/", &[], b"");
    buckets.sign(&keys, &access.region, "s3", SystemTime::now());
    assert_eq!(buckets.send(access).await.status, 200);
    let id = Credentials::new(
        keys.access_key_id(),
        keys.secret_access_key(),
        None,
        None,
        "test",
    );
    let without_token = form(access, &id, "sts", &[("Action", "GetCallerIdentity")]).await;
    assert_eq!(without_token.element("Code"), "InvalidClientTokenId");
}

#[tokio::test]
async fn a_role_that_does_not_trust_the_caller_and_one_that_is_not_there_look_the_same() {
    let server = TestServer::start().await;
    let access = server.access();
    let condition = r#","Condition":{"StringEquals":{"sts:ExternalId":"secret"}}"#;
    create(access, "ops", "arn:aws:iam::123456789012:root", condition).await;
    for (role, further) in [
        (ROLE, &[][..]),
        (ROLE, &[("ExternalId", "other")]),
        ("arn:aws:iam::123456789012:role/nobody", &[]),
        ("arn:aws:iam::210987654321:role/ops", &[]),
        (
            "arn:aws:iam::123456789012:role/service-role/codebuild-demo",
            &[],
        ),
    ] {
        let reply = assume(access, &keys(access), role, further).await;
        assert_eq!(
            (
                reply.status,
                reply.element("Code"),
                reply.element("Message")
            ),
            (
                403,
                "AccessDenied",
                format!(
                    "User: arn:aws:iam::123456789012:user/student is not authorized to perform: \
                     sts:AssumeRole on resource: {role}"
                )
                .as_str()
            )
        );
    }
    let reply = assume(access, &keys(access), ROLE, &[("ExternalId", "secret")]).await;
    session(&reply);
}

#[tokio::test]
async fn a_role_that_assumes_another_needs_both_policies() {
    let server = TestServer::start().await;
    let access = server.access();
    create(access, "first", "123456789012", "").await;
    create(access, "ops", "123456789012", "").await;
    let first = "arn:aws:iam::123456789012:role/first";
    let first = session(&assume(access, &keys(access), first, &[]).await);
    let denied = assume(access, &first, ROLE, &[]).await;
    assert_eq!(denied.element("Code"), "AccessDenied", "{denied:?}");
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"sts:*","Resource":"{ROLE}"}}}}"#
    );
    let parameters = [
        ("Action", "PutRolePolicy"),
        ("RoleName", "first"),
        ("PolicyName", "p"),
        ("PolicyDocument", &policy),
    ];
    iam(access, &parameters).await;
    session(&assume(access, &first, ROLE, &[]).await);
    let long = assume(access, &first, ROLE, &[("DurationSeconds", "3601")]).await;
    assert!(
        long.element("Message").contains("role chaining"),
        "{long:?}"
    );
}

#[tokio::test]
async fn a_session_is_no_longer_than_its_role_allows() {
    let server = TestServer::start().await;
    let access = server.access();
    create(access, "ops", "*", "").await;
    let mut messages = Vec::new();
    for seconds in ["899", "3601"] {
        let further = [("DurationSeconds", seconds)];
        let reply = assume(access, &keys(access), ROLE, &further).await;
        assert_eq!(reply.element("Code"), "ValidationError", "{reply:?}");
        messages.push(reply.element("Message").to_owned());
    }
    assert!(messages[0].contains("'durationSeconds'"), "{messages:?}");
    assert!(
        messages[1].contains("exceeds the MaxSessionDuration"),
        "{messages:?}"
    );
    let reply = assume(access, &keys(access), "role/ops-of-somebody", &[]).await;
    assert_eq!(reply.element("Message"), "role/ops-of-somebody is invalid");
}

#[tokio::test]
async fn the_sdk_assumes_a_role_and_is_told_why_not() {
    let server = TestServer::start().await;
    let access = server.access();
    create(access, "ops", "123456789012", "").await;
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(&access.endpoint)
        .region(aws_sdk_sts::config::Region::new(access.region.clone()))
        .credentials_provider(keys(access))
        .build();
    let client = aws_sdk_sts::Client::from_conf(config);
    let assume = |role: &str| {
        let assume = client.assume_role().role_session_name("me");
        assume.role_arn(role).duration_seconds(900).send()
    };
    let assumed = assume(ROLE).await.unwrap();
    let expires = assumed.credentials().unwrap().expiration().secs();
    let seconds = expires - aws_sdk_sts::primitives::DateTime::from(SystemTime::now()).secs();
    assert!((880..=900).contains(&seconds), "{seconds}");
    let error = assume("arn:aws:iam::123456789012:role/nobody")
        .await
        .unwrap_err();
    assert_eq!(
        error.into_service_error().meta().code(),
        Some("AccessDenied")
    );
}
