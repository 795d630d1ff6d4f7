//! Which lines and branches of which files were run, whichever tool counted them.

use std::collections::BTreeMap;

/// Coverage by source file. Several classes, or several raw files, may speak of one source file: a
/// line is covered if one of them says so.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Coverage {
    files: BTreeMap<String, FileLines>,
}

/// The lines of one source file that can be run.
#[derive(Debug, Default, PartialEq)]
pub(super) struct FileLines {
    lines: BTreeMap<u32, bool>,
    /// Where the branches are → how many of them were taken, and how many there are.
    branches: BTreeMap<String, (u32, u32)>,
}

/// One source file, counted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FileCoverage {
    pub(super) path: String,
    pub(super) lines_covered: u32,
    pub(super) lines_missed: u32,
    pub(super) branches_covered: u32,
    pub(super) branches_missed: u32,
}

impl Coverage {
    /// The lines of a source file, to add to.
    pub(super) fn file(&mut self, path: &str) -> &mut FileLines {
        self.files.entry(path.to_owned()).or_default()
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (path, lines) in other.files {
            let own = self.files.entry(path).or_default();
            for (line, covered) in lines.lines {
                own.line(line, covered);
            }
            for (place, (covered, total)) in lines.branches {
                own.branches(place, covered, total);
            }
        }
    }

    /// Every file with its figures, by path.
    pub(super) fn count(&self) -> Vec<FileCoverage> {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.files
            .iter()
            .map(|(path, file)| {
                let covered = file.lines.values().filter(|covered| **covered).count();
                let taken = file.branches.values().map(|(taken, _)| u64::from(*taken));
                let branches = file.branches.values().map(|(_, total)| u64::from(*total));
                let (taken, branches): (u64, u64) = (taken.sum(), branches.sum());
                FileCoverage {
                    path: path.clone(),
                    lines_covered: count(covered),
                    lines_missed: count(file.lines.len() - covered),
                    branches_covered: u32::try_from(taken).unwrap_or(u32::MAX),
                    branches_missed: u32::try_from(branches - taken).unwrap_or(u32::MAX),
                }
            })
            .collect()
    }
}

impl FileLines {
    pub(super) fn line(&mut self, number: u32, covered: bool) {
        *self.lines.entry(number).or_default() |= covered;
    }

    /// `place` tells the branches of one decision from those of others in the file.
    pub(super) fn branches(&mut self, place: impl Into<String>, covered: u32, total: u32) {
        let known = self.branches.entry(place.into()).or_default();
        known.1 = known.1.max(total);
        known.0 = known.0.max(covered).min(known.1);
    }
}
