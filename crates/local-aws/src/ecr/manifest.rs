//! What an image's manifest says: its type, and what it is made of.
//!
//! Docker's manifests of version 2 and those of the
//! [OCI image specification](https://github.com/opencontainers/image-spec/blob/main/manifest.md).

use serde::Deserialize;
use serde::Serialize;

const LISTS: [&str; 2] = [
    "application/vnd.docker.distribution.manifest.list.v2+json",
    OCI_INDEX,
];
const IMAGES: [&str; 2] = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
];
/// The type of a list of images.
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// What counts of a manifest.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Facts {
    pub(super) media_type: String,
    /// What kind of thing it is, such as an image or a Helm chart.
    pub(super) artifact_type: Option<String>,
    /// Everything together, without the manifest itself.
    pub(super) size: u64,
    /// The digests of its configuration and layers.
    pub(super) layers: Vec<String>,
    /// The digests of the images in a list.
    pub(super) images: Vec<String>,
    /// The image that this one is about, such as a signature.
    pub(super) subject: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u64,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
    #[serde(default)]
    manifests: Vec<Descriptor>,
    subject: Option<Descriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: Option<String>,
    digest: String,
    #[serde(default)]
    size: u64,
    /// Layers that nobody may hand on are fetched from here.
    #[serde(default)]
    urls: Vec<String>,
}

/// Reads a manifest.
///
/// # Errors
///
/// Why it is none, as a clause.
pub(super) fn read(text: &[u8], media_type: Option<&str>) -> Result<Facts, String> {
    let manifest: Manifest = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    if manifest.schema_version != 2 {
        return Err(format!(
            "schemaVersion is {}, and only 2 is taken",
            manifest.schema_version
        ));
    }
    let own = manifest.media_type.as_deref();
    if let (Some(own), Some(said)) = (own, media_type)
        && own != said
    {
        return Err(format!("its mediaType is {own}, not {said}"));
    }
    let implied = if manifest.manifests.is_empty() {
        IMAGES[1]
    } else {
        OCI_INDEX
    };
    let media_type = own.or(media_type).unwrap_or(implied);
    let is_list = LISTS.contains(&media_type);
    if !is_list && !IMAGES.contains(&media_type) {
        return Err(format!("the media type {media_type} is not supported"));
    }
    if !is_list && manifest.config.is_none() {
        return Err("it has no config".to_owned());
    }
    let parts = manifest.config.iter().chain(&manifest.layers);
    let held = parts.clone().filter(|part| part.urls.is_empty());
    let digests = held.map(|part| part.digest.clone()).collect();
    let all = parts.chain(&manifest.manifests);
    if let Some(part) = all
        .clone()
        .find(|part| !super::names::is_digest(&part.digest))
    {
        return Err(format!("'{}' is not a digest", part.digest));
    }
    let config_type = manifest.config.as_ref();
    let config_type = config_type.and_then(|config| config.media_type.clone());
    Ok(Facts {
        media_type: media_type.to_owned(),
        artifact_type: manifest.artifact_type.or(config_type),
        size: all.fold(0, |sum, part| sum.saturating_add(part.size)),
        layers: if is_list { Vec::new() } else { digests },
        images: manifest
            .manifests
            .iter()
            .map(|part| part.digest.clone())
            .collect(),
        subject: manifest.subject.map(|subject| subject.digest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_names_its_parts() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let text = format!(
            r#"{{"schemaVersion":2,"config":{{"mediaType":"c","digest":"{digest}","size":3}},
                "layers":[{{"digest":"{digest}","size":4}},
                {{"digest":"{digest}","size":5,"urls":["https://example.org"]}}]}}"#
        );
        let facts = read(text.as_bytes(), Some(IMAGES[0])).unwrap();
        assert_eq!(facts.media_type, IMAGES[0]);
        assert_eq!(facts.artifact_type.as_deref(), Some("c"));
        assert_eq!((facts.size, facts.layers.len()), (12, 2));
    }

    #[test]
    fn what_is_no_manifest_is_refused_with_a_reason() {
        for (text, media_type, reason) in [
            ("x", None, "expected value"),
            (r#"{"schemaVersion":1}"#, None, "only 2"),
            (r#"{"schemaVersion":2}"#, None, "no config"),
            (
                r#"{"schemaVersion":2}"#,
                Some("text/plain"),
                "not supported",
            ),
            (
                r#"{"schemaVersion":2,"mediaType":"a"}"#,
                Some("b"),
                "its mediaType is a, not b",
            ),
            (
                r#"{"schemaVersion":2,"config":{"digest":"../../x"}}"#,
                None,
                "not a digest",
            ),
        ] {
            let refused = read(text.as_bytes(), media_type).unwrap_err();
            assert!(refused.contains(reason), "{text}: {refused}");
        }
    }
}
