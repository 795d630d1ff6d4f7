//! Webhooks: what git servers send, and the builds that it starts.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use aws_sdk_codebuild::types::AuthType;
use aws_sdk_codebuild::types::Build;
use aws_sdk_codebuild::types::ServerType;
use aws_sdk_codebuild::types::SourceType;
use aws_sdk_codebuild::types::StatusType;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use serde_json::Value;
use serde_json::json;
use sha2::Sha256;

use crate::git_server::GitServer;
use crate::raw::Reply;
use crate::raw::Request;
use crate::raw::authority;
use crate::raw::call_json;
use crate::raw::call_s3;
use crate::raw::refusal;
use crate::server::TestServer;
use crate::server::create_project;
use crate::server::wait_for;

const GITHUB: &str = "https://github.com/owner/repo";

async fn call(server: &TestServer, operation: &str, input: Value) -> Value {
    let target = format!("CodeBuild_20161006.{operation}");
    call_json(server.access(), &target, input).await
}

async fn refused(server: &TestServer, operation: &str, input: Value) -> (String, String) {
    let target = format!("CodeBuild_20161006.{operation}");
    refusal(server.access(), &target, input).await
}

/// A server whose builds end before they ask for their source: no test asks GitHub.
async fn without_engine() -> TestServer {
    let server = TestServer::start().await;
    server.runner.unreachable.store(true, Ordering::SeqCst);
    server
}

/// A project `demo` with this source.
async fn project(server: &TestServer, source: Value) {
    create_project(&server.codebuild(), "demo", &[]).await;
    let input = json!({ "name": "demo", "source": source });
    call(server, "UpdateProject", input).await;
}

/// A project `demo` with source at GitHub and a webhook of one filter group.
async fn project_with_webhook(server: &TestServer, group: Value) -> Webhook {
    project(server, json!({ "type": "GITHUB", "location": GITHUB })).await;
    let input = json!({
        "projectName": "demo", "manualCreation": true, "filterGroups": [group],
    });
    Webhook::of(server, &call(server, "CreateWebhook", input).await)
}

/// Where events go and how they are signed.
struct Webhook {
    path: String,
    secret: String,
}

impl Webhook {
    fn of(server: &TestServer, output: &Value) -> Self {
        let webhook = &output["webhook"];
        let url = webhook["payloadUrl"].as_str().unwrap();
        let path = url.strip_prefix(&server.access().endpoint).unwrap();
        Self {
            path: path.to_owned(),
            secret: webhook["secret"].as_str().unwrap_or_default().to_owned(),
        }
    }

    /// Sends an event as GitHub does.
    async fn github(&self, server: &TestServer, event: &str, id: &str, body: &Value) -> Reply {
        let body = body.to_string();
        let headers = [
            ("user-agent", "GitHub-Hookshot/1c6af21"),
            ("x-github-event", event),
            ("x-github-delivery", id),
            ("x-hub-signature-256", &self.signature(&body)),
        ];
        self.send(server, &headers, body.as_bytes()).await
    }

    fn signature(&self, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let digest = mac.finalize().into_bytes();
        let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256={hexadecimal}")
    }

    async fn send(&self, server: &TestServer, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut all = vec![
            ("host".to_owned(), authority(server.access()).to_owned()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ];
        let headers = headers.iter();
        all.extend(headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let request = Request {
            method: "POST",
            path: self.path.clone(),
            headers: all,
            body: body.to_vec(),
        };
        request.send(server.access()).await
    }
}

fn answer(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{reply:?}");
    serde_json::from_str(&reply.body).unwrap()
}

/// The build that an answer names, when it is over.
async fn built(server: &TestServer, reply: &Reply) -> Build {
    let answer = answer(reply);
    let id = answer["buildId"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"));
    wait_for(&server.codebuild(), id, Build::build_complete).await
}

/// What the last build had in its environment, of this kind.
fn webhook_variables(server: &TestServer) -> HashMap<String, String> {
    let environments = server.runner.environments.lock().unwrap();
    let last = environments.last().unwrap().iter();
    let named = last.filter_map(|(name, value)| {
        let name = name.strip_prefix("CODEBUILD_WEBHOOK_")?;
        Some((name.to_owned(), value.clone()))
    });
    named.collect()
}

fn push(branch: &str, commit: &str) -> Value {
    json!({
        "ref": format!("refs/heads/{branch}"), "before": "0000", "after": commit,
        "head_commit": { "id": commit, "message": "Change it", "modified": ["src/a.rs"] },
        "commits": [], "sender": { "id": 42 },
    })
}

async fn builds(server: &TestServer) -> usize {
    let listed = call(server, "ListBuilds", json!({})).await;
    listed["ids"].as_array().unwrap().len()
}

/// A server with a project whose repository is at a git server of its own, with credentials.
async fn with_repository(source: Value) -> (TestServer, GitServer) {
    let server = TestServer::start().await;
    let git = GitServer::start("x-access-token:token").await;
    let import = server
        .codebuild()
        .import_source_credentials()
        .server_type(ServerType::GithubEnterprise)
        .auth_type(AuthType::PersonalAccessToken)
        .token("token");
    import.send().await.unwrap();
    let mut source = source;
    source["type"] = json!(SourceType::GithubEnterprise.as_str());
    source["location"] = json!(git.url);
    project(&server, source).await;
    (server, git)
}

#[tokio::test]
async fn a_push_builds_its_commit() {
    let (server, git) = with_repository(json!({})).await;
    let created = call(&server, "CreateWebhook", json!({ "projectName": "demo" })).await;
    let webhook = Webhook::of(&server, &created);
    let newest = git.push("second");
    assert_ne!(git.commit, newest);
    // Not the newest one, and not what a branch ends with.
    let event = push("main", &git.commit);
    let reply = webhook.github(&server, "push", "1", &event).await;
    let build = built(&server, &reply).await;
    assert_eq!(
        build.build_status(),
        Some(&StatusType::Succeeded),
        "{build:?}"
    );
    assert_eq!(build.initiator(), Some("GitHub-Hookshot/1c6af21"));
    assert_eq!(build.source_version(), Some(git.commit.as_str()));
    assert_eq!(build.resolved_source_version(), Some(git.commit.as_str()));
    let expected = [
        ("ACTOR_ACCOUNT_ID", "42"),
        ("EVENT", "PUSH"),
        ("HEAD_REF", "refs/heads/main"),
        ("PREV_COMMIT", "0000"),
        ("TRIGGER", "branch/main"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(webhook_variables(&server), HashMap::from(expected.clone()));

    let reply = webhook.github(&server, "push", "1", &event).await;
    assert_eq!(
        answer(&reply),
        json!({
            "message": format!("This delivery has started build {} before", build.id().unwrap()),
            "buildId": build.id(),
        })
    );
    assert_eq!(builds(&server).await, 1);

    let retry = server.codebuild().retry_build().id(build.id().unwrap());
    let retried = retry.send().await.unwrap();
    let id = retried.build_value().unwrap().id().unwrap();
    wait_for(&server.codebuild(), id, Build::build_complete).await;
    assert_eq!(webhook_variables(&server), HashMap::from(expected));
}

#[tokio::test]
async fn a_pull_request_builds_its_head() {
    let (server, git) = with_repository(json!({})).await;
    let input = json!({
        "projectName": "demo",
        "filterGroups": [[
            { "type": "EVENT", "pattern": "PULL_REQUEST_CREATED, PULL_REQUEST_MERGED" },
            { "type": "BASE_REF", "pattern": "^refs/heads/main$" },
        ]],
    });
    let webhook = Webhook::of(&server, &call(&server, "CreateWebhook", input).await);
    let commit = git.pull_request(7);
    let event = |action: &str, merged: bool, association: &str| {
        json!({
            "action": action, "number": 7, "sender": { "id": 42 },
            "pull_request": {
                "merged": merged, "merge_commit_sha": "abc", "author_association": association,
                "head": { "ref": "feature" }, "base": { "ref": "main" },
            },
        })
    };
    let send =
        async |id: &str, event: &Value| webhook.github(&server, "pull_request", id, event).await;
    let build = built(&server, &send("1", &event("opened", false, "MEMBER")).await).await;
    assert_eq!(build.source_version(), Some("pr/7"));
    assert_eq!(build.resolved_source_version(), Some(commit.as_str()));
    let variables = webhook_variables(&server);
    let of = |name: &str| variables.get(name).map(String::as_str);
    assert_eq!(of("EVENT"), Some("PULL_REQUEST_CREATED"));
    assert_eq!(of("BASE_REF"), Some("refs/heads/main"));
    assert_eq!(of("HEAD_REF"), Some("refs/heads/feature"));
    assert_eq!(of("TRIGGER"), Some("pr/7"));
    assert_eq!(of("MERGE_COMMIT"), None);

    built(&server, &send("2", &event("closed", true, "NONE")).await).await;
    assert_eq!(webhook_variables(&server)["MERGE_COMMIT"], "abc");

    let closed = answer(&send("3", &event("closed", false, "MEMBER")).await);
    let reason = "Filter group 1: the event is PULL_REQUEST_CLOSED, not PULL_REQUEST_CREATED, \
                  PULL_REQUEST_MERGED";
    assert_eq!(closed["reasons"], json!([reason]));
    let stranger = answer(&send("4", &event("opened", false, "NONE")).await);
    assert_eq!(
        stranger["message"],
        "Pull request approval required for starting a build"
    );
    let policy = json!({
        "projectName": "demo",
        "pullRequestBuildPolicy": { "requiresCommentApproval": "DISABLED" },
    });
    call(&server, "UpdateWebhook", policy).await;
    built(&server, &send("4", &event("opened", false, "NONE")).await).await;
    assert_eq!(builds(&server).await, 3);
}

#[tokio::test]
async fn a_webhook_can_start_batches() {
    let buildspec = "version: 0.2\nbatch:\n  build-list:\n    - identifier: one\nphases:\n  build:\n    commands:\n      - echo hi\n";
    let (server, git) = with_repository(json!({ "buildspec": buildspec })).await;
    let input = json!({
        "name": "demo",
        "buildBatchConfig": { "serviceRole": "arn:aws:iam::123456789012:role/service-role/codebuild-demo" },
    });
    call(&server, "UpdateProject", input).await;
    let input = json!({ "projectName": "demo", "buildType": "BUILD_BATCH" });
    let webhook = Webhook::of(&server, &call(&server, "CreateWebhook", input).await);
    let event = push("main", &git.commit);
    let reply = webhook.github(&server, "push", "1", &event).await;
    let id = answer(&reply)["buildBatchId"].as_str().unwrap().to_owned();
    let again = webhook.github(&server, "push", "1", &event).await;
    assert_eq!(answer(&again)["buildBatchId"], json!(id));
    let batch = loop {
        let input = json!({ "ids": [id] });
        let mut got = call(&server, "BatchGetBuildBatches", input).await;
        let batch = got["buildBatches"][0].take();
        if batch["complete"] == true {
            break batch;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(batch["buildBatchStatus"], "SUCCEEDED", "{batch}");
    assert_eq!(batch["initiator"], "GitHub-Hookshot/1c6af21");
    assert_eq!(webhook_variables(&server)["TRIGGER"], "branch/main");
    assert_eq!(builds(&server).await, 1);
}

#[tokio::test]
async fn only_those_who_know_the_secret_are_heard() {
    let server = without_engine().await;
    let group = json!([
        { "type": "EVENT", "pattern": "PUSH" },
        { "type": "HEAD_REF", "pattern": "^refs/heads/main$" },
        { "type": "FILE_PATH", "pattern": "^docs/", "excludeMatchedPattern": true },
    ]);
    let webhook = project_with_webhook(&server, group).await;
    let body = push("main", "abc").to_string();
    let wrong = format!("sha256={}", "0".repeat(64));
    let old = webhook.signature("another body");
    let unsigned = [("x-github-event", "push")];
    assert_eq!(
        webhook
            .send(&server, &unsigned, body.as_bytes())
            .await
            .status,
        401
    );
    for signature in [
        "",
        "sha256=",
        "sha256=zz",
        "sha256=0",
        wrong.as_str(),
        old.as_str(),
    ] {
        let headers = [
            ("x-github-event", "push"),
            ("x-hub-signature-256", signature),
        ];
        let reply = webhook.send(&server, &headers, body.as_bytes()).await;
        assert_eq!(reply.status, 401, "{signature}: {reply:?}");
        assert!(reply.message().contains("X-Hub-Signature-256"), "{reply:?}");
    }
    for path in ["/webhooks?t=nothing&v=1", "/webhooks?t="] {
        let nowhere = Webhook {
            path: path.to_owned(),
            secret: webhook.secret.clone(),
        };
        let reply = nowhere.send(&server, &unsigned, b"{}").await;
        assert_eq!(reply.status, 404, "{reply:?}");
    }
    let long = vec![b' '; 5 * 1024 * 1024];
    let reply = webhook.send(&server, &unsigned, &long).await;
    assert_eq!(reply.status, 413, "{reply:?}");
    let signature = webhook.signature("{");
    let headers = [
        ("x-github-event", "push"),
        ("x-hub-signature-256", &*signature),
    ];
    let reply = webhook.send(&server, &headers, b"{").await;
    assert_eq!(reply.status, 400, "{reply:?}");
    let ping = webhook.github(&server, "ping", "1", &json!({})).await;
    assert_eq!(answer(&ping), json!({ "message": "The webhook is there" }));
    let other = webhook
        .github(&server, "push", "2", &push("other", "abc"))
        .await;
    let reason = "Filter group 1: HEAD_REF refs/heads/other does not match ^refs/heads/main$";
    assert_eq!(answer(&other)["reasons"], json!([reason]));
    let endless = "a".repeat(5000);
    for event in [push(&endless, "abc"), push("main", &endless)] {
        let reply = webhook.github(&server, "push", "2", &event).await;
        assert_eq!(reply.status, 400, "{reply:?}");
    }
    assert_eq!(builds(&server).await, 0);

    let rotate = json!({ "projectName": "demo", "rotateSecret": true });
    let rotated = Webhook::of(&server, &call(&server, "UpdateWebhook", rotate).await);
    assert_eq!(rotated.path, webhook.path);
    let event = push("main", "abc");
    let before = webhook.github(&server, "push", "3", &event).await;
    assert_eq!(before.status, 401, "{before:?}");
    let now = rotated.github(&server, "push", "3", &event).await;
    assert!(answer(&now)["buildId"].is_string(), "{now:?}");
}

#[tokio::test]
async fn a_project_shows_its_webhook_without_the_secret() {
    let server = TestServer::start().await;
    let shown = async || {
        let got = call(&server, "BatchGetProjects", json!({ "names": ["demo"] })).await;
        got["projects"][0]["webhook"].clone()
    };
    project(&server, json!({ "type": "GITHUB", "location": GITHUB })).await;
    assert_eq!(shown().await, Value::Null);
    let plain = json!({ "projectName": "demo" });
    assert_eq!(
        refused(&server, "CreateWebhook", plain.clone()).await,
        (
            "ResourceNotFoundException".to_owned(),
            "Access token not found in CodeBuild project for server type github".to_owned()
        )
    );
    let manual = json!({
        "projectName": "demo", "manualCreation": true,
        "filterGroups": [[{ "type": "EVENT", "pattern": "PUSH" }]],
    });
    let created = call(&server, "CreateWebhook", manual).await["webhook"].take();
    let mut without = created.clone();
    without.as_object_mut().unwrap().remove("secret").unwrap();
    assert_eq!(shown().await, without);
    let group = json!([{ "type": "EVENT", "pattern": "PUSH", "excludeMatchedPattern": false }]);
    assert_eq!(without["filterGroups"], json!([group]));
    assert_eq!(without["buildType"], "BUILD");
    assert_eq!(without["status"], "ACTIVE");
    let roles = json!(["GITHUB_WRITE", "GITHUB_MAINTAIN", "GITHUB_ADMIN"]);
    let policy = json!({ "requiresCommentApproval": "ALL_PULL_REQUESTS", "approverRoles": roles });
    assert_eq!(without["pullRequestBuildPolicy"], policy);
    let again = refused(&server, "CreateWebhook", plain.clone()).await;
    assert_eq!(again.0, "ResourceAlreadyExistsException");

    let branch = json!({ "projectName": "demo", "branchFilter": "^main$" });
    call(&server, "UpdateWebhook", branch).await;
    let updated = shown().await;
    assert_eq!(updated["branchFilter"], "^main$");
    assert_eq!(updated["filterGroups"], Value::Null);
    assert_eq!(updated["payloadUrl"], created["payloadUrl"]);
    let all = json!({ "projectName": "demo", "branchFilter": "" });
    call(&server, "UpdateWebhook", all).await;
    assert_eq!(shown().await["branchFilter"], Value::Null);

    let source = json!({
        "name": "demo", "source": { "type": "CODECOMMIT", "location": "https://x/v1/repos/x" },
    });
    let (code, message) = refused(&server, "UpdateProject", source).await;
    assert_eq!(code, "InvalidInputException");
    assert!(message.contains("Delete the webhook"), "{message}");

    call(&server, "DeleteWebhook", plain.clone()).await;
    assert_eq!(shown().await, Value::Null);
    for operation in ["DeleteWebhook", "UpdateWebhook"] {
        let (code, _) = refused(&server, operation, plain.clone()).await;
        assert_eq!(code, "ResourceNotFoundException");
    }

    let import = json!({
        "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN", "token": "token",
    });
    call(&server, "ImportSourceCredentials", import).await;
    let created = call(&server, "CreateWebhook", plain).await;
    assert_eq!(created["webhook"]["secret"], Value::Null);
    let message = created["webhook"]["statusMessage"].as_str().unwrap();
    assert!(message.contains("registers nothing"), "{message}");
    let webhook = Webhook::of(&server, &created);
    call(&server, "DeleteProject", json!({ "name": "demo" })).await;
    let reply = webhook.send(&server, &[], b"{}").await;
    assert_eq!(reply.status, 404, "{reply:?}");
}

#[tokio::test]
async fn what_no_webhook_can_be_is_refused() {
    let server = TestServer::start().await;
    create_project(&server.codebuild(), "demo", &[]).await;
    let none = json!({ "projectName": "none", "manualCreation": true });
    let (code, _) = refused(&server, "CreateWebhook", none).await;
    assert_eq!(code, "ResourceNotFoundException");
    let plain = json!({ "projectName": "demo", "manualCreation": true });
    assert_eq!(
        refused(&server, "CreateWebhook", plain).await.1,
        "Webhooks are not supported for source type NO_SOURCE"
    );
    let source = json!({ "type": "GITHUB", "location": GITHUB });
    let input = json!({ "name": "demo", "source": source });
    call(&server, "UpdateProject", input).await;
    let push = json!([[{ "type": "EVENT", "pattern": "PUSH" }]]);
    for (input, expected) in [
        (json!({ "branchFilter": "(" }), "Invalid regular expression"),
        (
            json!({ "branchFilter": "x", "filterGroups": push }),
            "You cannot use branchFilter and filterGroups at the same time",
        ),
        (json!({ "filterGroups": [[]] }), "exactly one EVENT filter"),
        (
            json!({ "buildType": "RUNNER_BUILDKITE_BUILD" }),
            "Buildkite",
        ),
        (
            json!({ "scopeConfiguration": { "name": "g", "scope": "GITLAB_GROUP" } }),
            "scope GITLAB_GROUP is not supported",
        ),
    ] {
        let mut input = input;
        input["projectName"] = json!("demo");
        input["manualCreation"] = json!(true);
        let (code, message) = refused(&server, "CreateWebhook", input).await;
        assert_eq!(code, "InvalidInputException");
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn gitlab_says_the_secret_and_bitbucket_only_knows_the_url() {
    let server = without_engine().await;
    let source = json!({ "type": "GITLAB", "location": "https://gitlab.com/group/repo" });
    project(&server, source).await;
    let input = json!({ "projectName": "demo", "manualCreation": true });
    let webhook = Webhook::of(&server, &call(&server, "CreateWebhook", input).await);
    let body = json!({ "ref": "refs/heads/main", "after": "abc", "user_id": 4 }).to_string();
    let hook = ("x-gitlab-event", "Push Hook");
    for headers in [&[hook][..], &[hook, ("x-gitlab-token", "wrong")]] {
        let reply = webhook.send(&server, headers, body.as_bytes()).await;
        assert_eq!(reply.status, 401, "{reply:?}");
    }
    let headers = [
        hook,
        ("x-gitlab-token", &*webhook.secret),
        ("user-agent", "GitLab/17.0"),
    ];
    let reply = webhook.send(&server, &headers, body.as_bytes()).await;
    let id = answer(&reply)["buildId"].as_str().unwrap().to_owned();
    let build = wait_for(&server.codebuild(), &id, |build| {
        build.initiator().is_some()
    })
    .await;
    assert_eq!(build.initiator(), Some("GitLab/17.0"));
    let deleted = json!({ "projectName": "demo" });
    call(&server, "DeleteWebhook", deleted.clone()).await;

    let source = json!({ "type": "BITBUCKET", "location": "https://bitbucket.org/team/repo" });
    let input = json!({ "name": "demo", "source": source });
    call(&server, "UpdateProject", input).await;
    let import = json!({
        "serverType": "BITBUCKET", "authType": "BASIC_AUTH", "username": "u", "token": "t",
    });
    call(&server, "ImportSourceCredentials", import).await;
    let webhook = Webhook::of(&server, &call(&server, "CreateWebhook", deleted).await);
    let change = |name: &str| {
        let new = json!({ "type": "branch", "name": name, "target": { "hash": "abcdef0" } });
        json!({ "new": new })
    };
    let body = json!({ "push": { "changes": [change("a"), change("b")] } }).to_string();
    let headers = [("x-event-key", "repo:push"), ("x-request-uuid", "1")];
    let first = answer(&webhook.send(&server, &headers, body.as_bytes()).await);
    let again = answer(&webhook.send(&server, &headers, body.as_bytes()).await);
    let ids = |answer: &Value| {
        let changes = answer["changes"].as_array().unwrap().iter();
        changes
            .map(|change| change["buildId"].to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&first), ids(&again));
    assert_eq!(builds(&server).await, 3);
}

#[tokio::test]
async fn an_organizations_webhook_builds_the_repository_of_the_event() {
    let server = without_engine().await;
    let source =
        json!({ "type": "GITHUB", "location": "CODEBUILD_DEFAULT_WEBHOOK_SOURCE_LOCATION" });
    project(&server, source).await;
    let input = json!({
        "projectName": "demo", "manualCreation": true,
        "scopeConfiguration": { "name": "owner", "scope": "GITHUB_ORGANIZATION" },
        "filterGroups": [[
            { "type": "EVENT", "pattern": "PUSH" },
            { "type": "REPOSITORY_NAME", "pattern": "^app-" },
        ]],
    });
    let webhook = Webhook::of(&server, &call(&server, "CreateWebhook", input).await);
    let event = |name: &str| {
        let mut event = push("main", "abc");
        let url = format!("https://github.com/owner/{name}.git");
        event["repository"] = json!({ "name": name, "clone_url": url });
        event
    };
    let other = webhook.github(&server, "push", "1", &event("docs")).await;
    assert_eq!(answer(&other)["buildId"], Value::Null);
    let reply = webhook
        .github(&server, "push", "2", &event("app-web"))
        .await;
    let id = answer(&reply)["buildId"].as_str().unwrap().to_owned();
    let build = wait_for(&server.codebuild(), &id, |_| true).await;
    let location = build.source().unwrap().location();
    assert_eq!(location, Some("https://github.com/owner/app-web.git"));
}

#[tokio::test]
async fn a_bucket_named_webhooks_is_no_hindrance() {
    let server = TestServer::start().await;
    let group = json!([{ "type": "EVENT", "pattern": "PUSH" }]);
    let webhook = project_with_webhook(&server, group).await;
    let location = b"<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint></CreateBucketConfiguration>";
    let reply = call_s3(server.access(), "PUT", "/webhooks", &[], location).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let reply = webhook.github(&server, "ping", "1", &json!({})).await;
    answer(&reply);
    let delete = b"<Delete><Object><Key>x</Key></Object></Delete>";
    let reply = call_s3(server.access(), "POST", "/webhooks?delete", &[], delete).await;
    assert_ne!(reply.status, 404, "{reply:?}");
}
