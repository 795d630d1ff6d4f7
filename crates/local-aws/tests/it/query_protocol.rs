//! What is the same for all query services: how they are addressed, and how they refuse.

use std::time::SystemTime;

use crate::raw::form;
use crate::raw::keys;
use crate::raw::unsigned_form;
use crate::server::TestServer;

const ACTION: (&str, &str) = ("Action", "GetCallerIdentity");

#[tokio::test]
async fn an_action_or_version_that_is_none_is_refused_in_the_services_own_namespace() {
    let server = TestServer::start().await;
    let access = server.access();
    let keys = keys(access);
    for (service, parameters, code, message) in [
        (
            "iam",
            &[("Action", "MakeTea")][..],
            "InvalidAction",
            "Could not find operation MakeTea for version 2010-05-08",
        ),
        (
            "iam",
            &[("Action", "ListRoles"), ("Version", "2011-06-15")],
            "InvalidAction",
            "Could not find operation ListRoles for version 2011-06-15",
        ),
        (
            "sts",
            &[],
            "MissingAction",
            "The request must contain the parameter Action.",
        ),
        (
            "rds",
            &[("Action", "DescribeEvents")],
            "InvalidAction",
            "The local AWS has no service that signs as 'rds' and takes forms. It has \
             CloudFormation, EC2, IAM, SNS and STS.",
        ),
    ] {
        let reply = form(access, &keys, service, parameters).await;
        let seen = (
            reply.status,
            reply.element("Code"),
            reply.element("Message"),
        );
        assert_eq!(seen, (400, code, message), "{reply:?}");
        assert_eq!(reply.element("Type"), "Sender");
        let namespace = format!("xmlns=\"https://{service}.amazonaws.com/doc/");
        assert!(
            service == "rds" || reply.body.contains(&namespace),
            "{reply:?}"
        );
        assert!(!reply.element("RequestId").is_empty());
    }
}

#[tokio::test]
async fn a_request_may_be_in_the_query_string_too() {
    let server = TestServer::start().await;
    let access = server.access();
    let mut request = unsigned_form(access, "sts", &[ACTION]);
    request.method = "GET";
    request.path = format!(
        "/?{}",
        String::from_utf8(std::mem::take(&mut request.body)).unwrap()
    );
    request.remove("content-type");
    let unsigned = request.send(access).await;
    assert_eq!(
        (unsigned.status, unsigned.element("Code")),
        (403, "MissingAuthenticationToken")
    );
    request.sign(&keys(access), &access.region, "sts", SystemTime::now());
    let reply = request.send(access).await;
    assert_eq!(
        reply.element("Arn"),
        "arn:aws:iam::123456789012:user/student",
        "{reply:?}"
    );
}

#[tokio::test]
async fn iam_and_sts_may_be_signed_for_the_region_that_they_are_in_on_aws() {
    let server = TestServer::start().await;
    let access = server.access();
    for (service, region, parameters, code) in [
        ("sts", "us-east-1", ACTION, ""),
        ("iam", "us-east-1", ("Action", "ListRoles"), ""),
        (
            "iam",
            "eu-west-1",
            ("Action", "ListRoles"),
            "SignatureDoesNotMatch",
        ),
        (
            "sns",
            "us-east-1",
            ("Action", "ListTopics"),
            "SignatureDoesNotMatch",
        ),
    ] {
        let mut request = unsigned_form(access, service, &[parameters]);
        request.sign(&keys(access), region, service, SystemTime::now());
        let reply = request.send(access).await;
        assert_eq!(reply.element("Code"), code, "{reply:?}");
    }
}

#[tokio::test]
async fn inputs_that_break_the_model_are_named_as_aws_names_them() {
    let server = TestServer::start().await;
    let access = server.access();
    let keys = keys(access);
    for (parameters, code, message) in [
        (
            &[("Action", "GetRole")][..],
            "ValidationError",
            "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: \
             Member must not be null",
        ),
        (
            &[("Action", "GetRole"), ("RoleName", "ä b")],
            "ValidationError",
            "1 validation error detected: Value 'ä b' at 'roleName' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [\\w+=,.@-]+",
        ),
        (
            &[("Action", "ListRoles"), ("MaxItems", "0")],
            "ValidationError",
            "1 validation error detected: Value '0' at 'maxItems' failed to satisfy constraint: \
             Member must have value greater than or equal to 1",
        ),
        (
            &[("Action", "ListRoles"), ("MaxItems", "many")],
            "MalformedInput",
            "The value 'many' of the parameter MaxItems is not a whole number.",
        ),
        (
            &[
                ("Action", "TagRole"),
                ("RoleName", "r"),
                ("Tags.member.1.Value", "v"),
            ],
            "ValidationError",
            "1 validation error detected: Value null at 'tags.1.key' failed to satisfy constraint: \
             Member must not be null",
        ),
    ] {
        let reply = form(access, &keys, "iam", parameters).await;
        assert_eq!(
            (
                reply.status,
                reply.element("Code"),
                reply.element("Message")
            ),
            (400, code, message)
        );
    }
}
