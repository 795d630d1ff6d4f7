//! Source credentials, and git servers that want them.

use aws_sdk_codebuild::types::AuthType;
use aws_sdk_codebuild::types::Build;
use aws_sdk_codebuild::types::ProjectSource;
use aws_sdk_codebuild::types::ServerType;
use aws_sdk_codebuild::types::SourceAuth;
use aws_sdk_codebuild::types::SourceAuthType;
use aws_sdk_codebuild::types::SourceType;
use aws_sdk_codebuild::types::StatusType;
use serde_json::Value;
use serde_json::json;

use crate::git_server::GitServer;
use crate::raw::call_json;
use crate::raw::refusal;
use crate::server::TestServer;
use crate::server::log_text;
use crate::server::run_build;
use crate::sources::build_from;

const ARN: &str = "arn:aws:codebuild:eu-central-1:123456789012:token/github_enterprise";

async fn import(server: &TestServer, token: &str) -> String {
    let imported = server
        .codebuild()
        .import_source_credentials()
        .server_type(ServerType::GithubEnterprise)
        .auth_type(AuthType::PersonalAccessToken)
        .token(token)
        .send()
        .await
        .unwrap();
    imported.arn().unwrap().to_owned()
}

fn reason(build: &Build) -> &str {
    assert_eq!(build.build_status(), Some(&StatusType::Failed), "{build:?}");
    build.phases()[3].contexts()[0].message().unwrap()
}

#[tokio::test]
async fn a_private_repository_is_cloned_with_the_imported_token() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let git = GitServer::start("x-access-token:ghp_s3cret").await;
    let refused = "authentication required for primary source and source version ";
    let build = build_from(&client, SourceType::GithubEnterprise, &git.url).await;
    assert_eq!(reason(&build), refused);
    assert_eq!(git.logins(), [""; 0]);

    assert_eq!(import(&server, "wrong").await, ARN);
    assert_eq!(reason(&run_build(&client, "demo").await), refused);
    assert_eq!(git.logins(), ["x-access-token:wrong"]);

    import(&server, "ghp_s3cret").await;
    let build = run_build(&client, "demo").await;
    assert_eq!(
        build.build_status(),
        Some(&StatusType::Succeeded),
        "{build:?}"
    );
    assert_eq!(build.resolved_source_version(), Some(git.commit.as_str()));
    #[cfg(unix)]
    {
        let path = server.state.path().join("state.redb");
        let mode = std::fs::metadata(path).unwrap().permissions();
        let mode = std::os::unix::fs::PermissionsExt::mode(&mode);
        assert_eq!(mode & 0o777, 0o600);
    }
    let text = log_text(&server.logs(), &build).await;
    assert!(text.contains("source : buildspec.yml"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    let environments = format!("{:?}", server.runner.environments.lock().unwrap());
    assert!(!environments.contains("s3cret"), "{environments}");

    let deleted = client.delete_source_credentials().arn(ARN).send().await;
    assert_eq!(deleted.unwrap().arn(), Some(ARN));
    assert_eq!(reason(&run_build(&client, "demo").await), refused);
}

#[tokio::test]
async fn a_project_can_have_a_secret_with_credentials_of_its_own() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    let git = GitServer::start("oauth2:glpat-1").await;
    build_from(&client, SourceType::GitlabSelfManaged, &git.url).await;
    let secret = json!({
        "ServerType": "GITLAB_SELF_MANAGED",
        "AuthType": "PERSONAL_ACCESS_TOKEN",
        "Token": "glpat-1",
    });
    let input = json!({ "Name": "git", "SecretString": secret.to_string() });
    let created = call_json(server.access(), "secretsmanager.CreateSecret", input).await;
    let update = async |kind: SourceAuthType, resource: &str| {
        let auth = SourceAuth::builder()
            .r#type(kind)
            .resource(resource)
            .build()
            .unwrap();
        let source = ProjectSource::builder()
            .r#type(SourceType::GitlabSelfManaged)
            .location(&git.url)
            .auth(auth)
            .build()
            .unwrap();
        let update = client.update_project().name("demo").source(source);
        update.send().await.unwrap();
        run_build(&client, "demo").await
    };
    let arn = created["ARN"].as_str().unwrap();
    let build = update(SourceAuthType::SecretsManager, arn).await;
    assert_eq!(
        build.build_status(),
        Some(&StatusType::Succeeded),
        "{build:?}"
    );
    let input = json!({ "SecretId": "git", "SecretString": "glpat-1" });
    call_json(server.access(), "secretsmanager.PutSecretValue", input).await;
    let build = update(SourceAuthType::SecretsManager, arn).await;
    assert!(reason(&build).contains("must be JSON"), "{build:?}");
    assert!(!reason(&build).contains("glpat"), "{build:?}");
    let build = update(SourceAuthType::SecretsManager, "arn:aws:secretsmanager:x").await;
    assert_eq!(
        reason(&build),
        "Secrets Manager can't find the specified secret."
    );
    let connection = "arn:aws:codeconnections:eu-central-1:123456789012:connection/1";
    let build = update(SourceAuthType::Codeconnections, connection).await;
    let begin = format!("Access denied to connection {connection}: ");
    assert!(reason(&build).starts_with(&begin), "{build:?}");
}

#[tokio::test]
async fn tokens_go_in_and_do_not_come_out() {
    let server = TestServer::start().await;
    let call = async |operation: &str, input: Value| {
        let target = format!("CodeBuild_20161006.{operation}");
        call_json(server.access(), &target, input).await
    };
    let refused = async |operation: &str, input: Value| {
        let target = format!("CodeBuild_20161006.{operation}");
        refusal(server.access(), &target, input).await
    };
    let secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:git-AbCdEf";
    let basic = json!({
        "serverType": "BITBUCKET", "authType": "BASIC_AUTH", "username": "u", "token": "s3cret",
    });
    let kept = json!({
        "serverType": "GITHUB", "authType": "SECRETS_MANAGER", "token": secret,
    });
    call("ImportSourceCredentials", basic.clone()).await;
    call("ImportSourceCredentials", kept).await;
    let arn = |name: &str| format!("arn:aws:codebuild:eu-central-1:123456789012:token/{name}");
    let listed = call("ListSourceCredentials", json!({})).await;
    assert_eq!(
        listed["sourceCredentialsInfos"],
        json!([
            { "arn": arn("bitbucket"), "serverType": "BITBUCKET", "authType": "BASIC_AUTH" },
            {
                "arn": arn("github"), "serverType": "GITHUB", "authType": "SECRETS_MANAGER",
                "resource": secret,
            },
        ])
    );
    let mut again = basic;
    again["shouldOverwrite"] = json!(false);
    let already = "Access token with server type BITBUCKET already exists. Delete its source \
                   credential and try again.";
    assert_eq!(
        refused("ImportSourceCredentials", again).await,
        (
            "ResourceAlreadyExistsException".to_owned(),
            already.to_owned()
        )
    );
    for (name, code) in [
        (arn("gitlab"), "ResourceNotFoundException"),
        ("bitbucket".to_owned(), "InvalidInputException"),
    ] {
        let input = json!({ "arn": name });
        assert_eq!(refused("DeleteSourceCredentials", input).await.0, code);
    }
}
