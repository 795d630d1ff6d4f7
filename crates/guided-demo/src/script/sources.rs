//! The text of a script and of what it includes, as one run of bytes: a place in it is a place in
//! one of the files.

use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

/// All files of a script, one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    text: String,
    files: Vec<SourceFile>,
}

/// One of the files.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// Where it was read from.
    pub(crate) path: PathBuf,
    /// Where it stands in the whole.
    pub(crate) span: Range<usize>,
}

/// A place as editors name it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    /// The file.
    pub(crate) path: PathBuf,
    /// From 1.
    pub(crate) line: usize,
    /// In characters, from 1.
    pub(crate) column: usize,
}

impl Sources {
    /// Adds a file; answers where it stands in the whole.
    pub(crate) fn add(&mut self, path: &Path, text: &str) -> Range<usize> {
        let span = self.text.len()..self.text.len() + text.len();
        self.text.push_str(text);
        // So that the end of a file is not the beginning of the next.
        self.text.push('\n');
        self.files.push(SourceFile {
            path: path.to_owned(),
            span: span.clone(),
        });
        span
    }

    /// The text at a place.
    pub(crate) fn text(&self, span: Range<usize>) -> &str {
        self.text.get(span).unwrap_or_default()
    }

    /// The files in the order in which they were read.
    pub(crate) fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The file that a place is in.
    pub(crate) fn file_at(&self, at: usize) -> Option<&SourceFile> {
        self.files
            .iter()
            .rev()
            .find(|file| file.span.start <= at)
            .or(self.files.first())
    }

    /// The file, line and column of a place.
    pub(crate) fn place(&self, at: usize) -> Place {
        let Some(file) = self.file_at(at) else {
            return Place {
                path: PathBuf::new(),
                line: 1,
                column: 1,
            };
        };
        let before = self.text(file.span.start..at.clamp(file.span.start, file.span.end));
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place {
            path: file.path.clone(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Sources;

    #[test]
    fn a_place_names_its_file_line_and_column() {
        let mut sources = Sources::default();
        sources.add(Path::new("a.md"), "one\ntwo\n");
        let second = sources.add(Path::new("b.md"), "x\nä y");
        let place = sources.place(second.start + "x\nä ".len());
        assert_eq!(
            (place.path.as_path(), place.line, place.column),
            (Path::new("b.md"), 2, 3)
        );
        assert_eq!(sources.place(second.start - 1).path, Path::new("a.md"));
        assert_eq!(sources.text(second), "x\nä y");
    }
}
