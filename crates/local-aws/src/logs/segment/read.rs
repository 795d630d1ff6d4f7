//! Reading events, forwards and backwards.

use std::fs::File;
use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::path::Path;
use std::path::PathBuf;

use super::HEAD;
use super::INDEX_EVERY;
use super::LONGEST;
use super::Layout;
use super::LogEvent;
use super::PUT;
use super::Position;
use super::TAIL;
use super::array;
use super::no_event;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// Reads events.
#[derive(Debug)]
pub(crate) struct SegmentReader {
    file: File,
    path: PathBuf,
    layout: Layout,
    /// Where the readable part ends.
    end: u64,
    buffer: Vec<u8>,
    buffer_start: u64,
}

impl SegmentReader {
    /// `length`: how far the file may be read.
    ///
    /// # Errors
    ///
    /// `NotFound` if the file is not there.
    pub(in crate::logs) fn open(path: &Path, layout: Layout, length: u64) -> io::Result<Self> {
        let file = File::open(path)?;
        let end = file.metadata()?.len().min(length);
        Ok(Self {
            file,
            path: path.to_owned(),
            layout,
            end,
            buffer: Vec::new(),
            buffer_start: 0,
        })
    }

    /// Where the last event ends.
    pub(in crate::logs) const fn end(&self) -> u64 {
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
        let layout = self.layout;
        let head = self.bytes(offset, layout.head())?;
        let time = i64::from_le_bytes(array(&head[..8]));
        let length = u64::from(u32::from_le_bytes(array(&head[8..12])));
        let (ingested, tie) = match layout {
            Layout::Built => (time, offset),
            Layout::Put => (
                i64::from_le_bytes(array(&head[12..20])),
                u64::from_le_bytes(array(&head[20..28])) | PUT,
            ),
        };
        if length == 0 || length > LONGEST {
            return Err(no_event(offset));
        }
        let rest = self.bytes(offset + layout.head(), length + TAIL)?;
        let (message, tail) = rest.split_at(length as usize);
        if u64::from(u32::from_le_bytes(array(tail))) != length {
            return Err(no_event(offset));
        }
        let message = std::str::from_utf8(message).map_err(|_| no_event(offset))?;
        Ok(Some(LogEvent {
            offset,
            end: offset + layout.head() + length + TAIL,
            time,
            ingested,
            tie,
            message: message.to_owned(),
        }))
    }

    /// The event that ends at `end`; `None` at the start of the file.
    ///
    /// # Errors
    ///
    /// `InvalidData` if no event ends there.
    pub(in crate::logs) fn before(&mut self, end: u64) -> io::Result<Option<LogEvent>> {
        if end == 0 {
            return Ok(None);
        }
        let at_tail = end.checked_sub(TAIL).ok_or_else(|| no_event(end))?;
        let length = u64::from(u32::from_le_bytes(array(self.bytes(at_tail, TAIL)?)));
        let offset = at_tail
            .checked_sub(length + self.layout.head())
            .ok_or_else(|| no_event(end))?;
        self.at(offset)
    }

    /// Where the first event at or after a position starts.
    pub(in crate::logs) fn seek(&mut self, position: Position) -> io::Result<u64> {
        if position == Position::START {
            return Ok(0);
        }
        if let Some(offset) = self.known(position) {
            return Ok(offset);
        }
        let mut offset = self.indexed_before(position.0);
        while let Some(event) = self.at(offset)? {
            if event.position() >= position {
                break;
            }
            offset = event.end;
        }
        Ok(offset)
    }

    /// In a build's file, positions after events are offsets.
    fn known(&mut self, position: Position) -> Option<u64> {
        let Position(time, offset) = position;
        if self.layout != Layout::Built || offset == 0 || offset > self.end {
            return None;
        }
        let before = self.before(offset).ok()??;
        (before.time == time).then_some(offset)
    }

    /// The last indexed offset whose event is earlier than a time.
    fn indexed_before(&self, time: i64) -> u64 {
        if self.end < INDEX_EVERY {
            return 0;
        }
        let index = self.index();
        let before = index.partition_point(|(at, _)| *at < time);
        let entry = before.checked_sub(1).and_then(|entry| index.get(entry));
        entry.map_or(0, |(_, offset)| (*offset).min(self.end))
    }

    /// The last indexed offset within the file: the index may be ahead of it.
    pub(super) fn last_indexed(&self) -> u64 {
        let index = self.index();
        let mut offsets = index.iter().rev().map(|(_, offset)| *offset);
        offsets.find(|offset| *offset <= self.end).unwrap_or(0)
    }

    fn index(&self) -> Vec<(i64, u64)> {
        let index = std::fs::read(self.path.with_extension("idx")).unwrap_or_default();
        let entries = index.chunks_exact(16);
        entries
            .map(|entry| {
                let (time, offset) = entry.split_at(8);
                (
                    i64::from_le_bytes(array(time)),
                    u64::from_le_bytes(array(offset)),
                )
            })
            .collect()
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
            self.buffer.resize(wanted as usize, 0);
            self.buffer_start = start;
            self.file.seek(SeekFrom::Start(start))?;
            if let Err(error) = self.file.read_exact(&mut self.buffer) {
                self.buffer.clear();
                return Err(error);
            }
        }
        let at = (from - self.buffer_start) as usize;
        Ok(&self.buffer[at..at + length as usize])
    }
}
