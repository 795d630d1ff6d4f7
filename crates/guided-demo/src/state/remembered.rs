//! What the student answered to the questions about variables, as suggestions for the next walk.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::Serialize;

use super::StateError;
use super::file;

/// The last answer for each variable of each demo.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct RememberedAnswers {
    version: u32,
    demos: BTreeMap<String, BTreeMap<String, String>>,
}

impl RememberedAnswers {
    /// Reads them; none if there is no file. A file that cannot be used is none too: it only holds
    /// suggestions.
    pub(crate) fn load(path: &Path) -> Self {
        file::read(path).ok().flatten().unwrap_or(Self {
            version: file::VERSION,
            demos: BTreeMap::new(),
        })
    }

    /// The last answer.
    pub(crate) fn get(&self, demo: &str, variable: &str) -> Option<&str> {
        Some(self.demos.get(demo)?.get(variable)?)
    }

    /// Remembers an answer. The file is for its owner alone, as all that is written here.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn remember(
        &mut self,
        path: &Path,
        demo: &str,
        variable: &str,
        value: &str,
    ) -> Result<(), StateError> {
        if self.get(demo, variable) == Some(value) {
            return Ok(());
        }
        self.demos
            .entry(demo.to_owned())
            .or_default()
            .insert(variable.to_owned(), value.to_owned());
        file::write(path, self)
    }
}

#[cfg(test)]
mod tests {
    use super::RememberedAnswers;

    #[test]
    fn the_last_answer_of_each_demo_is_found_again_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answers.json");
        let mut answers = RememberedAnswers::load(&path);
        for (demo, value) in [("a", "one"), ("b", "two"), ("a", "three")] {
            answers.remember(&path, demo, "NAME", value).unwrap();
        }
        let answers = RememberedAnswers::load(&path);
        assert_eq!(answers.get("a", "NAME"), Some("three"));
        assert_eq!(answers.get("b", "NAME"), Some("two"));
        assert_eq!(answers.get("b", "OTHER"), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(&path, "not JSON").unwrap();
        assert_eq!(RememberedAnswers::load(&path).get("a", "NAME"), None);
    }
}
