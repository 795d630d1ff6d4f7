//! ECR's data plane: the registry protocol over a socket, and through the docker CLI.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use local_aws::Access;
use serde_json::json;

use crate::ecr::digest;
use crate::ecr::ecr;
use crate::ecr::manifest;
use crate::kill::serve;
use crate::raw::Reply;
use crate::raw::Request;
use crate::raw::authority;
use crate::server::TestServer;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// A client of the registry that is logged in.
pub(crate) struct Docker<'a> {
    access: &'a Access,
    login: String,
}

impl<'a> Docker<'a> {
    pub(crate) async fn login(access: &'a Access) -> Self {
        let given = ecr(access, "GetAuthorizationToken", json!({})).await;
        let data = &given["authorizationData"][0];
        assert_eq!(data["proxyEndpoint"], access.endpoint);
        Self {
            access,
            login: data["authorizationToken"].as_str().unwrap().to_owned(),
        }
    }

    pub(crate) async fn send(
        &self,
        method: &'static str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        let mut request = Request::new(self.access, "", "");
        request.remove("x-amz-target");
        request.remove("content-type");
        request.method = method;
        request.path = path.to_owned();
        request.body = body.to_vec();
        request.set("authorization", &format!("Basic {}", self.login));
        for (name, value) in headers {
            request.set(name, value);
        }
        request.send(self.access).await
    }

    async fn start(&self, name: &str) -> String {
        let path = format!("/v2/{name}/blobs/uploads/");
        let reply = self.send("POST", &path, &[], b"").await;
        assert_eq!(reply.status, 202, "{reply:?}");
        reply.header("location").to_owned()
    }

    async fn push_blob(&self, name: &str, bytes: &[u8]) {
        let location = self.start(name).await;
        let reply = self.send("PATCH", &location, &[], bytes).await;
        assert_eq!(reply.status, 202, "{reply:?}");
        let path = format!("{location}?digest={}", digest(bytes).replace(':', "%3A"));
        let reply = self.send("PUT", &path, &[], b"").await;
        assert_eq!(reply.status, 201, "{reply:?}");
    }

    pub(crate) async fn push(&self, name: &str, tag: &str, config: &[u8], layer: &[u8]) -> Reply {
        self.push_blob(name, config).await;
        self.push_blob(name, layer).await;
        let path = format!("/v2/{name}/manifests/{tag}");
        let manifest = manifest(config, layer);
        let headers = [("content-type", MANIFEST)];
        self.send("PUT", &path, &headers, manifest.as_bytes()).await
    }
}

pub(crate) fn error_code(reply: &Reply) -> String {
    let body: serde_json::Value = serde_json::from_str(&reply.body).unwrap_or_default();
    body["errors"][0]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn only_a_password_of_ecr_opens_the_registry() {
    let server = TestServer::start().await;
    let access = server.access();
    let docker = Docker::login(access).await;
    let reply = docker.send("GET", "/v2/", &[], b"").await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(
        reply.header("docker-distribution-api-version"),
        "registry/2.0"
    );
    let keys = &access.credentials;
    let long_lived = STANDARD.encode(format!("AWS:{}", keys.secret_access_key));
    let other_user = {
        let login = STANDARD.decode(&docker.login).unwrap();
        let login = String::from_utf8(login).unwrap();
        STANDARD.encode(login.replacen("AWS:", "root:", 1))
    };
    for login in ["", "x", &long_lived, &other_user] {
        let login = format!("Basic {login}");
        let reply = docker
            .send("GET", "/v2/", &[("authorization", &login)], b"")
            .await;
        assert_eq!(reply.status, 401, "{login}: {reply:?}");
        let challenge = format!(
            "basic realm=\"http://{}/\",service=\"ecr.amazonaws.com\"",
            authority(access)
        );
        assert_eq!(reply.header("www-authenticate"), challenge);
    }
    let reply = docker
        .send("GET", "/v2/", &[("host", "example.org:80")], b"")
        .await;
    assert_eq!(reply.status, 403, "{reply:?}");
}

#[tokio::test]
async fn an_image_is_pushed_and_pulled() {
    let server = TestServer::start().await;
    let access = server.access();
    let docker = Docker::login(access).await;
    let reply = docker
        .send("POST", "/v2/app/blobs/uploads/", &[], b"")
        .await;
    assert_eq!((reply.status, &*error_code(&reply)), (404, "NAME_UNKNOWN"));
    assert!(
        reply.body.contains(
            "The repository with name 'app' does not exist in the registry with id '123456789012'"
        ),
        "{reply:?}"
    );
    ecr(
        access,
        "CreateRepository",
        json!({ "repositoryName": "app" }),
    )
    .await;

    let layer = vec![7; 3_000_000];
    let reply = docker.push("app", "v1", b"{}", &layer).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    let manifest = manifest(b"{}", &layer);
    let image = digest(manifest.as_bytes());
    assert_eq!(reply.header("docker-content-digest"), image);

    for reference in ["v1", &image] {
        let path = format!("/v2/app/manifests/{reference}");
        let reply = docker.send("GET", &path, &[], b"").await;
        assert_eq!((reply.status, &reply.body), (200, &manifest));
        assert_eq!(reply.header("content-type"), MANIFEST);
        let head = docker.send("HEAD", &path, &[], b"").await;
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        assert_eq!(head.header("content-length"), manifest.len().to_string());
    }
    let path = format!("/v2/app/blobs/{}", digest(&layer));
    let head = docker.send("HEAD", &path, &[], b"").await;
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, "3000000")
    );
    let got = docker.send("GET", &path, &[], b"").await;
    assert!(got.bytes == layer);
    let part = docker
        .send("GET", &path, &[("range", "bytes=2999998-")], b"")
        .await;
    assert_eq!((part.status, &part.bytes[..]), (206, &[7, 7][..]));
    assert_eq!(
        part.header("content-range"),
        "bytes 2999998-2999999/3000000"
    );
    let none = docker
        .send("GET", &path, &[("range", "bytes=9999999-")], b"")
        .await;
    assert_eq!(none.status, 416, "{none:?}");

    let tags = docker.send("GET", "/v2/app/tags/list", &[], b"").await;
    assert_eq!(tags.body, r#"{"name":"app","tags":["v1"]}"#);
    let input = json!({ "repositoryName": "app" });
    let described = ecr(access, "DescribeImages", input).await;
    assert!(
        described["imageDetails"][0]["lastRecordedPullTime"].is_f64(),
        "{described}"
    );

    let url = json!({ "repositoryName": "app", "layerDigest": digest(b"{}") });
    let url = ecr(access, "GetDownloadUrlForLayer", url).await;
    let url = url["downloadUrl"].as_str().unwrap();
    let path = url.strip_prefix(&access.endpoint).unwrap();
    let nobody = [("authorization", "")];
    assert_eq!(docker.send("GET", path, &nobody, b"").await.body, "{}");
    let forged = path.replace("seal=", "seal=0");
    assert_eq!(docker.send("GET", &forged, &nobody, b"").await.status, 401);

    for (method, path, status, code) in [
        ("GET", "/v2/app/manifests/v9", 404, "MANIFEST_UNKNOWN"),
        ("GET", "/v2/absent/manifests/v1", 404, "NAME_UNKNOWN"),
        ("GET", "/v2/App/manifests/v1", 400, "NAME_INVALID"),
        ("GET", "/v2/app/blobs/sha256:..", 400, "DIGEST_INVALID"),
        ("GET", "/v2/_catalog", 405, "UNSUPPORTED"),
        ("PUT", "/v2/app/manifests/-x", 400, "MANIFEST_INVALID"),
    ] {
        let reply = docker.send(method, path, &[], b"").await;
        assert_eq!(
            (reply.status, &*error_code(&reply)),
            (status, code),
            "{method} {path}"
        );
    }
    let path = format!("/v2/app/manifests/{image}");
    assert_eq!(docker.send("DELETE", &path, &[], b"").await.status, 202);
    assert_eq!(docker.send("GET", &path, &[], b"").await.status, 404);
    let blobs = server.state.path().join("ecr/blobs");
    assert_eq!(std::fs::read_dir(blobs).unwrap().count(), 0);
}

#[tokio::test]
async fn an_upload_goes_on_where_it_was_and_is_held_against_its_digest() {
    let server = TestServer::start().await;
    let access = server.access();
    for name in ["app", "other"] {
        ecr(
            access,
            "CreateRepository",
            json!({ "repositoryName": name }),
        )
        .await;
    }
    let docker = Docker::login(access).await;
    let location = docker.start("app").await;
    let first = docker
        .send("PATCH", &location, &[("content-range", "0-2")], b"abc")
        .await;
    assert_eq!((first.status, first.header("range")), (202, "0-2"));
    let gap = docker
        .send("PATCH", &location, &[("content-range", "5-6")], b"fg")
        .await;
    assert_eq!(gap.status, 416, "{gap:?}");
    let status = docker.send("GET", &location, &[], b"").await;
    assert_eq!((status.status, status.header("range")), (204, "0-2"));
    let elsewhere = location.replace("/app/", "/other/");
    let reply = docker.send("PATCH", &elsewhere, &[], b"x").await;
    assert_eq!(error_code(&reply), "BLOB_UPLOAD_UNKNOWN");
    let path = format!("{location}?digest={}", digest(b"abcde"));
    let last = docker.send("PUT", &path, &[], b"de").await;
    assert_eq!(last.status, 201, "{last:?}");

    let location = docker.start("app").await;
    let path = format!("{location}?digest={}", digest(b"other"));
    let reply = docker.send("PUT", &path, &[], b"bytes").await;
    assert_eq!(error_code(&reply), "DIGEST_INVALID");
    let location = docker.start("app").await;
    assert_eq!(docker.send("DELETE", &location, &[], b"").await.status, 204);
    assert_eq!(docker.send("GET", &location, &[], b"").await.status, 404);
    let uploads = server.state.path().join("ecr/uploads");
    assert_eq!(std::fs::read_dir(uploads).unwrap().count(), 0);

    let blob = digest(b"abcde");
    let path = format!("/v2/other/blobs/uploads/?mount={blob}&from=app");
    let mounted = docker.send("POST", &path, &[], b"").await;
    assert_eq!(mounted.status, 201, "{mounted:?}");
    let path = format!("/v2/other/blobs/{blob}");
    assert_eq!(docker.send("GET", &path, &[], b"").await.body, "abcde");
    let path = format!("/v2/other/blobs/uploads/?digest={}", digest(b"at once"));
    assert_eq!(
        docker.send("POST", &path, &[], b"at once").await.status,
        201
    );
}

#[tokio::test]
async fn an_immutable_tag_stays_at_its_image() {
    let server = TestServer::start().await;
    let access = server.access();
    let input = json!({ "repositoryName": "app", "imageTagMutability": "IMMUTABLE" });
    ecr(access, "CreateRepository", input).await;
    let docker = Docker::login(access).await;
    assert_eq!(docker.push("app", "v1", b"{}", b"one").await.status, 201);
    assert_eq!(docker.push("app", "v1", b"{}", b"one").await.status, 201);
    let reply = docker.push("app", "v1", b"{}", b"two").await;
    assert_eq!((reply.status, &*error_code(&reply)), (400, "TAG_INVALID"));
    assert!(
        reply.body.contains(
            "The image tag 'v1' already exists in the 'app' repository and cannot be overwritten"
        ),
        "{reply:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_keeps_whole_images_and_nothing_half() {
    let state = tempfile::tempdir().unwrap();
    let (mut child, access) = serve(state.path());
    ecr(
        &access,
        "CreateRepository",
        json!({ "repositoryName": "app" }),
    )
    .await;
    let docker = Docker::login(&access).await;
    assert_eq!(docker.push("app", "v1", b"{}", b"layer").await.status, 201);
    let location = docker.start("app").await;
    docker.send("PATCH", &location, &[], &[1; 100_000]).await;
    child.kill();
    // What a process leaves that is killed between a blob's file and its record.
    let stray = state.path().join("ecr/blobs").join("0".repeat(64));
    std::fs::write(&stray, "stray").unwrap();

    let (_child, access) = serve(state.path());
    let docker = Docker {
        access: &access,
        login: docker.login.clone(),
    };
    let image = manifest(b"{}", b"layer");
    let reply = docker.send("GET", "/v2/app/manifests/v1", &[], b"").await;
    assert_eq!((reply.status, &reply.body), (200, &image));
    let path = format!("/v2/app/blobs/{}", digest(b"layer"));
    assert_eq!(docker.send("GET", &path, &[], b"").await.body, "layer");
    assert_eq!(docker.send("GET", &location, &[], b"").await.status, 404);
    let uploads = state.path().join("ecr/uploads");
    assert_eq!(std::fs::read_dir(uploads).unwrap().count(), 0);
    let deadline = std::time::Instant::now() + crate::server::PATIENCE;
    while stray.exists() {
        assert!(
            std::time::Instant::now() < deadline,
            "the stray is still there"
        );
        tokio::task::yield_now().await;
    }
}
