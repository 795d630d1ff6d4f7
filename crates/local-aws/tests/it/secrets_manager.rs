//! Secrets Manager.

use serde_json::Value;
use serde_json::json;

use crate::raw::call_json;
use crate::raw::refusal;
use crate::server::TestServer;

const MISSING: &str = "Secrets Manager can't find the specified secret.";

async fn call(server: &TestServer, operation: &str, input: Value) -> Value {
    let target = format!("secretsmanager.{operation}");
    call_json(server.access(), &target, input).await
}

async fn refused(server: &TestServer, operation: &str, input: Value) -> (String, String) {
    let target = format!("secretsmanager.{operation}");
    refusal(server.access(), &target, input).await
}

async fn create(server: &TestServer, name: &str, value: &str) -> Value {
    let input = json!({ "Name": name, "SecretString": value });
    call(server, "CreateSecret", input).await
}

#[tokio::test]
async fn a_secret_has_a_current_and_a_previous_version() {
    let server = TestServer::start().await;
    let created = create(&server, "app/db", "one").await;
    let arn = created["ARN"].as_str().unwrap();
    let begin = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:app/db";
    assert!(
        arn.starts_with(begin) && arn.len() == begin.len() + 7,
        "{arn}"
    );
    let input = json!({ "SecretId": "app/db", "SecretString": "two" });
    let put = call(&server, "PutSecretValue", input).await;
    assert_eq!(put["VersionStages"], json!(["AWSCURRENT"]));

    let get = async |input: Value| {
        let output = call(&server, "GetSecretValue", input).await;
        output["SecretString"].as_str().unwrap().to_owned()
    };
    for id in ["app/db", arn, begin] {
        assert_eq!(get(json!({ "SecretId": id })).await, "two");
    }
    let previous = json!({ "SecretId": "app/db", "VersionStage": "AWSPREVIOUS" });
    assert_eq!(get(previous).await, "one");
    let by_id = json!({ "SecretId": "app/db", "VersionId": created["VersionId"] });
    assert_eq!(get(by_id).await, "one");

    let other_end = format!("{begin}-XXXXXX");
    let input = json!({ "SecretId": other_end });
    assert_eq!(
        refused(&server, "GetSecretValue", input).await,
        ("ResourceNotFoundException".to_owned(), MISSING.to_owned())
    );
    let input = json!({ "SecretId": "app/db", "VersionStage": "BLUE" });
    let (code, message) = refused(&server, "GetSecretValue", input).await;
    assert_eq!(code, "ResourceNotFoundException");
    assert_eq!(
        message,
        "Secrets Manager can't find the specified secret value for staging label: BLUE"
    );

    let back = json!({
        "SecretId": "app/db", "VersionStage": "AWSCURRENT",
        "MoveToVersionId": created["VersionId"], "RemoveFromVersionId": put["VersionId"]
    });
    call(&server, "UpdateSecretVersionStage", back).await;
    assert_eq!(get(json!({ "SecretId": "app/db" })).await, "one");
    let described = call(&server, "DescribeSecret", json!({ "SecretId": "app/db" })).await;
    let second = put["VersionId"].as_str().unwrap();
    assert_eq!(
        described["VersionIdsToStages"][second],
        json!(["AWSPREVIOUS"])
    );
    assert!(!described.to_string().contains("one\""), "{described}");
}

#[tokio::test]
async fn a_request_token_makes_a_write_happen_once() {
    let server = TestServer::start().await;
    let token = "0123456789abcdef0123456789abcdef";
    let input =
        |value: &str| json!({ "Name": "s", "SecretString": value, "ClientRequestToken": token });
    let first = call(&server, "CreateSecret", input("x")).await;
    assert_eq!(first["VersionId"], token);
    assert_eq!(call(&server, "CreateSecret", input("x")).await, first);
    let (code, _) = refused(&server, "CreateSecret", input("y")).await;
    assert_eq!(code, "ResourceExistsException");
    let plain = json!({ "Name": "s", "SecretString": "z" });
    assert_eq!(
        refused(&server, "CreateSecret", plain).await,
        (
            "ResourceExistsException".to_owned(),
            "The operation failed because the secret s already exists.".to_owned()
        )
    );
    let both = json!({ "Name": "t", "SecretString": "x", "SecretBinary": "AAAA" });
    let (code, _) = refused(&server, "CreateSecret", both).await;
    assert_eq!(code, "InvalidParameterException");
}

#[tokio::test]
async fn a_deleted_secret_can_be_restored_unless_it_was_forced() {
    let server = TestServer::start().await;
    create(&server, "s", "x").await;
    let id = json!({ "SecretId": "s" });
    let deleted = call(&server, "DeleteSecret", id.clone()).await;
    assert!(deleted["DeletionDate"].is_number(), "{deleted}");
    assert_eq!(
        refused(&server, "GetSecretValue", id.clone()).await,
        (
            "InvalidRequestException".to_owned(),
            "You can't perform this operation on the secret because it was marked for deletion."
                .to_owned()
        )
    );
    let again = json!({ "Name": "s", "SecretString": "y" });
    let (code, message) = refused(&server, "CreateSecret", again).await;
    assert_eq!(code, "InvalidRequestException");
    assert!(
        message.contains("already scheduled for deletion"),
        "{message}"
    );
    assert_eq!(
        call(&server, "ListSecrets", json!({})).await["SecretList"],
        json!([])
    );
    call(&server, "RestoreSecret", id.clone()).await;
    let value = call(&server, "GetSecretValue", id.clone()).await;
    assert_eq!(value["SecretString"], "x");

    let both =
        json!({ "SecretId": "s", "ForceDeleteWithoutRecovery": true, "RecoveryWindowInDays": 7 });
    let (code, _) = refused(&server, "DeleteSecret", both).await;
    assert_eq!(code, "InvalidParameterException");
    let force = json!({ "SecretId": "s", "ForceDeleteWithoutRecovery": true });
    call(&server, "DeleteSecret", force.clone()).await;
    call(&server, "DeleteSecret", force).await;
    let (code, message) = refused(&server, "DescribeSecret", id).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("ResourceNotFoundException", MISSING)
    );
}

#[tokio::test]
async fn secrets_are_listed_filtered_and_read_together() {
    let server = TestServer::start().await;
    for name in ["app/a", "app/b", "other"] {
        create(&server, name, name).await;
    }
    let tag = json!({ "SecretId": "other", "Tags": [{ "Key": "team", "Value": "ops" }] });
    call(&server, "TagResource", tag).await;
    let list = async |key: &str, value: &str| {
        let input = json!({
            "Filters": [{ "Key": key, "Values": [value] }], "SortOrder": "asc"
        });
        let output = call(&server, "ListSecrets", input).await;
        let secrets = output["SecretList"].as_array().unwrap();
        let names: Vec<&str> = secrets
            .iter()
            .map(|one| one["Name"].as_str().unwrap())
            .collect();
        names.join(" ")
    };
    assert_eq!(list("name", "app/").await, "app/a app/b");
    assert_eq!(list("tag-key", "team").await, "other");
    let page = call(&server, "ListSecrets", json!({ "MaxResults": 2 })).await;
    let next = json!({ "MaxResults": 2, "NextToken": page["NextToken"] });
    let page = call(&server, "ListSecrets", next).await;
    assert_eq!(page["SecretList"].as_array().unwrap().len(), 1);
    let batch = json!({ "SecretIdList": ["app/a", "nope"] });
    let output = call(&server, "BatchGetSecretValue", batch).await;
    assert_eq!(output["SecretValues"][0]["SecretString"], "app/a");
    assert_eq!(output["Errors"][0]["Message"], MISSING);
    let output = call(&server, "GetRandomPassword", json!({})).await;
    assert_eq!(output["RandomPassword"].as_str().unwrap().len(), 32);
}
