//! ECR over JSON 1.1, and the registry that `docker push` and `docker pull` speak with.
//!
//! On AWS each registry has a host name of its own. Here both are at the one endpoint, and a
//! `repositoryUri` names the host at which the caller reached it: the loopback address for whoever
//! is on this machine, the gateway of the container's network for the commands of a build. Docker
//! takes a registry on loopback without TLS; the Docker daemon in a build is told to take the
//! gateway's (see `callbacks.rs`).

mod build_images;
mod distribution;
mod errors;
mod images;
mod layers;
mod lifecycle;
mod lifecycle_policy;
mod logins;
mod manifest;
mod names;
mod pages;
mod pulls;
mod put_image;
mod records;
mod registry;
mod remove_images;
mod repositories;
mod settings;
mod tags;
mod uploads;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;

use crate::error::AwsError;
use crate::services::Services;
use crate::timestamp::EpochSeconds;

pub(crate) use distribution::answer;
pub(crate) use distribution::is_for_registry;
pub(crate) use lifecycle::keep_tidy;
pub(crate) use registry::Registry;

/// What [`call`] knows.
pub(crate) const OPERATIONS: [&str; 33] = [
    "BatchCheckLayerAvailability",
    "BatchDeleteImage",
    "BatchGetImage",
    "BatchGetRepositoryScanningConfiguration",
    "CompleteLayerUpload",
    "CreateRepository",
    "DeleteLifecyclePolicy",
    "DeleteRepository",
    "DeleteRepositoryPolicy",
    "DescribeImageScanFindings",
    "DescribeImages",
    "DescribeRegistry",
    "DescribeRepositories",
    "GetAuthorizationToken",
    "GetDownloadUrlForLayer",
    "GetLifecyclePolicy",
    "GetLifecyclePolicyPreview",
    "GetRegistryScanningConfiguration",
    "GetRepositoryPolicy",
    "InitiateLayerUpload",
    "ListImages",
    "ListTagsForResource",
    "PutImage",
    "PutImageScanningConfiguration",
    "PutImageTagMutability",
    "PutLifecyclePolicy",
    "PutRegistryScanningConfiguration",
    "SetRepositoryPolicy",
    "StartImageScan",
    "StartLifecyclePolicyPreview",
    "TagResource",
    "UntagResource",
    "UploadLayerPart",
];

/// Who calls, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller<'a> {
    /// Where the caller reached the endpoint: host and port.
    pub(crate) host: &'a str,
    pub(crate) access_key_id: &'a str,
}

/// Whether [`call`] knows the operation.
pub(crate) fn has_operation(operation: &str) -> bool {
    OPERATIONS.contains(&operation)
}

/// Runs one operation.
///
/// # Errors
///
/// As the operation does.
pub(crate) async fn call(
    services: &Services,
    caller: Caller<'_>,
    operation: &str,
    input: Value,
) -> Result<Value, AwsError> {
    let (registry, tokens) = (&services.registry, &services.tokens);
    let host = caller.host;
    match operation {
        "CreateRepository" => repositories::create(registry, host, read(input)?).await,
        "DescribeRepositories" => repositories::describe(registry, tokens, host, read(input)?),
        "DeleteRepository" => repositories::delete(registry, host, read(input)?).await,
        "ListImages" => images::list(registry, tokens, read(input)?),
        "DescribeImages" => images::describe(registry, tokens, read(input)?),
        "BatchGetImage" => images::batch_get(registry, &read(input)?),
        "BatchDeleteImage" => images::batch_delete(registry, read(input)?).await,
        "PutImage" => images::put(registry, read(input)?).await,
        "BatchCheckLayerAvailability" => layers::check(registry, &read(input)?),
        "InitiateLayerUpload" => layers::start(registry, &read(input)?),
        "UploadLayerPart" => layers::add_part(registry, read(input)?).await,
        "CompleteLayerUpload" => layers::complete(registry, read(input)?).await,
        "GetDownloadUrlForLayer" => layers::download_url(registry, host, &read(input)?),
        "GetAuthorizationToken" => authorization_token(registry, caller, &read(input)?),
        "PutImageTagMutability" => settings::put_mutability(registry, read(input)?).await,
        "PutImageScanningConfiguration" => settings::put_scanning(registry, read(input)?).await,
        "SetRepositoryPolicy" => settings::set_policy(registry, read(input)?).await,
        "GetRepositoryPolicy" => settings::get_policy(registry, &read(input)?),
        "DeleteRepositoryPolicy" => settings::delete_policy(registry, read(input)?).await,
        "PutLifecyclePolicy" => lifecycle::put(registry, read(input)?).await,
        "GetLifecyclePolicy" => lifecycle::get(registry, read(input)?),
        "DeleteLifecyclePolicy" => lifecycle::delete(registry, read(input)?).await,
        "StartLifecyclePolicyPreview" => lifecycle::start_preview(registry, read(input)?).await,
        "GetLifecyclePolicyPreview" => lifecycle::get_preview(registry, tokens, read(input)?),
        "TagResource" => tags::add(registry, read(input)?).await,
        "UntagResource" => tags::remove(registry, read(input)?).await,
        "ListTagsForResource" => tags::list(registry, &read(input)?),
        "DescribeRegistry" => Ok(json!({
            "registryId": registry.account.id, "replicationConfiguration": { "rules": [] },
        })),
        "StartImageScan"
        | "DescribeImageScanFindings"
        | "GetRegistryScanningConfiguration"
        | "PutRegistryScanningConfiguration"
        | "BatchGetRepositoryScanningConfiguration" => Err(AwsError::new(
            "ValidationException",
            format!(
                "The local AWS does not scan images, so {operation} has nothing to work with. Use \
                 ECR on AWS, or a scanner such as Trivy on the image."
            ),
        )),
        _ => Err(AwsError::bare("UnknownOperationException")),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizationInput {
    registry_ids: Option<Vec<String>>,
}

fn authorization_token(
    registry: &Registry,
    caller: Caller<'_>,
    input: &AuthorizationInput,
) -> Result<Value, AwsError> {
    for id in input.registry_ids.iter().flatten() {
        if *id != registry.account.id {
            return Err(errors::invalid(
                "registryIds",
                &format!(
                    "must be the only registry that is here, {}",
                    registry.account.id
                ),
            ));
        }
    }
    let expires = EpochSeconds::now().plus(logins::LIFETIME);
    let password = registry.logins.password(caller.access_key_id, expires);
    Ok(json!({ "authorizationData": [{
        "authorizationToken": STANDARD.encode(format!("{}:{password}", logins::USER)),
        "expiresAt": expires,
        "proxyEndpoint": format!("http://{}", caller.host),
    }]}))
}

fn read<T: DeserializeOwned>(input: Value) -> Result<T, AwsError> {
    serde_json::from_value(input).map_err(|error| AwsError::serialization(error.to_string()))
}
