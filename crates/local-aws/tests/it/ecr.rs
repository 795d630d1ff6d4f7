//! ECR: repositories, images by its API, and lifecycle policies.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use local_aws::Access;
use serde_json::Value;
use serde_json::json;
use sha2::Digest as _;

use crate::raw::authority;
use crate::raw::call_json;
use crate::raw::refusal;
use crate::server::TestServer;

pub(crate) async fn ecr(access: &Access, operation: &str, input: Value) -> Value {
    let target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
    call_json(access, &target, input).await
}

async fn refused(access: &Access, operation: &str, input: Value) -> (String, String) {
    let target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
    refusal(access, &target, input).await
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    let hash = sha2::Sha256::digest(bytes);
    let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

/// A manifest of an image with one layer.
pub(crate) fn manifest(config: &[u8], layer: &[u8]) -> String {
    json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "digest": digest(config), "size": config.len(),
        },
        "layers": [{
            "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "digest": digest(layer), "size": layer.len(),
        }],
    })
    .to_string()
}

async fn create(access: &Access, name: &str) -> Value {
    ecr(
        access,
        "CreateRepository",
        json!({ "repositoryName": name }),
    )
    .await
}

async fn upload_layer(access: &Access, repository: &str, bytes: &[u8]) {
    let input = json!({ "repositoryName": repository });
    let started = ecr(access, "InitiateLayerUpload", input).await;
    let part = json!({
        "repositoryName": repository, "uploadId": started["uploadId"],
        "partFirstByte": 0, "partLastByte": bytes.len() - 1,
        "layerPartBlob": STANDARD.encode(bytes),
    });
    let sent = ecr(access, "UploadLayerPart", part).await;
    assert_eq!(sent["lastByteReceived"], bytes.len() - 1);
    let input = json!({
        "repositoryName": repository, "uploadId": started["uploadId"],
        "layerDigests": [digest(bytes)],
    });
    let done = ecr(access, "CompleteLayerUpload", input).await;
    assert_eq!(done["layerDigest"], digest(bytes));
}

/// Puts an image of its own for the tag; its digest.
async fn put_image(access: &Access, repository: &str, content: &str, tag: &str) -> String {
    let (config, layer) = (format!("{{\"of\":\"{content}\"}}"), content);
    upload_layer(access, repository, config.as_bytes()).await;
    upload_layer(access, repository, layer.as_bytes()).await;
    let manifest = manifest(config.as_bytes(), layer.as_bytes());
    let input = json!({
        "repositoryName": repository, "imageManifest": manifest, "imageTag": tag,
    });
    let put = ecr(access, "PutImage", input).await;
    assert_eq!(
        put["image"]["imageId"]["imageDigest"],
        digest(manifest.as_bytes())
    );
    digest(manifest.as_bytes())
}

fn blobs(server: &TestServer) -> usize {
    let blobs = server.state.path().join("ecr/blobs");
    std::fs::read_dir(blobs).unwrap().count()
}

#[tokio::test]
async fn a_repository_is_made_described_tagged_and_deleted() {
    let server = TestServer::start().await;
    let access = server.access();
    let made = ecr(
        access,
        "CreateRepository",
        json!({
            "repositoryName": "team/app", "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": { "scanOnPush": true },
            "tags": [{ "Key": "course", "Value": "DOP-C02" }],
        }),
    )
    .await;
    let repository = &made["repository"];
    let arn = "arn:aws:ecr:eu-central-1:123456789012:repository/team/app";
    assert_eq!(repository["repositoryArn"], arn);
    let uri = format!("{}/team/app", authority(access));
    assert_eq!(repository["repositoryUri"], uri);
    assert_eq!(repository["imageTagMutability"], "IMMUTABLE");
    assert_eq!(
        repository["encryptionConfiguration"]["encryptionType"],
        "AES256"
    );

    let (code, message) = refused(
        access,
        "CreateRepository",
        json!({ "repositoryName": "team/app" }),
    )
    .await;
    assert_eq!(code, "RepositoryAlreadyExistsException");
    assert_eq!(
        message,
        "The repository with name 'team/app' already exists in the registry with id '123456789012'"
    );
    let (code, message) = refused(
        access,
        "CreateRepository",
        json!({ "repositoryName": "App" }),
    )
    .await;
    assert_eq!(code, "InvalidParameterException");
    assert!(
        message.starts_with("Invalid parameter at 'repositoryName'"),
        "{message}"
    );

    let more = json!({ "resourceArn": arn, "tags": [{ "Key": "a", "Value": "b" }] });
    ecr(access, "TagResource", more).await;
    let less = json!({ "resourceArn": arn, "tagKeys": ["course"] });
    ecr(access, "UntagResource", less).await;
    let tags = ecr(access, "ListTagsForResource", json!({ "resourceArn": arn })).await;
    assert_eq!(tags["tags"], json!([{ "Key": "a", "Value": "b" }]));

    let only = json!({ "repositoryName": "team/app" });
    let deleted = ecr(access, "DeleteRepository", only.clone()).await;
    assert_eq!(deleted["repository"]["repositoryArn"], arn);
    let (code, _) = refused(access, "DeleteRepository", only).await;
    assert_eq!(code, "RepositoryNotFoundException");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = TestServer::start().await;
    let access = server.access();
    for name in ["one", "three", "two"] {
        create(access, name).await;
    }
    let mut names = Vec::new();
    let mut input = json!({ "maxResults": 1 });
    loop {
        let page = ecr(access, "DescribeRepositories", input.clone()).await;
        names.push(page["repositories"][0]["repositoryName"].clone());
        match page.get("nextToken") {
            Some(token) => input["nextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!(names, ["one", "three", "two"]);
    let input = json!({ "repositoryNames": ["absent"] });
    let (code, message) = refused(access, "DescribeRepositories", input).await;
    assert_eq!(code, "RepositoryNotFoundException");
    assert_eq!(
        message,
        "The repository with name 'absent' does not exist in the registry with id '123456789012'"
    );
    let bogus = json!({ "nextToken": "bogus" });
    let (code, _) = refused(access, "DescribeRepositories", bogus).await;
    assert_eq!(code, "InvalidParameterException");
}

#[tokio::test]
async fn an_image_is_put_found_and_deleted_with_its_blobs() {
    let server = TestServer::start().await;
    let access = server.access();
    create(access, "app").await;
    let image = put_image(access, "app", "one", "v1").await;
    let manifest = manifest(b"{\"of\":\"one\"}", b"one");
    let again = json!({ "repositoryName": "app", "imageManifest": manifest, "imageTag": "v1" });
    let (code, _) = refused(access, "PutImage", again).await;
    assert_eq!(code, "ImageAlreadyExistsException");
    let latest =
        json!({ "repositoryName": "app", "imageManifest": manifest, "imageTag": "latest" });
    ecr(access, "PutImage", latest).await;

    let described = ecr(access, "DescribeImages", json!({ "repositoryName": "app" })).await;
    let detail = &described["imageDetails"][0];
    assert_eq!(detail["imageDigest"], image);
    assert_eq!(detail["imageTags"], json!(["v1", "latest"]));
    assert_eq!(detail["imageSizeInBytes"], 15);
    assert!(detail["imagePushedAt"].as_f64().unwrap() > 1.7e9);
    let listed = ecr(access, "ListImages", json!({ "repositoryName": "app" })).await;
    assert_eq!(listed["imageIds"].as_array().unwrap().len(), 2);
    let got = json!({
        "repositoryName": "app", "imageIds": [{ "imageTag": "v1" }, { "imageTag": "v9" }],
    });
    let got = ecr(access, "BatchGetImage", got).await;
    assert_eq!(got["images"][0]["imageManifest"], manifest);
    assert_eq!(got["failures"][0]["failureCode"], "ImageNotFound");
    let input = json!({ "repositoryName": "app", "imageIds": [{ "imageTag": "v9" }] });
    let (code, message) = refused(access, "DescribeImages", input).await;
    assert_eq!(code, "ImageNotFoundException");
    assert_eq!(
        message,
        "The image with imageId {imageDigest:'null', imageTag:'v9'} does not exist within the \
         repository with name 'app' in the registry with id '123456789012'"
    );

    let (code, message) = refused(
        access,
        "DeleteRepository",
        json!({ "repositoryName": "app" }),
    )
    .await;
    assert_eq!(code, "RepositoryNotEmptyException");
    assert_eq!(
        message,
        "The repository with name 'app' in registry with id '123456789012' cannot be deleted \
         because it still contains images"
    );
    // A second repository has one of the blobs: it stays.
    create(access, "other").await;
    upload_layer(access, "other", b"one").await;
    assert_eq!(blobs(&server), 2);
    let by_tag = json!({ "repositoryName": "app", "imageIds": [{ "imageTag": "latest" }] });
    ecr(access, "BatchDeleteImage", by_tag).await;
    assert_eq!(blobs(&server), 2);
    let by_digest = json!({ "repositoryName": "app", "imageIds": [{ "imageDigest": image }] });
    let deleted = ecr(access, "BatchDeleteImage", by_digest).await;
    assert_eq!(
        deleted["imageIds"],
        json!([{ "imageDigest": image, "imageTag": "v1" }])
    );
    assert_eq!(blobs(&server), 1);
    for name in ["app", "other"] {
        let input = json!({ "repositoryName": name, "force": true });
        ecr(access, "DeleteRepository", input).await;
    }
    assert_eq!(blobs(&server), 0);
}

#[tokio::test]
async fn a_tag_moves_unless_it_is_immutable() {
    let server = TestServer::start().await;
    let access = server.access();
    create(access, "app").await;
    let first = put_image(access, "app", "one", "v1").await;
    let second = put_image(access, "app", "two", "v1").await;
    let untagged = json!({ "repositoryName": "app", "filter": { "tagStatus": "UNTAGGED" } });
    let listed = ecr(access, "ListImages", untagged).await;
    assert_eq!(listed["imageIds"], json!([{ "imageDigest": first }]));

    let immutable = json!({ "repositoryName": "app", "imageTagMutability": "IMMUTABLE" });
    ecr(access, "PutImageTagMutability", immutable).await;
    let manifest = manifest(b"{\"of\":\"one\"}", b"one");
    let input = json!({ "repositoryName": "app", "imageManifest": manifest, "imageTag": "v1" });
    let (code, message) = refused(access, "PutImage", input).await;
    assert_eq!(code, "ImageTagAlreadyExistsException");
    assert!(
        message.contains("'v1' already exists in the 'app' repository"),
        "{message}"
    );
    let ids = json!({ "repositoryName": "app", "imageIds": [{ "imageTag": "v1" }] });
    let described = ecr(access, "DescribeImages", ids).await;
    assert_eq!(described["imageDetails"][0]["imageDigest"], second);
}

#[tokio::test]
async fn layers_are_held_against_their_digests() {
    let server = TestServer::start().await;
    let access = server.access();
    create(access, "app").await;
    upload_layer(access, "app", b"here").await;
    let (here, absent) = (digest(b"here"), digest(b"absent"));
    let input = json!({ "repositoryName": "app", "layerDigests": [here, absent, "x"] });
    let checked = ecr(access, "BatchCheckLayerAvailability", input).await;
    assert_eq!(checked["layers"][0]["layerAvailability"], "AVAILABLE");
    assert_eq!(checked["layers"][0]["layerSize"], 4);
    assert_eq!(checked["layers"][1]["layerAvailability"], "UNAVAILABLE");
    assert_eq!(checked["failures"][0]["failureCode"], "InvalidLayerDigest");

    let started = ecr(
        access,
        "InitiateLayerUpload",
        json!({ "repositoryName": "app" }),
    )
    .await;
    let upload = &started["uploadId"];
    let complete = json!({
        "repositoryName": "app", "uploadId": upload, "layerDigests": [absent],
    });
    let (code, _) = refused(access, "CompleteLayerUpload", complete.clone()).await;
    assert_eq!(code, "EmptyUploadException");
    let part = |first: u64, last: u64| {
        json!({
            "repositoryName": "app", "uploadId": upload, "partFirstByte": first,
            "partLastByte": last, "layerPartBlob": STANDARD.encode("abc"),
        })
    };
    for (first, last) in [(0, 1), (3, 5), (0, u64::MAX)] {
        let (code, _) = refused(access, "UploadLayerPart", part(first, last)).await;
        assert_eq!(code, "InvalidLayerPartException", "{first} {last}");
    }
    ecr(access, "UploadLayerPart", part(0, 2)).await;
    let (code, _) = refused(access, "CompleteLayerUpload", complete.clone()).await;
    assert_eq!(code, "InvalidLayerException");
    let (code, _) = refused(access, "CompleteLayerUpload", complete).await;
    assert_eq!(code, "UploadNotFoundException");

    let manifest = manifest(b"here", b"absent");
    let input = json!({ "repositoryName": "app", "imageManifest": manifest });
    let (code, message) = refused(access, "PutImage", input).await;
    assert_eq!(code, "LayersNotFoundException");
    assert!(
        message.contains(&absent) && !message.contains(&here),
        "{message}"
    );
}

#[tokio::test]
async fn a_lifecycle_policy_is_tried_and_expires_images() {
    let server = TestServer::start().await;
    let access = server.access();
    create(access, "app").await;
    for tag in ["v1", "v2", "v3"] {
        put_image(access, "app", tag, tag).await;
    }
    let policy = json!({ "rules": [{
        "rulePriority": 1, "description": "Keep two images",
        "selection": { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 2 },
        "action": { "type": "expire" },
    }]})
    .to_string();
    let input = json!({ "repositoryName": "app", "lifecyclePolicyText": policy });
    let started = ecr(access, "StartLifecyclePolicyPreview", input.clone()).await;
    assert_eq!(started["status"], "IN_PROGRESS");
    let only = json!({ "repositoryName": "app" });
    let preview = ecr(access, "GetLifecyclePolicyPreview", only.clone()).await;
    assert_eq!(preview["status"], "COMPLETE");
    assert_eq!(preview["summary"]["expiringImageTotalCount"], 1);
    assert_eq!(preview["previewResults"][0]["imageTags"], json!(["v1"]));
    assert_eq!(preview["previewResults"][0]["appliedRulePriority"], 1);
    let tags = async || {
        let images = ecr(access, "DescribeImages", only.clone()).await;
        let images = images["imageDetails"].as_array().unwrap().clone();
        let mut tags: Vec<String> = images
            .iter()
            .map(|i| i["imageTags"][0].to_string())
            .collect();
        tags.sort();
        tags.join(" ")
    };
    assert_eq!(tags().await, r#""v1" "v2" "v3""#);

    ecr(access, "PutLifecyclePolicy", input).await;
    assert_eq!(tags().await, r#""v2" "v3""#);
    put_image(access, "app", "v4", "v4").await;
    assert_eq!(tags().await, r#""v3" "v4""#);
    assert_eq!(blobs(&server), 4);
    let got = ecr(access, "GetLifecyclePolicy", only.clone()).await;
    assert_eq!(got["lifecyclePolicyText"], policy);
    ecr(access, "DeleteLifecyclePolicy", only.clone()).await;
    let (code, message) = refused(access, "GetLifecyclePolicy", only).await;
    assert_eq!(code, "LifecyclePolicyNotFoundException");
    assert_eq!(
        message,
        "Lifecycle policy does not exist for the repository with name 'app' in the registry with \
         id '123456789012'"
    );
    let input = json!({ "repositoryName": "app", "lifecyclePolicyText": "{\"rules\":[]}" });
    let (code, message) = refused(access, "PutLifecyclePolicy", input).await;
    assert_eq!(code, "InvalidParameterException");
    assert!(
        message.contains("Lifecycle policy validation failure"),
        "{message}"
    );
}

#[tokio::test]
async fn policies_and_settings_are_kept_and_scans_refused() {
    let server = TestServer::start().await;
    let access = server.access();
    create(access, "app").await;
    let only = json!({ "repositoryName": "app" });
    let (code, _) = refused(access, "GetRepositoryPolicy", only.clone()).await;
    assert_eq!(code, "RepositoryPolicyNotFoundException");
    let text = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let input = json!({ "repositoryName": "app", "policyText": text });
    ecr(access, "SetRepositoryPolicy", input).await;
    let got = ecr(access, "GetRepositoryPolicy", only.clone()).await;
    assert_eq!(got["policyText"], text);
    ecr(access, "DeleteRepositoryPolicy", only.clone()).await;
    let input = json!({ "repositoryName": "app", "policyText": "no" });
    let (code, _) = refused(access, "SetRepositoryPolicy", input).await;
    assert_eq!(code, "InvalidParameterException");
    for operation in ["StartImageScan", "DescribeImageScanFindings"] {
        let input = json!({ "repositoryName": "app", "imageId": { "imageTag": "x" } });
        let (code, message) = refused(access, operation, input).await;
        assert_eq!(code, "ValidationException");
        assert!(message.contains("does not scan images"), "{message}");
    }
    let elsewhere = json!({ "repositoryName": "app", "registryId": "210987654321" });
    let (code, message) = refused(access, "ListImages", elsewhere).await;
    assert_eq!(code, "RepositoryNotFoundException");
    assert!(message.contains("'210987654321'"), "{message}");
}
