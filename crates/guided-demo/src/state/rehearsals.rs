//! How long earlier rehearsals took.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

use super::StateError;
use super::file;

/// How many are kept of each demo.
const KEPT: usize = 10;

/// The rehearsals of all demos.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Rehearsals {
    version: u32,
    /// By demo, the newest last.
    pub(crate) demos: BTreeMap<String, Vec<Rehearsal>>,
}

/// One rehearsal that came to its end.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Rehearsal {
    /// When it ended.
    pub(crate) ended: Timestamp,
    /// In the order of the demo.
    pub(crate) steps: Vec<RehearsedStep>,
}

/// One step of a rehearsal.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct RehearsedStep {
    /// Its id.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
    /// Seconds.
    pub(crate) planned: u64,
    /// Seconds.
    pub(crate) measured: u64,
}

impl Rehearsal {
    /// Planned and measured seconds of the whole.
    pub(crate) fn total(&self) -> (u64, u64) {
        let planned = self.steps.iter().map(|step| step.planned).sum();
        let measured = self.steps.iter().map(|step| step.measured).sum();
        (planned, measured)
    }
}

impl Rehearsals {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// If there is a file and it cannot be used.
    pub(crate) fn load(path: &Path) -> Result<Self, StateError> {
        Ok(file::read(path)?.unwrap_or(Self {
            version: file::VERSION,
            demos: BTreeMap::new(),
        }))
    }

    /// Keeps one more, and the newest ten at most.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or written.
    pub(crate) fn keep(path: &Path, demo: &str, rehearsal: Rehearsal) -> Result<(), StateError> {
        let mut all = Self::load(path)?;
        let kept = all.demos.entry(demo.to_owned()).or_default();
        kept.push(rehearsal);
        let surplus = kept.len().saturating_sub(KEPT);
        kept.drain(..surplus);
        file::write(path, &all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_ten_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rehearsals.json");
        for measured in 0..12 {
            let rehearsal = Rehearsal {
                ended: Timestamp::UNIX_EPOCH,
                steps: vec![RehearsedStep {
                    id: "one".to_owned(),
                    title: "One".to_owned(),
                    planned: 60,
                    measured,
                }],
            };
            Rehearsals::keep(&path, "demo", rehearsal).unwrap();
        }
        let kept = Rehearsals::load(&path).unwrap();
        let times: Vec<u64> = kept.demos["demo"]
            .iter()
            .map(|rehearsal| rehearsal.total().1)
            .collect();
        assert_eq!(times, (2..12).collect::<Vec<u64>>());
    }
}
