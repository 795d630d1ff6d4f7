//! Calls from inside a build: which way, with whose keys, and until when.

use std::net::Ipv4Addr;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sdk_codebuild::types::Build;
use aws_sdk_codebuild::types::StatusType;
use build_engine::HostRoute;
use local_aws::Access;
use local_aws::EngineChoice;
use local_aws::LocalAws;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpSocket;
use tokio::net::TcpStream;

use crate::docker::engine;
use crate::raw::Reply;
use crate::raw::Request;
use crate::raw::authority;
use crate::raw::call_s3;
use crate::raw::keys;
use crate::raw::presigned;
use crate::raw::s3;
use crate::s3::LOCATION;
use crate::server::TestServer;
use crate::server::codebuild;
use crate::server::config;
use crate::server::create_project;
use crate::server::finished;
use crate::server::log_text;
use crate::server::run_build;
use crate::server::start_held;
use crate::server::wait_for;

const TARGET: &str = "CodeBuild_20161006.ListProjects";

/// Stands for the gateway of a bridge network.
const GATEWAY: Ipv4Addr = Ipv4Addr::LOCALHOST;

const INVALID: &str = "The security token included in the request is invalid.";

/// A server whose builds reach it at the gateway, from this subnet.
async fn server_with_gateway(subnet: &str) -> TestServer {
    let server = TestServer::start().await;
    *server.runner.route.lock().unwrap() = Some(HostRoute::Gateway {
        address: GATEWAY,
        subnet: subnet.parse().unwrap(),
    });
    create_project(&server.codebuild(), "demo", &[("FAKE_HOLD", "1")]).await;
    server
}

/// A build that runs, as its commands see the local AWS.
struct FromBuild {
    id: String,
    /// With the endpoint that the build's environment names.
    access: Access,
    keys: Credentials,
}

impl FromBuild {
    async fn start(server: &TestServer) -> Self {
        let id = start_held(&server.codebuild()).await;
        let environments = server.runner.environments.lock().unwrap();
        let environment = environments.last().unwrap();
        let value = |name: &str| {
            let found = environment.iter().find(|(key, _)| key == name);
            found.unwrap_or_else(|| panic!("no {name}")).1.clone()
        };
        Self {
            id,
            access: Access {
                endpoint: value("AWS_ENDPOINT_URL"),
                ..server.access().clone()
            },
            keys: Credentials::new(
                value("AWS_ACCESS_KEY_ID"),
                value("AWS_SECRET_ACCESS_KEY"),
                Some(value("AWS_SESSION_TOKEN")),
                None,
                "test",
            ),
        }
    }

    /// The same build's keys with another session token.
    fn keys_with(&self, token: Option<&str>) -> Credentials {
        let (id, secret) = (self.keys.access_key_id(), self.keys.secret_access_key());
        Credentials::new(id, secret, token.map(str::to_owned), None, "test")
    }

    async fn stop(&self, server: &TestServer) {
        let client = server.codebuild();
        client.stop_build().id(&self.id).send().await.unwrap();
        wait_for(&client, &self.id, Build::build_complete).await;
    }
}

async fn list_projects(access: &Access, keys: &Credentials) -> Reply {
    let mut request = Request::new(access, TARGET, "{}");
    request.sign(keys, &access.region, "codebuild", SystemTime::now());
    request.send(access).await
}

async fn get_object(access: &Access, keys: &Credentials) -> Reply {
    let mut request = s3(access, "GET", "/demo-bucket/key", &[], b"");
    request.sign(keys, &access.region, "s3", SystemTime::now());
    request.send(access).await
}

async fn who_am_i(access: &Access, keys: &Credentials) -> Reply {
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let mut request = Request::new(access, "", body);
    request.remove("x-amz-target");
    request.set("content-type", "application/x-www-form-urlencoded");
    request.sign(keys, &access.region, "sts", SystemTime::now());
    request.send(access).await
}

async fn put_object(access: &Access) {
    for (path, body) in [("/demo-bucket", LOCATION), ("/demo-bucket/key", b"hello")] {
        let reply = call_s3(access, "PUT", path, &[], body).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
}

#[tokio::test]
async fn a_builds_keys_count_on_both_listeners_while_it_runs_and_then_no_more() {
    let server = server_with_gateway("127.0.0.0/8").await;
    put_object(server.access()).await;
    let build = FromBuild::start(&server).await;
    assert_ne!(build.access.endpoint, server.access().endpoint);
    assert!(build.keys.access_key_id().starts_with("ASIA"));

    let uuid = build.id.strip_prefix("demo:").unwrap();
    for access in [&build.access, server.access()] {
        let reply = list_projects(access, &build.keys).await;
        assert_eq!(reply.body, r#"{"projects":["demo"]}"#, "{reply:?}");
        let reply = get_object(access, &build.keys).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, "hello"));
        let reply = who_am_i(access, &build.keys).await;
        assert_eq!(
            reply.element("Arn"),
            format!("arn:aws:sts::123456789012:assumed-role/codebuild-demo/AWSCodeBuild-{uuid}")
        );
        let user = reply.element("UserId");
        assert!(user.starts_with("AROA") && user.ends_with(uuid), "{user}");
    }

    build.stop(&server).await;
    for access in [&build.access, server.access()] {
        let reply = list_projects(access, &build.keys).await;
        assert_eq!(
            (
                reply.status,
                reply.error_type().as_str(),
                reply.message().as_str()
            ),
            (
                400,
                "ExpiredTokenException",
                "The security token included in the request is expired"
            )
        );
        let reply = get_object(access, &build.keys).await;
        assert_eq!((reply.status, reply.element("Code")), (400, "ExpiredToken"));
        assert_eq!(reply.element("Message"), "The provided token has expired.");
        let reply = who_am_i(access, &build.keys).await;
        assert_eq!((reply.status, reply.element("Code")), (403, "ExpiredToken"));
    }
}

#[tokio::test]
async fn every_build_has_keys_of_its_own_and_all_share_one_listener() {
    let server = server_with_gateway("127.0.0.0/8").await;
    let one = FromBuild::start(&server).await;
    let other = FromBuild::start(&server).await;
    assert_eq!(one.access.endpoint, other.access.endpoint);
    assert_ne!(one.keys.access_key_id(), other.keys.access_key_id());
    one.stop(&server).await;
    assert_eq!(list_projects(&one.access, &one.keys).await.status, 400);
    assert_eq!(list_projects(&one.access, &other.keys).await.status, 200);
}

#[tokio::test]
async fn temporary_keys_need_their_session_token() {
    let server = server_with_gateway("127.0.0.0/8").await;
    put_object(server.access()).await;
    let build = FromBuild::start(&server).await;
    let other = FromBuild::start(&server).await;
    let without = build.keys_with(None);
    let wrong = build.keys_with(other.keys.session_token());
    for access in [&build.access, server.access()] {
        for keys in [&without, &wrong] {
            let reply = list_projects(access, keys).await;
            assert_eq!(
                (reply.error_type().as_str(), reply.message().as_str()),
                ("UnrecognizedClientException", INVALID)
            );
            let reply = who_am_i(access, keys).await;
            assert_eq!(reply.element("Code"), "InvalidClientTokenId");
        }
        let reply = get_object(access, &without).await;
        assert_eq!(
            (reply.status, reply.element("Code")),
            (403, "InvalidAccessKeyId")
        );
        let reply = get_object(access, &wrong).await;
        assert_eq!((reply.status, reply.element("Code")), (400, "InvalidToken"));
    }
    // The student's own keys have none.
    let own = &server.access().credentials;
    let own = Credentials::new(
        &own.access_key_id,
        &own.secret_access_key,
        build.keys.session_token().map(str::to_owned),
        None,
        "test",
    );
    let reply = get_object(server.access(), &own).await;
    assert_eq!((reply.status, reply.element("Code")), (400, "InvalidToken"));
}

#[tokio::test]
async fn a_url_that_a_build_signs_is_good_until_the_build_is_over() {
    let server = server_with_gateway("127.0.0.0/8").await;
    put_object(server.access()).await;
    let build = FromBuild::start(&server).await;
    let get = async |keys: &Credentials| {
        let path = presigned(&build.access, keys, "/demo-bucket/key");
        let request = s3(&build.access, "GET", &path, &[], b"");
        request.send(&build.access).await
    };
    let reply = get(&build.keys).await;
    assert_eq!(
        (reply.status, reply.body.as_str()),
        (200, "hello"),
        "{reply:?}"
    );
    let reply = get(&build.keys_with(None)).await;
    assert_eq!(reply.element("Code"), "InvalidAccessKeyId");
    build.stop(&server).await;
    assert_eq!(get(&build.keys).await.element("Code"), "ExpiredToken");
}

#[tokio::test]
async fn only_builds_may_call_from_containers() {
    let server = server_with_gateway("127.0.0.0/8").await;
    put_object(server.access()).await;
    let build = FromBuild::start(&server).await;
    let reply = list_projects(&build.access, &keys(server.access())).await;
    assert_eq!(reply.error_type(), "UnrecognizedClientException");
    let reply = get_object(&build.access, &keys(server.access())).await;
    assert_eq!(reply.element("Code"), "InvalidAccessKeyId");
    let unsigned = s3(&build.access, "GET", "/demo-bucket/key", &[], b"");
    let reply = unsigned.send(&build.access).await;
    assert_eq!((reply.status, reply.element("Code")), (403, "AccessDenied"));
    let badge = s3(&build.access, "GET", "/badges?uuid=x&branch=main", &[], b"");
    let reply = badge.send(&build.access).await;
    assert!(reply.body.contains("UnknownOperation"), "{reply:?}");
}

#[tokio::test]
async fn only_containers_reach_their_listener() {
    let server = server_with_gateway("127.0.0.2/32").await;
    let build = FromBuild::start(&server).await;
    let request = format!(
        "GET /elsewhere HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n",
        authority(&build.access)
    );
    let ask_from = async |address: [u8; 4]| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::from(address), 0).into()).unwrap();
        let to = authority(&build.access).parse().unwrap();
        let mut connection = socket.connect(to).await.unwrap();
        let _ = connection.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = connection.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    };
    assert_eq!(ask_from([127, 0, 0, 1]).await, "");
    // Only on Linux is every address below 127 one of this host.
    #[cfg(target_os = "linux")]
    assert!(ask_from([127, 0, 0, 2]).await.starts_with("HTTP/1.1 403"));
}

#[tokio::test]
async fn the_host_header_must_name_the_listener() {
    let server = server_with_gateway("127.0.0.0/8").await;
    let build = FromBuild::start(&server).await;
    let port = authority(&build.access).rsplit_once(':').unwrap().1;
    for name in ["localhost", "host.docker.internal", "evil.example"] {
        let mut request = Request::new(&build.access, TARGET, "{}");
        request.set("host", &format!("{name}:{port}"));
        request.sign(&build.keys, "eu-central-1", "codebuild", SystemTime::now());
        let reply = request.send(&build.access).await;
        assert_eq!(
            (reply.status, reply.error_type().as_str()),
            (403, "AccessDeniedException"),
            "{name}"
        );
        assert!(
            reply
                .message()
                .ends_with(&format!("Use {}.", build.access.endpoint))
        );
    }
}

#[tokio::test]
async fn an_engine_in_a_virtual_machine_leads_to_the_loopback_listener() {
    let server = TestServer::start().await;
    put_object(server.access()).await;
    let port = authority(server.access()).rsplit_once(':').unwrap().1;
    let host = format!("host.docker.internal:{port}");
    let call = async |keys: &Credentials, host: &str, path: &str| {
        let mut request = s3(server.access(), "GET", path, &[], b"");
        request.set("host", host);
        request.sign(keys, "eu-central-1", "s3", SystemTime::now());
        request.send(server.access()).await
    };
    // Nobody has been told this name yet.
    let reply = call(&keys(server.access()), &host, "/demo-bucket/key").await;
    assert_eq!(reply.status, 403, "{reply:?}");

    *server.runner.route.lock().unwrap() = Some(HostRoute::DockerInternal);
    create_project(&server.codebuild(), "demo", &[("FAKE_HOLD", "1")]).await;
    let build = FromBuild::start(&server).await;
    assert_eq!(build.access.endpoint, format!("http://{host}"));
    let reply = call(&build.keys, &host, "/demo-bucket/key").await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "hello"));
    // SDKs other than the AWS CLI's put the bucket before the name.
    let reply = call(&build.keys, &format!("demo-bucket.{host}"), "/key").await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "hello"));
}

#[tokio::test]
async fn without_a_way_back_the_log_says_why_once() {
    let server = TestServer::start().await;
    let client = server.codebuild();
    create_project(&client, "demo", &[("FAKE_LINES", "3")]).await;
    let reason = "the Docker Engine at tcp://box:2375 does not run on this host";
    *server.runner.route.lock().unwrap() = Some(HostRoute::None {
        reason: reason.to_owned(),
    });
    let build = run_build(&client, "demo").await;
    assert_eq!(build.build_status(), Some(&StatusType::Succeeded));
    let text = log_text(&server.logs(), &build).await;
    let line = format!("The AWS CLI and SDKs in this build do not reach the local AWS: {reason}\n");
    assert_eq!(text.matches(&line).count(), 1, "{text}");

    // The gateway of an engine that is not on this host after all: no address of this host.
    *server.runner.route.lock().unwrap() = Some(HostRoute::Gateway {
        address: Ipv4Addr::new(192, 0, 2, 77),
        subnet: "192.0.2.0/24".parse().unwrap(),
    });
    let build = run_build(&client, "demo").await;
    let text = log_text(&server.logs(), &build).await;
    assert!(text.contains("192.0.2.77, cannot be listened on"), "{text}");
    for environment in server.runner.environments.lock().unwrap().iter() {
        for name in ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN"] {
            assert!(environment.iter().all(|(key, _)| key != name), "{name}");
        }
    }
}

#[tokio::test]
async fn the_listener_for_containers_closes_with_the_server() {
    let server = server_with_gateway("127.0.0.0/8").await;
    let build = FromBuild::start(&server).await;
    let TestServer { aws, .. } = server;
    aws.shutdown().await;
    let error = TcpStream::connect(authority(&build.access))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}

/// What the build of the next test runs: curl signs as the AWS CLI does.
const BUILDSPEC: &str = r#"
version: 0.2
env:
  shell: sh
  variables:
    MARK: from the build
phases:
  build:
    commands:
      - command -v curl || { echo no-curl; exit 1; }
      - |
        aws() {
          service=$1; shift
          curl -sS --max-time 20 --aws-sigv4 "aws:amz:$AWS_REGION:$service" \
            --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" \
            -H "x-amz-security-token: $AWS_SESSION_TOKEN" "$@"
        }
        aws sts -H 'content-type: application/x-www-form-urlencoded' \
          -d 'Action=GetCallerIdentity&Version=2011-06-15' "$AWS_ENDPOINT_URL/"
        aws codebuild -H 'content-type: application/x-amz-json-1.1' \
          -H 'x-amz-target: CodeBuild_20161006.ListProjects' -d '{}' "$AWS_ENDPOINT_URL/"; echo
        printf %s "$MARK" >mark
        aws s3 -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' -T mark \
          "$AWS_ENDPOINT_URL/demo-bucket/mark" -o /dev/null -w 'put %{http_code}\n'
        echo "my keys are $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN"
        curl -sS -o /dev/null -w 'unsigned %{http_code}\n' "$AWS_ENDPOINT_URL/demo-bucket/mark"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_command_in_a_container_calls_the_local_aws() {
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
    let client = codebuild(aws.access());
    create_project(&client, "demo", &[]).await;
    let reply = call_s3(aws.access(), "PUT", "/demo-bucket", &[], LOCATION).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let started = client
        .start_build()
        .project_name("demo")
        .buildspec_override(BUILDSPEC)
        .send()
        .await
        .unwrap();
    let build = finished(&client, &started).await;
    let server = TestServer { aws, runner, state };
    let text = log_text(&server.logs(), &build).await;
    if text.contains("\nno-curl\n") {
        println!("skipped: the build image has no curl");
        return server.aws.shutdown().await;
    }
    assert_eq!(build.build_status(), Some(&StatusType::Succeeded), "{text}");
    let uuid = build.id().unwrap().strip_prefix("demo:").unwrap();
    for line in [
        &format!(
            "<Arn>arn:aws:sts::123456789012:assumed-role/codebuild-demo/AWSCodeBuild-{uuid}</Arn>"
        ),
        "\n{\"projects\":[\"demo\"]}\n",
        "\nput 200\n",
        "\nmy keys are *** *** ***\n",
        "\nunsigned 403\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let reply = call_s3(server.access(), "GET", "/demo-bucket/mark", &[], b"").await;
    assert_eq!(reply.body, "from the build");
    server.aws.shutdown().await;
}

/// A request to ECR's registry with a login that GetAuthorizationToken gave.
async fn registry(access: &Access, login: &str) -> u16 {
    let mut request = Request::new(access, "", "");
    request.method = "GET";
    request.path = "/v2/".to_owned();
    request.remove("x-amz-target");
    request.set("authorization", &format!("Basic {login}"));
    request.send(access).await.status
}

async fn registry_login(access: &Access, keys: &Credentials) -> Reply {
    let target = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";
    let mut request = Request::new(access, target, "{}");
    request.sign(keys, &access.region, "ecr", SystemTime::now());
    request.send(access).await
}

fn given(reply: &Reply) -> serde_json::Value {
    let reply: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
    reply["authorizationData"][0].clone()
}

#[tokio::test]
async fn a_login_to_the_registry_that_a_build_asked_for_ends_with_the_build() {
    let server = server_with_gateway("127.0.0.0/8").await;
    let build = FromBuild::start(&server).await;
    let from_build = given(&registry_login(&build.access, &build.keys).await);
    assert_eq!(from_build["proxyEndpoint"], build.access.endpoint);
    let login = from_build["authorizationToken"].as_str().unwrap();
    let user = given(&registry_login(server.access(), &keys(server.access())).await);
    let users = user["authorizationToken"].as_str().unwrap();
    for access in [&build.access, server.access()] {
        assert_eq!(registry(access, login).await, 200);
        assert_eq!(registry(access, users).await, 200);
        assert_eq!(registry(access, "QVdTOng=").await, 401);
    }
    let mut with_name = Request::new(
        &build.access,
        "AmazonEC2ContainerRegistry_V20150921.CreateRepository",
        r#"{"repositoryName":"app"}"#,
    );
    with_name.sign(&build.keys, &build.access.region, "ecr", SystemTime::now());
    let reply = with_name.send(&build.access).await;
    let uri = format!("{}/app", authority(&build.access));
    assert!(reply.body.contains(&uri), "{reply:?}");

    build.stop(&server).await;
    assert_eq!(registry(&build.access, login).await, 403);
    assert_eq!(registry(server.access(), login).await, 403);
}
