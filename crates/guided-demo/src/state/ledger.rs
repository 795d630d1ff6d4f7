//! What a walk has created and not yet removed. Written before the call that creates, so that no
//! crash can lose a resource.

use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;

use super::StateError;
use super::file;

/// A ledger and its file.
#[derive(Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    content: Content,
}

#[derive(Debug, Deserialize, Serialize)]
struct Content {
    version: u32,
    target: LedgerTarget,
    entries: Vec<LedgerEntry>,
}

/// How to reach what is in the ledger.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct LedgerTarget {
    /// As on the command line: `local`, `aws` or a URL.
    pub(crate) target: String,
    /// The profile that was used.
    pub(crate) profile: Option<String>,
    /// The account id.
    pub(crate) account: String,
    /// The region.
    pub(crate) region: String,
}

/// A resource.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct LedgerEntry {
    /// Such as `codebuild-project`.
    pub(crate) kind: String,
    /// Its name.
    pub(crate) name: String,
    /// The command that removes it, word by word, `aws` included.
    pub(crate) remove: Vec<String>,
    /// Whether the call that creates it has been seen to succeed.
    pub(crate) created: bool,
}

impl Ledger {
    /// Reads a ledger, or begins one.
    ///
    /// # Errors
    ///
    /// If there is a file and it cannot be used.
    pub(crate) fn open(path: PathBuf, target: LedgerTarget) -> Result<Self, StateError> {
        let content = file::read(&path)?.unwrap_or(Content {
            version: file::VERSION,
            target,
            entries: Vec::new(),
        });
        Ok(Self { path, content })
    }

    /// Reads a ledger that is there.
    ///
    /// # Errors
    ///
    /// If the file cannot be used.
    pub(crate) fn load(path: &Path) -> Result<Option<Self>, StateError> {
        let content = file::read(path)?;
        Ok(content.map(|content| Self {
            path: path.to_owned(),
            content,
        }))
    }

    /// What has not been removed.
    pub(crate) fn entries(&self) -> &[LedgerEntry] {
        &self.content.entries
    }

    /// How to reach it.
    pub(crate) fn target(&self) -> &LedgerTarget {
        &self.content.target
    }

    /// Writes a resource down before it is created.
    ///
    /// # Errors
    ///
    /// If the file cannot be written: then nothing must be created.
    pub(crate) fn intend(&mut self, entry: LedgerEntry) -> Result<(), StateError> {
        let known = self
            .content
            .entries
            .iter()
            .any(|old| old.remove == entry.remove);
        if !known {
            self.content.entries.push(entry);
        }
        self.save()
    }

    /// Marks a resource as created.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn created(&mut self, remove: &[String]) -> Result<(), StateError> {
        for entry in &mut self.content.entries {
            if entry.remove == remove {
                entry.created = true;
            }
        }
        self.save()
    }

    /// Takes a resource out. Does nothing if it is not in.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn removed(&mut self, remove: &[String]) -> Result<(), StateError> {
        let before = self.content.entries.len();
        self.content.entries.retain(|entry| entry.remove != remove);
        if self.content.entries.len() == before {
            return Ok(());
        }
        self.save()
    }

    fn save(&self) -> Result<(), StateError> {
        if self.content.entries.is_empty() {
            return file::remove(&self.path);
        }
        file::write(&self.path, &self.content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> LedgerEntry {
        LedgerEntry {
            kind: "codebuild-project".to_owned(),
            name: "demo".to_owned(),
            remove: vec!["aws".to_owned(), "x".to_owned()],
            created: false,
        }
    }

    fn target() -> LedgerTarget {
        LedgerTarget {
            target: "local".to_owned(),
            profile: None,
            account: "000000000000".to_owned(),
            region: "eu-central-1".to_owned(),
        }
    }

    #[test]
    fn an_intended_resource_survives_a_crash_and_goes_when_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ledger").join("a.json");
        let mut ledger = Ledger::open(path.clone(), target()).unwrap();
        ledger.intend(entry()).unwrap();
        ledger.intend(entry()).unwrap();
        drop(ledger);
        let mut ledger = Ledger::load(&path).unwrap().unwrap();
        assert_eq!(ledger.entries(), [entry()]);
        ledger.removed(&entry().remove).unwrap();
        assert!(Ledger::load(&path).unwrap().is_none());
    }

    #[test]
    fn a_newer_and_a_damaged_file_are_refused_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.json");
        std::fs::write(&path, r#"{"version": 99}"#).unwrap();
        assert!(matches!(
            Ledger::load(&path),
            Err(StateError::Newer { found: 99, .. })
        ));
        std::fs::write(&path, "{").unwrap();
        assert!(matches!(
            Ledger::load(&path),
            Err(StateError::Damaged { .. })
        ));
        assert!(path.exists());
    }
}
