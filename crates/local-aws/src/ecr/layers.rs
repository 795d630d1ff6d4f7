//! Operations on layers: what clients use that do not speak the registry protocol.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::errors;
use super::names;
use super::registry::Registry;
use crate::error::AwsError;
use crate::timestamp::EpochSeconds;

/// How long a part shall be. AWS says 10 MiB; a request has 4 MiB here at most.
const PART: u64 = 2 * 1024 * 1024;

/// How many digests an input may have.
const DIGESTS: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    registry_id: Option<String>,
    repository_name: Option<String>,
    layer_digest: Option<String>,
    layer_digests: Option<Vec<String>>,
    upload_id: Option<String>,
    part_first_byte: Option<u64>,
    part_last_byte: Option<u64>,
    layer_part_blob: Option<String>,
}

impl Input {
    fn name(&self, registry: &Registry) -> Result<String, AwsError> {
        let name = names::repository(self.repository_name.as_deref())?;
        names::check_registry(&registry.account, self.registry_id.as_deref(), name)?;
        Ok(name.to_owned())
    }

    fn digests(&self) -> Result<&[String], AwsError> {
        let digests = errors::required("layerDigests", self.layer_digests.as_deref())?;
        if digests.is_empty() || digests.len() > DIGESTS {
            return Err(errors::invalid(
                "layerDigests",
                "must have length between 1 and 100",
            ));
        }
        Ok(digests)
    }
}

pub(super) fn check(registry: &Registry, input: &Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let digests = input.digests()?;
    registry.repository(&name)?;
    let (mut layers, mut failures) = (Vec::new(), Vec::new());
    for digest in digests {
        if !names::is_digest(digest) {
            failures.push(json!({
                "layerDigest": digest,
                "failureCode": "InvalidLayerDigest",
                "failureReason": "Invalid layer digest: it must be sha256: and 64 hexadecimal digits",
            }));
            continue;
        }
        layers.push(match registry.layer(&name, digest)? {
            Some(layer) => json!({
                "layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": layer.size,
            }),
            None => json!({ "layerDigest": digest, "layerAvailability": "UNAVAILABLE" }),
        });
    }
    Ok(json!({ "layers": layers, "failures": failures }))
}

pub(super) fn start(registry: &Registry, input: &Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    registry.repository(&name)?;
    Ok(json!({ "uploadId": registry.uploads.start(&name)?, "partSize": PART }))
}

pub(super) async fn add_part(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    registry.repository(&name)?;
    let first = errors::required("partFirstByte", input.part_first_byte)?;
    let last = errors::required("partLastByte", input.part_last_byte)?;
    let id = errors::required("uploadId", input.upload_id)?;
    let part = errors::required("layerPartBlob", input.layer_part_blob)?;
    let part = STANDARD
        .decode(part)
        .map_err(|error| AwsError::serialization(format!("layerPartBlob: {error}")))?;
    if last
        .checked_sub(first)
        .and_then(|length| length.checked_add(1))
        != Some(part.len() as u64)
    {
        return Err(AwsError::new(
            "InvalidLayerPartException",
            format!(
                "The part has {} bytes, which are not those from {first} to {last}.",
                part.len()
            ),
        ));
    }
    let size = registry
        .uploads
        .append(&name, &id, Some(first), Body::from(part))
        .await?;
    Ok(json!({
        "registryId": registry.account.id,
        "repositoryName": name,
        "uploadId": id,
        "lastByteReceived": size - 1,
    }))
}

pub(super) async fn complete(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let wanted = input.digests()?.to_vec();
    let id = errors::required("uploadId", input.upload_id)?;
    registry.repository(&name)?;
    if registry.uploads.size(&name, &id).await? == 0 {
        return Err(AwsError::new(
            "EmptyUploadException",
            format!("The upload with id '{id}' has no parts."),
        ));
    }
    let digest = registry.complete_upload(&name, &id, &wanted).await?;
    Ok(json!({
        "registryId": registry.account.id,
        "repositoryName": name,
        "uploadId": id,
        "layerDigest": digest,
    }))
}

pub(super) fn download_url(
    registry: &Registry,
    host: &str,
    input: &Input,
) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let digest = errors::required("layerDigest", input.layer_digest.as_deref())?;
    if !names::is_digest(digest) {
        return Err(errors::invalid(
            "layerDigest",
            "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
        ));
    }
    if registry.layer(&name, digest)?.is_none() {
        return Err(errors::layers_not_found(&name, &[digest.to_owned()]));
    }
    let query = registry
        .logins
        .layer_query(&name, digest, EpochSeconds::now());
    Ok(json!({
        "downloadUrl": format!("http://{host}/v2/{name}/blobs/{digest}?{query}"),
        "layerDigest": digest,
    }))
}

impl Registry {
    /// Gives a repository the blob of a complete upload, if it has one of these digests.
    ///
    /// # Errors
    ///
    /// `InvalidLayerException` if its bytes have another digest.
    pub(super) async fn complete_upload(
        &self,
        repository: &str,
        id: &str,
        wanted: &[String],
    ) -> Result<String, AwsError> {
        let (upload, digest) = self.uploads.finish(repository, id).await?;
        if !wanted.contains(&digest) {
            return Err(AwsError::new(
                "InvalidLayerException",
                format!(
                    "The layer's digest is '{digest}', not '{}'. Send it again.",
                    wanted.join("', '")
                ),
            ));
        }
        self.keep_blob(repository, &digest, upload.size, upload.file)
            .await?;
        Ok(digest)
    }
}
