//! One stream's events in one append-only file.
//!
//! An event is its time (milliseconds, 8 bytes), its length (4 bytes), its text and its length
//! again, so that the file can be read in both directions. Times never go back. Beside the file, an
//! index holds a (time, offset) pair for every 256 KiB, so that a time is found without reading all.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

const HEAD: u64 = 12;
const TAIL: u64 = 4;
const INDEX_EVERY: u64 = 256 * 1024;
/// CloudWatch's limit for one event. A longer length in a file means that the file is damaged or the
/// offset is not the start of an event.
const LONGEST: u64 = 1024 * 1024;
/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// One log event.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct LogEvent {
    /// Where it starts in the file.
    pub(crate) offset: u64,
    /// Milliseconds since 1970.
    pub(crate) time: i64,
    /// Ends in a newline, as CodeBuild's messages do.
    pub(crate) message: String,
}

impl LogEvent {
    /// Where the next event starts.
    pub(crate) const fn end(&self) -> u64 {
        self.offset + HEAD + self.message.len() as u64 + TAIL
    }
}

/// Appends events.
#[derive(Debug)]
pub(crate) struct SegmentWriter {
    file: File,
    index: File,
    /// What readers may read: only whole events.
    readable: Arc<AtomicU64>,
    length: u64,
    indexed: u64,
    last_time: i64,
    buffer: Vec<u8>,
}

impl SegmentWriter {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let append = |path: &Path| OpenOptions::new().create(true).append(true).open(path);
        let file = append(path)?;
        let length = file.metadata()?.len();
        Ok(Self {
            file,
            index: append(&path.with_extension("idx"))?,
            readable: Arc::new(AtomicU64::new(length)),
            length,
            indexed: length,
            last_time: i64::MIN,
            buffer: Vec::new(),
        })
    }

    pub(super) fn readable(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.readable)
    }

    /// Takes one line, without its newline. It can be read after the next [`Self::flush`].
    pub(crate) fn push(&mut self, time: i64, line: &str) {
        self.last_time = self.last_time.max(time);
        let mut rest = line;
        loop {
            // Room for the newline. Longer lines become several events.
            let mut cut = rest.len().min(LONGEST as usize - 1);
            while !rest.is_char_boundary(cut) {
                cut -= 1;
            }
            let (event, more) = rest.split_at(cut);
            let length = (event.len() as u32 + 1).to_le_bytes();
            self.buffer.extend_from_slice(&self.last_time.to_le_bytes());
            self.buffer.extend_from_slice(&length);
            self.buffer.extend_from_slice(event.as_bytes());
            self.buffer.push(b'\n');
            self.buffer.extend_from_slice(&length);
            rest = more;
            if rest.is_empty() {
                break;
            }
        }
    }

    /// How many bytes wait for the next flush.
    pub(crate) const fn pending(&self) -> usize {
        self.buffer.len()
    }

    /// Hands everything to the kernel: from here on it survives the end of this process, and
    /// readers see it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.file.write_all(&self.buffer) {
            // A part may be there, on a full disk for instance: only whole events may stay.
            self.buffer.clear();
            self.file.set_len(self.length)?;
            return Err(error);
        }
        let start = self.length;
        self.length += self.buffer.len() as u64;
        if start == 0 || self.length - self.indexed >= INDEX_EVERY {
            let mut entry = [0_u8; 16];
            // The first event of what was just written.
            entry[..8].copy_from_slice(&self.buffer[..8]);
            entry[8..].copy_from_slice(&start.to_le_bytes());
            self.index.write_all(&entry)?;
            self.indexed = self.length;
        }
        self.buffer.clear();
        self.readable.store(self.length, Ordering::Release);
        Ok(())
    }
}

/// Reads events.
#[derive(Debug)]
pub(crate) struct SegmentReader {
    /// `None`: nothing was written yet.
    file: Option<File>,
    index: Vec<(i64, u64)>,
    /// Where the readable part ends.
    end: u64,
    buffer: Vec<u8>,
    buffer_start: u64,
}

impl SegmentReader {
    /// `readable`: how far the file may be read if it is being written.
    pub(super) fn open(path: &Path, readable: Option<u64>) -> io::Result<Self> {
        let file = match File::open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let length = match &file {
            Some(file) => file.metadata()?.len(),
            None => 0,
        };
        let index = std::fs::read(path.with_extension("idx")).unwrap_or_default();
        Ok(Self {
            file,
            index: index
                .chunks_exact(16)
                .map(|entry| {
                    let mut halves = entry.chunks_exact(8).map(|half| {
                        let mut bytes = [0; 8];
                        bytes.copy_from_slice(half);
                        bytes
                    });
                    let time = i64::from_le_bytes(halves.next().unwrap_or_default());
                    (time, u64::from_le_bytes(halves.next().unwrap_or_default()))
                })
                .collect(),
            end: readable.unwrap_or(length).min(length),
            buffer: Vec::new(),
            buffer_start: 0,
        })
    }

    /// Where the last event ends.
    pub(crate) const fn end(&self) -> u64 {
        self.end
    }

    /// The event at `offset`; `None` at the end.
    ///
    /// # Errors
    ///
    /// `InvalidData` if no event starts there.
    pub(crate) fn at(&mut self, offset: u64) -> io::Result<Option<LogEvent>> {
        if offset == self.end {
            return Ok(None);
        }
        let head = self.bytes(offset, HEAD)?;
        let time = i64::from_le_bytes(array(&head[..8]));
        let length = u64::from(u32::from_le_bytes(array(&head[8..12])));
        if length == 0 || length > LONGEST {
            return Err(no_event(offset));
        }
        let rest = self.bytes(offset + HEAD, length + TAIL)?;
        let (message, tail) = rest.split_at(length as usize);
        if u64::from(u32::from_le_bytes(array(tail))) != length {
            return Err(no_event(offset));
        }
        let message = std::str::from_utf8(message).map_err(|_| no_event(offset))?;
        Ok(Some(LogEvent {
            offset,
            time,
            message: message.to_owned(),
        }))
    }

    /// The event that ends at `end`; `None` at the start of the file.
    ///
    /// # Errors
    ///
    /// `InvalidData` if no event ends there.
    pub(crate) fn before(&mut self, end: u64) -> io::Result<Option<LogEvent>> {
        if end == 0 {
            return Ok(None);
        }
        let at_tail = end.checked_sub(TAIL).ok_or_else(|| no_event(end))?;
        let length = u64::from(u32::from_le_bytes(array(self.bytes(at_tail, TAIL)?)));
        let offset = at_tail
            .checked_sub(length + HEAD)
            .ok_or_else(|| no_event(end))?;
        self.at(offset)
    }

    /// Where the first event of this time or later starts.
    pub(crate) fn seek(&mut self, time: i64) -> io::Result<u64> {
        let before = self.index.partition_point(|(at, _)| *at < time);
        let mut offset = match before
            .checked_sub(1)
            .and_then(|entry| self.index.get(entry))
        {
            Some((_, offset)) => (*offset).min(self.end),
            None => 0,
        };
        while let Some(event) = self.at(offset)? {
            if event.time >= time {
                break;
            }
            offset = event.end();
        }
        Ok(offset)
    }

    /// `length` bytes from `from`, out of a buffer that holds their surroundings.
    fn bytes(&mut self, from: u64, length: u64) -> io::Result<&[u8]> {
        let to = from.saturating_add(length);
        if to > self.end {
            return Err(no_event(from));
        }
        let held = self.buffer_start..self.buffer_start + self.buffer.len() as u64;
        if from < held.start || to > held.end {
            // Reading backwards asks for the bytes before the buffer: hold what precedes them.
            let start = if from < held.start && to >= held.start.saturating_sub(TAIL + HEAD) {
                to.saturating_sub(CHUNK as u64).min(from)
            } else {
                from
            };
            let wanted = (to - start).max((CHUNK as u64).min(self.end - start));
            let Some(file) = &mut self.file else {
                return Err(no_event(from));
            };
            self.buffer.resize(wanted as usize, 0);
            self.buffer_start = start;
            file.seek(SeekFrom::Start(start))?;
            if let Err(error) = file.read_exact(&mut self.buffer) {
                self.buffer.clear();
                return Err(error);
            }
        }
        let at = (from - self.buffer_start) as usize;
        Ok(&self.buffer[at..at + length as usize])
    }
}

/// Cuts off what follows the last whole event.
pub(super) fn repair(path: &Path) -> io::Result<()> {
    let mut reader = SegmentReader::open(path, None)?;
    // The index may be ahead of the file, never the other way round.
    let known = reader.index.iter().rev().map(|(_, offset)| *offset);
    let mut offset = known
        .into_iter()
        .find(|offset| *offset <= reader.end)
        .unwrap_or(0);
    while let Ok(Some(event)) = reader.at(offset) {
        offset = event.end();
    }
    if offset < reader.end {
        OpenOptions::new().write(true).open(path)?.set_len(offset)?;
    }
    Ok(())
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
