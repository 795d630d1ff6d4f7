//! A storage and a secret store for the tests, in memory and in a temporary directory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use build_engine::Answer;
use build_engine::ArtifactContent;
use build_engine::CollectedArtifact;
use build_engine::CollectedReport;
use build_engine::FoundCache;
use build_engine::LogSink;
use build_engine::PhaseContext;
use build_engine::SecretStore;
use build_engine::Storage;

/// What was put: artifacts as files by path, for a ZIP file its members.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    pub(crate) artifacts: Mutex<Vec<KeptArtifact>>,
    pub(crate) reports: Mutex<Vec<(String, Vec<String>)>>,
    caches: Mutex<BTreeMap<String, Vec<u8>>>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct KeptArtifact {
    pub(crate) identifier: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) is_zip: bool,
    pub(crate) files: BTreeMap<String, String>,
    /// Members of a ZIP file that are symbolic links.
    pub(crate) links: Vec<String>,
}

impl Kept {
    pub(crate) fn artifact(&self, index: usize) -> KeptArtifact {
        self.artifacts.lock().unwrap()[index].clone()
    }

    pub(crate) fn cache_keys(&self) -> Vec<String> {
        self.caches.lock().unwrap().keys().cloned().collect()
    }
}

fn kept(artifact: &CollectedArtifact) -> KeptArtifact {
    let mut kept = KeptArtifact {
        identifier: artifact.identifier.clone(),
        name: artifact.name.clone(),
        ..KeptArtifact::default()
    };
    match &artifact.content {
        ArtifactContent::Files(files) => {
            for file in files {
                let text = std::fs::read_to_string(&file.file).unwrap();
                kept.files.insert(file.path.clone(), text);
            }
        }
        ArtifactContent::Zip(path) => {
            kept.is_zip = true;
            let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
            for index in 0..archive.len() {
                let mut member = archive.by_index(index).unwrap();
                let text = std::io::read_to_string(&mut member).unwrap();
                let name = member.name().unwrap().into_owned();
                if member.is_symlink() {
                    kept.links.push(name.clone());
                }
                kept.files.insert(name, text);
            }
        }
    }
    kept
}

impl Storage for Kept {
    fn put_artifact<'a>(
        &'a self,
        artifact: &'a CollectedArtifact,
        _log: &'a LogSink,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            if artifact.name.as_deref() == Some("refused") {
                return Err(PhaseContext::client_error("the bucket is full"));
            }
            self.artifacts.lock().unwrap().push(kept(artifact));
            Ok("arn:aws:s3:::bucket/key".to_owned())
        })
    }

    fn find_cache<'a>(
        &'a self,
        key: Option<&'a str>,
        fallbacks: &'a [String],
        _log: &'a LogSink,
    ) -> Answer<'a, Option<FoundCache>> {
        Box::pin(async move {
            let caches = self.caches.lock().unwrap();
            let exact = caches.get_key_value(key.unwrap_or("the only one"));
            let found = exact.or_else(|| {
                fallbacks.iter().find_map(|prefix| {
                    caches
                        .iter()
                        .find(|(key, _)| key.starts_with(prefix.as_str()))
                })
            });
            Ok(found.map(|(key, content)| {
                let file = tempfile::NamedTempFile::new().unwrap();
                std::fs::write(file.path(), content).unwrap();
                FoundCache {
                    key: Some(key.clone()),
                    archive: file.into_temp_path().keep().unwrap(),
                    remove_archive: true,
                }
            }))
        })
    }

    fn has_cache<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        Box::pin(async move { Ok(self.caches.lock().unwrap().contains_key(key)) })
    }

    fn put_cache<'a>(
        &'a self,
        key: Option<&'a str>,
        archive: &'a Path,
        _log: &'a LogSink,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let content = std::fs::read(archive).unwrap();
            let key = key.unwrap_or("the only one").to_owned();
            self.caches.lock().unwrap().insert(key, content);
            Ok(())
        })
    }

    fn put_report<'a>(
        &'a self,
        report: &'a CollectedReport,
        _log: &'a LogSink,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            let files = report.files.iter().map(|file| file.path.clone()).collect();
            self.reports
                .lock()
                .unwrap()
                .push((report.group.clone(), files));
            Ok(format!("arn:report:{}", report.group))
        })
    }
}

impl SecretStore for Kept {
    fn parameter<'a>(&'a self, name: &'a str) -> Answer<'a, String> {
        Box::pin(async move {
            match name {
                "/app/password" => Ok("s3cret-parameter".to_owned()),
                _ => Err(PhaseContext::client_error(format!(
                    "Parameter does not exist: {name}"
                ))),
            }
        })
    }

    fn secret<'a>(&'a self, reference: &'a str) -> Answer<'a, String> {
        Box::pin(async move { Ok(format!("secret-of-{reference}")) })
    }
}
