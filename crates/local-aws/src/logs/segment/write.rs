//! Writing a build's events as they come.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::EVENT_OVERHEAD;
use super::HEAD;
use super::INDEX_EVERY;
use super::LONGEST;
use super::Span;
use super::TAIL;
use super::array;

/// Appends events.
#[derive(Debug)]
pub(in crate::logs) struct SegmentWriter {
    file: File,
    index: File,
    /// What readers may read: only whole events.
    written: Arc<Mutex<Span>>,
    length: u64,
    indexed: u64,
    last_time: i64,
    buffer: Vec<u8>,
    /// What the buffer adds to the count of CloudWatch.
    bytes: u64,
}

impl SegmentWriter {
    /// Opens a new file.
    pub(in crate::logs) fn open(path: &Path) -> io::Result<Self> {
        let append = |path: &Path| OpenOptions::new().create(true).append(true).open(path);
        let file = append(path)?;
        let length = file.metadata()?.len();
        Ok(Self {
            file,
            index: append(&path.with_extension("idx"))?,
            written: Arc::new(Mutex::new(Span {
                first: 0,
                last: 0,
                ingested: 0,
                length,
                bytes: length,
            })),
            length,
            indexed: length,
            last_time: i64::MIN,
            buffer: Vec::new(),
            bytes: 0,
        })
    }

    /// What is written and may be read, as it grows.
    pub(in crate::logs) fn written(&self) -> Arc<Mutex<Span>> {
        Arc::clone(&self.written)
    }

    /// Takes one line, without its newline. It can be read after the next [`Self::flush`].
    pub(in crate::logs) fn push(&mut self, time: i64, line: &str) {
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
            self.bytes += event.len() as u64 + 1 + EVENT_OVERHEAD;
            rest = more;
            if rest.is_empty() {
                break;
            }
        }
    }

    /// How many bytes wait for the next flush.
    pub(in crate::logs) const fn pending(&self) -> usize {
        self.buffer.len()
    }

    /// Times and messages of what waits for the next flush.
    pub(in crate::logs) fn pending_events(&self) -> Vec<(i64, String)> {
        let mut events = Vec::new();
        let mut rest = self.buffer.as_slice();
        while let Some((head, after)) = rest.split_at_checked(HEAD as usize) {
            let length = u32::from_le_bytes(array(&head[8..])) as usize;
            let Some((message, after)) = after.split_at_checked(length) else {
                break;
            };
            let message = String::from_utf8_lossy(message).into_owned();
            events.push((i64::from_le_bytes(array(&head[..8])), message));
            rest = after.get(TAIL as usize..).unwrap_or_default();
        }
        events
    }

    /// Hands everything to the kernel: from here on it survives the end of this process, and
    /// readers see it.
    pub(in crate::logs) fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.bytes);
        if let Err(error) = self.file.write_all(&self.buffer) {
            // A part may be there, on a full disk for instance: only whole events may stay.
            self.buffer.clear();
            self.file.set_len(self.length)?;
            return Err(error);
        }
        let start = self.length;
        self.length += self.buffer.len() as u64;
        let mut first = [0; 8];
        first.copy_from_slice(&self.buffer[..8]);
        if start == 0 || self.length - self.indexed >= INDEX_EVERY {
            let mut entry = [0_u8; 16];
            entry[..8].copy_from_slice(&first);
            entry[8..].copy_from_slice(&start.to_le_bytes());
            self.index.write_all(&entry)?;
            self.indexed = self.length;
        }
        self.buffer.clear();
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.length == 0 {
            written.first = i64::from_le_bytes(first);
        }
        written.last = self.last_time;
        written.ingested = self.last_time;
        written.length = self.length;
        written.bytes += bytes;
        Ok(())
    }
}
