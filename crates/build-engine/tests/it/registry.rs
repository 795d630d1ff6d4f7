//! Images that come from a registry: a small one on the loopback, which engines trust.

use std::collections::HashMap;
use std::sync::Arc;

use build_engine::Answer;
use build_engine::BuildStatus;
use build_engine::Engine;
use build_engine::Phase;
use build_engine::PhaseContext;
use build_engine::SecretStore;
use sha2::Digest;
use sha2::Sha256;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;

use crate::support;
use crate::support::run;

const MANIFEST_TYPE: &str = "application/vnd.docker.distribution.manifest.v2+json";

fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// What the registry answers by path: an image `test/image:1` of one layer with one file.
fn contents() -> HashMap<String, (String, Vec<u8>)> {
    let mut layer = tar::Builder::new(Vec::new());
    let text = uuid::Uuid::new_v4().to_string();
    let mut header = tar::Header::new_gnu();
    header.set_mode(0o644);
    header.set_size(text.len() as u64);
    layer
        .append_data(&mut header, "file", text.as_bytes())
        .unwrap();
    let layer = layer.into_inner().unwrap();
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","config":{{}},"rootfs":{{"type":"layers","diff_ids":["{}"]}}}}"#,
        digest(&layer)
    )
    .into_bytes();
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST_TYPE}","config":{{"mediaType":"application/vnd.docker.container.image.v1+json","size":{},"digest":"{}"}},"layers":[{{"mediaType":"application/vnd.docker.image.rootfs.diff.tar","size":{},"digest":"{}"}}]}}"#,
        config.len(),
        digest(&config),
        layer.len(),
        digest(&layer)
    )
    .into_bytes();
    let blob = |bytes: Vec<u8>| {
        let path = format!("/v2/test/image/blobs/{}", digest(&bytes));
        (path, ("application/octet-stream".to_owned(), bytes))
    };
    let by_digest = format!("/v2/test/image/manifests/{}", digest(&manifest));
    HashMap::from([
        (
            "/v2/".to_owned(),
            ("application/json".to_owned(), b"{}".to_vec()),
        ),
        (
            "/v2/test/image/manifests/1".to_owned(),
            (MANIFEST_TYPE.to_owned(), manifest.clone()),
        ),
        (by_digest, (MANIFEST_TYPE.to_owned(), manifest)),
        blob(config),
        blob(layer),
    ])
}

/// A registry's contents, and the `Authorization` header without which nobody gets them.
struct Guarded {
    contents: HashMap<String, (String, Vec<u8>)>,
    authorization: Option<&'static str>,
}

async fn answer(mut stream: TcpStream, registry: Arc<Guarded>) {
    let mut head = Vec::new();
    let mut byte = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).await.unwrap_or(0) == 0 {
            return;
        }
        // The engine tries TLS first, and waits long for an answer to it.
        const TLS_HANDSHAKE: u8 = 0x16;
        if head.is_empty() && byte[0] == TLS_HANDSHAKE {
            return;
        }
        head.extend_from_slice(&byte);
    }
    let head = String::from_utf8_lossy(&head);
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let is_let_in = registry.authorization.is_none_or(|wanted| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.any(|(name, value)| name.eq_ignore_ascii_case("authorization") && value == wanted)
    });
    let answer = match registry.contents.get(path) {
        _ if !is_let_in => b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"test\"\r\nContent-Type: application/json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
        Some((kind, body)) => {
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nDocker-Content-Digest: {}\r\nDocker-Distribution-Api-Version: registry/2.0\r\nConnection: close\r\n\r\n",
                body.len(),
                digest(body)
            );
            let body = if method == "HEAD" { &[][..] } else { body };
            [head.as_bytes(), body].concat()
        }
        None => b"HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 71\r\nConnection: close\r\n\r\n{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]} \n".to_vec(),
    };
    let _ = stream.write_all(&answer).await;
}

/// Starts the registry, gives its address.
async fn registry() -> String {
    guarded_registry(None).await
}

async fn guarded_registry(authorization: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let registry = Arc::new(Guarded {
        contents: contents(),
        authorization,
    });
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, registry.clone()));
        }
    });
    address
}

/// An engine of this host: another one cannot reach this host's loopback.
async fn local_engine() -> Option<Engine> {
    let engine = support::engine().await?;
    let is_local = engine.can_stand_in_for("docker:dind");
    if !is_local {
        println!("skipped, the Docker Engine is not on this host");
    }
    is_local.then_some(engine)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_image_is_pulled_with_its_progress_in_the_log() {
    let Some(engine) = local_engine().await else {
        return;
    };
    let image = format!("{}/test/image:1", registry().await);
    assert!(!engine.has_image(&image).await.unwrap());
    assert!(engine.reaches_registry_of(&image).await);
    let mut request = support::request("");
    request.image = image.clone();
    let told = run(&engine, request).await;
    let said = |end: &str| told.log.iter().filter(|line| line.ends_with(end)).count();
    assert_eq!(said(&format!("Pulling image {image}")), 1, "{told:#?}");
    assert_eq!(said(": Pull complete"), 1, "{told:#?}");
    assert!(said(": Downloading") <= 1, "{told:#?}");
    assert!(engine.has_image(&image).await.unwrap());
    // It has no shell, so that the build cannot go on.
    let message = &told.context(Phase::Provisioning).message;
    assert!(message.contains("cannot run `sh`"), "{message}");
    support::remove_image(&image).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_the_registry_does_not_have_is_told_apart_from_a_registry_out_of_reach() {
    let Some(engine) = local_engine().await else {
        return;
    };
    let image = format!("{}/test/image:2", registry().await);
    assert!(engine.reaches_registry_of(&image).await);
    assert!(!engine.reaches_registry_of("127.0.0.1:9/test/image:1").await);
    let mut lines = Vec::new();
    let error = engine
        .pull(&image, |line| lines.push(line.to_owned()))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("manifest unknown"), "{error}");
    let mut request = support::request("");
    request.image = image;
    // The engine remembers that another registry is out of reach, but asks this one.
    let told = run(&engine, request).await;
    assert_eq!(told.status, Some(BuildStatus::Failed));
    let context = told.context(Phase::Provisioning);
    assert_eq!(context.status_code, "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE");
    assert!(context.message.contains("manifest unknown"), "{context:?}");
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_told_with_what_was_tried() {
    let error = Engine::connect(Some("unix:///nobody/docker.sock"))
        .await
        .unwrap_err();
    let text = error.to_string();
    for part in [
        "no Docker Engine answers",
        "unix:///nobody/docker.sock",
        "DOCKER_HOST",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let error = Engine::connect(Some("ssh://me@there")).await.unwrap_err();
    assert!(error.to_string().contains("forward its socket"), "{error}");
}

/// Secrets Manager with one secret: the registry's login.
struct Login;

impl SecretStore for Login {
    fn parameter<'a>(&'a self, name: &'a str) -> Answer<'a, String> {
        Box::pin(async move { Err(PhaseContext::client_error(name)) })
    }

    fn secret<'a>(&'a self, reference: &'a str) -> Answer<'a, String> {
        Box::pin(async move {
            match reference {
                "login" => Ok(r#"{"username":"student","password":"pass"}"#.to_owned()),
                _ => Ok("not JSON".to_owned()),
            }
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_registry_gets_the_login_of_the_registry_credential() {
    let Some(engine) = local_engine().await else {
        return;
    };
    // student:pass
    let address = guarded_registry(Some("Basic c3R1ZGVudDpwYXNz")).await;
    let image = format!("{address}/test/image:1");
    let pull = async |credential: Option<&str>| {
        let mut request = support::request("");
        request.image = image.clone();
        request.registry_credential = credential.map(str::to_owned);
        request.secret_store = Some(Arc::new(Login));
        let told = run(&engine, request).await;
        told.context(Phase::Provisioning).clone()
    };
    let without = pull(None).await;
    assert_eq!(without.status_code, "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE");
    let wrong = pull(Some("other")).await;
    assert!(
        wrong
            .message
            .contains("the secret other is not of the form"),
        "{wrong:?}"
    );
    // The image has no shell: the build gets as far as that.
    let with = pull(Some("login")).await;
    assert!(with.message.contains("cannot run `sh`"), "{with:?}");
    support::remove_image(&image).await;
}
