//! Resource policies, lists of what is shared, public projects, curated images.

use serde_json::Value;
use serde_json::json;

use crate::raw::call_json;
use crate::raw::refusal;
use crate::server::TestServer;
use crate::server::create_project;
use crate::server::run_build;

const PROJECT: &str = "arn:aws:codebuild:eu-central-1:123456789012:project/demo";

fn target(operation: &str) -> String {
    format!("CodeBuild_20161006.{operation}")
}

async fn call(server: &TestServer, operation: &str, input: Value) -> Value {
    call_json(server.access(), &target(operation), input).await
}

async fn refused(server: &TestServer, operation: &str, input: Value) -> (String, String) {
    refusal(server.access(), &target(operation), input).await
}

fn policy(resource: &str) -> Value {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::210987654321:root" },
        "Action": ["codebuild:BatchGetProjects"], "Resource": resource }] })
}

#[tokio::test]
async fn a_policy_belongs_to_a_project_or_report_group_as_long_as_that_is_there() {
    let server = TestServer::start().await;
    create_project(&server.codebuild(), "demo", &[]).await;
    let group = json!({ "name": "tests", "type": "TEST",
                        "exportConfig": { "exportConfigType": "NO_EXPORT" } });
    let reply = call(&server, "CreateReportGroup", group).await;
    let group = reply["reportGroup"]["arn"].as_str().unwrap().to_owned();
    for arn in [PROJECT, &group] {
        let absent = (
            "ResourceNotFoundException".to_owned(),
            format!("Resource policy cannot be found: {arn}"),
        );
        let asked = json!({ "resourceArn": arn });
        assert_eq!(
            refused(&server, "GetResourcePolicy", asked.clone()).await,
            absent
        );
        let text = policy(arn).to_string();
        let input = json!({ "resourceArn": arn, "policy": text });
        assert_eq!(
            call(&server, "PutResourcePolicy", input.clone()).await["resourceArn"],
            arn
        );
        let reply = call(&server, "GetResourcePolicy", asked.clone()).await;
        assert_eq!(reply["policy"], text.as_str());
        call(&server, "DeleteResourcePolicy", asked.clone()).await;
        call(&server, "DeleteResourcePolicy", asked.clone()).await;
        assert_eq!(
            refused(&server, "GetResourcePolicy", asked.clone()).await,
            absent
        );

        call(&server, "PutResourcePolicy", input.clone()).await;
        if arn == PROJECT {
            call(&server, "DeleteProject", json!({ "name": "demo" })).await;
        } else {
            call(&server, "DeleteReportGroup", json!({ "arn": arn })).await;
        }
        assert_eq!(refused(&server, "GetResourcePolicy", asked).await, absent);
        let (code, message) = refused(&server, "PutResourcePolicy", input).await;
        assert_eq!(code, "ResourceNotFoundException");
        assert!(
            message.ends_with(&format!("cannot be found: {arn}")),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_policy_that_is_none_is_refused_with_a_reason() {
    let server = TestServer::start().await;
    create_project(&server.codebuild(), "demo", &[]).await;
    let changed = |member: &str, value: Value| {
        let mut policy = policy(PROJECT);
        policy["Statement"][0][member] = value;
        policy.to_string()
    };
    let cases = [
        ("{".to_owned(), "must be a JSON object"),
        ("[]".to_owned(), "must be a JSON object"),
        ("{}".to_owned(), "must have a Statement"),
        (
            json!({ "Version": "1", "Statement": [{}] }).to_string(),
            "Version",
        ),
        (changed("Effect", json!("Maybe")), "Effect"),
        (changed("Principal", Value::Null), "Principal"),
        (changed("Action", json!("s3:GetObject")), "Action"),
        (
            changed("Resource", json!(format!("{PROJECT}2"))),
            "Resource",
        ),
    ];
    for (policy, text) in cases {
        let input = json!({ "resourceArn": PROJECT, "policy": policy });
        let (code, message) = refused(&server, "PutResourcePolicy", input).await;
        assert_eq!(code, "InvalidInputException");
        assert!(message.contains(text), "{message}");
    }
    for arn in [
        "demo",
        "arn:aws:codebuild:eu-central-1:123456789012:fleet/a:b",
        "arn:aws:s3:::b",
    ] {
        let (code, _) = refused(&server, "GetResourcePolicy", json!({ "resourceArn": arn })).await;
        assert_eq!(code, "InvalidInputException", "{arn}");
    }
}

#[tokio::test]
async fn nobody_else_shares_anything_but_the_lists_check_their_input() {
    let server = TestServer::start().await;
    for (operation, member) in [
        ("ListSharedProjects", "projects"),
        ("ListSharedReportGroups", "reportGroups"),
    ] {
        let input = json!({ "sortBy": "ARN", "sortOrder": "DESCENDING", "maxResults": 5 });
        let reply = call(&server, operation, input).await;
        assert_eq!(reply, json!({ member: [] }));
        let (code, _) = refused(&server, operation, json!({ "maxResults": 101 })).await;
        assert_eq!(code, "ValidationException");
        let (code, _) = refused(&server, operation, json!({ "sortBy": "NAME" })).await;
        assert_eq!(code, "ValidationException");
        let (code, message) = refused(&server, operation, json!({ "nextToken": "x" })).await;
        assert_eq!(
            (code.as_str(), message.as_str()),
            ("InvalidInputException", "Invalid token provided")
        );
    }
}

#[tokio::test]
async fn builds_of_a_public_project_know_their_public_url() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    let seen = |build: usize| {
        let environments = server.runner.environments.lock().unwrap();
        let found = environments[build]
            .iter()
            .find(|(name, _)| name == "CODEBUILD_PUBLIC_BUILD_URL");
        found.map(|(_, value)| value.clone())
    };
    run_build(&client, "demo").await;
    assert_eq!(seen(0), None);

    let role = "arn:aws:iam::123456789012:role/public";
    let input = json!({ "projectArn": PROJECT, "projectVisibility": "PUBLIC_READ",
                        "resourceAccessRole": role });
    let reply = call(&server, "UpdateProjectVisibility", input).await;
    assert_eq!(reply["projectArn"], PROJECT);
    assert_eq!(reply["projectVisibility"], "PUBLIC_READ");
    let alias = reply["publicProjectAlias"].as_str().unwrap().to_owned();
    let project = async || {
        let reply = call(&server, "BatchGetProjects", json!({ "names": ["demo"] })).await;
        reply["projects"][0].clone()
    };
    let shown = project().await;
    assert_eq!(shown["projectVisibility"], "PUBLIC_READ");
    assert_eq!(shown["publicProjectAlias"], alias.as_str());
    assert_eq!(shown["resourceAccessRole"], role);
    let build = run_build(&client, "demo").await;
    let uuid = build.id().unwrap().strip_prefix("demo:").unwrap();
    let url = format!("https://eu-central-1.codebuild.aws.amazon.com/project/{alias}/build/{uuid}");
    assert_eq!(seen(1), Some(url));
    // A retry is a build of the project as it is now.
    let retried = call(&server, "RetryBuild", json!({ "id": build.id() })).await;
    let id = retried["build"]["id"].as_str().unwrap().to_owned();
    crate::server::wait_for(&client, &id, |build| build.build_complete()).await;
    assert!(
        seen(2)
            .unwrap()
            .ends_with(id.strip_prefix("demo:").unwrap())
    );

    let input = json!({ "projectArn": PROJECT, "projectVisibility": "PRIVATE" });
    let reply = call(&server, "UpdateProjectVisibility", input).await;
    assert!(reply.get("publicProjectAlias").is_none(), "{reply}");
    let shown = project().await;
    assert!(shown.get("publicProjectAlias").is_none(), "{shown}");
    assert_eq!(shown["resourceAccessRole"], role);
    run_build(&client, "demo").await;
    assert_eq!(seen(3), None);

    // The URL of the project stays the same.
    let input = json!({ "projectArn": PROJECT, "projectVisibility": "PUBLIC_READ" });
    let reply = call(&server, "UpdateProjectVisibility", input).await;
    assert_eq!(reply["publicProjectAlias"], alias.as_str());

    for (arn, code) in [
        ("demo", "InvalidInputException"),
        (&format!("{PROJECT}2"), "ResourceNotFoundException"),
    ] {
        let input = json!({ "projectArn": arn, "projectVisibility": "PRIVATE" });
        assert_eq!(
            refused(&server, "UpdateProjectVisibility", input).await.0,
            code
        );
    }
}

#[tokio::test]
async fn the_images_that_codebuild_provides_are_listed_by_platform_and_language() {
    let server = TestServer::start().await;
    let reply = call(&server, "ListCuratedEnvironmentImages", json!({})).await;
    assert_eq!(reply.as_object().unwrap().len(), 1);
    let mut names = Vec::new();
    for platform in reply["platforms"].as_array().unwrap() {
        assert!(platform["platform"].is_string());
        for language in platform["languages"].as_array().unwrap() {
            assert!(language["language"].is_string());
            for image in language["images"].as_array().unwrap() {
                let name = image["name"].as_str().unwrap();
                assert!(name.starts_with("aws/codebuild/"), "{name}");
                assert!(image["description"].is_string());
                for version in image["versions"].as_array().unwrap() {
                    let version = version.as_str().unwrap();
                    assert!(version.starts_with(&format!("{name}-")), "{version}");
                }
                names.push(name);
            }
        }
    }
    assert!(names.contains(&"aws/codebuild/standard:7.0"), "{names:?}");
    let mut unique = names.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), names.len(), "{names:?}");
}
