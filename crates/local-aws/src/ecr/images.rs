//! Operations on images.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::errors;
use super::names;
use super::put_image::NewImage;
use super::records::Image;
use super::registry;
use super::registry::Registry;
use super::remove_images;
use crate::error::AwsError;
use crate::page_token::PageTokens;
use crate::store;

/// How many images a page has.
const PAGE: usize = 1000;

/// How many image ids an input may have.
const IDS: usize = 100;

/// A digest, a tag, or both.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ImageId {
    #[serde(skip_serializing_if = "Option::is_none")]
    image_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_tag: Option<String>,
}

impl ImageId {
    /// Whether it names the image with this digest and these tags.
    pub(super) fn names(&self, digest: &str, tags: &[String]) -> bool {
        let has_digest = self.image_digest.as_deref().is_none_or(|own| own == digest);
        let has_tag = self.image_tag.as_ref().is_none_or(|tag| tags.contains(tag));
        has_digest && has_tag && (self.image_digest.is_some() || self.image_tag.is_some())
    }

    fn of<'i>(&self, images: &'i [(String, Image)]) -> Option<&'i (String, Image)> {
        images
            .iter()
            .find(|(digest, image)| self.names(digest, &image.tags))
    }

    /// Why it names no image of these: a code and a sentence.
    fn failure(&self, images: &[(String, Image)]) -> (&'static str, String) {
        let (digest, tag) = (self.image_digest.as_deref(), self.image_tag.as_deref());
        match (digest, tag) {
            (None, None) => ("MissingDigestAndTag", "Missing digest and tag".to_owned()),
            (Some(digest), _) if !names::is_digest(digest) => (
                "InvalidImageDigest",
                "Invalid request parameters: image digest should satisfy the regex \
                 '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"
                    .to_owned(),
            ),
            (Some(_), Some(tag))
                if images
                    .iter()
                    .any(|(_, image)| image.tags.iter().any(|own| own == tag)) =>
            {
                (
                    "ImageTagDoesNotMatchDigest",
                    "Requested image tag does not match the digest".to_owned(),
                )
            }
            _ => ("ImageNotFound", "Requested image not found".to_owned()),
        }
    }

    fn failed(&self, (code, reason): (&str, String)) -> Value {
        json!({ "imageId": self, "failureCode": code, "failureReason": reason })
    }
}

/// `tagStatus` of a filter.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TagFilter {
    tag_status: Option<String>,
}

impl TagFilter {
    pub(super) fn check(&self) -> Result<(), AwsError> {
        match self.tag_status.as_deref() {
            None | Some("TAGGED" | "UNTAGGED" | "ANY") => Ok(()),
            Some(_) => Err(errors::invalid(
                "filter.tagStatus",
                "must satisfy enum value set [TAGGED, UNTAGGED, ANY]",
            )),
        }
    }

    pub(super) fn lets_in(&self, tags: &[String]) -> bool {
        match self.tag_status.as_deref() {
            Some("TAGGED") => !tags.is_empty(),
            Some("UNTAGGED") => tags.is_empty(),
            _ => true,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Input {
    registry_id: Option<String>,
    repository_name: Option<String>,
    image_ids: Option<Vec<ImageId>>,
    next_token: Option<String>,
    max_results: Option<i64>,
    filter: Option<TagFilter>,
}

impl Input {
    fn name(&self, registry: &Registry) -> Result<String, AwsError> {
        let name = names::repository(self.repository_name.as_deref())?;
        names::check_registry(&registry.account, self.registry_id.as_deref(), name)?;
        Ok(name.to_owned())
    }

    fn ids(&self) -> Result<Vec<ImageId>, AwsError> {
        let ids = errors::required("imageIds", self.image_ids.clone())?;
        if ids.is_empty() || ids.len() > IDS {
            return Err(errors::invalid(
                "imageIds",
                "must have length between 1 and 100",
            ));
        }
        Ok(ids)
    }
}

pub(super) fn list(
    registry: &Registry,
    tokens: &PageTokens,
    input: Input,
) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let filter = input.filter.unwrap_or_default();
    filter.check()?;
    let length = super::pages::length(input.max_results, PAGE)?;
    let mut ids = Vec::new();
    for (digest, image) in registry.images(&name)? {
        if filter.lets_in(&image.tags) {
            ids.extend(ids_of(&digest, &image));
        }
    }
    let list = format!("ListImages/{name}/{:?}", filter.tag_status);
    let (page, next) = super::pages::page(tokens, &list, ids, input.next_token, length)?;
    let mut output = json!({ "imageIds": page });
    super::pages::add_token(&mut output, next);
    Ok(output)
}

/// An image's ids: one for each tag, or one without.
fn ids_of(digest: &str, image: &Image) -> Vec<ImageId> {
    let id = |tag: Option<&String>| ImageId {
        image_digest: Some(digest.to_owned()),
        image_tag: tag.cloned(),
    };
    if image.tags.is_empty() {
        return vec![id(None)];
    }
    image.tags.iter().map(|tag| id(Some(tag))).collect()
}

pub(super) fn describe(
    registry: &Registry,
    tokens: &PageTokens,
    input: Input,
) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let filter = input.filter.clone().unwrap_or_default();
    filter.check()?;
    let length = super::pages::length(input.max_results, PAGE)?;
    let images = registry.images(&name)?;
    if input.image_ids.is_some() {
        let mut details = Vec::new();
        for id in input.ids()? {
            let (digest, image) = id.of(&images).ok_or_else(|| {
                errors::no_such_image(
                    id.image_digest.as_deref(),
                    id.image_tag.as_deref(),
                    &name,
                    &registry.account,
                )
            })?;
            details.push(detail(registry, &name, digest, image));
        }
        return Ok(json!({ "imageDetails": details }));
    }
    let details: Vec<Value> = images
        .iter()
        .filter(|(_, image)| filter.lets_in(&image.tags))
        .map(|(digest, image)| detail(registry, &name, digest, image))
        .collect();
    let list = format!("DescribeImages/{name}/{:?}", filter.tag_status);
    let (page, next) = super::pages::page(tokens, &list, details, input.next_token, length)?;
    let mut output = json!({ "imageDetails": page });
    super::pages::add_token(&mut output, next);
    Ok(output)
}

fn detail(registry: &Registry, name: &str, digest: &str, image: &Image) -> Value {
    let facts = &image.facts;
    let mut detail = json!({
        "registryId": registry.account.id,
        "repositoryName": name,
        "imageDigest": digest,
        "imageSizeInBytes": facts.size,
        "imagePushedAt": image.pushed,
        "imageManifestMediaType": facts.media_type,
    });
    if !image.tags.is_empty() {
        detail["imageTags"] = json!(image.tags);
    }
    if let Some(artifact_type) = &facts.artifact_type {
        detail["artifactMediaType"] = json!(artifact_type);
    }
    if let Some(subject) = &facts.subject {
        detail["subjectManifestDigest"] = json!(subject);
    }
    if let Some(pulled) = &image.pulled {
        detail["lastRecordedPullTime"] = json!(pulled);
    }
    detail
}

pub(super) fn batch_get(registry: &Registry, input: &Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let ids = input.ids()?;
    let known = registry.images(&name)?;
    let (mut images, mut failures) = (Vec::new(), Vec::new());
    for id in ids {
        let Some((digest, image)) = id.of(&known) else {
            failures.push(id.failed(id.failure(&known)));
            continue;
        };
        let manifest = registry.manifest(&name, digest)?.unwrap_or_default();
        let mut image_id = json!({ "imageDigest": digest });
        if let Some(tag) = &id.image_tag {
            image_id["imageTag"] = json!(tag);
        }
        images.push(json!({
            "registryId": registry.account.id,
            "repositoryName": name,
            "imageId": image_id,
            "imageManifest": String::from_utf8_lossy(&manifest),
            "imageManifestMediaType": image.facts.media_type,
        }));
    }
    Ok(json!({ "images": images, "failures": failures }))
}

/// What is taken away: tags, or a whole image.
enum Removal {
    Tag(String, String),
    Image(String),
}

pub(super) async fn batch_delete(registry: &Registry, input: Input) -> Result<Value, AwsError> {
    let name = input.name(registry)?;
    let ids = input.ids()?;
    let known = registry.images(&name)?;
    let (mut removals, mut removed, mut failures) = (Vec::new(), Vec::new(), Vec::new());
    for id in ids {
        let Some((digest, image)) = id.of(&known) else {
            failures.push(id.failed(id.failure(&known)));
            continue;
        };
        if let Some(tag) = &id.image_tag {
            removals.push(Removal::Tag(digest.clone(), tag.clone()));
            removed.push(ImageId {
                image_digest: Some(digest.clone()),
                image_tag: Some(tag.clone()),
            });
            continue;
        }
        let lists: Vec<&str> = known
            .iter()
            .filter(|(_, list)| list.facts.images.contains(digest))
            .map(|(list, _)| list.as_str())
            .collect();
        if !lists.is_empty() {
            failures.push(id.failed((
                "ImageReferencedByManifestList",
                format!(
                    "Requested image referenced by manifest list: [{}]",
                    lists.join(", ")
                ),
            )));
            continue;
        }
        removals.push(Removal::Image(digest.clone()));
        removed.extend(ids_of(digest, image));
    }
    remove(registry, &name, removals).await?;
    Ok(json!({ "imageIds": removed, "failures": failures }))
}

/// An image goes with its last tag.
async fn remove(registry: &Registry, name: &str, removals: Vec<Removal>) -> Result<(), AwsError> {
    if removals.is_empty() {
        return Ok(());
    }
    let name = name.to_owned();
    let unused = registry
        .store
        .write(move |transaction| {
            let mut images = transaction.open_table(store::ECR_IMAGES)?;
            let mut gone = Vec::new();
            for removal in removals {
                let (digest, tag) = match removal {
                    Removal::Image(digest) => {
                        gone.push(digest);
                        continue;
                    }
                    Removal::Tag(digest, tag) => (digest, tag),
                };
                let known = registry::images(&*images, &name)?;
                let Some((_, mut image)) = known.into_iter().find(|(known, _)| *known == digest)
                else {
                    continue;
                };
                image.tags.retain(|own| *own != tag);
                if image.tags.is_empty() {
                    gone.push(digest);
                } else {
                    let record = serde_json::to_vec(&image)?;
                    images.insert((name.as_str(), digest.as_str()), record.as_slice())?;
                }
            }
            drop(images);
            remove_images::images(transaction, &name, &gone)
        })
        .await?;
    registry.remove_unused(unused).await;
    Ok(())
}

impl Registry {
    /// Removes a tag, and with the last one the image; or the image that a digest names. False if
    /// there is none.
    pub(super) async fn remove_image(
        &self,
        repository: &str,
        digest_or_tag: &str,
    ) -> Result<bool, AwsError> {
        let Some((digest, _)) = self.image(repository, digest_or_tag)? else {
            return Ok(false);
        };
        let removal = if digest == digest_or_tag {
            Removal::Image(digest)
        } else {
            Removal::Tag(digest, digest_or_tag.to_owned())
        };
        remove(self, repository, vec![removal]).await?;
        Ok(true)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutInput {
    registry_id: Option<String>,
    repository_name: Option<String>,
    image_manifest: Option<String>,
    image_manifest_media_type: Option<String>,
    image_tag: Option<String>,
    image_digest: Option<String>,
}

pub(super) async fn put(registry: &Registry, input: PutInput) -> Result<Value, AwsError> {
    let name = names::repository(input.repository_name.as_deref())?.to_owned();
    names::check_registry(&registry.account, input.registry_id.as_deref(), &name)?;
    let manifest = errors::required("imageManifest", input.image_manifest)?;
    let tag = input.image_tag;
    let put = registry
        .put_image(NewImage {
            repository: name.clone(),
            manifest: manifest.clone().into_bytes(),
            media_type: input.image_manifest_media_type,
            tag: tag.clone(),
            digest: input.image_digest,
        })
        .await?;
    if put.existed {
        let with_tag = tag.map_or_else(String::new, |tag| format!(" and tag '{tag}'"));
        return Err(AwsError::new(
            "ImageAlreadyExistsException",
            format!(
                "Image with digest '{}'{with_tag} already exists in the repository with name \
                 '{name}' in registry with id '{}'",
                put.digest, registry.account.id
            ),
        ));
    }
    let id = ImageId {
        image_digest: Some(put.digest),
        image_tag: tag,
    };
    Ok(json!({ "image": {
        "registryId": registry.account.id,
        "repositoryName": name,
        "imageId": id,
        "imageManifest": manifest,
        "imageManifestMediaType": put.media_type,
    }}))
}
