//! CodeCommit as a git remote: git itself clones and pushes.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use aws_sdk_codebuild::types::Build;
use aws_sdk_codebuild::types::StatusType;
use build_engine::HostRoute;
use local_aws::EngineChoice;
use local_aws::LocalAws;
use serde_json::Value;
use serde_json::json;
use tokio::process::Command;

use crate::docker::engine;
use crate::event_bridge::TOPIC;
use crate::event_bridge::topic_with_mailbox;
use crate::event_bridge::wait_for_emails;
use crate::raw::authority;
use crate::raw::call_json;
use crate::raw::form;
use crate::raw::keys;
use crate::server::PATIENCE;
use crate::server::TestServer;
use crate::server::config;
use crate::server::create_project;
use crate::server::create_role;
use crate::server::finished;
use crate::server::log_text;
use crate::server::start_held;
use crate::server::wait_for;
use crate::sources::build_from;

/// A credential helper in shell, over openssl: it shares no code with what it tests.
const HELPER: &str = r#"!f() {
test "$1" = get || exit 0
path=; while IFS== read -r key value; do case $key in path) path=/$value;; host) host=${value%%:*};; esac; done
now=$(date -u +%Y%m%dT%H%M%S); day=${now%T*}
hash=$(printf 'GIT\n%s\n\nhost:%s\n\nhost\n' "$path" "$host" | openssl dgst -sha256 -r | cut -d' ' -f1)
hmac() { openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -r | cut -d' ' -f1; }
key=$(printf AWS4%s "$SECRET" | od -An -v -tx1 | tr -d ' \n')
for part in "$day" eu-central-1 codecommit aws4_request; do key=$(printf %s "$part" | hmac "$key"); done
signature=$(printf 'AWS4-HMAC-SHA256\n%s\n%s/eu-central-1/codecommit/aws4_request\n%s' "$now" "$day" "$hash" | hmac "$key")
printf 'username=%s\npassword=%sZ%s\n' "$ID" "$now" "$signature"
}; f"#;

/// Runs git with the credentials of a student.
async fn git(server: &TestServer, directory: &Path, arguments: &[&str]) -> Output {
    let keys = &server.access().credentials;
    let login = (keys.access_key_id.as_str(), keys.secret_access_key.as_str());
    git_as(login, directory, arguments).await
}

async fn git_as(login: (&str, &str), directory: &Path, arguments: &[&str]) -> Output {
    let helper = format!("credential.helper={HELPER}");
    Command::new("git")
        .current_dir(directory)
        .args(["-c", "credential.useHttpPath=true", "-c", &helper])
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(arguments)
        .env("ID", login.0)
        .env("SECRET", login.1)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .output()
        .await
        .unwrap()
}

async fn done(server: &TestServer, directory: &Path, arguments: &[&str]) -> String {
    let output = git(server, directory, arguments).await;
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

async fn call(server: &TestServer, operation: &str, input: Value) -> Value {
    let target = format!("CodeCommit_20150413.{operation}");
    call_json(server.access(), &target, input).await
}

fn url(server: &TestServer, name: &str) -> String {
    format!("http://{}/v1/repos/{name}", authority(server.access()))
}

/// A server with the empty repository `demo`, and a working tree with one commit on `trunk` and this
/// repository as its `origin`.
async fn with_tree() -> (TestServer, tempfile::TempDir) {
    let server = TestServer::start().await;
    let tree = tree_for(&server).await;
    (server, tree)
}

async fn tree_for(server: &TestServer) -> tempfile::TempDir {
    let input = json!({ "repositoryName": "demo" });
    call(server, "CreateRepository", input).await;
    let tree = tempfile::tempdir().unwrap();
    let at = tree.path();
    done(server, at, &["init", "--quiet", "--initial-branch=trunk"]).await;
    std::fs::write(at.join("buildspec.yml"), crate::server::BUILDSPEC).unwrap();
    done(server, at, &["add", "."]).await;
    done(server, at, &["commit", "--quiet", "-m", "first"]).await;
    done(
        server,
        at,
        &["remote", "add", "origin", &url(server, "demo")],
    )
    .await;
    tree
}

#[tokio::test]
async fn git_pushes_and_clones_and_the_first_branch_is_the_default_one() {
    let (server, tree) = with_tree().await;
    let at = tree.path();
    // Longer than what git sends at once: chunks, and packed with gzip where git does so.
    let noise: Vec<u8> = (0..3_000_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    std::fs::write(at.join("noise"), &noise).unwrap();
    done(&server, at, &["add", "."]).await;
    done(&server, at, &["commit", "--quiet", "-m", "noise"]).await;
    done(&server, at, &["push", "--quiet", "origin", "trunk"]).await;
    let commit = done(&server, at, &["rev-parse", "HEAD"]).await;
    let input = json!({ "repositoryName": "demo" });
    let metadata = call(&server, "GetRepository", input).await;
    assert_eq!(metadata["repositoryMetadata"]["defaultBranch"], "trunk");

    let other = tempfile::tempdir().unwrap();
    let clone = ["clone", "--quiet", &url(&server, "demo"), "clone"];
    done(&server, other.path(), &clone).await;
    let clone = other.path().join("clone");
    assert_eq!(done(&server, &clone, &["rev-parse", "HEAD"]).await, commit);
    assert_eq!(std::fs::read(clone.join("noise")).unwrap(), noise);

    // A push that is not a fast-forward is refused by git, and the default branch is not deleted.
    done(&server, at, &["commit", "--quiet", "--amend", "-m", "x"]).await;
    let refused = git(&server, at, &["push", "origin", "trunk"]).await;
    assert!(!refused.status.success(), "{refused:?}");
    let refused = git(&server, at, &["push", "origin", ":trunk"]).await;
    assert!(!refused.status.success(), "{refused:?}");

    let location = "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/demo";
    let source = aws_sdk_codebuild::types::SourceType::Codecommit;
    let build = build_from(&server.codebuild(), source, location).await;
    assert_eq!(build.resolved_source_version(), Some(commit.as_str()));
}

#[tokio::test]
async fn who_is_wrong_is_refused_as_on_aws() {
    let (server, tree) = with_tree().await;
    let at = tree.path();
    let keys = server.access().credentials.clone();
    let id = keys.access_key_id.as_str();
    for login in [
        (id, "wrong"),
        ("AKIANOBODY", "x"),
        (&format!("{id}%token"), "x"),
    ] {
        let refused = git_as(login, at, &["push", "origin", "trunk"]).await;
        let words = String::from_utf8_lossy(&refused.stderr).into_owned();
        let expected = "/v1/repos/demo/': The requested URL returned error: 403";
        assert!(words.contains(expected), "{words}");
    }
    let nobody = ["-c", "credential.helper=", "ls-remote", "origin"];
    let refused = git(&server, at, &nobody).await;
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(words.contains("could not read Username"), "{words}");
    let nowhere = url(&server, "nowhere");
    let refused = git(&server, at, &["ls-remote", &nowhere]).await;
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    let expected = format!("fatal: repository '{nowhere}/' not found");
    assert!(words.contains(&expected), "{words}");
}

#[tokio::test]
async fn what_is_not_gits_own_protocol_is_refused() {
    let (server, _tree) = with_tree().await;
    let access = server.access();
    for (path, status) in [
        ("/v1/repos/demo/info/refs?service=git-upload-pack", 401),
        ("/v1/repos/demo/HEAD", 401),
        ("/v1/repos/../../etc/passwd", 401),
        ("/v1/repos/", 401),
    ] {
        let mut request = crate::raw::s3(access, "GET", path, &[], b"");
        let reply = request.send(access).await;
        assert_eq!(reply.status, status, "{path} {reply:?}");
        assert!(reply.header("www-authenticate").starts_with("basic"));
        request.set("authorization", "Basic eDp5");
        assert_eq!(request.send(access).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_push_is_an_event_that_starts_a_build() {
    let (server, tree) = with_tree().await;
    let (at, access) = (tree.path(), server.access());
    let location = "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/demo";
    done(&server, at, &["push", "--quiet", "origin", "trunk"]).await;
    let source = aws_sdk_codebuild::types::SourceType::Codecommit;
    build_from(&server.codebuild(), source, location).await;

    create_role(access, "by-rule", "events.amazonaws.com").await;
    let allow = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"codebuild:StartBuild","Resource":"*"}}"#;
    let parameters = [
        ("Action", "PutRolePolicy"),
        ("RoleName", "by-rule"),
        ("PolicyName", "start"),
        ("PolicyDocument", allow),
    ];
    let reply = form(access, &keys(access), "iam", &parameters).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let pattern = json!({
        "source": ["aws.codecommit"],
        "detail-type": ["CodeCommit Repository State Change"],
        "resources": ["arn:aws:codecommit:eu-central-1:123456789012:demo"],
        "detail": { "event": ["referenceCreated", "referenceUpdated"], "referenceType": ["branch"] },
    });
    let rule = json!({ "Name": "pushes", "EventPattern": pattern.to_string() });
    call_json(access, "AWSEvents.PutRule", rule).await;
    let targets = json!({ "Rule": "pushes", "Targets": [{
        "Id": "build",
        "Arn": "arn:aws:codebuild:eu-central-1:123456789012:project/demo",
        "RoleArn": "arn:aws:iam::123456789012:role/by-rule",
        "InputTransformer": {
            "InputPathsMap": { "commit": "$.detail.commitId" },
            "InputTemplate": "{\"sourceVersion\": \"<commit>\"}",
        },
    }] });
    call_json(access, "AWSEvents.PutTargets", targets).await;

    done(&server, at, &["tag", "v1"]).await;
    done(
        &server,
        at,
        &["commit", "--quiet", "--allow-empty", "-m", "second"],
    )
    .await;
    done(&server, at, &["push", "--quiet", "origin", "trunk", "v1"]).await;
    let commit = done(&server, at, &["rev-parse", "HEAD"]).await;
    let client = server.codebuild();
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let builds = client.list_builds().send().await.unwrap();
        if let [last, _] = builds.ids() {
            let build = client.batch_get_builds().ids(last).send().await.unwrap();
            let build = &build.builds()[0];
            assert_eq!(build.initiator(), Some("rule/pushes"));
            assert_eq!(build.source_version(), Some(commit.as_str()));
            break;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "no build: {builds:?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_was_pushed_before_a_kill_is_told_of_at_the_next_start() {
    let (server, tree) = with_tree().await;
    let rule = json!({ "Name": "all", "EventPattern": "{\"source\": [\"aws.codecommit\"]}" });
    call_json(server.access(), "AWSEvents.PutRule", rule).await;
    let group = json!({ "logGroupName": "/aws/events/all" });
    call_json(server.access(), "Logs_20140328.CreateLogGroup", group).await;
    let arn = "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/events/all";
    let targets = json!({ "Rule": "all", "Targets": [{ "Id": "log", "Arn": arn }] });
    call_json(server.access(), "AWSEvents.PutTargets", targets).await;
    let TestServer { aws, runner, state } = server;
    aws.shutdown().await;
    // What git has done and the local AWS has not heard of.
    let to = state.path().join("codecommit/demo.git");
    let push = [
        "push",
        "--quiet",
        &to.display().to_string(),
        "trunk",
        "HEAD:refs/tags/v1",
    ];
    crate::sources::git(tree.path(), &push);
    let config = crate::server::config(state.path(), &runner);
    let aws = local_aws::LocalAws::start(config).await.unwrap();
    let filter = json!({ "logGroupName": "/aws/events/all" });
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let target = "Logs_20140328.FilterLogEvents";
        let output = call_json(aws.access(), target, filter.clone()).await;
        let events = output["events"].as_array().unwrap();
        let details: Vec<Value> = events
            .iter()
            .filter_map(|event| serde_json::from_str::<Value>(event["message"].as_str()?).ok())
            .map(|event| event["detail"].clone())
            .collect();
        if let [branch, tag] = &details[..] {
            assert_eq!(branch["event"], "referenceCreated");
            assert_eq!(branch["referenceFullName"], "refs/heads/trunk");
            assert_eq!(tag["referenceType"], "tag");
            assert_eq!(tag["commitId"], branch["commitId"]);
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{output}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_trigger_tells_its_topic_of_the_branches_that_it_names() {
    let (server, tree) = with_tree().await;
    let mailbox = server.aws.mailbox();
    topic_with_mailbox(server.access(), &mailbox, "events.amazonaws.com").await;
    let before = mailbox.messages().unwrap().len();
    let triggers = json!([{
        "name": "pushes", "destinationArn": TOPIC, "branches": ["trunk"],
        "events": ["createReference", "updateReference"], "customData": "mine",
    }]);
    let input = json!({ "repositoryName": "demo", "triggers": triggers });
    let put = call(&server, "PutRepositoryTriggers", input.clone()).await;
    let got = call(
        &server,
        "GetRepositoryTriggers",
        json!({ "repositoryName": "demo" }),
    )
    .await;
    assert_eq!(got["configurationId"], put["configurationId"]);
    assert_eq!(got["triggers"], triggers);
    let tested = call(&server, "TestRepositoryTriggers", input).await;
    assert_eq!(
        tested,
        json!({ "successfulExecutions": ["pushes"], "failedExecutions": [] })
    );

    done(
        &server,
        tree.path(),
        &["push", "--quiet", "origin", "HEAD:other"],
    )
    .await;
    done(
        &server,
        tree.path(),
        &["push", "--quiet", "origin", "trunk"],
    )
    .await;
    let commit = done(&server, tree.path(), &["rev-parse", "HEAD"]).await;
    let emails = wait_for_emails(&mailbox, before + 2).await;
    let records: Vec<Value> = emails[before..]
        .iter()
        .map(|email| {
            let line = email
                .text
                .lines()
                .find(|line| line.starts_with('{'))
                .unwrap();
            serde_json::from_str::<Value>(line).unwrap()["Records"][0].clone()
        })
        .collect();
    assert_eq!(records[0]["eventName"], "TriggerEventTest");
    let told = &records[1];
    assert_eq!(told["eventName"], "ReferenceChanges");
    assert_eq!(told["eventTriggerName"], "pushes");
    assert_eq!(told["eventTriggerConfigId"], put["configurationId"]);
    assert_eq!(told["customData"], "mine");
    let reference = json!({ "ref": "refs/heads/trunk", "commit": commit, "created": true });
    assert_eq!(told["codecommit"]["references"], json!([reference]));

    let lambda = "arn:aws:lambda:eu-central-1:123456789012:function:x";
    for (trigger, code) in [
        (
            json!({ "destinationArn": TOPIC, "events": ["all"] }),
            "RepositoryTriggerNameRequiredException",
        ),
        (
            json!({ "name": "a", "destinationArn": lambda, "events": ["all"] }),
            "InvalidRepositoryTriggerDestinationArnException",
        ),
        (
            json!({ "name": "a", "destinationArn": TOPIC.replace("eu-central-1", "us-east-1"), "events": ["all"] }),
            "InvalidRepositoryTriggerRegionException",
        ),
        (
            json!({ "name": "a", "destinationArn": TOPIC, "events": ["all", "createReference"] }),
            "InvalidRepositoryTriggerEventsException",
        ),
        (
            json!({ "name": "a", "destinationArn": TOPIC, "events": [] }),
            "RepositoryTriggerEventsListRequiredException",
        ),
    ] {
        let input = json!({ "repositoryName": "demo", "triggers": [trigger] });
        let target = "CodeCommit_20150413.PutRepositoryTriggers";
        let refused = crate::raw::refusal(server.access(), target, input).await;
        assert_eq!(refused.0, code);
    }
}

#[tokio::test]
async fn a_role_has_its_session_token_in_the_user_name() {
    let (server, tree) = with_tree().await;
    let access = server.access();
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}}"#;
    let role = [
        ("Action", "CreateRole"),
        ("RoleName", "ops"),
        ("AssumeRolePolicyDocument", trust),
    ];
    let reply = form(access, &keys(access), "iam", &role).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let assume = [
        ("Action", "AssumeRole"),
        ("RoleArn", "arn:aws:iam::123456789012:role/ops"),
        ("RoleSessionName", "me"),
    ];
    let reply = form(access, &keys(access), "sts", &assume).await;
    let (id, secret) = (
        reply.element("AccessKeyId"),
        reply.element("SecretAccessKey"),
    );
    let user = format!("{id}%{}", reply.element("SessionToken"));
    let push = ["push", "--quiet", "origin", "trunk"];
    let refused = git_as((id, secret), tree.path(), &push).await;
    assert!(
        !refused.status.success(),
        "not without the token: {refused:?}"
    );
    let pushed = git_as((&user, secret), tree.path(), &push).await;
    assert!(pushed.status.success(), "{pushed:?}");
}

/// CodeBuild's credential helper, as it stands in the container of a build.
const BUILD_HELPER: &str =
    include_str!("../../../build-engine/src/programs/git-credential-codebuild.sh");

#[tokio::test]
async fn a_build_clones_and_pushes_with_its_own_keys_while_it_runs() {
    let (server, tree) = with_tree().await;
    let at = tree.path();
    done(&server, at, &["push", "--quiet", "origin", "trunk"]).await;
    *server.runner.route.lock().unwrap() = Some(HostRoute::Gateway {
        address: std::net::Ipv4Addr::LOCALHOST,
        subnet: "127.0.0.0/8".parse().unwrap(),
    });
    create_project(&server.codebuild(), "demo", &[("FAKE_HOLD", "1")]).await;
    let id = start_held(&server.codebuild()).await;
    let programs = tempfile::tempdir().unwrap();
    let program = programs.path().join("git-credential-codebuild");
    std::fs::write(&program, BUILD_HELPER).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut variables = server.runner.environments.lock().unwrap().pop().unwrap();
    variables.extend(server.runner.git_settings.lock().unwrap().clone());
    let path = std::env::var("PATH").unwrap();
    variables.push((
        "PATH".to_owned(),
        format!("{}:{path}", programs.path().display()),
    ));
    variables.push(("GIT_CONFIG_GLOBAL".to_owned(), "/dev/null".to_owned()));
    variables.push(("GIT_TERMINAL_PROMPT".to_owned(), "0".to_owned()));
    let in_build = async |directory: &Path, arguments: &[&str]| {
        Command::new("git")
            .current_dir(directory)
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
            .args(arguments)
            .envs(variables.clone())
            .output()
            .await
            .unwrap()
    };
    let remote = "https://git-codecommit.eu-central-1.amazonaws.com/v1/repos/demo";
    let clone = programs.path().join("clone");
    let cloned = in_build(programs.path(), &["clone", "--quiet", remote, "clone"]).await;
    assert!(cloned.status.success(), "{cloned:?}");
    let commit = ["commit", "--quiet", "--allow-empty", "-m", "built"];
    assert!(in_build(&clone, &commit).await.status.success());
    let pushed = in_build(&clone, &["push", "--quiet", "origin", "trunk"]).await;
    assert!(pushed.status.success(), "{pushed:?}");
    done(&server, at, &["fetch", "--quiet", "origin"]).await;
    let subject = ["log", "-1", "--format=%s", "origin/trunk"];
    assert_eq!(done(&server, at, &subject).await, "built");

    // With the build its keys are over.
    let client = server.codebuild();
    client.stop_build().id(&id).send().await.unwrap();
    wait_for(&client, &id, Build::build_complete).await;
    let refused = in_build(&clone, &["fetch"]).await;
    assert!(!refused.status.success(), "{refused:?}");
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains("403"), "{told}");
}

const BUILDSPEC: &str = r#"version: 0.2
env:
  git-credential-helper: yes
phases:
  build:
    commands:
      - command -v git >/dev/null || { echo no-git; exit 0; }
      - remote=https://git-codecommit.$AWS_REGION.amazonaws.com/v1/repos/demo
      - git clone --quiet $remote copy && cd copy
      - git -c user.name=Ada -c user.email=ada@example.com commit --quiet --allow-empty -m built
      - git push --quiet origin trunk && echo pushed
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_buildspec_with_the_credential_helper_clones_and_pushes_in_a_container() {
    let Some(engine) = engine().await else { return };
    if let HostRoute::None { reason } = engine.host_route().await {
        println!("skipped: {reason}");
        return;
    }
    let state = tempfile::tempdir().unwrap();
    let runner = std::sync::Arc::default();
    let mut config = config(state.path(), &runner);
    config.engine = EngineChoice::Connected(engine);
    let aws = LocalAws::start(config).await.unwrap();
    let server = TestServer { aws, runner, state };
    let tree = tree_for(&server).await;
    done(
        &server,
        tree.path(),
        &["push", "--quiet", "origin", "trunk"],
    )
    .await;
    let client = server.codebuild();
    create_project(&client, "demo", &[]).await;
    let started = client
        .start_build()
        .project_name("demo")
        .buildspec_override(BUILDSPEC)
        .send()
        .await
        .unwrap();
    let build = finished(&client, &started).await;
    let text = log_text(&server.logs(), &build).await;
    if text.contains("\nno-git\n") {
        println!("skipped: the build image has no git");
        return server.aws.shutdown().await;
    }
    assert_eq!(build.build_status(), Some(&StatusType::Succeeded), "{text}");
    assert!(text.contains("\npushed\n"), "{text}");
    done(&server, tree.path(), &["fetch", "--quiet", "origin"]).await;
    let subject = ["log", "-1", "--format=%s", "origin/trunk"];
    assert_eq!(done(&server, tree.path(), &subject).await, "built");
    server.aws.shutdown().await;
}
