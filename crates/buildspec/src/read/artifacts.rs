//! `artifacts` and `cache`.

use super::Reader;
use crate::error::BuildspecError;
use crate::keys;
use crate::node::Entry;
use crate::node::Value;
use crate::spec::ArtifactFiles;
use crate::spec::Artifacts;
use crate::spec::Cache;
use crate::spec::CacheAction;

impl Reader<'_> {
    pub(super) fn artifacts(
        &mut self,
        section: &Entry,
    ) -> Result<Option<Artifacts>, BuildspecError> {
        if matches!(section.value.value, Value::Null) {
            self.empty(section);
            return Ok(None);
        }
        let mut secondary = Vec::new();
        for entry in self.mapping(&section.value, "artifacts")? {
            if entry.key == "secondary-artifacts" {
                for artifact in self.section(&entry.value, "secondary-artifacts")? {
                    let identifier = self.identifier(
                        &artifact.key,
                        "an identifier of a secondary artifact",
                        |message| self.key_error(artifact, message),
                    )?;
                    secondary.push((identifier, self.artifact_files(artifact, true)?));
                }
            }
        }
        let primary = self.artifact_files(section, false)?;
        Ok(Some(Artifacts { primary, secondary }))
    }

    fn artifact_files(
        &mut self,
        section: &Entry,
        is_secondary: bool,
    ) -> Result<ArtifactFiles, BuildspecError> {
        let what = &section.key;
        let mut artifact = ArtifactFiles::default();
        for entry in self.section(&section.value, what)? {
            let value = &entry.value;
            let name = format!("{what}.{}", entry.key);
            match entry.key.as_str() {
                "files" => artifact.files = self.some_texts(entry, &name)?,
                "name" => artifact.name = Some(self.some_text(value, &name)?),
                "discard-paths" => artifact.discard_paths = self.yes_or_no(value, &name)?,
                "base-directory" => artifact.base_directory = Some(self.some_text(value, &name)?),
                "exclude-paths" => artifact.exclude_paths = self.texts(value, &name)?,
                "enable-symlinks" => artifact.enable_symlinks = self.yes_or_no(value, &name)?,
                "s3-prefix" => artifact.s3_prefix = Some(self.some_text(value, &name)?),
                "secondary-artifacts" if !is_secondary => {}
                _ if is_secondary => {
                    let place = format!("the secondary artifact {what}");
                    self.unknown_in(entry, &keys::SECONDARY_ARTIFACT, &place);
                }
                _ => self.unknown(entry, &keys::ARTIFACTS),
            }
        }
        if artifact.files.is_empty() {
            let error = self.key_error(section, format!("{what} has no files"));
            return Err(match is_secondary {
                true => error.with_help("give it `files:`, such as `- '**/*'`"),
                false => error.with_help(
                    "artifacts needs `files:`, such as `- '**/*'`, also when there are secondary artifacts",
                ),
            });
        }
        Ok(artifact)
    }

    pub(super) fn cache(&mut self, section: &Entry) -> Result<Option<Cache>, BuildspecError> {
        if matches!(section.value.value, Value::Null) {
            self.empty(section);
            return Ok(None);
        }
        let mut cache = Cache::default();
        for entry in self.mapping(&section.value, "cache")? {
            let value = &entry.value;
            match entry.key.as_str() {
                "paths" => cache.paths = self.some_texts(entry, "cache.paths")?,
                "key" => cache.key = Some(self.some_text(value, "cache.key")?),
                "fallback-keys" => {
                    cache.fallback_keys = self.texts(value, "cache.fallback-keys")?;
                    let count = cache.fallback_keys.len();
                    if count > keys::FALLBACK_KEYS {
                        return Err(self
                            .key_error(
                                entry,
                                format!(
                                    "cache.fallback-keys has {count} keys; at most {} are allowed",
                                    keys::FALLBACK_KEYS
                                ),
                            )
                            .with_help("keep those that are most likely to exist"));
                    }
                }
                "action" => {
                    cache.action = Some(match self.text(value, "cache.action")?.as_str() {
                        "restore" => CacheAction::Restore,
                        "save" => CacheAction::Save,
                        other => {
                            return Err(value
                                .error(
                                    self.text,
                                    format!("cache.action is {other:?}, not restore or save"),
                                )
                                .with_help("without `action` the cache is restored and saved"));
                        }
                    });
                }
                _ => self.unknown(entry, &keys::CACHE),
            }
        }
        if cache.paths.is_empty() {
            return Err(self
                .key_error(section, "cache has no paths")
                .with_help("name what is kept below `paths:`, such as `- '/root/.m2/**/*'`"));
        }
        Ok(Some(cache))
    }
}
