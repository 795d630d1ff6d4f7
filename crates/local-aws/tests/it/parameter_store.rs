//! Systems Manager Parameter Store.

use serde_json::Value;
use serde_json::json;

use crate::raw::call_json;
use crate::raw::refusal;
use crate::server::TestServer;

async fn call(server: &TestServer, operation: &str, input: Value) -> Value {
    call_json(server.access(), &format!("AmazonSSM.{operation}"), input).await
}

async fn refused(server: &TestServer, operation: &str, input: Value) -> (String, String) {
    refusal(server.access(), &format!("AmazonSSM.{operation}"), input).await
}

async fn put(server: &TestServer, name: &str, value: &str) {
    let input = json!({ "Name": name, "Value": value, "Type": "String" });
    call(server, "PutParameter", input).await;
}

fn names(page: &Value) -> Vec<&str> {
    let parameters = page["Parameters"].as_array().unwrap();
    let names = parameters.iter().map(|parameter| &parameter["Name"]);
    names.map(|name| name.as_str().unwrap()).collect()
}

#[tokio::test]
async fn values_have_versions_and_labels() {
    let server = TestServer::start().await;
    put(&server, "/app/url", "one").await;
    let again = json!({ "Name": "/app/url", "Value": "two", "Type": "String" });
    assert_eq!(
        refused(&server, "PutParameter", again).await,
        (
            "ParameterAlreadyExists".to_owned(),
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.".to_owned()
        )
    );
    let over = json!({ "Name": "/app/url", "Value": "two", "Overwrite": true });
    let output = call(&server, "PutParameter", over).await;
    assert_eq!(output, json!({ "Version": 2, "Tier": "Standard" }));
    let label = json!({ "Name": "/app/url", "ParameterVersion": 1, "Labels": ["prod", "1bad"] });
    let output = call(&server, "LabelParameterVersion", label).await;
    assert_eq!(output["InvalidLabels"], json!(["1bad"]));

    for (name, value) in [
        ("/app/url", "two"),
        ("/app/url:1", "one"),
        ("/app/url:prod", "one"),
        (
            "arn:aws:ssm:eu-central-1:123456789012:parameter/app/url",
            "two",
        ),
    ] {
        let output = call(&server, "GetParameter", json!({ "Name": name })).await;
        assert_eq!(output["Parameter"]["Value"], value, "{name}");
        assert_eq!(output["Parameter"]["Name"], "/app/url");
        assert_eq!(
            output["Parameter"]["ARN"],
            "arn:aws:ssm:eu-central-1:123456789012:parameter/app/url"
        );
    }
    let (code, message) = refused(&server, "GetParameter", json!({ "Name": "/app/url:9" })).await;
    assert_eq!(code, "ParameterVersionNotFound");
    assert_eq!(
        message,
        "Systems Manager could not find version 9 of /app/url. Verify the version and try again."
    );
    let (code, message) = refused(&server, "GetParameter", json!({ "Name": "/nope" })).await;
    assert_eq!((code.as_str(), message.as_str()), ("ParameterNotFound", ""));
    let history = call(
        &server,
        "GetParameterHistory",
        json!({ "Name": "/app/url" }),
    )
    .await;
    assert_eq!(history["Parameters"][0]["Labels"], json!(["prod"]));
    assert_eq!(history["Parameters"][1]["Value"], "two");
}

#[tokio::test]
async fn a_secure_string_is_shown_only_when_it_is_decrypted() {
    let server = TestServer::start().await;
    let input = json!({ "Name": "password", "Value": "hunter2", "Type": "SecureString" });
    call(&server, "PutParameter", input).await;
    let several = json!({ "Names": ["password", "nope"] });
    let output = call(&server, "GetParameters", several).await;
    assert_eq!(output["InvalidParameters"], json!(["nope"]));
    let shown = output["Parameters"][0]["Value"].as_str().unwrap();
    assert!(
        shown.starts_with("AQICA") && !shown.contains("hunter2"),
        "{shown}"
    );
    let decrypted = json!({ "Name": "password", "WithDecryption": true });
    let output = call(&server, "GetParameter", decrypted).await;
    assert_eq!(output["Parameter"]["Value"], "hunter2");
    let output = call(&server, "DescribeParameters", json!({})).await;
    assert_eq!(output["Parameters"][0]["KeyId"], "alias/aws/ssm");
    assert!(!output.to_string().contains("hunter2"));
}

#[tokio::test]
async fn hierarchies_are_listed_in_pages() {
    let server = TestServer::start().await;
    for name in ["/app/a", "/app/b", "/app/deep/c", "/apple", "other"] {
        put(&server, name, "x").await;
    }
    let list = async |input: Value| call(&server, "GetParametersByPath", input).await;
    let page = list(json!({ "Path": "/app" })).await;
    assert_eq!(names(&page), ["/app/a", "/app/b"]);
    let page = list(json!({ "Path": "/app/", "Recursive": true, "MaxResults": 2 })).await;
    assert_eq!(names(&page), ["/app/a", "/app/b"]);
    let next = json!({
        "Path": "/app/", "Recursive": true, "MaxResults": 2, "NextToken": page["NextToken"]
    });
    let page = list(next).await;
    assert_eq!(names(&page), ["/app/deep/c"]);
    assert_eq!(page["NextToken"], Value::Null);

    let describe = async |key: &str, option: &str, value: &str| {
        let filter = json!({ "Key": key, "Option": option, "Values": [value] });
        let input = json!({ "ParameterFilters": [filter] });
        let page = call(&server, "DescribeParameters", input).await;
        names(&page).join(" ")
    };
    assert_eq!(
        describe("Name", "BeginsWith", "/app/").await,
        "/app/a /app/b /app/deep/c"
    );
    assert_eq!(describe("Name", "Contains", "th").await, "other");
    assert_eq!(describe("Path", "OneLevel", "/app").await, "/app/a /app/b");
}

#[tokio::test]
async fn parameters_are_tagged_and_deleted() {
    let server = TestServer::start().await;
    put(&server, "a", "x").await;
    let resource = json!({ "ResourceType": "Parameter", "ResourceId": "a" });
    let mut tag = resource.clone();
    tag["Tags"] = json!([{ "Key": "team", "Value": "ops" }, { "Key": "env", "Value": "dev" }]);
    call(&server, "AddTagsToResource", tag).await;
    let mut untag = resource.clone();
    untag["TagKeys"] = json!(["env"]);
    call(&server, "RemoveTagsFromResource", untag).await;
    let output = call(&server, "ListTagsForResource", resource.clone()).await;
    assert_eq!(
        output["TagList"],
        json!([{ "Key": "team", "Value": "ops" }])
    );
    let tags = json!([{ "Key": "AWS:x", "Value": "" }]);
    let mut tag = resource.clone();
    tag["Tags"] = tags.clone();
    let new = json!({ "Name": "b", "Type": "String", "Value": "x", "Tags": tags });
    for (operation, input) in [("AddTagsToResource", tag), ("PutParameter", new)] {
        let (code, message) = refused(&server, operation, input).await;
        assert_eq!(code, "ValidationException");
        assert!(message.starts_with("aws: prefixed tag key"), "{message}");
    }
    let output = call(&server, "DeleteParameters", json!({ "Names": ["a", "b"] })).await;
    assert_eq!(
        output,
        json!({ "DeletedParameters": ["a"], "InvalidParameters": ["b"] })
    );
    let (code, _) = refused(&server, "DeleteParameter", json!({ "Name": "a" })).await;
    assert_eq!(code, "ParameterNotFound");
    let (code, _) = refused(&server, "ListTagsForResource", resource).await;
    assert_eq!(code, "InvalidResourceId");
}

#[tokio::test]
async fn inputs_that_break_a_rule_are_refused() {
    let server = TestServer::start().await;
    for (input, code, message) in [
        (
            json!({ "Name": "a", "Value": "x" }),
            "ValidationException",
            "A parameter type is required when you create a parameter.",
        ),
        (
            json!({ "Name": "a/b", "Value": "x", "Type": "String" }),
            "ValidationException",
            "Parameter name must be a fully qualified name.",
        ),
        (
            json!({ "Name": "a", "Value": "x", "Type": "Text" }),
            "ValidationException",
            "1 validation error detected: Value 'Text' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]",
        ),
        (
            json!({ "Name": "a", "Value": "x", "Type": "String", "AllowedPattern": "\\d+" }),
            "ParameterPatternMismatchException",
            "Parameter value, cannot be validated against allowedPattern: \\d+",
        ),
        (
            json!({ "Value": "x" }),
            "ValidationException",
            "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
        ),
    ] {
        assert_eq!(
            refused(&server, "PutParameter", input).await,
            (code.to_owned(), message.to_owned())
        );
    }
    let long = json!({ "Name": "a", "Value": "x".repeat(4097), "Type": "String" });
    let (_, message) = refused(&server, "PutParameter", long).await;
    assert!(
        message.starts_with(
            "Standard tier parameters support a maximum parameter value of 4096 characters."
        ),
        "{message}"
    );
    let (code, message) = refused(&server, "PutInventory", json!({})).await;
    assert_eq!(code, "UnknownOperationException");
    assert!(message.contains("PutInventory"), "{message}");
}
