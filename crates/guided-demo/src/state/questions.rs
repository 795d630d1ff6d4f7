//! What was answered to the questions of all demos.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use super::StateError;
use super::file;
use crate::practice::Card;

/// The answers of one person, one file for all demos and targets.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Questions {
    version: u32,
    /// By `DEMO/ID`. A question that its demo no longer has stays: it may come back.
    pub(crate) cards: BTreeMap<String, Card>,
}

impl Questions {
    /// Reads the file; without one, nothing was answered.
    ///
    /// # Errors
    ///
    /// If there is a file and it cannot be used.
    pub(crate) fn load(path: &Path) -> Result<Self, StateError> {
        Ok(file::read(path)?.unwrap_or(Self {
            version: file::VERSION,
            cards: BTreeMap::new(),
        }))
    }

    /// Writes down an answer. The file is read again first, as another walk may write it too.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or written.
    pub(crate) fn answered(
        path: &Path,
        question: &str,
        right: bool,
        now: Timestamp,
    ) -> Result<(), StateError> {
        let mut questions = Self::load(path)?;
        let card = Card::after(questions.cards.get(question), right, now);
        questions.cards.insert(question.to_owned(), card);
        file::write(path, &questions)
    }

    /// Forgets all answers.
    ///
    /// # Errors
    ///
    /// If the file cannot be removed.
    pub(crate) fn forget(path: &Path) -> Result<(), StateError> {
        file::remove(path)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::Questions;

    #[test]
    fn answers_are_kept_and_a_newer_file_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("questions.json");
        let now = Timestamp::UNIX_EPOCH;
        Questions::answered(&path, "d/a", true, now).unwrap();
        Questions::answered(&path, "d/b", false, now).unwrap();
        Questions::answered(&path, "d/a", false, now).unwrap();
        let kept = Questions::load(&path).unwrap();
        let a = &kept.cards["d/a"];
        assert_eq!((a.answered, a.right, a.last_right), (2, 1, false));
        assert_eq!(kept.cards.len(), 2);

        std::fs::write(&path, r#"{"version": 99, "cards": {}}"#).unwrap();
        assert!(Questions::answered(&path, "d/a", true, now).is_err());
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("99"));
    }
}
