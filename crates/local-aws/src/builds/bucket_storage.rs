//! Where a build's artifacts, remote caches and reports go: buckets and report groups.

use std::path::Path;

use build_engine::Answer;
use build_engine::ArtifactContent;
use build_engine::ArtifactRequest;
use build_engine::CacheRequest;
use build_engine::CollectedArtifact;
use build_engine::CollectedReport;
use build_engine::FoundCache;
use build_engine::LogSink;
use build_engine::Packaging;
use build_engine::PhaseContext;
use build_engine::Storage;

use super::BuildHost;
use crate::codebuild::Build;
use crate::codebuild::ProjectArtifacts;
use crate::codebuild::ProjectCache;
use crate::codebuild::StoredBuild;
use crate::error::AwsError;
use crate::reports;
use crate::reports::NewReport;
use crate::reports::ReportFile;
use crate::s3::PutOptions;

/// The storage of one build.
#[derive(Debug)]
pub(super) struct BucketStorage {
    host: BuildHost,
    build_arn: String,
    /// The build id's second half.
    uuid: String,
    project: String,
    artifacts: Vec<ProjectArtifacts>,
    cache: ProjectCache,
    /// Of a build of a batch: what keeps its artifacts apart from those of the others.
    batch: Option<String>,
}

impl BucketStorage {
    pub(super) fn of(host: &BuildHost, stored: &StoredBuild) -> Self {
        let build = &stored.build;
        Self {
            host: host.clone(),
            build_arn: build.arn.clone(),
            uuid: build.log_file().to_owned(),
            project: build.project_name.clone(),
            artifacts: wanted(stored).cloned().collect(),
            cache: build.cache.clone(),
            batch: batch_directory(build),
        }
    }

    async fn put(&self, artifact: &CollectedArtifact) -> Result<String, PhaseContext> {
        let config = self
            .artifacts
            .iter()
            .find(|config| config.artifact_identifier == artifact.identifier)
            .ok_or_else(|| PhaseContext::client_error("The project does not want this artifact"))?;
        if config.r#type != "S3" {
            return Err(PhaseContext::client_error(format!(
                "The artifacts were not uploaded: their type is {}, and only a pipeline takes those. Set it to S3 or NO_ARTIFACTS.",
                config.r#type
            )));
        }
        let bucket = config.location.as_deref().unwrap_or_default();
        let batch = self.batch.as_deref();
        let key = object_key(config, artifact, batch, &self.uuid);
        let options = || PutOptions {
            metadata: vec![("codebuild-buildarn".to_owned(), self.build_arn.clone())],
            ..PutOptions::default()
        };
        match &artifact.content {
            ArtifactContent::Zip(file) => {
                self.host
                    .buckets
                    .put_file(bucket, &key, file, options())
                    .await
                    .map_err(|error| s3_error(&error))?;
            }
            ArtifactContent::Files(files) => {
                for file in files {
                    let key = join(&[&key, &file.path]);
                    self.host
                        .buckets
                        .put_file(bucket, &key, &file.file, options())
                        .await
                        .map_err(|error| s3_error(&error))?;
                }
            }
        }
        Ok(format!("arn:aws:s3:::{}", join(&[bucket, &key])))
    }

    /// The bucket of the cache and the key of the cache with this name.
    fn cache_object(&self, name: &str) -> (&str, String) {
        let (bucket, prefix) = self.cache.objects(&self.project);
        (bucket, format!("{prefix}/{name}"))
    }

    fn cached(&self, key: Option<&str>) -> Result<Option<FoundCache>, AwsError> {
        let (bucket, object) = self.cache_object(&cache_name(key));
        let found = self.host.buckets.get(bucket, &object)?;
        Ok(found.map(|found| FoundCache {
            key: key.map(str::to_owned),
            archive: found.path,
            remove_archive: false,
        }))
    }

    /// The newest cache whose key begins so.
    fn newest(&self, prefix: &str) -> Result<Option<FoundCache>, AwsError> {
        let (bucket, start) = self.cache_object(prefix);
        let (_, directory) = self.cache_object("");
        let found = self.host.buckets.list(bucket, &start)?;
        let newest = found.into_iter().max_by_key(|object| object.last_modified);
        let Some(newest) = newest else {
            return Ok(None);
        };
        let name = newest.key.strip_prefix(&directory).unwrap_or(&newest.key);
        let name = name.trim_start_matches('/').trim_end_matches(".tar");
        self.cached(Some(name))
    }

    async fn put_report(
        &self,
        report: &CollectedReport,
        log: &LogSink,
    ) -> Result<String, PhaseContext> {
        let mut files = Vec::with_capacity(report.files.len());
        for file in &report.files {
            let content = tokio::fs::read(&file.file).await.map_err(|error| {
                PhaseContext::client_error(format!("{} cannot be read: {error}", file.path))
            })?;
            files.push(ReportFile {
                path: file.path.clone().into(),
                content,
            });
        }
        let new = NewReport {
            build_arn: self.build_arn.clone(),
            project: self.project.clone(),
            group: report.group.clone(),
            format: report.format,
            files,
        };
        let added = reports::add(&self.host.store, &self.host.account, new)
            .await
            .map_err(|error| PhaseContext::client_error(error.to_string()))?;
        for error in &added.unreadable {
            log.line(&format!("Error parsing report file: {error}"))
                .await;
        }
        if let Some(export) = added.export {
            for (key, content) in export.objects {
                self.host
                    .buckets
                    .put_bytes(&export.bucket, &key, content, PutOptions::default())
                    .await
                    .map_err(|error| s3_error(&error))?;
            }
        }
        Ok(added.report.arn)
    }
}

impl Storage for BucketStorage {
    fn put_artifact<'a>(
        &'a self,
        artifact: &'a CollectedArtifact,
        _log: &'a LogSink,
    ) -> Answer<'a, String> {
        Box::pin(self.put(artifact))
    }

    fn find_cache<'a>(
        &'a self,
        key: Option<&'a str>,
        fallbacks: &'a [String],
        _log: &'a LogSink,
    ) -> Answer<'a, Option<FoundCache>> {
        Box::pin(async move {
            let mut found = self.cached(key).map_err(|error| s3_error(&error))?;
            for prefix in fallbacks {
                if found.is_some() {
                    break;
                }
                found = self.newest(prefix).map_err(|error| s3_error(&error))?;
            }
            Ok(found)
        })
    }

    fn has_cache<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let found = self.cached(Some(key)).map_err(|error| s3_error(&error))?;
            Ok(found.is_some())
        })
    }

    fn put_cache<'a>(
        &'a self,
        key: Option<&'a str>,
        archive: &'a Path,
        _log: &'a LogSink,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let (bucket, object) = self.cache_object(&cache_name(key));
            self.host
                .buckets
                .put_file(bucket, &object, archive, PutOptions::default())
                .await
                .map(|_| ())
                .map_err(|error| s3_error(&error))
        })
    }

    fn put_report<'a>(
        &'a self,
        report: &'a CollectedReport,
        log: &'a LogSink,
    ) -> Answer<'a, String> {
        Box::pin(Self::put_report(self, report, log))
    }
}

/// The artifacts that are to be uploaded.
fn wanted(stored: &StoredBuild) -> impl Iterator<Item = &ProjectArtifacts> {
    std::iter::once(&stored.artifacts)
        .chain(&stored.secondary_artifacts)
        .filter(|artifacts| !matches!(artifacts.r#type.as_str(), "" | "NO_ARTIFACTS"))
}

/// What the engine is asked to collect.
pub(super) fn artifact_requests(stored: &StoredBuild) -> Vec<ArtifactRequest> {
    wanted(stored)
        .map(|artifacts| ArtifactRequest {
            identifier: artifacts.artifact_identifier.clone(),
            packaging: match artifacts.packaging.as_deref() {
                Some("ZIP") => Packaging::Zip,
                _ => Packaging::None,
            },
        })
        .collect()
}

/// What the engine is asked to keep from build to build.
pub(super) fn cache_request(stored: &StoredBuild) -> CacheRequest {
    let cache = &stored.build.cache;
    let has = |mode: &str| {
        let modes = cache.modes.as_deref().unwrap_or_default();
        modes.iter().any(|name| name == mode)
    };
    match cache.r#type.as_str() {
        "S3" => CacheRequest::Remote,
        "LOCAL" => CacheRequest::Local {
            project: stored.build.project_name.clone(),
            custom: has("LOCAL_CUSTOM_CACHE"),
            docker_layer: has("LOCAL_DOCKER_LAYER_CACHE"),
        },
        _ => CacheRequest::None,
    }
}

/// The key of an artifact: `path`, the build's id if `namespaceType` says so, and the name, which is
/// the buildspec's if `overrideArtifactName` says so. `/` as the name means the top of the bucket.
///
/// See [`ProjectArtifacts`](https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html).
fn object_key(
    config: &ProjectArtifacts,
    artifact: &CollectedArtifact,
    batch: Option<&str>,
    uuid: &str,
) -> String {
    let name = match (&artifact.name, config.override_artifact_name) {
        (Some(name), Some(true)) => name.as_str(),
        _ => config.name.as_deref().unwrap_or_default(),
    };
    let namespace = match config.namespace_type.as_deref() {
        Some("BUILD_ID") => uuid,
        _ => "",
    };
    join(&[
        artifact.s3_prefix.as_deref().unwrap_or_default(),
        config.path.as_deref().unwrap_or_default(),
        batch.unwrap_or_default(),
        namespace,
        name,
    ])
}

/// `<batch's uuid>/<identifier>` of a build that belongs to a batch.
fn batch_directory(build: &Build) -> Option<String> {
    let batch = build.build_batch_arn.as_deref()?;
    let uuid = batch.rsplit(':').next()?;
    Some(join(&[uuid, build.batch_build_identifier.as_deref()?]))
}

/// Parts of a key with one slash between them.
pub(crate) fn join(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts
        .iter()
        .map(|part| part.trim_matches('/'))
        .filter(|part| !part.is_empty())
        .collect();
    parts.join("/")
}

fn cache_name(key: Option<&str>) -> String {
    format!("{}.tar", key.unwrap_or("cache"))
}

/// S3's error as CodeBuild passes it on.
pub(crate) fn s3_error(error: &AwsError) -> PhaseContext {
    PhaseContext::client_error(format!(
        "{}: {} status code: {}",
        error.code,
        error.message.as_deref().unwrap_or_default(),
        error.status.as_u16()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str, namespace: &str, overridden: bool, prefix: Option<&str>) -> String {
        let config = ProjectArtifacts {
            path: Some(path.to_owned()),
            namespace_type: Some(namespace.to_owned()),
            name: Some("app.zip".to_owned()),
            override_artifact_name: Some(overridden),
            ..ProjectArtifacts::default()
        };
        let artifact = CollectedArtifact {
            identifier: None,
            name: Some("v1/other.zip".to_owned()),
            s3_prefix: prefix.map(str::to_owned),
            content: ArtifactContent::Files(Vec::new()),
        };
        object_key(&config, &artifact, None, "uuid")
    }

    #[test]
    fn an_artifacts_key_has_path_namespace_and_name() {
        assert_eq!(key("", "NONE", false, None), "app.zip");
        assert_eq!(key("out/", "BUILD_ID", false, None), "out/uuid/app.zip");
        assert_eq!(key("/out", "NONE", true, None), "out/v1/other.zip");
        assert_eq!(key("", "BUILD_ID", false, Some("p/q")), "p/q/uuid/app.zip");
    }
}
