//! Events in one append-only file.
//!
//! An event is its time (milliseconds, 8 bytes), the length of its text (4 bytes), the text and its
//! length again, so that the file can be read in both directions. Times never go back. Beside the
//! file, an index holds a (time, offset) pair for every 256 KiB, so that a time is found without
//! reading all.

mod append;
mod read;
mod write;

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

pub(super) use append::append;
pub(super) use append::encode;
pub(crate) use read::SegmentReader;
pub(super) use write::SegmentWriter;

use super::record::Span;

const HEAD: u64 = 12;
const TAIL: u64 = 4;
pub(super) const INDEX_EVERY: u64 = 256 * 1024;
/// CloudWatch's limit for one event. A longer length in a file means that the file is damaged or the
/// offset is not the start of an event.
const LONGEST: u64 = 1024 * 1024;
/// What CloudWatch counts for an event besides its message.
pub(super) const EVENT_OVERHEAD: u64 = 26;
/// The second halves of the positions of events of PutLogEvents have this bit.
const PUT: u64 = 1 << 63;

/// Who writes a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Layout {
    /// A build: an event comes when it happens.
    Built,
    /// PutLogEvents: after an event's time and length come the time at which it came and its number
    /// (8 bytes each).
    Put,
}

impl Layout {
    const fn head(self) -> u64 {
        match self {
            Self::Built => HEAD,
            Self::Put => HEAD + 16,
        }
    }
}

/// A place between two events of a stream: a time, and what tells events of the same time apart. It
/// stays right whatever is written later.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Position(pub(super) i64, pub(super) u64);

impl Position {
    /// Before all events.
    pub(super) const START: Self = Self(i64::MIN, 0);

    /// Before all events of a time.
    pub(super) const fn at(time: i64) -> Self {
        Self(time, 0)
    }
}

/// One log event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct LogEvent {
    /// Where it starts in the file.
    pub(super) offset: u64,
    /// Where the next event starts.
    pub(crate) end: u64,
    /// Milliseconds since 1970.
    pub(super) time: i64,
    /// When it came, in milliseconds since 1970.
    pub(super) ingested: i64,
    /// Its place in the stream: see [`Self::position`].
    tie: u64,
    /// CodeBuild's messages end in a newline.
    pub(crate) message: String,
}

impl LogEvent {
    /// The position before it.
    pub(super) const fn position(&self) -> Position {
        Position(self.time, self.tie)
    }

    /// The position after it.
    pub(super) const fn after(&self) -> Position {
        match self.tie & PUT {
            0 => Position(self.time, self.end),
            _ => Position(self.time, self.tie + 1),
        }
    }

    /// The number that PutLogEvents gave it.
    pub(super) const fn number(&self) -> u64 {
        self.tie & !PUT
    }
}

/// Cuts off what follows the last whole event of a build's file. Returns what is left.
pub(super) fn repair(path: &Path) -> io::Result<Option<Span>> {
    let length = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut reader = SegmentReader::open(path, Layout::Built, length)?;
    let mut offset = reader.last_indexed();
    while let Ok(Some(event)) = reader.at(offset) {
        offset = event.end;
    }
    if offset < length {
        OpenOptions::new().write(true).open(path)?.set_len(offset)?;
    }
    extent(path, offset)
}

/// What a build's file holds up to `length`, as far as its first and its last event tell.
pub(super) fn extent(path: &Path, length: u64) -> io::Result<Option<Span>> {
    let mut reader = SegmentReader::open(path, Layout::Built, length)?;
    let length = reader.end();
    let (Some(first), Some(last)) = (reader.at(0)?, reader.before(length)?) else {
        return Ok(None);
    };
    Ok(Some(Span {
        first: first.time,
        last: last.time,
        ingested: last.ingested,
        length,
        bytes: length,
    }))
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap_or([0; N])
}

fn no_event(offset: u64) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("no log event at byte {offset}"),
    )
}
