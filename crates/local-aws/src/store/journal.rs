//! What was written since the database was last flushed to the disk.
//!
//! Flushing takes milliseconds, appending to a file microseconds. So every write is appended here
//! before it is acknowledged, and the database is flushed a moment later, for many writes at once.
//! What the kernel has taken survives the end of the process: at the next start the journal is
//! played back. After a loss of power the last moment may be missing, but what is there is whole:
//! each entry carries a checksum, and the first one that is not right ends the journal.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::Write;
use std::path::Path;

use sha2::Digest as _;
use sha2::Sha256;

const CHECKSUM: usize = 8;
const INSERT: u8 = 1;
const REMOVE: u8 = 2;

/// Changes of one commit, as bytes: a kind, then table, key and (to insert) value, each with its
/// length in front.
#[derive(Debug, Default)]
pub(super) struct Changes(Vec<u8>);

/// One change, read back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Change<'a> {
    pub(super) table: &'a str,
    pub(super) key: &'a [u8],
    /// `None`: remove.
    pub(super) value: Option<&'a [u8]>,
}

impl Changes {
    pub(super) fn insert(&mut self, table: &str, key: &[u8], value: &[u8]) {
        self.0.push(INSERT);
        self.part(table.as_bytes());
        self.part(key);
        self.part(value);
    }

    pub(super) fn remove(&mut self, table: &str, key: &[u8]) {
        self.0.push(REMOVE);
        self.part(table.as_bytes());
        self.part(key);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn part(&mut self, bytes: &[u8]) {
        self.0
            .extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.0.extend_from_slice(bytes);
    }
}

/// The journal's file.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    length: u64,
}

impl Journal {
    /// Opens the journal. What is not a whole entry is cut off from its end.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        let length = file.metadata()?.len();
        let mut journal = Self { file, length };
        journal.entries()?;
        Ok(journal)
    }

    /// The entries that are in it.
    pub(super) fn entries(&mut self) -> io::Result<Vec<Vec<u8>>> {
        let mut bytes = Vec::new();
        self.file.seek(io::SeekFrom::Start(0))?;
        (&self.file).take(self.length).read_to_end(&mut bytes)?;
        let mut entries = Vec::new();
        let mut rest = bytes.as_slice();
        while let Some((entry, after)) = next_entry(rest) {
            entries.push(entry.to_vec());
            rest = after;
        }
        self.length = (bytes.len() - rest.len()) as u64;
        self.cut()?;
        Ok(entries)
    }

    /// Adds an entry. When this returns, the entry survives the end of the process.
    pub(super) fn append(&mut self, changes: &Changes) -> io::Result<()> {
        let mut entry = Vec::with_capacity(4 + CHECKSUM + changes.0.len());
        entry.extend_from_slice(&(changes.0.len() as u32).to_le_bytes());
        entry.extend_from_slice(&checksum(&changes.0));
        entry.extend_from_slice(&changes.0);
        if let Err(error) = self.file.write_all(&entry) {
            self.cut()?;
            return Err(error);
        }
        self.length += entry.len() as u64;
        Ok(())
    }

    /// Empties the journal: the database has everything.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.length = 0;
        self.cut()
    }

    /// Takes back the last entry.
    pub(super) fn take_back(&mut self, length_before: u64) -> io::Result<()> {
        self.length = length_before;
        self.cut()
    }

    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Cuts off what is not a whole entry.
    fn cut(&mut self) -> io::Result<()> {
        self.file.set_len(self.length)?;
        self.file.seek(io::SeekFrom::Start(self.length))?;
        Ok(())
    }
}

/// Reads the changes of one entry.
pub(super) fn changes(mut entry: &[u8]) -> impl Iterator<Item = Change<'_>> {
    std::iter::from_fn(move || {
        let (kind, rest) = entry.split_first()?;
        let (table, rest) = next_part(rest)?;
        let (key, rest) = next_part(rest)?;
        let (value, rest) = match *kind {
            INSERT => next_part(rest).map(|(value, rest)| (Some(value), rest))?,
            _ => (None, rest),
        };
        entry = rest;
        Some(Change {
            table: std::str::from_utf8(table).ok()?,
            key,
            value,
        })
    })
}

fn next_part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

fn next_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<CHECKSUM>()?;
    let (entry, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    (checksum(entry) == *sum).then_some((entry, rest))
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM] {
    let digest = Sha256::digest(bytes);
    let mut sum = [0; CHECKSUM];
    sum.copy_from_slice(&digest[..CHECKSUM]);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some_changes() -> Changes {
        let mut changes = Changes::default();
        changes.insert("builds", b"demo:1", b"{}");
        changes.remove("active_builds", b"demo:0");
        changes
    }

    #[test]
    fn what_was_appended_is_read_back_and_a_torn_end_is_cut_off() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("journal");
        let mut journal = Journal::open(&path).unwrap();
        journal.append(&some_changes()).unwrap();
        let whole = journal.length();
        journal.append(&some_changes()).unwrap();
        let torn = std::fs::read(&path).unwrap();
        for length in whole..journal.length() {
            std::fs::write(&path, &torn[..usize::try_from(length).unwrap()]).unwrap();
            let mut journal = Journal::open(&path).unwrap();
            let entries = journal.entries().unwrap();
            assert_eq!((journal.length(), entries.len()), (whole, 1));
            let read: Vec<Change<'_>> = changes(&entries[0]).collect();
            assert_eq!(read.len(), 2);
            assert_eq!(read[0].value, Some(b"{}".as_slice()));
            assert_eq!((read[1].table, read[1].value), ("active_builds", None));
        }
    }
}
